#include "core/requirement_clashes.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/error_at.hpp"
#include "core/python_version_order.hpp"
#include "core/requirement_marker.hpp"
#include "core/torch_requirement.hpp"
#include "core/wheel_name.hpp"
#include "core/wheel_url.hpp"

namespace sagebuild {

namespace {

struct Entry {
    const RequirementFile* file;
    const StatedRequirement* stated;
    std::string version;  ///< of the wheel, or the exact pin; empty if it is open
    std::string module;   ///< import package
};

/// The exact version of `==2.2.0`.
std::string pinned_version(const std::string& specifier) {
    const bool is_exact = specifier.starts_with("==") && specifier.find(',') == std::string::npos && !specifier.ends_with('*');
    return is_exact ? specifier.substr(specifier.starts_with("===") ? 3 : 2) : "";
}

/// Import package of a distribution's release: most are called like the distribution; the data knows the others.
std::string module_of(const std::string& distribution, const std::string& version, const Compat& compat) {
    const auto release = parse_python_version(version);
    for (const ForeignModule& entry : compat.naming.modules) {
        const auto from = parse_python_version(entry.from.to_string());
        if (entry.project == distribution && release && from && release->compare_public(*from) >= 0) return entry.module;
    }
    std::string module = distribution;
    std::replace(module.begin(), module.end(), '-', '_');
    return module;
}

class ClashFinder {
  public:
    ClashFinder(ScopedEnvironments& environments, const Compat& compat, Diagnostics& problems)
        : m_environments(environments), m_compat(compat), m_problems(problems) {}

    void read(const RequirementFile& file) {
        for (const StatedRequirement& stated : file.requirements) {
            if (stated.distribution.empty() || evaluate_marker(stated.marker, m_environments.of(stated.scope)) == false) continue;
            Entry entry{&file, &stated, pinned_version(stated.specifier), ""};
            if (const auto name = parse_wheel_name(file_name_of_url(stated.url))) entry.version = name->version;
            entry.module = module_of(stated.distribution, entry.version, m_compat);
            compare(entry, m_by_distribution[{stated.scope, stated.distribution}]);
            compare_modules(entry);
        }
    }

  private:
    /// Requirements with different markers that are both undecided may exclude each other.
    bool are_together(const Entry& left, const Entry& right) const {
        if (left.stated->marker == right.stated->marker) return true;
        const WheelEnvironment& environment = m_environments.of(left.stated->scope);
        return evaluate_marker(left.stated->marker, environment) == true && evaluate_marker(right.stated->marker, environment) == true;
    }

    static bool differ(const Entry& left, const Entry& right) {
        if (!left.stated->url.empty() && !right.stated->url.empty()) return left.stated->url != right.stated->url;
        if (left.version.empty() || right.version.empty()) return false;
        if (left.version == right.version) return false;
        // `==2.9.1` takes 2.9.1+cu129 (version specifiers, PyPA, «Version matching»).
        const auto without_local = [](const std::string& version) { return version.substr(0, version.find('+')); };
        const bool has_both_locals = left.version.find('+') != std::string::npos && right.version.find('+') != std::string::npos;
        const auto one = parse_python_version(without_local(left.version));
        const auto other = parse_python_version(without_local(right.version));
        if (!one || !other) return false;
        return has_both_locals || one->compare_public(*other) != 0;
    }

    void compare(const Entry& entry, std::vector<Entry>& earlier) {
        const auto clash = std::find_if(earlier.begin(), earlier.end(),
                                        [&](const Entry& other) { return are_together(entry, other) && differ(entry, other); });
        if (clash != earlier.end()) tell(entry, *clash);
        // Only what differs is kept, so that thousands of equal lines stay cheap.
        const bool is_known = std::any_of(earlier.begin(), earlier.end(), [&](const Entry& other) {
            return other.stated->url == entry.stated->url && other.version == entry.version && other.stated->marker == entry.stated->marker;
        });
        if (!is_known && earlier.size() < 100) earlier.push_back(entry);
    }

    std::string place_of(const Entry& entry, const Entry& seen_from) const {
        const Place place = entry.file->source.place(entry.stated->at.begin);
        return entry.file == seen_from.file ? "in line " + std::to_string(place.line) : "in " + place_text(place);
    }

    static std::string shown(const Entry& entry) {
        const StatedRequirement& stated = *entry.stated;
        return stated.url.empty() ? stated.distribution + stated.specifier : file_name_of_url(stated.url);
    }

    void tell(const Entry& entry, const Entry& first) {
        const StatedRequirement& stated = *entry.stated;
        const SourceSpan at = stated.url.empty() ? stated.at : stated.url_at;
        const bool is_torch = stated.distribution == "torch";
        Diagnostic problem = entry.file->source.error(at, is_torch ? "SB0447" : "SB0446",
                                                      is_torch ? "torch is asked for twice, in different versions"
                                                               : "`" + stated.distribution + "` is asked for twice, from different files",
                                                      "the first stands " + place_of(first, entry));
        problem.notes.push_back("the first is `" + shown(first) + "`");
        if (!is_torch && entry.module != first.module) {
            problem.notes.push_back("they hold the packages `" + first.module + "` and `" + entry.module +
                                    "`, but pip keeps only one release of a distribution");
        }
        problem.hints.emplace_back("keep one of them");
        m_problems.push_back(std::move(problem));
    }

    /// Two distributions that install one package overwrite each other's files.
    void compare_modules(const Entry& entry) {
        const auto [known, is_new] = m_by_module.try_emplace({entry.stated->scope, entry.module}, entry);
        const Entry& first = known->second;
        if (is_new || first.stated->distribution == entry.stated->distribution || !are_together(entry, first)) return;
        const StatedRequirement& stated = *entry.stated;
        Diagnostic problem = entry.file->source.error(
            stated.url.empty() ? stated.at : stated.url_at, "SB0446",
            "`" + stated.distribution + "` and `" + first.stated->distribution + "` both install the package `" + entry.module + "`",
            "the other stands " + place_of(first, entry));
        problem.notes.push_back("the other is `" + shown(first) + "`");
        problem.hints.emplace_back("keep one of them");
        m_problems.push_back(std::move(problem));
    }

    ScopedEnvironments& m_environments;
    const Compat& m_compat;
    Diagnostics& m_problems;
    std::map<std::pair<int, std::string>, std::vector<Entry>> m_by_distribution;
    std::map<std::pair<int, std::string>, Entry> m_by_module;
};

}  // namespace

void check_clashes(const RequirementGroup& group, ScopedEnvironments& environments, const Compat& compat, Diagnostics& problems) {
    ClashFinder finder(environments, compat, problems);
    for (const RequirementFile& file : group) finder.read(file);
}

}  // namespace sagebuild
