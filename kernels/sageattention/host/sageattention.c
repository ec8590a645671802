#include "sageattention.h"

#include "../include/sageattention/parameters.h"
#include "checks.h"
#include "direct.h"
#include "driver.h"
#include "route.h"
#include "sm90_attention.h"
#include "strided.h"
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

/* Sizes that follow from a request, and the parts of the workspace that the layout does not show. */
struct plan {
    struct sage_workspace_layout layout;
    uint64_t k_partial, v_partial;
    int64_t q_heads, k_heads; /* batch * heads */
    int64_t statistics;       /* (batch or sequences) * heads of k: how many means and scales of channels there are */
    int chunks, chunk_tokens; /* per head, of the statistics of K and V; 0: none are needed */
    struct sage_sm90_operands sm90; /* if the route is SAGE_ROUTE_SM90, which has a workspace of its own */
    struct sage_direct_plan direct; /* the same for SAGE_ROUTE_DIRECT */
};

static int64_t round_up(int64_t value, int64_t step) {
    return (value + step - 1) / step * step;
}

static uint64_t place(uint64_t *end, int64_t elements, int64_t size) {
    const uint64_t start = *end;
    *end = (uint64_t)round_up((int64_t)start + elements * size, 256);
    return start;
}

static int has_sequences(const struct sage_attention *request) {
    return request->cu_seqlens_q != NULL;
}

/* The kernel computes nothing: no query row at all. */
static int is_empty(const struct sage_attention *request) {
    return (has_sequences(request) && request->sequences == 0) || request->q.shape[BATCH] == 0 || request->q.shape[HEAD] == 0 || request->q.shape[TOKEN] == 0;
}

/* Tokens of the workspace: whole tiles, and for packed sequences one more each (include/sageattention/sequences.cuh). */
static int32_t padded(const struct sage_attention *request, int64_t tokens, int64_t tile) {
    return (int32_t)(round_up(tokens, tile) + (has_sequences(request) ? request->sequences * tile : 0));
}

/* The reduction over the tokens of K and V goes in pieces, enough of them to fill a GPU. */
static void plan_statistics(const struct sage_attention *request, struct plan *plan) {
    const int64_t tokens = request->k.shape[TOKEN];
    if (tokens == 0 || (!request->smooth_k && request->k.dtype != SAGE_BF16)) {
        return;
    }
    const int64_t chunk = round_up((tokens + SAGE_MAX_CHUNKS - 1) / SAGE_MAX_CHUNKS, 32);
    plan->chunk_tokens = (int)(chunk < 256 ? 256 : chunk);
    plan->chunks = (int)((tokens + plan->chunk_tokens - 1) / plan->chunk_tokens + (has_sequences(request) ? request->sequences : 0));
}

/* For SAGE_ROUTE_SM90 only the size and the paddings of the layout are set: sage_sm90_operand_layout tells the places. */
static int make_plan_sm90(const struct sage_attention *request, struct plan *plan, struct sage_error error) {
    memset(plan, 0, sizeof *plan);
    if (is_empty(request)) {
        return SAGE_OK;
    }
    const int status = sage_sm90_place_operands(request, &plan->layout.size, &plan->sm90, error);
    plan->layout.sk_padded = plan->sm90.sk_padded;
    plan->layout.d_padded = plan->sm90.d_padded;
    return status;
}

/* For the units that share the preparation of smxx_preparation */
static int make_plan(const struct sage_attention *request, struct plan *plan, struct sage_error error) {
    memset(plan, 0, sizeof *plan);
    const int status = sage_check_request(request, error);
    if (status != SAGE_OK) {
        return status;
    }
    const int64_t *q = request->q.shape, *k = request->k.shape;
    const int per_thread = request->granularity == SAGE_PER_THREAD;
    struct sage_workspace_layout *layout = &plan->layout;
    /* More heads than this would need more workspace than any address; checked so that no product below overflows. */
    const int64_t most = INT64_C(1) << 31;
    if (q[BATCH] >= most || q[HEAD] >= most || q[BATCH] * q[HEAD] >= most || q[BATCH] * k[HEAD] >= most) {
        return sage_fail(error, SAGE_INVALID, "q has batch %" PRId64 " and %" PRId64 " heads: their product must be below 2^31", q[BATCH],
                         q[HEAD]);
    }
    plan->q_heads = q[BATCH] * q[HEAD];
    plan->k_heads = q[BATCH] * k[HEAD];
    plan->statistics = has_sequences(request) ? request->sequences * k[HEAD] : plan->k_heads;
    layout->sq_padded = padded(request, q[TOKEN], SAGE_Q_TILE);
    layout->sk_padded = padded(request, k[TOKEN], SAGE_K_TILE);
    layout->d_padded = q[CHANNEL] <= 64 ? 64 : 128;
    layout->q_scales_per_head = layout->sq_padded / SAGE_BAND * (per_thread ? 8 : 1);
    layout->k_scales_per_head = layout->sk_padded / SAGE_K_TILE * (per_thread ? 4 : 1);
    plan_statistics(request, plan);
    /* One thread block per tile; the first grid dimension ends at 2^31 - 1. */
    const int64_t quantise_blocks = plan->q_heads * (layout->sq_padded / SAGE_QUANTISE_TILE) +
                                    2 * plan->k_heads * (layout->sk_padded / SAGE_QUANTISE_TILE);
    if (quantise_blocks >= most || plan->k_heads * plan->chunks >= most || plan->statistics >= most) {
        return sage_fail(error, SAGE_INVALID, "q and k have too many tokens over all batches and heads: %" PRId64 " tiles of %d, 2^31 - 1 at most",
                         quantise_blocks, SAGE_QUANTISE_TILE);
    }
    if (!is_empty(request)) {
        const int64_t q_rows = plan->q_heads * layout->sq_padded;
        const int64_t k_rows = plan->k_heads * layout->sk_padded;
        const int64_t channels = plan->statistics * layout->d_padded;
        const int64_t partial = plan->k_heads * plan->chunks * layout->d_padded;
        uint64_t end = 0;
        layout->q_int8 = place(&end, q_rows * layout->d_padded, 1);
        layout->q_scale = place(&end, plan->q_heads * layout->q_scales_per_head, 4);
        layout->k_int8 = place(&end, k_rows * layout->d_padded, 1);
        layout->k_scale = place(&end, plan->k_heads * layout->k_scales_per_head, 4);
        layout->v_fp16 = place(&end, k_rows * layout->d_padded, 2);
        layout->v_scale = place(&end, channels, 4);
        layout->k_mean = place(&end, channels, 4);
        layout->lse_shift = place(&end, q_rows, 4);
        plan->k_partial = place(&end, partial, 4);
        plan->v_partial = place(&end, partial, 4);
        layout->size = end;
    }
    return SAGE_OK;
}

static int make_plan_direct(const struct sage_driver *driver, const struct sage_attention *request, struct plan *plan,
                            struct sage_error error) {
    memset(plan, 0, sizeof *plan);
    if (is_empty(request)) {
        return SAGE_OK;
    }
    const struct sage_gpu *gpu = NULL;
    int status = sage_known_gpu(driver, request->q.device, &gpu, error);
    if (status == SAGE_OK) {
        status = sage_direct_make_plan(request, gpu->multiprocessors, &plan->direct, error);
    }
    plan->layout.size = plan->direct.size;
    return status;
}

/* The driver and the unit for a request that has passed the checks, and the plan of that unit if it has one of its own. */
static int choose(const struct sage_attention *request, int quantised, int explain, const struct sage_driver **driver,
                  struct sage_choice *choice, struct plan *plan, struct sage_error error) {
    int status = sage_open_driver(driver, error);
    if (status == SAGE_OK) {
        status = sage_choose_route(*driver, request, quantised, explain, choice, error);
    }
    if (status == SAGE_OK && choice->route == SAGE_ROUTE_SM90) {
        status = make_plan_sm90(request, plan, error);
    } else if (status == SAGE_OK && choice->route == SAGE_ROUTE_DIRECT) {
        status = make_plan_direct(*driver, request, plan, error);
    }
    return status;
}

int sage_workspace(const struct sage_attention *request, struct sage_workspace_layout *layout, char *error, size_t error_size) {
    struct plan plan;
    const struct sage_error sink = {error, error_size};
    int status = make_plan(request, &plan, sink);
    if (status == SAGE_OK) {
        /* Without a driver or an image nothing will run, and the layout of the units that are everywhere is as good as any. */
        const struct sage_driver *driver = NULL;
        struct sage_choice choice = {0};
        const int chosen = choose(request, 0, 0, &driver, &choice, &plan, sink);
        status = choice.route == SAGE_ROUTE_AUTO ? SAGE_OK : chosen;
    }
    *layout = plan.layout;
    return status;
}

int sage_explain(const struct sage_attention *request, char *text, size_t text_size) {
    const struct sage_error sink = {text, text_size};
    const struct sage_driver *driver = NULL;
    struct sage_choice choice;
    struct plan plan;
    int status = make_plan(request, &plan, sink);
    if (status == SAGE_OK) {
        status = choose(request, 0, 1, &driver, &choice, &plan, sink);
    }
    if (status == SAGE_OK) {
        snprintf(text, text_size, "%s\n%s", choice.unit, choice.why);
    }
    return status;
}

int32_t sage_q_scale_index(const struct sage_attention *request, int64_t token) {
    const int64_t band = token / SAGE_BAND;
    return (int32_t)(request->granularity == SAGE_PER_THREAD ? band * 8 + token % 8 : band);
}

int32_t sage_k_scale_index(const struct sage_attention *request, int64_t token) {
    const int64_t tile = token / SAGE_K_TILE;
    return (int32_t)(request->granularity == SAGE_PER_THREAD ? tile * 4 + token % 8 / 2 : tile);
}

struct launcher {
    const struct sage_driver *driver;
    int device;
    CUstream stream;
    struct sage_error error;
};

static int launch(const struct launcher *launcher, enum sage_kernel kernel, int64_t blocks, unsigned threads, unsigned shared_bytes,
                  const void *parameters) {
    if (blocks == 0) {
        return SAGE_OK;
    }
    CUfunction function = NULL;
    const int status = sage_get_kernel(launcher->driver, kernel, launcher->device, shared_bytes, &function, launcher->error);
    if (status != SAGE_OK) {
        return status;
    }
    const CUlaunchConfig config = {(unsigned)blocks, 1, 1, threads, 1, 1, shared_bytes, launcher->stream, NULL, 0};
    return sage_launch(launcher->driver, config, function, parameters, 0, launcher->error);
}

static int launch_preparation(const struct launcher *launcher, const struct sage_attention *request, const struct plan *plan) {
    const struct sage_workspace_layout *layout = &plan->layout;
    char *workspace = request->workspace;
    const int wide = layout->d_padded == 128;
    struct sage_prepare_parameters p = {
        .q = sage_describe(&request->q),
        .k = sage_describe(&request->k),
        .v = sage_describe(&request->v),
        .sequences = sage_describe_sequences(request),
        .q_int8 = (signed char *)workspace + layout->q_int8,
        .k_int8 = (signed char *)workspace + layout->k_int8,
        .q_scale = (float *)(workspace + layout->q_scale),
        .k_scale = (float *)(workspace + layout->k_scale),
        .v_fp16 = (unsigned short *)(workspace + layout->v_fp16),
        .v_scale = (float *)(workspace + layout->v_scale),
        .k_mean = (float *)(workspace + layout->k_mean),
        .lse_shift = request->lse != NULL && request->smooth_k ? (float *)(workspace + layout->lse_shift) : NULL,
        .k_partial = (float *)(workspace + plan->k_partial),
        .v_partial = (unsigned *)(workspace + plan->v_partial),
        .q_tiles = plan->q_heads * (layout->sq_padded / SAGE_QUANTISE_TILE),
        .k_tiles = plan->k_heads * (layout->sk_padded / SAGE_QUANTISE_TILE),
        .sm_scale = request->sm_scale,
        .heads_q = (int)request->q.shape[HEAD],
        .heads_k = (int)request->k.shape[HEAD],
        .sq = (int)request->q.shape[TOKEN],
        .sk = (int)request->k.shape[TOKEN],
        .d = (int)request->q.shape[CHANNEL],
        .sq_padded = layout->sq_padded,
        .sk_padded = layout->sk_padded,
        .d_padded = layout->d_padded,
        .chunks = plan->chunks,
        .chunk_tokens = plan->chunk_tokens,
        .bfloat16 = request->q.dtype == SAGE_BF16,
        .smooth_k = request->smooth_k != 0,
        .per_thread = request->granularity == SAGE_PER_THREAD,
        .q_scales_per_head = layout->q_scales_per_head,
        .k_scales_per_head = layout->k_scales_per_head,
    };
    int status = launch(launcher, wide ? SAGE_STATISTICS_D128 : SAGE_STATISTICS_D64, plan->k_heads * plan->chunks, SAGE_PREPARE_THREADS, 0,
                        &p);
    if (status == SAGE_OK) {
        status = launch(launcher, SAGE_FINALISE, plan->statistics, SAGE_PREPARE_THREADS, 0, &p);
    }
    if (status == SAGE_OK) {
        status = launch(launcher, wide ? SAGE_QUANTISE_D128 : SAGE_QUANTISE_D64, p.q_tiles + 2 * p.k_tiles, SAGE_PREPARE_THREADS, 0, &p);
    }
    return status;
}

static struct sage_operands operands_of(const struct sage_attention *request, const struct plan *plan) {
    const struct sage_workspace_layout *layout = &plan->layout;
    const char *workspace = request->workspace;
    return (struct sage_operands){workspace + layout->q_int8,
                                  workspace + layout->k_int8,
                                  workspace + layout->v_fp16,
                                  (const float *)(workspace + layout->q_scale),
                                  (const float *)(workspace + layout->k_scale),
                                  (const float *)(workspace + layout->v_scale),
                                  SAGE_BAND};
}

static int launch_attention(const struct launcher *launcher, const struct sage_attention *request, const struct plan *plan,
                            const struct sage_operands *operands, const float *lse_shift, int route) {
    const struct sage_workspace_layout *layout = &plan->layout;
    const int wide = layout->d_padded == 128;
    const int tile = route == SAGE_ROUTE_SM80 ? SAGE_Q_TILE : SAGE_Q_TILE_SM70;
    const struct sage_attend_parameters p = {
        .q_int8 = operands->q_int8,
        .k_int8 = operands->k_int8,
        .v_fp16 = operands->v_fp16,
        .q_scale = operands->q_scale,
        .k_scale = operands->k_scale,
        .v_scale = operands->v_scale,
        .lse_shift = lse_shift,
        .out = sage_describe(&request->out),
        .lse = request->lse,
        .heads_q = (int)request->q.shape[HEAD],
        .heads_k = (int)request->k.shape[HEAD],
        .sq = (int)request->q.shape[TOKEN],
        .sk = (int)request->k.shape[TOKEN],
        .d = (int)request->q.shape[CHANNEL],
        .sq_padded = layout->sq_padded,
        .sk_padded = layout->sk_padded,
        .q_tiles = (int)(has_sequences(request) ? layout->sq_padded / tile : (request->q.shape[TOKEN] + tile - 1) / tile),
        .bfloat16 = request->q.dtype == SAGE_BF16,
        .causal = request->is_causal != 0,
        .per_thread = request->granularity == SAGE_PER_THREAD,
        .q_scales_per_head = layout->q_scales_per_head * SAGE_BAND / operands->q_band,
        .k_scales_per_head = layout->k_scales_per_head,
        .mask = sage_describe_mask(&request->mask),
        .sequences = sage_describe_sequences(request),
        .q_band = operands->q_band,
    };
    const int64_t blocks = plan->q_heads * p.q_tiles;
    if (route == SAGE_ROUTE_SM80) {
        const int general = request->mask.data != NULL || has_sequences(request) || operands->q_band != SAGE_BAND;
        const enum sage_kernel plain_kernel = wide ? SAGE_ATTEND_SM80_D128 : SAGE_ATTEND_SM80_D64;
        const enum sage_kernel general_kernel = wide ? SAGE_ATTEND_SM80_D128_GENERAL : SAGE_ATTEND_SM80_D64_GENERAL;
        return launch(launcher, general ? general_kernel : plain_kernel, blocks, general ? SAGE_GENERAL_THREADS : SAGE_ATTEND_THREADS,
                      (unsigned)(SAGE_SM80_SHARED_PER_CHANNEL * layout->d_padded), &p);
    }
    return launch(launcher, wide ? SAGE_ATTEND_SM70_D128 : SAGE_ATTEND_SM70_D64, blocks, SAGE_ATTEND_THREADS, 0, &p);
}

/* What sage_run does: the quantisation unless the caller gives operands, then the attention if it is wanted. */
static int run(const struct sage_attention *request, const struct sage_operands *given, int attend, struct sage_error error) {
    struct plan plan;
    int status = make_plan(request, &plan, error);
    if (status != SAGE_OK) {
        return status;
    }
    struct launcher launcher = {NULL, request->q.device, request->stream, error};
    struct sage_choice choice = {0};
    if (!is_empty(request)) {
        status = choose(request, given != NULL, 0, &launcher.driver, &choice, &plan, error);
    }
    if (status == SAGE_OK) {
        status = sage_check_memory(request, given != NULL ? 0 : plan.layout.size, error);
    }
    if (status != SAGE_OK || is_empty(request)) {
        return status;
    }
    int pushed = 0;
    if ((status = sage_enter_context(launcher.driver, request->q.device, &pushed, error)) != SAGE_OK) {
        return status;
    }
    if (choice.route == SAGE_ROUTE_SM90) {
        status = sage_sm90_launch_preparation(launcher.driver, request, &plan.sm90, error);
        if (status == SAGE_OK && attend) {
            status = sage_sm90_launch_attention(launcher.driver, request, &plan.sm90, error);
        }
    } else if (choice.route == SAGE_ROUTE_DIRECT) {
        status = attend ? sage_direct_launch(launcher.driver, request, &plan.direct, error) : SAGE_OK;
    } else if (given != NULL) {
        status = launch_attention(&launcher, request, &plan, given, NULL, choice.route);
    } else if ((status = launch_preparation(&launcher, request, &plan)) == SAGE_OK && attend) {
        const struct sage_operands operands = operands_of(request, &plan);
        const int shifted = request->lse != NULL && request->smooth_k;
        status = launch_attention(&launcher, request, &plan, &operands,
                                  shifted ? (const float *)((const char *)request->workspace + plan.layout.lse_shift) : NULL, choice.route);
    }
    sage_leave_context(launcher.driver, pushed);
    return status;
}

int sage_run(const struct sage_attention *request, char *error, size_t error_size) {
    return run(request, NULL, 1, (struct sage_error){error, error_size});
}

int sage_prepare(const struct sage_attention *request, char *error, size_t error_size) {
    return run(request, NULL, 0, (struct sage_error){error, error_size});
}

int sage_attend(const struct sage_attention *request, const struct sage_operands *operands, char *error, size_t error_size) {
    const struct sage_error sink = {error, error_size};
    struct sage_attention by_fp16 = *request;
    by_fp16.pv = SAGE_PV_FP16;
    if (operands->q_band != SAGE_BAND && operands->q_band != SAGE_BAND / 2) {
        return sage_fail(sink, SAGE_INVALID, "q_band is %d: %d and %d are known", operands->q_band, SAGE_BAND, SAGE_BAND / 2);
    }
    return run(&by_fp16, operands, 1, sink);
}

int sage_describe_device(int32_t device, char *text, size_t text_size) {
    const struct sage_error sink = {text, text_size};
    const struct sage_driver *driver = NULL;
    struct sage_gpu gpu;
    struct sage_choice choice;
    int status = sage_open_driver(&driver, sink);
    if (status == SAGE_OK) {
        status = sage_query_gpu(driver, device, &gpu, sink);
    }
    if (status == SAGE_OK) {
        status = sage_choose_for_gpu(&gpu, &choice, sink);
    }
    if (status == SAGE_OK) {
        snprintf(text, text_size, "%s, compute capability %d.%d: %s", gpu.name, gpu.major, gpu.minor, choice.unit);
    }
    return status;
}
