#include "device/shared_library.hpp"

#include <dlfcn.h>

#include "device/failure.hpp"

namespace sagebuild::device {

SharedLibrary::SharedLibrary(const std::string& path) : m_path(path), m_handle(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (m_handle == nullptr) {
        // The loader's text begins with the path already, except for some failures that name another library.
        throw Failure(Exit::environment, "cannot load `" + path + "`: " + dlerror());
    }
}

void* SharedLibrary::address(const char* name) const {
    void* found = dlsym(m_handle, name);
    if (found == nullptr) throw Failure(Exit::environment, "`" + m_path + "` has no function `" + name + "`");
    return found;
}

}  // namespace sagebuild::device
