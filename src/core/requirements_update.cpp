#include "core/requirements_update.hpp"

#include <algorithm>
#include <cctype>

#include "core/naming_scheme.hpp"
#include "core/requirement_marker.hpp"
#include "core/url.hpp"
#include "core/wheel_url.hpp"

namespace sagebuild {

namespace {

/// Bytes that mean themselves in a requirement, a TOML string and a shell alike.
bool is_plain_url(std::string_view url) {
    return has_scheme(url) && std::all_of(url.begin(), url.end(), [](unsigned char letter) {
               return std::isalnum(letter) != 0 ||
                      std::string_view("-._~:/@%+=,").find(static_cast<char>(letter)) != std::string_view::npos;
           });
}

class UpdatePlanner {
  public:
    UpdatePlanner(const RequirementFile& file, ScopedEnvironments& environments, const RequirementJudge& judge,
                  const std::string& url_prefix)
        : m_file(file), m_environments(environments), m_judge(judge), m_url_prefix(url_prefix) {}

    PlannedUpdate plan() {
        for (const StatedRequirement& requirement : m_file.requirements) {
            if (is_wheel_url(requirement.url) && requirement.distribution != "torch") update(requirement);
        }
        return std::move(m_out);
    }

  private:
    Diagnostic& add(SourceSpan span, std::string code, std::string what) {
        m_out.problems.push_back(m_file.source.error(span, std::move(code), std::move(what)));
        return m_out.problems.back();
    }

    void update(const StatedRequirement& requirement) {
        const WheelEnvironment& here = m_environments.of(requirement.scope);
        if (evaluate_marker(requirement.marker, here) == false || !has_candidates(requirement)) return;
        const WheelEnvironment environment = narrowed_by_marker(requirement.marker, here);
        const WheelSelection selection = select_candidates(requirement, environment, m_judge);
        const JudgedWheel* pick = selection.pick();
        if (pick == nullptr) return tell_nothing_fits(requirement, selection);
        if (!is_settled(*pick)) return tell_unsettled(requirement, *pick);
        const WheelCandidate& candidate = m_judge.candidates[pick->candidate];
        const auto url = url_of(candidate, requirement);
        if (!url) return;
        const std::string old_name = file_name_of_url(requirement.url);
        const bool changes = percent_decoded(*url) != percent_decoded(requirement.url);
        if (changes && !requirement.url_is_verbatim) {
            Diagnostic& problem =
                add(requirement.url_at, "SB0453", "this URL is put together from variables or escapes and cannot be rewritten");
            problem.nearest.push_back(candidate.name);
            problem.hints.emplace_back("write the URL out, or set it in one `ARG`");
            return;
        }
        if (!update_hashes(requirement, candidate, changes)) return;
        if (changes) {
            m_out.edits.push_back({requirement.url_at, *url});
            m_out.changes.push_back({requirement.url_at, old_name, candidate.name});
        }
        const auto name = parse_wheel_name(candidate.name);
        if (old_name != candidate.name) {
            for (const SourceSpan& mention : requirement.mentions) m_out.edits.push_back({mention, candidate.name});
        }
        if (requirement.version_at && m_file.source.at(*requirement.version_at) != name->version)
            m_out.edits.push_back({*requirement.version_at, name->version});
        update_comments(requirement, facts_of_wheel(*name, changes ? *url : requirement.url, m_judge.compat));
    }

    bool has_candidates(const StatedRequirement& requirement) const {
        return std::any_of(m_judge.candidates.begin(), m_judge.candidates.end(), [&](const WheelCandidate& candidate) {
            const auto name = parse_wheel_name(candidate.name);
            return name && normalise_project(name->distribution) == requirement.distribution;
        });
    }

    /// A wheel for whatever torch there may be would be a guess.
    void tell_unsettled(const StatedRequirement& requirement, const JudgedWheel& pick) {
        Diagnostic& problem = add(requirement.url_at, "SB0443", "which wheel fits is not known");
        for (const OpenQuestion& question : pick.open)
            problem.notes.push_back("`" + m_judge.candidates[pick.candidate].name + "` " + question.text);
        problem.hints.emplace_back("say more about the environment: `--environment FILE`, `--torch`, `--python`, ...");
    }

    void tell_nothing_fits(const StatedRequirement& requirement, const WheelSelection& selection) {
        Diagnostic& problem =
            add(requirement.url_at, "SB0451", "no wheel of `" + requirement.distribution + "` among the candidates fits the environment");
        constexpr std::size_t shown = 3;
        for (const JudgedWheel& judged : selection.rejected) {
            if (problem.notes.size() == shown || judged.misfits.front().category == MisfitCategory::name) continue;
            const std::string& name = m_judge.candidates[judged.candidate].name;
            if (problem.nearest.empty()) problem.nearest.push_back(name);
            problem.notes.push_back("`" + name + "` " + judged.misfits.front().text);
        }
        problem.hints.emplace_back("`sagebuild select` lists every wheel with its reason");
    }

    /// Where the picked wheel lies; a candidate that is only a name lies where the prefix says.
    std::optional<std::string> url_of(const WheelCandidate& candidate, const StatedRequirement& requirement) {
        std::string url = candidate.location.substr(0, candidate.location.find('#'));
        if (!has_scheme(url))
            url = m_url_prefix.empty() ? "" : m_url_prefix + (m_url_prefix.ends_with('/') ? "" : "/") + percent_encoded(candidate.name);
        if (is_plain_url(url)) return url;
        // The same file stays where it is: only its digest and comments are looked at.
        if (url.empty() && candidate.name == file_name_of_url(requirement.url)) return requirement.url;
        Diagnostic& problem = add(
            requirement.url_at, "SB0452",
            url.empty() ? "where the wheel that fits lies is not known" : "the URL of the wheel that fits has characters that need quotes");
        problem.nearest.push_back(candidate.name);
        problem.hints.emplace_back(url.empty() ? "say it with `--url`, or take the candidates from a release with `--from`"
                                               : "its bytes must be letters, digits and `-._~:/@%+=,`");
        return std::nullopt;
    }

    /// False if the file would state a digest that is not the new wheel's.
    bool update_hashes(const StatedRequirement& requirement, const WheelCandidate& candidate, bool changes) {
        bool is_stated = false;
        for (const StatedHash& hash : requirement.hashes)
            is_stated = is_stated || (hash.algorithm == "sha256" && hash.digest == candidate.sha256);
        if (requirement.hashes.empty() || is_stated) return true;
        if (candidate.sha256.empty()) {
            if (!changes) return true;
            Diagnostic& problem = add(requirement.hashes.front().at, "SB0454", "the SHA-256 of the wheel that fits is not known");
            problem.nearest.push_back(candidate.name);
            problem.hints.emplace_back("give the candidates with `sha256`, or take them from a release or directory with `--from`");
            return false;
        }
        const auto first = std::find_if(requirement.hashes.begin(), requirement.hashes.end(),
                                        [](const StatedHash& hash) { return hash.algorithm == "sha256"; });
        if (first == requirement.hashes.end()) {
            Diagnostic& problem =
                add(requirement.hashes.front().at, "SB0454",
                    "only a digest of `" + requirement.hashes.front().algorithm + "` is stated, which is not known of the wheel that fits");
            problem.hints.emplace_back("state its `sha256`");
            return false;
        }
        m_out.edits.push_back({first->at, candidate.sha256});
        return true;
    }

    void update_comments(const StatedRequirement& requirement, const ClaimFacts& facts) {
        const auto old_name = parse_wheel_name(file_name_of_url(requirement.url));
        const ClaimFacts old_facts = old_name ? facts_of_wheel(*old_name, requirement.url, m_judge.compat) : ClaimFacts{};
        for (const SourceSpan& comment : requirement.comments) {
            for (const CommentClaim& claim : find_comment_claims(m_file.source.at(comment), requirement.distribution)) {
                const SourceSpan at{comment.begin + claim.at.begin, comment.begin + claim.at.end};
                const auto& fact = facts.of(claim.subject);
                if (fact) {
                    if (contradicts(claim, *fact)) m_out.edits.push_back({at, render_claim(claim, *fact)});
                    continue;
                }
                // What the old wheel's name said and the new one's does not is left for a person to decide.
                if (!old_facts.of(claim.subject)) continue;
                Diagnostic& problem =
                    add(at, "SB0455",
                        "the comment speaks of " + std::string(subject_name(claim.subject)) + ", which the new wheel does not name");
                problem.severity = Severity::warning;
            }
        }
    }

    const RequirementFile& m_file;
    ScopedEnvironments& m_environments;
    const RequirementJudge& m_judge;
    const std::string& m_url_prefix;
    PlannedUpdate m_out;
};

}  // namespace

PlannedUpdate plan_update(const RequirementFile& file, ScopedEnvironments& environments, const RequirementJudge& judge,
                          const std::string& url_prefix) {
    return UpdatePlanner(file, environments, judge, url_prefix).plan();
}

}  // namespace sagebuild
