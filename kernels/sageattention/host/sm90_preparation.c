#include "sm90_preparation.h"

#include "../include/sageattention/parameters_sm90_preparation.h"
#include "checks.h"
#include "strided.h"
#include "units.h"

#include <inttypes.h>
#include <string.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

enum {
    RESIDENT_BYTES = 65536,          /* of tiles in a thread block: three fit on a multiprocessor */
    LARGER_RESIDENT_BYTES = 98304,   /* the same: two */
    LARGEST_RESIDENT_BYTES = 196608, /* one */
    ENOUGH_BLOCKS = 264,             /* two for each multiprocessor of an H200 */
    MOST_SHARED = 225280             /* of dynamic shared memory, beside 7 KiB of static */
};

static uint64_t place(uint64_t *end, int64_t elements, int64_t size) {
    const uint64_t start = *end;
    *end = (start + (uint64_t)(elements * size) + 255) / 256 * 256;
    return start;
}

static int64_t heads_of(const struct sage_attention *request) { return request->k.shape[BATCH] * request->k.shape[HEAD]; }

int sage_sm90_place_operands(const struct sage_attention *request, uint64_t *end, struct sage_sm90_operands *operands,
                             struct sage_error error) {
    memset(operands, 0, sizeof *operands);
    /* Two clusters for each head; the first grid dimension ends at 2^31 - 1. The factors are checked so that no product overflows. */
    const int64_t most = INT64_C(1) << 30;
    if (request->k.shape[BATCH] >= most || request->k.shape[HEAD] >= most || heads_of(request) >= most) {
        return sage_fail(error, SAGE_INVALID, "k has batch %" PRId64 " and %" PRId64 " heads: their product must be below 2^30",
                         request->k.shape[BATCH], request->k.shape[HEAD]);
    }
    const int64_t tile = SAGE_SM90_PREPARE_TILE;
    const int64_t tiles = heads_of(request) * ((request->k.shape[TOKEN] + tile - 1) / tile);
    operands->sk_padded = (int32_t)((request->k.shape[TOKEN] + tile - 1) / tile * tile);
    operands->d_padded = request->k.shape[CHANNEL] <= 64 ? 64 : 128;
    const int64_t channels = heads_of(request) * operands->d_padded;
    operands->k_int8 = place(end, tiles * tile * operands->d_padded, 1);
    operands->k_scale = place(end, tiles * 4, 4);
    operands->v_fp8 = place(end, tiles * tile * operands->d_padded, 1);
    operands->v_scale = place(end, channels, 4);
    operands->k_mean = place(end, channels, 4);
    operands->v_mean = place(end, channels, 4);
    return SAGE_OK;
}

/* How many thread blocks share a head, and how many tiles each of them holds: figures in docs/preparation.md. */
static void choose_shape(int64_t heads, int tiles, int d_padded, int *cluster, int *slots) {
    const int slot_bytes = SAGE_SM90_PREPARE_TILE * 2 * d_padded;
    const int resident = RESIDENT_BYTES / slot_bytes;
    int c = 1;
    while (c < SAGE_SM90_MAX_CLUSTER && 4 * heads * c <= INT32_MAX &&
           (tiles > resident * c || (2 * heads * c < ENOUGH_BLOCKS && 2 * c <= tiles))) {
        c *= 2;
    }
    const int share = (tiles + c - 1) / c;
    *cluster = c;
    if (share <= 2 * resident) {
        *slots = share < resident ? share : resident;
    } else {
        *slots = (share < 4 * resident ? LARGER_RESIDENT_BYTES : LARGEST_RESIDENT_BYTES) / slot_bytes;
    }
}

int sage_sm90_launch_preparation(const struct sage_driver *driver, const struct sage_attention *request,
                                 const struct sage_sm90_operands *operands, struct sage_error error) {
    const int64_t heads = heads_of(request);
    if (heads == 0 || operands->sk_padded == 0) {
        return SAGE_OK;
    }
    char *workspace = request->workspace;
    const int wide = operands->d_padded == 128;
    struct sage_sm90_prepare_parameters p = {
        .k = sage_describe(&request->k),
        .v = sage_describe(&request->v),
        .k_int8 = (signed char *)workspace + operands->k_int8,
        .k_scale = (float *)(workspace + operands->k_scale),
        .v_fp8 = (unsigned char *)workspace + operands->v_fp8,
        .v_scale = (float *)(workspace + operands->v_scale),
        .k_mean = (float *)(workspace + operands->k_mean),
        .v_mean = request->smooth_v ? (float *)(workspace + operands->v_mean) : NULL,
        .heads_k = (int)request->k.shape[HEAD],
        .sk = (int)request->k.shape[TOKEN],
        .sk_padded = operands->sk_padded,
        .d = (int)request->k.shape[CHANNEL],
        .bfloat16 = request->k.dtype == SAGE_BF16,
        .smooth_k = request->smooth_k != 0,
        .per_thread = request->granularity == SAGE_PER_THREAD,
    };
    int cluster = 0;
    choose_shape(heads, operands->sk_padded / SAGE_SM90_PREPARE_TILE, operands->d_padded, &cluster, &p.slots);
    CUfunction function = NULL;
    const int status =
        sage_get_kernel(driver, wide ? SAGE_PREPARE_SM90_D128 : SAGE_PREPARE_SM90_D64, request->k.device, MOST_SHARED, &function, error);
    if (status != SAGE_OK) {
        return status;
    }
    const int statistics = request->smooth_v ? 2 : 1; /* of four bytes, for each block of the cluster and channel */
    const int shared_bytes = p.slots * SAGE_SM90_SLOT_BYTES(operands->d_padded) + cluster * operands->d_padded * 4 * statistics;
    CUlaunchAttribute attribute = {CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, {.clusterDim = {(unsigned)cluster, 1, 1}}};
    const CUlaunchConfig config = {
        (unsigned)(2 * heads * cluster), 1, 1, SAGE_SM90_PREPARE_THREADS, 1, 1, (unsigned)shared_bytes, request->stream, &attribute, 1};
    return sage_launch(driver, config, function, &p, 0, error);
}

int sage_sm90_operand_layout(const struct sage_attention *request, struct sage_sm90_operands *operands, uint64_t *size, char *error,
                             size_t error_size) {
    const struct sage_error sink = {error, error_size};
    *size = 0;
    const int status = sage_check_request(request, sink);
    return status == SAGE_OK ? sage_sm90_place_operands(request, size, operands, sink) : status;
}

int sage_sm90_quantise(const struct sage_attention *request, char *error, size_t error_size) {
    const struct sage_error sink = {error, error_size};
    const struct sage_driver *driver = NULL;
    struct sage_sm90_operands operands;
    uint64_t size = 0;
    int pushed = 0;
    int status = sage_sm90_operand_layout(request, &operands, &size, error, error_size);
    if (status == SAGE_OK) {
        status = sage_check_memory(request, size, sink);
    }
    if (status == SAGE_OK) {
        status = sage_open_driver(&driver, sink);
    }
    if (status == SAGE_OK) {
        status = sage_enter_context(driver, request->k.device, &pushed, sink);
    }
    if (status == SAGE_OK) {
        status = sage_sm90_launch_preparation(driver, request, &operands, sink);
        sage_leave_context(driver, pushed);
    }
    return status;
}
