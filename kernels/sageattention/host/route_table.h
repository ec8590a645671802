/* Which unit is the fastest one: measured on the GPU that a row names (bench/), read by route.c. The first row that a request meets and
 * whose unit is in the library decides; units that no row names come last, newest first. */
#ifndef SAGEATTENTION_HOST_ROUTE_TABLE_H
#define SAGEATTENTION_HOST_ROUTE_TABLE_H

#include "sageattention.h"

static const struct sage_preference {
    int major, minor;        /* compute capability */
    int64_t most_rows;       /* tokens of q times query heads per head of k */
    int64_t least_k, most_k; /* tokens of k */
    int64_t most_heads;      /* batch times heads of k */
    int64_t most_d;          /* head dimension */
    int route;
    const char *source; /* for people: what the row rests on */
} sage_preferences[] = {
    {9, 0, 64, 0, INT64_MAX, INT64_MAX, 128, SAGE_ROUTE_DIRECT, "few query rows: reading K and V once is all there is to do"},
    {9, 0, 256, 0, 128, INT64_MAX, 128, SAGE_ROUTE_DIRECT, "few keys: they stay in shared memory, and nothing is prepared"},
    {9, 0, 1024, 0, 128, INT64_MAX, 64, SAGE_ROUTE_DIRECT, "few keys: they stay in shared memory, and nothing is prepared"},
    {9, 0, 1024, 0, 80, INT64_MAX, 128, SAGE_ROUTE_DIRECT, "few keys: they stay in shared memory, and nothing is prepared"},
    {9, 0, 8192, 0, 80, INT64_MAX, 64, SAGE_ROUTE_DIRECT, "few keys: they stay in shared memory, and nothing is prepared"},
    {9, 0, 256, 4096, INT64_MAX, INT64_MAX, 128, SAGE_ROUTE_DIRECT, "few query rows over many keys, which thread blocks divide"},
    {9, 0, 512, 4096, INT64_MAX, 8, 128, SAGE_ROUTE_DIRECT, "few query rows and heads over many keys, which thread blocks divide"},
    {9, 0, INT64_MAX, 0, INT64_MAX, INT64_MAX, 128, SAGE_ROUTE_SM90, "the fastest unit at every other size measured on an H200"},
};

#endif
