// The online softmax of a warpgroup of the attention kernel of sm_90a: from INT8 products to P in e4m3.
#pragma once

#include "attend_sm90.cuh"
#include "pipeline_sm90.cuh"

namespace sage {

// State of the online softmax of a thread's two rows, g and g + 8 of the warp's 16: P = 2^(logit + offset), where the offset is kShift less
// the maximum so far; the sums of P; what the last tile's offset does to earlier sums. Where four warpgroups compute, only shared memory
// has room for it; with three, registers are faster. The offsets stand in shared memory always.
template <int D> struct Rows {
    static constexpr bool kInRegisters = D == 128;
    float sums[2];
    float factors[2];

    __device__ __forceinline__ float sum(unsigned shared, int r) const {
        return kInRegisters ? sums[r] : load_shared(pair_of_thread(shared) + Shared<D>::kSums + r * 4);
    }

    __device__ __forceinline__ void set_sum(unsigned shared, int r, float value) {
        if (kInRegisters) {
            sums[r] = value;
        } else {
            store_shared(pair_of_thread(shared) + Shared<D>::kSums + r * 4, value);
        }
    }

    __device__ __forceinline__ float factor(unsigned shared, int r) const {
        return kInRegisters ? factors[r] : load_shared(pair_of_thread(shared) + Shared<D>::kFactors + r * 4);
    }

    __device__ __forceinline__ void set_factor(unsigned shared, int r, float value) {
        if (kInRegisters) {
            factors[r] = value;
        } else {
            store_shared(pair_of_thread(shared) + Shared<D>::kFactors + r * 4, value);
        }
    }
};

// The keys of accumulators 4j, 4j + 1 (and 4j + 2, 4j + 3 of the other row) from the thread's first, 4t, on: see the permutation of K.
__device__ __forceinline__ constexpr int key_of(int i) { return i / 8 * 16 + i / 4 % 2 * 2 + i % 2; }

// From each thread's largest logits to the new offsets of the rows, and the factors.
template <int D> __device__ __forceinline__ void lower_offsets(float (&logit)[2], Rows<D> &rows, unsigned shared) {
#pragma unroll
    for (int r = 0; r < 2; ++r) {
        logit[r] = fmaxf(logit[r], __shfl_xor_sync(0xffffffffu, logit[r], 1));
        logit[r] = fmaxf(logit[r], __shfl_xor_sync(0xffffffffu, logit[r], 2));
        const float before = load_shared(pair_of_thread(shared) + Shared<D>::kOffsets + r * 4);
        logit[r] = fminf(before, kShift - logit[r]);
        rows.set_factor(shared, r, exp2_approx(logit[r] - before));
    }
}

// The warpgroups take the exponential unit in turns: alone, one of them keeps it busy, while the matrix units work for the others.
template <int kGroups> __device__ __forceinline__ void take_exponential_turn(int group) { wait_turn(1 + kGroups + group, 256); }

// The sign bits of P are zero, which only we know: the compiler cannot move the end of the turn before the P in `some`.
template <int kGroups> __device__ __forceinline__ void pass_exponential_turn(int group, unsigned some) {
    asm volatile("{ .reg .u32 barrier; and.b32 barrier, %1, 0x80000000; add.u32 barrier, barrier, %0; bar.arrive barrier, 256; }" ::"r"(
                     1 + kGroups + (group + 1) % kGroups),
                 "r"(some)
                 : "memory");
}

constexpr int kEarly = 2; // registers of P that are still to come when the turn passes on

// P of one tile of logits as operand A of P V. `scale` is that of each row times that of the thread's keys.
template <int D, bool kMasked>
__device__ __forceinline__ void softmax(int (&s)[kScores], unsigned (&a)[kScores / 4], Rows<D> &rows, const float (&scale)[2],
                                        const sage_attend_sm90_parameters &p, int first_key, int group, unsigned shared) {
    using Layout = Shared<D>;
    float x[kScores];
    float scale_used[2];
    const unsigned state = pair_of_thread(shared);
    float next[2];
    bool apart = kMasked;
    if constexpr (!kMasked) {
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            // The scale is not negative and the same for all keys of a thread, so the largest integer gives the largest logit.
            int top[2] = {s[2 * r], s[2 * r + 4]};
#pragma unroll
            for (int j = 0; j < kScores / 4; ++j) {
                top[j % 2] = max(max(s[4 * j + 2 * r], s[4 * j + 2 * r + 1]), top[j % 2]);
            }
            next[r] = __fmul_rn(static_cast<float>(max(top[0], top[1])), scale[r]);
        }
        lower_offsets<D>(next, rows, shared);
        apart = __any_sync(0xffffffffu, fmaxf(fabsf(next[0]), fabsf(next[1])) > kExactLimit);
    }
    if (apart) {
        // Masking comes after scaling: a scale of zero would turn -inf into NaN.
        int visible[2] = {kKeys, kKeys}; // of the tile, from the thread's first key on
        if (kMasked) {
            const int first = first_key + read_thread() % 4 * 4;
            const int first_row =
                static_cast<int>(load_shared_word(item_of_warp<D>(shared))) * Layout::kRows + first_row_of_warp() + read_thread() % 32 / 4;
            visible[0] = (p.causal ? min(p.sk, first_row + 1) : p.sk) - first;
            visible[1] = (p.causal ? min(p.sk, first_row + 9) : p.sk) - first;
        }
        next[0] = next[1] = -infinity();
#pragma unroll
        for (int i = 0; i < kScores; ++i) {
            const bool hidden = kMasked && key_of(i) >= visible[i / 2 % 2];
            const float logit = hidden ? -infinity() : __fmul_rn(static_cast<float>(s[i]), scale[i / 2 % 2]);
            next[i / 2 % 2] = fmaxf(next[i / 2 % 2], logit);
            x[i] = logit;
        }
        lower_offsets<D>(next, rows, shared);
        scale_used[0] = scale_used[1] = 1.0f;
    } else {
        scale_used[0] = scale[0];
        scale_used[1] = scale[1];
#pragma unroll
        for (int i = 0; i < kScores; ++i) {
            x[i] = static_cast<float>(s[i]);
        }
    }
    // By way of memory, so that the compiler cannot move what follows before the turn
    store_shared(state + Layout::kOffsets, next[0]);
    store_shared(state + Layout::kOffsets + 4, next[1]);
    take_exponential_turn<Layout::kGroups>(group);
    next[0] = load_shared(state + Layout::kOffsets);
    next[1] = load_shared(state + Layout::kOffsets + 4);
    if (kMasked) { // a row without any visible key yet
        for (int r = 0; r < 2; ++r) {
            if (next[r] == infinity()) {
                rows.set_factor(shared, r, 0.0f);
                next[r] = 0.0f;
            }
        }
    }
#pragma unroll
    for (int i = 0; i < kScores; ++i) {
        x[i] = exp2_approx(__fmaf_rn(x[i], scale_used[i / 2 % 2], next[i / 2 % 2]));
    }
    unsigned some = 0;
#pragma unroll
    for (int i = 0; i < kScores / 4; ++i) {
        const int from = i / 2 * 8 + i % 2 * 2; // 16 keys, one of the two rows
        a[i] = pack_e4m3(x[from], x[from + 1], x[from + 4], x[from + 5]);
        some |= i < kScores / 4 - kEarly ? a[i] : 0;
    }
    pass_exponential_turn<Layout::kGroups>(group, some);
}

} // namespace sage
