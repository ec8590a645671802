/* Tensors as the kernels take them. */
#ifndef SAGEATTENTION_HOST_STRIDED_H
#define SAGEATTENTION_HOST_STRIDED_H

#include "../include/sageattention/parameters.h"
#include "sageattention.h"

#pragma GCC visibility push(hidden)

/* `vectors` of the result says whether every row starts at a multiple of 16 bytes. */
struct sage_strided sage_describe(const struct sage_tensor *tensor);

struct sage_mask sage_describe_mask(const struct sage_tensor *mask);
struct sage_sequences sage_describe_sequences(const struct sage_attention *request);

#pragma GCC visibility pop

#endif
