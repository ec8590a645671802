#include "core/arch_coverage.hpp"

#include <algorithm>
#include <set>

#include "core/text_list.hpp"

namespace sagebuild {

namespace {

bool is_integrated(const Arch& capability, const Compat& compat) {
    const auto found = compat.gpus.find(capability);
    return found != compat.gpus.end() && found->second.integrated;
}

bool compiles(const CudaToolkit& toolkit, const Arch& arch) {
    return std::find(toolkit.targets.begin(), toolkit.targets.end(), arch) != toolkit.targets.end();
}

/// The toolkit's lowest and highest capability.
std::pair<Arch, Arch> range_of(const CudaToolkit& toolkit) {
    if (toolkit.targets.empty()) return {};
    const auto [low, high] = std::minmax_element(toolkit.targets.begin(), toolkit.targets.end());
    return {low->capability(), high->capability()};
}

/// `13` if every toolkit of the major starts at the same arch, else `13.0`.
std::string name_for_floor(const CudaToolkit& toolkit, const Compat& compat) {
    const Arch floor = range_of(toolkit).first;
    const bool same = std::all_of(compat.cuda.begin(), compat.cuda.end(), [&](const auto& entry) {
        return entry.first.part(0) != toolkit.version.part(0) || range_of(entry.second).first == floor;
    });
    return same ? toolkit.version.prefix(1).to_string() : toolkit.version.to_string();
}

/// One unit as the assignment works on it.
class UnitAssignment {
  public:
    UnitAssignment(TargetUnit unit, std::vector<Arch> written) : m_unit(std::move(unit)), m_written(std::move(written)) {}

    void assign(const std::vector<Arch>& wanted, const CudaToolkit& toolkit, const Compat& compat, UncompilablePolicy policy) {
        for (const Arch& image : m_written) {
            const bool asked = std::binary_search(wanted.begin(), wanted.end(), image.capability());
            if (asked && compiles(toolkit, image)) m_unit.archs.push_back(image);
        }
        std::sort(m_unit.archs.begin(), m_unit.archs.end());
        for (const Arch& gpu : wanted) {
            if (!has_image_of(gpu)) serve_without_image(gpu, toolkit, compat, policy);
        }
        std::sort(m_unit.ptx.begin(), m_unit.ptx.end());
        m_unit.ptx.erase(std::unique(m_unit.ptx.begin(), m_unit.ptx.end()), m_unit.ptx.end());
    }

    const TargetUnit& unit() const { return m_unit; }

  private:
    bool has_image_of(const Arch& gpu) const {
        return std::any_of(m_unit.archs.begin(), m_unit.archs.end(), [&](const Arch& image) { return image.capability() == gpu; });
    }

    void serve_without_image(const Arch& gpu, const CudaToolkit& toolkit, const Compat& compat, UncompilablePolicy policy) {
        const auto image =
            std::find_if(m_unit.archs.rbegin(), m_unit.archs.rend(), [&](const Arch& arch) { return runs_on(arch, gpu, compat); });
        if (image != m_unit.archs.rend()) {
            const std::string why = image->feature == ArchFeature::family ? "family image, later minor" : "same major, later minor";
            m_unit.covered.push_back({gpu, *image, gpu.to_string() + " runs on the " + image->to_string() + " image: " + why});
            return;
        }
        const auto written = std::find_if(m_written.begin(), m_written.end(), [&](const Arch& arch) { return arch.capability() == gpu; });
        if (written == m_written.end()) return;
        const auto base = std::find_if(m_unit.archs.rbegin(), m_unit.archs.rend(),
                                       [&](const Arch& arch) { return arch.feature == ArchFeature::portable && arch < gpu; });
        if (policy == UncompilablePolicy::ptx && base != m_unit.archs.rend()) {
            m_unit.ptx.push_back(*base);
            m_unit.covered.push_back(
                {gpu, *base, gpu.to_string() + " runs on the PTX of " + base->to_string() + ", compiled by the driver"});
            return;
        }
        m_unit.dropped.push_back({gpu, explain_uncompilable(*written, toolkit, compat)});
    }

    TargetUnit m_unit;
    std::vector<Arch> m_written;
};

std::vector<UnitAssignment> units_of(const PackageMatrix& package, const std::vector<Arch>& wanted) {
    std::vector<UnitAssignment> units;
    for (const KernelUnit& unit : package.units) {
        TargetUnit target_unit;
        target_unit.name = unit.name.value;
        target_unit.source = package.root.value.empty() ? unit.source.value : package.root.value + "/" + unit.source.value;
        std::vector<Arch> written = map_items(unit.archs, [](const Located<Arch>& arch) { return arch.value; });
        units.emplace_back(std::move(target_unit), std::move(written));
    }
    if (units.empty()) units.emplace_back(TargetUnit{}, wanted);
    return units;
}

/// Merges the units' answers for one GPU: compiled beats covered beats dropped.
void merge_arch(ArchAssignment& merged, const Arch& gpu, const std::vector<UnitAssignment>& units) {
    const CoveredArch* covered = nullptr;
    const DroppedArch* dropped = nullptr;
    for (const UnitAssignment& assignment : units) {
        const TargetUnit& unit = assignment.unit();
        if (std::any_of(unit.archs.begin(), unit.archs.end(), [&](const Arch& image) { return image.capability() == gpu; })) {
            merged.archs.push_back(gpu);
            return;
        }
        for (const CoveredArch& entry : unit.covered) {
            if (entry.arch == gpu && (covered == nullptr || covered->by < entry.by)) covered = &entry;
        }
        for (const DroppedArch& entry : unit.dropped) {
            if (entry.arch == gpu && dropped == nullptr) dropped = &entry;
        }
    }
    if (covered != nullptr) {
        merged.covered.push_back(*covered);
    } else if (dropped != nullptr) {
        merged.dropped.push_back(*dropped);
    } else {
        merged.dropped.push_back({gpu, "no kernel unit is written for " + gpu.to_string()});
    }
}

}  // namespace

bool runs_on(const Arch& image, const Arch& gpu, const Compat& compat) {
    if (image.major != gpu.major || image.minor > gpu.minor) return false;
    if (image.minor == gpu.minor) return true;
    if (image.feature == ArchFeature::specific) return false;
    return !is_integrated(image.capability(), compat) && !is_integrated(gpu.capability(), compat);
}

bool is_written_for(const PackageMatrix& package, const Arch& gpu, const Compat& compat) {
    return std::any_of(package.units.begin(), package.units.end(), [&](const KernelUnit& unit) {
        return std::any_of(unit.archs.begin(), unit.archs.end(),
                           [&](const Located<Arch>& arch) { return arch.value.capability() == gpu || runs_on(arch.value, gpu, compat); });
    });
}

std::string explain_uncompilable(const Arch& arch, const CudaToolkit& toolkit, const Compat& compat) {
    const auto [low, high] = range_of(toolkit);
    const std::string nvcc = "nvcc " + toolkit.version.to_string();
    if (arch.capability() < low) return "CUDA " + name_for_floor(toolkit, compat) + " compiles nothing below " + low.to_string();
    if (arch.capability() > high) return nvcc + " ends at " + high.to_string();
    if (is_integrated(arch.capability(), compat)) {
        return nvcc + " has no " + arch.to_string() + ", and integrated chips run only their own images";
    }
    return nvcc + " has no " + arch.to_string();
}

ArchAssignment assign_archs(const PackageMatrix& package, const std::vector<Located<Arch>>& wanted, const CudaToolkit& toolkit,
                            const Compat& compat) {
    std::set<Arch> capabilities;
    for (const Located<Arch>& arch : wanted) capabilities.insert(arch.value.capability());
    const std::vector<Arch> gpus(capabilities.begin(), capabilities.end());

    std::vector<UnitAssignment> units = units_of(package, gpus);
    for (UnitAssignment& unit : units) unit.assign(gpus, toolkit, compat, package.uncompilable);

    ArchAssignment merged;
    for (const Arch& gpu : gpus) merge_arch(merged, gpu, units);
    if (package.units.empty()) return merged;
    for (const UnitAssignment& unit : units) merged.units.push_back(unit.unit());
    return merged;
}

}  // namespace sagebuild
