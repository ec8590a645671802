/* The dispatcher operator `sageattention::attention` over the host library, without a torch ABI: torch is reached only through the C
 * functions that AOTInductor's compiled models use (aoti_torch_*: torch keeps their ABI across releases). They are declared here by
 * hand and looked up in the libtorch that is already in the process, so this file needs no torch to compile and the library no torch to
 * load. Two ways in:
 *   - torch 2.7 and later: sage_torch_register() puts a boxed kernel on a dispatch key;
 *   - torch 2.6 has no registration in C: Python calls sage_torch_attention() with tensor handles.
 * The schema and the fake kernel stand in python/sageattention/_operator.py. Compile with -fexceptions: aoti_torch_check throws through
 * attention_boxed(). */
#include "../host/sageattention.h"

#include <dlfcn.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
static struct {
    TORCH_SYMBOLS(DECLARE_POINTER)
} torch;

#define DESCRIBE_SYMBOL(result, name, parameters, library, need) {#name, library, need, (void **)(void *)&torch.name},
static const struct {
    const char *name;
    enum torch_library library;
    enum symbol_need need;
    void **address;
} torch_symbols[] = {TORCH_SYMBOLS(DESCRIBE_SYMBOL)};

/* The values of the Python function's arguments; `layout` is upstream's number: 0 = NHD, 1 = HND. */
struct sage_torch_options {
    int64_t layout;
    int64_t is_causal;
    int64_t granularity;
    int64_t smooth_k;
    int64_t route;
    double sm_scale; /* read when has_sm_scale is not 0, else head_dim^-0.5 */
    int64_t has_sm_scale;
};

enum { AXES = 4, LAYOUT_NHD = 0, LAYOUT_HND = 1 };

static int fail(char *error, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, size, format, arguments);
    va_end(arguments);
    return 1;
}

/* What torch said about the call that just failed, where torch can tell. */
static const char *torch_reason(void) {
    const char *what = torch.torch_exception_get_what_without_backtrace ? torch.torch_exception_get_what_without_backtrace() : NULL;
    return what && *what ? what : "torch wrote the reason to stderr";
}

/* Looks up every function in the loaded libtorch; the first missing one is the answer. Call it once, before anything else here. */
SAGE_API int sage_torch_resolve(char *error, size_t error_size) {
    static const char *const libraries[] = {"libtorch_cpu.so", "libtorch_cuda.so"};
    void *handles[] = {dlopen(libraries[LIBTORCH_CPU], RTLD_LAZY | RTLD_NOLOAD),
                       dlopen(libraries[LIBTORCH_CUDA], RTLD_LAZY | RTLD_NOLOAD)};
    for (size_t i = 0; i < sizeof torch_symbols / sizeof torch_symbols[0]; i++) {
        void *handle = handles[torch_symbols[i].library];
        *torch_symbols[i].address = handle ? dlsym(handle, torch_symbols[i].name) : NULL;
        if (!*torch_symbols[i].address && torch_symbols[i].need == REQUIRED)
            return fail(error, error_size, "`%s` is missing in %s%s", torch_symbols[i].name, libraries[torch_symbols[i].library],
                        handle ? "" : ", which this torch has not loaded");
    }
    return 0;
}

/* Reads a tensor in the logical order batch, head, token, channel. */
static int describe(const char *name, torch_tensor tensor, int64_t layout, struct sage_tensor *described, char *error, size_t error_size) {
    int64_t dimensions = 0, *sizes = NULL, *strides = NULL;
    int32_t dtype = 0, device_type = 0;
    if (torch.aoti_torch_get_device_type(tensor, &device_type) || torch.aoti_torch_get_device_index(tensor, &described->device) ||
        torch.aoti_torch_get_dim(tensor, &dimensions) || torch.aoti_torch_get_dtype(tensor, &dtype))
        return fail(error, error_size, "cannot read %s: %s", name, torch_reason());
    if (device_type != torch.aoti_torch_device_type_cuda())
        return fail(error, error_size, "%s is not on a CUDA device", name);
    if (dimensions != AXES)
        return fail(error, error_size, "%s has %lld dimensions, 4 are needed", name, (long long)dimensions);
    if (dtype == torch.aoti_torch_dtype_float16())
        described->dtype = SAGE_FP16;
    else if (dtype == torch.aoti_torch_dtype_bfloat16())
        described->dtype = SAGE_BF16;
    else
        return fail(error, error_size, "%s is neither float16 nor bfloat16", name);
    if (torch.aoti_torch_get_sizes(tensor, &sizes) || torch.aoti_torch_get_strides(tensor, &strides) ||
        torch.aoti_torch_get_data_ptr(tensor, &described->data))
        return fail(error, error_size, "cannot read %s: %s", name, torch_reason());
    static const int axes[][AXES] = {[LAYOUT_NHD] = {0, 2, 1, 3}, [LAYOUT_HND] = {0, 1, 2, 3}};
    for (int i = 0; i < AXES; i++) {
        described->shape[i] = sizes[axes[layout][i]];
        described->stride[i] = strides[axes[layout][i]];
    }
    return 0;
}

/* A new dense tensor; the memory comes from torch's caching allocator, so freeing it when the call returns is safe on its stream. */
static int allocate(const char *name, int dimensions, const int64_t *sizes, int32_t dtype, int32_t device, torch_tensor *tensor,
                    char *error, size_t error_size) {
    int64_t strides[AXES], next = 1;
    for (int i = dimensions - 1; i >= 0; i--) {
        strides[i] = next;
        next *= sizes[i] > 1 ? sizes[i] : 1;
    }
    if (torch.aoti_torch_empty_strided(dimensions, sizes, strides, dtype, torch.aoti_torch_device_type_cuda(), device, tensor))
        return fail(error, error_size, "cannot allocate %s of %lld elements on cuda:%d (out of memory?): %s", name, (long long)next, device,
                    torch_reason());
    return 0;
}

/* The host library wants channel stride 1: anything else is copied, on the current stream. */
static int make_channels_dense(const char *name, torch_tensor *tensor, torch_tensor *copy, int64_t layout, struct sage_tensor *described,
                               char *error, size_t error_size) {
    if (described->stride[3] == 1 || described->shape[3] <= 1) {
        described->stride[3] = 1;
        return 0;
    }
    int64_t *sizes = NULL;
    int32_t dtype = 0;
    if (torch.aoti_torch_get_sizes(*tensor, &sizes) || torch.aoti_torch_get_dtype(*tensor, &dtype))
        return fail(error, error_size, "cannot read %s: %s", name, torch_reason());
    if (allocate(name, AXES, sizes, dtype, described->device, copy, error, error_size))
        return 1;
    if (torch.aoti_torch_copy_(*copy, *tensor, 1))
        return fail(error, error_size, "cannot copy %s: %s", name, torch_reason());
    return describe(name, *copy, layout, described, error, error_size);
}

struct attention_call {
    torch_tensor inputs[3], copies[3]; /* q, k, v; owned */
    torch_tensor out, lse, workspace;  /* lse is NULL when nobody asked */
    void *guard;
};

static void release(torch_tensor *tensor) {
    if (*tensor)
        torch.aoti_torch_delete_tensor_object(*tensor);
    *tensor = NULL;
}

static int compute(struct attention_call *call, const struct sage_torch_options *options, bool wants_lse, char *error, size_t error_size) {
    static const char *const names[] = {"q", "k", "v"};
    struct sage_attention request;
    memset(&request, 0, sizeof request);
    struct sage_tensor *described[] = {&request.q, &request.k, &request.v};
    if (options->layout != LAYOUT_NHD && options->layout != LAYOUT_HND)
        return fail(error, error_size, "layout is %lld, known are 0 (NHD) and 1 (HND)", (long long)options->layout);
    for (int i = 0; i < 3; i++)
        if (describe(names[i], call->inputs[i], options->layout, described[i], error, error_size))
            return 1;
    const int32_t device = request.q.device;
    if (torch.aoti_torch_create_cuda_guard(device, &call->guard))
        return fail(error, error_size, "cannot select cuda:%d: %s", device, torch_reason());
    for (int i = 0; i < 3; i++)
        if (make_channels_dense(names[i], &call->inputs[i], &call->copies[i], options->layout, described[i], error, error_size))
            return 1;

    request.sm_scale = options->has_sm_scale ? (float)options->sm_scale : (float)(1.0 / sqrt((double)request.q.shape[3]));
    request.is_causal = options->is_causal != 0;
    request.smooth_k = options->smooth_k != 0;
    request.granularity = (int32_t)options->granularity;
    request.route = (int32_t)options->route;

    int64_t *sizes = NULL;
    int32_t dtype = 0;
    if (torch.aoti_torch_get_sizes(call->inputs[0], &sizes) || torch.aoti_torch_get_dtype(call->inputs[0], &dtype) ||
        torch.aoti_torch_get_current_cuda_stream(device, &request.stream))
        return fail(error, error_size, "cannot read q or its stream: %s", torch_reason());
    if (allocate("the output", AXES, sizes, dtype, device, &call->out, error, error_size) ||
        describe("the output", call->out, options->layout, &request.out, error, error_size))
        return 1;
    request.out.stride[3] = 1;
    if (wants_lse) {
        void *data = NULL;
        if (allocate("the log-sum-exp", 3, request.q.shape, torch.aoti_torch_dtype_float32(), device, &call->lse, error, error_size))
            return 1;
        if (torch.aoti_torch_get_data_ptr(call->lse, &data))
            return fail(error, error_size, "cannot read the log-sum-exp: %s", torch_reason());
        request.lse = data;
    }

    struct sage_workspace_layout layout;
    if (sage_workspace(&request, &layout, error, error_size))
        return 1;
    const int64_t bytes = (int64_t)layout.size;
    if (allocate("the workspace", 1, &bytes, torch.aoti_torch_dtype_uint8(), device, &call->workspace, error, error_size))
        return 1;
    if (torch.aoti_torch_get_data_ptr(call->workspace, &request.workspace))
        return fail(error, error_size, "cannot read the workspace: %s", torch_reason());
    request.workspace_size = layout.size;
    return sage_run(&request, error, error_size);
}

/* Runs the call and frees everything but its outputs; on failure those too. */
static int finish(struct attention_call *call, const struct sage_torch_options *options, bool wants_lse, char *error, size_t error_size) {
    const int status = compute(call, options, wants_lse, error, error_size);
    for (int i = 0; i < 3; i++) {
        release(&call->inputs[i]);
        release(&call->copies[i]);
    }
    release(&call->workspace);
    if (call->guard)
        torch.aoti_torch_delete_cuda_guard(call->guard);
    if (status) {
        release(&call->out);
        release(&call->lse);
    }
    return status;
}

static stable_value value_of_tensor(torch_tensor tensor) {
    stable_value value = 0;
    memcpy(&value, &tensor, sizeof tensor);
    return value;
}

static torch_tensor tensor_of_value(stable_value value) {
    torch_tensor tensor;
    memcpy(&tensor, &value, sizeof tensor);
    return tensor;
}

/* (q, k, v, layout int, is_causal bool, sm_scale float?, granularity int, smooth_k bool, route int) -> out or (out, lse). A boxed kernel
 * owns the tensors and the optional's heap cell. */
static void attention_boxed(stable_value *stack, uint64_t inputs, uint64_t outputs) {
    (void)inputs;
    char error[1024] = "";
    struct attention_call call = {.inputs = {tensor_of_value(stack[0]), tensor_of_value(stack[1]), tensor_of_value(stack[2])}};
    struct sage_torch_options options = {.layout = (int64_t)stack[3],
                                         .is_causal = (uint8_t)stack[4],
                                         .granularity = (int64_t)stack[6],
                                         .smooth_k = (uint8_t)stack[7],
                                         .route = (int64_t)stack[8]};
    stable_value *cell;
    memcpy(&cell, &stack[5], sizeof cell);
    if (cell) {
        memcpy(&options.sm_scale, cell, sizeof options.sm_scale);
        options.has_sm_scale = 1;
        if (torch.torch_delete_stable_ivalue)
            torch.torch_delete_stable_ivalue(cell);
        else
            torch._ZdlPv(cell);
    }
    if (finish(&call, &options, outputs == 2, error, sizeof error))
        torch.aoti_torch_check(false, "attention", "sageattention", 0, error);
    stack[0] = value_of_tensor(call.out);
    if (outputs == 2)
        stack[1] = value_of_tensor(call.lse);
}

/* Puts the kernels on a dispatch key of the operators that Python has defined. Returns 2 when this torch has no registration in C. The
 * registration lasts as long as the process. */
SAGE_API int sage_torch_register(const char *dispatch_key, char *error, size_t error_size) {
    if (!torch.aoti_torch_library_init_impl || !torch.aoti_torch_library_impl)
        return 2;
    void *library = NULL;
    if (torch.aoti_torch_library_init_impl("sageattention", dispatch_key, "sageattention", 0, &library) ||
        torch.aoti_torch_library_impl(library, "attention", attention_boxed) ||
        torch.aoti_torch_library_impl(library, "attention_lse", attention_boxed))
        return fail(error, error_size, "torch did not take the kernels for %s: %s", dispatch_key, torch_reason());
    return 0;
}

/* The same by handles. Owns q, k, v; writes handles that the caller owns. `lse` may be NULL. */
SAGE_API int sage_torch_attention(torch_tensor q, torch_tensor k, torch_tensor v, const struct sage_torch_options *options,
                                  torch_tensor *out, torch_tensor *lse, char *error, size_t error_size) {
    struct attention_call call = {.inputs = {q, k, v}};
    const int status = finish(&call, options, lse != NULL, error, error_size);
    *out = call.out;
    if (lse)
        *lse = call.lse;
    return status;
}
