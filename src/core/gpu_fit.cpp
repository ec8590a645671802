#include "core/gpu_fit.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/arch_coverage.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

std::string image_text(const CandidateImage& image) {
    if (!image.cubin) return "PTX of " + image.arch.to_string();
    return image.arch.to_string() + (image.ptx ? "+PTX" : "");
}

std::string list_images(const std::vector<CandidateImage>& images) {
    return join_texts(images, ", ", image_text);
}

}  // namespace

GpuJudge::GpuJudge(const WheelEnvironment& environment, std::string os, const Compat& compat)
    : m_environment(environment), m_os(std::move(os)), m_compat(compat) {
    if (!environment.sm) return;
    for (const Arch& gpu : *environment.sm) m_gpus.push_back(gpu.capability());
    std::sort(m_gpus.begin(), m_gpus.end());
    m_gpus.erase(std::unique(m_gpus.begin(), m_gpus.end()), m_gpus.end());
}

GpuSubject make_gpu_subject(const WheelFacts& facts, const CandidateContent* content) {
    GpuSubject subject;
    subject.toolkit = content != nullptr && content->toolkit ? content->toolkit : facts.cuda;
    if (content != nullptr && content->images) {
        subject.images = content->images;
    } else if (!facts.archs.empty()) {
        subject.images = map_items(facts.archs, [](const Arch& arch) { return CandidateImage{arch}; });
    }
    if (content != nullptr) subject.dispatch = content->dispatch;
    return subject;
}

GpuRefusal refuse_by_images(const std::vector<CandidateImage>& images, std::size_t served) {
    GpuRefusal refusal{(images.empty() ? "holds no images" : "holds images for " + list_images(images)) + ", none runs on ", "", ""};
    if (served > 0) refusal.between = " (";
    if (served > 0) refusal.after = served == 1 ? " is served)" : " are served)";
    return refusal;
}

GpuRefusal refuse_by_dispatch(const std::vector<Arch>& dispatch) {
    return {"accepts GPUs of " + join_values(dispatch) + " only, here is ", "", ""};
}

GpuFit GpuJudge::fit(const GpuSubject& subject, JudgedWheel& judged) {
    GpuFit fit;
    if (subject.images) {
        fit = judge_images(*subject.images, subject.toolkit, judged);
    } else if (subject.toolkit) {
        judge_toolkit(*subject.toolkit, judged);
    }
    if (subject.dispatch) judge_dispatch(*subject.dispatch, judged);
    return fit;
}

/// 10.1 of CUDA 12 is the chip that CUDA 13 calls 11.0.
Arch GpuJudge::chip_of(const Arch& arch) const {
    const auto known = m_compat.gpus.find(arch.capability());
    if (known == m_compat.gpus.end() || !known->second.same_as) return arch;
    return {known->second.same_as->major, known->second.same_as->minor, arch.feature};
}

GpuCoverage GpuJudge::cover(const CandidateImage& image, const Arch& gpu) const {
    const Arch arch = chip_of(image.arch), chip = chip_of(gpu);
    if (image.cubin && runs_on(arch, chip, m_compat))
        return arch.capability() == chip.capability() ? GpuCoverage::exact : GpuCoverage::lower_minor;
    // PTX of a portable arch is compiled for any later capability, that of `a` and `f` only where their machine code runs (PTX ISA,
    // .target)
    if (image.ptx && (arch.feature == ArchFeature::portable ? arch <= chip : runs_on(arch, chip, m_compat))) return GpuCoverage::ptx;
    return GpuCoverage::none;
}

GpuCoverage GpuJudge::cover(const std::vector<CandidateImage>& images, const Arch& gpu) const {
    GpuCoverage best = GpuCoverage::none;
    for (const CandidateImage& image : images) best = std::min(best, cover(image, gpu));
    return best;
}

GpuFit GpuJudge::judge_images(const std::vector<CandidateImage>& images, const std::optional<Version>& toolkit, JudgedWheel& judged) const {
    GpuFit fit;
    if (!m_environment.sm) {
        judged.open.push_back({"sm", "holds images for " + list_images(images) + "; the GPU here is not known"});
        return fit;
    }
    fit.image_class = 0;
    std::vector<Arch> served, unserved;
    for (const Arch& gpu : m_gpus) {
        const GpuCoverage best = cover(images, gpu);
        (best == GpuCoverage::none ? unserved : served).push_back(gpu);
        if (best == GpuCoverage::ptx) fit.image_class = 2;
        if (best == GpuCoverage::lower_minor) fit.image_distance = 1;
    }
    if (!unserved.empty()) {
        const GpuRefusal refusal = refuse_by_images(images, served.size());
        judged.misfits.push_back(
            {MisfitCategory::sm, refusal.before + join_values(unserved, " and ") + refusal.between + join_values(served) + refusal.after});
    } else if (fit.image_class == 2) {
        judge_ptx(toolkit, judged);
    }
    return fit;
}

/// The driver compiles PTX of its own CUDA release and of older ones only.
void GpuJudge::judge_ptx(const std::optional<Version>& toolkit, JudgedWheel& judged) const {
    if (!m_environment.driver || !toolkit) {
        judged.open.push_back({"driver", "runs here by its PTX, for which the driver must be as new as the toolkit that made it"});
        return;
    }
    std::optional<DriverVersion> needed;
    for (const auto& [release, floor] : m_compat.drivers.shipped) {
        const auto& driver = m_os == "windows" ? floor.on_windows : floor.on_linux;
        if (toolkit->size() > 1 && release.starts_with(toolkit->prefix(2)) && driver && (!needed || *driver < *needed)) needed = driver;
    }
    const std::string made = "runs here by its PTX of CUDA " + toolkit->prefix(2).to_string();
    if (!needed) {
        judged.open.push_back({"driver", made + ", for which the needed driver is not known"});
    } else if (*m_environment.driver < *needed) {
        judged.misfits.push_back({MisfitCategory::cuda_major,
                                  made + ", which needs driver " + needed->to_string() + ", here is " + m_environment.driver->to_string()});
    }
}

bool GpuJudge::accepts(const std::vector<Arch>& dispatch, const Arch& gpu) const {
    const Arch chip = chip_of(gpu);
    return std::any_of(dispatch.begin(), dispatch.end(), [&](const Arch& arch) { return chip_of(arch).capability() == chip; });
}

void GpuJudge::judge_dispatch(const std::vector<Arch>& dispatch, JudgedWheel& judged) const {
    if (!m_environment.sm) return judged.open.push_back({"sm", "accepts GPUs of " + join_values(dispatch) + "; the GPU here is not known"});
    std::vector<Arch> refused;
    std::copy_if(m_gpus.begin(), m_gpus.end(), std::back_inserter(refused), [&](const Arch& gpu) { return !accepts(dispatch, gpu); });
    if (refused.empty()) return;
    judged.misfits.push_back({MisfitCategory::sm, refuse_by_dispatch(dispatch).before + join_values(refused, " and ")});
}

/// What the toolkit that a name states can compile for each GPU: where nothing, no image inside can run; where only PTX, one must be
/// inside.
void GpuJudge::judge_toolkit(const Version& cuda, JudgedWheel& judged) {
    if (m_gpus.empty()) return;
    const auto [known, is_new] = m_reach.try_emplace(cuda.to_string());
    if (is_new) known->second = map_items(m_gpus, [&](const Arch& gpu) { return reach_of(cuda, gpu); });
    for (std::size_t index = 0; index < m_gpus.size(); ++index) {
        const std::string text = "is named for CUDA " + cuda.to_string() + ", which compiles ";
        const std::string gpu = m_gpus[index].to_string();
        if (known->second[index] == Reach::none) {
            judged.misfits.push_back({MisfitCategory::sm, text + "nothing that runs on " + gpu});
        } else if (known->second[index] == Reach::ptx) {
            judged.open.push_back({"content", text + "no machine code for " + gpu + ": it runs only if there is PTX inside"});
        }
    }
}

GpuJudge::Reach GpuJudge::reach_of(const Version& cuda, const Arch& gpu) const {
    bool is_known = false;
    Reach best = Reach::none;
    for (const auto& [version, toolkit] : m_compat.cuda) {
        if (!version.starts_with(cuda.prefix(2))) continue;
        is_known = true;
        for (const Arch& target : toolkit.targets) {
            const GpuCoverage coverage = cover({target, true}, gpu);
            if (coverage == GpuCoverage::exact || coverage == GpuCoverage::lower_minor) return Reach::machine_code;
            if (coverage == GpuCoverage::ptx) best = Reach::ptx;
        }
    }
    return is_known ? best : Reach::machine_code;
}

}  // namespace sagebuild
