// wmma.m16n16k16 (fp16 operands, fp32 accumulator): the one tensor-core form that sm_70, sm_75 and every later architecture share.
// PTX leaves the placement of elements in fragments open, so the code that uses these asks the hardware for it (see FragmentRows).
// Shared addresses are 32-bit, leading dimensions count elements.
#pragma once

namespace sage {

struct Operand {
    unsigned r[8];
};

struct Accumulator {
    float r[8];
};

__device__ __forceinline__ Operand load_a(unsigned address, int leading) {
    Operand f;
    asm volatile("wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%0, %1, %2, %3, %4, %5, %6, %7}, [%8], %9;"
                 : "=r"(f.r[0]), "=r"(f.r[1]), "=r"(f.r[2]), "=r"(f.r[3]), "=r"(f.r[4]), "=r"(f.r[5]), "=r"(f.r[6]), "=r"(f.r[7])
                 : "r"(address), "r"(leading)
                 : "memory");
    return f;
}

// Operand B stored as [n][k] rows: the transpose of a row-major matrix.
__device__ __forceinline__ Operand load_b_transposed(unsigned address, int leading) {
    Operand f;
    asm volatile("wmma.load.b.sync.aligned.col.m16n16k16.shared.f16 {%0, %1, %2, %3, %4, %5, %6, %7}, [%8], %9;"
                 : "=r"(f.r[0]), "=r"(f.r[1]), "=r"(f.r[2]), "=r"(f.r[3]), "=r"(f.r[4]), "=r"(f.r[5]), "=r"(f.r[6]), "=r"(f.r[7])
                 : "r"(address), "r"(leading)
                 : "memory");
    return f;
}

__device__ __forceinline__ Operand load_b(unsigned address, int leading) {
    Operand f;
    asm volatile("wmma.load.b.sync.aligned.row.m16n16k16.shared.f16 {%0, %1, %2, %3, %4, %5, %6, %7}, [%8], %9;"
                 : "=r"(f.r[0]), "=r"(f.r[1]), "=r"(f.r[2]), "=r"(f.r[3]), "=r"(f.r[4]), "=r"(f.r[5]), "=r"(f.r[6]), "=r"(f.r[7])
                 : "r"(address), "r"(leading)
                 : "memory");
    return f;
}

__device__ __forceinline__ Accumulator load_accumulator(unsigned address, int leading) {
    Accumulator f;
    asm volatile("wmma.load.c.sync.aligned.row.m16n16k16.shared.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, [%8], %9;"
                 : "=f"(f.r[0]), "=f"(f.r[1]), "=f"(f.r[2]), "=f"(f.r[3]), "=f"(f.r[4]), "=f"(f.r[5]), "=f"(f.r[6]), "=f"(f.r[7])
                 : "r"(address), "r"(leading)
                 : "memory");
    return f;
}

__device__ __forceinline__ void store_accumulator(unsigned address, const Accumulator &f, int leading) {
    asm volatile("wmma.store.d.sync.aligned.row.m16n16k16.shared.f32 [%0], {%1, %2, %3, %4, %5, %6, %7, %8}, %9;" ::"r"(address),
                 "f"(f.r[0]), "f"(f.r[1]), "f"(f.r[2]), "f"(f.r[3]), "f"(f.r[4]), "f"(f.r[5]), "f"(f.r[6]), "f"(f.r[7]), "r"(leading)
                 : "memory");
}

#define SAGE_WMMA(b_layout)                                                                                                              \
    asm volatile("wmma.mma.sync.aligned.row." b_layout ".m16n16k16.f32.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, "                           \
                 "{%8, %9, %10, %11, %12, %13, %14, %15}, {%16, %17, %18, %19, %20, %21, %22, %23}, {%0, %1, %2, %3, %4, %5, %6, %7};"   \
                 : "+f"(d.r[0]), "+f"(d.r[1]), "+f"(d.r[2]), "+f"(d.r[3]), "+f"(d.r[4]), "+f"(d.r[5]), "+f"(d.r[6]), "+f"(d.r[7])        \
                 : "r"(a.r[0]), "r"(a.r[1]), "r"(a.r[2]), "r"(a.r[3]), "r"(a.r[4]), "r"(a.r[5]), "r"(a.r[6]), "r"(a.r[7]), "r"(b.r[0]), \
                   "r"(b.r[1]), "r"(b.r[2]), "r"(b.r[3]), "r"(b.r[4]), "r"(b.r[5]), "r"(b.r[6]), "r"(b.r[7]))

// b from load_b_transposed
__device__ __forceinline__ void multiply_transposed(Accumulator &d, const Operand &a, const Operand &b) {
    SAGE_WMMA("col");
}

// b from load_b
__device__ __forceinline__ void multiply(Accumulator &d, const Operand &a, const Operand &b) {
    SAGE_WMMA("row");
}

#undef SAGE_WMMA

} // namespace sage
