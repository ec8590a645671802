#pragma once

#include <string>
#include <string_view>

#include "core/diagnostic.hpp"
#include "core/result.hpp"
#include "core/wheel_environment.hpp"

namespace sagebuild {

/// An environment and what its text held beyond it.
struct EnvironmentReading {
    WheelEnvironment environment;
    Diagnostics warnings;  ///< keys that nothing reads
};

/// Reads the JSON that `--environment` takes and `select --probe` prints (docs/select.md), from untrusted text. Code SB0421.
Result<EnvironmentReading> parse_environment_json(std::string_view bytes, const std::string& file);

/// The same shape, every key present, unknown facts null.
std::string render_environment_json(const WheelEnvironment& environment);

/// What `2.9.1+cu129` says: torch, and by its local part the CUDA that it is built with, or that it is built without. False if it is no
/// version of torch; `2.13.0.dev20260610` and `2.7.0a0+79aa17489c.nv25.04` are.
bool parse_torch(std::string_view text, WheelEnvironment& environment);

}  // namespace sagebuild
