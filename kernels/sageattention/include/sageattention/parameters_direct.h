/* What the host passes to the kernels that attend to 16-bit K and V without quantising them (units/sm90_direct.cu); read by C11 and by
 * NVRTC like parameters.h. */
#ifndef SAGEATTENTION_PARAMETERS_DIRECT_H
#define SAGEATTENTION_PARAMETERS_DIRECT_H

#include "parameters.h"

enum {
    SAGE_DIRECT_KEYS = 64, /* of a tile */
    SAGE_DIRECT_THREADS = 128,
    SAGE_DIRECT_FEW_ROWS = 16,         /* rows of a thread block whose warps share them and divide the keys */
    SAGE_DIRECT_MANY_ROWS = 64,        /* rows of one whose warps divide them */
    SAGE_DIRECT_SHARED = 98304 + 1024, /* bytes: tiles of K and V, statistics of the warps */
    SAGE_DIRECT_MOST_SPLITS = 128,
    SAGE_DIRECT_SHORT_KEYS = 128 /* at most so many stay in shared memory for all rows of a thread block */
};

/* The query heads of one head of K share its rows: row r of b * heads_k + kv head is token r / group of query head kv * group + r % group.
 */
struct sage_direct_parameters {
    struct sage_strided q, k, v, out;
    float *lse;         /* [b, hq, sq], or null */
    float *partial_out; /* [b * hk, splits, rows, d_padded]: normalised results of the splits; null if there is one split */
    float *partial_lse; /* [b * hk, splits, rows], base 2; -inf: the split sees no key, and nothing stands in partial_out */
    float sm_scale;
    int heads_q, heads_k, group, sq, sk, d;
    int rows;        /* of a head of K: sq * group */
    int row_tiles;   /* per head of K */
    int splits;      /* thread blocks that share the keys of a tile of rows, or the tiles of rows of a head where all keys are held */
    int split_tiles; /* tiles of keys of each of them */
    int bfloat16, causal;
};

#endif
