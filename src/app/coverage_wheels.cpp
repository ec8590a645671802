#include "app/coverage_wheels.hpp"

#include <map>
#include <set>

#include "app/candidates.hpp"
#include "app/select.hpp"
#include "core/candidate_coverage.hpp"
#include "core/naming_scheme.hpp"
#include "core/text_list.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

namespace {

Diagnostic no_wheels(const CoverageSources& sources, std::size_t found) {
    std::vector<std::string> places = sources.from;
    places.insert(places.end(), sources.names_files.begin(), sources.names_files.end());
    return {.code = "SB0245",
            .what = "no wheel of `" + sources.package + "` is in " +
                    join_texts(places, ", ", [](const std::string& place) { return "`" + printable(place) + "`"; }),
            .notes = {std::to_string(found) + (found == 1 ? " name was found there" : " names were found there")},
            .hints = {"`sagebuild wheel name '*'` prints the names of the matrix; `--package` counts another distribution"}};
}

}  // namespace

Result<CoverageWheels> find_coverage_wheels(const CoverageSources& sources, const std::vector<Target>& targets, const Compat& compat,
                                            const Edges& edges) {
    CoverageWheels wheels;
    Diagnostics warnings;
    SAGEBUILD_TRY(std::vector<WheelCandidate> candidates, load_candidate_names(edges, sources.names_files, warnings));
    for (const Diagnostic& warning : warnings) wheels.notes.push_back(warning.what);
    if (!sources.from.empty()) {
        SAGEBUILD_TRY(CandidateList offered, load_candidates({.from = sources.from, .project = sources.package}, edges));
        candidates.insert(candidates.end(), offered.candidates.begin(), offered.candidates.end());
        wheels.notes.insert(wheels.notes.end(), offered.notes.begin(), offered.notes.end());
    }
    std::map<std::string, const Target*> by_name;
    for (const Target& target : targets) by_name.emplace(target.wheel, &target);
    const std::string project = normalise_project(sources.package);
    std::set<std::string> seen;
    for (WheelCandidate& candidate : candidates) {
        if (!seen.insert(candidate.name).second) continue;
        const auto leave_out = [&](const std::string& why) {
            wheels.notes.push_back("not counted, " + why + ": `" + printable(candidate.name) + "`");
        };
        const auto name = parse_wheel_name(candidate.name);
        if (!name) {
            leave_out("no wheel file name");
        } else if (normalise_project(name->distribution) != project) {
            leave_out("a wheel of another project");
        } else if (const auto target = by_name.find(candidate.name); target != by_name.end()) {
            wheels.targets.push_back(*target->second);
        } else if (!is_torch_known(candidate, compat)) {
            leave_out("neither its name nor known content says for which torch");
        } else {
            wheels.others.push_back(std::move(candidate));
        }
    }
    if (wheels.targets.empty() && wheels.others.empty()) return no_wheels(sources, seen.size());
    return wheels;
}

}  // namespace sagebuild
