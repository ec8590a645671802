// An image of the local engine, read by its name. Skipped where no engine answers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/image_environment.hpp"
#include "edge/real_clock.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "support/environment_text.hpp"
#include "support/fake_http_client.hpp"
#include "support/fixed_environment.hpp"
#include "support/tar_writer.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {
namespace {

const std::string image_name = "sagebuild-test/read-image:latest";

class EngineImage : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!run({"docker", "version", "--format", "{{.Server.Version}}"})) {
            std::cout << "SKIPPED: no Docker engine answers\n";
            GTEST_SKIP();
        }
        m_environment.variables["XDG_CACHE_HOME"] = (m_directory.path() / "cache").string();
    }
    void TearDown() override { run({"docker", "image", "rm", "--force", image_name}); }

    bool run(const std::vector<std::string>& arguments) {
        const auto ran = m_processes.run({.arguments = arguments, .limits = ProcessLimits{.seconds = 120}});
        return ran && ran->exit_code == 0;
    }

    test::TemporaryDirectory m_directory;
    RealFileSystem m_files;
    RealProcessRunner m_processes;
    test::FixedEnvironment m_environment;
    RealClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

TEST_F(EngineImage, IsReadByItsName) {
    const std::string layer =
        testing::write_tar({{"usr/lib/os-release", "PRETTY_NAME=\"Test 1\"\n"},
                            {"etc/os-release", "@../usr/lib/os-release"},
                            {"usr/lib/libc.so.6", "GNU C Library (GNU libc) stable release version 2.39.\n"},
                            {"opt/v/bin/python3.12", "program"},
                            {"opt/v/bin/python3", "@python3.12"},
                            {"opt/v/lib/python3.12/site-packages/torch/version.py", "__version__ = '2.9.1+cu130'\ncuda = '13.0'\n"},
                            {"opt/v/lib/python3.12/site-packages/torch/lib/libc10.so", "_ZN3c105ErrorC1ENS_14SourceLocationESs"}});
    const std::string archive = (m_directory.path() / "layer.tar").string();
    std::ofstream(archive, std::ios::binary) << layer;
    ASSERT_TRUE(run({"docker", "import", "--platform", "linux/amd64", "--change", "ENV PATH=/opt/v/bin:/usr/bin", "--change",
                     "ENV CUDA_VERSION=13.0.1", archive, image_name}));
    const auto found = read_image_environment(image_name, m_edges);
    ASSERT_TRUE(found) << render_diagnostics(found.errors());
    EXPECT_EQ(testing::environment_text(found->environment),
              "python 3.12 gil, torch 2.9.1 cuda 13.0 abi old, driver -, toolkit 13.0, linux x86_64 glibc 2.39, sm -");
    EXPECT_EQ(found->system, "Test 1");
    EXPECT_TRUE(found->notes.empty());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(m_directory.path() / "cache"))
        EXPECT_NE(entry.path().extension(), ".tar");
}

TEST_F(EngineImage, AnUnknownNameIsTold) {
    const auto found = read_image_environment("sagebuild-test/no-such-image:1", m_edges);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.errors().front().code, "SB0464");
    EXPECT_FALSE(found.errors().front().causes.front().empty());
}

}  // namespace
}  // namespace sagebuild
