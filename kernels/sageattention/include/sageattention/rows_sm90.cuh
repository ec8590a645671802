// Both ends of a warp's query rows in the attention kernel of sm_90a: Q from global memory to INT8, the output back.
#pragma once

#include "attend_sm90.cuh"
#include "memory.cuh"
#include "softmax_sm90.cuh"

namespace sage {

// The larger of each half; NaN if either is (PTX ISA, "max").
template <bool kBfloat16> __device__ __forceinline__ unsigned maximum_of_halves(unsigned a, unsigned b) {
    unsigned y;
    if (kBfloat16) {
        asm("max.NaN.bf16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
    } else {
        asm("max.NaN.f16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
    }
    return y;
}

template <bool kBfloat16> __device__ __forceinline__ float element(const Vector16 &raw, int i) {
    if (kBfloat16) {
        return __uint_as_float(i % 2 == 0 ? raw.word[i / 2] << 16 : raw.word[i / 2] & 0xffff0000u);
    }
    return half_to_float(static_cast<unsigned short>(raw.word[i / 2] >> (16 * (i % 2))));
}

// Eight channels of `kCount` rows, `kStepRows` apart; D / 8 lanes hold a row.
template <int D, bool kBfloat16, int kCount>
__device__ __forceinline__ void quantise_rows(const Vector16 (&raw)[kCount], const sage_attend_sm90_parameters &p, unsigned shared,
                                              int first, const float *k_mean) {
    using Layout = Shared<D>;
    constexpr int kStepRows = 32 / (D / 8);
    const int piece = threadIdx.x % 32 % (D / 8);
    unsigned top[kCount];
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        unsigned size[4];
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            size[j] = raw[i].word[j] & 0x7fff7fffu;
        }
        top[i] =
            maximum_of_halves<kBfloat16>(maximum_of_halves<kBfloat16>(size[0], size[1]), maximum_of_halves<kBfloat16>(size[2], size[3]));
    }
#pragma unroll
    for (int step = 1; step < D / 8; step *= 2) {
#pragma unroll
        for (int i = 0; i < kCount; ++i) {
            top[i] = maximum_of_halves<kBfloat16>(top[i], __shfl_xor_sync(0xffffffffu, top[i], step));
        }
    }
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        const int row = first + i * kStepRows;
        const Vector16 both = {{top[i], 0u, 0u, 0u}};
        const float amax = maximum_or_nan(maximum_or_nan(element<kBfloat16>(both, 0), element<kBfloat16>(both, 1)), kSmallestScale);
        // Added to 1.5 * 2^23, the quotients round to even and stand in the lowest byte.
        const float inverse = __fdividef(p.sm_scale < 0.0f ? -127.0f : 127.0f, amax);
        unsigned word[2];
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            unsigned byte[4];
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                byte[j] = __float_as_uint(__fmaf_rn(element<kBfloat16>(raw[i], 4 * half + j), inverse, 12582912.0f));
            }
            word[half] = __byte_perm(__byte_perm(byte[0], byte[1], 0x0040), __byte_perm(byte[2], byte[3], 0x0040), 0x5410);
        }
        const unsigned address = shared + Layout::kQ + swizzle<D>(row, piece / 2) + piece % 2 * 8;
        asm volatile("st.shared.v2.b32 [%0], {%1, %2};" ::"r"(address), "r"(word[0]), "r"(word[1]) : "memory");
        if (piece == 0) {
            // An infinite scale would meet zeros only: the integers of its row are 0.
            const float scale = amax * (1.0f / 127.0f) * (fabsf(p.sm_scale) * kLog2E);
            store_shared(shared + Layout::kQScale + row * 4, amax <= 3.4e38f ? scale : not_a_number());
        }
    }
    if (k_mean != nullptr) {
#pragma unroll
        for (int i = 0; i < kCount; ++i) {
            float dot = 0.0f;
#pragma unroll
            for (int j = 0; j < 8; ++j) {
                dot = __fmaf_rn(element<kBfloat16>(raw[i], j), k_mean[piece * 8 + j], dot);
            }
#pragma unroll
            for (int step = 1; step < D / 8; step *= 2) {
                dot += __shfl_xor_sync(0xffffffffu, dot, step);
            }
            if (piece == 0) {
                store_shared(shared + Layout::kLseShift + (first + i * kStepRows) * 4, dot * p.sm_scale);
            }
        }
    }
}

// The 16 rows of a warp
template <int D, bool kBfloat16>
__device__ __forceinline__ void quantise_queries(const sage_attend_sm90_parameters &p, unsigned shared, const Item &item, int warp_row) {
    constexpr int kLanes = D / 8; // of a row
    constexpr int kStepRows = 32 / kLanes;
    constexpr int kSteps = 16 / kStepRows;
    const int lane = threadIdx.x % 32;
    const int channel = lane % kLanes * 8;
    const int first = warp_row + lane / kLanes;
    const float *k_mean = p.k_mean != nullptr ? p.k_mean + static_cast<long long>(item.kv_head) * D : nullptr;
    const unsigned short *rows = row_of(p.q, item.batch, item.query_head, item.tile * kRows + first);
    const int wanted = p.sq - item.tile * kRows - first; // rows from this one on
    if (p.q.vectors && p.d % 8 == 0) {
        Vector16 raw[kSteps];
#pragma unroll
        for (int i = 0; i < kSteps; ++i) {
            raw[i] = load_vector(rows + i * kStepRows * p.q.token + channel, i * kStepRows < wanted && channel < p.d);
        }
        quantise_rows<D, kBfloat16>(raw, p, shared, first, k_mean);
    } else {
#pragma unroll 1
        for (int i = 0; i < kSteps; ++i) {
            const Vector16 raw[1] = {load_elements(rows + i * kStepRows * p.q.token, channel, i * kStepRows < wanted ? p.d : 0)};
            quantise_rows<D, kBfloat16>(raw, p, shared, first + i * kStepRows, k_mean);
        }
    }
}

// Brings the 16 rows of a warp to the L2 cache ahead of quantise_queries.
__device__ __forceinline__ void prefetch_queries(const sage_attend_sm90_parameters &p, const Item &item, int warp_row) {
    const int lane = threadIdx.x % 32;
    const int token = item.tile * kRows + warp_row + lane % 16;
    if (token < p.sq && lane / 16 * 64 < p.d) {
        asm volatile("prefetch.global.L2 [%0];" ::"l"(row_of(p.q, item.batch, item.query_head, token) + lane / 16 * 64));
    }
}

// Starts the copy of the scales and means of V, for finish of the same warp; zeros where there are none.
template <int D> __device__ __forceinline__ void fetch_channels(const sage_attend_sm90_parameters &p, unsigned channels, const Item &item) {
    const int channel = threadIdx.x % 32 * 4;
    const long long at = static_cast<long long>(item.kv_head) * D + channel;
    if (channel < D) {
        const Vector16 zeros = {{0u, 0u, 0u, 0u}};
        if (p.k_tiles > 0) { // without keys nothing was prepared
            copy_async(channels + channel * 4, p.v_scale + at);
        } else {
            store_shared(channels + channel * 4, zeros);
        }
        if (p.k_tiles > 0 && p.v_mean != nullptr) {
            copy_async(channels + (D + channel) * 4, p.v_mean + at);
        } else {
            store_shared(channels + (D + channel) * 4, zeros);
        }
    }
}

template <bool kBfloat16> __device__ __forceinline__ unsigned pack_output(float low, float high) {
    unsigned packed;
    if (kBfloat16) {
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    } else {
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    }
    return packed;
}

// Writes the output of a warp's 16 rows by way of shared memory, for 16-byte stores, and the LSE.
template <int D, bool kBfloat16>
__device__ __forceinline__ void finish(const sage_attend_sm90_parameters &p, unsigned shared, unsigned channels, const Item &item,
                                       int warp_row, const float (&o)[D / 2], const Rows &rows) {
    using Layout = Shared<D>;
    constexpr int kPieces = D / 8;
    constexpr int kStepRows = 32 / kPieces;
    const int lane = threadIdx.x % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const int first = item.tile * kRows + warp_row;
    const unsigned staging = shared + Layout::kOut + warp_row * D * 2;
    float inverse[2];
#pragma unroll
    for (int r = 0; r < 2; ++r) {
        inverse[r] = rows.sum[r] == 0.0f ? 0.0f : __fdividef(1.0f, rows.sum[r]); // a row without keys
    }
    wait_copies();
    __syncwarp();
#pragma unroll
    for (int n = 0; n < D / 8; ++n) {
        const unsigned at = channels + (n * 8 + 2 * t) * 4;
        const float scale[2] = {load_shared(at), load_shared(at + 4)};
        const float mean[2] = {load_shared(at + D * 4), load_shared(at + D * 4 + 4)};
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            float value[2];
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                // |O| <= max |V|, which rounding could exceed
                const float bounded = maximum_or_nan(minimum_or_nan(o[n * 4 + r * 2 + i] * inverse[r], kLargest), -kLargest);
                value[i] = __fmaf_rn(bounded, scale[i], mean[i]);
            }
            store_shared(staging + swizzle<2 * D>(g + r * 8, n) + t * 4, pack_output<kBfloat16>(value[0], value[1]));
        }
    }
    if (p.lse != nullptr && t == 0) {
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            const int row = g + r * 8;
            if (first + row < p.sq) {
                float lse = (log2_approx(rows.sum[r]) - load_shared(shared + Layout::kOffsets + read_thread() * 8 + r * 4)) * kLn2;
                if (p.k_mean != nullptr) {
                    lse += load_shared(shared + Layout::kLseShift + (warp_row + row) * 4);
                }
                p.lse[static_cast<long long>(item.head) * p.sq + first + row] = lse;
            }
        }
    }
    __syncwarp();
    const int piece = lane % kPieces;
    unsigned short *out = row_of(p.out, item.batch, item.query_head, first + lane / kPieces);
    const int wanted = p.sq - first - lane / kPieces; // rows from this one on
    if (p.out.vectors && p.d % 8 == 0) {
        if (piece * 8 < p.d) {
#pragma unroll
            for (int i = 0; i < 16 / kStepRows; ++i) {
                if (i * kStepRows < wanted) {
                    store_row(out, piece * 8, D, true, load_shared16(staging + swizzle<2 * D>(i * kStepRows + lane / kPieces, piece)));
                }
                out += p.out.token * kStepRows;
            }
        }
    } else {
#pragma unroll 1
        for (int i = 0; i * kStepRows < 16 && i * kStepRows < wanted; ++i) {
            store_row(out, piece * 8, p.d, false, load_shared16(staging + swizzle<2 * D>(i * kStepRows + lane / kPieces, piece)));
            out += p.out.token * kStepRows;
        }
    }
    __syncwarp();
}

} // namespace sage
