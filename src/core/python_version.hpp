#pragma once

#include <string_view>

namespace sagebuild {

/// Whether `text` is a version of the Python packaging world (version specifiers, PyPA, appendix B): `2.2.0`,
/// `1!2.0rc1.post2+cu129.torch2.8`. Letters may be of either case; `_` and `-` may stand for `.` as separators of its suffixes.
bool is_python_version(std::string_view text);

}  // namespace sagebuild
