/* What the host passes to the Hopper preparation kernels (units/sm90_preparation.cu); read by C11 and by NVRTC like parameters.h. */
#ifndef SAGEATTENTION_PARAMETERS_SM90_PREPARATION_H
#define SAGEATTENTION_PARAMETERS_SM90_PREPARATION_H

#include "parameters.h"

enum {
    SAGE_SM90_PREPARE_TILE = 128, /* keys that share four scales, and what sk is padded to */
    SAGE_SM90_PREPARE_THREADS = 256,
    SAGE_SM90_MAX_SLOTS = 13, /* tiles that a thread block can hold in shared memory */
    SAGE_SM90_MAX_CLUSTER = 8 /* the largest cluster that every GPU of compute capability 9.0 takes */
};

/* Shared memory of one tile: 128 rows, and 16 bytes after each 16 of them. */
#define SAGE_SM90_SLOT_BYTES(d_padded) (SAGE_SM90_PREPARE_TILE * 2 * (d_padded) + SAGE_SM90_PREPARE_TILE / 16 * 16)

/* A cluster of thread blocks prepares the K or the V of one (batch, kv head). d_padded is 64 or 128, by kernel. */
struct sage_sm90_prepare_parameters {
    struct sage_strided k, v;
    signed char *k_int8;  /* [b, hk, sk_padded, d_padded]; of each 16 keys, key 4t + 2i + j stands in row 8i + 2t + j (i, j = 0, 1) */
    float *k_scale;       /* [b, hk, sk_padded / 128, 4]: scale t serves the keys with key % 16 / 4 == t */
    unsigned char *v_fp8; /* e4m3 [b, hk, d_padded, sk_padded] */
    float *v_scale;       /* [b, hk, d_padded] */
    float *k_mean;        /* [b, hk, d_padded], zeros if K is not smoothed */
    float *v_mean;        /* [b, hk, d_padded], or null: V is not smoothed */
    int heads_k, sk, sk_padded, d;
    int slots; /* tiles in the dynamic shared memory; the cluster's statistics follow them */
    int bfloat16, smooth_k, per_thread;
};

#endif
