#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/comment_claims.hpp"
#include "core/compat.hpp"
#include "core/requirement_file.hpp"
#include "core/wheel_candidate.hpp"
#include "core/wheel_environment.hpp"
#include "core/wheel_name.hpp"
#include "core/wheel_selection.hpp"

namespace sagebuild {

/// Files that are installed together: one, and those that it includes.
using RequirementGroup = std::vector<RequirementFile>;

/// What requirements are judged by.
struct RequirementJudge {
    WheelEnvironment environment;  ///< where the files are installed; what they pin is compared with it
    const Compat& compat;
    std::vector<WheelCandidate> candidates;       ///< of a release, directory or names file; empty: not given
    std::map<int, WheelEnvironment> stages = {};  ///< of a Dockerfile's stages, by scope
};

/// One wheel of a file, judged.
struct CheckedWheel {
    const StatedRequirement* stated = nullptr;
    std::string name;                 ///< file name
    bool applies = true;              ///< false: its marker excludes the environment
    std::optional<bool> fits;         ///< empty: depends on what is not known
    std::optional<std::string> pick;  ///< what `select` takes of the candidates
};

struct CheckedFile {
    const RequirementFile* file = nullptr;
    std::vector<CheckedWheel> wheels;
};

struct CheckedGroup {
    WheelEnvironment environment;  ///< of the last scope that installs something
    std::vector<CheckedFile> files;
    Diagnostics problems;  ///< in the order of the files
};

/// The environment of each scope of a group: the judge's, completed by the torch that the files pin there, by their indexes and by
/// `requires-python`. Where both say something, the judge's stays.
class ScopedEnvironments {
  public:
    ScopedEnvironments(const RequirementGroup& group, const RequirementJudge& judge) : m_group(group), m_judge(judge) {}
    const WheelEnvironment& of(int scope);

  private:
    const RequirementGroup& m_group;
    const RequirementJudge& m_judge;
    std::map<int, WheelEnvironment> m_known;
};

/// Every problem of the group: codes SB0441 to SB0450.
CheckedGroup check_requirements(const RequirementGroup& group, const RequirementJudge& judge);

/// What the name and the URL of a wheel say, for comparison with comments.
ClaimFacts facts_of_wheel(const WheelName& name, std::string_view url, const Compat& compat);

/// Whether the answer rests on neither Python nor torch that nobody named: no driver or CPU turns it into another wheel's.
bool is_settled(const JudgedWheel& judged);

/// The candidates of one distribution, of which `select` picks.
WheelSelection select_candidates(const StatedRequirement& requirement, const WheelEnvironment& environment, const RequirementJudge& judge);

}  // namespace sagebuild
