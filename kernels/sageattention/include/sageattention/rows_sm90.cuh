// Both ends of a warp's query rows in the attention kernel of sm_90a: Q from global memory to INT8, the output back.
#pragma once

#include "attend_sm90.cuh"
#include "pipeline_sm90.cuh"
#include "softmax_sm90.cuh"

namespace sage {

template <bool kBfloat16> __device__ __forceinline__ float element(const Vector16 &raw, int i) {
    return i % 2 == 0 ? Pair<kBfloat16>::low(raw.word[i / 2]) : Pair<kBfloat16>::high(raw.word[i / 2]);
}

__device__ __forceinline__ void write_item(unsigned to, const Item &item) {
    const Vector16 first = {{static_cast<unsigned>(item.tile), static_cast<unsigned>(item.key_tiles), static_cast<unsigned>(item.kv_head),
                             static_cast<unsigned>(item.head)}};
    const Vector16 rest = {{static_cast<unsigned>(item.batch), static_cast<unsigned>(item.query_head), 0u, 0u}};
    store_shared(to, first);
    store_shared(to + 16, rest);
}

// By way of a shuffle, so that the compiler sees that all lanes hold the same and keeps what follows from it in uniform registers.
__device__ __forceinline__ Item read_item(unsigned from) {
    const Vector16 first = load_shared16(from);
    const Vector16 rest = load_shared16(from + 16);
    return {__shfl_sync(0xffffffffu, static_cast<int>(first.word[0]), 0),
            __shfl_sync(0xffffffffu, static_cast<int>(first.word[1]), 0),
            static_cast<int>(first.word[2]),
            static_cast<int>(first.word[3]),
            static_cast<int>(rest.word[0]),
            static_cast<int>(rest.word[1])};
}

// Brings Q of each item into shared memory ahead of the warpgroups that compute, and the items: one warp. Zeros beyond sq and d.
template <int D> __device__ __forceinline__ void copy_queries(const sage_attend_sm90_parameters &p, unsigned shared) {
    using Layout = Shared<D>;
    constexpr int kStepRows = 32 / (D / 8); // D / 8 lanes copy a row
    const int lane = threadIdx.x % 32;
    const int channel = lane % (D / 8) * 8;
#pragma unroll 1
    for (int round = 0; index_of(round) < p.items; ++round) {
        const Item item = item_at<D>(p, index_of(round));
        int token = item.tile * Layout::kRows + lane / (D / 8);
        const unsigned short *from = row_of(p.q, item.batch, item.query_head, token) + channel;
        unsigned to = shared + Layout::kRaw + lane * 16;
        wait_barrier(shared + Layout::kRawEmpty, (round & 1) ^ 1);
        if (lane == 0) {
            write_item(shared + Layout::kItems + round % 2 * kItemBytes, item);
        }
        const bool vectors = p.q.vectors && p.d % 8 == 0;
#pragma unroll 4
        for (int row = 0; row < Layout::kRows; row += kStepRows) {
            if (vectors) {
                copy_async(to, from, token < p.sq && channel < p.d ? 16 : 0);
            } else {
                store_shared(to, load_elements(from - channel, channel, token < p.sq ? p.d : 0));
            }
            token += kStepRows;
            from += kStepRows * p.q.token;
            to += 512;
        }
        arrive_after_copies(shared + Layout::kRawFull);
        __syncwarp();
        if (lane == 0) {
            arrive(shared + Layout::kRawFull); // for the item, and what was not copied asynchronously
        }
    }
}

// INT8 of the 16 rows of a warp from what copy_queries brought, with scales, and the shifts of the LSE.
template <int D, bool kBfloat16>
__device__ __forceinline__ void quantise_queries(const sage_attend_sm90_parameters &p, unsigned shared, int kv_head, int warp_row) {
    using Layout = Shared<D>;
    constexpr int kLanes = D / 8; // of a row
    constexpr int kStepRows = 32 / kLanes;
    constexpr int kCount = 16 / kStepRows;
    const int lane = read_thread() % 32;
    const int piece = lane % kLanes;
    const int first = warp_row + lane / kLanes;
    Vector16 raw[kCount];
    unsigned top[kCount];
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        raw[i] = load_shared16(shared + Layout::kRaw + warp_row * D * 2 + i * 512 + lane * 16);
        unsigned size[4];
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            size[j] = raw[i].word[j] & 0x7fff7fffu;
        }
        top[i] = Pair<kBfloat16>::max(Pair<kBfloat16>::max(size[0], size[1]), Pair<kBfloat16>::max(size[2], size[3]));
    }
    __syncwarp();
    if (lane == 0) {
        arrive(shared + Layout::kRawEmpty);
    }
#pragma unroll
    for (int step = 1; step < D / 8; step *= 2) {
#pragma unroll
        for (int i = 0; i < kCount; ++i) {
            top[i] = Pair<kBfloat16>::max(top[i], __shfl_xor_sync(0xffffffffu, top[i], step));
        }
    }
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        const int row = first + i * kStepRows;
        const Vector16 both = {{top[i], 0u, 0u, 0u}};
        const float amax = max_nan(max_nan(element<kBfloat16>(both, 0), element<kBfloat16>(both, 1)), kSmallestScale);
        const float inverse = __fdividef(p.sm_scale < 0.0f ? -127.0f : 127.0f, amax);
        unsigned word[2];
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            unsigned byte[4];
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                byte[j] = round_to_byte(element<kBfloat16>(raw[i], 4 * half + j), inverse);
            }
            word[half] = pack_bytes(byte[0], byte[1], byte[2], byte[3]);
        }
        const unsigned address = shared + Layout::kQ + swizzle<D>(row, piece / 2) + piece % 2 * 8;
        asm volatile("st.shared.v2.b32 [%0], {%1, %2};" ::"r"(address), "r"(word[0]), "r"(word[1]) : "memory");
        if (piece == 0) {
            // An infinite scale would meet zeros only: the integers of its row are 0.
            const float scale = amax * (1.0f / 127.0f) * (fabsf(p.sm_scale) * kLog2E);
            store_shared(shared + Layout::kQScale + row * 4, amax <= 3.4e38f ? scale : not_a_number());
        }
    }
    if (p.k_mean != nullptr) {
        const float *k_mean = p.k_mean + static_cast<long long>(kv_head) * D;
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

template <int D> __device__ __forceinline__ unsigned channels_of_warp(unsigned shared) {
    return shared + Shared<D>::kChannels + first_row_of_warp() / 16 * 2 * D * 4;
}

// Starts the copy of the scales and means of V, for finish of the same warp; zeros where there are none.
template <int D> __device__ __forceinline__ void fetch_channels(const sage_attend_sm90_parameters &p, unsigned shared, int kv_head) {
    const unsigned channels = channels_of_warp<D>(shared);
    const int channel = read_thread() % 32 * 4;
    const long long at = static_cast<long long>(kv_head) * D + channel;
    if (channel < D) {
        const Vector16 zeros = {{0u, 0u, 0u, 0u}};
        if (p.k_tiles > 0) { // without keys nothing was prepared
            copy_async(channels + channel * 4, p.v_scale + at, 16);
        } else {
            store_shared(channels + channel * 4, zeros);
        }
        if (p.k_tiles > 0 && p.v_mean != nullptr) {
            copy_async(channels + (D + channel) * 4, p.v_mean + at, 16);
        } else {
            store_shared(channels + (D + channel) * 4, zeros);
        }
    }
}

// |O| <= max |V|, which rounding could exceed: finite numbers stay finite, NaN stays NaN.
template <bool kBfloat16> __device__ __forceinline__ unsigned pack_output(float low, float high) {
    unsigned packed;
    if (kBfloat16) {
        asm("{ .reg .b32 wide; cvt.rn.bf16x2.f32 wide, %1, %2; min.NaN.xorsign.abs.bf16x2 %0, wide, %3; }"
            : "=r"(packed)
            : "f"(high), "f"(low), "r"(0x7f7f7f7fu));
    } else {
        asm("{ .reg .b32 wide; cvt.rn.f16x2.f32 wide, %1, %2; min.NaN.xorsign.abs.f16x2 %0, wide, %3; }"
            : "=r"(packed)
            : "f"(high), "f"(low), "r"(0x7bff7bffu));
    }
    return packed;
}

// Writes the output of a warp's 16 rows, for 16-byte stores by way of its rows of Q in shared memory, which hold half of the channels at a
// time; and the LSE.
template <int D, bool kBfloat16>
__device__ __forceinline__ void finish(const sage_attend_sm90_parameters &p, unsigned shared, const Item &item, const float (&o)[D / 2],
                                       const Rows<D> &rows) {
    using Layout = Shared<D>;
    const int row = first_row_of_warp();
    const unsigned channels = channels_of_warp<D>(shared);
    constexpr int kPieces = D / 16; // of 16 bytes in half a row
    constexpr int kStepRows = 32 / kPieces;
    const int lane = read_thread() % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const int first = item.tile * Layout::kRows + row;
    const unsigned staging = shared + Layout::kQ + row * D;
    float sum[2];
    float inverse[2];
#pragma unroll
    for (int r = 0; r < 2; ++r) {
        sum[r] = rows.sum(shared, r);
        inverse[r] = sum[r] == 0.0f ? 0.0f : __fdividef(1.0f, sum[r]); // a row without keys
    }
    if (p.lse != nullptr && t == 0) {
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            if (first + g + r * 8 < p.sq) {
                float lse = (log2_approx(sum[r]) - load_shared(pair_of_thread(shared) + Layout::kOffsets + r * 4)) * kLn2;
                if (p.k_mean != nullptr) {
                    lse += load_shared(shared + Layout::kLseShift + (row + g + r * 8) * 4);
                }
                p.lse[static_cast<long long>(item.head) * p.sq + first + g + r * 8] = lse;
            }
        }
    }
    unsigned short *out = row_of(p.out, item.batch, item.query_head, first);
    const bool whole = p.out.vectors && p.d % 8 == 0;
    wait_copies();
    __syncwarp();
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
        for (int n = 0; n < D / 16; ++n) {
            const unsigned at = channels + (half * D / 2 + n * 8 + 2 * t) * 4;
            const float scale[2] = {load_shared(at), load_shared(at + 4)};
            const float mean[2] = {load_shared(at + D * 4), load_shared(at + D * 4 + 4)};
#pragma unroll
            for (int r = 0; r < 2; ++r) {
                float value[2];
#pragma unroll
                for (int i = 0; i < 2; ++i) {
                    value[i] = __fmaf_rn(o[half * D / 4 + n * 4 + r * 2 + i] * inverse[r], scale[i], mean[i]);
                }
                store_shared(staging + swizzle<D>(g + r * 8, n) + t * 4, pack_output<kBfloat16>(value[0], value[1]));
            }
        }
        __syncwarp();
        if (whole) {
            const int channel = half * D / 2 + lane % kPieces * 8;
            unsigned short *to = out + lane / kPieces * p.out.token;
#pragma unroll
            for (int i = 0; i < 16 / kStepRows; ++i) {
                const int at = i * kStepRows + lane / kPieces;
                if (first + at < p.sq && channel < p.d) {
                    store_row(to, channel, D, true, load_shared16(staging + swizzle<D>(at, lane % kPieces)));
                }
                to += p.out.token * kStepRows;
            }
        } else {
            unsigned short *to = out;
#pragma unroll 1
            for (int at = 0; at < 16 && first + at < p.sq; ++at) {
#pragma unroll 1
                for (int channel = lane; channel < D / 2 && half * D / 2 + channel < p.d; channel += 32) {
                    to[half * D / 2 + channel] = load_shared_half(staging + swizzle<D>(at, channel / 8) + channel % 8 * 2);
                }
                to += p.out.token;
            }
        }
        __syncwarp();
    }
}

} // namespace sage
