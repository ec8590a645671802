// Conversions and comparisons of both kernels of sm_90.
#pragma once

#include "numeric.cuh"

namespace sage {

__device__ __forceinline__ float max_nan(float a, float b) {
    float y;
    asm("max.NaN.f32 %0, %1, %2;" : "=f"(y) : "f"(a), "f"(b));
    return y;
}

__device__ __forceinline__ float min_nan(float a, float b) {
    float y;
    asm("min.NaN.f32 %0, %1, %2;" : "=f"(y) : "f"(a), "f"(b));
    return y;
}

// Two 16-bit elements in a word.
template <bool kBfloat16> struct Pair {
    static constexpr unsigned kLowest = kBfloat16 ? 0xff80ff80u : 0xfc00fc00u;  // -inf
    static constexpr unsigned kHighest = kBfloat16 ? 0x7f807f80u : 0x7c007c00u; // +inf

    static __device__ __forceinline__ unsigned max(unsigned a, unsigned b) {
        unsigned y;
        if (kBfloat16) {
            asm("max.NaN.bf16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
        } else {
            asm("max.NaN.f16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
        }
        return y;
    }

    static __device__ __forceinline__ unsigned min(unsigned a, unsigned b) {
        unsigned y;
        if (kBfloat16) {
            asm("min.NaN.bf16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
        } else {
            asm("min.NaN.f16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
        }
        return y;
    }

    static __device__ __forceinline__ float low(unsigned word) {
        return kBfloat16 ? __uint_as_float(word << 16) : half_to_float(static_cast<unsigned short>(word));
    }

    static __device__ __forceinline__ float high(unsigned word) {
        return kBfloat16 ? __uint_as_float(word & 0xffff0000u) : half_to_float(static_cast<unsigned short>(word >> 16));
    }
};

// Two or four floats as e4m3, the first in the low byte; NaN stays NaN, anything else beyond 448 becomes 448.
__device__ __forceinline__ unsigned pack_e4m3(float low, float high) {
    unsigned short packed;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(packed) : "f"(high), "f"(low));
    return packed;
}

__device__ __forceinline__ unsigned pack_e4m3(float a, float b, float c, float d) {
    unsigned packed;
    asm("{ .reg .b16 low, high; cvt.rn.satfinite.e4m3x2.f32 low, %2, %1; cvt.rn.satfinite.e4m3x2.f32 high, %4, %3; "
        "mov.b32 %0, {low, high}; }"
        : "=r"(packed)
        : "f"(a), "f"(b), "f"(c), "f"(d));
    return packed;
}

// x * scale rounded to the nearest even integer, in the low byte: adding 1.5 * 2^23 leaves no bit for a fraction. |x * scale| < 2^22.
__device__ __forceinline__ unsigned round_to_byte(float x, float scale) { return __float_as_uint(__fmaf_rn(x, scale, 12582912.0f)); }

__device__ __forceinline__ unsigned pack_bytes(unsigned a, unsigned b, unsigned c, unsigned d) {
    return __byte_perm(__byte_perm(a, b, 0x0040), __byte_perm(c, d, 0x0040), 0x5410);
}

__device__ __forceinline__ void store_global(void *address, unsigned a, unsigned b) {
    asm volatile("st.global.v2.b32 [%0], {%1, %2};" ::"l"(address), "r"(a), "r"(b) : "memory");
}

} // namespace sage
