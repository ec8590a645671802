#include "app/image_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/environment_text.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"
#include "support/tar_writer.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

using testing::TarItem;
using testing::TarPacking;
using testing::write_tar;

const std::string new_abi = "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string";

/// Debian with its Python, as layers have it.
const std::vector<TarItem> debian = {{"bin", "@usr/bin"},
                                     {"lib", "@usr/lib"},
                                     {"etc/os-release", "@../usr/lib/os-release"},
                                     {"usr/lib/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"},
                                     {"usr/lib/x86_64-linux-gnu/libc.so.6",
                                      "\x7f"
                                      "ELF GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\n"},
                                     {"usr/bin/python3", "@python3.11"},
                                     {"usr/bin/python3.11", "program"}};

std::vector<TarItem> torch_in(const std::string& site, const std::string& version = "2.8.0+cu129", const std::string& cuda = "'12.9'") {
    return {{site + "/torch/version.py", "__version__ = '" + version + "'\ncuda: Optional[str] = " + cuda + "\n"},
            {site + "/torch/lib/libc10.so", new_abi}};
}

class ImageTest : public ::testing::Test {
  protected:
    void add(std::vector<TarItem> layer, TarPacking packing = TarPacking::plain) { m_layers.push_back(write_tar(layer, packing)); }
    std::string config() const {
        return R"({"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=)" + m_path + R"(")" + m_variables + "]}}";
    }

    /// As `docker save` of engines before 25 writes it, with the manifest at the end.
    std::string saved() const {
        std::vector<TarItem> items;
        std::string names;
        for (std::size_t index = 0; index < m_layers.size(); ++index) {
            const std::string name = std::to_string(index) + "/layer.tar";
            items.push_back({name, m_layers[index]});
            names += (names.empty() ? "\"" : ", \"") + name + "\"";
        }
        items.push_back({"repositories", "{}"});
        items.push_back({"0/VERSION", "1.0"});
        items.push_back({"config.json", config()});
        items.push_back({"manifest.json", R"([{"Config": "config.json", "RepoTags": ["x:latest"], "Layers": [)" + names + "]}]"});
        return write_tar(items);
    }

    /// An OCI layout: paths and bytes.
    std::map<std::string, std::string> layout() const {
        std::map<std::string, std::string> files;
        const auto add_blob = [&files](const std::string& bytes) {
            const std::string digest = sha256_hex(bytes);
            files["blobs/sha256/" + digest] = bytes;
            return "\"sha256:" + digest + "\"";
        };
        std::string layers;
        for (const std::string& layer : m_layers) layers += (layers.empty() ? "" : ", ") + ("{\"digest\": " + add_blob(layer) + "}");
        const std::string manifest = add_blob("{\"config\": {\"digest\": " + add_blob(config()) + "}, \"layers\": [" + layers + "]}");
        const std::string index =
            add_blob("{\"manifests\": [{\"digest\": \"sha256:0\", \"platform\": {\"architecture\": \"s390x\"}}, {\"digest\": " + manifest +
                     ", \"platform\": {\"architecture\": \"amd64\"}}, {\"digest\": " + manifest +
                     ", \"platform\": {\"architecture\": \"unknown\"}}]}");
        files["index.json"] = "{\"manifests\": [{\"digest\": " + index + "}]}";
        files["oci-layout"] = "{}";
        return files;
    }

    std::string run(const std::string& reference = "/image.tar") {
        const auto found = read_image_environment(reference, m_edges);
        if (!found) return render_diagnostics(found.errors());
        std::string text = testing::environment_text(found->environment) + "\n" + found->system + ", " + found->python + "\n";
        for (const std::string& note : found->notes) text += note + "\n";
        return text;
    }
    std::string run_saved() {
        m_files.files["/image.tar"] = saved();
        return run();
    }

    std::vector<std::string> m_layers;
    std::string m_path = "/usr/local/bin:/usr/bin:/bin";
    std::string m_variables;
    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

#if defined(__x86_64__)

const std::string bookworm = "\nDebian GNU/Linux 12 (bookworm), ";

TEST_F(ImageTest, ADebianWithTorch) {
    add(debian);
    add(torch_in("usr/local/lib/python3.11/dist-packages"), TarPacking::gzip);
    add({{"usr/local/cuda", "@cuda-12.9"},
         {"usr/local/cuda-12.9/version.json", "{\"cuda\" : {\"name\" : \"CUDA SDK\", \"version\" : \"12.9.1\"}}"}},
        TarPacking::zstd);
    const std::string expected = "python 3.11 gil, torch 2.8.0 cuda 12.9 abi new, driver -, toolkit 12.9, linux x86_64 glibc 2.36, sm -" +
                                 bookworm + "/usr/bin/python3\n";
    EXPECT_EQ(run_saved(), expected);
    for (const auto& [path, bytes] : layout()) m_files.files["/layout/" + path] = bytes;
    EXPECT_EQ(run("/layout"), expected);
    std::vector<TarItem> items;
    for (const auto& [path, bytes] : layout()) items.push_back({path, bytes});
    m_files.files["/oci.tar"] = write_tar(items, TarPacking::gzip);
    EXPECT_EQ(run("/oci.tar"), expected);
}

TEST_F(ImageTest, AVirtualEnvironmentOfUv) {
    add(debian);
    m_path = "/app/.venv/bin:/usr/bin";
    const std::string base = "root/.local/share/uv/python/cpython-3.13.5-linux-x86_64-gnu";
    auto files = torch_in("root/.cache/uv/archive-v0/x");
    files.insert(files.end(),
                 {{base + "/bin/python3.13t", "program"},
                  {"app/.venv/bin/python", "@/" + base + "/bin/python3.13t"},
                  {"app/.venv/bin/python3", "@python"},
                  {"app/.venv/pyvenv.cfg", "home = /" + base + "/bin\nversion_info = 3.13.5\ninclude-system-site-packages = false\n"},
                  {"app/.venv/lib/python3.13t/site-packages/torch/version.py", "=root/.cache/uv/archive-v0/x/torch/version.py"},
                  {"app/.venv/lib/python3.13t/site-packages/torch/lib/libc10.so", "=root/.cache/uv/archive-v0/x/torch/lib/libc10.so"}});
    add(files);
    EXPECT_EQ(run_saved(), "python 3.13 free-threaded, torch 2.8.0 cuda 12.9 abi new, driver -, toolkit -, linux x86_64 glibc 2.36, sm -" +
                               bookworm + "/app/.venv/bin/python3\n");
}

TEST_F(ImageTest, CondaAndTheOldNamesOfGlibc) {
    m_path = "/opt/conda/bin:/usr/bin";
    m_variables = ", \"CUDA_VERSION=11.8.0\"";
    add({{"lib/x86_64-linux-gnu/libc-2.31.so", "x"},
         {"lib/x86_64-linux-gnu/libc.so.6", "@libc-2.31.so"},
         {"opt/conda/bin/python3", "program"},
         {"opt/conda/bin/python3.10", "=opt/conda/bin/python3"}});
    auto torch = torch_in("opt/conda/lib/python3.10/site-packages", "2.6.0", "None");
    auto cached = torch_in("opt/conda/pkgs/pytorch-2.5/lib/python3.10/site-packages");
    torch.insert(torch.end(), cached.begin(), cached.end());
    add(torch);
    EXPECT_EQ(run_saved(),
              "python 3.10 gil, torch 2.6.0 cuda none abi new, driver -, toolkit 11.8, linux x86_64 glibc 2.31, sm -\n, "
              "/opt/conda/bin/python3\n");
}

TEST_F(ImageTest, WhatIsDeletedIsGone) {
    add(debian);
    add(torch_in("usr/local/lib/python3.11/dist-packages"));
    add({{"usr/local/lib/python3.11/dist-packages/.wh.torch", ""}});
    const std::string python =
        "python 3.11 gil, torch - cuda - abi -, driver -, toolkit -, linux x86_64 glibc 2.36, sm -" + bookworm + "/usr/bin/python3\n";
    EXPECT_EQ(run_saved(), python + "torch is not installed in the image\n");
    add({{"usr/bin/.wh..wh..opq", ""}});
    EXPECT_THAT(run_saved(), ::testing::EndsWith("no Python is found on the image's PATH\ntorch is not installed in the image\n"));
}

TEST_F(ImageTest, TheOnlyTorchCounts) {
    add(debian);
    add(torch_in("opt/app/lib/python3.12/site-packages"));
    EXPECT_EQ(run_saved(), "python 3.12 gil, torch 2.8.0 cuda 12.9 abi new, driver -, toolkit -, linux x86_64 glibc 2.36, sm -" + bookworm +
                               "/opt/app/lib/python3.12/site-packages\n"
                               "Python 3.11 of the image's PATH has no torch; `/opt/app/lib/python3.12/site-packages` counts, which has\n");
    add(torch_in("opt/other/lib/python3.12/site-packages"));
    EXPECT_THAT(run_saved(),
                ::testing::EndsWith("the image's Python has no torch, and several others have: `/opt/app/lib/python3.12/site-packages`, "
                                    "`/opt/other/lib/python3.12/site-packages`\n"));
}

TEST_F(ImageTest, OddImagesAreTold) {
    add({{"lib/ld-musl-x86_64.so.1", "x"}, {"usr/bin/python3", "program"}});
    EXPECT_EQ(run_saved(),
              "python - -, torch - cuda - abi -, driver -, toolkit -, linux x86_64 glibc -, sm -\n, \n"
              "the C library is musl, and `manylinux` and `linux` wheels want glibc\n"
              "the version of `/usr/bin/python3` is not known\n"
              "no Python is found on the image's PATH\ntorch is not installed in the image\n");
}

#endif

TEST_F(ImageTest, NoImageIsTold) {
    m_files.files["/image.tar"] = write_tar({{"a", "b"}});
    EXPECT_EQ(run(),
              "error[SB0460]: the archive holds no container image\n  --> /image.tar\n"
              "caused by: neither `manifest.json` of `docker save` nor `index.json` of an OCI layout is in it\n");
    m_files.files["/image.tar"] = "text";
    EXPECT_EQ(run(), "error[SB0462]: the archive is refused\n  --> /image.tar\ncaused by: Unrecognized archive format\n");
    m_files.files["/dir/readme"] = "";
    EXPECT_EQ(run("/dir"),
              "error[SB0460]: the directory holds no container image\n  --> /dir\ncaused by: `index.json` of an OCI layout is not in it\n");
}

TEST_F(ImageTest, BrokenImagesAreTold) {
    const auto archive = [this](const std::string& manifest) {
        m_files.files["/image.tar"] =
            write_tar({{"manifest.json", manifest}, {"c.json", "{}"}, {"bad.json", "[]"}, {"l.tar", "no archive"}});
        return run();
    };
    const std::string broken = "error[SB0461]: the image cannot be understood\n  --> /image.tar\ncaused by: ";
    EXPECT_EQ(archive("{}"), broken + "`manifest.json` is no list of images\n");
    EXPECT_EQ(archive("[{}]"), broken + "its manifest names no configuration\n");
    EXPECT_EQ(archive(R"([{"Config": "x.json"}])"), broken + "`x.json` is not in it\n");
    EXPECT_EQ(archive(R"([{"Config": "bad.json"}])"), broken + "its configuration is no JSON object\n");
    EXPECT_EQ(archive(R"([{"Config": "c.json", "Layers": ["gone\u001b"]}])"), broken + "the layer `gone\\x1b` is not in it\n");
    EXPECT_EQ(archive(R"([{"Config": "c.json", "Layers": [3]}])"), broken + "a layer of its manifest has no usable name\n");
    EXPECT_EQ(archive(R"([{"Config": "c.json", "Layers": ["l.tar"]}])"),
              "error[SB0462]: the archive is refused\n  --> /image.tar\ncaused by: Unrecognized archive format\n");
    EXPECT_EQ(archive(R"([{"RepoTags": ["a:1"]}, {"RepoTags": ["b:2"]}])"),
              "error[SB0463]: the archive holds 2 images\n  --> /image.tar\ncaused by: it has `a:1`, `b:2`\nhint: save the one that is "
              "meant alone\n");
    const auto index = [this](const std::string& text) {
        m_files.files["/image.tar"] = write_tar({{"index.json", text}});
        return run();
    };
    EXPECT_EQ(index("[]"), broken + "an index of the image is no JSON object\n");
    EXPECT_EQ(index("{}"), broken + "an index of the image names no image\n");
    EXPECT_EQ(index(R"({"manifests": [{"digest": "sha256:../../x"}]})"), broken + "the digest `sha256:../../x` is none of SHA-256\n");
    EXPECT_THAT(index(R"({"manifests": [{"platform": {"architecture": "ppc64le"}}, {"platform": {"architecture": "s390x"}}]})"),
                ::testing::HasSubstr("error[SB0463]: the archive holds 2 images\n"));
}

TEST_F(ImageTest, TheEngineIsAsked) {
    const std::string hint = "hint: `docker pull` it first, or name an archive that `docker save` wrote\n";
    m_environment.variables["HOME"] = "/home/user";
    EXPECT_EQ(run("python:3.12"),
              "error[SB0464]: `python:3.12` is no file or directory, and the engine does not give such an image\ncaused by: `docker` is "
              "not on PATH\n" +
                  hint);
    m_processes.programs = {"docker"};
    EXPECT_THAT(run("--help"), ::testing::EndsWith("caused by: it is no name of an image\n" + hint));
    m_processes.answer = [](const Command&) {
        return ProcessResult{.exit_code = 1, .error_output = "Error response from daemon: reference does not exist\n"};
    };
    EXPECT_THAT(run("python:3.12"), ::testing::EndsWith("caused by: Error response from daemon: reference does not exist\n" + hint));
    add(debian);
    m_processes.answer = [this](const Command& command) {
        m_files.files[testing::value_behind(command, "--output")] = saved();
        return ProcessResult{};
    };
    EXPECT_THAT(run("python:3.12"), ::testing::HasSubstr("glibc 2.36"));
    EXPECT_THAT(m_processes.commands.back().arguments.back(), "python:3.12");
    for (const auto& [path, bytes] : m_files.files) EXPECT_FALSE(path.ends_with(".tar")) << path << " is left";
}

}  // namespace
}  // namespace sagebuild
