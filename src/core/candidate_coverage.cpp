#include "core/candidate_coverage.hpp"

#include <optional>

#include "core/gpu_fit.hpp"
#include "core/tag_fit.hpp"
#include "core/torch_fit.hpp"

namespace sagebuild {

namespace {

/// An axis says a minor; the newest patch of it is what can be had.
Version newest_patch(const Version& minor) {
    constexpr int beyond_any = 999;
    return Version({minor.part(0), minor.part(1), beyond_any});
}

/// Tags depend on Python and platform, torch and CUDA on each other and the system, images on the GPU: each is judged by itself.
class CandidateMarker {
  public:
    CandidateMarker(const Coverage& axes, const Compat& compat) : m_axes(axes), m_compat(compat) {
        m_marks.resize(axes.torch.size() * axes.cuda.size() * axes.pythons.size() * axes.platforms.size() * axes.gpus.size());
    }

    void add(const WheelCandidate& candidate) {
        const auto name = parse_wheel_name(candidate.name);
        if (!name || !is_torch_known(candidate, m_compat)) return;
        const WheelFacts facts = read_wheel_facts(*name, m_compat);
        for (std::size_t platform = 0; platform < m_axes.platforms.size(); ++platform) {
            const std::vector<std::size_t> pythons = fitting_pythons(*name, platform);
            if (pythons.empty()) continue;
            const std::vector<std::size_t> gpus = fitting_gpus(facts, candidate, platform);
            for (std::size_t torch = 0; torch < m_axes.torch.size() && !gpus.empty(); ++torch) {
                for (std::size_t cuda = 0; cuda < m_axes.cuda.size(); ++cuda) {
                    if (!fits_torch(facts, candidate, torch, cuda, platform)) continue;
                    for (const std::size_t python : pythons) {
                        for (const std::size_t gpu : gpus) {
                            CandidateMark& mark = at(torch, cuda, python, platform, gpu);
                            (facts.torch ? mark.by_row : mark.by_universal) = true;
                        }
                    }
                }
            }
        }
    }

    std::vector<CandidateMark> take() { return std::move(m_marks); }

  private:
    CandidateMark& at(std::size_t torch, std::size_t cuda, std::size_t python, std::size_t platform, std::size_t gpu) {
        const std::size_t pair = torch * m_axes.cuda.size() + cuda;
        return m_marks[((pair * m_axes.pythons.size() + python) * m_axes.platforms.size() + platform) * m_axes.gpus.size() + gpu];
    }

    WheelEnvironment environment_of(std::size_t platform) const {
        WheelEnvironment environment;
        environment.os = m_axes.platforms[platform].os;
        environment.arch = m_axes.platforms[platform].cpu;
        return environment;
    }

    std::vector<std::size_t> fitting_pythons(const WheelName& name, std::size_t platform) const {
        std::vector<std::size_t> fitting;
        for (std::size_t index = 0; index < m_axes.pythons.size(); ++index) {
            WheelEnvironment environment = environment_of(platform);
            environment.python = m_axes.pythons[index].version;
            environment.free_threaded = m_axes.pythons[index].free_threaded;
            if (fit_tags(name, make_tag_environment(environment, m_compat)).misfits.empty()) fitting.push_back(index);
        }
        return fitting;
    }

    bool fits_torch(const WheelFacts& facts, const WheelCandidate& candidate, std::size_t torch, std::size_t cuda,
                    std::size_t platform) const {
        WheelEnvironment environment = environment_of(platform);
        environment.torch = newest_patch(m_axes.torch[torch]);
        environment.torch_cuda = m_axes.cuda[cuda];
        environment.torch_cxx11_abi = m_compat.torch.at(m_axes.torch[torch]).has_cxx11_abi(m_axes.cuda[cuda]);
        JudgedWheel judged;
        TorchJudge(environment, *environment.os, m_compat).fit({facts, candidate.content ? &*candidate.content : nullptr}, judged);
        return judged.fits() && !judged.against_name;
    }

    std::vector<std::size_t> fitting_gpus(const WheelFacts& facts, const WheelCandidate& candidate, std::size_t platform) const {
        std::vector<std::size_t> fitting;
        for (std::size_t index = 0; index < m_axes.gpus.size(); ++index) {
            WheelEnvironment environment = environment_of(platform);
            environment.sm = {m_axes.gpus[index].arch};
            JudgedWheel judged;
            GpuJudge(environment, *environment.os, m_compat)
                .fit(make_gpu_subject(facts, candidate.content ? &*candidate.content : nullptr), judged);
            if (judged.fits()) fitting.push_back(index);
        }
        return fitting;
    }

    const Coverage& m_axes;
    const Compat& m_compat;
    std::vector<CandidateMark> m_marks;
};

}  // namespace

bool is_torch_known(const WheelCandidate& candidate, const Compat& compat) {
    const auto name = parse_wheel_name(candidate.name);
    if (!name) return false;
    const auto is_only = [](const std::vector<std::string>& tags, const char* tag) { return tags.size() == 1 && tags.front() == tag; };
    const bool is_pure = is_only(name->abis, "none") && is_only(name->platforms, "any");
    return is_pure || (candidate.content && candidate.content->any_torch) || read_wheel_facts(*name, compat).torch;
}

std::vector<CandidateMark> mark_candidates(const Coverage& axes, const std::vector<WheelCandidate>& candidates, const Compat& compat) {
    CandidateMarker marker(axes, compat);
    for (const WheelCandidate& candidate : candidates) marker.add(candidate);
    return marker.take();
}

}  // namespace sagebuild
