#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0460 to 0479: container images that are read, not run, and the Dockerfiles they are made from.
inline constexpr std::array image = {
    ErrorCode{
        "SB0460", "no container image",
        "The file or directory is neither what `docker save` writes (`manifest.json` inside) nor an OCI image layout (`index.json`)."},
    ErrorCode{
        "SB0461", "a container image cannot be understood",
        "A manifest, the configuration or a layer that it names is missing or is not what the OCI image specification describes. The\n"
        "cause line says which. An archive that was cut off while it was copied is the usual reason."},
    ErrorCode{
        "SB0462", "an archive is refused",
        "Image archives are untrusted: paths with `..`, absurd numbers of entries, contents that unpack to hundreds of times their size,\n"
        "and damaged data are refused. Layers may be plain or packed by gzip or zstd. Nothing is written to disk while reading."},
    ErrorCode{"SB0463", "an archive of several container images",
              "The archive holds more than one image for this machine's CPU, and nothing says which is meant. Save that one alone."},
    ErrorCode{
        "SB0464", "an image cannot be had",
        "What is no file or directory is taken as the name of an image in the local engine, which is asked by `docker image save`. The\n"
        "cause line quotes its answer. Images are not pulled."},
    ErrorCode{
        "SB0470", "a Dockerfile cannot be read",
        "The file is not UTF-8 text, or not what the Dockerfile reference describes: an unknown instruction, a here-document without its\n"
        "end, `FROM` without an image. Nothing of it was used, and `requirements update` leaves it as it is."},
    ErrorCode{
        "SB0471", "a Dockerfile has no such stage",
        "`--stage` takes the name behind `AS` or the number of a stage, counted from 0. Without it the last stage is read, which is the\n"
        "one that `docker build` makes."},
};

}  // namespace sagebuild::error_codes
