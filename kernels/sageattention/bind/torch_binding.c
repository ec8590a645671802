/* The dispatcher operators `sageattention::attention*` over the host library, without a torch ABI (torch_symbols.h). Two ways in:
 *   - torch 2.7 and later: sage_torch_register() puts boxed kernels on a dispatch key;
 *   - torch 2.6 has no registration in C: Python calls sage_torch_attention() with tensor handles.
 * The schemas and the fake kernels stand in python/sageattention/_operator.py. Compile with -fexceptions: aoti_torch_check throws through
 * the boxed kernels. */
#include "torch_symbols.h"

#include "../host/sageattention.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The values of the Python function's arguments; `layout` is upstream's number: 0 = NHD, 1 = HND. */
struct sage_torch_options {
    int64_t layout;
    int64_t is_causal;
    int64_t granularity;
    int64_t smooth_k;
    int64_t route;
    int64_t pv;
    int64_t pv_accumulator;
    int64_t smooth_v;
    double sm_scale; /* read when has_sm_scale is not 0, else head_dim^-0.5 */
    int64_t has_sm_scale;
};

/* Packed sequences: q [tokens, heads, head_dim] and offsets in place of a batch. */
enum { AXES = 4, LAYOUT_NHD = 0, LAYOUT_HND = 1, LAYOUT_PACKED = 2 };
enum { Q, K, V, MASK, OFFSETS_Q, OFFSETS_K, INPUTS }; /* from MASK on NULL where there is none */

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

struct view {
    int64_t dimensions, *sizes, *strides;
    int32_t dtype, device;
    void *data;
};

static int look_at(const char *name, torch_tensor tensor, struct view *view, char *error, size_t error_size) {
    int32_t device_type = 0;
    if (!tensor) /* torch 2.6 lets None pass for a tensor */
        return fail(error, error_size, "%s is no tensor", name);
    if (torch.aoti_torch_get_device_type(tensor, &device_type) || torch.aoti_torch_get_device_index(tensor, &view->device) ||
        torch.aoti_torch_get_dim(tensor, &view->dimensions) || torch.aoti_torch_get_dtype(tensor, &view->dtype))
        return fail(error, error_size, "cannot read %s: %s", name, torch_reason());
    if (device_type != torch.aoti_torch_device_type_cuda())
        return fail(error, error_size, "%s is not on a CUDA device", name);
    if (torch.aoti_torch_get_sizes(tensor, &view->sizes) || torch.aoti_torch_get_strides(tensor, &view->strides) ||
        torch.aoti_torch_get_data_ptr(tensor, &view->data))
        return fail(error, error_size, "cannot read %s: %s", name, torch_reason());
    return 0;
}

static int dtype_of(int32_t dtype) {
    if (dtype == torch.aoti_torch_dtype_float16())
        return SAGE_FP16;
    if (dtype == torch.aoti_torch_dtype_bfloat16())
        return SAGE_BF16;
    if (dtype == torch.aoti_torch_dtype_float32())
        return SAGE_FP32;
    return dtype == torch.aoti_torch_dtype_bool() ? SAGE_BOOL : -1;
}

/* Reads a tensor in the logical order batch, head, token, channel. */
static int describe(const char *name, torch_tensor tensor, int64_t layout, struct sage_tensor *described, char *error, size_t error_size) {
    struct view view;
    if (look_at(name, tensor, &view, error, error_size))
        return 1;
    const int first = layout == LAYOUT_PACKED; /* its batch is no axis */
    if (view.dimensions != AXES - first)
        return fail(error, error_size, "%s has %lld dimensions, %d are needed", name, (long long)view.dimensions, AXES - first);
    described->dtype = dtype_of(view.dtype);
    if (described->dtype != SAGE_FP16 && described->dtype != SAGE_BF16)
        return fail(error, error_size, "%s is neither float16 nor bfloat16", name);
    static const int axes[][AXES] = {[LAYOUT_NHD] = {0, 2, 1, 3}, [LAYOUT_HND] = {0, 1, 2, 3}, [LAYOUT_PACKED] = {0, 1, 0, 2}};
    described->shape[0] = 1;
    described->stride[0] = 0;
    for (int i = first; i < AXES; i++) {
        described->shape[i] = view.sizes[axes[layout][i]];
        described->stride[i] = view.strides[axes[layout][i]];
    }
    described->data = view.data;
    described->device = view.device;
    return 0;
}

/* [batch, head, query, key], where missing leading axes are broadcast. */
static int describe_mask(torch_tensor tensor, struct sage_tensor *mask, char *error, size_t error_size) {
    struct view view;
    if (look_at("attn_mask", tensor, &view, error, error_size))
        return 1;
    if (view.dimensions > AXES)
        return fail(error, error_size, "attn_mask has %lld dimensions, at most 4 are possible", (long long)view.dimensions);
    if ((mask->dtype = dtype_of(view.dtype)) < 0)
        return fail(error, error_size, "attn_mask is neither bool, float16, bfloat16 nor float32");
    for (int i = 0; i < AXES; i++) {
        const int64_t axis = i - (AXES - view.dimensions);
        mask->shape[i] = axis < 0 ? 1 : view.sizes[axis];
        mask->stride[i] = axis < 0 ? 0 : view.strides[axis];
    }
    mask->data = view.data;
    mask->device = view.device;
    return 0;
}

static int describe_offsets(const char *name, torch_tensor tensor, int32_t device, const int32_t **offsets, int64_t *sequences, char *error,
                            size_t error_size) {
    struct view view;
    if (look_at(name, tensor, &view, error, error_size))
        return 1;
    if (view.device != device)
        return fail(error, error_size, "%s is on CUDA device %d but q is on device %d", name, view.device, device);
    if (view.dtype != torch.aoti_torch_dtype_int32() || view.dimensions != 1 || view.sizes[0] < 1 ||
        (view.sizes[0] > 1 && view.strides[0] != 1))
        return fail(error, error_size, "%s must be a contiguous int32 tensor of one dimension and at least one element", name);
    *offsets = view.data;
    *sequences = view.sizes[0] - 1;
    return 0;
}

/* A new dense tensor; the memory comes from torch's caching allocator, so freeing it when the call returns is safe on its stream. */
static int allocate(const char *name, int64_t dimensions, const int64_t *sizes, int32_t dtype, int32_t device, torch_tensor *tensor,
                    char *error, size_t error_size) {
    int64_t strides[AXES], next = 1;
    for (int64_t i = dimensions - 1; i >= 0; i--) {
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
    struct view view;
    if (look_at(name, *tensor, &view, error, error_size) ||
        allocate(name, view.dimensions, view.sizes, view.dtype, view.device, copy, error, error_size))
        return 1;
    if (torch.aoti_torch_copy_(*copy, *tensor, 1))
        return fail(error, error_size, "cannot copy %s: %s", name, torch_reason());
    return describe(name, *copy, layout, described, error, error_size);
}

struct attention_call {
    torch_tensor inputs[INPUTS]; /* owned */
    torch_tensor copies[V + 1];
    torch_tensor out, lse, workspace; /* lse is NULL when nobody asked */
    void *guard;
};

static void release(torch_tensor *tensor) {
    if (*tensor)
        torch.aoti_torch_delete_tensor_object(*tensor);
    *tensor = NULL;
}

static int describe_inputs(struct attention_call *call, int64_t layout, struct sage_attention *request, char *error, size_t error_size) {
    static const char *const names[] = {"q", "k", "v"};
    struct sage_tensor *described[] = {&request->q, &request->k, &request->v};
    for (int i = Q; i <= V; i++)
        if (describe(names[i], call->inputs[i], layout, described[i], error, error_size))
            return 1;
    const int32_t device = request->q.device;
    if (call->inputs[MASK] && describe_mask(call->inputs[MASK], &request->mask, error, error_size))
        return 1;
    if (layout == LAYOUT_PACKED) {
        int64_t sequences_k = 0;
        if (describe_offsets("cu_seqlens_q", call->inputs[OFFSETS_Q], device, &request->cu_seqlens_q, &request->sequences, error, error_size) ||
            describe_offsets("cu_seqlens_k", call->inputs[OFFSETS_K], device, &request->cu_seqlens_k, &sequences_k, error, error_size))
            return 1;
        if (request->sequences != sequences_k)
            return fail(error, error_size, "cu_seqlens_q has %lld sequences and cu_seqlens_k %lld, they must be equal",
                        (long long)request->sequences, (long long)sequences_k);
    }
    if (torch.aoti_torch_create_cuda_guard(device, &call->guard))
        return fail(error, error_size, "cannot select cuda:%d: %s", device, torch_reason());
    for (int i = Q; i <= V; i++)
        if (make_channels_dense(names[i], &call->inputs[i], &call->copies[i], layout, described[i], error, error_size))
            return 1;
    return 0;
}

static int compute(struct attention_call *call, const struct sage_torch_options *options, bool wants_lse, char *error, size_t error_size) {
    struct sage_attention request;
    memset(&request, 0, sizeof request);
    const int64_t last = call->inputs[OFFSETS_Q] ? LAYOUT_PACKED : LAYOUT_HND;
    if (options->layout < LAYOUT_NHD || options->layout > last)
        return fail(error, error_size, "layout is %lld, known are 0 (NHD) and 1 (HND)", (long long)options->layout);
    if (describe_inputs(call, options->layout, &request, error, error_size))
        return 1;
    const int32_t device = request.q.device;
    request.sm_scale = options->has_sm_scale ? (float)options->sm_scale : (float)(1.0 / sqrt((double)request.q.shape[3]));
    request.is_causal = options->is_causal != 0;
    request.smooth_k = options->smooth_k != 0;
    request.granularity = (int32_t)options->granularity;
    request.route = (int32_t)options->route;
    request.pv = (int32_t)options->pv;
    request.pv_accumulator = (int32_t)options->pv_accumulator;
    request.smooth_v = options->smooth_v != 0;

    struct view q;
    if (look_at("q", call->inputs[Q], &q, error, error_size))
        return 1;
    if (torch.aoti_torch_get_current_cuda_stream(device, &request.stream))
        return fail(error, error_size, "cannot read the stream of cuda:%d: %s", device, torch_reason());
    if (allocate("the output", q.dimensions, q.sizes, q.dtype, device, &call->out, error, error_size) ||
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
    if (bytes > 0) {
        if (allocate("the workspace", 1, &bytes, torch.aoti_torch_dtype_uint8(), device, &call->workspace, error, error_size))
            return 1;
        if (torch.aoti_torch_get_data_ptr(call->workspace, &request.workspace))
            return fail(error, error_size, "cannot read the workspace: %s", torch_reason());
    }
    request.workspace_size = layout.size;
    return sage_run(&request, error, error_size);
}

/* Runs the call and frees everything but its outputs; on failure those too. */
static int finish(struct attention_call *call, const struct sage_torch_options *options, bool wants_lse, char *error, size_t error_size) {
    const int status = compute(call, options, wants_lse, error, error_size);
    for (int i = 0; i < INPUTS; i++)
        release(&call->inputs[i]);
    for (int i = Q; i <= V; i++)
        release(&call->copies[i]);
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

/* The value of an optional argument, whose heap cell a boxed kernel owns; false for None. */
static bool take_optional(stable_value optional, stable_value *value) {
    stable_value *cell;
    memcpy(&cell, &optional, sizeof cell);
    if (!cell)
        return false;
    *value = *cell;
    if (torch.torch_delete_stable_ivalue)
        torch.torch_delete_stable_ivalue(cell);
    else
        torch._ZdlPv(cell);
    return true;
}

static void take_scale(stable_value optional, struct sage_torch_options *options) {
    stable_value value = 0;
    options->has_sm_scale = take_optional(optional, &value);
    memcpy(&options->sm_scale, &value, sizeof options->sm_scale);
}

static void answer(struct attention_call *call, const struct sage_torch_options *options, stable_value *stack, uint64_t outputs) {
    char error[1024] = "";
    if (finish(call, options, outputs == 2, error, sizeof error))
        torch.aoti_torch_check(false, "attention", "sageattention", 0, error);
    stack[0] = value_of_tensor(call->out);
    if (outputs == 2)
        stack[1] = value_of_tensor(call->lse);
}

/* (q, k, v, layout int, is_causal bool, sm_scale float?, granularity int, smooth_k bool, route int, pv int, pv_accumulator int,
 * smooth_v bool, attn_mask Tensor?) -> out or (out, lse). A boxed kernel owns its tensors. */
static void attention_boxed(stable_value *stack, uint64_t inputs, uint64_t outputs) {
    (void)inputs;
    struct attention_call call = {.inputs = {tensor_of_value(stack[0]), tensor_of_value(stack[1]), tensor_of_value(stack[2])}};
    struct sage_torch_options options = {.layout = (int64_t)stack[3],
                                         .is_causal = (uint8_t)stack[4],
                                         .granularity = (int64_t)stack[6],
                                         .smooth_k = (uint8_t)stack[7],
                                         .route = (int64_t)stack[8],
                                         .pv = (int64_t)stack[9],
                                         .pv_accumulator = (int64_t)stack[10],
                                         .smooth_v = (uint8_t)stack[11]};
    stable_value mask;
    take_scale(stack[5], &options);
    if (take_optional(stack[12], &mask))
        call.inputs[MASK] = tensor_of_value(mask);
    answer(&call, &options, stack, outputs);
}

/* (q, k, v, cu_seqlens_q, cu_seqlens_k, is_causal bool, sm_scale float?, smooth_k bool, route int) -> out */
static void varlen_boxed(stable_value *stack, uint64_t inputs, uint64_t outputs) {
    (void)inputs;
    struct attention_call call = {.inputs = {tensor_of_value(stack[0]), tensor_of_value(stack[1]), tensor_of_value(stack[2]), NULL,
                                             tensor_of_value(stack[3]), tensor_of_value(stack[4])}};
    struct sage_torch_options options = {.layout = LAYOUT_PACKED,
                                         .is_causal = (uint8_t)stack[5],
                                         .granularity = SAGE_PER_THREAD,
                                         .smooth_k = (uint8_t)stack[7],
                                         .route = (int64_t)stack[8]};
    take_scale(stack[6], &options);
    answer(&call, &options, stack, outputs);
}

/* Puts the kernels on a dispatch key of the operators that Python has defined. Returns 2 when this torch has no registration in C. The
 * registration lasts as long as the process. */
SAGE_API int sage_torch_register(const char *dispatch_key, char *error, size_t error_size) {
    if (!torch.aoti_torch_library_init_impl || !torch.aoti_torch_library_impl)
        return 2;
    void *library = NULL;
    if (torch.aoti_torch_library_init_impl("sageattention", dispatch_key, "sageattention", 0, &library) ||
        torch.aoti_torch_library_impl(library, "attention", attention_boxed) ||
        torch.aoti_torch_library_impl(library, "attention_lse", attention_boxed) ||
        torch.aoti_torch_library_impl(library, "attention_varlen", varlen_boxed))
        return fail(error, error_size, "torch did not take the kernels for %s: %s", dispatch_key, torch_reason());
    return 0;
}

/* The same by handles: q, k, v, mask, cu_seqlens_q, cu_seqlens_k, the last three NULL where there are none. Owns them; writes handles that
 * the caller owns. `lse` may be NULL. */
SAGE_API int sage_torch_attention(const torch_tensor *inputs, const struct sage_torch_options *options, torch_tensor *out,
                                  torch_tensor *lse, char *error, size_t error_size) {
    struct attention_call call = {.inputs = {NULL}};
    memcpy(call.inputs, inputs, sizeof call.inputs);
    const int status = finish(&call, options, lse != NULL, error, error_size);
    *out = call.out;
    if (lse)
        *lse = call.lse;
    return status;
}
