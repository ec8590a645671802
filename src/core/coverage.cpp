#include "core/coverage.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/arch_coverage.hpp"
#include "core/candidate_coverage.hpp"
#include "core/coverage_lines.hpp"
#include "core/error_at.hpp"
#include "core/expand.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

const std::vector<CoveragePlatform> known_platforms = {{"linux", "x86_64"}, {"linux", "aarch64"}, {"windows", "x86_64"}};

std::string platform_text(const CoveragePlatform& platform) {
    return (platform.os == "linux" ? "Linux on " : "Windows on ") + platform.cpu;
}

/// Why a cell is as it is.
struct Verdict {
    CoverageState state = CoverageState::missing;
    std::string reason = {};
    CoverageLine line = {};
};

bool contains(const std::vector<Version>& versions, const Version& version) {
    return std::find(versions.begin(), versions.end(), version) != versions.end();
}

class CoverageMaker {
  public:
    CoverageMaker(const PackageMatrix& package, const std::vector<Target>& targets, const Compat& compat)
        : m_package(package), m_compat(compat), m_lines(package, compat) {
        for (const Target& target : targets) {
            if (target.package == package.name.value && !package.units.empty()) m_targets.push_back(&target);
        }
    }

    Coverage run(const std::vector<WheelCandidate>& others) {
        make_axes();
        m_marks = mark_candidates(m_coverage, others, m_compat);
        m_coverage.reasons.emplace_back();
        m_coverage.lines.emplace_back();
        for (const Version& torch : m_coverage.torch) {
            for (const Version& cuda : m_coverage.cuda) {
                for (const PythonBuild& python : m_coverage.pythons) {
                    for (const CoveragePlatform& platform : m_coverage.platforms) add_cells(torch, cuda, python, platform);
                }
            }
        }
        return std::move(m_coverage);
    }

  private:
    void make_axes() {
        std::set<Version> cudas;
        std::set<PythonBuild> pythons;
        m_coverage.package = m_package.name.value;
        for (const auto& [version, torch] : m_compat.torch) {
            m_coverage.torch.push_back(version);
            for (const auto& [cuda, variant] : torch.variants) cudas.insert(cuda);
            for (const Version& python : torch.pythons) pythons.insert({python, false});
            for (const Version& python : torch.pythons_free_threaded) pythons.insert({python, true});
        }
        m_coverage.cuda.assign(cudas.begin(), cudas.end());
        m_coverage.pythons.assign(pythons.begin(), pythons.end());
        m_coverage.platforms = known_platforms;
        for (const auto& [arch, gpu] : m_compat.gpus) m_coverage.gpus.push_back(gpu);
    }

    void add_cells(const Version& torch, const Version& cuda, const PythonBuild& python, const CoveragePlatform& platform) {
        const Verdict unshipped = explain_unshipped(torch, cuda, python, platform);
        for (const GpuGeneration& gpu : m_coverage.gpus) {
            Verdict verdict = explain_gpu(gpu, platform);
            if (verdict.reason.empty()) verdict = unshipped;
            if (verdict.reason.empty()) verdict = explain_torch_images(torch, cuda, platform, gpu.arch);
            CoverageCell cell;
            if (verdict.reason.empty()) {
                const CandidateMark& mark = m_marks[m_coverage.cells.size()];
                cell.by_row = mark.by_row;
                cell.by_universal = mark.by_universal;
                // what our sources require does not bind the wheels of others
                verdict = explain_package(torch, cuda, python, gpu.arch);
                if (cell.by_row || cell.by_universal) verdict = {};
            }
            if (verdict.reason.empty()) {
                for (const Target* target : m_targets) {
                    if (!serves(*target, torch, cuda, python, platform, gpu.arch)) continue;
                    (target->kind == TargetKind::row ? cell.by_row : cell.by_universal) = true;
                }
                if (!cell.by_row) verdict = explain_missing(torch, cuda, python, platform, gpu.arch, cell.by_universal);
                if (cell.by_row || cell.by_universal) verdict.state = CoverageState::covered;
            }
            cell.state = verdict.state;
            cell.reason = number_of(m_coverage.reasons, m_reason_numbers, verdict.reason, verdict.reason);
            cell.line = number_of(m_coverage.lines, m_line_numbers, verdict.line.place + "\n" + verdict.line.text, verdict.line);
            m_coverage.cells.push_back(cell);
        }
    }

    template <typename Item>
    static std::uint16_t number_of(std::vector<Item>& items, std::map<std::string, std::uint16_t>& numbers, const std::string& key,
                                   const Item& item) {
        if (item == Item{}) return 0;
        const auto [found, added] = numbers.try_emplace(key, static_cast<std::uint16_t>(items.size()));
        if (added) items.push_back(item);
        return found->second;
    }

    Verdict explain_gpu(const GpuGeneration& gpu, const CoveragePlatform& platform) const {
        if (!gpu.arm_host || platform.cpu == "aarch64") return {};
        return {CoverageState::impossible, "machines with a GPU of " + gpu.arch.to_string() + " are 64-bit Arm"};
    }

    Verdict explain_unshipped(const Version& torch, const Version& cuda, const PythonBuild& python,
                              const CoveragePlatform& platform) const {
        const TorchRelease& release = m_compat.torch.at(torch);
        const std::string name = "torch " + torch.to_string();
        const auto variant = release.variants.find(cuda);
        if (variant == release.variants.end()) {
            if (contains(release.unverified, cuda)) {
                return {CoverageState::unsupported, "it is not settled that " + name + " ships for CUDA " + cuda.to_string()};
            }
            return {CoverageState::unsupported, name + " does not ship for CUDA " + cuda.to_string()};
        }
        const bool ships = platform.os == "windows"   ? variant->second.windows
                           : platform.cpu == "x86_64" ? variant->second.linux_x86_64.has_value()
                                                      : variant->second.linux_aarch64.has_value();
        if (!ships) {
            return {CoverageState::unsupported, name + " for CUDA " + cuda.to_string() + " does not ship for " + platform_text(platform)};
        }
        if (!contains(python.free_threaded ? release.pythons_free_threaded : release.pythons, python.version)) {
            return {CoverageState::unsupported, name + " does not ship for Python " + python.to_string()};
        }
        return {};
    }

    /// torch's own kernels need an image for the GPU as ours do. Windows: its lists are not in the data.
    Verdict explain_torch_images(const Version& torch, const Version& cuda, const CoveragePlatform& platform, const Arch& gpu) const {
        if (platform.os == "windows") return {};
        const TorchVariant& variant = m_compat.torch.at(torch).variants.at(cuda);
        const TorchImages& images = platform.cpu == "x86_64" ? *variant.linux_x86_64 : *variant.linux_aarch64;
        const auto runs = [&](const Arch& image) { return runs_on(image, gpu, m_compat); };
        const auto compiles = [&](const Arch& ptx) { return ptx <= gpu; };
        if (!images.is_known || std::any_of(images.cubins.begin(), images.cubins.end(), runs) ||
            std::any_of(images.ptx.begin(), images.ptx.end(), compiles)) {
            return {};
        }
        std::vector<Arch> held = images.cubins;
        std::sort(held.begin(), held.end());
        return {CoverageState::unsupported, "torch " + torch.to_string() + " for CUDA " + cuda.to_string() + " and " +
                                                platform_text(platform) + " holds images for " + join_values(held, " ") + ", none for " +
                                                gpu.to_string()};
    }

    Verdict explain_package(const Version& torch, const Version& cuda, const PythonBuild& python, const Arch& gpu) const {
        const std::string name = "`" + m_package.name.value + "`";
        const auto below = [](const Version& version, const std::string& requirement) {
            const auto minimum = parse_version(requirement.substr(2));  // `>=3.9`, the only form that the reader lets pass
            return minimum && version < *minimum;
        };
        const auto refused = [&](const std::string& what, const std::string& requirement) {
            return Verdict{CoverageState::impossible, name + " requires " + what + " " + requirement};
        };
        if (below(torch, m_package.requires_torch.value)) return refused("torch", m_package.requires_torch.value);
        if (below(cuda, m_package.requires_cuda.value)) return refused("CUDA", m_package.requires_cuda.value);
        if (below(python.version, m_package.requires_python.value)) return refused("Python", m_package.requires_python.value);
        if (m_package.units.empty()) return {CoverageState::missing, name + " has no kernel units yet"};
        if (!is_written_for(m_package, gpu, m_compat)) {
            return {CoverageState::impossible, "no kernel unit of " + name + " is written for " + gpu.to_string()};
        }
        return {};
    }

    bool serves(const Target& target, const Version& torch, const Version& cuda, const PythonBuild& python,
                const CoveragePlatform& platform, const Arch& gpu) const {
        if (platform.os != "linux" || target.cpu != platform.cpu) return false;
        if (target.kind == TargetKind::row) {
            // a row's wheel has the tags of one interpreter with the global lock
            if (python.free_threaded || *target.python != python.version) return false;
            if (target.torch->prefix(2) != torch || target.cuda.prefix(2) != cuda) return false;
        } else if (cuda.part(0) < target.images_cuda.part(0)) {
            return false;  // images of a newer major than the driver that this torch may run with
        }
        const std::string key = target.name + " " + gpu.to_string();
        const auto [found, added] = m_served.try_emplace(key, false);
        if (added) found->second = m_lines.serves(target, gpu);
        return found->second;
    }

    Verdict explain_missing(const Version& torch, const Version& cuda, const PythonBuild& python, const CoveragePlatform& platform,
                            const Arch& gpu, bool is_universal) const {
        if (platform.os != "linux") return {CoverageState::missing, "the matrix makes wheels for Linux only"};
        if (platform.cpu != "x86_64" || python.free_threaded) {
            const CoverageFix fix = m_lines.universal(platform.cpu, cuda, gpu);
            const std::string what = platform.cpu != "x86_64" ? "rows are for x86_64" : "rows are for Pythons with the global lock";
            const std::string why =
                fix.reason.empty() ? (is_universal ? "the universal wheel serves it" : "the universal wheel is not among those counted")
                                   : fix.reason;
            return {fix.is_possible ? CoverageState::missing : CoverageState::impossible, what + ": " + why, fix.line};
        }
        const CoverageFix fix = m_lines.row(torch, cuda, python.version, gpu);
        return {fix.is_possible ? CoverageState::missing : CoverageState::impossible, fix.reason, fix.line};
    }

    const PackageMatrix& m_package;
    const Compat& m_compat;
    CoverageLines m_lines;
    std::vector<const Target*> m_targets;
    Coverage m_coverage;
    std::vector<CandidateMark> m_marks;  ///< of each cell
    std::map<std::string, std::uint16_t> m_reason_numbers, m_line_numbers;
    mutable std::map<std::string, bool> m_served;
};

}  // namespace

Coverage make_coverage(const PackageMatrix& package, const std::vector<Target>& targets, const Compat& compat,
                       const std::vector<WheelCandidate>& others) {
    return CoverageMaker(package, targets, compat).run(others);
}

}  // namespace sagebuild
