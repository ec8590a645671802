#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0440 to 0459: requirements files and what they are compared with.
inline constexpr std::array requirement = {
    ErrorCode{
        "SB0440", "a requirements file cannot be read",
        "The file is not UTF-8 text, not valid TOML, or a line of it is neither a requirement (PEP 508) nor an option that pip knows.\n"
        "Nothing of it was used, and `requirements update` leaves it as it is."},
    ErrorCode{"SB0441", "a URL does not name the wheel that is asked for",
              "The last part of the URL must be a wheel's file name, of the distribution that stands before `@`. pip and uv read\n"
              "distribution, version and tags from it and refuse anything else."},
    ErrorCode{"SB0442", "a wheel does not fit the environment",
              "The wheel's name says another torch minor, CUDA major, Python, CPU or GPU than the environment has; the notes give each\n"
              "reason. pip and uv see only Python and platform: with the other reasons they install the wheel, and `import` fails.\n"
              "The environment comes from the options, from a Dockerfile among the files, and from the torch that the files pin."},
    ErrorCode{
        "SB0443", "whether a wheel fits is not known",
        "What the wheel needs is not known of the environment, so nothing is claimed about it. Say more with `--environment FILE` or\n"
        "single options, or check the Dockerfile together with the requirements file."},
    ErrorCode{"SB0444", "a comment says something else than the URL beside it",
              "The comment on the line of a wheel or right above it speaks of another release build, torch, CUDA, Python or version than\n"
              "the URL. `requirements update` changes both together."},
    ErrorCode{"SB0445", "a wheel that the release does not have",
              "The candidates hold wheels of this distribution, but none of this name: a typing error, or a wheel that was withdrawn."},
    ErrorCode{
        "SB0446", "two files for one distribution or package",
        "Two requirements ask for one distribution from different files, or for two distributions that install one import package.\n"
        "pip installs one over the other, and removing either breaks both. `sageattention` 3.0.0 is such a case: it holds the package\n"
        "`sageattn3` and takes the place of `sageattention` 2.2.0."},
    ErrorCode{"SB0447", "torch is asked for twice",
              "Two lines that are installed together pin torch to different versions. Which one is installed depends on their order, and\n"
              "wheels that are made for the other one cannot be loaded."},
    ErrorCode{
        "SB0448", "a torch pin contradicts the environment or its index",
        "The pinned torch is not the one of the environment, or its local part (`+cu129`) names another CUDA than the index it should\n"
        "come from."},
    ErrorCode{"SB0449", "the digest is not that of the release's wheel",
              "The SHA-256 beside the URL differs from the candidate's: the wheel was replaced, or the digest belongs to another one."},
    ErrorCode{
        "SB0450", "another wheel of the release is better",
        "The wheel works, but `select` takes another one of the candidates: a newer version, an exact CUDA, or the same file where the\n"
        "release has it now."},
    ErrorCode{"SB0451", "no candidate fits",
              "None of the given wheels works in the environment. The notes tell why the nearest ones do not. The file is left as it is."},
    ErrorCode{"SB0452", "where the new wheel lies is not known",
              "The candidate that fits is only a name, or its URL has characters that would need quotes in a shell or a TOML text."},
    ErrorCode{
        "SB0453", "a URL that cannot be rewritten",
        "The URL does not stand in the file as it is: variables, escapes or quotes make it up. Changing a part of it would change what\n"
        "other lines mean, so the file is left as it is."},
    ErrorCode{
        "SB0454", "the digest of the new wheel is not known",
        "A digest stands beside the URL, and the candidate that fits comes without its SHA-256. A file with the old digest could not be\n"
        "installed, so it is left as it is."},
    ErrorCode{
        "SB0455", "a comment speaks of what the new wheel does not name",
        "The comment named the torch or CUDA of the old wheel; the new one works with several. What the comment should say now is left\n"
        "to you."},
    ErrorCode{"SB0456", "an included file is missing",
              "`-r` and `-c` name files relative to the one they stand in. What the missing file pins is not known."},
};

}  // namespace sagebuild::error_codes
