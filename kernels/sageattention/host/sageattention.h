/* C ABI of the host library: quantised attention over raw device pointers. No CUDA runtime, no torch, no Python: the CUDA driver is
 * opened at run time (libcuda.so.1, cuGetProcAddress_v2). Thread safe. A function that fails writes one sentence into `error`.
 *
 * Tensors are described in the logical order [batch, head, token, channel] whatever their memory layout is: HND and NHD differ in
 * strides only. Strides count elements. The channel stride must be 1. */
#ifndef SAGEATTENTION_HOST_SAGEATTENTION_H
#define SAGEATTENTION_HOST_SAGEATTENTION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAGE_API __attribute__((visibility("default")))

/* What the functions return. */
enum sage_status {
    SAGE_OK = 0,
    SAGE_INVALID = 1,     /* the request is wrong: a shape, dtype, stride, device or option */
    SAGE_UNAVAILABLE = 2, /* no driver, no such GPU, or no image for it */
    SAGE_DRIVER = 3       /* the CUDA driver refused a call */
};

enum sage_dtype { SAGE_FP16 = 0, SAGE_BF16 = 1, SAGE_FP32 = 2, SAGE_BOOL = 3 };

/* Which kernel unit runs: automatic by GPU and request (route.c), or one of them by name (tests prove the fallback on newer GPUs). */
enum sage_route { SAGE_ROUTE_AUTO = 0, SAGE_ROUTE_DIRECT = 16, SAGE_ROUTE_SM70 = 70, SAGE_ROUTE_SM80 = 80, SAGE_ROUTE_SM90 = 90 };

/* The format of P and V in the second product. FP16 excludes the units that multiply in FP8; FP8 prefers them, and a GPU without one
 * computes in FP16, which is more exact. */
enum sage_pv { SAGE_PV_AUTO = 0, SAGE_PV_FP16 = 1, SAGE_PV_FP8 = 2 };

/* The accumulator of the second product: SageAttention2++ (arXiv 2505.21136), section 3. A unit may accumulate more exactly. */
enum sage_accumulator { SAGE_ACCUMULATOR_AUTO = 0, SAGE_ACCUMULATOR_FP32 = 1, SAGE_ACCUMULATOR_FP32_FP32 = 2, SAGE_ACCUMULATOR_FP32_FP16 = 3 };

/* Who shares a scale of Q and K: SageAttention2 (arXiv 2411.10958), section 3.2. */
enum sage_granularity { SAGE_PER_WARP = 2, SAGE_PER_THREAD = 3 };

struct sage_tensor {
    void *data;
    int64_t shape[4];  /* batch, head, token, channel */
    int64_t stride[4]; /* elements */
    int32_t dtype;     /* enum sage_dtype */
    int32_t device;    /* CUDA ordinal; the check that all agree is made here */
};

struct sage_attention {
    struct sage_tensor q, k, v, out; /* q, out: [b, hq, sq, d]; k, v: [b, hk, sk, d]; fp16 or bf16, all equal; hq % hk == 0; d <= 128 */
    float *lse;                      /* [b, hq, sq] contiguous, natural logarithm, or NULL */
    float sm_scale;                  /* multiplies QK^T, any finite value; the caller puts d^-0.5 for its default */
    int32_t is_causal;               /* key index > query index is masked (top-left), as upstream does */
    int32_t smooth_k;                /* subtract the mean of K over tokens: SageAttention (arXiv 2410.02367), section 4.2 */
    int32_t granularity;             /* enum sage_granularity */
    int32_t route;                   /* enum sage_route */
    void *stream;                    /* CUstream of the device */
    void *workspace;                 /* device memory, 256-byte aligned, at least sage_workspace_layout.size bytes */
    uint64_t workspace_size;
    int32_t pv;                      /* enum sage_pv */
    int32_t pv_accumulator;          /* enum sage_accumulator */
    int32_t smooth_v;                /* FP8: subtract the mean of V over tokens, and add it to the output. FP16 holds V exactly and ignores it */
    /* data NULL: no mask. Shape [b, hq, sq, sk], where an axis of 1 is broadcast; any strides, the last one too. SAGE_BOOL (one byte): a key
     * counts where it is not 0; fp16, bf16, fp32: added to the logits (natural base). A row without any key gives 0 and LSE -inf. */
    struct sage_tensor mask;
    /* Both NULL: every batch element has sq queries and sk keys. Else device memory of `sequences` + 1 ascending offsets: q and out are
     * [1, hq, all queries, d], k and v [1, hk, all keys, d], lse [1, hq, all queries], and sequence i has the tokens from element i to
     * element i + 1. Queries outside the sequences are left alone. The host never reads them; offsets beyond the tokens are cut off. */
    const int32_t *cu_seqlens_q, *cu_seqlens_k;
    int64_t sequences;
};

/* Where the quantised operands stand in the workspace (bytes from its start), so that tests can rebuild the attention from exactly what
 * the kernel read. Shapes: q_int8 [b, hq, sq_padded, d_padded], k_int8 [b, hk, sk_padded, d_padded], v_fp16 [b, hk, sk_padded, d_padded];
 * q_scale [b, hq, q_scales_per_head] and k_scale [b, hk, k_scales_per_head] float, indexed by sage_q_scale_index / sage_k_scale_index;
 * k_mean float [b, hk, d_padded] (zeros if K is not smoothed); v_scale float [b, hk, d_padded] (v = v_fp16 * v_scale, powers of two);
 * lse_shift float [b, hq, sq_padded], sm_scale * (q . k_mean), written only if the LSE is asked for and K is smoothed.
 * The logits in base 2 are (q_int8 . k_int8) * q_scale * k_scale: q_scale holds |sm_scale| * log2(e), q_int8 the sign of sm_scale. */
struct sage_workspace_layout {
    uint64_t size;
    uint64_t q_int8, q_scale, k_int8, k_scale, v_fp16, v_scale, k_mean, lse_shift;
    int32_t sq_padded, sk_padded, d_padded;
    int32_t q_scales_per_head, k_scales_per_head;
};

/* Checks shapes, dtypes, strides and devices (no GPU is touched) and computes the layout. */
SAGE_API int sage_workspace(const struct sage_attention *request, struct sage_workspace_layout *layout, char *error, size_t error_size);

/* Index of the scale of query row / key row `token` within its head. */
SAGE_API int32_t sage_q_scale_index(const struct sage_attention *request, int64_t token);
SAGE_API int32_t sage_k_scale_index(const struct sage_attention *request, int64_t token);

/* Operands that the caller quantised, in the shapes of the workspace. The units of FP16 PV take them. */
struct sage_operands {
    const void *q_int8, *k_int8, *v_fp16;
    const float *q_scale, *k_scale, *v_scale;
    int32_t q_band; /* query rows that share scales: 32 as in the workspace, or 16 */
};

/* Only the attention kernel, on such operands. Of q, k and v the request's shapes count; sm_scale, smooth_k and the workspace do not. */
SAGE_API int sage_attend(const struct sage_attention *request, const struct sage_operands *operands, char *error, size_t error_size);

/* Enqueues the preparation and the attention kernels on request->stream; never synchronises or allocates, safe in CUDA graphs.
 * Without keys (sk = 0) the output is 0 and the LSE -inf. */
SAGE_API int sage_run(const struct sage_attention *request, char *error, size_t error_size);

/* Only the preparation (quantisation) kernels: what tests read back. */
SAGE_API int sage_prepare(const struct sage_attention *request, char *error, size_t error_size);

/* Two lines: the unit that sage_run would use, and why; or why it would fail. Looks at no data and no workspace. */
SAGE_API int sage_explain(const struct sage_attention *request, char *text, size_t text_size);

/* One line: the GPU, its compute capability and the unit that would serve it, or why none can. SAGE_OK if the device can be served. */
SAGE_API int sage_describe_device(int32_t device, char *text, size_t text_size);

/* Images inside, e.g. "smxx_preparation: 7.0 7.5 8.0\nsm80_attention: 8.0". */
SAGE_API const char *sage_images(void);

#ifdef __cplusplus
}
#endif

#endif
