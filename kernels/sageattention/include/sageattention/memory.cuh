// Global and shared memory. Shared addresses are 32-bit integers: NVRTC then emits the same address arithmetic as nvcc.
#pragma once

#include "parameters.h"

namespace sage {

struct alignas(16) Vector16 {
    unsigned word[4]; // 16 bytes: eight 16-bit elements
};

__device__ __forceinline__ unsigned shared_address(const void *pointer) {
    unsigned address;
    asm("{ .reg .u64 wide; cvta.to.shared.u64 wide, %1; cvt.u32.u64 %0, wide; }" : "=r"(address) : "l"(pointer));
    return address;
}

__device__ __forceinline__ void store_shared(unsigned address, unsigned value) {
    asm volatile("st.shared.b32 [%0], %1;" ::"r"(address), "r"(value) : "memory");
}

__device__ __forceinline__ void store_shared(unsigned address, float value) {
    asm volatile("st.shared.f32 [%0], %1;" ::"r"(address), "f"(value) : "memory");
}

__device__ __forceinline__ void store_shared(unsigned address, const Vector16 &value) {
    asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(address), "r"(value.word[0]), "r"(value.word[1]), "r"(value.word[2]),
                 "r"(value.word[3])
                 : "memory");
}

__device__ __forceinline__ float load_shared(unsigned address) {
    float value;
    asm volatile("ld.shared.f32 %0, [%1];" : "=f"(value) : "r"(address) : "memory");
    return value;
}

__device__ __forceinline__ Vector16 load_shared16(unsigned address) {
    Vector16 value;
    asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(value.word[0]), "=r"(value.word[1]), "=r"(value.word[2]), "=r"(value.word[3])
                 : "r"(address)
                 : "memory");
    return value;
}

// Eight channels of one row, zeros from channel `d` on. `row` is the address of channel 0.
__device__ __forceinline__ Vector16 load_row(const unsigned short *row, int channel, int d, bool vectors) {
    Vector16 value = {{0u, 0u, 0u, 0u}};
    if (vectors && channel + 8 <= d) {
        asm volatile("ld.global.nc.v4.b32 {%0, %1, %2, %3}, [%4];"
                     : "=r"(value.word[0]), "=r"(value.word[1]), "=r"(value.word[2]), "=r"(value.word[3])
                     : "l"(row + channel));
        return value;
    }
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        if (channel + i < d) {
            value.word[i / 2] |= static_cast<unsigned>(row[channel + i]) << (16 * (i % 2));
        }
    }
    return value;
}

// The counterpart of load_row: channels from `d` on are not written.
__device__ __forceinline__ void store_row(unsigned short *row, int channel, int d, bool vectors, const Vector16 &value) {
    if (vectors && channel + 8 <= d) {
        asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(row + channel), "r"(value.word[0]), "r"(value.word[1]),
                     "r"(value.word[2]), "r"(value.word[3])
                     : "memory");
        return;
    }
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        if (channel + i < d) {
            row[channel + i] = static_cast<unsigned short>(value.word[i / 2] >> (16 * (i % 2)));
        }
    }
}

__device__ __forceinline__ unsigned short *row_of(const sage_strided &tensor, long long batch, long long head, long long token) {
    return static_cast<unsigned short *>(tensor.data) + batch * tensor.batch + head * tensor.head + token * tensor.token;
}

} // namespace sage
