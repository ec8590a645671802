/* The kernel units inside this library: which of them serves a GPU, and their kernels, loaded once per process. */
#ifndef SAGEATTENTION_HOST_UNITS_H
#define SAGEATTENTION_HOST_UNITS_H

#include "driver.h"

#pragma GCC visibility push(hidden)

enum sage_kernel {
    SAGE_STATISTICS_D64,
    SAGE_STATISTICS_D128,
    SAGE_FINALISE,
    SAGE_QUANTISE_D64,
    SAGE_QUANTISE_D128,
    SAGE_ATTEND_SM70_D64,
    SAGE_ATTEND_SM70_D128,
    SAGE_ATTEND_SM80_D64,
    SAGE_ATTEND_SM80_D128,
    SAGE_KERNEL_COUNT
};

struct sage_gpu {
    char name[128];
    int major, minor;
};

int sage_query_gpu(const struct sage_driver *driver, int device, struct sage_gpu *gpu, struct sage_error error);

/* The query costs a microsecond each time, so its result is kept per device. */
int sage_choose_unit_of_device(const struct sage_driver *driver, int device, int route, int *chosen, struct sage_error error);

/* Whether one of the compute capabilities in `archs` runs on the GPU: the same major number and no larger minor one; "9.0a" serves 9.0 only,
 * "12.0f" what "12.0" does. */
int sage_archs_serve(const char *archs, int major, int minor);

/* Resolves the route to SAGE_ROUTE_SM70 or SAGE_ROUTE_SM80, or says which GPU has no image and which archs there are. */
int sage_choose_unit(const struct sage_gpu *gpu, int route, int *chosen, struct sage_error error);

/* The kernel, ready for launches on `device` in the current context with `shared_bytes` of dynamic shared memory. */
int sage_get_kernel(const struct sage_driver *driver, enum sage_kernel kernel, int device, unsigned shared_bytes, CUfunction *function,
                    struct sage_error error);

#pragma GCC visibility pop

#endif
