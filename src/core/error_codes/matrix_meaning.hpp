#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 02, from SB0220 on: what the values of all matrix files mean together with the compatibility facts.
inline constexpr std::array matrix_meaning = {
    ErrorCode{"SB0220", "a target is made twice",
              "Two rows lead to one target name. The name holds the package's short name, the major and minor of torch and CUDA, and the\n"
              "Python: rows that differ in a patch release only, or a Python listed twice, give the same one."},
    ErrorCode{"SB0221", "a wheel is made twice",
              "Two targets lead to one wheel file name. Its build tag joins the digits of torch and CUDA (`280.129`), so torch 2.1.10 and\n"
              "2.11.0 write the same one; two packages of one distribution name and version do so too."},
    ErrorCode{
        "SB0222", "packages clash",
        "pip keeps one distribution of a name: with two packages of one distribution name, installing either removes the other. Two\n"
        "distributions with one module overwrite each other's files. Names are compared as pip does: case, `-`, `_` and `.` are alike."},
    ErrorCode{
        "SB0223", "a group name is taken",
        "A group has the name of a target or of another group, perhaps through a template such as `pytorch{torch}`. Targets and groups\n"
        "of all packages share one set of names, since a selector may be either."},
    ErrorCode{"SB0224", "unknown target, group or value",
              "A selector names a target, a group or a value that no target has. Globs match whole names: `*python312`, not `python312`."},
    ErrorCode{
        "SB0225", "not a selector",
        "A selector word is a target, a group, a glob over both, or `key=value` with one of the keys python, torch, cuda, package, arch\n"
        "and kind. Versions match by their leading parts: `torch=2.8` takes 2.8.0."},
    ErrorCode{
        "SB0226", "no target has all that was asked for",
        "Each word of the selector matches something, but no target matches all of them. The message shows which targets come nearest\n"
        "and what they differ in."},
    ErrorCode{"SB0227", "groups include each other",
              "Following `include` from group to group leads back to the start. The message shows the whole circle."},
    ErrorCode{"SB0228", "unknown CUDA toolkit",
              "The row's CUDA release has no entry in `matrix/compat/cuda.yaml`, so nobody knows what it compiles."},
    ErrorCode{"SB0229", "unknown torch release", "The row's torch release has no entry in `matrix/compat/torch.yaml`."},
    ErrorCode{"SB0230", "torch does not ship for this CUDA",
              "The torch project publishes no wheel of this release for this CUDA on linux x86-64, so nobody could use the row's wheel."},
    ErrorCode{"SB0231", "torch does not ship for this Python",
              "The torch project publishes no wheel of this release for this Python on linux x86-64, so nobody could use the row's wheel."},
    ErrorCode{"SB0232", "a row is outside what its package requires",
              "`requires` of the package allows no such Python, torch or CUDA. Either the row is wrong or the requirement is too narrow."},
    ErrorCode{"SB0233", "no kernel unit is written for an arch",
              "An arch list in use asks for a GPU that no unit of the package names, and that no image of a unit could run on."},
    ErrorCode{
        "SB0234", "a toolkit cannot serve an arch, and the policy is `error`",
        "The toolkit of the images can neither compile the arch nor an image that runs on it. With `uncompilable: drop` the arch is left\n"
        "out with this reason, with `ptx` the driver compiles PTX where it can, and with `images: newest` the newest pinned toolkit of\n"
        "the CUDA major makes the images."},
    ErrorCode{"SB0235", "a row serves no arch", "Every arch of the row's list is left out, so the wheel would hold no kernel at all."},
    ErrorCode{"SB0236", "unknown arch", "No GPU of this compute capability stands in `matrix/compat/gpus.yaml`."},
    ErrorCode{"SB0237", "an arch twice in a kernel unit",
              "A unit gives one image per compute capability; `9.0` and `9.0a` are two images of one."},
};

}  // namespace sagebuild::error_codes
