#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/version.hpp"

namespace sagebuild {

/// A release of a Linux distribution as `matrix/compat/base-images.yaml` states it.
struct BaseSystem {
    std::string name;                ///< `ubuntu24.04`
    std::vector<std::string> names;  ///< other spellings: `noble`
    std::optional<Version> glibc;
    std::optional<Version> python;  ///< what its package `python3` installs
};

/// One family of base images as `matrix/compat/base-images.yaml` states it.
struct BaseImage {
    std::vector<std::string> repositories;  ///< `nvidia/cuda`
    std::vector<std::string> tags;          ///< templates: `{cuda}-{word}-{system}`
    std::string prefix;                     ///< before system names that tags write without it
    std::string system;                     ///< of tags that name none; empty: unknown
};

struct BaseImages {
    std::vector<BaseSystem> systems;
    std::vector<BaseImage> images;

    /// By its name, another spelling, or its name without `prefix`.
    const BaseSystem* find_system(std::string_view name, std::string_view prefix = "") const;
};

/// What an image's name says: `docker.io/library/python:3.12-slim@sha256:...`.
struct ImageReference {
    std::string repository;  ///< without Docker Hub's own prefixes: `python`, `nvidia/cuda`, `ghcr.io/astral-sh/uv`
    std::string tag;         ///< `latest` if the name has neither tag nor digest
};

ImageReference parse_image_reference(std::string_view text);

struct BaseImageFacts {
    bool known = false;  ///< a template fits the tag
    const BaseSystem* system = nullptr;
    bool system_moves = false;  ///< the tag names no system: another one may be behind it tomorrow
    std::optional<Version> python;
    std::optional<Version> toolkit;
    std::optional<Version> torch;
    std::optional<Version> torch_cuda;
};

BaseImageFacts read_base_image(const ImageReference& reference, const BaseImages& images);

}  // namespace sagebuild
