#include "torch_symbols.h"

#include "../host/sageattention.h"

#include <dlfcn.h>
#include <stdio.h>

struct torch_functions torch;

#define DESCRIBE_SYMBOL(result, name, parameters, library, need) {#name, library, need, (void **)(void *)&torch.name},
static const struct {
    const char *name;
    enum torch_library library;
    enum symbol_need need;
    void **address;
} torch_symbols[] = {TORCH_SYMBOLS(DESCRIBE_SYMBOL)};

/* Looks up every function in the loaded libtorch; the first missing one is the answer. Call it once, before anything else here. */
SAGE_API int sage_torch_resolve(char *error, size_t error_size) {
    static const char *const libraries[] = {"libtorch_cpu.so", "libtorch_cuda.so"};
    void *handles[] = {dlopen(libraries[LIBTORCH_CPU], RTLD_LAZY | RTLD_NOLOAD),
                       dlopen(libraries[LIBTORCH_CUDA], RTLD_LAZY | RTLD_NOLOAD)};
    for (size_t i = 0; i < sizeof torch_symbols / sizeof torch_symbols[0]; i++) {
        void *handle = handles[torch_symbols[i].library];
        *torch_symbols[i].address = handle ? dlsym(handle, torch_symbols[i].name) : NULL;
        if (!*torch_symbols[i].address && torch_symbols[i].need == REQUIRED) {
            snprintf(error, error_size, "`%s` is missing in %s%s", torch_symbols[i].name, libraries[torch_symbols[i].library],
                     handle ? "" : ", which this torch has not loaded");
            return 1;
        }
    }
    return 0;
}
