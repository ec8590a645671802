// Barriers in shared memory, the bulk tensor copy engine and register reallocation of sm_90a (PTX ISA, "mbarrier", "cp.async.bulk.tensor",
// "setmaxnreg"). Shared addresses are 32-bit.
#pragma once

namespace sage {

__device__ __forceinline__ void make_barrier(unsigned barrier, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

// Makes the barriers of this thread visible to the copy engine.
__device__ __forceinline__ void publish_barriers() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

__device__ __forceinline__ void arrive(unsigned barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ __forceinline__ void arrive_expecting(unsigned barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Waits for the end of the phase with this parity; the phase before the first counts as ended with parity 1.
__device__ __forceinline__ void wait_barrier(unsigned barrier, unsigned parity) {
    asm volatile("{ .reg .pred done; "
                 "again: mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1; "
                 "@done bra ended; "
                 "bra again; "
                 "ended: }" ::"r"(barrier),
                 "r"(parity)
                 : "memory");
}

__device__ __forceinline__ void prefetch_map(const void *map) { asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory"); }

// One box of a three-dimensional tensor map into shared memory; the barrier counts its bytes.
__device__ __forceinline__ void copy_box(unsigned shared, const void *map, unsigned barrier, int x, int y, int z) {
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::"r"(shared),
        "l"(map), "r"(barrier), "r"(x), "r"(y), "r"(z)
        : "memory");
}

// A multiple of 16 bytes, both addresses too.
__device__ __forceinline__ void copy_bytes(unsigned shared, const void *global, unsigned barrier, int bytes) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(shared), "l"(global),
                 "r"(bytes), "r"(barrier)
                 : "memory");
}

// 16 bytes by this thread, `bytes` of them from global memory and zeros after.
__device__ __forceinline__ void copy_async(unsigned shared, const void *global, int bytes) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(global), "r"(bytes) : "memory");
}

// Arrives once all copies of this thread so far, and its stores, have ended.
__device__ __forceinline__ void arrive_after_copies(unsigned barrier) {
    asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(barrier) : "memory");
}

__device__ __forceinline__ void wait_copies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

// Waits for the kernel ahead in the stream if this one was launched early (PTX ISA, "griddepcontrol").
__device__ __forceinline__ void wait_for_preparation() { asm volatile("griddepcontrol.wait;" ::: "memory"); }

// Orders stores of this thread to shared memory before reads by the matrix units.
__device__ __forceinline__ void publish_to_matrix_units() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

template <int kRegisters> __device__ __forceinline__ void take_registers() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

template <int kRegisters> __device__ __forceinline__ void give_registers() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

// Hardware barriers 1 .. 15 among `threads` threads.
__device__ __forceinline__ void wait_turn(int barrier, int threads) {
    asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

__device__ __forceinline__ void give_turn(int barrier, int threads) {
    asm volatile("bar.arrive %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

} // namespace sage
