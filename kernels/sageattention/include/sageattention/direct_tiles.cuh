// The loop over the keys of the attention on 16-bit K and V (units/sm90_direct.cu). With g = lane / 4 and t = lane % 4, a thread holds the
// rows g and g + 8 of its warp's 16.
#pragma once

#include "memory.cuh"
#include "mma_sm80.cuh"
#include "numeric.cuh"
#include "parameters_direct.h"

namespace sage {

// Four warps; kKeyWarps of them share 16 rows and divide the keys of each tile.
template <int kD, int kKeyWarpCount>
struct DirectShape {
    static constexpr int D = kD;
    static constexpr int kKeyWarps = kKeyWarpCount;
    static constexpr int kRows = 64 / kKeyWarps;
    static constexpr int kWarpKeys = SAGE_DIRECT_KEYS / kKeyWarps;
    static constexpr int kRowBytes = 2 * D;
    static constexpr int kTileBytes = SAGE_DIRECT_KEYS * kRowBytes;
    static constexpr int kStages = D == 128 ? 3 : 6; // of K and V
    static constexpr int kStatistics = kStages * 2 * kTileBytes;
    static_assert(kStatistics + SAGE_DIRECT_THREADS / 32 * 16 * 8 <= SAGE_DIRECT_SHARED, "what the host asks for");
    static_assert(kRows == (kKeyWarps == 4 ? SAGE_DIRECT_FEW_ROWS : SAGE_DIRECT_MANY_ROWS), "what the host counts with");
};

// What a thread block does.
struct DirectBlock {
    int kv_head, batch, head; // kv_head: batch * heads_k + head
    int split, first_row;
    int begin, end; // tiles of keys
};

// The token of a row of a KV head, which the query heads of the group share.
__device__ __forceinline__ int token_of(const sage_direct_parameters &p, int row) {
    return p.group == 1 ? row : row / p.group;
}

template <typename Shape>
__device__ __forceinline__ DirectBlock direct_block(const sage_direct_parameters &p) {
    DirectBlock block;
    block.split = blockIdx.x % p.splits;
    const int item = blockIdx.x / p.splits;
    block.kv_head = item / p.row_tiles;
    block.first_row = item % p.row_tiles * Shape::kRows;
    block.batch = block.kv_head / p.heads_k;
    block.head = block.kv_head % p.heads_k;
    const int last_row = min(block.first_row + Shape::kRows, p.rows) - 1;
    const int keys = p.causal ? min(p.sk, token_of(p, last_row) + 1) : p.sk;
    block.begin = block.split * p.split_tiles;
    block.end = min(block.begin + p.split_tiles, (keys + SAGE_DIRECT_KEYS - 1) / SAGE_DIRECT_KEYS);
    return block;
}

constexpr float kDirectExactLimit = 262144.0f; // logits (base 2) above it are rounded before the maximum is subtracted
constexpr float kDirectLargest = 3.4e38f;
constexpr float kDirectFarthest = 1e38f; // the largest logit: the difference of two stays finite

// Sums and maxima of a thread's two rows: P = 2^(logit + offset + bias).
template <int D>
struct DirectState {
    float o[D / 8][4];
    float sum[4]; // columns are equal: P times ones, over the same rounded P as the output
    float offset[2];
    float bias;
};

template <bool kBfloat16>
__device__ __forceinline__ void mma_16bit(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    kBfloat16 ? mma_bfloat(d, a, b0, b1) : mma_half(d, a, b0, b1);
}

// Rows of 16-byte pieces; the pieces are exchanged by XOR with the row so that the 8 rows of one ldmatrix phase fall into different banks.
template <int kRowBytes>
__device__ __forceinline__ int swizzle_row(int row, int piece) {
    return row * kRowBytes + ((piece ^ (row & 7)) << 4);
}

// Two elements, or zeros. A predicate instead of a branch lets several loads travel at once.
__device__ __forceinline__ unsigned load_word(const unsigned short *address, bool wanted) {
    unsigned value;
    asm("{ .reg .pred wanted; setp.ne.s32 wanted, %2, 0; mov.b32 %0, 0; @wanted ld.global.nc.b32 %0, [%1]; }"
        : "=&r"(value)
        : "l"(address), "r"(static_cast<int>(wanted)));
    return value;
}

// -126 <= exponent <= 127
__device__ __forceinline__ float power_of_two(int exponent) {
    return __int_as_float((exponent + 127) << 23);
}

// The first `limit` rows of a tile of K or V; channels from d and tokens from sk on become zeros.
template <typename Shape>
__device__ __forceinline__ void fetch_direct(unsigned slot, const sage_direct_parameters &p, const sage_strided &tensor,
                                             const DirectBlock &block, int tile, int limit = SAGE_DIRECT_KEYS) {
    constexpr int kPieces = Shape::D / 8;
    constexpr int kStep = SAGE_DIRECT_THREADS / kPieces;
    const int piece = threadIdx.x % kPieces;
    const int first = threadIdx.x / kPieces;
    const int left = p.sk - tile * SAGE_DIRECT_KEYS;
    const unsigned short *rows = row_of(tensor, block.batch, block.head, static_cast<long long>(tile) * SAGE_DIRECT_KEYS);
    if (tensor.vectors && p.d % 8 == 0) {
        const unsigned short *from = rows + first * tensor.token + piece * 8;
        const unsigned to = slot + swizzle_row<Shape::kRowBytes>(first, piece); // kStep is a multiple of 8: the exchange stays the same
#pragma unroll
        for (int i = 0; i < SAGE_DIRECT_KEYS / kStep; ++i) {
            const bool wanted = first + i * kStep < left && piece * 8 < p.d;
            if (first + i * kStep < limit) {
                copy_async_or_zero(to + i * kStep * Shape::kRowBytes, wanted ? from : rows, wanted);
            }
            from += kStep * tensor.token;
        }
        return;
    }
#pragma unroll 1
    for (int row = first; row < limit; row += kStep) {
        Vector16 value = {{0u, 0u, 0u, 0u}};
        if (row < left) {
            value = load_elements(rows + row * tensor.token, piece * 8, p.d);
        }
        store_shared(slot + swizzle_row<Shape::kRowBytes>(row, piece), value);
    }
}

// Operand A of Q K^T, the sign of sm_scale in it. `scale` is what makes logits of base 2 of the products. `careful`: each row is brought
// to amounts below 2^-7 first, so that its products with any K stay finite.
template <typename Shape, bool kBfloat16>
__device__ __forceinline__ void load_direct_queries(const sage_direct_parameters &p, const DirectBlock &block, int warp_row, bool careful,
                                                    unsigned (&q)[Shape::D / 16][4], float (&scale)[2]) {
    const int lane = threadIdx.x % 32;
    const unsigned sign = p.sm_scale < 0.0f ? 0x80008000u : 0u;
    const bool words = p.q.vectors && p.d % 2 == 0;
    unsigned raw[2][Shape::D / 8];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const int row = block.first_row + warp_row + lane / 4 + half * 8;
        const int token = token_of(p, row);
        const unsigned short *from = row_of(p.q, block.batch, block.head * p.group + row - token * p.group, token) + lane % 4 * 2;
        const int left = row < p.rows ? p.d - lane % 4 * 2 : 0; // channels
        if (words) {
#pragma unroll
            for (int i = 0; i < Shape::D / 8; ++i) {
                raw[half][i] = load_word(from + i * 8, i * 8 < left);
            }
        } else {
#pragma unroll
            for (int i = 0; i < Shape::D / 8; ++i) {
                raw[half][i] = i * 8 < left ? from[i * 8] : 0u;
                raw[half][i] |= i * 8 + 1 < left ? static_cast<unsigned>(from[i * 8 + 1]) << 16 : 0u;
            }
        }
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        unsigned top = 0;
#pragma unroll
        for (int i = 0; i < Shape::D / 8; ++i) {
            const unsigned word = raw[half][i];
            q[i / 2][i % 2 * 2 + half] = word ^ sign;
            top = max(top, max(word & 0x7fffu, word >> 16 & 0x7fffu));
        }
        scale[half] = fabsf(p.sm_scale) * kLog2E;
        if (kBfloat16 && careful) {
            top = max(top, __shfl_xor_sync(0xffffffffu, top, 1));
            top = max(top, __shfl_xor_sync(0xffffffffu, top, 2));
            const int exponent = static_cast<int>(top >> 7) - 127 + 8; // what to take away from all exponents
            // In two steps each: 2^exponent and its inverse need not be numbers of fp32.
            const float down[2] = {power_of_two(-(exponent / 2)), power_of_two(-(exponent - exponent / 2))};
#pragma unroll
            for (int i = 0; i < Shape::D / 8; ++i) {
                const unsigned word = q[i / 2][i % 2 * 2 + half];
                q[i / 2][i % 2 * 2 + half] =
                    pack_bfloat2(__uint_as_float(word << 16) * down[0] * down[1], __uint_as_float(word & 0xffff0000u) * down[0] * down[1]);
            }
            scale[half] = fminf(scale[half] * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2), kDirectLargest);
        }
    }
}

// One tile of keys, or the warp's part of it: `first_key` is its first.
template <typename Shape, bool kBfloat16>
__device__ __forceinline__ bool attend_direct_tile(const sage_direct_parameters &p, unsigned k_tile, unsigned v_tile, int first_key,
                                                   const int (&token)[2], bool careful, float shift, const unsigned (&q)[Shape::D / 16][4],
                                                   const float (&scale)[2], DirectState<Shape::D> &state) {
    constexpr int kTiles = Shape::kWarpKeys / 8;
    constexpr int kRowBytes = Shape::kRowBytes;
    const int lane = threadIdx.x % 32;
    float x[kTiles][4];
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            x[n][i] = 0.0f;
        }
    }
#pragma unroll
    for (int step = 0; step < Shape::D / 16; ++step) {
#pragma unroll
        for (int pair = 0; pair < kTiles / 2; ++pair) {
            unsigned b[4];
            load_matrices(b, k_tile + swizzle_row<kRowBytes>(pair * 16 + lane % 8 + lane / 16 * 8, 2 * step + lane / 8 % 2));
            mma_16bit<kBfloat16>(x[2 * pair], q[step], b[0], b[1]);
            mma_16bit<kBfloat16>(x[2 * pair + 1], q[step], b[2], b[3]);
        }
    }
    const int last_key = first_key + Shape::kWarpKeys - 1;
    const bool apart = careful || last_key >= p.sk || (p.causal && last_key > token[0]);
    float used[2] = {scale[0], scale[1]};
    if (apart) {
#pragma unroll
        for (int n = 0; n < kTiles; ++n) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int key = first_key + n * 8 + lane % 4 * 2 + i % 2;
                const bool hidden = key >= p.sk || (p.causal && key > token[i / 2]);
                const float logit = __fmul_rn(x[n][i], scale[i / 2]);
                x[n][i] = hidden                     ? -infinity()
                          : logit > kDirectFarthest  ? kDirectFarthest
                          : logit < -kDirectFarthest ? -kDirectFarthest
                                                     : logit;
            }
        }
        used[0] = used[1] = 1.0f;
    }
    bool fine = true;
    bool grown = false;
    float next[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        float top = x[0][2 * half];
#pragma unroll
        for (int n = 0; n < kTiles; ++n) {
            top = fmaxf(top, fmaxf(x[n][2 * half], x[n][2 * half + 1]));
        }
        top = __fmul_rn(top, used[half]);
        top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, 1));
        top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, 2));
        fine = fine && (top == -infinity() || fabsf(top) <= kDirectExactLimit);
        next[half] = fminf(state.offset[half], shift - top);
        grown = grown || next[half] < state.offset[half];
    }
    if (__any_sync(0xffffffffu, grown)) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const float factor = exp2_approx(next[half] - state.offset[half]);
            state.offset[half] = next[half];
            state.sum[2 * half] *= factor;
            state.sum[2 * half + 1] *= factor;
#pragma unroll
            for (int n = 0; n < Shape::D / 8; ++n) {
                state.o[n][2 * half] *= factor;
                state.o[n][2 * half + 1] *= factor;
            }
        }
    }
#pragma unroll
    for (int step = 0; step < kTiles / 2; ++step) {
        unsigned a[4]; // operand A of P V
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const float(&of)[4] = x[2 * step + i / 2];
            const int half = i % 2;
            const float low = exp2_approx(__fmaf_rn(of[2 * half], used[half], state.offset[half]) + state.bias);
            const float high = exp2_approx(__fmaf_rn(of[2 * half + 1], used[half], state.offset[half]) + state.bias);
            a[i] = kBfloat16 ? pack_bfloat2(low, high) : pack_half2(low, high);
        }
        mma_16bit<kBfloat16>(state.sum, a, kBfloat16 ? 0x3f803f80u : 0x3c003c00u, kBfloat16 ? 0x3f803f80u : 0x3c003c00u);
#pragma unroll
        for (int pair = 0; pair < Shape::D / 16; ++pair) {
            unsigned b[4];
            load_matrices_transposed(b, v_tile + swizzle_row<kRowBytes>(step * 16 + lane % 16, 2 * pair + lane / 16));
            mma_16bit<kBfloat16>(state.o[2 * pair], a, b[0], b[1]);
            mma_16bit<kBfloat16>(state.o[2 * pair + 1], a, b[2], b[3]);
        }
    }
    return fine;
}

// How P is scaled; no key yet.
template <int D, bool kBfloat16> __device__ __forceinline__ float begin_rows(DirectState<D> &state, bool careful) {
    state.offset[0] = state.offset[1] = kDirectLargest;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        state.sum[i] = 0.0f;
#pragma unroll
        for (int n = 0; n < D / 8; ++n) {
            state.o[n][i] = 0.0f;
        }
    }
    state.bias = kBfloat16 && careful ? -24.0f : 0.0f; // keeps P V finite for any V and up to 2^24 keys
    // fp16 has few exponents: the largest P is 2^15. It is 1 where the maximum is so large that the sum would be rounded.
    return kBfloat16 || careful ? 0.0f : 15.0f;
}

template <int D> __device__ __forceinline__ bool is_finite(const DirectState<D> &state) {
    float zero = state.sum[0] * 0.0f + state.sum[2] * 0.0f; // NaN if anything is not finite
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int n = 0; n < D / 8; ++n) {
            zero = __fmaf_rn(state.o[n][i], 0.0f, zero);
        }
    }
    return zero == 0.0f;
}

// All tiles of the thread block. Returns whether the numbers were moderate; where they were not, `careful` gives the right result.
template <typename Shape, bool kBfloat16>
__device__ __forceinline__ bool attend_keys(const sage_direct_parameters &p, const DirectBlock &block, bool careful, unsigned shared,
                                            DirectState<Shape::D> &state) {
    constexpr int kStages = Shape::kStages;
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int warp_row = warp / Shape::kKeyWarps * 16;
    const int warp_key = warp % Shape::kKeyWarps * Shape::kWarpKeys;
    const auto fetch = [&](int tile, int slot) {
        if (tile < block.end) {
            fetch_direct<Shape>(shared + slot * 2 * Shape::kTileBytes, p, p.k, block, tile);
            fetch_direct<Shape>(shared + (slot * 2 + 1) * Shape::kTileBytes, p, p.v, block, tile);
        }
        commit_copies();
    };
#pragma unroll 1
    for (int i = 0; i < kStages - 1; ++i) {
        fetch(block.begin + i, i);
    }
    unsigned q[Shape::D / 16][4];
    float scale[2];
    load_direct_queries<Shape, kBfloat16>(p, block, warp_row, careful, q, scale);
    int token[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        token[half] = token_of(p, block.first_row + warp_row + lane / 4 + half * 8);
    }
    const float shift = begin_rows<Shape::D, kBfloat16>(state, careful);
    bool fine = true;
    int slot = 0;
#pragma unroll 1
    for (int tile = block.begin; tile < block.end; ++tile) {
        wait_copies<kStages - 2>();
        __syncthreads(); // the tile is there for all, and the slot before it read by all
        fetch(tile + kStages - 1, slot == 0 ? kStages - 1 : slot - 1);
        const unsigned k_tile = shared + slot * 2 * Shape::kTileBytes + warp_key * Shape::kRowBytes;
        const int first_key = tile * SAGE_DIRECT_KEYS + warp_key;
        if (first_key < p.sk) {
            fine = attend_direct_tile<Shape, kBfloat16>(p, k_tile, k_tile + Shape::kTileBytes, first_key, token, careful, shift, q, scale,
                                                        state) &&
                   fine;
        }
        slot = slot + 1 == kStages ? 0 : slot + 1;
    }
    wait_copies<0>();
    return fine && is_finite(state);
}

} // namespace sage
