#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 04: wheels.
inline constexpr std::array wheel = {
    ErrorCode{
        "SB0401", "not a wheel file name",
        "A wheel file name has five or six parts joined by `-`: distribution, version, an optional build tag that starts with a digit,\n"
        "Python tags, ABI tags, platform tags; and ends in `.whl` (binary distribution format, PyPA)."},
    ErrorCode{"SB0402", "an archive that is not safe or not whole",
              "The file is not a zip archive, is damaged, or holds something that no wheel has: paths that leave the archive, two entries "
              "of one\n"
              "path, encrypted entries, symbolic links, or far more bytes than its size. Nothing of it was used. Fetch or build it again."},
    ErrorCode{"SB0403", "the .dist-info directory of a wheel is wrong",
              "A wheel has exactly one directory `<distribution>-<version>.dist-info` with METADATA, WHEEL and RECORD in it\n"
              "(binary distribution format, PyPA), and these agree with the file name."},
    ErrorCode{
        "SB0404", "RECORD does not describe the wheel",
        "RECORD lists each file of the wheel with its SHA-256 and size. A file that differs was changed after the wheel was made; a file\n"
        "that is not listed was added. Installers refuse some of these wheels and leave files behind with others."},
    ErrorCode{"SB0405", "METADATA is wrong",
              "METADATA cannot be read, or says something else than the file name or the matrix row: another project or version, another "
              "range of\n"
              "Pythons, another torch."},
    ErrorCode{"SB0406", "WHEEL is wrong",
              "WHEEL cannot be read, or its tags or its build tag are not those of the file name. pip compares the file name, uv compares "
              "WHEEL:\n"
              "a wheel whose two lists differ installs with one and not with the other."},
    ErrorCode{"SB0407", "the manifest of a wheel is wrong",
              "`sagebuild.json` in the .dist-info directory says what a wheel was made from. It is missing (the wheel was made by another "
              "tool), has\n"
              "another shape than docs/wheel-manifest.md describes, or disagrees with the file name or the matrix row."},
    ErrorCode{
        "SB0408", "a wheel that no row of the matrix makes",
        "The name of the file is not the one that the matrix gives its target, or no target has a wheel of this name. Either the file was\n"
        "renamed, or it comes from another matrix."},
    ErrorCode{"SB0409", "the files of a wheel are wrong",
              "A wheel of this project holds one Python package, with `__init__.py` and the host library, and nothing beside it. Other "
              "top-level files\n"
              "would overwrite those of other distributions when it is installed."},
    ErrorCode{"SB0410", "a shared library cannot be read", "A `.so` file in the wheel is not a whole 64-bit ELF shared library."},
    ErrorCode{"SB0411", "a shared library needs others that a user may not have",
              "A library may only need the C library's own files, for which the platform tag speaks; torch and the CUDA driver are looked "
              "up when\n"
              "the package is used. Anything else makes `import` fail on machines without it. A run path names directories of the build "
              "machine."},
    ErrorCode{"SB0412", "a shared library does not keep the promise of the platform tag",
              "A tag such as `manylinux_2_17_x86_64` promises that the library loads with glibc 2.17 on x86-64 (PEP 600). The library is "
              "for another\n"
              "CPU, or asks for symbols of a newer glibc, or for an executable stack, which newer ones do not give."},
    ErrorCode{
        "SB0413", "the device images are not those of the row",
        "The archs that are really inside the library's `.nv_fatbin` section are not those that the manifest or the matrix row states.\n"
        "On a GPU that is missing, every call would fail."},
    ErrorCode{"SB0414", "device images cannot be read",
              "The `.nv_fatbin` section is missing, or does not have the layout that NVIDIA's tools write (docs/fatbin.md)."},
    ErrorCode{"SB0415", "a wheel cannot be packed",
              "Two files of the package want one path, a path is not legal in a wheel, or the package does not fit the zip format."},
};

}  // namespace sagebuild::error_codes
