#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild::test {

/// The facts about CUDA 12.6, 12.8, 12.9, 13.0 and torch 2.6 to 2.9 that the tests of meaning need, with toolchains pinned for each.
Compat small_compat();

/// A matrix from YAML texts by file name; throws with the diagnostics if one is not readable.
Matrix read_matrix(const std::map<std::string, std::string>& files);

/// The project's own `matrix/*.yaml`, by file name.
std::map<std::string, std::string> project_matrix_files();

/// The targets of a matrix; throws with the diagnostics if it has problems.
TargetSet expand(const Matrix& matrix, const Compat& compat);

/// The whole text of a matrix' problems, empty if there are none.
std::string problems_of(const Matrix& matrix, const Compat& compat);

std::vector<Arch> archs(const std::vector<std::string>& texts);
std::vector<std::string> names_of(const std::vector<Target>& targets);

}  // namespace sagebuild::test
