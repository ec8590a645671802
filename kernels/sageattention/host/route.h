/* Which kernel unit serves a request, and why. */
#ifndef SAGEATTENTION_HOST_ROUTE_H
#define SAGEATTENTION_HOST_ROUTE_H

#include "driver.h"
#include "sageattention.h"
#include "units.h"

#pragma GCC visibility push(hidden)

struct sage_choice {
    int route;        /* enum sage_route, never SAGE_ROUTE_AUTO */
    const char *unit; /* its name, e.g. "sm80_attention" */
    char why[256];    /* written by sage_choose_route only if the caller asks for it */
};

/* The unit for a request that has passed the checks, on the GPU of its tensors; or which GPU has no image and which archs there are.
 * `quantised`: the caller has the operands of sage_attend instead of q, k and v. */
int sage_choose_route(const struct sage_driver *driver, const struct sage_attention *request, int quantised, int explain,
                      struct sage_choice *choice, struct sage_error error);

/* The first unit that serves the GPU at all, whatever the request is. */
int sage_choose_for_gpu(const struct sage_gpu *gpu, struct sage_choice *choice, struct sage_error error);

#pragma GCC visibility pop

#endif
