#include "units.h"

#include "images.h"
#include "sageattention.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_UNITS = 8, MAX_DEVICES = 64 };

static pthread_mutex_t gpu_lock = PTHREAD_MUTEX_INITIALIZER;

static const struct {
    const char *unit;
    const char *name;
} kernels[SAGE_KERNEL_COUNT] = {
    [SAGE_STATISTICS_D64] = {"smxx_preparation", "sage_statistics_d64"},
    [SAGE_STATISTICS_D128] = {"smxx_preparation", "sage_statistics_d128"},
    [SAGE_FINALISE] = {"smxx_preparation", "sage_finalise"},
    [SAGE_QUANTISE_D64] = {"smxx_preparation", "sage_quantise_d64"},
    [SAGE_QUANTISE_D128] = {"smxx_preparation", "sage_quantise_d128"},
    [SAGE_PREPARE_SM90_D64] = {"sm90_preparation", "sage_sm90_prepare_d64"},
    [SAGE_PREPARE_SM90_D128] = {"sm90_preparation", "sage_sm90_prepare_d128"},
    [SAGE_ATTEND_SM70_D64] = {"sm70_attention", "sage_attend_sm70_d64"},
    [SAGE_ATTEND_SM70_D128] = {"sm70_attention", "sage_attend_sm70_d128"},
    [SAGE_ATTEND_SM80_D64] = {"sm80_attention", "sage_attend_sm80_d64"},
    [SAGE_ATTEND_SM80_D128] = {"sm80_attention", "sage_attend_sm80_d128"},
    [SAGE_ATTEND_SM80_D64_GENERAL] = {"sm80_attention", "sage_attend_sm80_d64_general"},
    [SAGE_ATTEND_SM80_D128_GENERAL] = {"sm80_attention", "sage_attend_sm80_d128_general"},
    [SAGE_ATTEND_SM90_D64] = {"sm90_attention", "sage_attend_sm90_d64"},
    [SAGE_ATTEND_SM90_D128] = {"sm90_attention", "sage_attend_sm90_d128"},
    [SAGE_DIRECT_FEW_D64] = {"sm90_direct", "sage_direct_few_d64"},
    [SAGE_DIRECT_FEW_D128] = {"sm90_direct", "sage_direct_few_d128"},
    [SAGE_DIRECT_MANY_D64] = {"sm90_direct", "sage_direct_many_d64"},
    [SAGE_DIRECT_MANY_D128] = {"sm90_direct", "sage_direct_many_d128"},
    [SAGE_DIRECT_SHORT_D64] = {"sm90_direct", "sage_direct_short_d64"},
    [SAGE_DIRECT_SHORT_D128] = {"sm90_direct", "sage_direct_short_d128"},
    [SAGE_DIRECT_JOIN_D64] = {"sm90_direct", "sage_direct_join_d64"},
    [SAGE_DIRECT_JOIN_D128] = {"sm90_direct", "sage_direct_join_d128"},
};

static int find_image(const char *unit) {
    for (int i = 0; i < sagebuild_image_count; ++i) {
        if (strcmp(sagebuild_images[i].unit, unit) == 0) {
            return i;
        }
    }
    return -1;
}

int sage_archs_serve(const char *archs, int major, int minor) {
    const char *p = archs;
    while (*p != '\0') {
        char *end = NULL;
        long arch_major = strtol(p, &end, 10);
        if (end == p) {
            ++p;
            continue;
        }
        long arch_minor = 0;
        if (*end == '.') {
            arch_minor = strtol(end + 1, &end, 10);
        }
        const int exact = *end == 'a';
        if (arch_major == major && (exact ? arch_minor == minor : arch_minor <= minor)) {
            return 1;
        }
        p = *end != '\0' ? end + 1 : end;
    }
    return 0;
}

int sage_query_gpu(const struct sage_driver *driver, int device, struct sage_gpu *gpu, struct sage_error error) {
    CUdevice handle = -1;
    int count = 0;
    CUresult result = driver->cuDeviceGetCount(&count);
    if (result != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGetCount", result);
    }
    if (device < 0 || device >= count) {
        return sage_fail(error, SAGE_UNAVAILABLE, "there is no CUDA device %d: the driver lists %d", device, count);
    }
    if ((result = driver->cuDeviceGet(&handle, device)) != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGet", result);
    }
    if ((result = driver->cuDeviceGetName(gpu->name, sizeof gpu->name, handle)) != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGetName", result);
    }
    if ((result = driver->cuDeviceGetAttribute(&gpu->major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, handle)) != 0 ||
        (result = driver->cuDeviceGetAttribute(&gpu->minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, handle)) != 0 ||
        (result = driver->cuDeviceGetAttribute(&gpu->multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, handle)) != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGetAttribute", result);
    }
    return SAGE_OK;
}

int sage_unit_serves(const char *unit, const struct sage_gpu *gpu) {
    const int image = find_image(unit);
    return image >= 0 && sage_archs_serve(sagebuild_images[image].archs, gpu->major, gpu->minor);
}

int sage_known_gpu(const struct sage_driver *driver, int device, const struct sage_gpu **found, struct sage_error error) {
    static struct sage_gpu gpus[MAX_DEVICES];
    static int known[MAX_DEVICES];
    if (device < 0 || device >= MAX_DEVICES) {
        return sage_fail(error, SAGE_UNAVAILABLE, "CUDA device %d is beyond the %d devices that this library knows", device, MAX_DEVICES);
    }
    if (!__atomic_load_n(&known[device], __ATOMIC_ACQUIRE)) {
        struct sage_gpu gpu;
        const int status = sage_query_gpu(driver, device, &gpu, error);
        if (status != SAGE_OK) {
            return status;
        }
        pthread_mutex_lock(&gpu_lock);
        if (!known[device]) {
            gpus[device] = gpu;
            __atomic_store_n(&known[device], 1, __ATOMIC_RELEASE);
        }
        pthread_mutex_unlock(&gpu_lock);
    }
    *found = &gpus[device];
    return SAGE_OK;
}

void sage_list_images(char *text, size_t size, const char *separator) {
    text[0] = '\0';
    for (int i = 0; i < sagebuild_image_count; ++i) {
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s: %s", i > 0 ? separator : "", sagebuild_images[i].unit, sagebuild_images[i].archs);
    }
}

const char *sage_images(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char text[1024];
    pthread_mutex_lock(&lock);
    if (text[0] == '\0') {
        sage_list_images(text, sizeof text, "\n");
    }
    pthread_mutex_unlock(&lock);
    return text;
}

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static CUlibrary libraries[MAX_UNITS];                    /* guarded by load_lock */
static CUkernel handles[SAGE_KERNEL_COUNT];               /* written before the flag of any device, constant then */
static int ready[SAGE_KERNEL_COUNT][MAX_DEVICES];         /* 1: the kernel can be launched on the device */

static int load_locked(const struct sage_driver *driver, enum sage_kernel kernel, int device, unsigned shared_bytes,
                       struct sage_error error) {
    const int image = find_image(kernels[kernel].unit);
    if (image < 0 || image >= MAX_UNITS) {
        return sage_fail(error, SAGE_UNAVAILABLE, "this library has no unit %s", kernels[kernel].unit);
    }
    CUresult result;
    if (libraries[image] == NULL) {
        result = driver->cuLibraryLoadData(&libraries[image], sagebuild_images[image].fatbin, NULL, NULL, 0, NULL, NULL, 0);
        if (result != 0) {
            libraries[image] = NULL;
            return sage_fail_driver(error, driver, "cuLibraryLoadData", result);
        }
    }
    if (handles[kernel] == NULL) {
        result = driver->cuLibraryGetKernel(&handles[kernel], libraries[image], kernels[kernel].name);
        if (result != 0) {
            handles[kernel] = NULL;
            return sage_fail_driver(error, driver, "cuLibraryGetKernel", result);
        }
    }
    CUdevice handle = -1;
    if ((result = driver->cuDeviceGet(&handle, device)) != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGet", result);
    }
    if (shared_bytes > 0) {
        result = driver->cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)shared_bytes, handles[kernel], handle);
        if (result != 0) {
            return sage_fail_driver(error, driver, "cuKernelSetAttribute", result);
        }
    }
    CUfunction function = NULL; /* loads the code into the context now instead of at the first launch */
    if ((result = driver->cuKernelGetFunction(&function, handles[kernel])) != 0) {
        return sage_fail_driver(error, driver, "cuKernelGetFunction", result);
    }
    return SAGE_OK;
}

int sage_get_kernel(const struct sage_driver *driver, enum sage_kernel kernel, int device, unsigned shared_bytes, CUfunction *function,
                    struct sage_error error) {
    int status = SAGE_OK;
    if (!__atomic_load_n(&ready[kernel][device], __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&load_lock);
        if (!ready[kernel][device]) {
            /* Loading may allocate, which a stream under capture in the default mode forbids to its thread. */
            int mode = CU_STREAM_CAPTURE_MODE_RELAXED;
            driver->cuThreadExchangeStreamCaptureMode(&mode);
            status = load_locked(driver, kernel, device, shared_bytes, error);
            driver->cuThreadExchangeStreamCaptureMode(&mode);
            if (status == SAGE_OK) {
                __atomic_store_n(&ready[kernel][device], 1, __ATOMIC_RELEASE);
            }
        }
        pthread_mutex_unlock(&load_lock);
    }
    *function = (CUfunction)handles[kernel]; /* the driver takes a CUkernel here and finds its function in the current context */
    return status;
}
