#include "checks.h"

#include <inttypes.h>
#include <math.h>

enum { BATCH, HEAD, TOKEN, CHANNEL };

static const int64_t max_tokens = INT64_C(1) << 30; /* the kernels count tokens in 32 bits */

static const char *dtype_name(int dtype) {
    switch (dtype) {
    case SAGE_FP16:
        return "float16";
    case SAGE_BF16:
        return "bfloat16";
    case SAGE_FP32:
        return "float32";
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
    if (!isfinite(request->sm_scale)) {
        return sage_fail(error, SAGE_INVALID, "sm_scale is %f: it must be finite", (double)request->sm_scale);
    }
    if (request->granularity != SAGE_PER_WARP && request->granularity != SAGE_PER_THREAD) {
        return sage_fail(error, SAGE_INVALID, "granularity is %d: per warp (%d) and per thread (%d) are known", request->granularity,
                         SAGE_PER_WARP, SAGE_PER_THREAD);
    }
    if (request->route != SAGE_ROUTE_AUTO && request->route != SAGE_ROUTE_SM70 && request->route != SAGE_ROUTE_SM80) {
        return sage_fail(error, SAGE_INVALID, "route is %d: automatic (%d), sm70 (%d) and sm80 (%d) are known", request->route,
                         SAGE_ROUTE_AUTO, SAGE_ROUTE_SM70, SAGE_ROUTE_SM80);
    }
    return SAGE_OK;
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
