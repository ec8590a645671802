#include "app/dockerfile_environment.hpp"

#include <gtest/gtest.h>

#include "core/text_list.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"
#include "text/compat_yaml.hpp"

namespace sagebuild {

namespace {

const Compat& compat() {
    static const Compat facts = *parse_compat(embedded_compat_files());
    return facts;
}

template <typename Value>
std::string shown(const char* name, const std::optional<Value>& value) {
    return value ? std::string(name) + "=" + value->to_string() + " " : "";
}

/// What is known, in one line; then the notes.
std::string describe(const DockerfileEnvironment& read) {
    const WheelEnvironment& at = read.environment;
    std::string text = shown("python", at.python) + (at.free_threaded.value_or(false) ? "free-threaded " : "") + shown("torch", at.torch) +
                       shown("cuda", at.torch_cuda) + (at.torch_is_cpu ? "cpu " : "") + shown("toolkit", at.toolkit) +
                       shown("glibc", at.glibc) + (at.arch ? "arch=" + *at.arch + " " : "") + "os=" + at.os.value_or("?") + "\n";
    for (const std::string& note : read.notes) text += "  " + note + "\n";
    return text;
}

std::string describe(const std::string& dockerfile, const DockerfileRequest& request = {}) {
    testing::MemoryFileSystem files;
    files.files["/project/Dockerfile"] = dockerfile;
    testing::FakeEnvironment environment;
    testing::TickingClock clock;
    testing::FakeProcessRunner processes;
    testing::FakeHttpClient http;
    const auto read = load_dockerfile_environment({files, processes, environment, clock, http}, compat(), "/project/Dockerfile", request);
    return read ? describe(*read) : render_diagnostics(read.errors());
}

struct Case {
    std::string name;
    std::string dockerfile;
    std::string expected;
};

class DockerfileEnvironments : public ::testing::TestWithParam<Case> {};

TEST_P(DockerfileEnvironments, AreReadOff) {
    EXPECT_EQ(describe(GetParam().dockerfile), GetParam().expected);
}

const std::string nothing_pinned =
    "  torch is not known: the file installs none with a version\n"
    "  Python is not known: nothing in the file names its version\n";

const std::vector<Case> cases = {
    {"cuda_base_with_venv",
     "FROM nvidia/cuda:12.9.1-base-ubuntu24.04\n"
     "RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv\n"
     "RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install torch==2.9.1 --index-url https://download.pytorch.org/whl/cu129\n",
     "python=3.12 torch=2.9.1 cuda=12.9 toolkit=12.9.1 glibc=2.39 os=linux\n"},
    {"python_slim_and_pypi", "FROM python:3.12-slim\nRUN pip install \"torch==2.8.0\"\n",
     "python=3.12 torch=2.8.0 cuda=12.8 glibc=2.41 os=linux\n"
     "  `python:3.12-slim` names no release of its system, which is taken for debian13\n"
     "  torch 2.8.0 of PyPI is CUDA 12.8\n"},
    {"pytorch_image", "FROM pytorch/pytorch:2.9.0-cuda12.8-cudnn9-runtime\nRUN apt-get install -y python3-dev\n",
     "torch=2.9.0 cuda=12.8 os=linux\n"
     "  glibc is not known: the tag of `pytorch/pytorch:2.9.0-cuda12.8-cudnn9-runtime` does not say its system\n"
     "  Python is not known: nothing in the file names its version\n"},
    {"bare_ubuntu", "FROM ubuntu:24.04\n", "glibc=2.39 os=linux\n" + nothing_pinned},
    {"debian_by_code_name", "FROM docker.io/library/debian:bookworm-slim@sha256:00\n", "glibc=2.36 os=linux\n" + nothing_pinned},
    {"runpod", "FROM runpod/pytorch:2.8.0-py3.11-cuda12.8.1-cudnn-devel-ubuntu22.04\n",
     "python=3.11 torch=2.8.0 toolkit=12.8.1 glibc=2.35 os=linux\n"},
    {"registry_with_port", "FROM localhost:5000/team/base\n",
     "os=linux\n"
     "  base image `localhost:5000/team/base` is not known: its Python, glibc, torch and CUDA are not\n" +
         nothing_pinned},
    {"uv_and_local_version",
     "FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim\n"
     "ENV UV_TORCH_BACKEND=cu126\n"
     "RUN uv venv --python 3.13t && uv pip install 'torch==2.9.1+cu129' sageattention\n",
     "python=3.13 free-threaded torch=2.9.1 cuda=12.9 glibc=2.36 os=linux\n"},
    {"cpu_torch", "FROM python:3.11-bookworm\nRUN pip3 install torch==2.7.1 -i https://download.pytorch.org/whl/cpu/\n",
     "python=3.11 torch=2.7.1 cpu glibc=2.36 os=linux\n"},
    {"arguments_and_stages",
     "ARG CUDA=12.9.1\nARG UBUNTU=24.04\n"
     "FROM --platform=linux/arm64 nvidia/cuda:${CUDA}-devel-ubuntu${UBUNTU} AS build\n"
     "ARG TORCH=2.8.0\nARG INDEX=https://download.pytorch.org/whl/cu129\n"
     "ENV PYTHON=python3.11 \\\n    # the interpreter\n    VENV=/opt/venv\n"
     "RUN apt-get install -y ${PYTHON} ${PYTHON}-venv\n"
     "RUN ${VENV}/bin/pip install --index-url=${INDEX} torch==${TORCH:-2.7.0}\n"
     "FROM build\nRUN echo done\n",
     "python=3.11 torch=2.8.0 cuda=12.9 toolkit=12.9.1 glibc=2.39 arch=aarch64 os=linux\n"},
    {"unknown_argument", "ARG BASE\nFROM $BASE\nARG TORCH\nRUN pip install torch==$TORCH\n",
     "os=linux\n"
     "  base image `$BASE` is not known: it depends on build arguments\n"
     "  torch's version is not known: `torch==$TORCH` leaves it open\n" +
         nothing_pinned},
    {"heredoc",
     "FROM ubuntu:22.04\n"
     "RUN <<EOF\n"
     "set -e\n"
     "VERSION=2.9.0\n"
     "python3.12 -m pip install \\\n  torch==$VERSION --index-url https://download.pytorch.org/whl/cu130 # CUDA 13\n"
     "EOF\n",
     "python=3.12 torch=2.9.0 cuda=13.0 glibc=2.35 os=linux\n"},
    {"exec_form_and_conda",
     "FROM ubuntu:20.04\n"
     "RUN conda create -n x python=3.10 -y\n"
     "RUN [\"pip\", \"install\", \"torch==2.6.0+cu126\"]\n",
     "python=3.10 torch=2.6.0 cuda=12.6 glibc=2.31 os=linux\n"},
    {"requirements_file", "FROM rockylinux:9\nRUN dnf install -y python3.12 && pip3.12 install -r requirements.txt\n",
     "python=3.12 glibc=2.34 os=linux\n"
     "  what `requirements.txt` installs is not known: it is another file\n"
     "  torch is not known: the file installs none with a version\n"},
    {"compatible_release",
     "FROM python:3.12-trixie\nRUN pip install torch~=2.9.0 --extra-index-url https://download.pytorch.org/whl/cu126\n",
     "python=3.12 torch=2.9 cuda=12.6 glibc=2.41 os=linux\n"},
    {"escape_directive",
     "# escape=`\nFROM python:3.12-bookworm\r\nRUN pip install `\r\n    torch==2.9.1 `\r\n    --index-url "
     "https://download.pytorch.org/whl/cu128\r\n",
     "python=3.12 torch=2.9.1 cuda=12.8 glibc=2.36 os=linux\n"},
};

INSTANTIATE_TEST_SUITE_P(Cases, DockerfileEnvironments, ::testing::ValuesIn(cases), [](const auto& entry) { return entry.param.name; });

TEST(DockerfileEnvironment, TakesBuildArgumentsAndStages) {
    const std::string text =
        "ARG CUDA=12.8.1\nFROM nvidia/cuda:$CUDA-runtime-ubuntu22.04 AS base\nFROM python:3.11-slim-bookworm AS tools\n";
    EXPECT_EQ(describe(text, {.stage = "base", .build_arguments = {{"CUDA", "12.9.1"}}}),
              "toolkit=12.9.1 glibc=2.35 os=linux\n" + nothing_pinned);
    EXPECT_EQ(describe(text, {.stage = "1", .build_arguments = {}}),
              "python=3.11 glibc=2.36 os=linux\n  torch is not known: the file installs none with a version\n");
    EXPECT_EQ(describe(text, {.stage = "bsae", .build_arguments = {}}),
              "error[SB0471]: `/project/Dockerfile` has no stage `bsae`\n"
              "nearest: base\n"
              "note: it has 2 stages: `base`, `tools`\n");
}

}  // namespace

}  // namespace sagebuild
