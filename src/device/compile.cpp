#include "device/compile.hpp"

#include <filesystem>
#include <ostream>

#include "device/compile_directory.hpp"
#include "device/failure.hpp"
#include "device/files.hpp"
#include "device/shared_library.hpp"
#include "device/toolchain_directory.hpp"

namespace sagebuild::device {

namespace {

// NVRTC's C interface, stable since CUDA 11.1 (NVRTC manual, section 3).
using Program = struct _nvrtcProgram*;
using Status = int;
constexpr Status success = 0;
constexpr Status invalid_option = 5;
constexpr Status compilation_error = 6;

class Nvrtc {
  public:
    explicit Nvrtc(const std::string& path)
        : m_library(path),
          create_program(m_library.function<Status(Program*, const char*, const char*, int, const char* const*, const char* const*)>(
              "nvrtcCreateProgram")),
          compile_program(m_library.function<Status(Program, int, const char* const*)>("nvrtcCompileProgram")),
          log_size(m_library.function<Status(Program, std::size_t*)>("nvrtcGetProgramLogSize")),
          log(m_library.function<Status(Program, char*)>("nvrtcGetProgramLog")),
          cubin_size(m_library.function<Status(Program, std::size_t*)>("nvrtcGetCUBINSize")),
          cubin(m_library.function<Status(Program, char*)>("nvrtcGetCUBIN")),
          ptx_size(m_library.function<Status(Program, std::size_t*)>("nvrtcGetPTXSize")),
          ptx(m_library.function<Status(Program, char*)>("nvrtcGetPTX")),
          error_text(m_library.function<const char*(Status)>("nvrtcGetErrorString")) {}

    void check(Status status, const char* call) const {
        if (status != success) throw Failure(Exit::environment, std::string(call) + " failed: " + error_text(status));
    }

    /// The bytes that a pair of functions, size and content, hands out.
    std::string fetch(Program program, Status (*size)(Program, std::size_t*), Status (*content)(Program, char*), const char* call) const {
        std::size_t count = 0;
        check(size(program, &count), call);
        std::string bytes(count, '\0');
        if (count > 0) check(content(program, bytes.data()), call);
        return bytes;
    }

  private:
    SharedLibrary m_library;

  public:
    Status (*create_program)(Program*, const char*, const char*, int, const char* const*, const char* const*);
    Status (*compile_program)(Program, int, const char* const*);
    Status (*log_size)(Program, std::size_t*);
    Status (*log)(Program, char*);
    Status (*cubin_size)(Program, std::size_t*);
    Status (*cubin)(Program, char*);
    Status (*ptx_size)(Program, std::size_t*);
    Status (*ptx)(Program, char*);
    const char* (*error_text)(Status);
};

/// NVRTC counts the ending NUL of its texts; ptxas refuses PTX that has one.
void drop_trailing_nul(std::string& text) {
    while (!text.empty() && text.back() == '\0') text.pop_back();
}

/// Which archs to build is the matrix's decision, so NVRTC's notice that a later release drops one is no news; no option turns it off.
void drop_deprecation_notice(std::string& log) {
    const std::size_t begin = log.find("nvrtc: warning: Architectures prior to");
    if (begin == std::string::npos) return;
    const std::size_t end = log.find('\n', begin);
    log.erase(begin, end == std::string::npos ? end : end - begin + 1);
}

}  // namespace

void compile(const CompileRequest& request, std::ostream& log) {
    const std::string source = read_file(request.source);
    if (source.find('\0') != std::string::npos) throw Failure(Exit::input, "`" + request.source + "` holds a NUL byte");
    for (const std::string& include : request.includes) {
        if (!std::filesystem::is_directory(include)) throw Failure(Exit::input, "include directory `" + include + "` does not exist");
    }
    // From 13.0 on NVRTC has no run path: it asks the loader for its builtins by name, which finds them if they are open already.
    for (const std::string& builtins : find_toolchain_libraries(request.toolchain, "libnvrtc-builtins.so")) SharedLibrary{builtins};
    const Nvrtc nvrtc(find_toolchain_library(request.toolchain, "libnvrtc.so"));
    const std::vector<std::string> own_includes = toolchain_includes(request.toolchain);
    const std::string output = std::filesystem::absolute(request.output).string();

    CompileDirectory directory(output + ".compile");
    const std::string name = directory.link_file(request.source);
    // A real arch gives machine code, a virtual one PTX (NVRTC manual, --gpu-architecture).
    std::vector<std::string> options = {"--gpu-architecture=" + request.arch.name()};
    for (const std::string& include : request.includes) options.push_back("--include-path=" + directory.link_directory(include));
    for (const std::string& include : own_includes) options.push_back("--include-path=" + directory.link_directory(include));
    options.insert(options.end(), request.options.begin(), request.options.end());
    std::vector<const char*> pointers;
    for (const std::string& option : options) pointers.push_back(option.c_str());

    Program program = nullptr;
    nvrtc.check(nvrtc.create_program(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr), "nvrtcCreateProgram");
    const Status status = nvrtc.compile_program(program, static_cast<int>(pointers.size()), pointers.data());
    std::string text = nvrtc.fetch(program, nvrtc.log_size, nvrtc.log, "nvrtcGetProgramLog");
    drop_trailing_nul(text);
    drop_deprecation_notice(text);
    text = directory.restore_paths(text);
    log << text;
    if (!text.empty() && text.back() != '\n') log << '\n';
    if (status != success) {
        const Exit exit = status == compilation_error || status == invalid_option ? Exit::input : Exit::environment;
        throw Failure(exit, "`" + request.source + "` does not compile for " + request.arch.name() + ": " + nvrtc.error_text(status));
    }

    std::string image = request.arch.is_virtual ? nvrtc.fetch(program, nvrtc.ptx_size, nvrtc.ptx, "nvrtcGetPTX")
                                                : nvrtc.fetch(program, nvrtc.cubin_size, nvrtc.cubin, "nvrtcGetCUBIN");
    if (request.arch.is_virtual) drop_trailing_nul(image);
    if (image.empty()) throw Failure(Exit::environment, "NVRTC made no image of `" + request.source + "` for " + request.arch.name());
    write_file(output, image);
}

}  // namespace sagebuild::device
