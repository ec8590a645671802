// Attention over at most SAGE_DIRECT_SHORT_KEYS 16-bit keys: they stay in shared memory, and each warp goes through tiles of 16 rows alone.
#pragma once

#include "direct_rows.cuh"

namespace sage {

// What the parts of the loop over keys need to know of tiles of kKeys keys.
template <int kD, int kKeys> struct DirectShortShape {
    static constexpr int D = kD;
    static constexpr int kWarpKeys = kKeys;
    static constexpr int kRowBytes = 2 * D;
};

// Writes the rows of a warp by way of its part of shared memory, for 16-byte stores.
template <int D, bool kBfloat16>
__device__ __forceinline__ void store_short_rows(const sage_direct_parameters &p, const DirectBlock &block, unsigned staging,
                                                 const DirectState<D> &state) {
    constexpr int kPieces = D / 8;
    const int lane = threadIdx.x % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    __syncwarp(); // the last rows are read
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const float sum = state.sum[2 * half];
        const float inverse = sum == 0.0f ? 0.0f : __frcp_rn(sum); // a row without keys
#pragma unroll
        for (int n = 0; n < D / 8; ++n) {
            const float low = state.o[n][2 * half] * inverse;
            const float high = state.o[n][2 * half + 1] * inverse;
            store_shared(staging + swizzle_row<2 * D>(g + half * 8, n) + t * 4, kBfloat16 ? pack_bfloat2(low, high) : pack_half2(low, high));
        }
        const int row = block.first_row + g + half * 8;
        if (t == 0 && row < p.rows) {
            const int token = token_of(p, row);
            store_lse(p, block.batch, block.head * p.group + row - token * p.group, token,
                      sum == 0.0f ? -infinity() : log2_approx(sum) - state.bias - state.offset[half]);
        }
    }
    __syncwarp();
#pragma unroll 2
    for (int i = 0; i < 16 * kPieces / 32; ++i) {
        const int row = (i * 32 + lane) / kPieces;
        const int piece = lane % kPieces;
        if (block.first_row + row < p.rows) {
            const int token = token_of(p, block.first_row + row);
            const int query_head = block.head * p.group + block.first_row + row - token * p.group;
            store_row(row_of(p.out, block.batch, query_head, token), piece * 8, p.d, p.out.vectors,
                      load_shared16(staging + swizzle_row<2 * D>(row, piece)));
        }
    }
}

template <int D, bool kBfloat16> __device__ __forceinline__ void attend_short(const sage_direct_parameters &p) {
    using Shape = DirectShortShape<D, D == 128 ? 16 : 32>; // more accumulators at once would spill
    using Tail = DirectShortShape<D, 16>;
    constexpr int kRowBytes = Shape::kRowBytes;
    extern __shared__ __align__(128) unsigned char shared_memory[];
    const unsigned staging = shared_address(shared_memory) + threadIdx.x / 32 * 16 * kRowBytes;
    const unsigned k = shared_address(shared_memory) + SAGE_DIRECT_THREADS / 32 * 16 * kRowBytes;
    const int padded = (p.sk + 15) / 16 * 16;
    const unsigned v = k + padded * kRowBytes;
    const int lane = threadIdx.x % 32;
    DirectBlock block = {};
    block.kv_head = blockIdx.x / p.splits;
    block.batch = block.kv_head / p.heads_k;
    block.head = block.kv_head % p.heads_k;
#pragma unroll 1
    for (int tile = 0; tile * SAGE_DIRECT_KEYS < padded; ++tile) {
        const unsigned at = tile * SAGE_DIRECT_KEYS * kRowBytes;
        fetch_direct<Shape>(k + at, p, p.k, block, tile, padded - tile * SAGE_DIRECT_KEYS);
        fetch_direct<Shape>(v + at, p, p.v, block, tile, padded - tile * SAGE_DIRECT_KEYS);
    }
    commit_copies();
    wait_copies<0>();
    __syncthreads();
#pragma unroll 1
    for (int tile = blockIdx.x % p.splits; tile < p.row_tiles; tile += p.splits) {
        block.first_row = tile * SAGE_DIRECT_MANY_ROWS + threadIdx.x / 32 * 16;
        if (block.first_row >= p.rows) {
            break;
        }
        int token[2] = {0, 0};
        int keys = p.sk;
        if (p.causal) {
            token[0] = token_of(p, block.first_row + lane / 4);
            token[1] = token_of(p, block.first_row + lane / 4 + 8);
            keys = min(p.sk, token_of(p, block.first_row + 15) + 1);
        }
        DirectState<D> state;
#pragma unroll 1
        for (int careful = 0; careful < 2; ++careful) {
            unsigned q[D / 16][4];
            float scale[2];
            load_direct_queries<Shape, kBfloat16>(p, block, 0, careful != 0, q, scale);
            const float shift = begin_rows<D, kBfloat16>(state, careful != 0);
            bool fine = true;
            int key = 0;
#pragma unroll 1
            for (; key + Shape::kWarpKeys - 16 < keys; key += Shape::kWarpKeys) {
                fine = attend_direct_tile<Shape, kBfloat16>(p, k + key * kRowBytes, v + key * kRowBytes, key, token, careful != 0, shift, q, scale,
                                                            state) && fine;
            }
            if (Shape::kWarpKeys > 16 && key < keys) {
                fine = attend_direct_tile<Tail, kBfloat16>(p, k + key * kRowBytes, v + key * kRowBytes, key, token, careful != 0, shift, q, scale,
                                                           state) && fine;
            }
            if (!__any_sync(0xffffffffu, !fine || !is_finite(state))) {
                break;
            }
        }
        store_short_rows<D, kBfloat16>(p, block, staging, state);
    }
}

} // namespace sage
