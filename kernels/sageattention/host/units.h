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
    SAGE_PREPARE_SM90_D64,
    SAGE_PREPARE_SM90_D128,
    SAGE_ATTEND_SM70_D64,
    SAGE_ATTEND_SM70_D128,
    SAGE_ATTEND_SM80_D64,
    SAGE_ATTEND_SM80_D128,
    SAGE_ATTEND_SM80_D64_GENERAL,
    SAGE_ATTEND_SM80_D128_GENERAL,
    SAGE_ATTEND_SM90_D64,
    SAGE_ATTEND_SM90_D128,
    SAGE_DIRECT_FEW_D64,
    SAGE_DIRECT_FEW_D128,
    SAGE_DIRECT_MANY_D64,
    SAGE_DIRECT_MANY_D128,
    SAGE_DIRECT_SHORT_D64,
    SAGE_DIRECT_SHORT_D128,
    SAGE_DIRECT_JOIN_D64,
    SAGE_DIRECT_JOIN_D128,
    SAGE_KERNEL_COUNT
};

struct sage_gpu {
    char name[128];
    int major, minor;
    int multiprocessors;
};

int sage_query_gpu(const struct sage_driver *driver, int device, struct sage_gpu *gpu, struct sage_error error);

/* The same for the life of the process: the query costs a microsecond each time. */
int sage_known_gpu(const struct sage_driver *driver, int device, const struct sage_gpu **gpu, struct sage_error error);

/* Whether one of the compute capabilities in `archs` runs on the GPU: the same major number and no larger minor one; "9.0a" serves 9.0 only,
 * "12.0f" what "12.0" does. */
int sage_archs_serve(const char *archs, int major, int minor);

/* Whether the library holds an image of the unit that runs on the GPU. */
int sage_unit_serves(const char *unit, const struct sage_gpu *gpu);

/* `unit: archs` of every image, with `separator` between them. */
void sage_list_images(char *text, size_t size, const char *separator);

/* The kernel, ready for launches on `device` in the current context with `shared_bytes` of dynamic shared memory. */
int sage_get_kernel(const struct sage_driver *driver, enum sage_kernel kernel, int device, unsigned shared_bytes, CUfunction *function,
                    struct sage_error error);

#pragma GCC visibility pop

#endif
