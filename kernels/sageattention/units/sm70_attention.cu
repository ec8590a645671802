// The fallback for sm_70 and sm_75, correct on every later architecture: the same arithmetic as the sm80 unit on the same quantised
// operands, with fp16 tensor cores only. INT8 codes are exact in fp16, their products and sums (< 2^21) exact in fp32.
//
// A thread block serves 64 query rows of one head with 4 warps of 16 rows; keys come 32 at a time. Scores pass through shared memory,
// because sm_70 and later place the elements of wmma fragments differently.
#include "sageattention/mask.cuh"
#include "sageattention/memory.cuh"
#include "sageattention/numeric.cuh"
#include "sageattention/parameters.h"
#include "sageattention/sequences.cuh"
#include "sageattention/wmma_sm70.cuh"

namespace sage {
namespace {

constexpr int kKeys = 32;
constexpr int kWarps = SAGE_ATTEND_THREADS / 32;
constexpr float kShift = 14.0f; // P <= 2^14: small probabilities stay normal in fp16

// Rows of 72 halves or 36 floats: P takes the place of S row by row. 144 bytes put neighbouring rows into different banks.
constexpr int kScoreRow = 36;
constexpr int kProbabilityRow = 2 * kScoreRow;

template <int D> struct Shared {
    static constexpr int kRow = D + 8; // halves: 16 bytes of padding against bank conflicts
    static constexpr int kQ = 0;
    static constexpr int kK = kQ + SAGE_Q_TILE_SM70 * kRow * 2;
    static constexpr int kV = kK + kKeys * kRow * 2;
    static constexpr int kScores = kV + kKeys * kRow * 2;
    static constexpr int kFactors = kScores + kWarps * 16 * kScoreRow * 4;
    static constexpr int kScales = kFactors + kWarps * 16 * 4;
    static constexpr int kBytes = kScales + kKeys * 4;
};

// Four INT8 codes to four halves: 0x6400 | u is the half 1024 + u, and u = code + 128.
__device__ __forceinline__ void widen(unsigned codes, unsigned &low, unsigned &high) {
    const unsigned shifted = codes ^ 0x80808080u;
    const unsigned pair0 = __byte_perm(shifted, 0x64646464u, 0x4140);
    const unsigned pair1 = __byte_perm(shifted, 0x64646464u, 0x4342);
    asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(low) : "r"(pair0), "r"(0x64806480u));
    asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(high) : "r"(pair1), "r"(0x64806480u));
}

template <int D, int kRows> __device__ __forceinline__ void load_codes(unsigned shared, const signed char *global) {
#pragma unroll
    for (int i = 0; i < kRows * D / 8 / SAGE_ATTEND_THREADS; ++i) {
        const int index = i * SAGE_ATTEND_THREADS + threadIdx.x;
        const uint2 codes = *reinterpret_cast<const uint2 *>(global + index * 8);
        Vector16 halves;
        widen(codes.x, halves.word[0], halves.word[1]);
        widen(codes.y, halves.word[2], halves.word[3]);
        store_shared(shared + (index / (D / 8) * Shared<D>::kRow + index % (D / 8) * 8) * 2, halves);
    }
}

template <int D> __device__ __forceinline__ void load_values(unsigned shared, const unsigned short *global) {
#pragma unroll
    for (int i = 0; i < kKeys * D / 8 / SAGE_ATTEND_THREADS; ++i) {
        const int index = i * SAGE_ATTEND_THREADS + threadIdx.x;
        store_shared(shared + (index / (D / 8) * Shared<D>::kRow + index % (D / 8) * 8) * 2, load_vector(global + index * 8, true));
    }
}

__device__ __forceinline__ float any_mask_value(const sage_mask &mask, long long element) {
    switch (mask.dtype) {
    case SAGE_MASK_FP16:
        return mask_value<SAGE_MASK_FP16>(mask, element);
    case SAGE_MASK_BF16:
        return mask_value<SAGE_MASK_BF16>(mask, element);
    case SAGE_MASK_FP32:
        return mask_value<SAGE_MASK_FP32>(mask, element);
    default:
        return mask_value<SAGE_MASK_BOOL>(mask, element);
    }
}

template <int D> __device__ __forceinline__ void attend(const sage_attend_parameters &p) {
    constexpr int kRow = Shared<D>::kRow;
    constexpr int kTilesO = D / 16;
    __shared__ __align__(128) unsigned char shared_memory[Shared<D>::kBytes];
    const unsigned shared = shared_address(shared_memory);

    const int warp = threadIdx.x / 32;
    const int lane = threadIdx.x % 32;
    const int q_tiles = p.q_tiles;
    const long long head = blockIdx.x / q_tiles; // batch * heads_q + head
    int q_tile = blockIdx.x % q_tiles;
    if (p.causal) {
        q_tile = q_tiles - 1 - q_tile; // longest first
    }
    const long long batch = head / p.heads_q;
    const int query_head = static_cast<int>(head % p.heads_q);
    const long long kv_head = batch * p.heads_k + query_head / (p.heads_q / p.heads_k);
    const int padded_row = q_tile * SAGE_Q_TILE_SM70;
    int first_row = padded_row; // of the thread block within the batch element or sequence
    int rows = p.sq;
    int all_keys = p.sk;
    int first_query = 0; // token of row 0
    long long key_row = kv_head * p.sk_padded;
    long long v_scale_head = kv_head;
    if (p.sequences.q != nullptr) {
        const Sequence queries = find_sequence(p.sequences.q, p.sequences.count, p.sq, SAGE_Q_TILE, padded_row / SAGE_Q_TILE);
        const Sequence values = sequence_at(p.sequences.k, queries.index, p.sk, SAGE_K_TILE);
        first_row = padded_row - queries.first_tile * SAGE_Q_TILE;
        rows = queries.length;
        all_keys = values.length;
        first_query = queries.begin;
        key_row += static_cast<long long>(values.first_tile) * SAGE_K_TILE;
        v_scale_head += static_cast<long long>(queries.index) * p.heads_k;
        if (first_row >= rows) {
            return;
        }
    }
    const int keys = p.causal ? min(all_keys, first_row + SAGE_Q_TILE_SM70) : all_keys;

    const signed char *k = p.k_int8 + key_row * D;
    const unsigned short *v = p.v_fp16 + key_row * D;
    load_codes<D, SAGE_Q_TILE_SM70>(shared + Shared<D>::kQ, p.q_int8 + (head * p.sq_padded + padded_row) * D);

    // Two lanes serve a row of scores, 16 keys each.
    const int row_in_warp = lane / 2;
    const int row = first_row + warp * 16 + row_in_warp;
    const int part = lane % 2;
    const int band = (padded_row + warp * 16 + row_in_warp) / p.q_band;
    const float q_scale = p.q_scale[head * p.q_scales_per_head + (p.per_thread ? band * 8 + row % 8 : band)];
    const unsigned scores = shared + Shared<D>::kScores + warp * 16 * kScoreRow * 4;
    const unsigned factors = shared + Shared<D>::kFactors + warp * 16 * 4;
    const unsigned scales = shared + Shared<D>::kScales;

    // Which row of a 16 x 16 accumulator each of this lane's 8 elements belongs to: load a matrix that holds its row numbers.
    int fragment_row[8];
    for (int i = lane; i < 256; i += 32) {
        store_shared(scores + (i / 16 * kScoreRow + i % 16) * 4, static_cast<float>(i / 16));
    }
    __syncwarp();
    {
        const Accumulator rows = load_accumulator(scores, kScoreRow);
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            fragment_row[i] = static_cast<int>(rows.r[i]);
        }
    }

    Accumulator o[kTilesO] = {};
    float maximum = -kLargestFloat; // finite, since a mask may hide all keys of a tile
    float sum = 0.0f;
    for (int first_key = 0; first_key < keys; first_key += kKeys) {
        __syncthreads(); // the previous tile has been read
        load_codes<D, kKeys>(shared + Shared<D>::kK, k + static_cast<long long>(first_key) * D);
        load_values<D>(shared + Shared<D>::kV, v + static_cast<long long>(first_key) * D);
        if (threadIdx.x < kKeys) {
            const int key = first_key + threadIdx.x;
            const long long group = (key_row + key) / SAGE_K_TILE;
            store_shared(scales + threadIdx.x * 4,
                         p.k_scale[p.per_thread ? group * 4 + key % 8 / 2 : group]);
        }
        __syncthreads();

        Accumulator s[kKeys / 16] = {};
#pragma unroll
        for (int step = 0; step < D / 16; ++step) {
            const Operand a = load_a(shared + Shared<D>::kQ + (warp * 16 * kRow + step * 16) * 2, kRow);
#pragma unroll
            for (int n = 0; n < kKeys / 16; ++n) {
                multiply_transposed(s[n], a, load_b_transposed(shared + Shared<D>::kK + (n * 16 * kRow + step * 16) * 2, kRow));
            }
        }
#pragma unroll
        for (int n = 0; n < kKeys / 16; ++n) {
            store_accumulator(scores + n * 16 * 4, s[n], kScoreRow);
        }
        __syncwarp();

        // Products are rounded on their own, so that the largest difference to the maximum is exactly zero.
        float x[16];
        float top = -infinity();
        const unsigned score_row = scores + row_in_warp * kScoreRow * 4;
#pragma unroll
        for (int i = 0; i < 16; ++i) {
            const int key = first_key + part * 16 + i;
            float scale = q_scale * load_shared(scales + (part * 16 + i) * 4);
            scale = scale > 1e30f ? 1e30f : scale; // a comparison, so that NaN stays
            const float value = __fmul_rn(load_shared(score_row + (part * 16 + i) * 4), scale);
            x[i] = key >= all_keys || (p.causal && key > row) ? -infinity() : value;
            if (p.mask.data != nullptr && key < all_keys && row < rows) {
                x[i] = add_mask(x[i], any_mask_value(p.mask, mask_row(p.mask, batch, query_head, row) + key * p.mask.key));
            }
            top = fmaxf(top, x[i]);
        }
        top = fmaxf(maximum, fmaxf(top, __shfl_xor_sync(0xffffffffu, top, 1)));
        const float factor = exp2_approx(__fsub_rn(maximum, top));
        maximum = top;
        sum *= factor;
        __syncwarp(); // S has been read by both lanes of the row before P takes its place
        float part_sum = 0.0f;
        Vector16 packed[2];
#pragma unroll
        for (int i = 0; i < 16; i += 2) {
            const unsigned short low = float_to_half(exp2_approx(__fadd_rn(__fsub_rn(x[i], top), kShift)));
            const unsigned short high = float_to_half(exp2_approx(__fadd_rn(__fsub_rn(x[i + 1], top), kShift)));
            part_sum += half_to_float(low) + half_to_float(high); // the rounded P, as in the numerator
            packed[i / 8].word[i % 8 / 2] = pack16(low, high);
        }
        sum += part_sum + __shfl_xor_sync(0xffffffffu, part_sum, 1);
        store_shared(score_row + part * 32, packed[0]);
        store_shared(score_row + part * 32 + 16, packed[1]);
        if (part == 0) {
            store_shared(factors + row_in_warp * 4, factor);
        }
        __syncwarp();

        float scale_of[8];
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            scale_of[i] = load_shared(factors + fragment_row[i] * 4);
        }
#pragma unroll
        for (int n = 0; n < kTilesO; ++n) {
#pragma unroll
            for (int i = 0; i < 8; ++i) {
                o[n].r[i] *= scale_of[i];
            }
        }
#pragma unroll
        for (int step = 0; step < kKeys / 16; ++step) {
            const Operand a = load_a(scores + step * 16 * 2, kProbabilityRow);
#pragma unroll
            for (int n = 0; n < kTilesO; ++n) {
                multiply(o[n], a, load_b(shared + Shared<D>::kV + (step * 16 * kRow + n * 16) * 2, kRow));
            }
        }
        __syncwarp(); // P has been read before the next scores take its place
    }

    if (p.lse != nullptr && part == 0 && row < rows) {
        float lse = (maximum - kShift + log2_approx(sum)) * kLn2;
        if (p.lse_shift != nullptr) {
            lse += p.lse_shift[head * p.sq_padded + padded_row + row - first_row];
        }
        p.lse[head * p.sq + first_query + row] = sum != 0.0f ? lse : -infinity();
    }
    // A row without keys has sum 0: its output is 0.
    const float inverse = sum != 0.0f ? __fdiv_rn(1.0f, sum) : 0.0f;
    for (int n = 0; n < kTilesO; ++n) {
        store_accumulator(scores, o[n], kScoreRow);
        __syncwarp();
        const int channel = n * 16 + part * 8;
        Vector16 packed;
#pragma unroll
        for (int i = 0; i < 8; i += 2) {
            const float *v_scale = p.v_scale + v_scale_head * D + channel + i;
            const float low = load_shared(scores + (row_in_warp * kScoreRow + part * 8 + i) * 4) * inverse * v_scale[0];
            const float high = load_shared(scores + (row_in_warp * kScoreRow + part * 8 + i + 1) * 4) * inverse * v_scale[1];
            packed.word[i / 2] = pack16(float_to_16bit(low, p.bfloat16), float_to_16bit(high, p.bfloat16));
        }
        if (row < rows) {
            store_row(row_of(p.out, batch, query_head, first_query + row), channel, p.d, p.out.vectors, packed);
        }
        __syncwarp();
    }
}

} // namespace
} // namespace sage

extern "C" __global__ void __launch_bounds__(SAGE_ATTEND_THREADS) sage_attend_sm70_d64(const sage_attend_parameters p) {
    sage::attend<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_ATTEND_THREADS) sage_attend_sm70_d128(const sage_attend_parameters p) {
    sage::attend<128>(p);
}
