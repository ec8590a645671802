// Attention on 16-bit K and V as they are, for few query rows over many keys, or few keys: there the time is that of reading K and V, and
// their quantisation would read them once more.
//
// The query heads of one KV head share the rows of a tile (grouped queries); the keys of a tile of rows are divided among thread blocks
// (split-KV, as in FlashDecoding: arXiv 2311.01282, section 2), whose results a second kernel joins in a fixed order.
//
// The first pass assumes moderate numbers. If anything overflows, or logits are so large that fp32 is coarse, the thread block starts again
// with scaled operands, so that finite inputs give finite outputs.
#include "sageattention/direct_rows.cuh"
#include "sageattention/direct_short.cuh"
#include "sageattention/direct_tiles.cuh"

namespace sage {
namespace {

template <int D, bool kBfloat16, int kKeyWarps>
__device__ __forceinline__ void attend(const sage_direct_parameters &p) {
    using Shape = DirectShape<D, kKeyWarps>;
    extern __shared__ __align__(128) unsigned char shared_memory[];
    const unsigned shared = shared_address(shared_memory);
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");  // join_splits waits for all of this grid
    const DirectBlock block = direct_block<Shape>(p);
    DirectState<D> state;
    bool failed = false;
#pragma unroll 1
    for (int careful = 0; careful < 2; ++careful) {
        failed = !attend_keys<Shape, kBfloat16>(p, block, careful != 0, shared, state);
        if (careful != 0 || !__syncthreads_or(failed)) {
            break;
        }
    }
    finish_rows<Shape, kBfloat16>(p, block, shared, state);
}

template <int D, int kKeyWarps>
__device__ __forceinline__ void attend_any(const sage_direct_parameters &p) {
    p.bfloat16 ? attend<D, true, kKeyWarps>(p) : attend<D, false, kKeyWarps>(p);
}

}  // namespace
}  // namespace sage

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 2) sage_direct_few_d64(const __grid_constant__ sage_direct_parameters p) {
    sage::attend_any<64, 4>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 2)
    sage_direct_few_d128(const __grid_constant__ sage_direct_parameters p) {
    sage::attend_any<128, 4>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 2)
    sage_direct_many_d64(const __grid_constant__ sage_direct_parameters p) {
    sage::attend_any<64, 1>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 2)
    sage_direct_many_d128(const __grid_constant__ sage_direct_parameters p) {
    sage::attend_any<128, 1>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 3)
    sage_direct_short_d64(const __grid_constant__ sage_direct_parameters p) {
    p.bfloat16 ? sage::attend_short<64, true>(p) : sage::attend_short<64, false>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS, 3)
    sage_direct_short_d128(const __grid_constant__ sage_direct_parameters p) {
    p.bfloat16 ? sage::attend_short<128, true>(p) : sage::attend_short<128, false>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS) sage_direct_join_d64(const __grid_constant__ sage_direct_parameters p) {
    sage::join_splits<64>(p);
}

extern "C" __global__ void __launch_bounds__(SAGE_DIRECT_THREADS) sage_direct_join_d128(const __grid_constant__ sage_direct_parameters p) {
    sage::join_splits<128>(p);
}
