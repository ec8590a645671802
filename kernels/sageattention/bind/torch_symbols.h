/* The functions of torch that the binding calls: those that AOTInductor's compiled models use (aoti_torch_*: torch keeps their ABI across
 * releases). They are declared here by hand and looked up in the libtorch that is already in the process, so this code needs no torch to
 * compile and the library no torch to load. */
#ifndef SAGEATTENTION_BIND_TORCH_SYMBOLS_H
#define SAGEATTENTION_BIND_TORCH_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct torch_tensor_opaque *torch_tensor; /* AtenTensorHandle: owned, freed by aoti_torch_delete_tensor_object */
typedef uint64_t stable_value;                    /* StableIValue: a value or handle in its leading bytes */
typedef void (*boxed_kernel)(stable_value *stack, uint64_t inputs, uint64_t outputs);

enum torch_library { LIBTORCH_CPU, LIBTORCH_CUDA };
enum symbol_need { REQUIRED, OPTIONAL };

/* result, name, parameters, library, need. The status functions return 0 on success. */
#define TORCH_SYMBOLS(X)                                                                                                                 \
    X(int32_t, aoti_torch_get_data_ptr, (torch_tensor, void **), LIBTORCH_CPU, REQUIRED)                                                 \
    X(int32_t, aoti_torch_get_dim, (torch_tensor, int64_t *), LIBTORCH_CPU, REQUIRED)                                                    \
    X(int32_t, aoti_torch_get_sizes, (torch_tensor, int64_t **), LIBTORCH_CPU, REQUIRED)                                                 \
    X(int32_t, aoti_torch_get_strides, (torch_tensor, int64_t **), LIBTORCH_CPU, REQUIRED)                                               \
    X(int32_t, aoti_torch_get_dtype, (torch_tensor, int32_t *), LIBTORCH_CPU, REQUIRED)                                                  \
    X(int32_t, aoti_torch_get_device_type, (torch_tensor, int32_t *), LIBTORCH_CPU, REQUIRED)                                            \
    X(int32_t, aoti_torch_get_device_index, (torch_tensor, int32_t *), LIBTORCH_CPU, REQUIRED)                                           \
    X(int32_t, aoti_torch_device_type_cuda, (void), LIBTORCH_CPU, REQUIRED)                                                              \
    X(int32_t, aoti_torch_dtype_float16, (void), LIBTORCH_CPU, REQUIRED)                                                                 \
    X(int32_t, aoti_torch_dtype_bfloat16, (void), LIBTORCH_CPU, REQUIRED)                                                                \
    X(int32_t, aoti_torch_dtype_float32, (void), LIBTORCH_CPU, REQUIRED)                                                                 \
    X(int32_t, aoti_torch_dtype_bool, (void), LIBTORCH_CPU, REQUIRED)                                                                    \
    X(int32_t, aoti_torch_dtype_int32, (void), LIBTORCH_CPU, REQUIRED)                                                                   \
    X(int32_t, aoti_torch_dtype_uint8, (void), LIBTORCH_CPU, REQUIRED)                                                                   \
    X(int32_t, aoti_torch_empty_strided, (int64_t, const int64_t *, const int64_t *, int32_t, int32_t, int32_t, torch_tensor *),         \
      LIBTORCH_CPU, REQUIRED)                                                                                                            \
    X(int32_t, aoti_torch_copy_, (torch_tensor, torch_tensor, int32_t), LIBTORCH_CPU, REQUIRED)                                          \
    X(int32_t, aoti_torch_delete_tensor_object, (torch_tensor), LIBTORCH_CPU, REQUIRED)                                                  \
    X(void, aoti_torch_check, (bool, const char *, const char *, uint32_t, const char *), LIBTORCH_CPU, REQUIRED)                        \
    X(int32_t, aoti_torch_get_current_cuda_stream, (int32_t, void **), LIBTORCH_CUDA, REQUIRED)                                          \
    X(int32_t, aoti_torch_create_cuda_guard, (int32_t, void **), LIBTORCH_CUDA, REQUIRED)                                                \
    X(int32_t, aoti_torch_delete_cuda_guard, (void *), LIBTORCH_CUDA, REQUIRED)                                                          \
    /* operator delete(void *): what frees the heap cell of an optional argument; found through libtorch's own dependencies */           \
    X(void, _ZdlPv, (void *), LIBTORCH_CPU, REQUIRED)                                                                                    \
    /* from torch 2.7 */                                                                                                                 \
    X(int32_t, aoti_torch_library_init_impl, (const char *, const char *, const char *, uint32_t, void **), LIBTORCH_CPU, OPTIONAL)      \
    X(int32_t, aoti_torch_library_impl, (void *, const char *, boxed_kernel), LIBTORCH_CPU, OPTIONAL)                                    \
    /* from torch 2.13 */                                                                                                                \
    X(int32_t, torch_delete_stable_ivalue, (stable_value *), LIBTORCH_CPU, OPTIONAL)                                                     \
    X(const char *, torch_exception_get_what_without_backtrace, (void), LIBTORCH_CPU, OPTIONAL)

#define DECLARE_POINTER(result, name, parameters, library, need) result(*name) parameters;
struct torch_functions {
    TORCH_SYMBOLS(DECLARE_POINTER)
};
#undef DECLARE_POINTER

extern struct torch_functions torch;

#pragma GCC visibility pop

#endif
