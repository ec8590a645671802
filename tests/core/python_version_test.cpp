#include "core/python_version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sagebuild {
namespace {

struct VersionCase {
    std::string text;
    bool legal;
};

class PythonVersionTest : public testing::TestWithParam<VersionCase> {};

TEST_P(PythonVersionTest, IsRecognised) {
    EXPECT_EQ(is_python_version(GetParam().text), GetParam().legal) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Rows, PythonVersionTest,
                         testing::Values(VersionCase{"0", true}, VersionCase{"2.2.0", true}, VersionCase{"v1.0", true},
                                         VersionCase{"1!2.0", true}, VersionCase{"2.0rc1", true}, VersionCase{"2.0.RC_1", true},
                                         VersionCase{"2.0c", true}, VersionCase{"2.0preview2", true}, VersionCase{"1.0.post3", true},
                                         VersionCase{"1.0-3", true}, VersionCase{"1.0rev4", true}, VersionCase{"1.0a1.post2.dev3", true},
                                         VersionCase{"1.0dev", true}, VersionCase{"2.8.3+cu12torch2.8cxx11abiTRUE", true},
                                         VersionCase{"1.0+a_b-c.d", true}, VersionCase{"2026.11.21", true},
                                         VersionCase{"1.0a1+local", true}, VersionCase{"", false}, VersionCase{"v", false},
                                         VersionCase{"1.", false}, VersionCase{".1", false}, VersionCase{"1..2", false},
                                         VersionCase{"1.0+", false}, VersionCase{"1.0+a..b", false}, VersionCase{"1.0+a.", false},
                                         VersionCase{"1.0gamma1", false}, VersionCase{"1.0 ", false}, VersionCase{"1!", false},
                                         VersionCase{"torch270.cu128", false}, VersionCase{"1.0-", false}, VersionCase{"1.0dev1a", false},
                                         VersionCase{std::string("1.0\0", 4), false}, VersionCase{"1.0\xC2\xB2", false}));

}  // namespace
}  // namespace sagebuild
