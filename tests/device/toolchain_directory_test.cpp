#include "device/toolchain_directory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sagebuild::device {
namespace {

namespace fs = std::filesystem;

class ToolchainDirectory : public ::testing::Test {
  protected:
    void SetUp() override { fs::remove_all(root); }
    void TearDown() override { fs::remove_all(root); }
    void add(const std::string& path) const {
        fs::create_directories((root / path).parent_path());
        std::ofstream(root / path) << "x";
    }

    fs::path root = fs::temp_directory_path() / ("toolchain-directory-" + std::to_string(getpid()));
};

TEST_F(ToolchainDirectory, FindsLibrariesByTheBeginningOfTheirNames) {
    EXPECT_TRUE(find_toolchain_libraries(root.string(), "libnvrtc-builtins.so").empty());
    for (const char* name : {"lib/libnvrtc.so", "lib/libnvrtc-builtins.so.13.0", "lib/libnvrtc-builtins.so", "lib/x"}) add(name);
    EXPECT_EQ(find_toolchain_libraries(root.string(), "libnvrtc-builtins.so"),
              (std::vector<std::string>{root / "lib/libnvrtc-builtins.so", root / "lib/libnvrtc-builtins.so.13.0"}));
    add("lib64/libnvrtc-builtins.so.12.9");
    EXPECT_EQ(find_toolchain_libraries(root.string(), "libnvrtc-builtins.so"),
              (std::vector<std::string>{root / "lib64/libnvrtc-builtins.so.12.9"}));
}

}  // namespace
}  // namespace sagebuild::device
