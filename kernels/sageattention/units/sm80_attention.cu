// INT8 attention by mma.sync for sm_80 and later: S = QK^T in INT8, softmax in fp32, PV in FP16 with FP32 accumulation
// (SageAttention, arXiv 2410.02367; scales per thread: SageAttention2, arXiv 2411.10958, section 3.2).
//
// A thread block serves 128 query rows of one head with 4 warps of 32 rows each; keys come in tiles of 64. K is double buffered, V single:
//   QK(j), softmax(j) | V(j) has arrived, barrier | PV(j) | K(j+1) has arrived, barrier | fetch V(j+1), K(j+2)
// so V(j+1) travels during QK(j+1), and 48 KB of shared memory (head dim 128) leave room for two blocks on every GPU from 8.0 on.
#include "sageattention/mask.cuh"
#include "sageattention/memory.cuh"
#include "sageattention/mma_sm80.cuh"
#include "sageattention/numeric.cuh"
#include "sageattention/parameters.h"
#include "sageattention/sequences.cuh"

namespace sage {
namespace {

// The integer accumulators start at the bits of 1.5 * 2^23: read as fp32 they are 12582912 + S, exact for |S| < 2^22 (d <= 260), which
// replaces the integer-to-float conversion, slow on sm_80, by a subtraction.
constexpr int kBiasBits = 0x4b400000;
constexpr float kBias = 12582912.0f;

// P is scaled by 2^7, and rows are rescaled only when their maximum has grown by more than 2^8 since the last time: P <= 2^15 fits
// fp16, and what lies 2^13 below the maximum is still a normal fp16 number.
constexpr float kShift = 7.0f;
constexpr float kLimit = 15.0f;

// Logits (base 2) above this get a product rounded on its own instead of a fused multiply-add: the row maximum is a rounded product too,
// so that the largest difference is exactly zero however coarse fp32 is there.
constexpr float kExactLimit = 262144.0f;
constexpr float kScaleLimit = 1e30f; // times 2^21 stays finite

constexpr unsigned kOnes = 0x3c003c00u; // two fp16 ones

template <int D> struct Shared {
    static constexpr int kRowQ = D, kRowV = 2 * D; // bytes of a row
    static constexpr int kK = SAGE_Q_TILE * kRowQ;
    static constexpr int kStageK = SAGE_K_TILE * kRowQ;
    static constexpr int kV = kK + 2 * kStageK;
    static_assert(kV + SAGE_K_TILE * kRowV == SAGE_SM80_SHARED_PER_CHANNEL * D, "what the host asks for");
};

// Rows of 16-byte pieces; the pieces are exchanged by XOR with the row so that the 8 rows of one ldmatrix phase fall into different banks.
template <int kRowBytes> __device__ __forceinline__ int swizzle(int row, int piece) {
    const int mask = kRowBytes >= 128 ? row & 7 : (row >> 1) & 3;
    return row * kRowBytes + ((piece ^ mask) << 4);
}

template <int kRowBytes, int kRows, int kThreads> __device__ __forceinline__ void fetch(unsigned shared, const void *global) {
    constexpr int kPieces = kRowBytes / 16;
#pragma unroll
    for (int i = 0; i < kRows * kPieces / kThreads; ++i) {
        const int index = i * kThreads + threadIdx.x;
        copy_async(shared + swizzle<kRowBytes>(index / kPieces, index % kPieces), static_cast<const char *>(global) + index * 16);
    }
}

// kGeneral: also masks and packed sequences. It has 8 warps of 16 rows instead of 4 of 32, which leaves the registers for them.
template <int D, bool kGeneral> __device__ __forceinline__ void attend(const sage_attend_parameters &p) {
    constexpr int kBands = kGeneral ? 1 : 2; // of 16 rows, per warp
    constexpr int kWarpRows = 16 * kBands;
    constexpr int kThreads = SAGE_Q_TILE / kWarpRows * 32;
    static_assert(kThreads == (kGeneral ? SAGE_GENERAL_THREADS : SAGE_ATTEND_THREADS), "what the host launches");
    constexpr int kRowQ = Shared<D>::kRowQ;
    constexpr int kRowV = Shared<D>::kRowV;
    constexpr int kStepsQk = D / 32;
    constexpr int kTilesS = SAGE_K_TILE / 8;
    constexpr int kTilesO = D / 8;
    extern __shared__ __align__(128) unsigned char shared_memory[];
    const unsigned shared = shared_address(shared_memory);

    const int warp = threadIdx.x / 32;
    const int lane = threadIdx.x % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const long long head = blockIdx.x / p.q_tiles; // batch * heads_q + head
    int q_tile = blockIdx.x % p.q_tiles;
    if (p.causal) {
        q_tile = p.q_tiles - 1 - q_tile; // longest first
    }
    const long long batch = head / p.heads_q;
    const int query_head = static_cast<int>(head % p.heads_q);
    const long long kv_head = batch * p.heads_k + query_head / (p.heads_q / p.heads_k);
    int tile_row = q_tile * SAGE_Q_TILE; // first row of the thread block within the batch element or sequence
    int rows = p.sq;
    int keys = p.sk;
    int first_query = 0; // token of row 0
    long long key_row = kv_head * p.sk_padded, v_scale_head = kv_head;
    if (kGeneral && p.sequences.q != nullptr) {
        const Sequence queries = find_sequence(p.sequences.q, p.sequences.count, p.sq, SAGE_Q_TILE, q_tile);
        const Sequence values = sequence_at(p.sequences.k, queries.index, p.sk, SAGE_K_TILE);
        tile_row = (q_tile - queries.first_tile) * SAGE_Q_TILE;
        rows = queries.length;
        keys = values.length;
        first_query = queries.begin;
        key_row += static_cast<long long>(values.first_tile) * SAGE_K_TILE;
        v_scale_head += static_cast<long long>(queries.index) * p.heads_k;
        if (tile_row >= rows) {
            return;
        }
    }
    const int first_row = tile_row + warp * kWarpRows; // of the warp

    int tiles = (keys + SAGE_K_TILE - 1) / SAGE_K_TILE;
    if (p.causal) {
        tiles = min(tiles, tile_row / SAGE_K_TILE + SAGE_Q_TILE / SAGE_K_TILE);
    }

    const signed char *q = p.q_int8 + (head * p.sq_padded + q_tile * SAGE_Q_TILE) * D;
    const signed char *k = p.k_int8 + key_row * D;
    const unsigned short *v = p.v_fp16 + key_row * D;
    const auto fetch_k = [&](int tile) {
        if (tile < tiles) {
            fetch<kRowQ, SAGE_K_TILE, kThreads>(shared + Shared<D>::kK + (tile & 1) * Shared<D>::kStageK,
                                      k + static_cast<long long>(tile) * SAGE_K_TILE * D);
        }
        commit_copies();
    };
    const auto fetch_v = [&](int tile) {
        if (tile < tiles) {
            fetch<kRowV, SAGE_K_TILE, kThreads>(shared + Shared<D>::kV, v + static_cast<long long>(tile) * SAGE_K_TILE * D);
        }
        commit_copies();
    };

    // Scales: index lane / 4 of the band's 8 and lane % 4 of the tile's 4, or one each. A thread needs one of either, since its
    // accumulators hold rows equal mod 8 and keys with equal (key mod 8) / 2.
    const int k_scale_step = p.per_thread ? 4 : 1;
    const float *k_scales = p.k_scale + (kGeneral ? key_row / SAGE_K_TILE * k_scale_step : kv_head * p.k_scales_per_head) + (p.per_thread ? t : 0);
    const int band = kGeneral ? (q_tile * SAGE_Q_TILE + warp * kWarpRows) / p.q_band : q_tile * (SAGE_Q_TILE / SAGE_BAND) + warp;
    const float q_scale = p.q_scale[head * p.q_scales_per_head + (p.per_thread ? band * 8 + g : band)];
    float k_scale = tiles > 0 ? k_scales[0] : 0.0f;

    fetch<kRowQ, SAGE_Q_TILE, kThreads>(shared, q);
    fetch_k(0); // one group with Q
    fetch_v(0);
    fetch_k(1);

    float o[kBands][kTilesO][4];
    float sum[kBands][4]; // columns are equal: P times a matrix of ones, so that the sum is over the same rounded P as the numerator
    float offset[kBands][2]; // kShift - maximum in use, rounded
#pragma unroll
    for (int m = 0; m < kBands; ++m) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            sum[m][i] = 0.0f;
#pragma unroll
            for (int n = 0; n < kTilesO; ++n) {
                o[m][n][i] = 0.0f;
            }
        }
        offset[m][0] = offset[m][1] = kLargestFloat; // finite, since a mask may hide all keys of a tile
    }

    // Addresses of ldmatrix. Steps along a row exchange pieces by XOR; steps of whole row groups add.
    const unsigned q_base = shared + (warp * kWarpRows + lane % 16) * kRowQ;
    const unsigned k_row = lane % 8 + lane / 16 * 8;
    const unsigned v_row = lane % 16;
    const unsigned v_base = shared + Shared<D>::kV + v_row * kRowV;
    const auto q_piece = [lane](int step) { return swizzle<kRowQ>(lane % 16, 2 * step + lane / 16) - lane % 16 * kRowQ; };
    const auto k_piece = [lane, k_row](int step) { return swizzle<kRowQ>(k_row, 2 * step + lane / 8 % 2) - k_row * kRowQ; };
    const auto v_piece = [lane, v_row](int pair) { return swizzle<kRowV>(v_row, 2 * pair + lane / 16) - v_row * kRowV; };

    wait_copies<2>();
    __syncthreads();
    for (int tile = 0; tile < tiles; ++tile) {
        const int first_key = tile * SAGE_K_TILE;
        const bool visible = !p.causal || first_key < first_row + kWarpRows;
        unsigned probability[kBands][kTilesS / 2][4]; // P as operand A of m16n8k16
        const float next_k_scale = tile + 1 < tiles ? k_scales[(tile + 1) * k_scale_step] : 0.0f;
        if (visible) {
            int s[kBands][kTilesS][4];
            const unsigned k_base = shared + Shared<D>::kK + (tile & 1) * Shared<D>::kStageK + k_row * kRowQ;
#pragma unroll
            for (int step = 0; step < kStepsQk; ++step) {
                unsigned a[kBands][4];
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
                    load_matrices(a[m], q_base + m * 16 * kRowQ + q_piece(step));
                }
#pragma unroll
                for (int pair = 0; pair < kTilesS / 2; ++pair) {
                    unsigned b[4];
                    load_matrices(b, k_base + pair * 16 * kRowQ + k_piece(step));
#pragma unroll
                    for (int m = 0; m < kBands; ++m) {
                        if (step == 0) {
                            mma_int8_from(s[m][2 * pair], a[m], b[0], b[1], kBiasBits);
                            mma_int8_from(s[m][2 * pair + 1], a[m], b[2], b[3], kBiasBits);
                        } else {
                            mma_int8(s[m][2 * pair], a[m], b[0], b[1]);
                            mma_int8(s[m][2 * pair + 1], a[m], b[2], b[3]);
                        }
                    }
                }
            }

            float x[kBands][kTilesS][4];
#pragma unroll
            for (int m = 0; m < kBands; ++m) {
#pragma unroll
                for (int n = 0; n < kTilesS; ++n) {
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        x[m][n][i] = __int_as_float(s[m][n][i]) - kBias;
                    }
                }
            }
            // A comparison, not fminf: NaN must stay. An infinite product (two huge scales) becomes finite.
            float scale = q_scale * k_scale;
            scale = scale > kScaleLimit ? kScaleLimit : scale;

            const bool masked = first_key + SAGE_K_TILE > keys || (p.causal && first_key + SAGE_K_TILE > first_row + 1) ||
                                (kGeneral && p.mask.data != nullptr);
            float top[kBands][2];
            const auto take_maximum = [&]() {
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
#pragma unroll
                    for (int half = 0; half < 2; ++half) {
                        float value = x[m][0][2 * half];
#pragma unroll
                        for (int n = 0; n < kTilesS; ++n) {
                            value = fmaxf(value, fmaxf(x[m][n][2 * half], x[m][n][2 * half + 1]));
                        }
                        value = __fmul_rn(value, scale);
                        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 1));
                        top[m][half] = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 2));
                    }
                }
            };
            bool apart = masked;
            if (!masked) {
                take_maximum();
                float largest = 0.0f;
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
                    largest = fmaxf(largest, fmaxf(fabsf(top[m][0]), fabsf(top[m][1])));
                }
                apart = __any_sync(0xffffffffu, largest > kExactLimit);
            }
            if (apart) {
                // Masking comes after scaling: a scale of zero would turn -inf into NaN.
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
#pragma unroll
                    for (int n = 0; n < kTilesS; ++n) {
#pragma unroll
                        for (int i = 0; i < 4; ++i) {
                            const int key = first_key + n * 8 + 2 * t + i % 2;
                            const int row = first_row + m * 16 + i / 2 * 8 + g;
                            const bool hidden = key >= keys || (p.causal && key > row);
                            x[m][n][i] = hidden ? -infinity() : __fmul_rn(x[m][n][i], scale);
                        }
                    }
                }
                if (kGeneral && p.mask.data != nullptr) {
                    add_any_mask(p.mask, x[0], batch, query_head, first_row + g, first_key + 2 * t, rows, keys);
                }
                scale = 1.0f;
                take_maximum();
            }

            bool grown = false;
#pragma unroll
            for (int m = 0; m < kBands; ++m) {
                grown = grown || top[m][0] + offset[m][0] > kLimit || top[m][1] + offset[m][1] > kLimit;
            }
            if (__any_sync(0xffffffffu, grown)) {
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
#pragma unroll
                    for (int half = 0; half < 2; ++half) {
                        const float next = fminf(offset[m][half], kShift - top[m][half]);
                        const float factor = exp2_approx(next - offset[m][half]);
                        offset[m][half] = next;
                        sum[m][2 * half] *= factor;
                        sum[m][2 * half + 1] *= factor;
#pragma unroll
                        for (int n = 0; n < kTilesO; ++n) {
                            o[m][n][2 * half] *= factor;
                            o[m][n][2 * half + 1] *= factor;
                        }
                    }
                }
            }
#pragma unroll
            for (int m = 0; m < kBands; ++m) {
#pragma unroll
                for (int n = 0; n < kTilesS; ++n) {
#pragma unroll
                    for (int half = 0; half < 2; ++half) {
                        const float low = exp2_approx(__fmaf_rn(x[m][n][2 * half], scale, offset[m][half]));
                        const float high = exp2_approx(__fmaf_rn(x[m][n][2 * half + 1], scale, offset[m][half]));
                        probability[m][n / 2][n % 2 * 2 + half] = pack_half2(low, high);
                    }
                }
            }
        }
        k_scale = next_k_scale;

        wait_copies<1>(); // V(tile)
        __syncthreads();
        if (visible) {
#pragma unroll
            for (int step = 0; step < kTilesS / 2; ++step) {
#pragma unroll
                for (int m = 0; m < kBands; ++m) {
                    mma_half(sum[m], probability[m][step], kOnes, kOnes);
                }
#pragma unroll
                for (int pair = 0; pair < kTilesO / 2; ++pair) {
                    unsigned b[4];
                    load_matrices_transposed(b, v_base + step * 16 * kRowV + v_piece(pair));
#pragma unroll
                    for (int m = 0; m < kBands; ++m) {
                        mma_half(o[m][2 * pair], probability[m][step], b[0], b[1]);
                        mma_half(o[m][2 * pair + 1], probability[m][step], b[2], b[3]);
                    }
                }
            }
        }
        wait_copies<0>(); // K(tile + 1)
        __syncthreads();
        fetch_v(tile + 1);
        fetch_k(tile + 2);
    }
    wait_copies<0>();
    __syncthreads();

    // Where the results go. On 9.0 it is computed anew from an opaque block index: kept through the loop it would spill registers there.
#if __CUDA_ARCH__ == 900
    unsigned block;
    asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(block));
    const long long out_head = block / p.q_tiles;
    const long long out_batch = out_head / p.heads_q;
    const int out_query_head = static_cast<int>(out_head % p.heads_q);
#else
    const long long out_head = head, out_batch = batch;
    const int out_query_head = query_head;
#endif

    // The epilogue passes the warp's rows through shared memory, where K and V were, for 16-byte stores.
    const unsigned staging = shared + Shared<D>::kK + warp * kWarpRows * kRowV;
    const float *v_scale = p.v_scale + v_scale_head * D;
#pragma unroll
    for (int m = 0; m < kBands; ++m) {
        // A row without keys has sum 0: its output is 0.
        const float inverse[2] = {sum[m][0] != 0.0f ? __fdividef(1.0f, sum[m][0]) : 0.0f,
                                  sum[m][2] != 0.0f ? __fdividef(1.0f, sum[m][2]) : 0.0f};
#pragma unroll
        for (int n = 0; n < kTilesO; ++n) {
            const float low_scale = v_scale[n * 8 + 2 * t];
            const float high_scale = v_scale[n * 8 + 2 * t + 1];
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const float low = o[m][n][2 * half] * inverse[half] * low_scale;
                const float high = o[m][n][2 * half + 1] * inverse[half] * high_scale;
                store_shared(staging + swizzle<kRowV>(m * 16 + half * 8 + g, n) + t * 4,
                             p.bfloat16 ? pack_bfloat2(low, high) : pack_half2(low, high));
            }
        }
        if (p.lse != nullptr && t == 0) {
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const int row = first_row + m * 16 + half * 8 + g;
                if (row < rows) {
                    float lse = (log2_approx(sum[m][2 * half]) - offset[m][half]) * kLn2;
                    if (p.lse_shift != nullptr) {
                        lse += p.lse_shift[out_head * p.sq_padded + q_tile * SAGE_Q_TILE + row - tile_row];
                    }
                    p.lse[out_head * p.sq + first_query + row] = sum[m][2 * half] != 0.0f ? lse : -infinity();
                }
            }
        }
    }
    __syncwarp();
    constexpr int kPieces = kRowV / 16;
    for (int i = 0; i < kWarpRows * kPieces / 32; ++i) {
        const int row = (i * 32 + lane) / kPieces;
        const int piece = (i * 32 + lane) % kPieces;
        if (first_row + row < rows) {
            store_row(row_of(p.out, out_batch, out_query_head, first_query + first_row + row), piece * 8, p.d, p.out.vectors,
                      load_shared16(staging + swizzle<kRowV>(row, piece)));
        }
    }
}

} // namespace
} // namespace sage

#define SAGE_KERNEL(name, d, general, threads, blocks)                                                \
    extern "C" __global__ void __launch_bounds__(threads, blocks) name(const sage_attend_parameters p) { \
        sage::attend<d, general>(p);                                                          \
    }

SAGE_KERNEL(sage_attend_sm80_d64, 64, false, SAGE_ATTEND_THREADS, 2)
SAGE_KERNEL(sage_attend_sm80_d128, 128, false, SAGE_ATTEND_THREADS, 2)
SAGE_KERNEL(sage_attend_sm80_d64_general, 64, true, SAGE_GENERAL_THREADS, 1)
SAGE_KERNEL(sage_attend_sm80_d128_general, 128, true, SAGE_GENERAL_THREADS, 1)
