#include "app/matrix_load.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "edge/real_clock.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "support/fake_http_client.hpp"
#include "support/fixed_environment.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {

namespace {

class MatrixLoad : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(m_root); }
    void TearDown() override { std::filesystem::remove_all(m_root); }

    void write(const std::string& path, const std::string& text) {
        std::filesystem::create_directories((m_root / path).parent_path());
        std::ofstream(m_root / path) << text;
    }

    static std::string package(const std::string& name) {
        return "schema: 1\npackage: {name: " + name + ", version: \"1.0\", module: " + name + ", short: " + name +
               ", summary: S, license: MIT}\nrequires: {python: \">=3.9\", torch: \">=2.6\", cuda: \">=12.0\"}\nunits: []\n"
               "arch_lists: {some: [\"8.0\"]}\nrows:\n  - {torch: \"2.8.0\", cuda: \"12.9.1\", python: [\"3.12\"], archs: some}\n";
    }

    const std::filesystem::path m_root = std::filesystem::path(::testing::TempDir()) / ("matrix_load_" + std::to_string(getpid()));
    RealFileSystem m_files;
    RealProcessRunner m_processes;
    RealClock m_clock;
    testing::FakeHttpClient m_http;
    test::FixedEnvironment m_environment;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

}  // namespace

TEST_F(MatrixLoad, FindsTheMatrixHere) {
    write("matrix/a.yaml", package("alpha"));
    const test::WorkingDirectory there(m_root);
    const auto loaded = load_matrix(m_edges, "");
    ASSERT_TRUE(loaded) << render_diagnostics(loaded.errors());
    EXPECT_EQ(loaded->directory, "matrix");
    EXPECT_EQ(loaded->project_root, std::filesystem::current_path().string());
    ASSERT_EQ(loaded->targets.targets.size(), 1u);
    EXPECT_EQ(loaded->targets.targets[0].name, "linux-alpha-pytorch28-cu129-python312");
    EXPECT_EQ(loaded->targets.targets[0].place.file, "matrix/a.yaml");
}

TEST_F(MatrixLoad, FindsTheMatrixAbovePastDirectoriesWithoutOne) {
    write("matrix/a.yaml", package("alpha"));
    write("one/matrix/readme.txt", "no matrix here");
    write("one/two/file", "");
    const test::WorkingDirectory there(m_root / "one" / "two");
    EXPECT_EQ(*find_matrix_directory(m_edges, ""), "../../matrix");
    EXPECT_EQ(load_matrix(m_edges, "")->project_root, std::filesystem::canonical(m_root).string());
}

TEST_F(MatrixLoad, OptionBeatsVariableBeatsWorkingDirectory) {
    write("matrix/a.yaml", package("alpha"));
    write("other/b.yaml", package("beta"));
    write("third/c.yaml", package("gamma"));
    const test::WorkingDirectory there(m_root);
    m_environment.variables["SAGEBUILD_MATRIX"] = "other/";
    EXPECT_EQ(*find_matrix_directory(m_edges, ""), "other");
    EXPECT_EQ(*find_matrix_directory(m_edges, "third"), "third");
    m_environment.variables["SAGEBUILD_MATRIX"] = "";
    EXPECT_EQ(*find_matrix_directory(m_edges, ""), "matrix");
    m_environment.variables["SAGEBUILD_MATRIX"] = "nowhere";
    EXPECT_EQ(render_diagnostics(find_matrix_directory(m_edges, "").errors()),
              "error[SB0201]: `nowhere` of SAGEBUILD_MATRIX is not a directory\n"
              "hint: name its directory with `--matrix DIR` or SAGEBUILD_MATRIX, or run in the project's directory\n");
}

TEST_F(MatrixLoad, SaysWhereItLookedForAMatrix) {
    const test::WorkingDirectory there(m_root);
    const auto found = find_matrix_directory(m_edges, "");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.errors().front().what,
              "no directory `matrix` with `.yaml` files in `" + std::filesystem::current_path().string() + "` or above it");
}

TEST_F(MatrixLoad, OneFileUsesTheFactsBesideItElseTheBuiltInOnes) {
    write("here/a.yaml", package("alpha"));
    write("matrix/b.yaml", package("beta"));
    const test::WorkingDirectory there(m_root);
    const auto loaded = load_matrix_files(m_edges, "", {"here/a.yaml"});
    ASSERT_TRUE(loaded) << render_diagnostics(loaded.errors());
    EXPECT_EQ(loaded->targets.targets.size(), 1u);
    write("here/compat/cuda.yaml", "schema: 2\n");
    EXPECT_FALSE(load_matrix_files(m_edges, "", {"here/a.yaml"}));
}

TEST_F(MatrixLoad, EveryUnreadableFileIsReported) {
    write("matrix/b.yaml", "a: [\n");
    const test::WorkingDirectory there(m_root);
    const auto loaded = load_matrix_files(m_edges, "", {"matrix/b.yaml", "matrix/gone.yaml"});
    ASSERT_FALSE(loaded);
    std::string codes;
    for (const Diagnostic& error : loaded.errors()) codes += error.code + " " + error.place.file + "\n";
    EXPECT_EQ(codes, "SB0501 \nSB0101 matrix/b.yaml\n");
}

}  // namespace sagebuild
