// Sums and ranges of the channels of K or V over the tokens, gathered from the thread blocks of a cluster.
#pragma once

#include "share_sm90.cuh"

namespace sage {

template <int D, bool kBfloat16, bool kIsV> struct Measurer : Share<D, kBfloat16, kIsV> {
    using Base = Share<D, kBfloat16, kIsV>;
    using typename Base::Word;
    using Base::kChunks, Base::kGroupBytes, Base::kRowBytes, Base::kStep, Base::kPasses, Base::kStepBytes;
    using Base::p, Base::shared, Base::head, Base::first, Base::tiles;
    using Base::place, Base::slot_address, Base::barrier, Base::gathered_address, Base::tokens_of, Base::copy, Base::wait;

    // Tells every block of the cluster, this one too. A block alone stores as always: compute-sanitizer knows clusters from two blocks on.
    __device__ __forceinline__ void publish(int statistic, int channel, unsigned value) const {
        const unsigned to = gathered_address(statistic, cluster_rank(), channel);
        if (cluster_size() == 1) {
            store_shared(to, value);
            return;
        }
#pragma unroll 1
        for (unsigned rank = 0; rank < cluster_size(); ++rank) {
            store_cluster(to, value, barrier(SAGE_SM90_MAX_SLOTS), rank);
        }
    }

    // Sums (divided by sk, so that huge elements keep finite sums) and ranges of the channels over the rows that this thread copies.
    template <bool kSum, bool kRange, bool kWhole>
    __device__ __forceinline__ void measure_tile(int slot, int left, float inverse, float (&sum)[8], unsigned (&high)[4],
                                                 unsigned (&low)[4]) const {
        const int row = threadIdx.x / kChunks;
        const unsigned from = slot_address(slot) + place(row, threadIdx.x % kChunks);
        Vector16 raw[kPasses];
#pragma unroll
        for (int i = 0; i < kPasses; ++i) {
            raw[i] = load_shared16(from + i * kStepBytes);
        }
#pragma unroll
        for (int i = 0; i < kPasses; ++i) {
            if (kWhole || row + i * kStep < left) {
#pragma unroll
                for (int n = 0; n < 4; ++n) {
                    if (kSum) {
                        sum[2 * n] = __fmaf_rn(Word::low(raw[i].word[n]), inverse, sum[2 * n]);
                        sum[2 * n + 1] = __fmaf_rn(Word::high(raw[i].word[n]), inverse, sum[2 * n + 1]);
                    }
                    if (kRange) {
                        high[n] = Word::max(high[n], raw[i].word[n]);
                        low[n] = Word::min(low[n], raw[i].word[n]);
                    }
                }
            }
        }
    }

    // Gathers the statistics of all blocks of the cluster. A thread reads what it copied itself, so no other thread has to be waited for
    // before a slot is filled again.
    template <bool kSum, bool kRange> __device__ __forceinline__ void measure() {
        if (threadIdx.x == 0 && cluster_size() > 1) {
            barrier_expect(barrier(SAGE_SM90_MAX_SLOTS), (kSum + kRange) * cluster_size() * D * 4);
        }
        cluster_arrive();
        const int chunk = threadIdx.x % kChunks;
        const int warp = threadIdx.x / 32;
        const float inverse = __frcp_rn(static_cast<float>(p.sk));
        float sum[8] = {};
        unsigned high[4], low[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            high[i] = Word::kLowest;
            low[i] = Word::kHighest;
        }
        const unsigned long long once = evict_first();
        const unsigned long long again = evict_normal();
#pragma unroll 1
        for (int tile = 0; tile < min(tiles, p.slots); ++tile) {
            copy(tile, tile, tile < tiles - p.slots ? again : once);
        }
        int slot = 0;
#pragma unroll 1
        for (int tile = 0; tile < tiles; ++tile) {
            wait(slot);
            const int left = tokens_of(tile);
            left >= kTile ? measure_tile<kSum, kRange, true>(slot, left, inverse, sum, high, low)
                          : measure_tile<kSum, kRange, false>(slot, left, inverse, sum, high, low);
            if (tile + p.slots < tiles) {
                copy(tile + p.slots, slot, tile + p.slots < tiles - p.slots ? again : once);
            }
            slot = slot + 1 == p.slots ? 0 : slot + 1;
        }
#pragma unroll
        for (int offset = kChunks; offset < 32; offset *= 2) {
#pragma unroll
            for (int i = 0; i < 8; ++i) {
                if (kSum) {
                    sum[i] += __shfl_xor_sync(kEveryLane, sum[i], offset);
                }
                if (kRange && i < 4) {
                    high[i] = Word::max(high[i], __shfl_xor_sync(kEveryLane, high[i], offset));
                    low[i] = Word::min(low[i], __shfl_xor_sync(kEveryLane, low[i], offset));
                }
            }
        }
        const bool writes = threadIdx.x % 32 < kChunks;
        const int channel = threadIdx.x;
        if (kSum) {
            if (writes) {
#pragma unroll
                for (int i = 0; i < 8; ++i) {
                    shared.of_warps[warp * D + chunk * 8 + i] = __float_as_uint(sum[i]);
                }
            }
            __syncthreads();
        }
        cluster_wait(); // the other blocks are ready to be told
        if (kSum) {
            if (channel < D) {
                float total = 0.0f;
#pragma unroll
                for (int w = 0; w < kWarps; ++w) {
                    total += __uint_as_float(shared.of_warps[w * D + channel]);
                }
                publish(0, channel, __float_as_uint(total));
            }
            if (kRange) {
                __syncthreads();
            }
        }
        if (kRange) {
            if (writes) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    shared.of_warps[warp * D + chunk * 8 + 2 * i] = high[i];
                    shared.of_warps[warp * D + chunk * 8 + 2 * i + 1] = low[i];
                }
            }
            __syncthreads();
            if (channel < D) {
                unsigned largest = Word::kLowest;
                unsigned smallest = Word::kHighest;
#pragma unroll
                for (int w = 0; w < kWarps; ++w) {
                    largest = Word::max(largest, shared.of_warps[w * D + channel / 2 * 2]);
                    smallest = Word::min(smallest, shared.of_warps[w * D + channel / 2 * 2 + 1]);
                }
                publish(kSum, channel, __byte_perm(smallest, largest, channel % 2 ? 0x7632 : 0x5410)); // the smallest in the low half
            }
        }
        if (cluster_size() == 1) {
            __syncthreads();
        } else {
            barrier_wait(barrier(SAGE_SM90_MAX_SLOTS), 0);
        }
    }

    // The sum over the cluster, in the order of the blocks.
    __device__ __forceinline__ float total(int channel) const {
        float y = 0.0f;
#pragma unroll 4
        for (unsigned rank = 0; rank < cluster_size(); ++rank) {
            y += load_shared(gathered_address(0, rank, channel));
        }
        return y;
    }
};

} // namespace sage
