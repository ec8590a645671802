/* What the host passes to the attention kernel of sm_90a. Read by the host compiler (C11) and by NVRTC/nvcc, like parameters.h. */
#ifndef SAGEATTENTION_PARAMETERS_SM90_H
#define SAGEATTENTION_PARAMETERS_SM90_H

#include "parameters.h"

enum {
    SAGE_SM90_GROUP_THREADS = 128, /* of a warpgroup */
    SAGE_SM90_GROUP_ROWS = 64,     /* of queries */
    SAGE_SM90_GROUPS_D64 = 4,      /* warpgroups that compute; one more moves data */
    SAGE_SM90_GROUPS_D128 = 3,
    SAGE_SM90_K_TILE = 128,        /* keys that share scales, and what sk is padded to */
    SAGE_SM90_SHARED_D64 = 211472, /* bytes of dynamic shared memory; the unit asserts that they are right */
    SAGE_SM90_SHARED_D128 = 226112
};

/* A CUtensorMap: 128 bytes at a multiple of 64. */
#ifdef __cplusplus
struct alignas(64) sage_tensor_map {
#else
struct sage_tensor_map {
    _Alignas(64)
#endif
    unsigned long long word[16];
};

/* n / d = n * magic >> shift for 0 <= n < 2^31: magic = ceil(2^shift / d), shift = 31 + ceil(log2 d). */
struct sage_divisor {
    unsigned long long magic;
    int shift, reserved;
};

struct sage_attend_sm90_parameters {
    struct sage_tensor_map k_map; /* int8 [b * hk, sk_padded, d_padded], boxes of 128 keys */
    struct sage_tensor_map v_map; /* e4m3 [b * hk, d_padded, sk_padded], boxes of 128 keys */
    struct sage_strided q, out;
    const float *k_scale; /* [b, hk, sk_padded / 128, 4] */
    const float *v_scale; /* [b, hk, d_padded] */
    const float *v_mean;  /* the same shape, or null */
    const float *k_mean;  /* the same shape, or null: the LSE needs no shift */
    float *lse;           /* [b, hq, sq], or null */
    float sm_scale;
    int heads_q, heads_k, sq, sk, d;
    int heads, q_tiles, k_tiles; /* batch * heads_q; tiles per head */
    int items;                   /* heads * q_tiles */
    int section;                 /* heads that are worked on at the same time, so that their K and V stay in L2 */
    int bfloat16, causal;
    int reserved;
    struct sage_divisor by_section_items;            /* section * q_tiles */
    struct sage_divisor by_section, by_last_section; /* heads of a section; the last one may have fewer */
    struct sage_divisor by_heads_q, by_group;        /* by_group: query heads per head of K */
};

#endif
