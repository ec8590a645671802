// Quantisation of K and V for the Hopper attention, in one launch: INT8 K less its mean over the tokens (SageAttention, arXiv 2410.02367,
// section 4.2) with scales per 4 of 16 keys, and e4m3 V transposed with a scale per channel (SageAttention2, arXiv 2411.10958).
//
// A cluster holds the K or the V of one head: each block copies its tiles of tokens into shared memory, the blocks exchange sums and
// ranges, and each quantises what it still holds, so that device memory is read once. Tiles beyond `slots` are copied a second time, the
// latest first, since those are still in the L2. Every sum has a fixed order.
#include "sageattention/measure_sm90.cuh"

namespace sage {
namespace {

// Both steps on one block's share of one head: the statistics, then the quantisation.
template <int D, bool kBfloat16, bool kIsV> struct Worker : Measurer<D, kBfloat16, kIsV> {
    using Base = Measurer<D, kBfloat16, kIsV>;
    using typename Base::Word;
    using Base::kChunks, Base::kGroupBytes, Base::kRowBytes;
    using Base::p, Base::shared, Base::head, Base::first, Base::tiles;
    using Base::place, Base::slot_address, Base::barrier, Base::gathered_address, Base::tokens_of, Base::copy, Base::wait;
    using Base::total;

    // Warp w has the keys 4t to 4t + 3 (t = w % 4) of each 16 in one half of the tile; its lanes stand side by side on the chunks of a row.
    // The largest |x - mean| comes from the ends of the ranges, since rounding keeps the order.
    template <bool kWhole> __device__ __forceinline__ void quantise_k(int tile, int slot, const float (&mean)[8]) {
        const int lane = threadIdx.x % 32;
        const int warp = threadIdx.x / 32;
        const int t = warp % 4;
        const int of_four = lane / kChunks; // the lane's key among keys 4t to 4t + 3, the first of them at d = 128
        const int begin = warp / 4 * (kTile / 2) + 4 * t + of_four;
        const unsigned from = slot_address(slot) + place(begin, lane % kChunks);
        const int left = tokens_of(tile) - begin;
        constexpr int kAtOnce = 32 / kChunks; // keys
        constexpr int kLoads = kTile / 8 / kAtOnce;
        constexpr int kBatch = 4; // loads under way, and held by few enough registers for three blocks on a multiprocessor
        constexpr auto key_of = [](int load) { return load * kAtOnce / 4 * 16 + load * kAtOnce % 4; }; // less `begin`
        constexpr auto place_of = [](int key) { return key / 16 * kGroupBytes + key % 16 * kRowBytes; };
        unsigned high[4], low[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            high[i] = Word::kLowest;
            low[i] = Word::kHighest;
        }
#pragma unroll
        for (int batch = 0; batch < kLoads; batch += kBatch) {
            Vector16 raw[kBatch];
#pragma unroll
            for (int n = 0; n < kBatch; ++n) {
                raw[n] = load_shared16(from + place_of(key_of(batch + n)));
            }
#pragma unroll
            for (int n = 0; n < kBatch; ++n) {
                if (kWhole || key_of(batch + n) < left) {
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        high[i] = Word::max(high[i], raw[n].word[i]);
                        low[i] = Word::min(low[i], raw[n].word[i]);
                    }
                }
            }
        }
        float top = 0.0f;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            top = max_nan(top, max_nan(__fsub_rn(Word::low(high[i]), mean[2 * i]), __fsub_rn(mean[2 * i], Word::low(low[i]))));
            top = max_nan(top, max_nan(__fsub_rn(Word::high(high[i]), mean[2 * i + 1]), __fsub_rn(mean[2 * i + 1], Word::high(low[i]))));
        }
#pragma unroll
        for (int offset = 16; offset > 0; offset /= 2) {
            top = max_nan(top, __shfl_xor_sync(kEveryLane, top, offset));
        }
        float(&largest)[kWarps] = shared.largest[tile % 2];
        if (lane == 0) {
            largest[warp] = top;
        }
        __syncthreads();
        top = max_nan(largest[t], largest[t + 4]);
        if (!p.per_thread) {
#pragma unroll
            for (int i = 0; i < kWarps; ++i) {
                top = max_nan(top, largest[i]);
            }
        }
        const long long index = static_cast<long long>(head) * (p.sk_padded / kTile) + first + tile;
        const float bound = max_nan(top, kFloor);
        if (lane == 0 && warp < 4) {
            // no finite row may come of Inf or NaN
            p.k_scale[index * 4 + t] = top < infinity() ? bound * (1.0f / 127.0f) : not_a_number();
        }
        const float inverse = 127.0f * __frcp_rn(bound);
        signed char *out =
            p.k_int8 + index * (kTile * D) + lane % kChunks * 8 + (begin / 16 * 16 + of_four / 2 * 8 + 2 * t + of_four % 2) * D;
#pragma unroll
        for (int batch = 0; batch < kLoads; batch += kBatch) {
            Vector16 raw[kBatch];
#pragma unroll
            for (int n = 0; n < kBatch; ++n) {
                raw[n] = load_shared16(from + place_of(key_of(batch + n)));
            }
#pragma unroll
            for (int n = 0; n < kBatch; ++n) {
                const int key = key_of(batch + n);
                unsigned byte[8];
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    byte[2 * i] = round_to_byte(__fsub_rn(Word::low(raw[n].word[i]), mean[2 * i]), inverse);
                    byte[2 * i + 1] = round_to_byte(__fsub_rn(Word::high(raw[n].word[i]), mean[2 * i + 1]), inverse);
                }
                unsigned a = pack_bytes(byte[0], byte[1], byte[2], byte[3]);
                unsigned b = pack_bytes(byte[4], byte[5], byte[6], byte[7]);
                if (!kWhole && key >= left) {
                    a = b = 0;
                }
                store_global(out + (key / 16 * 16 + key % 16 / 2 * 8) * D, a, b);
            }
        }
    }

    // A lane has 16 tokens of two channels at a time; eight lanes write 128 neighbouring bytes of a channel.
    template <bool kWhole, bool kSmooth> __device__ __forceinline__ void quantise_v(int tile, int slot) const {
        const int pair = threadIdx.x % 4;
        const int group = threadIdx.x % 32 / 4;
        const int warp = threadIdx.x / 32;
        const unsigned from = slot_address(slot) + place(group * 16, warp) + pair * 4;
        const int left = tokens_of(tile) - group * 16;
        unsigned char *to =
            p.v_fp8 + (static_cast<long long>(head) * D + warp * 8 + pair * 2) * p.sk_padded + (first + tile) * kTile + group * 16;
#pragma unroll
        for (int n = 0; n < kChunks / kWarps; ++n) {
            const int channel = n * 64 + warp * 8 + pair * 2;
            const float inverse[2] = {shared.inverse[channel], shared.inverse[channel + 1]};
            const float mean[2] = {kSmooth ? shared.mean[channel] : 0.0f, kSmooth ? shared.mean[channel + 1] : 0.0f};
            unsigned words[16];
#pragma unroll
            for (int i = 0; i < 16; ++i) {
                words[i] = load_shared_word(from + n * 128 + i * kRowBytes);
            }
            Vector16 out[2];
#pragma unroll
            for (int i = 0; i < 16; i += 4) {
                float x[2][4];
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    x[0][j] = Word::low(words[i + j]);
                    x[1][j] = Word::high(words[i + j]);
#pragma unroll
                    for (int c = 0; c < 2; ++c) {
                        x[c][j] = (kSmooth ? __fsub_rn(x[c][j], mean[c]) : x[c][j]) * inverse[c];
                        if (!kWhole && i + j >= left) {
                            x[c][j] = 0.0f;
                        }
                    }
                }
#pragma unroll
                for (int c = 0; c < 2; ++c) {
                    out[c].word[i / 4] = pack_e4m3(x[c][0], x[c][1], x[c][2], x[c][3]);
                }
            }
            store_row(reinterpret_cast<unsigned short *>(to), 0, 8, true, out[0]);
            store_row(reinterpret_cast<unsigned short *>(to + p.sk_padded), 0, 8, true, out[1]);
            to += 64ll * p.sk_padded;
        }
    }

    // Calls quantise(tile, slot) on every tile from the last to the first. `resident`: the slots hold the last tiles.
    template <typename Quantise> __device__ __forceinline__ void quantise_tiles(bool resident, Quantise &&quantise) {
        const unsigned long long once = evict_first();
        const int last = max(tiles - 1, 0) % p.slots;
        int slot = last;
        if (!resident) {
#pragma unroll 1
            for (int tile = tiles - 1; tile >= max(0, tiles - p.slots); --tile) {
                copy(tile, slot, once);
                slot = slot == 0 ? p.slots - 1 : slot - 1;
            }
            slot = last;
        }
#pragma unroll 1
        for (int tile = tiles - 1; tile >= 0; --tile) {
            if (!resident || tile < tiles - p.slots) {
                wait(slot);
            }
            quantise(tile, slot);
            if (tile >= p.slots) {
                __syncthreads(); // every thread has read the slot
                copy(tile - p.slots, slot, once);
            }
            slot = slot == 0 ? p.slots - 1 : slot - 1;
        }
    }

    __device__ __forceinline__ void prepare_k() {
        const int channel = threadIdx.x;
        if (p.smooth_k) {
            Base::template measure<true, false>();
        }
        if (channel < D) {
            const float mean = p.smooth_k ? total(channel) : 0.0f;
            shared.mean[channel] = mean;
            if (cluster_rank() == 0) {
                p.k_mean[static_cast<long long>(head) * D + channel] = mean;
            }
        }
        __syncthreads();
        float mean[8];
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            mean[i] = shared.mean[threadIdx.x % kChunks * 8 + i];
        }
        quantise_tiles(p.smooth_k != 0, [&](int tile, int slot) {
            tokens_of(tile) >= kTile ? quantise_k<true>(tile, slot, mean) : quantise_k<false>(tile, slot, mean);
        });
    }

    template <bool kSmooth> __device__ __forceinline__ void prepare_v() {
        const int channel = threadIdx.x;
        Base::template measure<kSmooth, true>();
        if (channel < D) {
            const float mean = kSmooth ? total(channel) : 0.0f;
            float high = -infinity();
            float low = infinity();
#pragma unroll 4
            for (unsigned rank = 0; rank < cluster_size(); ++rank) {
                const unsigned range = load_shared_word(gathered_address(kSmooth, rank, channel));
                high = max_nan(high, Word::high(range));
                low = min_nan(low, Word::low(range));
            }
            const float top = max_nan(max_nan(__fsub_rn(high, mean), __fsub_rn(mean, low)), kFloor);
            shared.mean[channel] = mean;
            shared.inverse[channel] = __fdiv_rn(448.0f, top);
            if (cluster_rank() == 0) {
                const long long out = static_cast<long long>(head) * D + channel;
                p.v_scale[out] = top < infinity() ? __fdiv_rn(top, 448.0f) : not_a_number();
                if (kSmooth) {
                    p.v_mean[out] = mean;
                }
            }
        }
        __syncthreads();
        quantise_tiles(true, [&](int tile, int slot) {
            tokens_of(tile) >= kTile ? quantise_v<true, kSmooth>(tile, slot) : quantise_v<false, kSmooth>(tile, slot);
        });
    }
};

template <int D, bool kBfloat16> __device__ __forceinline__ void prepare(const sage_sm90_prepare_parameters &p, Shared<D> &shared) {
    extern __shared__ __align__(128) unsigned char slots[];
    const unsigned item = cluster_index();
    const unsigned head = item / 2;
    const unsigned count = p.sk_padded / kTile; // at most 2^23
    const int begin = static_cast<int>(count * cluster_rank() / cluster_size());
    const int end = static_cast<int>(count * (cluster_rank() + 1) / cluster_size());
    if (threadIdx.x <= SAGE_SM90_MAX_SLOTS) {
        barrier_init(shared_address(&shared.barriers[threadIdx.x]), threadIdx.x < SAGE_SM90_MAX_SLOTS ? kThreads : 1);
    }
    __syncthreads();
    wait_for_predecessors();
    allow_successors(); // only now, so that the next kernel may read what this one's predecessors wrote
    const unsigned address = shared_address(slots);
    const unsigned gathered = address + p.slots * SAGE_SM90_SLOT_BYTES(D);
    if (item % 2 == 0) {
        Worker<D, kBfloat16, false>{p, shared, head, begin, end - begin, address, gathered, 0u}.prepare_k();
    } else if (p.v_mean != nullptr) {
        Worker<D, kBfloat16, true>{p, shared, head, begin, end - begin, address, gathered, 0u}.template prepare_v<true>();
    } else {
        Worker<D, kBfloat16, true>{p, shared, head, begin, end - begin, address, gathered, 0u}.template prepare_v<false>();
    }
}

template <int D> __device__ __forceinline__ void prepare_of_dtype(const sage_sm90_prepare_parameters &p) {
    __shared__ Shared<D> shared;
    p.bfloat16 ? prepare<D, true>(p, shared) : prepare<D, false>(p, shared);
}

} // namespace
} // namespace sage

extern "C" __global__ void __launch_bounds__(SAGE_SM90_PREPARE_THREADS, 3)
    sage_sm90_prepare_d64(const __grid_constant__ sage_sm90_prepare_parameters p) {
    sage::prepare_of_dtype<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_SM90_PREPARE_THREADS, 3)
    sage_sm90_prepare_d128(const __grid_constant__ sage_sm90_prepare_parameters p) {
    sage::prepare_of_dtype<128>(p);
}
