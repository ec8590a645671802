#include "device/toolchain_directory.hpp"

#include <algorithm>
#include <filesystem>

#include "device/failure.hpp"

namespace sagebuild::device {

namespace fs = std::filesystem;

std::string find_toolchain_library(const std::string& toolchain, const std::string& name) {
    for (const char* directory : {"lib64", "lib"}) {
        const fs::path candidate = fs::absolute(fs::path(toolchain) / directory / name);
        if (fs::exists(candidate)) return candidate.string();
    }
    throw Failure(Exit::environment, "toolchain `" + toolchain + "` has neither lib64/" + name + " nor lib/" + name);
}

std::vector<std::string> find_toolchain_libraries(const std::string& toolchain, const std::string& beginning) {
    std::vector<std::string> found;
    for (const char* directory : {"lib64", "lib"}) {
        const fs::path path = fs::absolute(fs::path(toolchain) / directory);
        if (!fs::is_directory(path)) continue;
        for (const auto& entry : fs::directory_iterator(path)) {
            if (entry.path().filename().string().starts_with(beginning)) found.push_back(entry.path().string());
        }
        if (!found.empty()) break;
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> toolchain_includes(const std::string& toolchain) {
    const fs::path include = fs::absolute(fs::path(toolchain) / "include");
    if (!fs::is_directory(include)) throw Failure(Exit::environment, "toolchain `" + toolchain + "` has no directory include/");
    std::vector<std::string> directories = {include.string()};
    if (fs::is_directory(include / "cccl")) directories.push_back((include / "cccl").string());
    return directories;
}

}  // namespace sagebuild::device
