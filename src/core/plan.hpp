#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

enum class StepKind { toolchain, device_image, fatbin, host_library, wheel };

/// One node of the plan. `key` is the digest of `key_text`, which names everything that the output depends on; equal keys are one step.
struct Step {
    std::string id;  ///< unique, readable: `image cuda-12.9.1 sm80_attention 8.9`
    StepKind kind = StepKind::toolchain;
    std::string key;                               ///< 32 hex digits
    std::string key_text;                          ///< one `name: value` a line
    std::string output;                            ///< path below the build directory, holds the key; toolchains: below the cache directory
    std::vector<std::string> inputs;               ///< ids of the steps whose outputs it reads
    std::vector<std::string> targets;              ///< names of the targets that need it, in target order
    std::map<std::string, std::string> arguments;  ///< what the renderer turns into a command, per kind
    std::vector<std::string> sources;              ///< files read, relative to the project root, sorted
};

/// A graph of steps, inputs before their users.
struct Plan {
    std::vector<Step> steps;
};

/// The bytes of the project's sources that the plan depends on, by path relative to the project root.
using SourceTree = std::map<std::string, std::string>;

/// Hex digest of a text (SHA-256); a parameter because core links no library.
using Digest = std::function<std::string(std::string_view)>;

/// The plan for `targets`. Pure: the same inputs in any order of targets give the same steps. Header dependencies of device units come
/// from scanning `#include "..."` lines, since NVRTC writes no dependency file.
Result<Plan> make_plan(const std::vector<Target>& targets, const Matrix& matrix, const Compat& compat, const SourceTree& sources,
                       const std::string& host_platform, const Digest& digest);

}  // namespace sagebuild
