// The ends of the attention on 16-bit K and V: from the accumulators of the warps to the output or to a split's partial result, and from
// the splits to the output.
#pragma once

#include "direct_tiles.cuh"

namespace sage {

__device__ __forceinline__ void store_lse(const sage_direct_parameters &p, int batch, int query_head, int token, float lse) {
    if (p.lse != nullptr) {
        p.lse[(static_cast<long long>(batch) * p.heads_q + query_head) * p.sq + token] = lse * kLn2;
    }
}

__device__ __forceinline__ void load_four(const float *from, float &a, float &b, float &c, float &d) {
    asm volatile("ld.global.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(a), "=f"(b), "=f"(c), "=f"(d) : "l"(from) : "memory");
}

template <bool kBfloat16>
__device__ __forceinline__ Vector16 pack_eight(const float (&value)[8]) {
    Vector16 packed;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        packed.word[i] = kBfloat16 ? pack_bfloat2(value[2 * i], value[2 * i + 1]) : pack_half2(value[2 * i], value[2 * i + 1]);
    }
    return packed;
}

// Joins the warps that divided the keys, in their order, and writes the rows of the thread block.
template <typename Shape, bool kBfloat16>
__device__ __forceinline__ void finish_rows(const sage_direct_parameters &p, const DirectBlock &block, unsigned shared,
                                            const DirectState<Shape::D> &state) {
    constexpr int D = Shape::D;
    constexpr int kRowBytes = D * 4 + 32; // neighbouring rows in other banks
    static_assert(64 * kRowBytes <= Shape::kStatistics, "the accumulators take the place of K and V");
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int g = lane / 4;
    const int t = lane % 4;
    __syncthreads(); // K and V are read
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const int row = warp * 16 + g + half * 8;
#pragma unroll
        for (int n = 0; n < D / 8; ++n) {
            const unsigned at = shared + row * kRowBytes + (n * 8 + 2 * t) * 4;
            asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(at), "f"(state.o[n][2 * half]), "f"(state.o[n][2 * half + 1]) : "memory");
        }
        if (t == 0) {
            store_shared(shared + Shape::kStatistics + row * 8, state.sum[2 * half]);
            store_shared(shared + Shape::kStatistics + row * 8 + 4, state.offset[half]);
        }
    }
    __syncthreads();
    constexpr int kPieces = D / 8;
#pragma unroll 1
    for (int i = threadIdx.x; i < Shape::kRows * kPieces; i += SAGE_DIRECT_THREADS) {
        const int row = i / kPieces;
        const int piece = i % kPieces;
        const int global_row = block.first_row + row;
        if (global_row >= p.rows) {
            break;
        }
        float offset = kDirectLargest;
#pragma unroll
        for (int w = 0; w < Shape::kKeyWarps; ++w) {
            offset = fminf(offset, load_shared(shared + Shape::kStatistics + (w * 16 + row) * 8 + 4));
        }
        float sum = 0.0f;
        float value[8] = {};
#pragma unroll
        for (int w = 0; w < Shape::kKeyWarps; ++w) {
            const unsigned statistics = shared + Shape::kStatistics + (w * 16 + row) * 8;
            const float weight = exp2_approx(offset - load_shared(statistics + 4));
            sum = __fmaf_rn(load_shared(statistics), weight, sum);
#pragma unroll
            for (int j = 0; j < 8; ++j) {
                value[j] = __fmaf_rn(load_shared(shared + (w * 16 + row) * kRowBytes + (piece * 8 + j) * 4), weight, value[j]);
            }
        }
        const float inverse = sum == 0.0f ? 0.0f : __frcp_rn(sum); // a row without keys
        const float lse = sum == 0.0f ? -infinity() : log2_approx(sum) - state.bias - offset;
#pragma unroll
        for (int j = 0; j < 8; ++j) {
            value[j] *= inverse;
        }
        if (p.splits == 1) {
            const int token = token_of(p, global_row);
            const int query_head = block.head * p.group + global_row - token * p.group;
            store_row(row_of(p.out, block.batch, query_head, token), piece * 8, p.d, p.out.vectors, pack_eight<kBfloat16>(value));
            if (piece == 0) {
                store_lse(p, block.batch, query_head, token, lse);
            }
        } else {
            const long long at = (static_cast<long long>(block.kv_head) * p.splits + block.split) * p.rows + global_row;
            float *out = p.partial_out + at * D + piece * 8;
#pragma unroll
            for (int j = 0; j < 8; j += 4) {
                asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(out + j), "f"(value[j]), "f"(value[j + 1]), "f"(value[j + 2]),
                             "f"(value[j + 3])
                             : "memory");
            }
            if (piece == 0) {
                p.partial_lse[at] = lse;
            }
        }
    }
}

// One row a thread block: each thread has eight channels of every kThreads / (D / 8)-th split.
template <int D>
__device__ __forceinline__ void join_splits(const sage_direct_parameters &p) {
    constexpr int kPieces = D / 8;
    constexpr int kLanes = SAGE_DIRECT_THREADS / kPieces; // splits at a time
    __shared__ float parts[kLanes][D + 4];
    __shared__ float weights[SAGE_DIRECT_MOST_SPLITS];
    __shared__ float shared_lse;
    asm volatile("griddepcontrol.wait;" ::: "memory"); // for the splits (PTX ISA, "griddepcontrol")
    const int row = blockIdx.x % p.rows;
    const int kv_head = blockIdx.x / p.rows;
    const long long first = static_cast<long long>(kv_head) * p.splits * p.rows + row; // splits stand p.rows apart
    if (threadIdx.x < 32) {
        float lse[SAGE_DIRECT_MOST_SPLITS / 32];
        float top = -infinity();
#pragma unroll
        for (int i = 0; i < SAGE_DIRECT_MOST_SPLITS / 32; ++i) {
            const int split = i * 32 + threadIdx.x;
            lse[i] = split < p.splits ? p.partial_lse[first + static_cast<long long>(split) * p.rows] : -infinity();
            top = lse[i] > top || lse[i] != lse[i] ? lse[i] : top; // NaN stays
        }
#pragma unroll
        for (int step = 1; step < 32; step *= 2) {
            const float other = __shfl_xor_sync(0xffffffffu, top, step);
            top = other > top || other != other ? other : top;
        }
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < SAGE_DIRECT_MOST_SPLITS / 32; ++i) {
            lse[i] = top == -infinity() ? 0.0f : exp2_approx(lse[i] - top);
            sum += lse[i];
        }
#pragma unroll
        for (int step = 1; step < 32; step *= 2) {
            sum += __shfl_xor_sync(0xffffffffu, sum, step);
        }
        const float inverse = sum == 0.0f ? 0.0f : __frcp_rn(sum);
#pragma unroll
        for (int i = 0; i < SAGE_DIRECT_MOST_SPLITS / 32; ++i) {
            weights[i * 32 + threadIdx.x] = lse[i] * inverse;
        }
        if (threadIdx.x == 0) {
            shared_lse = sum == 0.0f ? -infinity() : top + log2_approx(sum);
        }
    }
    __syncthreads();
    const int piece = threadIdx.x % kPieces;
    float value[8] = {};
#pragma unroll 4
    for (int split = threadIdx.x / kPieces; split < p.splits; split += kLanes) {
        const float weight = weights[split];
        if (weight != 0.0f) {  // else nothing may stand there
            const float *from = p.partial_out + (first + static_cast<long long>(split) * p.rows) * D + piece * 8;
            float part[8];
            load_four(from, part[0], part[1], part[2], part[3]);
            load_four(from + 4, part[4], part[5], part[6], part[7]);
#pragma unroll
            for (int j = 0; j < 8; ++j) {
                value[j] = __fmaf_rn(part[j], weight, value[j]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < 8; ++j) {
        parts[threadIdx.x / kPieces][piece * 8 + j] = value[j];
    }
    __syncthreads();
    if (threadIdx.x < kPieces) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
            value[j] = 0.0f;
#pragma unroll
            for (int i = 0; i < kLanes; ++i) {
                value[j] += parts[i][piece * 8 + j];
            }
        }
        const int token = token_of(p, row);
        const int batch = kv_head / p.heads_k;
        const int query_head = kv_head % p.heads_k * p.group + row - token * p.group;
        store_row(row_of(p.out, batch, query_head, token), piece * 8, p.d, p.out.vectors,
                  p.bfloat16 ? pack_eight<true>(value) : pack_eight<false>(value));
        if (piece == 0) {
            store_lse(p, batch, query_head, token, shared_lse);
        }
    }
}

} // namespace sage
