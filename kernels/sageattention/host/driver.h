/* The CUDA driver, opened at run time: declarations by hand, since the library is built without a toolkit. Names, types and values are
 * those of the CUDA Driver API. */
#ifndef SAGEATTENTION_HOST_DRIVER_H
#define SAGEATTENTION_HOST_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef int CUresult; /* 0 is success */
typedef int CUdevice;
typedef struct CUctx_st *CUcontext;
typedef struct CUlib_st *CUlibrary;
typedef struct CUkern_st *CUkernel;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;

typedef struct {
    int id; /* CU_LAUNCH_ATTRIBUTE_... */
    union {
        unsigned clusterDim[3];
        int flag;
        uint64_t whole[8];
    } value;
} CUlaunchAttribute;

typedef struct {
    unsigned gridDimX, gridDimY, gridDimZ;
    unsigned blockDimX, blockDimY, blockDimZ;
    unsigned sharedMemBytes;
    CUstream hStream;
    CUlaunchAttribute *attrs;
    unsigned numAttrs;
} CUlaunchConfig;

enum {
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
    CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION = 4,
    CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION = 6,
    CU_TENSOR_MAP_DATA_TYPE_UINT8 = 0,
    CU_TENSOR_MAP_INTERLEAVE_NONE = 0,
    CU_TENSOR_MAP_SWIZZLE_64B = 2,
    CU_TENSOR_MAP_SWIZZLE_128B = 3,
    CU_TENSOR_MAP_L2_PROMOTION_L2_128B = 2,
    CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE = 0,
    CU_STREAM_CAPTURE_MODE_RELAXED = 2,
    CUDA_ERROR_NO_DEVICE = 100
};

/* Every function is of driver version 12.0 or older: cuLibraryLoadData came with 12.0. */
struct sage_driver {
    CUresult (*cuInit)(unsigned);
    CUresult (*cuDriverGetVersion)(int *);
    CUresult (*cuDeviceGet)(CUdevice *, int);
    CUresult (*cuDeviceGetCount)(int *);
    CUresult (*cuDeviceGetName)(char *, int, CUdevice);
    CUresult (*cuDeviceGetAttribute)(int *, int, CUdevice);
    CUresult (*cuCtxGetCurrent)(CUcontext *);
    CUresult (*cuCtxGetDevice)(CUdevice *);
    CUresult (*cuCtxPushCurrent)(CUcontext);
    CUresult (*cuCtxPopCurrent)(CUcontext *);
    CUresult (*cuDevicePrimaryCtxRetain)(CUcontext *, CUdevice);
    CUresult (*cuLibraryLoadData)(CUlibrary *, const void *, void *, void **, unsigned, void *, void **, unsigned);
    CUresult (*cuLibraryGetKernel)(CUkernel *, CUlibrary, const char *);
    CUresult (*cuKernelSetAttribute)(int, int, CUkernel, CUdevice);
    CUresult (*cuKernelGetFunction)(CUfunction *, CUkernel);
    CUresult (*cuLaunchKernelEx)(const CUlaunchConfig *, CUfunction, void **, void **);
    CUresult (*cuTensorMapEncodeTiled)(void *, int, uint32_t, void *, const uint64_t *, const uint64_t *, const uint32_t *, const uint32_t *,
                                       int, int, int, int);
    CUresult (*cuThreadExchangeStreamCaptureMode)(int *);
    int version; /* what the driver serves, as 1000 * major + 10 * minor */
    CUresult (*cuGetErrorName)(CUresult, const char **);
    CUresult (*cuGetErrorString)(CUresult, const char **);
};

/* Where a failing function writes its sentence. */
struct sage_error {
    char *text;
    size_t size;
};

/* Writes the sentence and returns `status`. */
int sage_fail(struct sage_error error, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* `CUDA driver error 1 in cuInit (CUDA_ERROR_INVALID_VALUE: invalid argument)`; returns SAGE_DRIVER. */
int sage_fail_driver(struct sage_error error, const struct sage_driver *driver, const char *function, CUresult result);

/* The opened and initialised driver. A failure is not remembered: a driver may be installed while the process runs. */
int sage_open_driver(const struct sage_driver **driver, struct sage_error error);

/* Makes a context of `device` current: the current one if it is of that device, else the primary one, which is retained for the life of
 * the process. `pushed` says whether sage_leave_context has one to take back. */
int sage_enter_context(const struct sage_driver *driver, int device, int *pushed, struct sage_error error);
void sage_leave_context(const struct sage_driver *driver, int pushed);

/* One launch. `early`: the kernel is of sm_90 or later, and waits by griddepcontrol.wait for the one launched before it on the stream, which
 * must be ours; it may then start before that one has ended. Drivers before 12.3 cannot capture this, so there it starts later. */
int sage_launch(const struct sage_driver *driver, CUlaunchConfig config, CUfunction function, const void *parameters, int early,
                struct sage_error error);

#pragma GCC visibility pop

#endif
