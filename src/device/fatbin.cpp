#include "device/fatbin.hpp"

#include <array>

#include "device/failure.hpp"
#include "device/files.hpp"
#include "device/shared_library.hpp"
#include "device/toolchain_directory.hpp"

namespace sagebuild::device {

namespace {

// libnvfatbin's C interface (nvFatbin manual, section 2), the same from 12.4 on.
using Handle = struct _nvFatbinHandle*;
using Status = int;
constexpr Status success = 0;
constexpr Status unrecognized_option = 8;

class Nvfatbin {
  public:
    explicit Nvfatbin(const std::string& path)
        : m_library(path),
          create(m_library.function<Status(Handle*, const char**, std::size_t)>("nvFatbinCreate")),
          add_cubin(m_library.function<Status(Handle, const void*, std::size_t, const char*, const char*)>("nvFatbinAddCubin")),
          add_ptx(m_library.function<Status(Handle, const char*, std::size_t, const char*, const char*, const char*)>("nvFatbinAddPTX")),
          size(m_library.function<Status(Handle, std::size_t*)>("nvFatbinSize")),
          get(m_library.function<Status(Handle, void*)>("nvFatbinGet")),
          error_text(m_library.function<const char*(Status)>("nvFatbinGetErrorString")) {}

    std::string text(Status status) const {
        const char* found = error_text(status);
        return found == nullptr ? "error " + std::to_string(status) : found;
    }

    void check(Status status, const char* call) const {
        if (status != success) throw Failure(Exit::environment, std::string(call) + " failed: " + text(status));
    }

    void check_image(Status status, const std::string& path, const DeviceArch& arch) const {
        if (status != success) throw Failure(Exit::input, "`" + path + "` is no image for " + arch.name() + ": " + text(status));
    }

  private:
    SharedLibrary m_library;

  public:
    Status (*create)(Handle*, const char**, std::size_t);
    Status (*add_cubin)(Handle, const void*, std::size_t, const char*, const char*);
    Status (*add_ptx)(Handle, const char*, std::size_t, const char*, const char*, const char*);
    Status (*size)(Handle, std::size_t*);
    Status (*get)(Handle, void*);
    const char* (*error_text)(Status);
};

/// LZ4 for everything: zstd needs a driver of release 550, and without `-compress-all` nothing below a threshold is compressed.
Handle create_handle(const Nvfatbin& nvfatbin) {
    std::array options = {"-64", "-host=linux", "-compress-all", "-compress-mode=speed"};
    Handle handle = nullptr;
    const Status status = nvfatbin.create(&handle, options.data(), options.size());
    if (status != unrecognized_option) {
        nvfatbin.check(status, "nvFatbinCreate");
        return handle;
    }
    // Releases before the choice of a mode know LZ4 alone.
    nvfatbin.check(nvfatbin.create(&handle, options.data(), options.size() - 1), "nvFatbinCreate");
    return handle;
}

}  // namespace

void make_fatbin(const FatbinRequest& request) {
    const Nvfatbin nvfatbin(find_toolchain_library(request.toolchain, "libnvfatbin.so"));
    Handle handle = create_handle(nvfatbin);
    for (const auto& [arch, path] : request.images) {
        const std::string image = read_file(path);
        const std::string digits = arch.digits();
        // The size of PTX counts the terminating NUL, which a C string has and our files do not.
        const Status status = arch.is_virtual
                                  ? nvfatbin.add_ptx(handle, image.c_str(), image.size() + 1, digits.c_str(), arch.name().c_str(), "")
                                  : nvfatbin.add_cubin(handle, image.data(), image.size(), digits.c_str(), arch.name().c_str());
        nvfatbin.check_image(status, path, arch);
    }
    std::size_t size = 0;
    nvfatbin.check(nvfatbin.size(handle, &size), "nvFatbinSize");
    std::string fatbin(size, '\0');
    nvfatbin.check(nvfatbin.get(handle, fatbin.data()), "nvFatbinGet");
    write_file(request.output, fatbin);
}

}  // namespace sagebuild::device
