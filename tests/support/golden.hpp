#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild::test {

/// `tests/golden/`.
std::filesystem::path golden_directory();

/// The case directories below `tests/golden/<group>`, sorted; a missing group is a test failure, not an empty list.
std::vector<std::filesystem::path> golden_cases(std::string_view group);

std::string read_file(const std::filesystem::path& path);

/// Whether the golden file holds exactly `actual`. With SAGEBUILD_UPDATE_GOLDEN=1 a differing file is rewritten and the answer is still
/// no, so that a run which changes goldens never passes.
::testing::AssertionResult matches_golden(const std::filesystem::path& path, std::string_view actual);

/// Names a parameterised case after its directory (GoogleTest takes letters, digits and underscores).
std::string case_name(const ::testing::TestParamInfo<std::filesystem::path>& info);

}  // namespace sagebuild::test
