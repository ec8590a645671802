// An attention mask as the caller gave it: any strides, broadcast axes with stride 0.
#pragma once

#include "numeric.cuh"
#include "parameters.h"

namespace sage {

constexpr float kLargestFloat = 3.402823466e38f;

__device__ __forceinline__ long long mask_row(const sage_mask &mask, long long batch, int head, int query) {
    return batch * mask.batch + head * mask.head + query * mask.query;
}

// What is added to a base-2 logit. Finite values stay finite, so that a row masked by the lowest float is averaged as in torch.
template <int kDtype> __device__ __forceinline__ float mask_value(const sage_mask &mask, long long element) {
    float value;
    if (kDtype == SAGE_MASK_BOOL) {
        return static_cast<const unsigned char *>(mask.data)[element] != 0 ? 0.0f : -infinity();
    }
    if (kDtype == SAGE_MASK_FP32) {
        value = static_cast<const float *>(mask.data)[element];
    } else {
        const unsigned short bits = static_cast<const unsigned short *>(mask.data)[element];
        value = kDtype == SAGE_MASK_FP16 ? half_to_float(bits) : bfloat_to_float(bits);
    }
    const float scaled = value * kLog2E;
    return scaled < -kLargestFloat && value >= -kLargestFloat ? -kLargestFloat : scaled;
}

__device__ __forceinline__ float add_mask(float logit, float value) {
    const float sum = logit + value;
    // comparisons, so that NaN stays; what is hidden already, -inf, stays hidden
    return sum < -kLargestFloat && value >= -kLargestFloat && logit >= -kLargestFloat ? -kLargestFloat : sum;
}

// Adds the mask to the scaled logits of a lane of mma.m16n8: `row` and `row` + 8, `key` and `key` + 1 of eight groups of 8.
template <int kDtype>
__device__ __forceinline__ void add_mask_of(const sage_mask &mask, float (&x)[SAGE_K_TILE / 8][4], long long batch, int head, int row,
                                            int key, int rows, int keys) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        // What is outside is hidden already; the last row and key stand in for it.
        const long long first = mask_row(mask, batch, head, min(row + half * 8, rows - 1));
#pragma unroll
        for (int n = 0; n < SAGE_K_TILE / 8; ++n) {
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const long long element = first + min(key + n * 8 + i, keys - 1) * mask.key;
                x[n][2 * half + i] = add_mask(x[n][2 * half + i], mask_value<kDtype>(mask, element));
            }
        }
    }
}

__device__ __forceinline__ void add_any_mask(const sage_mask &mask, float (&x)[SAGE_K_TILE / 8][4], long long batch, int head, int row,
                                             int key, int rows, int keys) {
    switch (mask.dtype) {
    case SAGE_MASK_FP16:
        return add_mask_of<SAGE_MASK_FP16>(mask, x, batch, head, row, key, rows, keys);
    case SAGE_MASK_BF16:
        return add_mask_of<SAGE_MASK_BF16>(mask, x, batch, head, row, key, rows, keys);
    case SAGE_MASK_FP32:
        return add_mask_of<SAGE_MASK_FP32>(mask, x, batch, head, row, key, rows, keys);
    default:
        return add_mask_of<SAGE_MASK_BOOL>(mask, x, batch, head, row, key, rows, keys);
    }
}

} // namespace sage
