#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 02: what the matrix means.
inline constexpr std::array matrix = {
    ErrorCode{
        "SB0201", "no matrix found",
        "No directory with a matrix was found. It is looked for in `--matrix DIR`, then in the environment variable SAGEBUILD_MATRIX,\n"
        "then as `matrix/` in the working directory and in each directory above it."},
    ErrorCode{"SB0202", "not a version",
              "Versions are numbers joined by dots, each below 10000 and without leading zeros. torch and CUDA need three parts (`2.8.0`,\n"
              "`12.9.1`), Python two (`3.12`). Values are read as text, so `3.10` is never the number 3.1; quote it all the same, because\n"
              "other YAML readers do."},
    ErrorCode{
        "SB0203", "not an arch",
        "An arch is a compute capability such as `8.9` or `12.0`, with `a` behind it for code of that chip only, or `f` for its family."},
    ErrorCode{"SB0205", "unknown arch list", "A row names its archs by one of the lists under `arch_lists`; no list has this name."},
    ErrorCode{"SB0206", "illegal name",
              "Names end up in target names, file names and wheels, so each has its rule, at most 64 characters long:\n"
              "distribution (PEP 508): letters, digits, `.`, `_`, `-`, beginning and ending with a letter or digit;\n"
              "module: a Python identifier; short name, group and arch list (they go into bake targets): letters, digits, `_`, `-`;\n"
              "unit: letters, digits, `_`, no digit first; library: a file name ending in `.so`;\n"
              "platform: `linux`, or a manylinux tag without its CPU such as `manylinux_2_17` (PEP 600)."},
    ErrorCode{"SB0207", "value stands twice", "A list names the same thing twice, or two rows build the same torch, CUDA and Python."},
    ErrorCode{"SB0208", "unknown word", "The value must be one of a few words; the hint lists them."},
    ErrorCode{
        "SB0209", "illegal path",
        "Paths in the matrix are relative to the project or to the package's sources and must stay below them: no leading `/`, no `..`.\n"
        "They hold letters, digits and `._+-` only, since they go into ninja files, Dockerfiles and assembler sources."},
    ErrorCode{"SB0210", "not a minimum",
              "`requires:` states the oldest versions that a package works with, each as `>=` and a version. What a wheel asks for beyond\n"
              "that follows from its row."},
    ErrorCode{
        "SB0211", "illegal group name",
        "A group name is a legal bake target name that may hold one placeholder, `{torch}` or `{python}`: it then stands for one group\n"
        "per value. Names that begin with `test-` are taken for the tests of targets."},
    ErrorCode{
        "SB0212", "compatibility file is missing or unknown",
        "The directory `compat/` beside the matrix holds `base-images.yaml`, `cuda.yaml`, `drivers.yaml`, `gpus.yaml`, `images.yaml`,\n"
        "`naming.yaml`, `toolchains.yaml` and `torch.yaml`, and no other YAML file."},
    ErrorCode{
        "SB0213", "illegal pin",
        "A pinned wheel needs a distribution name, a version as PyPI writes it and a sha256 of 64 lower-case hexadecimal digits per host\n"
        "platform, `linux-x86_64` or `linux-aarch64`."},
};

}  // namespace sagebuild::error_codes
