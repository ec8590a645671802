#include "checks.h"

#include <inttypes.h>
#include <math.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

static const int64_t max_tokens = INT64_C(1) << 30; /* the kernels count tokens in 32 bits */
static const int64_t max_sequences = INT64_C(1) << 22;

static const char *dtype_name(int dtype) {
    switch (dtype) {
    case SAGE_FP16:
        return "float16";
    case SAGE_BF16:
        return "bfloat16";
    case SAGE_FP32:
        return "float32";
    case SAGE_BOOL:
        return "bool";
    default:
        return "an unknown dtype";
    }
}

static int check_tensor(const struct sage_tensor *tensor, const char *name, const struct sage_tensor *q, struct sage_error error) {
    if (tensor->device < 0) {
        return sage_fail(error, SAGE_INVALID, "%s is not on a CUDA device", name);
    }
    if (tensor->device != q->device) {
        return sage_fail(error, SAGE_INVALID, "%s is on CUDA device %d but q is on device %d", name, tensor->device, q->device);
    }
    if (tensor->dtype != SAGE_FP16 && tensor->dtype != SAGE_BF16) {
        return sage_fail(error, SAGE_INVALID, "%s is %s: float16 or bfloat16 is needed", name, dtype_name(tensor->dtype));
    }
    if (tensor->dtype != q->dtype) {
        return sage_fail(error, SAGE_INVALID, "%s is %s but q is %s", name, dtype_name(tensor->dtype), dtype_name(q->dtype));
    }
    for (int i = 0; i < 4; ++i) {
        if (tensor->shape[i] < 0) {
            return sage_fail(error, SAGE_INVALID, "%s has shape [%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "]", name,
                             tensor->shape[BATCH], tensor->shape[HEAD], tensor->shape[TOKEN], tensor->shape[CHANNEL]);
        }
    }
    if (tensor->shape[CHANNEL] < 1 || tensor->shape[CHANNEL] > 128) {
        return sage_fail(error, SAGE_INVALID, "%s has head dimension %" PRId64 ": 1 to 128 are supported", name, tensor->shape[CHANNEL]);
    }
    if (tensor->shape[TOKEN] > max_tokens) {
        return sage_fail(error, SAGE_INVALID, "%s has %" PRId64 " tokens: at most %" PRId64 " are supported", name, tensor->shape[TOKEN],
                         max_tokens);
    }
    if (tensor->shape[CHANNEL] > 1 && tensor->stride[CHANNEL] != 1) {
        return sage_fail(error, SAGE_INVALID, "%s has stride %" PRId64 " in its last dimension, which must be contiguous", name,
                         tensor->stride[CHANNEL]);
    }
    return SAGE_OK;
}

static int check_equal(const struct sage_tensor *a, const char *a_name, const struct sage_tensor *b, const char *b_name, int axis,
                       struct sage_error error) {
    if (a->shape[axis] == b->shape[axis]) {
        return SAGE_OK;
    }
    switch (axis) {
    case BATCH:
        return sage_fail(error, SAGE_INVALID, "%s has batch %" PRId64 " but %s has %" PRId64, a_name, a->shape[axis], b_name,
                         b->shape[axis]);
    case CHANNEL:
        return sage_fail(error, SAGE_INVALID, "%s has head dimension %" PRId64 " but %s has %" PRId64, a_name, a->shape[axis], b_name,
                         b->shape[axis]);
    default:
        return sage_fail(error, SAGE_INVALID, "%s has %" PRId64 " %s but %s has %" PRId64, a_name, a->shape[axis],
                         axis == HEAD ? "heads" : "tokens", b_name, b->shape[axis]);
    }
}

static int check_mask(const struct sage_attention *request, struct sage_error error) {
    const struct sage_tensor *mask = &request->mask, *q = &request->q;
    if (mask->data == NULL) {
        return SAGE_OK;
    }
    if (request->cu_seqlens_q != NULL) {
        return sage_fail(error, SAGE_INVALID, "attn_mask cannot be combined with cu_seqlens_q");
    }
    if (mask->device != q->device) {
        return sage_fail(error, SAGE_INVALID, "attn_mask is on CUDA device %d but q is on device %d", mask->device, q->device);
    }
    if (mask->dtype < SAGE_FP16 || mask->dtype > SAGE_BOOL) {
        return sage_fail(error, SAGE_INVALID, "attn_mask is %s: bool, float16, bfloat16 or float32 is needed", dtype_name(mask->dtype));
    }
    const int64_t wanted[4] = {q->shape[BATCH], q->shape[HEAD], q->shape[TOKEN], request->k.shape[TOKEN]};
    for (int i = 0; i < 4; ++i) {
        if (mask->shape[i] != wanted[i] && mask->shape[i] != 1) {
            return sage_fail(error, SAGE_INVALID,
                             "attn_mask has shape [%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "], which cannot be broadcast to [%" PRId64
                             ", %" PRId64 ", %" PRId64 ", %" PRId64 "]",
                             mask->shape[BATCH], mask->shape[HEAD], mask->shape[TOKEN], mask->shape[CHANNEL], wanted[BATCH], wanted[HEAD],
                             wanted[TOKEN], wanted[CHANNEL]);
        }
    }
    return SAGE_OK;
}

static int check_sequences(const struct sage_attention *request, struct sage_error error) {
    if (request->cu_seqlens_q == NULL && request->cu_seqlens_k == NULL) {
        return SAGE_OK;
    }
    if (request->cu_seqlens_q == NULL || request->cu_seqlens_k == NULL) {
        return sage_fail(error, SAGE_INVALID, "cu_seqlens_q and cu_seqlens_k must be given both or not at all");
    }
    if ((uintptr_t)request->cu_seqlens_q % 4 != 0 || (uintptr_t)request->cu_seqlens_k % 4 != 0) {
        return sage_fail(error, SAGE_INVALID, "cu_seqlens_q or cu_seqlens_k does not start at a multiple of 4 bytes");
    }
    if (request->q.shape[BATCH] != 1) {
        return sage_fail(error, SAGE_INVALID, "q has batch %" PRId64 ", but the sequences of cu_seqlens_q are packed into one",
                         request->q.shape[BATCH]);
    }
    /* Every sequence may need a tile of padding, and padded tokens are counted in 32 bits. */
    if (request->sequences < 0 || request->sequences > max_sequences) {
        return sage_fail(error, SAGE_INVALID, "there are %" PRId64 " sequences: 0 to %" PRId64 " are supported", request->sequences,
                         max_sequences);
    }
    return SAGE_OK;
}

static int check_options(const struct sage_attention *request, struct sage_error error) {
    if (!isfinite(request->sm_scale)) {
        return sage_fail(error, SAGE_INVALID, "sm_scale is %f: it must be finite", (double)request->sm_scale);
    }
    if (request->granularity != SAGE_PER_WARP && request->granularity != SAGE_PER_THREAD) {
        return sage_fail(error, SAGE_INVALID, "granularity is %d: per warp (%d) and per thread (%d) are known", request->granularity,
                         SAGE_PER_WARP, SAGE_PER_THREAD);
    }
    if (request->route != SAGE_ROUTE_AUTO && request->route != SAGE_ROUTE_SM70 && request->route != SAGE_ROUTE_SM80 &&
        request->route != SAGE_ROUTE_SM90 && request->route != SAGE_ROUTE_DIRECT) {
        return sage_fail(error, SAGE_INVALID, "route is %d: automatic (%d), direct (%d), sm70 (%d), sm80 (%d) and sm90 (%d) are known",
                         request->route, SAGE_ROUTE_AUTO, SAGE_ROUTE_DIRECT, SAGE_ROUTE_SM70, SAGE_ROUTE_SM80, SAGE_ROUTE_SM90);
    }
    if (request->pv < SAGE_PV_AUTO || request->pv > SAGE_PV_FP8) {
        return sage_fail(error, SAGE_INVALID, "pv is %d: automatic (%d), fp16 (%d) and fp8 (%d) are known", request->pv, SAGE_PV_AUTO,
                         SAGE_PV_FP16, SAGE_PV_FP8);
    }
    if (request->pv_accumulator < SAGE_ACCUMULATOR_AUTO || request->pv_accumulator > SAGE_ACCUMULATOR_FP32_FP16) {
        return sage_fail(error, SAGE_INVALID,
                         "pv_accumulator is %d: automatic (%d), fp32 (%d), fp32+fp32 (%d) and fp32+fp16 (%d) are known",
                         request->pv_accumulator, SAGE_ACCUMULATOR_AUTO, SAGE_ACCUMULATOR_FP32, SAGE_ACCUMULATOR_FP32_FP32,
                         SAGE_ACCUMULATOR_FP32_FP16);
    }
    return SAGE_OK;
}

int sage_check_request(const struct sage_attention *request, struct sage_error error) {
    const struct sage_tensor *q = &request->q, *k = &request->k, *v = &request->v, *out = &request->out;
    int status;
    if ((status = check_tensor(q, "q", q, error)) != 0 || (status = check_tensor(k, "k", q, error)) != 0 ||
        (status = check_tensor(v, "v", q, error)) != 0 || (status = check_tensor(out, "out", q, error)) != 0) {
        return status;
    }
    if ((status = check_equal(k, "k", q, "q", BATCH, error)) != 0 || (status = check_equal(v, "v", q, "q", BATCH, error)) != 0 ||
        (status = check_equal(k, "k", q, "q", CHANNEL, error)) != 0 || (status = check_equal(v, "v", q, "q", CHANNEL, error)) != 0 ||
        (status = check_equal(v, "v", k, "k", HEAD, error)) != 0 || (status = check_equal(v, "v", k, "k", TOKEN, error)) != 0) {
        return status;
    }
    for (int axis = 0; axis < 4; ++axis) {
        if ((status = check_equal(out, "out", q, "q", axis, error)) != 0) {
            return status;
        }
    }
    if (q->shape[HEAD] > 0 && (k->shape[HEAD] == 0 || q->shape[HEAD] % k->shape[HEAD] != 0)) {
        return sage_fail(error, SAGE_INVALID, "q has %" PRId64 " heads, which is no multiple of the %" PRId64 " heads of k", q->shape[HEAD],
                         k->shape[HEAD]);
    }
    if ((status = check_options(request, error)) != 0 || (status = check_sequences(request, error)) != 0) {
        return status;
    }
    return check_mask(request, error);
}

static int is_empty(const struct sage_tensor *tensor) {
    return tensor->shape[BATCH] == 0 || tensor->shape[HEAD] == 0 || tensor->shape[TOKEN] == 0;
}

int sage_check_memory(const struct sage_attention *request, uint64_t needed, struct sage_error error) {
    const struct sage_tensor *const tensors[4] = {&request->q, &request->k, &request->v, &request->out};
    static const char *const names[4] = {"q", "k", "v", "out"};
    for (int i = 0; i < 4; ++i) {
        if (tensors[i]->data == NULL && !is_empty(tensors[i])) {
            return sage_fail(error, SAGE_INVALID, "%s has no data", names[i]);
        }
        if ((uintptr_t)tensors[i]->data % 2 != 0) {
            return sage_fail(error, SAGE_INVALID, "%s starts at an odd address", names[i]);
        }
    }
    if (needed == 0) {
        return SAGE_OK;
    }
    if (request->workspace == NULL || request->workspace_size < needed) {
        return sage_fail(error, SAGE_INVALID, "the workspace has %" PRIu64 " bytes but %" PRIu64 " are needed",
                         request->workspace == NULL ? 0 : request->workspace_size, needed);
    }
    if ((uintptr_t)request->workspace % 256 != 0) {
        return sage_fail(error, SAGE_INVALID, "the workspace does not start at a multiple of 256 bytes");
    }
    return SAGE_OK;
}
