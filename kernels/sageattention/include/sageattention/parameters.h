/* What the host passes to the kernels. Read by the host compiler (C11) and by NVRTC/nvcc, so: no standard header, and only types whose
 * size and alignment agree between the two (LP64). */
#ifndef SAGEATTENTION_PARAMETERS_H
#define SAGEATTENTION_PARAMETERS_H

enum {
    /* Tokens per tile. The grids of scales follow from them: SageAttention2 (arXiv 2411.10958), section 3.2. */
    SAGE_Q_TILE = 128,         /* query rows of one thread block of the sm80 unit, and what sq is padded to */
    SAGE_Q_TILE_SM70 = 64,     /* query rows of one thread block of the sm70 unit */
    SAGE_K_TILE = 64,          /* keys that share scales, and what sk is padded to */
    SAGE_BAND = 32,            /* query rows of one warp of the sm80 unit: they share scales */
    SAGE_QUANTISE_TILE = 64,   /* tokens of one thread block of the quantisation */
    SAGE_PREPARE_THREADS = 256,
    SAGE_ATTEND_THREADS = 128,
    SAGE_GENERAL_THREADS = 256, /* of the sm80 unit with masks and packed sequences: 16 rows a warp leave it the registers */
    SAGE_SM80_SHARED_PER_CHANNEL = 384, /* bytes of dynamic shared memory of the sm80 unit per channel of the padded head dim */
    SAGE_MAX_CHUNKS = 64 /* pieces into which the reduction over tokens is cut */
};

/* A [batch, head, token, channel] tensor of 16-bit elements with channel stride 1; strides count elements. */
struct sage_strided {
    void *data;
    long long batch, head, token;
    int vectors; /* every row starts at a multiple of 16 bytes */
    int reserved;
};

enum { SAGE_MASK_FP16 = 0, SAGE_MASK_BF16 = 1, SAGE_MASK_FP32 = 2, SAGE_MASK_BOOL = 3 };

/* [batch, head, query, key]; strides count elements, 0 where an axis is broadcast. */
struct sage_mask {
    const void *data; /* or null */
    long long batch, head, query, key;
    int dtype;
    int reserved;
};

/* Offsets of packed sequences, or null: see sequences.cuh. sq and sk are then the tokens of all sequences, and what is said below to be
 * per batch element (v_scale, k_mean) is per sequence. */
struct sage_sequences {
    const int *q, *k; /* count + 1 each */
    int count;
    int reserved;
};

struct sage_prepare_parameters {
    struct sage_strided q, k, v;
    struct sage_sequences sequences;
    signed char *q_int8, *k_int8;     /* [b, h, s_padded, d_padded] */
    float *q_scale, *k_scale;         /* [b, h, scales_per_head] */
    unsigned short *v_fp16;           /* [b, hk, sk_padded, d_padded] */
    float *v_scale, *k_mean;          /* [b, hk, d_padded] */
    float *lse_shift;                 /* [b, hq, sq_padded], or null: not needed */
    float *k_partial;                 /* [b, hk, chunks, d_padded]: sums over the tokens of a chunk, divided by sk */
    unsigned *v_partial;              /* the same shape: bits of the largest |v| */
    long long q_tiles, k_tiles;       /* of SAGE_QUANTISE_TILE tokens, over all heads */
    float sm_scale;
    int heads_q, heads_k, sq, sk, d, sq_padded, sk_padded, d_padded;
    int chunks, chunk_tokens;         /* chunks = 0: no statistics were taken */
    int bfloat16, smooth_k, per_thread;
    int q_scales_per_head, k_scales_per_head;
};

struct sage_attend_parameters {
    const signed char *q_int8, *k_int8;
    const unsigned short *v_fp16;
    const float *q_scale, *k_scale, *v_scale;
    const float *lse_shift; /* or null */
    struct sage_strided out;
    float *lse;             /* [b, hq, sq], or null */
    int heads_q, heads_k, sq, sk, d, sq_padded, sk_padded;
    int q_tiles; /* per head */
    int bfloat16, causal, per_thread;
    int q_scales_per_head, k_scales_per_head;
    struct sage_mask mask;
    struct sage_sequences sequences;
    int q_band; /* query rows that share scales: SAGE_BAND, or 16 in operands that the caller quantised */
    int reserved;
};

#endif
