#include "driver.h"

#include "sageattention.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DRIVER_VERSION = 12000, EARLY_LAUNCH_VERSION = 12030, MAX_DEVICES = 64 };

int sage_fail(struct sage_error error, int status, const char *format, ...) {
    if (error.text != NULL && error.size > 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error.text, error.size, format, arguments);
        va_end(arguments);
    }
    return status;
}

int sage_fail_driver(struct sage_error error, const struct sage_driver *driver, const char *function, CUresult result) {
    const char *name = NULL;
    const char *text = NULL;
    if (driver->cuGetErrorName(result, &name) != 0 || name == NULL) {
        name = "unknown";
    }
    if (driver->cuGetErrorString(result, &text) != 0 || text == NULL) {
        text = "no description";
    }
    return sage_fail(error, SAGE_DRIVER, "CUDA driver error %d in %s (%s: %s)", result, function, name, text);
}

typedef CUresult (*get_proc_address)(const char *, void **, int, uint64_t, int *);

/* Fills the table; on failure names the first function that is missing. */
static const char *resolve(get_proc_address get, struct sage_driver *table) {
    const struct {
        const char *name;
        void *slot;
    } functions[] = {
        {"cuInit", &table->cuInit},
        {"cuDriverGetVersion", &table->cuDriverGetVersion},
        {"cuDeviceGet", &table->cuDeviceGet},
        {"cuDeviceGetCount", &table->cuDeviceGetCount},
        {"cuDeviceGetName", &table->cuDeviceGetName},
        {"cuDeviceGetAttribute", &table->cuDeviceGetAttribute},
        {"cuCtxGetCurrent", &table->cuCtxGetCurrent},
        {"cuCtxGetDevice", &table->cuCtxGetDevice},
        {"cuCtxPushCurrent", &table->cuCtxPushCurrent},
        {"cuCtxPopCurrent", &table->cuCtxPopCurrent},
        {"cuDevicePrimaryCtxRetain", &table->cuDevicePrimaryCtxRetain},
        {"cuLibraryLoadData", &table->cuLibraryLoadData},
        {"cuLibraryGetKernel", &table->cuLibraryGetKernel},
        {"cuKernelSetAttribute", &table->cuKernelSetAttribute},
        {"cuKernelGetFunction", &table->cuKernelGetFunction},
        {"cuLaunchKernelEx", &table->cuLaunchKernelEx},
        {"cuTensorMapEncodeTiled", &table->cuTensorMapEncodeTiled},
        {"cuThreadExchangeStreamCaptureMode", &table->cuThreadExchangeStreamCaptureMode},
        {"cuGetErrorName", &table->cuGetErrorName},
        {"cuGetErrorString", &table->cuGetErrorString},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i) {
        void *address = NULL;
        int found = 0;
        if (get(functions[i].name, &address, DRIVER_VERSION, 0, &found) != 0 || address == NULL) {
            return functions[i].name;
        }
        memcpy(functions[i].slot, &address, sizeof address); /* ISO C has no cast from an object to a function pointer */
    }
    return NULL;
}

static pthread_mutex_t driver_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sage_driver driver_table;
static int driver_ready; /* guarded by driver_lock until it is 1, constant then */

static int open_locked(struct sage_error error) {
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        /* glibc begins its text with the name of the library */
        const char *reason = dlerror();
        const char *prefix = "libcuda.so.1: ";
        if (reason == NULL) {
            reason = "cannot be opened";
        } else if (strncmp(reason, prefix, strlen(prefix)) == 0) {
            reason += strlen(prefix);
        }
        return sage_fail(error, SAGE_UNAVAILABLE, "no NVIDIA driver on this machine (libcuda.so.1: %s)", reason);
    }
    get_proc_address get = NULL;
    void *address = dlsym(library, "cuGetProcAddress_v2");
    memcpy(&get, &address, sizeof get);
    struct sage_driver table;
    const char *missing = get == NULL ? "cuGetProcAddress_v2" : resolve(get, &table);
    if (missing != NULL) {
        int status = sage_fail(error, SAGE_UNAVAILABLE, "the NVIDIA driver is too old: it has no %s, which came with CUDA 12.0 (driver 525)",
                               missing);
        dlclose(library);
        return status;
    }
    CUresult result = table.cuInit(0);
    if (result == CUDA_ERROR_NO_DEVICE) {
        return sage_fail(error, SAGE_UNAVAILABLE, "no NVIDIA GPU on this machine (the driver lists none)");
    }
    if (result != 0) {
        return sage_fail_driver(error, &table, "cuInit", result);
    }
    if ((result = table.cuDriverGetVersion(&table.version)) != 0) {
        return sage_fail_driver(error, &table, "cuDriverGetVersion", result);
    }
    driver_table = table;
    __atomic_store_n(&driver_ready, 1, __ATOMIC_RELEASE);
    return SAGE_OK;
}

int sage_open_driver(const struct sage_driver **driver, struct sage_error error) {
    int status = SAGE_OK;
    if (!__atomic_load_n(&driver_ready, __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&driver_lock);
        if (!driver_ready) {
            status = open_locked(error);
        }
        pthread_mutex_unlock(&driver_lock);
    }
    *driver = &driver_table;
    return status;
}

int sage_enter_context(const struct sage_driver *driver, int device, int *pushed, struct sage_error error) {
    static CUcontext primary[MAX_DEVICES]; /* guarded by driver_lock */
    *pushed = 0;
    CUcontext current = NULL;
    CUdevice current_device = -1;
    CUdevice wanted = -1;
    int count = 0;
    CUresult result = driver->cuDeviceGetCount(&count);
    if (result != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGetCount", result);
    }
    if (device >= count || device >= MAX_DEVICES) {
        return sage_fail(error, SAGE_UNAVAILABLE, "there is no CUDA device %d: the driver lists %d", device, count);
    }
    if ((result = driver->cuDeviceGet(&wanted, device)) != 0) {
        return sage_fail_driver(error, driver, "cuDeviceGet", result);
    }
    if ((result = driver->cuCtxGetCurrent(&current)) != 0) {
        return sage_fail_driver(error, driver, "cuCtxGetCurrent", result);
    }
    if (current != NULL && driver->cuCtxGetDevice(&current_device) == 0 && current_device == wanted) {
        return SAGE_OK;
    }
    pthread_mutex_lock(&driver_lock);
    result = 0;
    if (primary[device] == NULL) {
        result = driver->cuDevicePrimaryCtxRetain(&primary[device], wanted);
    }
    CUcontext context = primary[device];
    pthread_mutex_unlock(&driver_lock);
    if (result != 0) {
        return sage_fail_driver(error, driver, "cuDevicePrimaryCtxRetain", result);
    }
    if ((result = driver->cuCtxPushCurrent(context)) != 0) {
        return sage_fail_driver(error, driver, "cuCtxPushCurrent", result);
    }
    *pushed = 1;
    return SAGE_OK;
}

void sage_leave_context(const struct sage_driver *driver, int pushed) {
    if (pushed) {
        CUcontext ignored;
        driver->cuCtxPopCurrent(&ignored);
    }
}

int sage_launch(const struct sage_driver *driver, CUlaunchConfig config, CUfunction function, const void *parameters, int early,
                struct sage_error error) {
    CUlaunchAttribute attribute = {CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, {.flag = 1}};
    if (early && driver->version >= EARLY_LAUNCH_VERSION) {
        config.attrs = &attribute;
        config.numAttrs = 1;
    }
    void *arguments[1] = {(void *)parameters};
    const CUresult result = driver->cuLaunchKernelEx(&config, function, arguments, NULL);
    return result == 0 ? SAGE_OK : sage_fail_driver(error, driver, "cuLaunchKernelEx", result);
}
