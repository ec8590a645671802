#include "core/release_plan.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sagebuild {

namespace {

// «About releases», storage and bandwidth quotas
constexpr std::size_t most_assets = 1000;
constexpr std::uint64_t asset_bytes_end = std::uint64_t{2} << 30;

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

/// GitHub renames files with other characters, and then they are never found again.
bool keeps_its_name(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+@";
    constexpr std::size_t longest = 255;
    return !name.empty() && name.size() <= longest && name.front() != '.' && name.back() != '.' &&
           name.find_first_not_of(letters) == std::string_view::npos;
}

Diagnostic out_of_limits(const std::string& what) {
    return {.code = "SB0626", .what = what};
}

class ReleasePlanner {
  public:
    ReleasePlanner(const std::optional<Release>& release, const ReleasePlanOptions& options) : m_options(options) {
        m_plan.release = release;
        if (!release) return;
        for (const ReleaseAsset& asset : release->assets) m_assets.emplace(asset.name, &asset);
    }

    ReleasePlan run(std::vector<OutgoingFile> files) {
        std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) { return left.name < right.name; });
        for (const OutgoingFile& file : files) m_names.insert(file.name);
        check_count(files);
        check_other_wheels();
        for (OutgoingFile& file : files) {
            check_file(file);
            add(std::move(file));
        }
        m_plan.publishes = m_options.publishes && (!m_plan.release || m_plan.release->draft);
        check_immutable();
        m_plan.paced_seconds = sagebuild::paced_seconds(m_plan.creating_requests(), m_options.budget);
        return std::move(m_plan);
    }

  private:
    bool is_draft() const { return !m_plan.release || m_plan.release->draft; }

    const ReleaseAsset* find(const std::string& name) const {
        const auto found = m_assets.find(name);
        return found == m_assets.end() ? nullptr : found->second;
    }

    void check_count(const std::vector<OutgoingFile>& files) {
        std::set<std::string> names = m_names;
        for (const auto& [name, asset] : m_assets) names.insert(name);
        if (names.size() > most_assets) {
            m_plan.problems.push_back(out_of_limits("a release takes " + std::to_string(most_assets) + " files, and this would be " +
                                                    std::to_string(names.size())));
        }
        if (m_names.size() == files.size()) return;
        const auto twice =
            std::adjacent_find(files.begin(), files.end(), [](const auto& left, const auto& right) { return left.name == right.name; });
        m_plan.problems.push_back(out_of_limits("two files are named " + quoted(twice->name)));
    }

    void check_file(const OutgoingFile& file) {
        if (!keeps_its_name(file.name)) {
            Diagnostic problem = out_of_limits("file " + quoted(file.name) + " would get another name");
            problem.causes.push_back("GitHub keeps letters, digits, `-`, `_`, `.`, `+` and `@` only");
            m_plan.problems.push_back(std::move(problem));
        }
        if (file.size == 0) m_plan.problems.push_back(out_of_limits("file " + quoted(file.name) + " is empty"));
        if (file.size >= asset_bytes_end) {
            m_plan.problems.push_back(out_of_limits("file " + quoted(file.name) + " has " + std::to_string(file.size) +
                                                    " bytes, and a release takes files of less than 2 GiB"));
        }
    }

    /// Checksums and provenance speak of all wheels of a release, so no wheel may be there that they do not know.
    void check_other_wheels() {
        if (!m_options.publishes) return;
        for (const auto& [name, asset] : m_assets) {
            if (!name.ends_with(".whl") || asset->state != AssetState::uploaded || m_names.contains(name)) continue;
            m_plan.problems.push_back(
                {.code = "SB0630",
                 .what = "release " + quoted(m_plan.release->tag) + " has " + quoted(name) + ", which is not among the files given",
                 .hints = {"give all wheels of the release, or leave it a draft with `--draft` until they are there"}});
        }
    }

    void add(OutgoingFile file) {
        PlannedFile planned{.file = std::move(file)};
        if (const ReleaseAsset* existing = find(planned.file.name)) planned.existing = *existing;
        if (const ReleaseAsset* staged = find(staged_name(planned.file.name))) planned.staged = *staged;
        if (planned.existing && planned.existing->state == AssetState::uploaded) {
            planned.action = planned.file.is_same_as(*planned.existing) ? AssetAction::keep : AssetAction::replace;
        }
        const bool is_allowed = m_options.replaces || (planned.file.is_document() && is_draft());
        planned.is_refused = planned.action == AssetAction::replace && !is_allowed;
        if (planned.is_refused) refuse(planned);
        m_plan.files.push_back(std::move(planned));
    }

    void refuse(const PlannedFile& planned) {
        const auto shown = [](std::uint64_t size, const std::string& sha256) {
            return std::to_string(size) + " bytes, sha256 " + (sha256.empty() ? "not known" : sha256);
        };
        m_plan.problems.push_back({.code = "SB0624",
                                   .what = "release " + quoted(m_plan.release->tag) + " has " + quoted(planned.file.name) +
                                           " with other bytes, and is not overwritten",
                                   .notes = {"there: " + shown(planned.existing->size, planned.existing->sha256),
                                             "here:  " + shown(planned.file.size, planned.file.sha256)},
                                   .hints = {"publish under a new tag, or `--replace --reason TEXT`, which the notes will show"}});
    }

    void check_immutable() {
        if (!m_plan.release || !m_plan.release->immutable) return;
        const std::size_t changes = m_plan.files.size() - m_plan.count(AssetAction::keep);
        if (changes == 0) return;
        std::erase_if(m_plan.problems, [](const Diagnostic& each) { return each.code == "SB0624"; });  // its hint would not help
        m_plan.problems.push_back({.code = "SB0629",
                                   .what = "release " + quoted(m_plan.release->tag) + " is immutable, and " + std::to_string(changes) +
                                           " of " + std::to_string(m_plan.files.size()) + " files differ from it or are not in it",
                                   .hints = {"publish under a new tag"}});
    }

    const ReleasePlanOptions& m_options;
    ReleasePlan m_plan;
    std::map<std::string, const ReleaseAsset*> m_assets;
    std::set<std::string> m_names;
};

}  // namespace

std::size_t ReleasePlan::count(AssetAction action) const {
    return static_cast<std::size_t>(std::count_if(files.begin(), files.end(), [&](const auto& each) { return each.action == action; }));
}

std::uint64_t ReleasePlan::bytes_to_send() const {
    std::uint64_t bytes = 0;
    for (const PlannedFile& each : files) bytes += each.action == AssetAction::keep ? 0 : each.file.size;
    return bytes;
}

std::size_t ReleasePlan::creating_requests() const {
    const bool is_public = release && !release->draft;
    const std::size_t replaced = count(AssetAction::replace);
    const std::size_t renamed = is_public ? replaced : 0;
    return (release ? 0 : 1) + count(AssetAction::upload) + replaced + renamed + (replaced > 0 ? 1 : 0) + (publishes ? 1 : 0);
}

ReleasePlan make_release_plan(std::vector<OutgoingFile> files, const std::optional<Release>& release, const ReleasePlanOptions& options) {
    return ReleasePlanner(release, options).run(std::move(files));
}

std::vector<const ReleaseAsset*> find_unknown_digests(const std::vector<OutgoingFile>& files, const Release& release) {
    std::vector<const ReleaseAsset*> found;
    for (const ReleaseAsset& asset : release.assets) {
        if (!asset.sha256.empty() || asset.state != AssetState::uploaded) continue;
        const bool decides = std::any_of(files.begin(), files.end(), [&asset](const OutgoingFile& file) {
            return file.size == asset.size && (file.name == asset.name || staged_name(file.name) == asset.name);
        });
        if (decides) found.push_back(&asset);
    }
    return found;
}

Diagnostics check_released(const std::vector<OutgoingFile>& files, const std::vector<ReleaseAsset>& assets) {
    Diagnostics problems;
    for (const OutgoingFile& file : files) {
        const auto found = std::find_if(assets.begin(), assets.end(), [&file](const auto& each) { return each.name == file.name; });
        std::string state;
        if (found == assets.end()) {
            state = "is not in the release";
        } else if (found->state != AssetState::uploaded) {
            state = "is not complete in the release";
        } else if (!file.is_same_as(*found)) {
            state = "has other bytes in the release than here";
        } else {
            continue;
        }
        problems.push_back({.code = "SB0628",
                            .what = "file " + quoted(file.name) + " " + state + " after it was sent",
                            .hints = {"run it again; another upload to the same tag may be under way"}});
    }
    return problems;
}

std::string staged_name(const std::string& name) {
    return name + ".replacement";
}

}  // namespace sagebuild
