#pragma once

#include <string>
#include <string_view>

#include "edge/process.hpp"

namespace sagebuild {

/// `python3 -m pip download` ended with exit code 1: the cause line of a diagnostic about a failed program.
std::string exit_cause(std::string_view program, const ProcessResult& result);

/// The last `count` lines that are not empty.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace sagebuild
