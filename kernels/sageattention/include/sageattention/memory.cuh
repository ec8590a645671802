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

__device__ __forceinline__ unsigned short load_shared_half(unsigned address) {
    unsigned short value;
    asm volatile("ld.shared.b16 %0, [%1];" : "=h"(value) : "r"(address) : "memory");
    return value;
}

__device__ __forceinline__ unsigned load_shared_word(unsigned address) {
    unsigned value;
    asm volatile("ld.shared.b32 %0, [%1];" : "=r"(value) : "r"(address) : "memory");
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

// 16 bytes that no kernel writes while this one runs, or zeros. A predicate instead of a branch lets several loads travel at once.
__device__ __forceinline__ Vector16 load_vector(const unsigned short *address, bool wanted) {
    Vector16 value;
    asm("{ .reg .pred wanted; setp.ne.s32 wanted, %5, 0; mov.b32 %0, 0; mov.b32 %1, 0; mov.b32 %2, 0; mov.b32 %3, 0; "
        "@wanted ld.global.nc.v4.b32 {%0, %1, %2, %3}, [%4]; }"
        : "=&r"(value.word[0]), "=&r"(value.word[1]), "=&r"(value.word[2]), "=&r"(value.word[3])
        : "l"(address), "r"(static_cast<int>(wanted)));
    return value;
}

// Eight channels of one row one by one, zeros from channel `d` on. `row` is the address of channel 0.
__device__ __forceinline__ Vector16 load_elements(const unsigned short *row, int channel, int d) {
    Vector16 value = {{0u, 0u, 0u, 0u}};
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        if (channel + i < d) {
            value.word[i / 2] |= static_cast<unsigned>(row[channel + i]) << (16 * (i % 2));
        }
    }
    return value;
}

// Eight channels of kCount rows `step` tokens apart, zeros from token `end` and channel `d` on. `rows` is the address of token 0.
template <int kCount>
__device__ __forceinline__ void load_rows(Vector16 (&values)[kCount], const unsigned short *rows, const sage_strided &tensor, long long token,
                                          int step, long long end, int channel, int d) {
    if (tensor.vectors && channel + 8 <= d) {
#pragma unroll
        for (int i = 0; i < kCount; ++i) {
            values[i] = load_vector(rows + (token + i * step) * tensor.token + channel, token + i * step < end);
        }
    } else {
#pragma unroll
        for (int i = 0; i < kCount; ++i) {
            values[i] = Vector16{{0u, 0u, 0u, 0u}};
            if (token + i * step < end) {
                values[i] = load_elements(rows + (token + i * step) * tensor.token, channel, d);
            }
        }
    }
}

// Eight channels of one row; channels from `d` on are not written.
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
