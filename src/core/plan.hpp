#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/recipe.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

enum class StepKind { toolchain, device_image, fatbin, host_library, wheel };

/// `toolchain`, `image`, `fatbin`, `library`, `wheel`: the first word of ids.
std::string_view step_kind_name(StepKind kind);

/// One node of the plan. `key` is the digest of `key_text`, which names everything that the output depends on; equal keys are one step.
struct Step {
    std::string id = {};  ///< unique, readable, the same from run to run: `image sageattention/sm80_attention cuda-12.9.1 8.9`
    StepKind kind = StepKind::toolchain;
    std::string key = {};                   ///< 32 hex digits
    std::string key_text = {};              ///< one `name: value` a line, names unique
    std::string output = {};                ///< file whose existence means that the step is done; its path holds the key
    std::vector<std::string> inputs = {};   ///< ids of the steps whose outputs it reads
    std::vector<std::string> targets = {};  ///< names of the targets that need it, sorted
    std::vector<std::string> sources = {};  ///< files read, relative to the project root, sorted
    Recipe recipe = {};
};

/// A graph of steps: toolchains, images, fatbins, libraries, wheels, so inputs before their users.
struct Plan {
    std::vector<Step> steps;

    const Step* find(std::string_view id) const;
};

/// NVRTC options of every unit (NVRTC manual, "Supported Compile Options"); the arch and the include directories are the driver's.
const std::vector<std::string>& device_flags();

/// The bytes of the project's sources that the plan depends on, by path relative to the project root.
using SourceTree = std::map<std::string, std::string>;

/// Hex digest of a text (SHA-256); a parameter because core links no library.
using Digest = std::function<std::string(std::string_view)>;

/// What a plan depends on besides the matrix and the sources.
struct PlanSettings {
    std::string build_directory;
    std::string cache_directory;
    std::string host_platform;                ///< `linux-x86_64`: whose toolchain wheels are fetched
    std::string generator;                    ///< `sagebuild 0.1.0`
    long long source_date_epoch = 315532800;  ///< 1980-01-01, the earliest time that zip can store
};

/// The plan for `targets`. Pure: any order of the targets gives the same steps. Header dependencies of device units come from scanning
/// `#include` lines, since NVRTC writes no dependency file. Errors: SB0301 to SB0303, all of them at once.
Result<Plan> make_plan(const std::vector<Target>& targets, const Matrix& matrix, const Compat& compat, const SourceTree& sources,
                       const PlanSettings& settings, const Digest& digest);

/// The steps that have to run: those needed for a wheel that is missing, down to outputs that exist (`exists` answers for a path).
/// Inputs that are there already are left out of the steps' inputs.
Plan pending_steps(const Plan& plan, const std::function<bool(const std::string&)>& exists);

}  // namespace sagebuild
