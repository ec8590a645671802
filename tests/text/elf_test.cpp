#include "text/elf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/example_wheel.hpp"

namespace sagebuild {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

TEST(ParseElfLibrary, ReadsWhatALibraryNeeds) {
    const auto library = parse_elf_library(test::wheel_data("native.so"));
    ASSERT_TRUE(library) << render_diagnostics(library.errors());
    EXPECT_EQ(library->cpu, "x86_64");
    EXPECT_EQ(library->soname, "_native.so");
    EXPECT_THAT(library->needed, ElementsAre("libc.so.6"));
    EXPECT_THAT(library->symbol_versions, ElementsAre("GLIBC_2.14"));
    EXPECT_EQ(library->device_images.size() % 8, 0U);
    EXPECT_EQ(library->run_path, "");
    EXPECT_FALSE(library->executable_stack);
}

TEST(ParseElfLibrary, ReadsRunPathAndStack) {
    const auto library = parse_elf_library(test::wheel_data("loose.so"));
    ASSERT_TRUE(library) << render_diagnostics(library.errors());
    EXPECT_EQ(library->run_path, "/opt/cuda/lib64");
    EXPECT_TRUE(library->executable_stack);
    EXPECT_EQ(library->device_images, "");
}

/// The C++ library of this machine: several needed files, hundreds of versions, no images.
TEST(ParseElfLibrary, ReadsALargeLibraryOfTheMachine) {
    std::string path;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (const std::size_t at = line.find('/'); line.find("libstdc++.so.6") != std::string::npos) path = line.substr(at);
    }
    ASSERT_FALSE(path.empty());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto library = parse_elf_library(bytes);
    ASSERT_TRUE(library) << render_diagnostics(library.errors());
    EXPECT_EQ(library->soname, "libstdc++.so.6");
    EXPECT_THAT(library->needed, Contains("libc.so.6"));
    EXPECT_THAT(library->symbol_versions, Contains("GCC_3.0"));
    EXPECT_THAT(library->symbol_versions, Not(Contains("")));
    EXPECT_TRUE(library->device_images.empty());
}

TEST(ParseElfLibrary, RefusesOtherFiles) {
    EXPECT_EQ(render_diagnostics(parse_elf_library("").errors()), "error[SB0410]: library is not an ELF file\n");
    std::string small = test::wheel_data("native.so");
    small[4] = 1;  // ELFCLASS32
    EXPECT_FALSE(parse_elf_library(small));
    std::string images = test::wheel_data("native.so");
    images.resize(images.size() - 200);  // ends inside the section headers
    EXPECT_FALSE(parse_elf_library(images));
}

}  // namespace
}  // namespace sagebuild
