#include "strided.h"

enum { BATCH, HEAD, TOKEN };

struct sage_strided sage_describe(const struct sage_tensor *tensor) {
    struct sage_strided strided = {tensor->data, tensor->stride[BATCH], tensor->stride[HEAD], tensor->stride[TOKEN], 1, 0};
    /* The stride of an axis of one element addresses nothing and may be anything. */
    if (tensor->shape[BATCH] <= 1) {
        strided.batch = 0;
    }
    if (tensor->shape[HEAD] <= 1) {
        strided.head = 0;
    }
    if (tensor->shape[TOKEN] <= 1) {
        strided.token = 0;
    }
    strided.vectors = (uintptr_t)tensor->data % 16 == 0 && strided.batch % 8 == 0 && strided.head % 8 == 0 && strided.token % 8 == 0;
    return strided;
}

struct sage_mask sage_describe_mask(const struct sage_tensor *mask) {
    struct sage_mask described = {mask->data, mask->stride[0], mask->stride[1], mask->stride[2], mask->stride[3], mask->dtype, 0};
    long long *const strides[4] = {&described.batch, &described.head, &described.query, &described.key};
    for (int i = 0; i < 4; ++i) {
        if (mask->shape[i] <= 1) {
            *strides[i] = 0;
        }
    }
    return described;
}

struct sage_sequences sage_describe_sequences(const struct sage_attention *request) {
    return (struct sage_sequences){request->cu_seqlens_q, request->cu_seqlens_k, (int)request->sequences, 0};
}
