#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 05: processes, files, toolchains.
inline constexpr std::array process = {
    ErrorCode{"SB0501", "a file cannot be read",
              "The operating system refused to open or read the file; the cause line quotes its reason."},
    ErrorCode{"SB0502", "a file cannot be written",
              "The operating system refused to create, write or rename the file; the cause line quotes its reason.\n"
              "Files are written under a temporary name and renamed, so an older version of the file is still whole."},
    ErrorCode{"SB0503", "a program cannot be started", "The program was not found on PATH or is not executable."},
    ErrorCode{"SB0504", "a program failed",
              "A program that sagebuild ran ended with an error. The message quotes the command, its exit code and its last lines."},
    ErrorCode{"SB0505", "the recipe of a build step cannot be read",
              "`sagebuild step` is started by ninja with a file that `sagebuild build` wrote. The file is damaged or of another version:\n"
              "delete the build directory (`.sagebuild/`) and build again."},
    ErrorCode{"SB0506", "ninja is missing",
              "`sagebuild build` has ninja run the steps of the build. It was not found on PATH.\n"
              "Install it with `apt-get install ninja-build`, or with `pip install ninja`."},
    ErrorCode{"SB0507", "a build step failed",
              "A step of the build ended with an error. The message names the step, quotes what it said\n"
              "and the command to repeat it by hand. Finished steps are kept; the next build continues after them."},
    ErrorCode{
        "SB0508", "an option of the other engine",
        "`build --engine local` runs ninja on this machine and needs neither Docker nor CUDA; `--jobs`, `--build-dir`, `--explain` and\n"
        "`--dry-run` belong to it. `--engine docker` runs `docker buildx bake`, whose options `sagebuild bake` takes."},
    ErrorCode{"SB0509", "an environment variable is not valid",
              "The value of the named environment variable cannot be used. SOURCE_DATE_EPOCH is a number of seconds since 1970 "
              "(reproducible-builds.org)."},
    ErrorCode{"SB0510", "docker is missing",
              "`sagebuild bake` and `build --engine docker` run `docker buildx bake`. The program docker was not found on PATH.\n"
              "Without Docker, `sagebuild build --engine local` makes the same wheels with ninja and pinned toolchains."},
    ErrorCode{"SB0511", "no engine answers",
              "docker and buildx are here, but nothing answers where they expect the engine; the cause line quotes their reason."},
    ErrorCode{"SB0512", "docker has no buildx", "docker-bake.hcl is read by buildx, a plugin of docker that is packaged apart from it."},
    ErrorCode{"SB0513", "buildx is too old",
              "docker-bake.hcl was tried with buildx 0.13 and later. An older one may read it in another way, so it is refused.\n"
              "`--list`, `--check` and `--call` of buildx itself need a later one (0.29 was tried)."},
    ErrorCode{
        "SB0514", "an image cannot be pulled",
        "A stage of the Dockerfile starts from an image that the engine does not hold and cannot get: no network, a proxy or registry "
        "that\n"
        "refuses, or a tag that was deleted (NVIDIA deletes superseded patches; matrix/compat/images.yaml knows the published ones).\n"
        "Any image can be replaced: docs/docker.md, \"Your own base image or registry mirror\"."},
    ErrorCode{"SB0515", "a builder cannot be used", "`docker buildx inspect` does not know the builder; the cause line quotes its reason."},
    ErrorCode{
        "SB0516", "a container build failed",
        "`docker buildx bake` ended with an error. The message quotes what compile-device, sagebuild or buildx said, and the command to\n"
        "repeat it by hand. Finished stages stay in the builder's cache."},
};

}  // namespace sagebuild::error_codes
