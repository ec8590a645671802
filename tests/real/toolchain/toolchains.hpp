#pragma once

#include <string>
#include <vector>

#include "edge/process.hpp"

namespace sagebuild::test {

/// Directories of the complete toolchains in the user's cache whose names begin with `prefix`, sorted. ./bootstrap fills it.
std::vector<std::string> cached_toolchains(const std::string& prefix);

/// Runs a program for real; a failure to start it throws.
ProcessResult run_program(const std::vector<std::string>& arguments, const std::string& directory = {});

/// The bytes of a file; an unreadable one throws.
std::string bytes_of(const std::string& path);

/// Writes a file and its directories, or throws.
void put(const std::string& path, const std::string& bytes);

}  // namespace sagebuild::test
