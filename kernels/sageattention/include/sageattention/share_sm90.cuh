// What a thread block of the Hopper preparation (units/sm90_preparation.cu) holds of its head, and the copies into shared memory.
#pragma once

#include "cluster_sm90.cuh"
#include "memory.cuh"
#include "numeric.cuh"
#include "parameters_sm90_preparation.h"
#include "quantise_sm90.cuh"

namespace sage {

constexpr int kTile = SAGE_SM90_PREPARE_TILE;
constexpr int kThreads = SAGE_SM90_PREPARE_THREADS;
constexpr int kWarps = kThreads / 32;
constexpr unsigned kEveryLane = 0xffffffffu;
constexpr float kFloor = 7.888609052210118e-31f; // 2^-100: keeps 127 / amax and 448 / amax finite

template <int D> struct alignas(16) Shared {
    unsigned long long barriers[SAGE_SM90_MAX_SLOTS + 1]; // of the slots; the last one: the cluster's statistics have come
    unsigned of_warps[kWarps * D];                        // sums, or largest and smallest elements two channels a word
    float mean[D], inverse[D];
    float largest[2][kWarps]; // of two tiles in turn
};

// One block's share of one head. A slot of shared memory holds a tile as [token][channel]; each 16 rows are followed by 16 bytes, so that
// the transposition of V finds its words in different banks.
template <int D, bool kBfloat16, bool kIsV> struct Share {
    static constexpr int kChunks = D / 8; // of 16 bytes in a row
    static constexpr int kRowBytes = 2 * D;
    static constexpr int kGroupBytes = 16 * kRowBytes + 16;
    static constexpr int kSlotBytes = kTile / 16 * kGroupBytes;
    static constexpr int kStep = kThreads / kChunks; // rows that the threads copy at once
    static constexpr int kPasses = kTile / kStep;
    static constexpr int kStepBytes = kStep / 16 * kGroupBytes;
    using Word = Pair<kBfloat16>;
    static_assert(kSlotBytes == SAGE_SM90_SLOT_BYTES(D) && kStep % 16 == 0, "");

    const sage_sm90_prepare_parameters &p;
    Shared<D> &shared;
    unsigned head;     // batch * heads_k + kv head
    int first, tiles;  // the block's tiles
    unsigned slots;    // address of the slots
    unsigned gathered; // address of [sum, range][block of the cluster][channel]
    unsigned parities; // one bit a slot: which of its barrier's phases comes next

    __device__ __forceinline__ const sage_strided &source() const { return kIsV ? p.v : p.k; }

    static __device__ __forceinline__ unsigned place(int row, int chunk) {
        return static_cast<unsigned>(row / 16 * kGroupBytes + row % 16 * kRowBytes + chunk * 16);
    }

    __device__ __forceinline__ unsigned slot_address(int slot) const { return slots + static_cast<unsigned>(slot) * kSlotBytes; }

    __device__ __forceinline__ unsigned barrier(int slot) const {
        return shared_address(shared.barriers) + static_cast<unsigned>(slot) * 8;
    }

    __device__ __forceinline__ unsigned gathered_address(int statistic, unsigned rank, int channel) const {
        return gathered + ((statistic * cluster_size() + rank) * D + channel) * 4;
    }

    // How many of the tile's tokens there are.
    __device__ __forceinline__ int tokens_of(int tile) const { return p.sk - (first + tile) * kTile; }

    // Tokens from sk on are left as they are in the slot; channels from d on become zeros.
    template <bool kWhole> __device__ __forceinline__ void copy_rows(int tile, int slot, unsigned long long policy) {
        const int chunk = threadIdx.x % kChunks;
        const int row = threadIdx.x / kChunks;
        const int left = kWhole ? kTile : tokens_of(tile);
        const unsigned to = slot_address(slot) + place(row, chunk);
        const long long step = kStep * source().token;
        const unsigned short *from =
            row_of(source(), head / p.heads_k, head % p.heads_k, (first + tile) * static_cast<long long>(kTile) + row);
        if (source().vectors && chunk * 8 + 8 <= p.d) {
            from += chunk * 8;
#pragma unroll
            for (int i = 0; i < kPasses; ++i) {
                if (kWhole || row + i * kStep < left) {
                    copy_async(to + i * kStepBytes, from, policy);
                }
                from += step;
            }
            barrier_arrive_after_copies(barrier(slot));
            return;
        }
#pragma unroll 1
        for (int i = 0; i < kPasses; ++i) {
            Vector16 value = {{0u, 0u, 0u, 0u}};
            if (chunk * 8 < p.d && row + i * kStep < left) {
                value = load_elements(from, chunk * 8, p.d);
            }
            store_shared(to + i * kStepBytes, value);
            from += step;
        }
        barrier_arrive(barrier(slot));
    }

    __device__ __forceinline__ void copy(int tile, int slot, unsigned long long policy) {
        tokens_of(tile) >= kTile ? copy_rows<true>(tile, slot, policy) : copy_rows<false>(tile, slot, policy);
    }

    __device__ __forceinline__ void wait(int slot) {
        barrier_wait(barrier(slot), (parities >> slot) & 1u);
        parities ^= 1u << slot;
    }
};

} // namespace sage
