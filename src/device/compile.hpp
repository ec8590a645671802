#pragma once

#include <iosfwd>

#include "device/arguments.hpp"

namespace sagebuild::device {

/// Compiles and writes the output. The compiler's log, warnings included, goes to `log`. Failure if it does not compile.
void compile(const CompileRequest& request, std::ostream& log);

}  // namespace sagebuild::device
