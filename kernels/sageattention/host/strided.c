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
