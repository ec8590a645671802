// Attention of SageAttention2 (arXiv 2411.10958) on Hopper: S = QK^T in INT8, PV in FP8 (e4m3), both by warp-group matrix instructions.
//
// One persistent thread block per multiprocessor works on tiles of 192 query rows (d 128) or 256 (d 64). One warp copies K and V tiles by
// the bulk tensor engine, another Q of the next item; three or four warpgroups hold 64 rows each. While one of them waits for the matrix
// units, another has the exponential unit (softmax_sm90.cuh).
//
// K rows arrive permuted within 16 keys, so that the accumulators of S are in the order of operand A of P V, and V transposed, tokens
// contiguous. FP8 products accumulate with some 14 bits, so each key tile's P V is added to the output in fp32 (section 3.4 there). Eight
// rows of ones below V make the sums of P with the same rounding as the numerators.
#include "sageattention/attend_sm90.cuh"
#include "sageattention/pipeline_sm90.cuh"
#include "sageattention/rows_sm90.cuh"
#include "sageattention/softmax_sm90.cuh"
#include "sageattention/wgmma_sm90.cuh"

namespace sage {
namespace {

template <int D> __device__ __forceinline__ void copy_tiles(const sage_attend_sm90_parameters &p, unsigned shared) {
    using Layout = Shared<D>;
    int count = 0; // of key tiles so far
    wait_for_preparation();
    for (int round = 0; index_of(round) < p.items; ++round) {
        const Item item = item_at<D>(p, index_of(round));
        for (int tile = item.key_tiles - 1; tile >= 0; --tile, ++count) {
            const int stage = count % Layout::kStages;
            const unsigned parity = (count / Layout::kStages & 1) ^ 1;
            const unsigned k_full = shared + Layout::kKFull + stage * 8;
            wait_barrier(shared + Layout::kKEmpty + stage * 8, parity);
            arrive_expecting(k_full, Layout::kTileBytes + 16);
            copy_bytes(shared + Layout::kKScale + stage * 16, p.k_scale + (static_cast<long long>(item.kv_head) * p.k_tiles + tile) * 4,
                       k_full, 16);
            copy_box(shared + Layout::kK + stage * Layout::kTileBytes, &p.k_map, k_full, 0, tile * kKeys, item.kv_head);
            const unsigned v_full = shared + Layout::kVFull + stage * 8;
            wait_barrier(shared + Layout::kVEmpty + stage * 8, parity);
            arrive_expecting(v_full, Layout::kTileBytes);
            copy_box(shared + Layout::kV + stage * Layout::kVBytes, &p.v_map, v_full, tile * kKeys, 0, item.kv_head);
        }
    }
}

template <int D> __device__ __forceinline__ void multiply_qk(int (&s)[kScores], unsigned q, unsigned k) {
    pin(s);
    begin_multiply();
#pragma unroll
    for (int step = 0; step < D / 32; ++step) {
        multiply_int8_n128(s, matrix_descriptor<D>(q, step), matrix_descriptor<D>(k, step), step > 0);
    }
    commit_multiply();
}

template <int D> __device__ __forceinline__ void multiply_pv(float (&o)[D / 2 + 4], unsigned (&a)[kScores / 4], unsigned v) {
    pin(o);
    pin(a);
    begin_multiply();
#pragma unroll
    for (int step = 0; step < kKeys / 32; ++step) {
        if constexpr (D == 128) {
            multiply_fp8_n136(o, &a[step * 4], matrix_descriptor<kKeys>(v, step), step > 0);
        } else {
            multiply_fp8_n72(o, &a[step * 4], matrix_descriptor<kKeys>(v, step), step > 0);
        }
    }
    commit_multiply();
}

// What a warpgroup holds of its 64 query rows
template <int D> struct Work {
    float o[D / 2];
    Rows<D> rows;
    int count; // of key tiles so far
};

template <int D, bool kMasked>
__device__ __forceinline__ void attend_tile(Work<D> &work, const sage_attend_sm90_parameters &p, unsigned shared, int group, int tile) {
    using Layout = Shared<D>;
    const int thread = read_thread();
    const int lane = thread % 32;
    const int stage = work.count % Layout::kStages;
    const unsigned parity = work.count / Layout::kStages & 1;
    const unsigned barriers = shared + stage * 8;
    int s[kScores];
    wait_barrier(barriers + Layout::kKFull, parity);
    multiply_qk<D>(s, shared + Layout::kQ + group * kGroupRows * D, shared + Layout::kK + stage * Layout::kTileBytes);
    const float k_scale = load_shared(shared + Layout::kKScale + stage * 16 + lane % 4 * 4);
    const unsigned q_scales = shared + Layout::kQScale + ((thread / 32 - 4) * 16 + lane / 4) * 4;
    const float scale[2] = {min_nan(load_shared(q_scales) * k_scale, kScaleLimit),
                            min_nan(load_shared(q_scales + 32) * k_scale, kScaleLimit)};
    wait_multiply<0>();
    pin(s);
    if (lane == 0) {
        arrive(barriers + Layout::kKEmpty);
    }
    unsigned a[kScores / 4];
    softmax<D, kMasked>(s, a, work.rows, scale, p, tile * kKeys, group, shared);
    float part[D / 2 + 4];
    wait_barrier(barriers + Layout::kVFull, parity);
    multiply_pv<D>(part, a, shared + Layout::kV + stage * Layout::kVBytes);
    wait_multiply<0>();
    pin(part);
    if (lane == 0) {
        arrive(barriers + Layout::kVEmpty);
    }
    const float factor[2] = {work.rows.factor(shared, 0), work.rows.factor(shared, 1)};
#pragma unroll
    for (int i = 0; i < D / 2; ++i) {
        work.o[i] = __fmaf_rn(work.o[i], factor[i / 2 % 2], part[i]);
    }
#pragma unroll
    for (int r = 0; r < 2; ++r) {
        work.rows.set_sum(shared, r, __fmaf_rn(work.rows.sum(shared, r), factor[r], part[D / 2 + 2 * r]));
    }
    ++work.count;
}

template <int D> __device__ __forceinline__ void compute(const sage_attend_sm90_parameters &p, unsigned shared, int group) {
    using Layout = Shared<D>;
    Work<D> work;
    work.count = 0;
    if (p.k_mean != nullptr) {
        wait_for_preparation();
    }
    if (group == Layout::kGroups - 1) {
        pass_exponential_turn<Layout::kGroups>(group, 0);
    }
    int round = 0;
    while (index_of(round) < p.items) {
        __syncwarp(); // every lane has read the last one
        store_shared(round_of_warp<D>(shared), static_cast<unsigned>(round));
        __syncwarp();
        wait_barrier(shared + Layout::kRawFull, round & 1);
        const Item item = read_item(item_of_warp<D>(shared));
        if (p.bfloat16) {
            quantise_queries<D, true>(p, shared, item.kv_head, first_row_of_warp());
        } else {
            quantise_queries<D, false>(p, shared, item.kv_head, first_row_of_warp());
        }
        publish_to_matrix_units();
        wait_turn(1 + group, 128);
#pragma unroll
        for (int i = 0; i < D / 2; ++i) {
            work.o[i] = 0.0f;
        }
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            store_shared(pair_of_thread(shared) + Layout::kOffsets + r * 4, infinity());
            work.rows.set_sum(shared, r, 0.0f);
        }
        int tile = item.key_tiles - 1;
        if (tile >= 0) { // once its K is there, the preparation has ended
            wait_barrier(shared + work.count % Layout::kStages * 8 + Layout::kKFull, work.count / Layout::kStages & 1);
        }
        fetch_channels<D>(p, shared, item.kv_head);
        // Tiles of keys beyond the diagonal for all rows of the group, and all tiles for a group beyond the last row
        const int group_row = item.tile * Layout::kRows + group * kGroupRows;
        const int most = group_row >= p.sq ? 0 : p.causal ? (group_row + kGroupRows + kKeys - 1) / kKeys : item.key_tiles;
        for (; tile >= most; --tile, ++work.count) {
            const unsigned barriers = shared + work.count % Layout::kStages * 8;
            wait_barrier(barriers + Layout::kKFull, work.count / Layout::kStages & 1);
            wait_barrier(barriers + Layout::kVFull, work.count / Layout::kStages & 1);
            if (read_thread() % 32 == 0) {
                arrive(barriers + Layout::kKEmpty);
                arrive(barriers + Layout::kVEmpty);
            }
            take_exponential_turn<Layout::kGroups>(group);
            pass_exponential_turn<Layout::kGroups>(group, 0);
        }
        // Those that reach beyond the diagonal or sk for some row of the group come first
        const int whole = (p.causal ? min(p.sk, group_row + 1) : p.sk) / kKeys;
        for (; tile >= whole; --tile) {
            attend_tile<D, true>(work, p, shared, group, tile);
        }
        for (; tile >= 0; --tile) {
            attend_tile<D, false>(work, p, shared, group, tile);
        }
        wait_turn(1 + group, 128); // Q is read by the whole group
        if (p.bfloat16) {
            finish<D, true>(p, shared, read_item(item_of_warp<D>(shared)), work.o, work.rows);
        } else {
            finish<D, false>(p, shared, read_item(item_of_warp<D>(shared)), work.o, work.rows);
        }
        round = __shfl_sync(0xffffffffu, static_cast<int>(load_shared_word(round_of_warp<D>(shared))), 0) + 1; // the same for all lanes
    }
    if (group == 0) {
        take_exponential_turn<Layout::kGroups>(group); // what the last group passed on
    }
}

template <int D> __device__ __forceinline__ void attend(const sage_attend_sm90_parameters &p) {
    using Layout = Shared<D>;
    extern __shared__ __align__(1024) unsigned char shared_memory[];
    const unsigned shared = shared_address(shared_memory);
    const int warp = __shfl_sync(0xffffffffu, threadIdx.x / 32, 0);
    if (threadIdx.x == 0) {
        for (int i = 0; i < Layout::kStages; ++i) {
            make_barrier(shared + Layout::kKFull + i * 8, 1);
            make_barrier(shared + Layout::kVFull + i * 8, 1);
            make_barrier(shared + Layout::kKEmpty + i * 8, 4 * Layout::kGroups);
            make_barrier(shared + Layout::kVEmpty + i * 8, 4 * Layout::kGroups);
        }
        make_barrier(shared + Layout::kRawFull, 33); // each lane of the warp that copies, and one of them again
        make_barrier(shared + Layout::kRawEmpty, 4 * Layout::kGroups);
        publish_barriers();
        prefetch_map(&p.k_map);
        prefetch_map(&p.v_map);
    }
    for (int i = threadIdx.x; i < Layout::kStages * 8 * kKeys / 4; i += blockDim.x) {
        store_shared(shared + Layout::kV + Layout::kTileBytes + i / (2 * kKeys) * Layout::kVBytes + i % (2 * kKeys) * 4, kOnes);
    }
    publish_to_matrix_units();
    __syncthreads();
    if (warp < 4) {
        give_registers<32>();
        if (threadIdx.x == 0) {
            copy_tiles<D>(p, shared);
        } else if (warp == 1) {
            copy_queries<D>(p, shared);
        }
    } else {
        take_registers<D == 128 ? 160 : 112>();
        compute<D>(p, shared, warp / 4 - 1);
    }
}

} // namespace
} // namespace sage

extern "C" __global__ void __launch_bounds__(SAGE_SM90_GROUP_THREADS * (1 + SAGE_SM90_GROUPS_D64), 1)
    sage_attend_sm90_d64(const __grid_constant__ sage_attend_sm90_parameters p) {
    sage::attend<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_SM90_GROUP_THREADS * (1 + SAGE_SM90_GROUPS_D128), 1)
    sage_attend_sm90_d128(const __grid_constant__ sage_attend_sm90_parameters p) {
    sage::attend<128>(p);
}
