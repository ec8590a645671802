#include "direct.h"

#include "../include/sageattention/parameters_direct.h"
#include "strided.h"
#include "units.h"

#include <inttypes.h>
#include <string.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

/* In tiles of keys: what a thread block and the joining of the splits cost beside their tiles (docs/roofline.md). */
enum { BLOCKS_PER_MULTIPROCESSOR = 2, SHORT_BLOCKS_PER_MULTIPROCESSOR = 3, MANY_WAVES = 64, COST_OF_BLOCK = 3, COST_OF_JOINING = 3 };

static int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* The number of thread blocks that share the keys of a tile of rows, such that the last of them ends first: they come in waves of as many
 * as the GPU holds. */
static void choose_splits(int64_t items, int64_t tiles, uint32_t at_once, struct sage_direct_plan *plan) {
    plan->splits = 1;
    plan->split_tiles = (int)tiles;
    if (items >= MANY_WAVES * (int64_t)at_once) {
        return;
    }
    uint64_t least = UINT64_MAX;
    const uint32_t count = (uint32_t)tiles; /* 32 bits are quicker to divide; no product here reaches 2^32 */
    for (uint32_t wanted = 1; wanted <= SAGE_DIRECT_MOST_SPLITS && wanted <= count;) {
        const uint32_t share = (count + wanted - 1) / wanted;
        const uint32_t splits = (count + share - 1) / share;
        const uint32_t waves = ((uint32_t)items * splits + at_once - 1) / at_once;
        const uint64_t cost = (uint64_t)waves * (share + COST_OF_BLOCK) + (splits > 1 ? COST_OF_JOINING : 0);
        if (cost < least) {
            least = cost;
            plan->splits = (int)splits;
            plan->split_tiles = (int)share;
        }
        wanted = share > 1 ? (count + share - 2) / (share - 1) : count + 1; /* the next number with another share */
    }
}

static uint64_t place(uint64_t *end, int64_t floats) {
    const uint64_t start = *end;
    *end = (start + (uint64_t)floats * 4 + 255) / 256 * 256;
    return start;
}

/* Whether the keys are. */
static int is_divided(const struct sage_direct_plan *plan) { return plan->kind != SAGE_DIRECT_SHORT && plan->splits > 1; }

int sage_direct_make_plan(const struct sage_attention *request, int multiprocessors, struct sage_direct_plan *plan,
                          struct sage_error error) {
    memset(plan, 0, sizeof *plan);
    const int64_t most = INT64_C(1) << 31;
    const int64_t group = request->q.shape[HEAD] / request->k.shape[HEAD];
    plan->kv_heads = request->q.shape[BATCH] * request->k.shape[HEAD];
    plan->rows = group < most / (request->q.shape[TOKEN] + 1) ? request->q.shape[TOKEN] * group : most;
    plan->kind = plan->rows <= SAGE_DIRECT_FEW_ROWS ? SAGE_DIRECT_FEW
                 : request->k.shape[TOKEN] <= SAGE_DIRECT_SHORT_KEYS ? SAGE_DIRECT_SHORT : SAGE_DIRECT_MANY;
    plan->row_tiles = divide_up(plan->rows, plan->kind == SAGE_DIRECT_FEW ? SAGE_DIRECT_FEW_ROWS : SAGE_DIRECT_MANY_ROWS);
    if (plan->kind == SAGE_DIRECT_SHORT) {
        const int64_t share = (int64_t)multiprocessors * SHORT_BLOCKS_PER_MULTIPROCESSOR / plan->kv_heads;
        plan->splits = (int)(share < 1 ? 1 : share < plan->row_tiles ? share : plan->row_tiles);
    } else {
        const int64_t seen =
            request->is_causal && request->q.shape[TOKEN] < request->k.shape[TOKEN] ? request->q.shape[TOKEN] : request->k.shape[TOKEN];
        choose_splits(plan->kv_heads * plan->row_tiles, divide_up(seen, SAGE_DIRECT_KEYS),
                      (uint32_t)multiprocessors * BLOCKS_PER_MULTIPROCESSOR,
                      plan);
    }
    if (plan->rows >= most - SAGE_DIRECT_MANY_ROWS || plan->kv_heads * plan->row_tiles * plan->splits >= most ||
        (is_divided(plan) && plan->kv_heads * plan->rows >= most)) {
        return sage_fail(error, SAGE_INVALID,
                         "q has too many rows for the unit sm90_direct: %" PRId64 " heads of k with %" PRId64 " rows each", plan->kv_heads,
                         plan->rows);
    }
    if (is_divided(plan)) {
        const int64_t rows = plan->kv_heads * plan->splits * plan->rows;
        plan->partial_out = place(&plan->size, rows * (request->q.shape[CHANNEL] <= 64 ? 64 : 128));
        plan->partial_lse = place(&plan->size, rows);
    }
    return SAGE_OK;
}

/* Those without dynamic shared memory wait by themselves for the one before. */
static int launch(const struct sage_driver *driver, const struct sage_attention *request, enum sage_kernel kernel, int64_t blocks,
                  unsigned shared_bytes, const struct sage_direct_parameters *parameters, struct sage_error error) {
    CUfunction function = NULL;
    const int status = sage_get_kernel(driver, kernel, request->q.device, shared_bytes > 0 ? SAGE_DIRECT_SHARED : 0, &function, error);
    if (status != SAGE_OK) {
        return status;
    }
    const CUlaunchConfig config = {(unsigned)blocks, 1, 1, SAGE_DIRECT_THREADS, 1, 1, shared_bytes, request->stream, NULL, 0};
    return sage_launch(driver, config, function, parameters, shared_bytes == 0, error);
}

int sage_direct_launch(const struct sage_driver *driver, const struct sage_attention *request, const struct sage_direct_plan *plan,
                       struct sage_error error) {
    char *workspace = request->workspace;
    const int wide = request->q.shape[CHANNEL] > 64;
    const int divided = is_divided(plan);
    const struct sage_direct_parameters p = {
        .q = sage_describe(&request->q),
        .k = sage_describe(&request->k),
        .v = sage_describe(&request->v),
        .out = sage_describe(&request->out),
        .lse = request->lse,
        .partial_out = divided ? (float *)(workspace + plan->partial_out) : NULL,
        .partial_lse = divided ? (float *)(workspace + plan->partial_lse) : NULL,
        .sm_scale = request->sm_scale,
        .heads_q = (int)request->q.shape[HEAD],
        .heads_k = (int)request->k.shape[HEAD],
        .group = (int)(request->q.shape[HEAD] / request->k.shape[HEAD]),
        .sq = (int)request->q.shape[TOKEN],
        .sk = (int)request->k.shape[TOKEN],
        .d = (int)request->q.shape[CHANNEL],
        .rows = (int)plan->rows,
        .row_tiles = (int)plan->row_tiles,
        .splits = plan->splits,
        .split_tiles = plan->split_tiles,
        .bfloat16 = request->q.dtype == SAGE_BF16,
        .causal = request->is_causal != 0,
    };
    static const enum sage_kernel kernels[][2] = {[SAGE_DIRECT_FEW] = {SAGE_DIRECT_FEW_D64, SAGE_DIRECT_FEW_D128},
                                                  [SAGE_DIRECT_MANY] = {SAGE_DIRECT_MANY_D64, SAGE_DIRECT_MANY_D128},
                                                  [SAGE_DIRECT_SHORT] = {SAGE_DIRECT_SHORT_D64, SAGE_DIRECT_SHORT_D128}};
    const int row_bytes = wide ? 256 : 128;
    const int64_t shared_rows = SAGE_DIRECT_MANY_ROWS + 2 * (divide_up(request->k.shape[TOKEN], 16) * 16); /* results, K and V */
    const int64_t shared_bytes = plan->kind == SAGE_DIRECT_SHORT ? shared_rows * row_bytes : SAGE_DIRECT_SHARED;
    const int64_t blocks = plan->kv_heads * plan->splits * (plan->kind == SAGE_DIRECT_SHORT ? 1 : plan->row_tiles);
    const int status = launch(driver, request, kernels[plan->kind][wide], blocks, (unsigned)shared_bytes, &p, error);
    if (status != SAGE_OK || !divided) {
        return status;
    }
    return launch(driver, request, wide ? SAGE_DIRECT_JOIN_D128 : SAGE_DIRECT_JOIN_D64, plan->kv_heads * plan->rows, 0, &p, error);
}
