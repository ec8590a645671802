// What the parts of the attention kernel of sm_90a share: tiles, shared memory, the order of the work.
#pragma once

#include "memory.cuh"
#include "parameters_sm90.h"
#include "quantise_sm90.cuh"

namespace sage {

constexpr int kKeys = SAGE_SM90_K_TILE;
constexpr int kGroupRows = SAGE_SM90_GROUP_ROWS;
constexpr int kItemBytes = 32; // of an Item in shared memory
constexpr int kScores = kGroupRows * kKeys / 128; // accumulators of S per thread

constexpr float kShift = 8.807354922057604f;             // log2(448): the largest P is the largest e4m3
constexpr unsigned kOnes = 0x38383838u;                  // four times 1 in e4m3
constexpr float kSmallestScale = 7.888609052210118e-31f; // 2^-100: keeps 127 / amax finite

// Logits (base 2) above this are rounded before the maximum is subtracted, so that the largest difference is exactly zero.
constexpr float kExactLimit = 262144.0f;
constexpr float kScaleLimit = 1e30f; // times 2^21 stays finite

template <int D> struct Shared {
    static constexpr int kGroups = D == 128 ? SAGE_SM90_GROUPS_D128 : SAGE_SM90_GROUPS_D64; // warpgroups that compute
    static constexpr int kRows = kGroupRows * kGroups;
    static constexpr int kStages = D == 128 ? 4 : 8;
    static constexpr int kTileBytes = kKeys * D;           // of K, and of V
    static constexpr int kVBytes = kTileBytes + 8 * kKeys; // with eight rows of ones
    static constexpr int kK = 0;
    static constexpr int kV = kK + kStages * kTileBytes;
    static constexpr int kQ = kV + kStages * kVBytes;
    static constexpr int kRaw = kQ + kRows * D; // Q of the next item as it is, in 16 bits
    static constexpr int kQScale = kRaw + kRows * D * 2;
    static constexpr int kLseShift = kQScale + kRows * 4;
    static constexpr int kChannels = kLseShift + kRows * 4; // scales and means of V, for each warp
    // Pairs, of the two rows of each thread that computes (softmax_sm90.cuh)
    static constexpr int kOffsets = kChannels + kRows / 16 * 2 * D * 4;
    static constexpr int kSums = kOffsets + kRows * 16; // these two for D = 64 only
    static constexpr int kFactors = kSums + (D == 64 ? kRows * 16 : 0);
    static constexpr int kKScale = kFactors + (D == 64 ? kRows * 16 : 0); // one group of four per stage
    static constexpr int kKFull = kKScale + kStages * 16;
    static constexpr int kKEmpty = kKFull + kStages * 8;
    static constexpr int kVFull = kKEmpty + kStages * 8;
    static constexpr int kVEmpty = kVFull + kStages * 8;
    static constexpr int kRawFull = kVEmpty + kStages * 8;
    static constexpr int kRawEmpty = kRawFull + 8;
    static constexpr int kItems = kRawEmpty + 8;            // those of this round and of the next
    static constexpr int kRounds = kItems + 2 * kItemBytes; // which each warp that computes is in
    static constexpr int kBytes = kRounds + kRows / 16 * 4;
    static_assert(kBytes == (D == 128 ? SAGE_SM90_SHARED_D128 : SAGE_SM90_SHARED_D64), "what the host asks for");
};

// Tile of query rows `tile` of head `head` (batch * heads_q + query head). Sections of heads one after the other; within one the tiles with
// the most keys first, so that the last ones to finish are short.
struct Item {
    int tile, key_tiles, kv_head, head, batch, query_head;
};

__device__ __forceinline__ int quotient(int value, const sage_divisor &by) {
    return static_cast<int>(static_cast<unsigned long long>(value) * by.magic >> by.shift);
}

template <int D> __device__ __forceinline__ Item item_at(const sage_attend_sm90_parameters &p, int index) {
    const int section = quotient(index, p.by_section_items);
    const int first = section * p.section;
    const int rest = index - first * p.q_tiles;
    const bool last = first + p.section > p.heads;
    const int heads = last ? p.heads - first : p.section;
    Item item;
    item.tile = last ? quotient(rest, p.by_last_section) : quotient(rest, p.by_section);
    item.head = first + rest - item.tile * heads;
    item.key_tiles = p.k_tiles;
    if (p.causal) {
        item.tile = p.q_tiles - 1 - item.tile;
        item.key_tiles = min(item.key_tiles, (min((item.tile + 1) * Shared<D>::kRows, p.sq) + kKeys - 1) / kKeys);
    }
    item.batch = quotient(item.head, p.by_heads_q);
    item.query_head = item.head - item.batch * p.heads_q;
    item.kv_head = item.batch * p.heads_k + quotient(item.query_head, p.by_group);
    return item;
}

// The item of this thread block in a round: there and back again over the thread blocks, so that whoever has the longest of one round has
// the shortest of the next.
__device__ __forceinline__ int index_of(int round) {
    return round * static_cast<int>(gridDim.x) + static_cast<int>(round % 2 == 0 ? blockIdx.x : gridDim.x - 1 - blockIdx.x);
}

// threadIdx.x, read anew: what follows from it is not worth a register over the loop.
__device__ __forceinline__ int read_thread() {
    int thread;
    asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
    return thread;
}

// The first of a warp's 16 rows within the tile of queries
__device__ __forceinline__ int first_row_of_warp() { return (read_thread() / 32 - 4) * 16; }

// The round that the warp is in, in shared memory: registers are short.
template <int D> __device__ __forceinline__ unsigned round_of_warp(unsigned shared) {
    return shared + Shared<D>::kRounds + (read_thread() / 32 - 4) * 4;
}

template <int D> __device__ __forceinline__ unsigned item_of_warp(unsigned shared) {
    return shared + Shared<D>::kItems + load_shared_word(round_of_warp<D>(shared)) % 2 * kItemBytes;
}

// Where the pair of a thread that computes begins in kOffsets, kSums or kFactors
__device__ __forceinline__ unsigned pair_of_thread(unsigned shared) { return shared + (read_thread() - 128) * 8; }

// Rows of 16-byte pieces; the pieces are exchanged by XOR with the row as the copy engine does ("Swizzling Modes").
template <int kRowBytes> __device__ __forceinline__ int swizzle(int row, int piece) {
    const int mask = kRowBytes >= 128 ? row & 7 : (row >> 1) & 3;
    return row * kRowBytes + ((piece ^ mask) << 4);
}

} // namespace sage
