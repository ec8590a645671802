#include "core/matrix_check.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "core/arch_coverage.hpp"
#include "core/error_at.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

/// The known releases nearest to one that is not known, by number: 12.7 is near 12.6 and 12.8.
template <typename Map>
std::vector<std::string> nearest_releases(const Version& wanted, const Map& known) {
    const auto rank = [](const Version& version) { return version.part(0) * 1000 + version.part(1); };
    std::vector<Version> releases = map_items(known, [](const auto& entry) { return entry.first; });
    std::stable_sort(releases.begin(), releases.end(), [&](const Version& a, const Version& b) {
        return std::abs(rank(a) - rank(wanted)) < std::abs(rank(b) - rank(wanted));
    });
    if (releases.size() > 3) releases.resize(3);
    return map_items(releases, [](const Version& release) { return release.to_string(); });
}

/// The version of a requirement `>=3.9`, the only form that the reader lets pass.
std::optional<Version> parse_minimum(std::string_view requirement) {
    return requirement.starts_with(">=") ? parse_version(requirement.substr(2)) : std::nullopt;
}

class PackageCheck {
  public:
    PackageCheck(const PackageMatrix& package, const Compat& compat, Diagnostics& errors)
        : m_package(package), m_compat(compat), m_errors(errors) {}

    void check_archs() {
        for (const KernelUnit& unit : m_package.units) check_unit(unit);
        for (const auto& [name, archs] : m_package.arch_lists) check_arch_list(name, archs);
    }

    void check_rows() {
        for (const Row& row : m_package.rows) check_row(row);
        for (const UniversalRow& row : m_package.universal) {
            check_cuda(row.cuda);
            check_requirement(row.cuda, "CUDA", m_package.requires_cuda);
        }
    }

  private:
    void check_unit(const KernelUnit& unit) {
        std::map<Arch, const Located<Arch>*> seen;
        for (const Located<Arch>& arch : unit.archs) {
            check_known(arch);
            const auto [found, added] = seen.try_emplace(arch.value.capability(), &arch);
            if (added) continue;
            m_errors.push_back(error_at(arch, "SB0237",
                                        "unit `" + unit.name.value + "` lists " + arch.value.capability().to_string() + " twice, as " +
                                            found->second->value.to_string() + " and " + arch.value.to_string(),
                                        "a GPU loads one image of a unit"));
        }
    }

    void check_known(const Located<Arch>& arch) {
        if (m_compat.gpus.empty() || m_compat.gpus.contains(arch.value.capability())) return;
        Diagnostic error = error_at(arch, "SB0236", "no GPU of compute capability " + arch.value.capability().to_string() + " is known");
        for (const auto& entry : m_compat.gpus) {
            if (entry.first.major == arch.value.major) error.nearest.push_back(entry.first.to_string());
        }
        m_errors.push_back(std::move(error));
    }

    bool is_used(const std::string& list) const {
        return std::any_of(m_package.rows.begin(), m_package.rows.end(), [&](const Row& row) { return row.archs.value == list; }) ||
               std::any_of(m_package.universal.begin(), m_package.universal.end(),
                           [&](const UniversalRow& row) { return row.archs.value == list; });
    }

    void check_arch_list(const std::string& name, const std::vector<Located<Arch>>& archs) {
        for (const Located<Arch>& arch : archs) {
            check_known(arch);
            const Arch gpu = arch.value.capability();
            if (m_package.units.empty() || !is_used(name) || !m_compat.gpus.contains(gpu) || is_written_for(m_package, gpu, m_compat))
                continue;
            std::set<Arch> written;
            for (const KernelUnit& unit : m_package.units) {
                for (const Located<Arch>& unit_arch : unit.archs) written.insert(unit_arch.value);
            }
            Diagnostic error =
                error_at(arch, "SB0233", "no kernel unit of `" + m_package.name.value + "` is written for " + gpu.to_string());
            error.notes.push_back("units are written for " + join_values(written));
            error.hints.push_back("take " + gpu.to_string() + " out of `" + name + "`, or add it to the archs of a unit");
            m_errors.push_back(std::move(error));
        }
    }

    void check_cuda(const Located<Version>& cuda) {
        if (cuda.value.size() == 0 || m_compat.find_cuda(cuda.value) != nullptr) return;
        Diagnostic error = error_at(cuda, "SB0228", "CUDA " + cuda.value.prefix(2).to_string() + " is not a known toolkit");
        error.nearest = nearest_releases(cuda.value, m_compat.cuda);
        error.hints.push_back("a new toolkit is an entry of `matrix/compat/cuda.yaml`");
        m_errors.push_back(std::move(error));
    }

    void check_requirement(const Located<Version>& version, const std::string& what, const Located<std::string>& requirement) {
        const auto minimum = parse_minimum(requirement.value);
        if (version.value.size() == 0 || !minimum || version.value >= *minimum) return;
        Diagnostic error =
            error_at(version, "SB0232", what + " " + version.value.to_string() + " is below what `" + m_package.name.value + "` requires",
                     "not " + requirement.value);
        error.notes.push_back("`requires` stands at " + place_text(requirement.place));
        m_errors.push_back(std::move(error));
    }

    void check_row(const Row& row) {
        check_cuda(row.cuda);
        check_requirement(row.cuda, "CUDA", m_package.requires_cuda);
        check_requirement(row.torch, "torch", m_package.requires_torch);
        for (const Located<Version>& python : row.python) check_requirement(python, "Python", m_package.requires_python);

        if (row.torch.value.size() == 0) return;
        const TorchRelease* torch = m_compat.find_torch(row.torch.value);
        if (torch == nullptr) {
            Diagnostic error = error_at(row.torch, "SB0229", "torch " + row.torch.value.prefix(2).to_string() + " is not a known release");
            error.nearest = nearest_releases(row.torch.value, m_compat.torch);
            error.hints.push_back("a new release is an entry of `matrix/compat/torch.yaml`");
            m_errors.push_back(std::move(error));
            return;
        }
        const std::string name = "torch " + torch->version.to_string();
        const Version cuda = row.cuda.value.prefix(2);
        if (m_compat.find_cuda(cuda) != nullptr && std::find(torch->cudas.begin(), torch->cudas.end(), cuda) == torch->cudas.end()) {
            m_errors.push_back(error_at(row.cuda, "SB0230", name + " does not ship for CUDA " + cuda.to_string(),
                                        "it ships for " + join_values(torch->cudas)));
        }
        for (const Located<Version>& python : row.python) {
            if (std::find(torch->pythons.begin(), torch->pythons.end(), python.value) != torch->pythons.end()) continue;
            m_errors.push_back(error_at(python, "SB0231", name + " does not ship for Python " + python.value.to_string(),
                                        "it ships for " + join_values(torch->pythons)));
        }
    }

    const PackageMatrix& m_package;
    const Compat& m_compat;
    Diagnostics& m_errors;
};

/// Names that pip takes for one: letters in lower case, runs of `-`, `_` and `.` as one `-` (PEP 503).
std::string normalized(std::string_view name) {
    std::string out;
    for (const char letter : name) {
        const bool separator = letter == '-' || letter == '_' || letter == '.';
        if (separator && out.ends_with('-')) continue;
        out += separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    return out;
}

}  // namespace

void check_rows(const PackageMatrix& package, const Compat& compat, Diagnostics& errors) {
    PackageCheck(package, compat, errors).check_rows();
}

void check_archs(const PackageMatrix& package, const Compat& compat, Diagnostics& errors) {
    PackageCheck(package, compat, errors).check_archs();
}

void check_packages(const Matrix& matrix, Diagnostics& errors) {
    for (std::size_t later = 1; later < matrix.packages.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const PackageMatrix& package = matrix.packages[later];
            const PackageMatrix& other = matrix.packages[earlier];
            const bool same_name = normalized(package.name.value) == normalized(other.name.value);
            const bool same_module = package.module.value == other.module.value;
            if (!same_name && !same_module) continue;
            const auto where = [](const Located<std::string>& value) {
                return "`" + value.value + "` stands also at " + place_text(value.place);
            };
            Diagnostic error;
            if (same_name && same_module) {
                error = error_at(package.name, "SB0222", "two files describe the distribution `" + package.name.value + "`");
            } else if (same_name) {
                error = error_at(package.name, "SB0222",
                                 "distribution `" + package.name.value + "` holds module `" + package.module.value + "` here and `" +
                                     other.module.value + "` elsewhere",
                                 "pip keeps one distribution of a name");
                error.hints.push_back("give the distribution of module `" + package.module.value + "` a name of its own");
            } else {
                error = error_at(package.module, "SB0222",
                                 "module `" + package.module.value + "` is in two distributions, `" + other.name.value + "` and `" +
                                     package.name.value + "`",
                                 "installing one overwrites the other's files");
                error.hints.push_back("rename the module of `" + package.name.value + "`");
            }
            error.notes.push_back(where(same_name ? other.name : other.module));
            errors.push_back(std::move(error));
        }
    }
}

void check_collisions(const std::vector<DraftTarget>& drafts, Diagnostics& errors) {
    std::map<std::string, const DraftTarget*> by_name, by_wheel;
    for (const DraftTarget& draft : drafts) {
        const auto [same_name, new_name] = by_name.try_emplace(draft.target.name, &draft);
        if (!new_name) {
            Diagnostic error = error_at(draft.anchor, "SB0220", "target `" + draft.target.name + "` is made twice");
            error.notes.push_back("first made at " + place_text(same_name->second->anchor.place));
            error.hints.push_back("names hold torch and CUDA without the patch: keep one row of each minor");
            errors.push_back(std::move(error));
        }
        const auto [same_wheel, new_wheel] = by_wheel.try_emplace(draft.target.wheel, &draft);
        if (new_name && !new_wheel) {
            Diagnostic error = error_at(draft.anchor, "SB0221", "wheel `" + draft.target.wheel + "` is made twice");
            error.notes.push_back("`" + same_wheel->second->target.name + "` of " + place_text(same_wheel->second->anchor.place) +
                                  " makes it too, beside `" + draft.target.name + "`");
            errors.push_back(std::move(error));
        }
    }
}

}  // namespace sagebuild
