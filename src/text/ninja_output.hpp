#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/plan.hpp"

namespace sagebuild {

/// Value of the environment variable NINJA_STATUS that makes ninja's lines recognisable: a control character starts them.
inline constexpr std::string_view ninja_status = "\x1e%f %t ";

/// One finished step.
struct NinjaProgress {
    int finished = 0;
    int total = 0;
    std::string step;  ///< id

    bool operator==(const NinjaProgress&) const = default;
};

/// A step that ended with an error.
struct NinjaFailure {
    std::string step;
    std::string command;
    std::vector<std::string> lines;  ///< what it printed

    bool operator==(const NinjaFailure&) const = default;
};

/// Reads what ninja prints when its output is no terminal.
class NinjaOutput {
  public:
    /// The step that this line tells about, if it does.
    std::optional<NinjaProgress> read_line(std::string_view line);
    const std::vector<NinjaFailure>& failures() const { return m_failures; }
    /// Warnings and the like of steps that succeeded, and ninja's own words.
    const std::vector<std::string>& other_lines() const { return m_other; }

  private:
    enum class Inside { step, command, failure };
    Inside m_inside = Inside::step;
    std::string m_step;
    std::vector<NinjaFailure> m_failures;
    std::vector<std::string> m_other;
};

/// The error to report for a failed step: what could not be made, the compiler's first error with its place, the command. SB0304 for a
/// unit that the compiler refused, which is an error of the input; else SB0507.
Diagnostic explain_failure(const Step& step, const NinjaFailure& failure);

}  // namespace sagebuild
