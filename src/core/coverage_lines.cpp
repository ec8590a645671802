#include "core/coverage_lines.hpp"

#include <algorithm>

#include "core/arch_coverage.hpp"
#include "core/error_at.hpp"
#include "core/expand.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

std::string quoted_list(const std::vector<std::string>& words) {
    return "[" + join_texts(words, ", ", [](const std::string& word) { return "\"" + word + "\""; }) + "]";
}

bool holds(const std::vector<Located<Arch>>& list, const Arch& gpu) {
    return std::any_of(list.begin(), list.end(), [&](const Located<Arch>& arch) { return arch.value == gpu; });
}

/// Whether the images that a toolkit gives for `list` serve the GPU; if not, `reason` says what the toolkit lacks.
bool is_served(const PackageMatrix& package, const std::vector<Located<Arch>>& list, const Arch& gpu, const CudaToolkit& toolkit,
               const Compat& compat, std::string* reason = nullptr) {
    const ArchAssignment assignment = assign_archs(package, list, toolkit, compat);
    const auto is_gpu = [&](const auto& entry) { return entry.arch == gpu; };
    if (std::find(assignment.archs.begin(), assignment.archs.end(), gpu) != assignment.archs.end()) return true;
    if (std::any_of(assignment.covered.begin(), assignment.covered.end(), is_gpu)) return true;
    // what the list does not hold may run on its images all the same
    const bool runs = std::any_of(assignment.units.begin(), assignment.units.end(), [&](const TargetUnit& unit) {
        return std::any_of(unit.archs.begin(), unit.archs.end(), [&](const Arch& image) { return runs_on(image, gpu, compat); });
    });
    if (runs) return true;
    const auto dropped = std::find_if(assignment.dropped.begin(), assignment.dropped.end(), is_gpu);
    if (reason != nullptr && dropped != assignment.dropped.end()) *reason = dropped->reason;
    return false;
}

}  // namespace

std::string render_row_line(const Version& torch, const Version& cuda, const std::vector<Version>& pythons, const std::string& archs) {
    const auto texts = map_items(pythons, [](const Version& python) { return python.to_string(); });
    return "- {torch: \"" + torch.to_string() + "\", cuda: \"" + cuda.to_string() + "\", python: " + quoted_list(texts) +
           ", archs: " + archs + "}";
}

bool CoverageLines::serves(const Target& target, const Arch& gpu) const {
    const CudaToolkit* toolkit = m_compat.find_cuda(target.images_cuda);
    if (toolkit == nullptr) return false;
    std::vector<Located<Arch>> list;
    for (const Arch& arch : target.archs) list.push_back({arch, {}, "", 1});
    for (const CoveredArch& entry : target.covered) list.push_back({entry.arch, {}, "", 1});
    return is_served(m_package, list, gpu, *toolkit, m_compat);
}

const Row* CoverageLines::find_row(const Version& torch, const Version& cuda) const {
    const auto found = std::find_if(m_package.rows.begin(), m_package.rows.end(), [&](const Row& row) {
        return row.torch.value.prefix(2) == torch.prefix(2) && row.cuda.value.prefix(2) == cuda.prefix(2);
    });
    return found == m_package.rows.end() ? nullptr : &*found;
}

std::optional<Version> CoverageLines::find_release(const Version& cuda) const {
    std::optional<Version> newest;
    for (const auto& [release, toolchain] : m_compat.cuda_toolchains) {  // ascending
        if (release.prefix(2) == cuda.prefix(2)) newest = release;
    }
    return newest;
}

CoverageLine CoverageLines::row_line(const Version& torch, const Version& release, std::vector<Version> pythons) const {
    const Row* row = find_row(torch, release);
    if (row == nullptr) {
        std::sort(pythons.begin(), pythons.end());
        const Version full = torch.size() < 3 ? Version({torch.part(0), torch.part(1), 0}) : torch;
        return {m_package.file + ", rows", render_row_line(full, release, pythons, widest_list()), true};
    }
    for (const Located<Version>& python : row->python) {
        if (std::find(pythons.begin(), pythons.end(), python.value) == pythons.end()) pythons.push_back(python.value);
    }
    std::sort(pythons.begin(), pythons.end());
    return {place_text(row->place), render_row_line(row->torch.value, row->cuda.value, pythons, row->archs.value), true};
}

CoverageFix CoverageLines::row(const Version& torch, const Version& cuda, const Version& python, const Arch& gpu) const {
    const Row* row = find_row(torch, cuda);
    const std::string pair = "torch " + torch.to_string() + " and CUDA " + cuda.to_string();
    const std::optional<Version> release = row != nullptr ? row->cuda.value : find_release(cuda);
    if (!release) {
        return {true, "no row for " + pair + ", and no toolchain of CUDA " + cuda.to_string() +
                          " is pinned in `compat/toolchains.yaml` (`compat/pin-toolchain` pins one)"};
    }
    const bool lists_python = row != nullptr && std::any_of(row->python.begin(), row->python.end(),
                                                            [&](const Located<Version>& listed) { return listed.value == python; });
    const std::string why = row == nullptr ? "no row for " + pair : "the row for " + pair + " does not list Python " + python.to_string();
    CoverageFix fix = gpu_of_list(row != nullptr ? row->archs.value : widest_list(), *release, gpu);
    if (!fix.reason.empty()) {
        if (!lists_python && fix.is_possible) fix.reason = why + ", and " + fix.reason;
        return fix;
    }
    if (lists_python) return {true, "the row's wheel is not among those counted"};
    std::vector<Version> pythons;
    for (const Version& shipped : m_compat.torch.at(torch).pythons) {
        const auto minimum = parse_version(m_package.requires_python.value.substr(2));
        if (!minimum || shipped >= *minimum) pythons.push_back(shipped);
    }
    fix.reason = why;
    fix.line = row_line(torch, *release, std::move(pythons));
    return fix;
}

CoverageFix CoverageLines::universal(const std::string& cpu, const Version& cuda, const Arch& gpu) const {
    const auto entry =
        std::find_if(m_package.universal.begin(), m_package.universal.end(), [&](const UniversalRow& row) { return row.cpu.value == cpu; });
    if (entry != m_package.universal.end()) {
        if (cuda.part(0) < entry->cuda.value.part(0)) {
            return {false, "the universal wheel for " + cpu + " has images of CUDA " + entry->cuda.value.to_string() +
                               ", which drivers of CUDA " + cuda.prefix(1).to_string() + " may not take"};
        }
        return gpu_of_list(entry->archs.value, choose_images_cuda(entry->cuda.value, m_package.images, m_compat), gpu);
    }
    // the toolkit of the newest release that serves both majors in use: images of a major run on its drivers and on later ones
    const UniversalRow* model = m_package.universal.empty() ? nullptr : &m_package.universal.front();
    std::optional<Version> release = model != nullptr ? std::optional(model->cuda.value) : std::nullopt;
    if (!release || cuda.part(0) < release->part(0)) release = find_release(cuda);
    if (!release) return {true, "no universal wheel for " + cpu + ", and no toolchain of CUDA " + cuda.to_string() + " is pinned"};
    CoverageFix fix = gpu_of_list(model != nullptr ? model->archs.value : widest_list(), *release, gpu);
    if (!fix.reason.empty()) {
        if (fix.is_possible) fix.reason = "no universal wheel for " + cpu + ", and " + fix.reason;
        return fix;
    }
    fix.reason = "no universal wheel for " + cpu;
    fix.line = {m_package.file + ", universal", "- {cuda: \"" + release->to_string() + "\", cpu: " + cpu +
                                                    ", platforms: [manylinux_2_17, manylinux2014], archs: " +
                                                    (model != nullptr ? model->archs.value : widest_list()) + "}"};
    return fix;
}

/// The list with most archs; of equals the first by name.
std::string CoverageLines::widest_list() const {
    const auto widest = std::max_element(m_package.arch_lists.begin(), m_package.arch_lists.end(),
                                         [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    return widest == m_package.arch_lists.end() ? "" : widest->first;
}

/// Empty if images of the list for this release serve the GPU, else why not and what would.
CoverageFix CoverageLines::gpu_of_list(const std::string& list, const Version& release, const Arch& gpu) const {
    const auto archs = m_package.arch_lists.find(list);
    const Version images = choose_images_cuda(release, m_package.images, m_compat);
    const CudaToolkit* toolkit = m_compat.find_cuda(images);
    if (archs == m_package.arch_lists.end() || toolkit == nullptr) {
        return {false, "CUDA " + images.to_string() + " is not a known toolkit"};
    }
    std::string reason;
    if (is_served(m_package, archs->second, gpu, *toolkit, m_compat, &reason)) return {};

    std::vector<Located<Arch>> longer = archs->second;
    if (!holds(longer, gpu)) longer.push_back({gpu, {}, "", 1});
    if (is_served(m_package, longer, gpu, *toolkit, m_compat, &reason)) {
        std::vector<Arch> sorted = map_items(longer, [](const Located<Arch>& arch) { return arch.value; });
        std::sort(sorted.begin(), sorted.end());
        const auto words = map_items(sorted, [](const Arch& arch) { return arch.to_string(); });
        return {true,
                "the arch list `" + list + "` does not hold " + gpu.to_string(),
                {m_package.file + ", arch_lists", list + ": " + quoted_list(words)}};
    }
    const Version newest = choose_images_cuda(release, ImagesPolicy::newest, m_compat);
    const CudaToolkit* newest_toolkit = m_compat.find_cuda(newest);
    if (newest != images && newest_toolkit != nullptr && is_served(m_package, longer, gpu, *newest_toolkit, m_compat)) {
        return {true, reason + "; CUDA " + newest.to_string() + " compiles it", {m_package.file + ", policies", "images: newest"}};
    }
    return {false, reason.empty() ? "no unit serves " + gpu.to_string() : reason};
}

}  // namespace sagebuild
