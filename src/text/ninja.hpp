#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan.hpp"

namespace sagebuild {

/// What the text of build.ninja needs besides the plan.
struct NinjaSettings {
    std::string build_directory;  ///< absolute; recipes lie in its `recipes/`
    std::string sagebuild;        ///< the executables that run the steps
    std::string sagebuild_device;
};

/// `build.ninja` for a plan, to be run in the project root. Outputs are named by their keys and inputs are order-only, so existence alone
/// decides what runs (ninja manual, `generator` and order-only dependencies).
std::string render_ninja(const Plan& plan, const NinjaSettings& settings);

/// The command that makes a step's output.
std::vector<std::string> step_command(const Step& step, const NinjaSettings& settings);

/// File of a step's recipe; empty for steps whose command line says everything.
std::string recipe_path(const Step& step, const std::string& build_directory);

/// A word for a POSIX shell.
std::string quote_for_shell(std::string_view word);

/// The words as one line that a shell takes.
std::string render_command(const std::vector<std::string>& words);

}  // namespace sagebuild
