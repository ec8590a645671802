#pragma once

#include <string>

#include "core/matrix.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The package that `--package` names; an empty name is the first that has kernels, else the first. Never null. Code SB0242.
Result<const PackageMatrix*> choose_package(const Matrix& matrix, const std::string& name);

}  // namespace sagebuild
