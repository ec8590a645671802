// Number formats and elementary functions by inline PTX: no toolkit header, so that NVRTC needs no include path, and the same code for
// every architecture from 7.0 on unless a name says otherwise.
#pragma once

namespace sage {

constexpr float kLog2E = 1.4426950408889634f;
constexpr float kLn2 = 0.6931471805599453f;
constexpr unsigned kInfinityBits = 0x7f800000u;

__device__ __forceinline__ float infinity() {
    return __uint_as_float(kInfinityBits);
}

__device__ __forceinline__ float not_a_number() {
    return __uint_as_float(0x7fffffffu);
}

// 2^x with 2 ulp, results under 2^-126 flushed to zero (PTX ISA, "ex2").
__device__ __forceinline__ float exp2_approx(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float log2_approx(float x) {
    float y;
    asm("lg2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float half_to_float(unsigned short bits) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(bits));
    return y;
}

__device__ __forceinline__ unsigned short float_to_half(float x) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}

__device__ __forceinline__ float bfloat_to_float(unsigned short bits) {
    return __uint_as_float(static_cast<unsigned>(bits) << 16);
}

// Round to nearest even by integer arithmetic: `cvt.rn.bf16.f32` exists from sm_80 on only.
__device__ __forceinline__ unsigned short float_to_bfloat(float x) {
    const unsigned bits = __float_as_uint(x);
    if ((bits & 0x7fffffffu) > kInfinityBits) {
        return 0x7fff;
    }
    return static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

__device__ __forceinline__ unsigned short float_to_16bit(float x, bool bfloat16) {
    return bfloat16 ? float_to_bfloat(x) : float_to_half(x);
}

__device__ __forceinline__ unsigned pack16(unsigned short low, unsigned short high) {
    return static_cast<unsigned>(low) | (static_cast<unsigned>(high) << 16);
}

// Round to nearest even, saturating. NaN becomes 0: the scale carries it instead.
__device__ __forceinline__ int float_to_int8(float x) {
    int y;
    asm("cvt.rni.sat.s8.f32 %0, %1;" : "=r"(y) : "f"(x));
    return y;
}

} // namespace sage
