#pragma once

#include <string>
#include <vector>

namespace sagebuild::device {

/// `lib64/<name>` or `lib/<name>` below a toolchain. Failure (environment) if there is neither.
std::string find_toolchain_library(const std::string& toolchain, const std::string& name);

/// Paths of the libraries in that directory whose names begin so, sorted.
std::vector<std::string> find_toolchain_libraries(const std::string& toolchain, const std::string& beginning);

/// The toolchain's header directories in search order: CUDA 13 keeps CCCL (`cuda/std/...`) in a directory of its own.
std::vector<std::string> toolchain_includes(const std::string& toolchain);

}  // namespace sagebuild::device
