// `docker buildx bake` over a docker that is played: the command line, the caches, and the whole text of each error.
#include "app/bake.hpp"

#include <gtest/gtest.h>

#include "app/bake_selection.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/golden.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

using testing::joined;

const char* const local_builder = "Name:   default\nDriver: docker\n\nNodes:\nName: default\n";

class Bake : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* folder : {"matrix", "matrix/compat", "dockerfiles"}) {
            for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(SAGEBUILD_SOURCE_DIR) / folder)) {
                if (entry.is_regular_file())
                    files.files["/project/" + std::string(folder) + "/" + entry.path().filename().string()] = test::read_file(entry.path());
            }
        }
        loaded = load_matrix(edges, "/project/matrix").value();
        rendered = render_bake_files(loaded, edges).value();
        for (const RenderedFile& file : rendered.files) files.files["/project/" + file.path] = file.bytes;
        processes.programs = {"docker"};
        processes.answer = [this](const Command& command) {
            const std::string& verb = command.arguments[2];
            if (verb == "version")
                return ProcessResult{.exit_code = has_buildx ? 0 : 1, .output = version, .error_output = "no such plugin\n"};
            if (verb == "inspect" && command.arguments[1] == "buildx") return inspected;
            if (verb == "inspect") return ProcessResult{.exit_code = images.contains(command.arguments.back()) ? 0 : 1};
            return baked;
        };
    }

    std::string run(BakeRequest request = {.names = {"pytorch28"}, .sets = {}}) {
        lines.clear();
        const auto report = bake(request, rendered, loaded, edges, [this](std::string_view line) { lines.emplace_back(line); });
        if (!report) return render_diagnostics(report.errors());
        std::string out;
        for (const std::string& wheel : report->wheels) out += wheel + "\n";
        return out;
    }

    testing::MemoryFileSystem files;
    testing::FakeProcessRunner processes;
    testing::FakeEnvironment environment;
    testing::TickingClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};
    LoadedMatrix loaded;
    BakeFiles rendered;
    bool has_buildx = true;
    std::string version = "github.com/docker/buildx v0.29.1 a1b2c3\n";
    ProcessResult inspected{.output = local_builder};
    ProcessResult baked;
    std::set<std::string> images;
    std::vector<std::string> lines;
};

TEST_F(Bake, RunsBuildxAndListsTheWheels) {
    baked.output = "#1 building\n";
    const std::string wheel = "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";
    files.files["/project/dist/" + wheel] = "wheel";
    EXPECT_EQ(run(), "/project/dist/" + wheel + "\n");
    EXPECT_EQ(joined(processes.commands.back()), "docker buildx bake --set *.cache-from= --set *.cache-to= pytorch28");
    EXPECT_EQ(processes.commands.back().directory, "/project");
    EXPECT_TRUE(processes.commands.back().joins_outputs);
    EXPECT_EQ(lines,
              (std::vector<std::string>{"caches: the store of builder `default` is on; gha is off: not in GitHub Actions", "#1 building"}));
}

TEST_F(Bake, PassesTheOptionsOn) {
    run({.names = {"default", "test-all"}, .sets = {"*.args.X=1", "a.b=c"}, .builder = "far", .progress = "plain", .no_cache = true});
    EXPECT_EQ(joined(processes.commands.back()),
              "docker buildx bake --builder far --progress plain --no-cache --set *.cache-from= --set *.cache-to= "
              "--set *.args.X=1 --set a.b=c default test-all");
    EXPECT_EQ(joined(processes.commands[1]), "docker buildx inspect far");
}

TEST_F(Bake, AnotherOutputDirectory) {
    const std::string target = "linux-sage2-pytorch28-cu129-python312";
    run({.names = {"default", "test-" + target}, .sets = {}, .out = "/else/where"});
    const std::string command = joined(processes.commands.back());
    EXPECT_NE(command.find("--set " + target + ".output=type=local,dest=/else/where --allow=fs.write=/else/where default test-"),
              std::string::npos)
        << command;
    EXPECT_EQ(command.find("test-" + target + ".output"), std::string::npos);
    run({.names = {"default"}, .sets = {}, .out = "/project/out"});
    EXPECT_EQ(joined(processes.commands.back()).find("--allow"), std::string::npos);
}

TEST_F(Bake, SaysWhichCachesAreOn) {
    environment.variables["GITHUB_ACTIONS"] = "true";
    run();
    EXPECT_EQ(lines[0],
              "caches: the store of builder `default` is on; gha is off: this job does not expose ACTIONS_RUNTIME_TOKEN to its steps");
    environment.variables["ACTIONS_RUNTIME_TOKEN"] = "t";
    run();
    EXPECT_EQ(lines[0], "caches: the store of builder `default` is on; gha is off: the driver `docker` cannot use it");
    inspected.output = "Name: ci\nDriver: docker-container\n";
    run();
    EXPECT_EQ(lines[0], "caches: the store of builder `ci` is on; gha is on, one scope per package and toolkit");
    EXPECT_EQ(joined(processes.commands.back()), "docker buildx bake pytorch28");
}

TEST_F(Bake, NoDocker) {
    processes.programs.clear();
    EXPECT_EQ(run(),
              "error[SB0510]: docker is not on PATH\n"
              "hint: install docker and docker-buildx\n"
              "hint: `sagebuild build --engine local` needs no Docker\n");
}

TEST_F(Bake, NoEngine) {
    inspected.output = "Name:          default\nDriver:        \nError:         Cannot connect to the Docker daemon at unix:///x.\n";
    EXPECT_EQ(run(),
              "error[SB0511]: no engine answers behind the builder `default`\n"
              "caused by: Cannot connect to the Docker daemon at unix:///x.\n"
              "hint: start it, or name another with `--builder` or DOCKER_HOST\n"
              "hint: `sagebuild build --engine local` needs no Docker\n");
}

TEST_F(Bake, NoBuildx) {
    has_buildx = false;
    version = "";
    EXPECT_EQ(run(),
              "error[SB0512]: this docker has no buildx\n"
              "caused by: `docker buildx version` ended with exit code 1\n"
              "caused by: no such plugin\n"
              "hint: install it: `apt-get install docker-buildx` (Debian) or docker-buildx-plugin (Docker's packages)\n"
              "hint: `sagebuild build --engine local` needs no Docker\n");
}

TEST_F(Bake, AnOldBuildx) {
    version = "github.com/docker/buildx v0.10.4 c513d34\n";
    EXPECT_EQ(run(),
              "error[SB0513]: buildx 0.10.4 is too old: docker-bake.hcl needs 0.13\n"
              "hint: update docker-buildx, or put a newer one into ~/.docker/cli-plugins\n"
              "hint: `sagebuild build --engine local` needs no Docker\n");
    for (const char* newer :
         {"github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n", "github.com/docker/buildx v0.29.1-desktop.1 x\n", "of today\n"}) {
        version = newer;
        EXPECT_EQ(run(), "") << newer;
    }
}

TEST_F(Bake, AnUnknownBuilder) {
    inspected = {.exit_code = 1, .error_output = "ERROR: no builder \"far\" found\n"};
    EXPECT_EQ(run({.names = {"default"}, .sets = {}, .builder = "far"}),
              "error[SB0515]: `far` is no builder of buildx\n"
              "caused by: ERROR: no builder \"far\" found\n"
              "hint: `docker buildx ls` lists the builders\n"
              "hint: `sagebuild build --engine local` needs no Docker\n");
}

TEST_F(Bake, AnImageThatCannotBePulled) {
    baked = {.exit_code = 1,
             .output =
                 "#3 ERROR: x\nERROR: failed to solve: nvidia/cuda:9.9: failed to resolve source metadata for docker.io/nvidia/cuda:9.9: "
                 "failed to do request: no such host\n"};
    EXPECT_EQ(run(),
              "error[SB0514]: image `nvidia/cuda:9.9` cannot be pulled\n"
              "caused by: failed to do request: no such host\n"
              "hint: another image in its place: `--set '*.contexts.nvidia/cuda:9.9=docker-image://IMAGE'`\n"
              "hint: a mirror: the environment variable CUDA_REPOSITORY\n"
              "hint: DEVICE_COMPILER=nvrtc needs no CUDA image, `sagebuild build --engine local` no Docker\n");
}

TEST_F(Bake, ADeviceCompilerThatIsNone) {
    baked = {.exit_code = 1,
             .output =
                 "ERROR: failed to solve: device-clang: failed to resolve source metadata for docker.io/library/device-clang:latest: no\n"};
    EXPECT_EQ(run(),
              "error[SB0516]: `clang` is no device compiler\n"
              "hint: DEVICE_COMPILER is nvcc, of the base image, or nvrtc, of pinned wheels\n");
}

TEST_F(Bake, AStageThatFails) {
    baked = {.exit_code = 1,
             .output =
                 "#9 0.1 compile-device: unit a does not compile for sm_80\n#9 ERROR: process\n0.1 compile-device: unit a does not compile "
                 "for sm_80\nERROR: failed\n"};
    EXPECT_EQ(run(),
              "error[SB0516]: `docker buildx bake` ended with exit code 1\n"
              "caused by: compile-device: unit a does not compile for sm_80\n"
              "note: the command was: docker buildx bake --set '*.cache-from=' --set '*.cache-to=' pytorch28\n");
    baked.output = "#1 x\nERROR: disk full\n";
    EXPECT_NE(run().find("caused by: #1 x\nERROR: disk full\n"), std::string::npos) << run();
}

TEST_F(Bake, FilesThatAreOutOfDate) {
    files.files["/project/docker-bake.hcl"] += "\n";
    files.files.erase("/project/dockerfiles/dockerfile.builder.linux");
    files.files["/project/dockerfiles/device/old.plan"] = "";
    EXPECT_EQ(run(),
              "error[SB0308]: the files of `docker buildx bake` are not those that the matrix gives\n"
              "note: `docker-bake.hcl` differs in line " +
                  std::to_string(
                      std::count(files.files["/project/docker-bake.hcl"].begin(), files.files["/project/docker-bake.hcl"].end(), '\n')) +
                  "\n"
                  "note: `dockerfiles/dockerfile.builder.linux` is missing\n"
                  "note: `dockerfiles/device/old.plan` belongs to no target\n"
                  "hint: `sagebuild bake --emit` writes them; templates are dockerfiles/*.in\n");
    EXPECT_TRUE(processes.commands.empty());
    const auto written = write_bake_files(rendered, loaded, edges);
    EXPECT_EQ(written.value(),
              (std::vector<std::string>{"docker-bake.hcl", "dockerfiles/dockerfile.builder.linux", "dockerfiles/device/old.plan"}));
    EXPECT_EQ(run(), "");
}

TEST_F(Bake, SelectionsBecomeNamesOfTheFile) {
    const auto names = [this](const std::vector<std::string>& words) {
        const auto found = select_bake_names(loaded, rendered.bake, words);
        if (!found) return render_diagnostics(found.errors());
        std::string out;
        for (const std::string& name : *found) out += (out.empty() ? "" : " ") + name;
        return out;
    };
    EXPECT_EQ(names({}), "default");
    EXPECT_EQ(names({"pytorch28", "test-all"}), "pytorch28 test-all");
    EXPECT_EQ(names({"pytorch28", "python=3.10"}), "linux-sage2-pytorch28-cu129-python310");
    EXPECT_EQ(names({"*cu129*python312", "package=sageattention"}), "linux-sage2-pytorch28-cu129-python312");
    EXPECT_EQ(names({"test-alll"}), "error[SB0310]: `test-alll` is no test of a target\nnearest: test-all\n");
    EXPECT_EQ(names({"sage3-all"}),
              "error[SB0301]: `sageattn3` has no kernel units yet\n"
              "  --> /project/matrix/sageattn3.yaml:29:5\n"
              "note: `units:` of /project/matrix/sageattn3.yaml is empty: docker-bake.hcl leaves its targets out\n"
              "hint: `package=sageattention` selects targets that have kernels\n");
}

TEST_F(Bake, DockerIsNotChosenWhereItWouldPull) {
    const auto reason = [this] { return explain_no_docker(rendered, {"default"}, edges).value(); };
    EXPECT_EQ(reason(), "the engine does not hold `debian:bookworm-slim`, which `--engine docker` would pull");
    images = {"debian:bookworm-slim"};
    EXPECT_EQ(reason(), "the engine does not hold `nvidia/cuda:12.9.1-devel-ubuntu24.04`, which `--engine docker` would pull");
    environment.variables["DEVICE_COMPILER"] = "nvrtc";
    EXPECT_EQ(reason(), "");
    environment.variables["SYSTEM_IMAGE"] = "mine";
    EXPECT_EQ(reason(), "the engine does not hold `mine`, which `--engine docker` would pull");
    inspected.output = "Name: ci\nDriver: docker-container\n";
    EXPECT_EQ(reason(), "");
    processes.programs.clear();
    EXPECT_EQ(reason(), "docker is not on PATH");
}

}  // namespace
}  // namespace sagebuild
