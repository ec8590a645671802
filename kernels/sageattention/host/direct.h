/* The attention on 16-bit K and V (units/sm90_direct.cu). */
#ifndef SAGEATTENTION_HOST_DIRECT_H
#define SAGEATTENTION_HOST_DIRECT_H

#include "driver.h"
#include "sageattention.h"

#pragma GCC visibility push(hidden)

/* How a checked request is cut into thread blocks. */
struct sage_direct_plan {
    uint64_t partial_out, partial_lse, size; /* bytes from the start of the workspace; size 0: the keys are not divided */
    int64_t rows, kv_heads, row_tiles;       /* rows and their tiles: of each of the kv_heads (batch * heads of k) */
    enum sage_direct_kind {
        SAGE_DIRECT_FEW,  /* the warps of a thread block share its rows */
        SAGE_DIRECT_MANY, /* they divide them */
        SAGE_DIRECT_SHORT /* they divide them, and all keys are in shared memory; thread blocks divide the tiles of rows */
    } kind;
    int splits, split_tiles;
};

int sage_direct_make_plan(const struct sage_attention *request, int multiprocessors, struct sage_direct_plan *plan,
                          struct sage_error error);

/* One launch in the current context, two if the keys are divided. */
int sage_direct_launch(const struct sage_driver *driver, const struct sage_attention *request, const struct sage_direct_plan *plan,
                       struct sage_error error);

#pragma GCC visibility pop

#endif
