#pragma once

#include <string_view>
#include <vector>

namespace sagebuild {

/// One error code with the page that `sagebuild explain CODE` prints. Groups: 01 YAML, 02 matrix meaning, 03 emission, 04 wheels,
/// 05 processes, toolchains and docker, 06 HTTP and releases, 09 internal.
struct ErrorCode {
    std::string_view code;
    std::string_view title;
    std::string_view page;  ///< what it means, how it comes about, what to do
};

/// All codes, ascending.
std::vector<ErrorCode> all_error_codes();

const ErrorCode* find_error_code(std::string_view code);

}  // namespace sagebuild
