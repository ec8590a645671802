#include <gtest/gtest.h>

#include <filesystem>

#include "core/yaml_insert.hpp"
#include "support/cli_run.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/golden.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

using Texts = std::vector<std::string>;

const std::string torch_index = "https://download.pytorch.org/whl/";

/// A page as torch's own index has them: the local version stands percent-encoded in the address, and the digest behind it.
std::string torch_page(const std::string& variant, const Texts& names) {
    std::string page = "<!DOCTYPE html>\n<html>\n  <body>\n    <h1>Links for torch</h1>\n";
    for (const std::string& name : names) {
        const std::size_t plus = name.find('+');
        page += "    <a href=\"/whl/" + variant + "/" + name.substr(0, plus) + "%2B" + name.substr(plus + 1) +
                "#sha256=" + std::string(64, 'a') + "\">" + name + "</a><br/>\n";
    }
    return page + "  </body>\n</html>\n";
}

/// `torch-2.15.0+cu130-cp312-cp312-manylinux_2_28_x86_64.whl` for each Python and platform.
Texts torch_wheels(const std::string& version, const Texts& pythons, const Texts& platforms) {
    Texts names;
    for (const std::string& python : pythons) {
        const std::string interpreter = python.ends_with('t') ? python.substr(0, python.size() - 1) : python;
        for (const std::string& platform : platforms) {
            names.push_back("torch-" + version + "-cp" + interpreter + "-cp" + python + "-" + platform + ".whl");
        }
    }
    return names;
}

const Texts all_pythons = {"311", "312", "313", "314", "314t", "315", "315t"};
const Texts all_platforms = {"manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "win_amd64"};

Texts operator+(Texts left, const Texts& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// The matrix of tests/golden/watch, which knows torch up to 2.14, before the real pages of PyPI of a day on which 2.15 was out.
class MatrixWatch : public ::testing::Test {
  protected:
    MatrixWatch() {
        const auto compat = std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "matrix" / "compat";
        for (const char* name : {"gpus.yaml", "drivers.yaml", "images.yaml", "base-images.yaml", "naming.yaml"})
            m_files.files["/project/matrix/compat/" + std::string(name)] = test::read_file(compat / name);
        const auto directory = test::golden_directory() / "watch" / "matrix";
        for (const char* name : {"tiny.yaml", "compat/torch.yaml", "compat/cuda.yaml", "compat/toolchains.yaml"})
            m_files.files["/project/matrix/" + std::string(name)] = test::read_file(directory / name);
        for (const char* project : {"torch", "cuda-toolkit"}) {
            const auto page = std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "tests" / "data" / "watch" / (std::string(project) + ".json");
            serve("https://pypi.org/simple/" + std::string(project) + "/", test::read_file(page), "application/vnd.pypi.simple.v1+json");
        }
        for (const char* variant : {"cu126", "cu128", "cu129", "cu130", "cu131", "cu132", "cu133", "cu134", "cu135"})
            serve(page_of(variant), "AccessDenied", "application/xml", 403);
        serve_torch("cu126", torch_wheels("2.14.1+cu126", {"312"}, all_platforms));
    }

    static std::string page_of(const std::string& variant) { return torch_index + variant + "/torch/"; }
    void serve(const std::string& url, const std::string& body, const std::string& type, int status = 200) {
        m_http.answers[url] = {.status = status, .headers = {{"Content-Type", type}}, .url = {}, .body = body};
    }
    void serve_torch(const std::string& variant, const Texts& names) { serve(page_of(variant), torch_page(variant, names), "text/html"); }
    std::string& file(const std::string& name) { return m_files.files["/project/matrix/" + name]; }
    void replace(const std::string& name, const std::string& old, const std::string& text) {
        const std::size_t at = file(name).find(old);
        ASSERT_NE(at, std::string::npos);
        file(name).replace(at, old.size(), text);
    }

    std::string run(const Texts& options = {}) {
        Texts arguments = {"matrix", "watch", "--matrix", "/project/matrix"};
        const auto answer = testing::run_cli(m_edges, arguments + options);
        return "exit code " + std::to_string(answer.exit_code) + "\n---- stdout\n" + answer.out + "---- stderr\n" + answer.err;
    }
    /// What the run says, and the files that it wrote.
    std::string run_writing() {
        std::string text = run({"--write"});
        for (const std::string& path : m_files.written) text += "==== " + path + "\n" + m_files.files[path];
        return text;
    }
    static ::testing::AssertionResult matches(const std::string& name, const std::string& text) {
        return test::matches_golden(test::golden_directory() / "watch" / (name + ".txt"), text);
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

TEST_F(MatrixWatch, ANewTorchGetsItsEntryAndItsRow) {
    serve_torch("cu130", torch_wheels("2.14.1+cu130", {"312"}, all_platforms) + torch_wheels("2.15.0+cu130", all_pythons, all_platforms));
    serve_torch("cu132", torch_wheels("2.15.0+cu132", all_pythons, {"manylinux_2_28_x86_64"}));
    EXPECT_TRUE(matches("new_torch", run_writing()));
    m_files.written.clear();
    // What is written is known: a second look leaves the files alone.
    EXPECT_EQ(run_writing(),
              "exit code 0\n---- stdout\nCUDA 13.5.0 is new\n\nby hand\n  CUDA 13.5 is not in `compat/cuda.yaml`: its targets "
              "are what `ptxas --help` of its nvcc wheel lists\n---- stderr\n");
}

TEST_F(MatrixWatch, JsonSaysTheSame) {
    serve_torch("cu130", torch_wheels("2.15.0+cu130", all_pythons, all_platforms));
    serve_torch("cu132", torch_wheels("2.15.0+cu132", {"313"}, {"manylinux_2_28_x86_64"}));
    EXPECT_TRUE(matches("json", run({"--json"})));
    EXPECT_TRUE(m_files.written.empty());
}

TEST_F(MatrixWatch, AKnownTorchShipsForAnotherCuda) {
    serve_torch("cu130", torch_wheels("2.14.1+cu130", {"312"}, all_platforms));
    serve_torch("cu132", torch_wheels("2.14.1+cu132", {"312", "313"}, {"manylinux_2_28_x86_64", "manylinux_2_28_aarch64"}));
    serve_torch("cu134", torch_wheels("2.14.1+cu134", {"313"}, {"win_amd64"}));
    // a toolchain is pinned meanwhile
    replace("compat/toolchains.yaml", "  \"13.0.2\":\n",
            "  \"13.2.2\":\n    - {distribution: nvidia-cuda-nvrtc, version: \"13.2.78\", sha256: {linux-x86_64: " + std::string(64, 'b') +
                "}}\n  \"13.0.2\":\n");
    EXPECT_TRUE(matches("new_variants", run_writing()));
}

TEST_F(MatrixWatch, PypiMayBeFirst) {
    EXPECT_TRUE(matches("on_pypi_alone", run_writing()));
}

TEST_F(MatrixWatch, TorchsOwnIndexMayBeFirst) {
    const std::string line = "\n  {\"filename\": \"torch-2.15.0-";
    std::string& page = m_http.answers["https://pypi.org/simple/torch/"].body;
    page = page.substr(0, page.find(line) - 1) + "\n]}\n";
    serve_torch("cu130", torch_wheels("2.15.0+cu130", {"312", "313", "314t"}, {"linux_x86_64"}));
    EXPECT_TRUE(matches("on_torchs_index_alone", run()));
}

TEST_F(MatrixWatch, WhatIsYankedOrNoReleaseDoesNotCount) {
    serve("https://pypi.org/simple/torch/",
          R"({"meta": {"api-version": "1.1"}, "name": "torch", "files": [
            {"filename": "torch-2.16.0-cp313-cp313-manylinux_2_28_x86_64.whl", "url": "x", "yanked": "broken"},
            {"filename": "torch-2.17.0rc1-cp313-cp313-manylinux_2_28_x86_64.whl", "url": "x"},
            {"filename": "torch-2.18.0.dev20270101-cp313-cp313-manylinux_2_28_x86_64.whl", "url": "x"},
            {"filename": "torch-2.3.1-cp311-cp311-manylinux1_x86_64.whl", "url": "x"},
            {"filename": "torch-99-cp313-cp313-manylinux_2_28_x86_64.whl", "url": "x"},
            {"filename": "torchx-9.9.0-cp313-cp313-manylinux_2_28_x86_64.whl", "url": "x"},
            {"filename": "torch-nonsense.whl", "url": "x"}]})",
          "application/vnd.pypi.simple.v1+json");
    serve("https://pypi.org/simple/cuda-toolkit/", R"({"meta": {"api-version": "1.1"}, "files": [
            {"filename": "cuda_toolkit-13.9.0rc1-py2.py3-none-any.whl", "url": "x"}]})",
          "application/vnd.pypi.simple.v1+json");
    EXPECT_EQ(run_writing(), "exit code 0\n---- stdout\n---- stderr\nnothing is new\n");
}

TEST_F(MatrixWatch, AsksThePackageIndexOfPip) {
    m_environment.variables["PIP_INDEX_URL"] = "https://mirror.example/pypi/simple/";
    for (const char* project : {"torch", "cuda-toolkit"})
        serve("https://mirror.example/pypi/simple/" + std::string(project) + "/", "", "text/html");
    EXPECT_EQ(run(), "exit code 0\n---- stdout\n---- stderr\nnothing is new\n");
    Texts asked;
    for (const HttpRequest& request : m_http.requests) asked.push_back(request.url);
    EXPECT_EQ(asked, (Texts{"https://mirror.example/pypi/simple/torch/", "https://mirror.example/pypi/simple/cuda-toolkit/",
                            page_of("cu126"), page_of("cu130"), page_of("cu132"), page_of("cu134")}));
}

TEST_F(MatrixWatch, ARowThatDoesNotHoldIsNotWritten) {
    replace("tiny.yaml", "uncompilable: drop", "uncompilable: error");
    replace("tiny.yaml", "few: [\"8.0\", \"9.0\"]", "few: [\"8.0\", \"9.0\"]\n  many: [\"8.0\", \"9.0\", \"12.0\"]");
    serve_torch("cu130", torch_wheels("2.15.0+cu130", {"312"}, {"manylinux_2_28_x86_64"}));
    EXPECT_TRUE(matches("row_refused", run_writing()));
}

TEST_F(MatrixWatch, AFileInAnotherStyleIsLeftAlone) {
    replace("tiny.yaml", "rows:\n    - ", "rows: [");
    replace("tiny.yaml", "archs: few}   # this one stays as it is", "archs: few}]");
    serve_torch("cu130", torch_wheels("2.15.0+cu130", {"312"}, {"manylinux_2_28_x86_64"}));
    EXPECT_TRUE(matches("flow_style", run_writing()));
}

TEST_F(MatrixWatch, FailuresOfTheIndexesAreTold) {
    serve(page_of("cu130"), "try later", "text/plain", 503);
    EXPECT_TRUE(matches("index_fails", run_writing()));
    serve(page_of("cu130"), "{}", "application/vnd.pypi.simple.v1+json");
    EXPECT_TRUE(matches("index_page_broken", run()));
    replace("compat/torch.yaml", "index: \"https://download.pytorch.org/whl/cu{cuda}\"\n", "");
    EXPECT_TRUE(matches("no_torch_index", run()));
}

TEST_F(MatrixWatch, WithoutDataOfItsOwnThereIsNothingToWriteTo) {
    for (auto entry = m_files.files.begin(); entry != m_files.files.end();)
        entry = entry->first.find("/compat/") != std::string::npos ? m_files.files.erase(entry) : std::next(entry);
    replace("tiny.yaml", "torch: \"2.14.0\", cuda: \"13.0.2\"", "torch: \"2.8.0\", cuda: \"12.9.1\"");
    serve_torch("cu130", torch_wheels("2.99.0+cu130", {"313"}, {"manylinux_2_28_x86_64"}));
    EXPECT_TRUE(matches("no_compat_directory", run_writing()));
}

}  // namespace

struct InsertCase {
    std::string name, before, after;
};

class YamlInsert : public ::testing::TestWithParam<InsertCase> {};

TEST_P(YamlInsert, LeavesTheRestByteForByte) {
    EXPECT_EQ(insert_item(GetParam().before, "rows", "- new").value_or("no place"), GetParam().after);
}

INSTANTIATE_TEST_SUITE_P(
    Places, YamlInsert,
    ::testing::Values(InsertCase{"AtTheEnd", "rows:\n  - a", "rows:\n  - a\n  - new\n"},
                      InsertCase{"BeforeWhatFollows", "rows:\n  - a\n\n# of b\nb: 1\n", "rows:\n  - a\n  - new\n\n# of b\nb: 1\n"},
                      InsertCase{"AtTheKeysIndentation", "rows:   # all\n- a\n-  b\nb: 1", "rows:   # all\n- a\n-  b\n- new\nb: 1"},
                      InsertCase{"WithTheFilesLineEnds", "rows:\r\n    - a\r\nb: 1\r\n", "rows:\r\n    - a\r\n    - new\r\nb: 1\r\n"},
                      InsertCase{"BehindAnItemOfSeveralLines", "rows:\n  - a: 1\n    b: 2\nc: 3\n",
                                 "rows:\n  - a: 1\n    b: 2\n  - new\nc: 3\n"},
                      InsertCase{"NotInAnotherKey", "rows_of: 1\nx:\n  rows:\n    - a\n", "no place"},
                      InsertCase{"NotWithoutItems", "rows:\n\nb: 1\n", "no place"}, InsertCase{"NotInFlowStyle", "rows: [a]\n", "no place"},
                      InsertCase{"NotInNothing", "", "no place"}),
    [](const auto& each) { return each.param.name; });

}  // namespace sagebuild
