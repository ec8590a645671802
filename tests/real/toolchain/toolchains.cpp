#include "real/toolchain/toolchains.hpp"

#include <cstdlib>
#include <stdexcept>

#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"

namespace sagebuild::test {

namespace {

template <typename Value>
Value value_or_throw(Result<Value> result) {
    if (!result) throw std::runtime_error(render_diagnostics(result.errors()));
    return std::move(result).value();
}

}  // namespace

std::vector<std::string> cached_toolchains(const std::string& prefix) {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    const std::string root = cache != nullptr && *cache != '\0' ? cache : std::string(home == nullptr ? "" : home) + "/.cache";
    const RealFileSystem files;
    std::vector<std::string> found;
    const Result<std::vector<std::string>> names = files.list(root + "/sagebuild/toolchains");
    if (!names) return found;
    for (const std::string& name : *names) {
        const std::string directory = root + "/sagebuild/toolchains/" + name;
        if (name.starts_with(prefix) && files.is_file(directory + "/toolchain.json")) found.push_back(directory);
    }
    return found;
}

ProcessResult run_program(const std::vector<std::string>& arguments, const std::string& directory) {
    RealProcessRunner processes;
    return value_or_throw(processes.run({.arguments = arguments, .directory = directory}));
}

std::string bytes_of(const std::string& path) {
    return value_or_throw(RealFileSystem().read(path, std::size_t{1} << 30));
}

void put(const std::string& path, const std::string& bytes) {
    value_or_throw(RealFileSystem().write(path, bytes));
}

}  // namespace sagebuild::test
