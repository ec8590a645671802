#include "core/requirement_marker.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

WheelEnvironment linux_machine() {
    WheelEnvironment environment;
    environment.python = parse_version("3.12");
    environment.os = "linux";
    environment.arch = "x86_64";
    return environment;
}

/// `true`, `false` or `?`, here and where nothing is known.
std::string shown(const std::string& marker) {
    const auto word = [](const std::optional<bool>& truth) { return !truth ? "?" : *truth ? "true" : "false"; };
    return std::string(word(evaluate_marker(marker, linux_machine()))) + " " + word(evaluate_marker(marker, {}));
}

TEST(RequirementMarker, IsEvaluatedAsFarAsIsKnown) {
    EXPECT_EQ(shown(""), "true true");
    EXPECT_EQ(shown("python_version == '3.12'"), "true ?");
    EXPECT_EQ(shown("python_version < \"3.10\""), "false ?");
    EXPECT_EQ(shown("'3.9' <= python_version"), "true ?");
    EXPECT_EQ(shown("python_full_version >= '3.12.4'"), "? ?");
    EXPECT_EQ(shown("sys_platform == 'win32' or platform_system == 'Linux'"), "true ?");
    EXPECT_EQ(shown("sys_platform == 'win32' and extra == 'gpu'"), "false ?");
    EXPECT_EQ(shown("(os_name == 'nt' or python_version > '3.11') and platform_machine != 'aarch64'"), "true ?");
    EXPECT_EQ(shown("platform_machine in 'x86_64 AMD64'"), "true ?");
    EXPECT_EQ(shown("platform_machine not in 'x86_64 AMD64'"), "false ?");
    EXPECT_EQ(shown("implementation_name == 'cpython'"), "true true");
    EXPECT_EQ(shown("'linux' in sys_platform"), "? ?");
}

TEST(RequirementMarker, IsNotGuessed) {
    for (const char* broken : {"python_version", "python_version ==", "== '3'", "'a' == 'b'", "python_version == '3.12' extra", "(", ")",
                               "python_version == '3.12", "a and", "not x", "\xC3\xA4 == 'x'"}) {
        EXPECT_EQ(shown(broken), "? ?") << broken;
    }
    EXPECT_EQ(shown(std::string(100'000, '(')), "? ?");
}

TEST(RequirementMarker, SaysWhereItsRequirementIsInstalled) {
    const auto narrowed = [](const char* marker) {
        const WheelEnvironment environment = narrowed_by_marker(marker, {});
        return (environment.python ? environment.python->to_string() : "-") + " " + environment.os.value_or("-") + " " +
               environment.arch.value_or("-");
    };
    EXPECT_EQ(narrowed("python_version == '3.12' and sys_platform == 'linux' and platform_machine == 'aarch64'"), "3.12 linux aarch64");
    EXPECT_EQ(narrowed("platform_system == 'Windows' and platform_machine == 'AMD64'"), "- windows x86_64");
    EXPECT_EQ(narrowed("python_version == '3.12' or sys_platform == 'linux'"), "- - -");
    EXPECT_EQ(narrowed("python_version >= '3.12' and extra == 'x'"), "- - -");
    EXPECT_EQ(narrowed("python_version == '3.12' and"), "- - -");
    EXPECT_EQ(narrowed_by_marker("python_version == '3.11'", linux_machine()).python, parse_version("3.12"));
}

}  // namespace

}  // namespace sagebuild
