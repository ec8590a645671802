// The host library step with the real zig of the cache: what the linked file asks of a machine, for both CPUs.
#include "app/host_library.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "real/toolchain/toolchains.hpp"
#include "support/fake_http_client.hpp"
#include "support/temporary_directory.hpp"
#include "text/elf.hpp"

namespace sagebuild {
namespace {

using test::bytes_of;
using test::put;

constexpr const char* images_header = R"(#pragma once
struct sagebuild_image { const char *unit; const char *archs; const unsigned char *fatbin; };
extern const struct sagebuild_image sagebuild_images[] __attribute__((visibility("hidden")));
extern const int sagebuild_image_count __attribute__((visibility("hidden")));
)";
constexpr const char* source = R"(#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include "images.h"
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
__attribute__((visibility("default"))) double probe(double x, char *text, unsigned long size) {
    pthread_mutex_lock(&mutex);
    void *driver = dlopen("libcuda.so.1", RTLD_NOW);
    snprintf(text, size, "%s %s %p %s", sagebuild_images[0].unit, sagebuild_images[0].archs, driver, __FILE__);
    pthread_mutex_unlock(&mutex);
    return sqrt(x) + sagebuild_images[0].fatbin[0] + sagebuild_image_count;
}
)";

class RealHostLibrary : public ::testing::Test {
  protected:
    void SetUp() override {
        if (toolchains.empty()) GTEST_SKIP() << "no zig in the cache; ./bootstrap fetches it";
        m_before = std::filesystem::current_path();
    }
    void TearDown() override {
        if (!m_before.empty()) std::filesystem::current_path(m_before);
    }

    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }
    /// One zig cache for all tests: a first compile per CPU builds parts of libc.
    static std::string shared_cache() {
        static const test::TemporaryDirectory cache;
        return cache.path().string();
    }

    /// Builds the library of the project `name`; the step runs in its directory, as ninja does it.
    std::string build(const std::string& name, const std::string& cpu, const std::string& cache) {
        put(path_of(name + "/host/probe.c"), source);
        put(path_of(name + "/host/images.h"), images_header);
        put(path_of(name + "/build/a.fatbin"), fatbin);
        std::filesystem::current_path(path_of(name));
        const HostLibraryRecipe recipe{.package = "example",
                                       .toolchain = toolchains.front(),
                                       .cache = cache,
                                       .cpu = cpu,
                                       .sources = {"host/probe.c"},
                                       .include = {},
                                       .flags = {"-std=c11", "-O2", "-fexceptions", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"},
                                       .images = {{"sm80_attention", {Arch{8, 0}}, path_of(name + "/build/a.fatbin")}},
                                       .file_name = "_native.so",
                                       .output = path_of(name + "/build/" + cpu + ".so")};
        const Result<> built = run_host_library_step(recipe, edges);
        if (!built) {
            ADD_FAILURE() << render_diagnostics(built.errors());
            return "";
        }
        return bytes_of(recipe.output);
    }

    test::TemporaryDirectory directory;
    std::vector<std::string> toolchains = test::cached_toolchains("zig-");
    std::string fatbin = std::string(100, 'f') + "\n";
    RealFileSystem files;
    RealProcessRunner processes;
    RealEnvironment environment;
    RealClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};

  private:
    std::filesystem::path m_before;
};

/// `GLIBC_2.4` and `GLIBC_2.17` are numbers, not texts.
bool is_within_glibc_2_17(const std::string& version) {
    const std::string prefix = "GLIBC_2.";
    return version.starts_with(prefix) && std::stoi(version.substr(prefix.size())) <= 17;
}

TEST_F(RealHostLibrary, RunsOnGlibc217OfBothCpusAndHoldsTheImages) {
    for (const std::string cpu : {"x86_64", "aarch64"}) {
        SCOPED_TRACE(cpu);
        const Result<ElfLibrary> library = parse_elf_library(build("one", cpu, shared_cache()));
        ASSERT_TRUE(library.has_value()) << render_diagnostics(library.errors());
        EXPECT_EQ(library->cpu, cpu);
        EXPECT_EQ(library->soname, "_native.so");
        for (const std::string& needed : library->needed) {
            EXPECT_TRUE(needed == "libc.so.6" || needed == "libdl.so.2" || needed == "libpthread.so.0" || needed == "libm.so.6") << needed;
        }
        EXPECT_FALSE(library->symbol_versions.empty());
        for (const std::string& version : library->symbol_versions) EXPECT_TRUE(is_within_glibc_2_17(version)) << version;
        EXPECT_EQ(library->device_images, fatbin);
    }
}

TEST_F(RealHostLibrary, TheBytesDoNotDependOnWhereThingsLie) {
    const std::string first = build("one", "x86_64", shared_cache());
    const std::string second = build("a/second/place", "x86_64", path_of("another-cache"));
    EXPECT_EQ(first, second);
    EXPECT_NE(first.find("host/probe.c"), std::string::npos);
    EXPECT_EQ(first.find(directory.path().string()), std::string::npos);
}

TEST_F(RealHostLibrary, AnotherFatbinUnderTheSameNameIsSeen) {
    const std::string first = build("one", "x86_64", shared_cache());
    fatbin[5] = 'g';
    EXPECT_NE(first, build("one", "x86_64", shared_cache()));
}

TEST_F(RealHostLibrary, AnUndefinedSymbolIsAnErrorOfTheLink) {
    put(path_of("bad/host/bad.c"), "int absent(void);\nint probe(void) { return absent(); }\n");
    put(path_of("bad/host/images.h"), images_header);
    put(path_of("bad/a.fatbin"), fatbin);
    std::filesystem::current_path(path_of("bad"));
    const Result<> built = run_host_library_step({.package = "example",
                                                  .toolchain = toolchains.front(),
                                                  .cache = shared_cache(),
                                                  .cpu = "x86_64",
                                                  .sources = {"host/bad.c"},
                                                  .include = {},
                                                  .flags = {"-O2"},
                                                  .images = {{"unit", {Arch{8, 0}}, path_of("bad/a.fatbin")}},
                                                  .file_name = "_native.so",
                                                  .output = path_of("bad/build.so")},
                                                 edges);
    ASSERT_FALSE(built.has_value());
    const std::string text = render_diagnostics(built.errors());
    EXPECT_TRUE(
        text.starts_with("error[SB0555]: `_native.so` of package `example` does not compile for x86_64\n"
                         "caused by: `zig cc` ended with exit code 1\nnote: "))
        << text;
    EXPECT_NE(text.find("undefined symbol: absent"), std::string::npos) << text;
}

}  // namespace
}  // namespace sagebuild
