/* A CUDA driver without a GPU, for tests of the host library: it knows two devices of the capability that the test sets, keeps a stack of
 * contexts per thread and writes a line per call that matters. Built as libcuda.so.1; MOCK_VERSION is the CUDA version that it serves. */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { DEVICES = 2, DEPTH = 8 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char lines[1 << 20];
static int major = 9, minor = 0;
#ifndef MOCK_VERSION
#define MOCK_VERSION 12030
#endif
static char failing[64]; /* the function that reports error 719 */

EXPORT void mock_set_capability(int new_major, int new_minor) {
    major = new_major;
    minor = new_minor;
}

EXPORT void mock_set_failing(const char *function) {
    snprintf(failing, sizeof failing, "%s", function);
}

EXPORT const char *mock_lines(void) {
    return lines;
}

EXPORT void mock_clear(void) {
    lines[0] = '\0';
}

static void note(const char *format, ...) {
    pthread_mutex_lock(&lock);
    const size_t used = strlen(lines);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lines + used, sizeof lines - used, format, arguments);
    va_end(arguments);
    pthread_mutex_unlock(&lock);
}

/* Contexts are the addresses of these, kernels those of their names. */
static char primary[DEVICES];
static _Thread_local void *stack[DEPTH];
static _Thread_local int depth;
static struct {
    char text[64];
} kernels[64];
static int kernel_count;
static char library_count;

EXPORT void mock_make_current(int device) {
    depth = device < 0 ? 0 : 1;
    stack[0] = device < 0 ? NULL : &primary[device];
}

EXPORT int mock_current(void) {
    return depth == 0 ? -1 : (int)((char *)stack[depth - 1] - primary);
}

static int init(unsigned flags) {
    (void)flags;
    return 0;
}

static int device_get(int *device, int ordinal) {
    *device = ordinal;
    return 0;
}

static int driver_version(int *found) {
    *found = MOCK_VERSION;
    return 0;
}

static int device_get_count(int *count) {
    *count = DEVICES;
    return 0;
}

static int device_get_name(char *name, int size, int device) {
    snprintf(name, (size_t)size, "Mock GPU %d", device);
    return 0;
}

static int device_get_attribute(int *value, int attribute, int device) {
    (void)device;
    *value = attribute == 75 ? major : attribute == 76 ? minor : 132;
    return 0;
}

static int context_get_current(void **context) {
    *context = depth == 0 ? NULL : stack[depth - 1];
    return 0;
}

static int context_get_device(int *device) {
    *device = mock_current();
    return 0;
}

static int context_push(void *context) {
    note("push %d\n", (int)((char *)context - primary));
    stack[depth++] = context;
    return 0;
}

static int context_pop(void **context) {
    *context = stack[--depth];
    note("pop\n");
    return 0;
}

static int primary_retain(void **context, int device) {
    note("retain %d\n", device);
    *context = &primary[device];
    return 0;
}

static int library_load(void **library, const void *code, void *a, void **b, unsigned c, void *d, void **e, unsigned f) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    note("load %s aligned %d\n", (const char *)code, (uintptr_t)code % 64 == 0);
    *library = &library_count;
    return 0;
}

static int library_get_kernel(void **kernel, void *library, const char *name) {
    (void)library;
    pthread_mutex_lock(&lock);
    snprintf(kernels[kernel_count].text, sizeof kernels[0].text, "%s", name);
    *kernel = kernels[kernel_count++].text;
    pthread_mutex_unlock(&lock);
    return 0;
}

static int kernel_set_attribute(int attribute, int value, void *kernel, int device) {
    note("attribute %d of %s on %d: %d\n", attribute, (const char *)kernel, device, value);
    return 0;
}

static int kernel_get_function(void **function, void *kernel) {
    note("function %s in context %d\n", (const char *)kernel, mock_current());
    *function = kernel;
    return 0;
}

struct config {
    unsigned grid[3], block[3], shared;
    void *stream;
    const struct attribute {
        int id;
        union {
            unsigned words[16];
            uint64_t whole[8];
        } value;
    } *attributes;
    unsigned attribute_count;
};

static int launch(const struct config *c, void *function, void **parameters, void **extra) {
    (void)extra;
    if (strcmp(failing, "cuLaunchKernelEx") == 0) {
        return 719;
    }
    note("launch %s grid %u %u %u block %u %u %u shared %u stream %lx context %d parameters %d\n", (const char *)function, c->grid[0],
         c->grid[1], c->grid[2], c->block[0], c->block[1], c->block[2], c->shared, (unsigned long)c->stream, mock_current(),
         parameters != NULL && parameters[0] != NULL);
    for (unsigned i = 0; i < c->attribute_count; ++i) {
        const unsigned *words = c->attributes[i].value.words;
        note("launch attribute %d: %u %u %u\n", c->attributes[i].id, words[0], words[1], words[2]);
    }
    return 0;
}

static int encode_tiled(void *map, int type, uint32_t rank, void *data, const uint64_t *dims, const uint64_t *strides, const uint32_t *box,
                        const uint32_t *steps, int interleave, int swizzle, int promotion, int fill) {
    (void)data, (void)steps, (void)interleave, (void)promotion, (void)fill;
    note("map aligned %d type %d rank %u dims %lu %lu %lu strides %lu %lu box %u %u %u swizzle %d\n", (uintptr_t)map % 64 == 0, type, rank,
         (unsigned long)dims[0], (unsigned long)dims[1], (unsigned long)dims[2], (unsigned long)strides[0], (unsigned long)strides[1], box[0],
         box[1], box[2], swizzle);
    return strcmp(failing, "cuTensorMapEncodeTiled") == 0 ? 719 : 0;
}

static int exchange_mode(int *mode) {
    static _Thread_local int current; /* 0: global, as in the driver */
    const int old = current;
    current = *mode;
    *mode = old;
    note("capture mode %d\n", current);
    return 0;
}

static int error_name(int error, const char **text) {
    *text = error == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR_UNKNOWN";
    return 0;
}

static int error_string(int error, const char **text) {
    *text = error == 719 ? "unspecified launch failure" : "unknown error";
    return 0;
}

#ifndef MOCK_OLD_DRIVER
EXPORT
#endif
int cuGetProcAddress_v2(const char *name, void **address, int version, uint64_t flags, int *found) {
    (void)version, (void)flags;
    static const struct {
        const char *name;
        void *function;
    } table[] = {
        {"cuInit", init},
        {"cuDriverGetVersion", driver_version},
        {"cuDeviceGet", device_get},
        {"cuDeviceGetCount", device_get_count},
        {"cuDeviceGetName", device_get_name},
        {"cuDeviceGetAttribute", device_get_attribute},
        {"cuCtxGetCurrent", context_get_current},
        {"cuCtxGetDevice", context_get_device},
        {"cuCtxPushCurrent", context_push},
        {"cuCtxPopCurrent", context_pop},
        {"cuDevicePrimaryCtxRetain", primary_retain},
        {"cuLibraryLoadData", library_load},
        {"cuLibraryGetKernel", library_get_kernel},
        {"cuKernelSetAttribute", kernel_set_attribute},
        {"cuKernelGetFunction", kernel_get_function},
        {"cuLaunchKernelEx", launch},
        {"cuTensorMapEncodeTiled", encode_tiled},
        {"cuThreadExchangeStreamCaptureMode", exchange_mode},
        {"cuGetErrorName", error_name},
        {"cuGetErrorString", error_string},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
        if (strcmp(name, table[i].name) == 0) {
            *address = table[i].function;
            *found = 0;
            return 0;
        }
    }
    *found = 1;
    return 500;
}
