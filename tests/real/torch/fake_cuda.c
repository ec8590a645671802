/* The functions of the CUDA runtime that torch needs before, around and instead of kernels. Without SAGE_FAKE_GPUS there is no GPU, as on
 * this machine; with SAGE_FAKE_GPUS=2 there are two whose memory is host memory and whose kernels do nothing: enough for allocation,
 * copies, streams, events, device guards and operator dispatch on "cuda" tensors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, NO_DEVICE = 100, INVALID_DEVICE = 101, OUT_OF_MEMORY = 2 };

static __thread int current_device;

static int device_count(void) {
    const char *text = getenv("SAGE_FAKE_GPUS");
    return text ? atoi(text) : 0;
}

/* The one answer of every function below that has nothing to compute. */
static int status(void) { return device_count() > 0 ? SUCCESS : NO_DEVICE; }

EXPORT int cudaGetDeviceCount(int *count) {
    *count = device_count();
    return status();
}
EXPORT int cudaGetDevice(int *device) {
    *device = current_device;
    return status();
}
EXPORT int cudaSetDevice(int device) {
    if (device < 0 || device >= device_count())
        return INVALID_DEVICE;
    current_device = device;
    return SUCCESS;
}
EXPORT int cudaDriverGetVersion(int *version) {
    *version = device_count() > 0 ? 13020 : 0;
    return SUCCESS;
}
EXPORT int cudaRuntimeGetVersion(int *version) {
    *version = 13020;
    return SUCCESS;
}

/* struct cudaDeviceProp up to `minor` has one layout in CUDA 12 and 13 (driver_types.h). */
static int properties(char *prop, int device) {
    const size_t memory = (size_t)1 << 34;
    const int warp = 32, threads = 1024, major = 9, minor = 0;
    memset(prop, 0, 720);
    snprintf(prop, 256, "fake GPU %d", device);
    memcpy(prop + 288, &memory, sizeof memory);
    memcpy(prop + 308, &warp, sizeof warp);
    memcpy(prop + 320, &threads, sizeof threads);
    memcpy(prop + 360, &major, sizeof major);
    memcpy(prop + 364, &minor, sizeof minor);
    return status();
}
EXPORT int cudaGetDeviceProperties(char *prop, int device) { return properties(prop, device); }
EXPORT int cudaGetDeviceProperties_v2(char *prop, int device) { return properties(prop, device); }
EXPORT int cudaDeviceGetAttribute(int *value, int attribute, int device) {
    *value = 0;
    return status();
}
EXPORT int cudaDeviceCanAccessPeer(int *can, int device, int peer) {
    *can = 0;
    return status();
}
EXPORT int cudaMemGetInfo(size_t *available, size_t *total) {
    *available = *total = (size_t)1 << 34;
    return status();
}

EXPORT int cudaMalloc(void **pointer, size_t size) {
    if (device_count() == 0)
        return NO_DEVICE;
    if (size > ((size_t)1 << 34) || posix_memalign(pointer, 512, size) != 0)
        return OUT_OF_MEMORY;
    return SUCCESS;
}
EXPORT int cudaFree(void *pointer) {
    free(pointer);
    return status();
}
EXPORT int cudaHostAlloc(void **pointer, size_t size, unsigned flags) { return cudaMalloc(pointer, size); }
EXPORT int cudaFreeHost(void *pointer) { return cudaFree(pointer); }
EXPORT int cudaMemcpyAsync(void *to, const void *from, size_t size, int kind, void *stream) {
    memmove(to, from, size);
    return status();
}
EXPORT int cudaMemsetAsync(void *to, int value, size_t size, void *stream) {
    memset(to, value, size);
    return status();
}

EXPORT int cudaDeviceGetStreamPriorityRange(int *least, int *greatest) {
    *least = 0;
    *greatest = -5;
    return status();
}
static int new_handle(void **handle) {
    static long last = 0x7000;
    *handle = (void *)__sync_add_and_fetch(&last, 16);
    return status();
}
EXPORT int cudaStreamCreateWithPriority(void **stream, unsigned flags, int priority) { return new_handle(stream); }
EXPORT int cudaEventCreateWithFlags(void **event, unsigned flags) { return new_handle(event); }
EXPORT int cudaStreamGetPriority(void *stream, int *priority) {
    *priority = 0;
    return status();
}
EXPORT int cudaStreamIsCapturing(void *stream, int *capturing) {
    *capturing = 0;
    return status();
}
/* The out-parameters after `capturing` are written only for a stream that captures. */
EXPORT int cudaStreamGetCaptureInfo(void *stream, int *capturing) { return cudaStreamIsCapturing(stream, capturing); }
EXPORT int cudaStreamGetCaptureInfo_v2(void *stream, int *capturing) { return cudaStreamIsCapturing(stream, capturing); }
EXPORT int cudaThreadExchangeStreamCaptureMode(int *mode) { return status(); }
EXPORT int cudaStreamSynchronize(void *stream) { return status(); }
EXPORT int cudaStreamQuery(void *stream) { return status(); }
EXPORT int cudaStreamWaitEvent(void *stream, void *event, unsigned flags) { return status(); }
EXPORT int cudaDeviceSynchronize(void) { return status(); }
EXPORT int cudaEventRecord(void *event, void *stream) { return status(); }
EXPORT int cudaEventRecordWithFlags(void *event, void *stream, unsigned flags) { return status(); }
EXPORT int cudaEventQuery(void *event) { return status(); }
EXPORT int cudaEventSynchronize(void *event) { return status(); }
EXPORT int cudaEventDestroy(void *event) { return status(); }
EXPORT int cudaLaunchKernel(const void *function, unsigned long long grid_xy, unsigned grid_z, unsigned long long block_xy,
                            unsigned block_z, void **arguments, size_t shared, void *stream) {
    return status();
}

EXPORT int cudaGetLastError(void) { return SUCCESS; }
EXPORT int cudaPeekAtLastError(void) { return SUCCESS; }
EXPORT const char *cudaGetErrorString(int error) {
    return error == NO_DEVICE ? "no CUDA-capable device is detected" : "an error of the fake CUDA runtime";
}
EXPORT const char *cudaGetErrorName(int error) {
    return error == NO_DEVICE ? "cudaErrorNoDevice" : "cudaErrorUnknown";
}
