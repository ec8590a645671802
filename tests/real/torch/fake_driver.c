/* A libcuda.so.1 over the GPUs of fake_cuda.c: it answers what torch and the host library ask, takes every image and every kernel name,
 * checks each launch and counts it instead of running it. Python reads the counters through ctypes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, INVALID_VALUE = 1, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, NOT_FOUND = 500 };
enum { MULTIPROCESSOR_COUNT = 16, COMPUTE_CAPABILITY_MAJOR = 75, COMPUTE_CAPABILITY_MINOR = 76 };
enum { MAX_DEVICES = 8, MAX_PUSHED = 16 };

struct launch_config { /* CUlaunchConfig */
    unsigned grid[3], block[3], shared;
    void *stream, *attributes;
    unsigned attribute_count;
};

static char contexts[MAX_DEVICES]; /* the address of element i is the primary context of device i */
static __thread void *pushed[MAX_PUSHED];
static __thread int depth;

/* What the last launch looked like; read by tests. */
EXPORT int sage_fake_launches, sage_fake_device;
EXPORT void *sage_fake_stream;

static int device_count(void) {
    const char *text = getenv("SAGE_FAKE_GPUS");
    const int count = text ? atoi(text) : 0;
    return count < MAX_DEVICES ? count : MAX_DEVICES;
}

/* The runtime's current device decides the context as long as nothing is pushed. */
static void *current_context(void) {
    if (depth > 0)
        return pushed[depth - 1];
    int (*get_device)(int *) = dlsym(RTLD_DEFAULT, "cudaGetDevice");
    int device = 0;
    return get_device && get_device(&device) == 0 ? &contexts[device] : NULL;
}

EXPORT int cuInit(unsigned flags) { return device_count() > 0 ? SUCCESS : NO_DEVICE; }
EXPORT int cuDriverGetVersion(int *version) {
    *version = 13020;
    return SUCCESS;
}
EXPORT int cuDeviceGetCount(int *count) {
    *count = device_count();
    return SUCCESS;
}
EXPORT int cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return ordinal >= 0 && ordinal < device_count() ? SUCCESS : INVALID_DEVICE;
}
EXPORT int cuDeviceGetName(char *name, int size, int device) {
    snprintf(name, size, "fake GPU %d", device);
    return SUCCESS;
}
EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == COMPUTE_CAPABILITY_MAJOR ? 9 : attribute == MULTIPROCESSOR_COUNT ? 132 : 0;
    return SUCCESS;
}
EXPORT int cuDevicePrimaryCtxRetain(void **context, int device) {
    *context = &contexts[device];
    return SUCCESS;
}
EXPORT int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) {
    *flags = 0;
    *active = 1;
    return SUCCESS;
}
EXPORT int cuCtxGetCurrent(void **context) {
    *context = current_context();
    return SUCCESS;
}
EXPORT int cuCtxSetCurrent(void *context) { return SUCCESS; }
EXPORT int cuCtxGetDevice(int *device) {
    char *context = current_context();
    if (context == NULL)
        return INVALID_CONTEXT;
    *device = (int)(context - contexts);
    return SUCCESS;
}
EXPORT int cuCtxPushCurrent(void *context) {
    if (depth == MAX_PUSHED)
        return INVALID_CONTEXT;
    pushed[depth++] = context;
    return SUCCESS;
}
EXPORT int cuCtxPopCurrent(void **context) {
    if (depth == 0)
        return INVALID_CONTEXT;
    *context = pushed[--depth];
    return SUCCESS;
}
EXPORT int cuLibraryLoadData(void **library, const void *code, int *jit, void **jit_values, unsigned jit_count, int *options,
                             void **option_values, unsigned option_count) {
    *library = (void *)code;
    return (size_t)code % 8 == 0 ? SUCCESS : INVALID_VALUE;
}
EXPORT int cuLibraryGetKernel(void **kernel, void *library, const char *name) {
    *kernel = library;
    return SUCCESS;
}
EXPORT int cuKernelGetFunction(void **function, void *kernel) {
    *function = kernel;
    return SUCCESS;
}
EXPORT int cuKernelSetAttribute(int attribute, int value, void *kernel, int device) { return SUCCESS; }
EXPORT int cuTensorMapEncodeTiled(void *map, int type, unsigned rank, void *data, const unsigned long long *dims,
                                  const unsigned long long *strides, const unsigned *box, const unsigned *steps, int interleave, int swizzle,
                                  int promotion, int fill) {
    return (size_t)map % 64 == 0 && (size_t)data % 16 == 0 ? SUCCESS : INVALID_VALUE;
}
EXPORT int cuThreadExchangeStreamCaptureMode(int *mode) { return SUCCESS; }
EXPORT int cuLaunchKernelEx(const struct launch_config *config, void *function, void **parameters, void **extra) {
    for (int i = 0; i < 3; i++)
        if (config->grid[i] == 0 || config->block[i] == 0)
            return INVALID_VALUE;
    if (config->block[0] * config->block[1] * config->block[2] > 1024 || config->grid[1] > 65535 || config->grid[2] > 65535)
        return INVALID_VALUE;
    sage_fake_stream = config->stream;
    cuCtxGetDevice(&sage_fake_device);
    sage_fake_launches++;
    return SUCCESS;
}
EXPORT int cuGetErrorName(int error, const char **name) {
    *name = "CUDA_ERROR_OF_THE_FAKE_DRIVER";
    return SUCCESS;
}
EXPORT int cuGetErrorString(int error, const char **text) {
    *text = "an error of the fake driver";
    return SUCCESS;
}
EXPORT int cuGetProcAddress_v2(const char *name, void **address, int version, unsigned long long flags, int *found) {
    *address = dlsym(RTLD_DEFAULT, name);
    Dl_info info;
    if (*address == NULL && dladdr((void *)cuInit, &info)) {
        void *self = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
        *address = self ? dlsym(self, name) : NULL;
    }
    if (found)
        *found = *address ? 0 : 1;
    return *address ? SUCCESS : NOT_FOUND;
}
EXPORT int cuGetProcAddress(const char *name, void **address, int version, unsigned long long flags) {
    return cuGetProcAddress_v2(name, address, version, flags, NULL);
}
