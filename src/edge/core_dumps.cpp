#include "edge/core_dumps.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sagebuild {

void forbid_core_dumps() {
    const rlimit none = {};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // the limit does not stop a `core_pattern` that is a program
}

}  // namespace sagebuild
