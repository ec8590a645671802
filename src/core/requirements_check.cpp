#include "core/requirements_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/naming_scheme.hpp"
#include "core/nearest.hpp"
#include "core/requirement_clashes.hpp"
#include "core/requirement_marker.hpp"
#include "core/text_list.hpp"
#include "core/torch_requirement.hpp"
#include "core/wheel_url.hpp"

namespace sagebuild {

namespace {

/// Whether a requirement is installed in an environment, as far as is known.
bool may_apply(const StatedRequirement& requirement, const WheelEnvironment& environment) {
    return evaluate_marker(requirement.marker, environment) != false;
}

std::string shown_pin(const TorchPin& pin) {
    std::string text = pin.version.to_string();
    if (pin.build) text += pin.build->is_cpu ? "+cpu" : " for CUDA " + pin.build->cuda->to_string();
    return text;
}

std::optional<TorchPin> torch_pin_of(const StatedRequirement& requirement) {
    if (requirement.distribution != "torch") return std::nullopt;
    if (!requirement.url.empty()) {
        const auto name = parse_wheel_name(file_name_of_url(requirement.url));
        return name ? parse_torch_pin("==" + name->version) : std::nullopt;
    }
    return parse_torch_pin(requirement.specifier);
}

/// Indexes of torch's own, in one scope.
std::vector<const StatedIndex*> torch_indexes(const RequirementGroup& group, int scope) {
    std::vector<const StatedIndex*> found;
    for (const RequirementFile& file : group) {
        for (const StatedIndex& index : file.indexes) {
            if (index.scope == scope && build_of_index(index.url)) found.push_back(&index);
        }
    }
    return found;
}

class GroupChecker {
  public:
    GroupChecker(const RequirementGroup& group, const RequirementJudge& judge)
        : m_group(group), m_judge(judge), m_environments(group, judge) {}

    CheckedGroup check() {
        for (const RequirementFile& file : m_group) {
            m_file = &file;
            m_out.files.push_back({&file, {}});
            std::set<std::pair<std::string, int>> told;  // a lock file names one URL several times
            for (const StatedRequirement& requirement : file.requirements) {
                check_pin(requirement);
                if (is_wheel_url(requirement.url) && requirement.distribution != "torch" &&
                    told.insert({requirement.url, requirement.scope}).second)
                    check_wheel(requirement);
                check_comments(requirement);
            }
        }
        check_clashes(m_group, m_environments, m_judge.compat, m_out.problems);
        m_out.environment = m_environments.of(m_judge.stages.empty() ? 0 : m_judge.stages.rbegin()->first);
        return std::move(m_out);
    }

  private:
    const WheelEnvironment& environment_at(const StatedRequirement& requirement) { return m_environments.of(requirement.scope); }

    Diagnostic& add(SourceSpan span, std::string code, std::string what, std::string label = "") {
        m_out.problems.push_back(m_file->source.error(span, std::move(code), std::move(what), std::move(label)));
        return m_out.problems.back();
    }

    /// A pin of torch against the environment and the indexes.
    void check_pin(const StatedRequirement& requirement) {
        const auto pin = torch_pin_of(requirement);
        if (!pin || !may_apply(requirement, environment_at(requirement))) return;
        const WheelEnvironment& given = m_judge.environment;
        const std::size_t parts = given.torch ? std::min(pin->version.size(), given.torch->size()) : 0;
        if (given.torch && given.torch->prefix(parts) != pin->version.prefix(parts)) {
            add(requirement.at, "SB0448",
                "torch is pinned to " + pin->version.to_string() + ", the environment has " + given.torch->to_string());
        }
        if (!pin->build) return;
        const bool given_build = given.torch_cuda || given.torch_is_cpu;
        if (given_build && TorchBuild{given.torch_cuda, given.torch_is_cpu} != *pin->build) {
            const std::string here = given.torch_is_cpu ? "has no CUDA" : "has CUDA " + given.torch_cuda->to_string();
            add(requirement.at, "SB0448", "torch is pinned to " + shown_pin(*pin) + ", that of the environment " + here);
        }
        const auto indexes = torch_indexes(m_group, requirement.scope);
        const bool has_own =
            std::any_of(indexes.begin(), indexes.end(), [&](const StatedIndex* index) { return build_of_index(index->url) == pin->build; });
        if (indexes.empty() || has_own) return;
        Diagnostic& problem = add(requirement.at, "SB0448", "torch " + shown_pin(*pin) + " does not lie on the index that is named here");
        problem.notes.push_back("the index is `" + indexes.front()->url + "`");
        problem.hints.emplace_back("let the local part of the version and the last part of the index's URL be the same");
    }

    void check_wheel(const StatedRequirement& requirement) {
        CheckedWheel checked;
        checked.stated = &requirement;
        checked.name = file_name_of_url(requirement.url);
        const auto name = parse_wheel_name(checked.name);
        if (!name) {
            Diagnostic& problem = add(requirement.url_at, "SB0441", "`" + checked.name + "` is not a wheel file name");
            problem.notes = name.errors().front().notes;
            problem.hints = name.errors().front().hints;
            m_out.files.back().wheels.push_back(std::move(checked));
            return;
        }
        const std::string own = normalise_project(name->distribution);
        if (!requirement.distribution.empty() && own != requirement.distribution) {
            add(requirement.url_at, "SB0441", "`" + requirement.distribution + "` is asked for, the wheel is one of `" + own + "`")
                .hints.emplace_back("pip and uv refuse a URL whose wheel has another name");
        }
        checked.applies = may_apply(requirement, environment_at(requirement));
        if (checked.applies) judge_wheel(requirement, checked);
        m_out.files.back().wheels.push_back(std::move(checked));
    }

    void judge_wheel(const StatedRequirement& requirement, CheckedWheel& checked) {
        const WheelEnvironment environment = narrowed_by_marker(requirement.marker, environment_at(requirement));
        const WheelCandidate* known = find_candidate(checked.name);
        WheelCandidate candidate;
        candidate.name = checked.name;
        if (known != nullptr) candidate = *known;
        const WheelSelection own = select_wheels({candidate}, environment, "", m_judge.compat);
        std::optional<WheelSelection> pool;
        if (!m_judge.candidates.empty()) {
            pool = select_candidates(requirement, environment, m_judge);
            if (const JudgedWheel* pick = pool->pick(); pick != nullptr && is_settled(*pick))
                checked.pick = m_judge.candidates[pick->candidate].name;
        }
        if (!own.rejected.empty()) {
            checked.fits = false;
            tell_misfit(requirement, own.rejected.front(), checked);
        } else {
            const JudgedWheel& judged = own.acceptable.front();
            if (judged.open.empty()) checked.fits = true;
            tell_open(requirement, judged);
        }
        if (pool) compare_with_release(requirement, checked, known);
    }

    const WheelCandidate* find_candidate(const std::string& name) const {
        const auto found = std::find_if(m_judge.candidates.begin(), m_judge.candidates.end(),
                                        [&](const WheelCandidate& candidate) { return candidate.name == name; });
        return found == m_judge.candidates.end() ? nullptr : &*found;
    }

    void tell_misfit(const StatedRequirement& requirement, const JudgedWheel& judged, const CheckedWheel& checked) {
        const bool is_foreign = judged.misfits.front().category == MisfitCategory::name;
        Diagnostic& problem = add(requirement.url_at, is_foreign ? "SB0446" : "SB0442",
                                  is_foreign ? "this wheel " + judged.misfits.front().text : "this wheel does not fit the environment");
        if (!is_foreign) problem.notes = map_items(judged.misfits, [](const Misfit& misfit) { return "it " + misfit.text; });
        if (checked.pick && *checked.pick != checked.name) {
            problem.nearest.push_back(*checked.pick);
            problem.hints.emplace_back("`sagebuild requirements update` writes the wheel that fits");
        }
    }

    void tell_open(const StatedRequirement& requirement, const JudgedWheel& judged) {
        if (judged.open.empty()) return;
        Diagnostic& problem = add(requirement.url_at, "SB0443", "whether this wheel fits is not known");
        problem.severity = Severity::warning;
        problem.notes = map_items(judged.open, [](const OpenQuestion& question) { return "it " + question.text; });
        problem.hints.emplace_back("say more about the environment: `--environment FILE`, `--torch`, `--python`, ...");
    }

    void compare_with_release(const StatedRequirement& requirement, const CheckedWheel& checked, const WheelCandidate* known) {
        std::vector<std::string> names;
        for (const WheelCandidate& candidate : m_judge.candidates) {
            const auto name = parse_wheel_name(candidate.name);
            if (name && normalise_project(name->distribution) == requirement.distribution) names.push_back(candidate.name);
        }
        if (names.empty()) return;
        if (known == nullptr) {
            Diagnostic& problem = add(requirement.url_at, "SB0445", "the release has no wheel of this name");
            problem.nearest = find_nearest(checked.name, names);
            return;
        }
        check_digest(requirement, *known);
        const bool same_file = directory_of_url(known->location) == directory_of_url(requirement.url) || !has_scheme(known->location);
        if (checked.fits != false && (checked.pick.value_or(checked.name) != checked.name || !same_file)) {
            Diagnostic& problem = add(requirement.url_at, "SB0450",
                                      same_file ? "another wheel of the release fits better" : "the release's wheel lies elsewhere");
            problem.severity = Severity::warning;
            if (same_file) problem.nearest.push_back(*checked.pick);
            if (!same_file) problem.notes.push_back("it lies at `" + known->location + "`");
            problem.hints.emplace_back("`sagebuild requirements update` writes it");
        }
    }

    /// Of several digests one must be the wheel's.
    void check_digest(const StatedRequirement& requirement, const WheelCandidate& known) {
        const StatedHash* other = nullptr;
        for (const StatedHash& hash : requirement.hashes) {
            if (hash.algorithm != "sha256") continue;
            if (hash.digest == known.sha256) return;
            if (other == nullptr) other = &hash;
        }
        if (other == nullptr || known.sha256.empty()) return;
        add(other->at, "SB0449", "the release's wheel has another SHA-256", "it has " + known.sha256.substr(0, 12) + "...")
            .notes.emplace_back("pip and uv refuse a wheel whose digest differs");
    }

    ClaimFacts facts_of(const StatedRequirement& requirement) const {
        if (is_wheel_url(requirement.url)) {
            const auto name = parse_wheel_name(file_name_of_url(requirement.url));
            if (name) return facts_of_wheel(*name, requirement.url, m_judge.compat);
        }
        ClaimFacts facts;
        if (const auto pin = torch_pin_of(requirement)) {
            facts.torch = pin->version;
            if (pin->build) facts.cuda = pin->build->cuda;
        }
        return facts;
    }

    /// A comment that says something else than the URL under it misleads whoever reads the file next.
    void check_comments(const StatedRequirement& requirement) {
        if (requirement.comments.empty()) return;
        const ClaimFacts facts = facts_of(requirement);
        for (const SourceSpan& comment : requirement.comments) {
            for (const CommentClaim& claim : find_comment_claims(m_file->source.at(comment), requirement.distribution)) {
                const auto& fact = facts.of(claim.subject);
                if (!fact || !contradicts(claim, *fact)) continue;
                const SourceSpan at{comment.begin + claim.at.begin, comment.begin + claim.at.end};
                if (!m_told_comments.insert(at.begin).second) continue;
                const std::string subject(subject_name(claim.subject));
                const std::string owner = requirement.url.empty() ? "the pin" : "the URL";
                const SourceSpan& place = requirement.url.empty() ? requirement.at : requirement.url_at;
                Diagnostic& problem = add(
                    at, "SB0444", "the comment says " + subject + " " + claim.value.to_string() + ", " + owner + " " + fact->to_string(),
                    owner + " stands in line " + std::to_string(m_file->source.place(place.begin).line));
                problem.hints.push_back("write `" + render_claim(claim, *fact) + "`");
            }
        }
    }

    const RequirementGroup& m_group;
    const RequirementJudge& m_judge;
    ScopedEnvironments m_environments;
    const RequirementFile* m_file = nullptr;
    std::set<std::size_t> m_told_comments;
    CheckedGroup m_out;
};

}  // namespace

const WheelEnvironment& ScopedEnvironments::of(int scope) {
    const auto [entry, is_new] = m_known.try_emplace(scope);
    WheelEnvironment& environment = entry->second;
    if (!is_new) return environment;
    const auto stage = m_judge.stages.find(scope);
    environment = stage == m_judge.stages.end() ? m_judge.environment : stage->second;
    for (const RequirementFile& file : m_group) {
        if (!environment.python && file.python) environment.python = file.python;
    }
    const bool knows_build = environment.torch_cuda || environment.torch_is_cpu;
    std::optional<TorchBuild> build;
    for (const RequirementFile& file : m_group) {
        for (const StatedRequirement& requirement : file.requirements) {
            // An extra is installed beside what the project itself requires; stages of a Dockerfile are apart.
            const bool is_seen = requirement.scope == scope || (requirement.scope == 0 && m_judge.stages.empty());
            const auto pin = is_seen ? torch_pin_of(requirement) : std::nullopt;
            if (!pin || !may_apply(requirement, environment)) continue;
            if (!environment.torch) environment.torch = pin->version;
            if (!build) build = pin->build;
            const auto indexes = torch_indexes(m_group, requirement.scope);
            if (!build && indexes.size() == 1) build = build_of_index(indexes.front()->url);
        }
    }
    if (build && !knows_build) {
        environment.torch_cuda = build->cuda;
        environment.torch_is_cpu = build->is_cpu;
    }
    return environment;
}

CheckedGroup check_requirements(const RequirementGroup& group, const RequirementJudge& judge) {
    return GroupChecker(group, judge).check();
}

ClaimFacts facts_of_wheel(const WheelName& name, std::string_view url, const Compat& compat) {
    ClaimFacts facts;
    facts.distribution = normalise_project(name.distribution);
    const std::string tag = release_tag_of_url(url);
    for (const CommentClaim& claim : find_comment_claims(tag, "")) {
        if (claim.subject == ClaimSubject::release_build) facts.release_build = claim.value;
    }
    const WheelFacts stated = read_wheel_facts(name, compat);
    if (!stated.torch_or_later && !stated.is_container) facts.torch = stated.torch;
    facts.cuda = stated.cuda;
    facts.version = parse_version(std::string_view(name.version).substr(0, name.version.find('+')));
    const bool is_one_python = name.pythons.size() == 1 && name.abis.size() == 1 && name.pythons.front().starts_with("cp3") &&
                               name.abis.front().starts_with(name.pythons.front());
    if (is_one_python) facts.python = parse_version("3." + name.pythons.front().substr(3));
    return facts;
}

bool is_settled(const JudgedWheel& judged) {
    return std::none_of(judged.open.begin(), judged.open.end(), [](const OpenQuestion& question) {
        return question.depends_on == "python" || question.depends_on == "torch" || question.depends_on == "torch_cuda";
    });
}

WheelSelection select_candidates(const StatedRequirement& requirement, const WheelEnvironment& environment, const RequirementJudge& judge) {
    return select_wheels(judge.candidates, environment, requirement.distribution, judge.compat);
}

}  // namespace sagebuild
