#include "sm90_attention.h"

#include "../include/sageattention/parameters_sm90.h"
#include "strided.h"
#include "units.h"

enum { BATCH, HEAD, TOKEN, CHANNEL };

/* K and V of the heads that are worked on at the same time: they should stay in an L2 of 50 MB beside Q and the output. */
static const int64_t section_bytes = INT64_C(32) << 20;

static struct sage_divisor divide_by(int64_t d) {
    struct sage_divisor divisor = {0, 31, 0};
    while (INT64_C(1) << (divisor.shift - 31) < d) {
        ++divisor.shift;
    }
    divisor.magic = ((UINT64_C(1) << divisor.shift) + (uint64_t)d - 1) / (uint64_t)d;
    return divisor;
}

/* Rows of `row_bytes` bytes, `rows` of them in each of `heads` matrices, in boxes of `box_bytes` x `box_rows`, swizzled over
 * `box_bytes`. */
static int map_matrices(const struct sage_driver *driver, struct sage_tensor_map *map, void *data, int64_t row_bytes, int64_t rows,
                        int64_t heads, int box_bytes, int box_rows, struct sage_error error) {
    const uint64_t dims[3] = {(uint64_t)row_bytes, (uint64_t)rows, (uint64_t)heads};
    const uint64_t strides[2] = {(uint64_t)row_bytes, (uint64_t)(row_bytes * rows)};
    const uint32_t box[3] = {(uint32_t)box_bytes, (uint32_t)box_rows, 1};
    const uint32_t steps[3] = {1, 1, 1};
    const CUresult result = driver->cuTensorMapEncodeTiled(map, CU_TENSOR_MAP_DATA_TYPE_UINT8, 3, data, dims, strides, box, steps,
                                                           CU_TENSOR_MAP_INTERLEAVE_NONE,
                                                           box_bytes == 128 ? CU_TENSOR_MAP_SWIZZLE_128B : CU_TENSOR_MAP_SWIZZLE_64B,
                                                           CU_TENSOR_MAP_L2_PROMOTION_L2_128B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    return result == 0 ? SAGE_OK : sage_fail_driver(error, driver, "cuTensorMapEncodeTiled", result);
}

int sage_sm90_launch_attention(const struct sage_driver *driver, const struct sage_attention *request,
                               const struct sage_sm90_operands *operands, struct sage_error error) {
    char *workspace = request->workspace;
    const int64_t heads_q = request->q.shape[HEAD], heads_k = request->k.shape[HEAD];
    const int64_t heads = request->q.shape[BATCH] * heads_q, kv_heads = request->q.shape[BATCH] * heads_k;
    const int64_t group = heads_q / heads_k;
    const int wide = operands->d_padded == 128;
    const int groups = wide ? SAGE_SM90_GROUPS_D128 : SAGE_SM90_GROUPS_D64;
    const int64_t rows = groups * SAGE_SM90_GROUP_ROWS;
    const int64_t tiles = (request->q.shape[TOKEN] + rows - 1) / rows; /* make_plan: below 2^31 over all heads */
    const int64_t head_bytes = 2 * (int64_t)operands->sk_padded * operands->d_padded;
    int64_t section = head_bytes > 0 ? section_bytes / head_bytes * group : heads;
    section = section < group ? group : section < heads ? section : heads;
    struct sage_attend_sm90_parameters p = {
        .q = sage_describe(&request->q),
        .out = sage_describe(&request->out),
        .k_scale = (const float *)(workspace + operands->k_scale),
        .v_scale = (const float *)(workspace + operands->v_scale),
        .v_mean = request->smooth_v ? (const float *)(workspace + operands->v_mean) : NULL,
        .k_mean =
            request->lse != NULL && request->smooth_k && operands->sk_padded > 0 ? (const float *)(workspace + operands->k_mean) : NULL,
        .lse = request->lse,
        .sm_scale = request->sm_scale,
        .heads_q = (int)heads_q,
        .heads_k = (int)heads_k,
        .sq = (int)request->q.shape[TOKEN],
        .sk = (int)request->k.shape[TOKEN],
        .d = (int)request->q.shape[CHANNEL],
        .heads = (int)heads,
        .q_tiles = (int)tiles,
        .k_tiles = operands->sk_padded / SAGE_SM90_K_TILE,
        .items = (int)(heads * tiles),
        .section = (int)section,
        .bfloat16 = request->q.dtype == SAGE_BF16,
        .causal = request->is_causal != 0,
        .by_section_items = divide_by(section * tiles),
        .by_section = divide_by(section),
        .by_last_section = divide_by(heads % section == 0 ? section : heads % section),
        .by_heads_q = divide_by(heads_q),
        .by_group = divide_by(group),
    };
    const struct sage_gpu *gpu = NULL;
    int status = sage_known_gpu(driver, request->q.device, &gpu, error);
    if (status == SAGE_OK && operands->sk_padded > 0) {
        status = map_matrices(driver, &p.k_map, workspace + operands->k_int8, operands->d_padded, operands->sk_padded, kv_heads,
                              operands->d_padded, SAGE_SM90_K_TILE, error);
    }
    if (status == SAGE_OK && operands->sk_padded > 0) {
        status = map_matrices(driver, &p.v_map, workspace + operands->v_fp8, operands->sk_padded, operands->d_padded, kv_heads,
                              SAGE_SM90_K_TILE, operands->d_padded, error);
    }
    const unsigned shared_bytes = wide ? SAGE_SM90_SHARED_D128 : SAGE_SM90_SHARED_D64;
    CUfunction function = NULL;
    if (status == SAGE_OK) {
        status =
            sage_get_kernel(driver, wide ? SAGE_ATTEND_SM90_D128 : SAGE_ATTEND_SM90_D64, request->q.device, shared_bytes, &function, error);
    }
    if (status != SAGE_OK) {
        return status;
    }
    const unsigned blocks = p.items < gpu->multiprocessors ? (unsigned)p.items : (unsigned)gpu->multiprocessors;
    const unsigned threads = SAGE_SM90_GROUP_THREADS * (1 + (unsigned)groups);
    const CUlaunchConfig config = {blocks, 1, 1, threads, 1, 1, shared_bytes, request->stream, NULL, 0};
    /* It waits for the preparation by itself; without keys there is none. */
    return sage_launch(driver, config, function, &p, operands->sk_padded > 0, error);
}
