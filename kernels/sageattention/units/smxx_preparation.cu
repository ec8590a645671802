// Quantisation of Q, K and V for every attention unit, from sm_70 on: SageAttention (arXiv 2410.02367), section 4.2 for the mean of K,
// SageAttention2 (arXiv 2411.10958), section 3.2 for who shares a scale.
//
// Every reduction has a fixed order or is a maximum of integers, so that repeated runs agree to the bit.
#include "sageattention/memory.cuh"
#include "sageattention/numeric.cuh"
#include "sageattention/parameters.h"
#include "sageattention/sequences.cuh"

namespace sage {
namespace {

template <bool kBfloat16> __device__ __forceinline__ void unpack(const Vector16 &raw, float (&x)[8]) {
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        const unsigned short bits = static_cast<unsigned short>(raw.word[i / 2] >> (16 * (i % 2)));
        x[i] = kBfloat16 ? bfloat_to_float(bits) : half_to_float(bits);
    }
}

// Each thread holds 8 channels; D / 8 neighbours hold one row.
template <int D> struct Rows {
    static constexpr int kLanes = D / 8;
    static constexpr int kStep = SAGE_PREPARE_THREADS / kLanes; // rows that the thread block holds at once
    static constexpr int kPasses = SAGE_QUANTISE_TILE / kStep;
};

// Sum of K / length and largest |V| of every channel over the tokens of one chunk. Dividing first keeps the sum of huge K finite. The
// largest |V| is compared as an integer: the order of the bit patterns is that of the magnitudes, with Inf and NaN on top.
template <int D, bool kBfloat16>
__device__ __forceinline__ void statistics(const sage_prepare_parameters &p, unsigned (&shared)[Rows<D>::kStep][D]) {
    constexpr int kStep = Rows<D>::kStep;
    constexpr int kAtOnce = 4; // loads under way
    const int lane = threadIdx.x % Rows<D>::kLanes;
    const int row = threadIdx.x / Rows<D>::kLanes;
    const int channel = lane * 8;
    const unsigned head = blockIdx.x / p.chunks; // batch * heads_k + kv head
    const int chunk = static_cast<int>(blockIdx.x % p.chunks);
    Sequence sequence = {0, 0, p.sk, 0};
    if (p.sequences.k != nullptr) {
        sequence = find_sequence(p.sequences.k, p.sequences.count, p.sk, p.chunk_tokens, chunk);
    }
    const long long begin = static_cast<long long>(chunk - sequence.first_tile) * p.chunk_tokens;
    const long long end = min(begin + p.chunk_tokens, static_cast<long long>(sequence.length));
    if (begin >= end) {
        return; // finalise() does not read such a chunk
    }
    const float inverse = __fdiv_rn(1.0f, static_cast<float>(sequence.length));
    const long long out = static_cast<long long>(blockIdx.x) * D + threadIdx.x; // [head][chunk][channel]

    if (p.smooth_k) {
        float sum[8] = {};
        const unsigned short *rows = row_of(p.k, head / p.heads_k, head % p.heads_k, sequence.begin);
        for (long long token = begin + row; token < end; token += kAtOnce * kStep) {
            Vector16 raw[kAtOnce];
            load_rows(raw, rows, p.k, token, kStep, end, channel, p.d);
#pragma unroll
            for (int n = 0; n < kAtOnce; ++n) {
                float x[8];
                unpack<kBfloat16>(raw[n], x);
#pragma unroll
                for (int i = 0; i < 8; ++i) {
                    sum[i] = __fmaf_rn(x[i], inverse, sum[i]);
                }
            }
        }
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            shared[row][channel + i] = __float_as_uint(sum[i]);
        }
        __syncthreads();
        if (threadIdx.x < D) {
            float total = 0.0f;
            for (int r = 0; r < kStep; ++r) {
                total += __uint_as_float(shared[r][threadIdx.x]);
            }
            p.k_partial[out] = total;
        }
        __syncthreads();
    }
    if (kBfloat16) {
        unsigned largest[8] = {};
        const unsigned short *rows = row_of(p.v, head / p.heads_k, head % p.heads_k, sequence.begin);
        for (long long token = begin + row; token < end; token += kAtOnce * kStep) {
            Vector16 raw[kAtOnce];
            load_rows(raw, rows, p.v, token, kStep, end, channel, p.d);
#pragma unroll
            for (int n = 0; n < kAtOnce; ++n) {
#pragma unroll
                for (int i = 0; i < 8; ++i) {
                    largest[i] = max(largest[i], (raw[n].word[i / 2] >> (16 * (i % 2))) & 0x7fffu);
                }
            }
        }
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            shared[row][channel + i] = largest[i];
        }
        __syncthreads();
        if (threadIdx.x < D) {
            unsigned total = 0;
            for (int r = 0; r < kStep; ++r) {
                total = max(total, shared[r][threadIdx.x]);
            }
            p.v_partial[out] = total << 16;
        }
    }
}

// The mean of K, and the power of two that brings the largest |V| of a channel into [2^14, 2^15): bf16 values then fit fp16 exactly as
// long as they are normal there. fp16 V is taken as it is. Exponents under -112 are treated as -112, so that 1 / scale stays finite.
__device__ __forceinline__ void finalise(const sage_prepare_parameters &p) {
    const int channel = threadIdx.x;
    if (channel >= p.d_padded) {
        return;
    }
    const long long head = blockIdx.x; // batch or sequence * heads_k + kv head
    long long first = head * p.chunks;
    int chunks = p.chunks;
    if (p.sequences.k != nullptr && chunks > 0) {
        const Sequence sequence = sequence_at(p.sequences.k, static_cast<int>(head / p.heads_k), p.sk, p.chunk_tokens);
        first = head % p.heads_k * p.chunks + sequence.first_tile;
        chunks = (sequence.length + p.chunk_tokens - 1) / p.chunk_tokens;
    }
    first = first * p.d_padded + channel;
    float mean = 0.0f;
    if (p.smooth_k) {
#pragma unroll 4
        for (int chunk = 0; chunk < chunks; ++chunk) {
            mean += p.k_partial[first + static_cast<long long>(chunk) * p.d_padded];
        }
    }
    float scale = 1.0f;
    if (p.bfloat16) {
        unsigned largest = 0;
#pragma unroll 4
        for (int chunk = 0; chunk < chunks; ++chunk) {
            largest = max(largest, p.v_partial[first + static_cast<long long>(chunk) * p.d_padded]);
        }
        scale = __uint_as_float((max(largest >> 23, 15u) - 14u) << 23);
    }
    p.k_mean[head * p.d_padded + channel] = mean;
    p.v_scale[head * p.d_padded + channel] = scale;
}

// One tile of Q (kQuery) or K. `tile` counts the tiles of all heads.
template <int D, bool kBfloat16, bool kQuery>
__device__ __forceinline__ void quantise(const sage_prepare_parameters &p, unsigned tile) {
    constexpr int kLanes = Rows<D>::kLanes;
    __shared__ unsigned largest[16];
    int tokens = kQuery ? p.sq : p.sk;
    const int padded = kQuery ? p.sq_padded : p.sk_padded;
    const unsigned heads = kQuery ? p.heads_q : p.heads_k;
    const sage_strided &source = kQuery ? p.q : p.k;
    const unsigned tiles = padded / SAGE_QUANTISE_TILE;
    const long long head = tile / tiles;
    const int first = static_cast<int>(tile % tiles) * SAGE_QUANTISE_TILE;
    const unsigned batch = tile / tiles / heads;
    const unsigned head_in_batch = tile / tiles % heads;
    long long kv_head = kQuery ? static_cast<long long>(batch) * p.heads_k + head_in_batch / (heads / p.heads_k) : head;
    int token = first; // of the tile's first row within the batch element or sequence
    int begin = 0;
    const int *offsets = kQuery ? p.sequences.q : p.sequences.k;
    if (offsets != nullptr) {
        constexpr int kTile = kQuery ? SAGE_Q_TILE : SAGE_K_TILE;
        const Sequence sequence = find_sequence(offsets, p.sequences.count, tokens, kTile, first / kTile);
        token = first - sequence.first_tile * kTile;
        begin = sequence.begin;
        tokens = sequence.length;
        kv_head += static_cast<long long>(sequence.index) * p.heads_k;
    }
    const int row = threadIdx.x / kLanes;
    const int channel = threadIdx.x % kLanes * 8;

    // Scales of the tile: Q has 8 or 1 per band of 32 rows, K has 4 or 1 per 64 keys (include/sageattention/parameters.h).
    const int scales = kQuery ? (p.per_thread ? 16 : 2) : (p.per_thread ? 4 : 1);
    const auto group_of = [&p](int r) {
        if (kQuery) {
            return p.per_thread ? r / SAGE_BAND * 8 + r % 8 : r / SAGE_BAND;
        }
        return p.per_thread ? r % 8 / 2 : 0;
    };
    if (threadIdx.x < 16) {
        largest[threadIdx.x] = 0;
    }
    __syncthreads();

    const bool shift = kQuery && p.lse_shift != nullptr;
    float mean[8] = {};
    if ((kQuery && shift) || (!kQuery && p.smooth_k)) {
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            mean[i] = p.k_mean[kv_head * D + channel + i];
        }
    }
    const unsigned short *rows = row_of(source, batch, head_in_batch, begin);
    Vector16 raw[Rows<D>::kPasses];
    load_rows(raw, rows, source, token + row, Rows<D>::kStep, tokens, channel, p.d);
    float x[Rows<D>::kPasses][8];
#pragma unroll
    for (int pass = 0; pass < Rows<D>::kPasses; ++pass) {
        unpack<kBfloat16>(raw[pass], x[pass]);
    }
#pragma unroll
    for (int pass = 0; pass < Rows<D>::kPasses; ++pass) {
        const int r = pass * Rows<D>::kStep + row;
        unsigned top = 0;
        float dot = 0.0f;
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            if (kQuery) {
                dot = __fmaf_rn(x[pass][i], mean[i], dot);
            } else if (token + r < tokens) {
                x[pass][i] -= mean[i];
            }
            top = max(top, __float_as_uint(x[pass][i]) & 0x7fffffffu);
        }
#pragma unroll
        for (int offset = kLanes / 2; offset > 0; offset /= 2) {
            top = max(top, __shfl_xor_sync(0xffffffffu, top, offset));
            if (kQuery) {
                dot += __shfl_xor_sync(0xffffffffu, dot, offset);
            }
        }
        if (channel == 0) {
            atomicMax(&largest[group_of(r)], top);
            if (shift) {
                p.lse_shift[head * padded + first + r] = dot * p.sm_scale;
            }
        }
    }
    __syncthreads();

    signed char *out = (kQuery ? p.q_int8 : p.k_int8) + (head * padded + first) * D + channel;
    // The sign of sm_scale goes into Q, so that a scale is never negative and the row maximum can be taken before scaling.
    const float top_code = kQuery && p.sm_scale < 0.0f ? -127.0f : 127.0f;
    constexpr float kFloor = 7.888609052210118e-31f; // 2^-100: keeps 127 / amax finite
#pragma unroll
    for (int pass = 0; pass < Rows<D>::kPasses; ++pass) {
        const int r = pass * Rows<D>::kStep + row;
        const float inverse = __fdiv_rn(top_code, fmaxf(__uint_as_float(largest[group_of(r)]), kFloor));
        unsigned code[2] = {};
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            code[i / 4] |= (static_cast<unsigned>(float_to_int8(x[pass][i] * inverse)) & 0xffu) << (8 * (i % 4));
        }
        *reinterpret_cast<uint2 *>(out + r * D) = make_uint2(code[0], code[1]);
    }
    if (threadIdx.x < scales) {
        const unsigned bits = largest[threadIdx.x];
        float scale = __fdiv_rn(fmaxf(__uint_as_float(bits), kFloor), 127.0f);
        if (kQuery) {
            scale *= fabsf(p.sm_scale) * kLog2E;
        }
        if (bits >= kInfinityBits) {
            scale = not_a_number(); // Inf or NaN in the input: no finite row may come of it
        }
        float *scale_out = kQuery ? p.q_scale + head * p.q_scales_per_head : p.k_scale + head * p.k_scales_per_head;
        scale_out[first / SAGE_QUANTISE_TILE * scales + threadIdx.x] = scale;
    }
}

template <int D, bool kBfloat16> __device__ __forceinline__ void convert_v(const sage_prepare_parameters &p, unsigned tile) {
    const unsigned tiles = p.sk_padded / SAGE_QUANTISE_TILE;
    const long long head = tile / tiles;
    const int first = static_cast<int>(tile % tiles) * SAGE_QUANTISE_TILE;
    long long scale_head = head;
    int tokens = p.sk;
    int token = first;
    int begin = 0;
    if (p.sequences.k != nullptr) {
        const Sequence sequence = find_sequence(p.sequences.k, p.sequences.count, p.sk, SAGE_K_TILE, first / SAGE_K_TILE);
        token = first - sequence.first_tile * SAGE_K_TILE;
        begin = sequence.begin;
        tokens = sequence.length;
        scale_head += static_cast<long long>(sequence.index) * p.heads_k;
    }
    const int row = threadIdx.x / Rows<D>::kLanes;
    const int channel = threadIdx.x % Rows<D>::kLanes * 8;
    float inverse[8];
    if (kBfloat16) {
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            inverse[i] = __frcp_rn(p.v_scale[scale_head * D + channel + i]); // exact: a power of two
        }
    }
    const unsigned short *rows = row_of(p.v, tile / tiles / p.heads_k, tile / tiles % p.heads_k, begin);
    unsigned short *out = p.v_fp16 + (head * p.sk_padded + first) * D + channel;
    Vector16 raw[Rows<D>::kPasses];
    load_rows(raw, rows, p.v, token + row, Rows<D>::kStep, tokens, channel, p.d);
#pragma unroll
    for (int pass = 0; pass < Rows<D>::kPasses; ++pass) {
        if (kBfloat16) {
            float x[8];
            unpack<kBfloat16>(raw[pass], x);
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                raw[pass].word[i] =
                    pack16(float_to_half(x[2 * i] * inverse[2 * i]), float_to_half(x[2 * i + 1] * inverse[2 * i + 1]));
            }
        }
        store_row(out + (pass * Rows<D>::kStep + row) * D, 0, 8, true, raw[pass]);
    }
}

// One thread block is one tile: first the tiles of Q, then those of K, then those of V.
template <int D, bool kBfloat16> __device__ __forceinline__ void quantise_any(const sage_prepare_parameters &p) {
    const unsigned tile = blockIdx.x;
    const unsigned q_tiles = static_cast<unsigned>(p.q_tiles);
    const unsigned k_tiles = static_cast<unsigned>(p.k_tiles);
    if (tile < q_tiles) {
        quantise<D, kBfloat16, true>(p, tile);
    } else if (tile < q_tiles + k_tiles) {
        quantise<D, kBfloat16, false>(p, tile - q_tiles);
    } else {
        convert_v<D, kBfloat16>(p, tile - q_tiles - k_tiles);
    }
}

template <int D> __device__ __forceinline__ void statistics_of_dtype(const sage_prepare_parameters &p) {
    __shared__ unsigned shared[Rows<D>::kStep][D];
    p.bfloat16 ? statistics<D, true>(p, shared) : statistics<D, false>(p, shared);
}

template <int D> __device__ __forceinline__ void quantise_of_dtype(const sage_prepare_parameters &p) {
    p.bfloat16 ? quantise_any<D, true>(p) : quantise_any<D, false>(p);
}

} // namespace
} // namespace sage

extern "C" __global__ void __launch_bounds__(SAGE_PREPARE_THREADS, 3) sage_statistics_d64(const sage_prepare_parameters p) {
    sage::statistics_of_dtype<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_PREPARE_THREADS, 3) sage_statistics_d128(const sage_prepare_parameters p) {
    sage::statistics_of_dtype<128>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_PREPARE_THREADS) sage_finalise(const sage_prepare_parameters p) {
    sage::finalise(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_PREPARE_THREADS) sage_quantise_d64(const sage_prepare_parameters p) {
    sage::quantise_of_dtype<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_PREPARE_THREADS) sage_quantise_d128(const sage_prepare_parameters p) {
    sage::quantise_of_dtype<128>(p);
}
