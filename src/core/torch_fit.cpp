#include "core/torch_fit.hpp"

#include <cstdlib>

namespace sagebuild {

namespace {

std::string minor_text(const Version& version) {
    return version.prefix(2).to_string();
}

std::string abi_text(bool is_new) {
    return is_new ? "new" : "old";
}

std::string backend_text(const std::string& backend) {
    if (backend == "rocm") return "ROCm";
    if (backend == "musa") return "MUSA";
    return "the CPU";
}

}  // namespace

std::vector<TorchPart> torch_parts(const TorchSubject& subject) {
    if (!subject.facts.backend.empty() && subject.facts.backend != "cuda") return {TorchPart::torch, TorchPart::backend};
    const bool is_free = subject.content != nullptr && subject.content->any_torch;
    std::vector<TorchPart> parts =
        is_free ? std::vector{TorchPart::free_binding} : std::vector{TorchPart::torch, TorchPart::cuda, TorchPart::cxx11_abi};
    if (subject.toolkit()) parts.push_back(TorchPart::driver);
    return parts;
}

TorchFit TorchJudge::fit(const TorchSubject& subject, JudgedWheel& judged) const {
    TorchFit fit;
    for (const TorchPart part : torch_parts(subject)) judge(part, subject, judged, fit);
    return fit;
}

void TorchJudge::judge(TorchPart part, const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const {
    switch (part) {
        case TorchPart::torch:
            return judge_torch(subject, judged, fit);
        case TorchPart::cuda:
            return judge_cuda(subject, judged, fit);
        case TorchPart::cxx11_abi:
            return judge_cxx11_abi(subject.facts, judged, fit);
        case TorchPart::backend:
            return judge_backend(subject.facts, judged);
        case TorchPart::free_binding:
            return judge_free_binding(subject.facts, subject.content->minimum_torch, judged, fit);
        case TorchPart::driver:
            return judge_driver(subject.toolkit()->part(0), judged);
    }
}

/// An extension is compiled against the headers of one torch minor, whose C++ interface no other minor keeps; the stable ABI is kept by
/// later ones.
void TorchJudge::judge_torch(const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const {
    const WheelFacts& facts = subject.facts;
    fit.torch_distance = 1;
    const auto& here = m_environment.torch;
    if (facts.is_container) {
        const std::string named = "is named for the torch of NVIDIA's container " + facts.torch_text;
        if (!here) return judged.open.push_back({"torch", named + "; torch here is not known"});
        return judged.misfits.push_back({MisfitCategory::torch_minor, named + ", here is " + here->to_string()});
    }
    if (!facts.torch) {
        if (!subject.is_silent) judged.open.push_back({"content", "does not say in its name which torch it is for"});
        return;
    }
    const std::string later = facts.torch_or_later ? " and later" : "";
    const std::string named = "is named for torch " + (facts.torch_or_later ? facts.torch_text : minor_text(*facts.torch)) + later;
    if (!here) return judged.open.push_back({"torch", named + "; torch here is not known"});
    const bool same_minor = facts.torch->prefix(2) == here->prefix(2);
    if (facts.torch_or_later ? *here < *facts.torch : !same_minor) {
        fit.torch_minors_apart = facts.torch->part(0) == here->part(0) ? std::abs(facts.torch->part(1) - here->part(1))
                                                                       : 50 + std::abs(facts.torch->part(0) - here->part(0));
        judged.misfits.push_back({MisfitCategory::torch_minor,
                                  named + ", here is " + (same_minor || facts.torch_or_later ? here->to_string() : minor_text(*here))});
        return;
    }
    if (!same_minor || (facts.torch->size() > 2 && *facts.torch != *here)) fit.torch_distance = 2;
    if (facts.torch->size() > 2 && *facts.torch == *here) fit.torch_distance = 0;
}

/// Libraries of one CUDA major are kept compatible, those of two are not; torch loads those that it was built with.
void TorchJudge::judge_cuda(const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const {
    const auto& named = subject.facts.cuda;
    fit.cuda_distance = 1;
    if (!named) return;
    const std::string text = "is named for CUDA " + named->to_string();
    if (m_environment.torch_is_cpu)
        return judged.misfits.push_back({MisfitCategory::cuda_major, text + ", torch here is built without CUDA"});
    const auto& here = m_environment.torch_cuda;
    if (!here) return judged.open.push_back({"torch_cuda", text + "; the CUDA of torch here is not known"});
    if (here->part(0) != named->part(0)) {
        judged.misfits.push_back({MisfitCategory::cuda_major, text + ", torch here is built with CUDA " + minor_text(*here)});
        return;
    }
    if (named->size() < 2) return;
    constexpr int behind_lower_minors = 100;
    const int apart = named->part(1) - here->part(1);
    fit.cuda_distance = apart == 0 ? 0 : apart < 0 ? 1 - apart : behind_lower_minors + apart;
}

/// libstdc++ has two ABIs (GCC manual, «Dual ABI»); Microsoft's library has one, whatever the name says.
void TorchJudge::judge_cxx11_abi(const WheelFacts& facts, JudgedWheel& judged, TorchFit& fit) const {
    if (!facts.cxx11_abi || facts.torch_or_later || m_os == "windows") return;
    const std::string text = "is named for the " + abi_text(*facts.cxx11_abi) + " C++ ABI";
    if (m_environment.torch_cxx11_abi) {
        if (*m_environment.torch_cxx11_abi == *facts.cxx11_abi) return;
        judged.misfits.push_back({MisfitCategory::abi, text + ", torch here has the " + abi_text(*m_environment.torch_cxx11_abi) + " one"});
        return;
    }
    std::string question = text + "; that of torch here is not known";
    const TorchRelease* release = m_environment.torch ? m_compat.find_torch(*m_environment.torch) : nullptr;
    if (release != nullptr && m_environment.torch_cuda) {
        if (const auto official = release->has_cxx11_abi(m_environment.torch_cuda->prefix(2))) {
            question += ", official wheels of torch " + minor_text(*m_environment.torch) + " have the " + abi_text(*official) + " one";
            fit.cxx11_distance = *official == *facts.cxx11_abi ? 0 : 1;
        }
    }
    judged.open.push_back({"torch_cxx11_abi", std::move(question)});
}

void TorchJudge::judge_backend(const WheelFacts& facts, JudgedWheel& judged) const {
    const std::string text = "is built for " + backend_text(facts.backend);
    const bool has_gpu = m_environment.driver || (m_environment.sm && !m_environment.sm->empty());
    if (facts.backend == "cpu" && (m_environment.torch_is_cpu || (!m_environment.torch_cuda && !has_gpu))) return;
    if (m_environment.torch_is_cpu) return judged.misfits.push_back({MisfitCategory::cuda_major, text + ", torch here for the CPU"});
    if (m_environment.torch_cuda) {
        judged.misfits.push_back({MisfitCategory::cuda_major, text + ", torch here for CUDA " + minor_text(*m_environment.torch_cuda)});
    } else if (has_gpu) {
        judged.misfits.push_back({MisfitCategory::cuda_major, text + ", here is a GPU of NVIDIA"});
    } else {
        judged.open.push_back({"torch_cuda", text + "; what torch here is built for is not known"});
    }
}

/// The binding of our wheels looks torch up at load time and knows no ABI: they work with any torch, also a row's wheel, whose name and
/// METADATA say one.
void TorchJudge::judge_free_binding(const WheelFacts& facts, const std::optional<Version>& minimum, JudgedWheel& judged,
                                    TorchFit& fit) const {
    fit.torch_distance = 1;
    fit.cuda_distance = 1;
    if (minimum && !m_environment.torch) {
        judged.open.push_back({"torch", "needs torch " + minimum->to_string() + " or later; torch here is not known"});
    } else if (minimum && *m_environment.torch < *minimum) {
        judged.misfits.push_back({MisfitCategory::torch_minor,
                                  "needs torch " + minimum->to_string() + " or later, here is " + m_environment.torch->to_string()});
    }
    if (m_environment.torch_is_cpu) {
        judged.misfits.push_back({MisfitCategory::cuda_major, "computes on GPUs, torch here is built without CUDA"});
        return;
    }
    if (facts.torch && m_environment.torch && facts.torch->prefix(2) != m_environment.torch->prefix(2)) {
        judged.against_name = true;
        judged.named_for = "torch " + minor_text(*facts.torch);
    } else if (facts.torch && m_environment.torch) {
        fit.torch_distance = *facts.torch == *m_environment.torch ? 0 : 2;
    }
    if (!facts.cuda || !m_environment.torch_cuda) return;
    if (facts.cuda->part(0) != m_environment.torch_cuda->part(0)) {
        judged.against_name = true;
        judged.named_for += (judged.named_for.empty() ? "CUDA " : " and CUDA ") + facts.cuda->to_string();
    } else if (facts.cuda->prefix(2) == m_environment.torch_cuda->prefix(2)) {
        fit.cuda_distance = 0;
    } else {
        fit.cuda_distance = 1 + std::abs(facts.cuda->part(1) - m_environment.torch_cuda->part(1));
    }
}

/// A program of any toolkit of a CUDA major runs from one driver on (CUDA Compatibility, «Minor version compatibility»).
void TorchJudge::judge_driver(int cuda_major, JudgedWheel& judged) const {
    const bool has_no_gpu = m_environment.sm && m_environment.sm->empty();
    const std::string cuda = "CUDA " + std::to_string(cuda_major);
    const auto known = m_compat.drivers.minimum.find(cuda_major);
    const auto floor = known == m_compat.drivers.minimum.end() ? std::nullopt
                       : m_os == "windows"                     ? known->second.on_windows
                                                               : known->second.on_linux;
    if (!m_environment.driver) {
        if (has_no_gpu) return;
        judged.open.push_back(
            {"driver", "needs driver " + (floor ? floor->to_string() : "of " + cuda) + " or newer; the one here is not known"});
    } else if (!floor) {
        judged.open.push_back({"driver", "needs a driver for " + cuda + ", of which no minimum is known here"});
    } else if (*m_environment.driver < *floor) {
        judged.misfits.push_back({MisfitCategory::cuda_major, "needs driver " + floor->to_string() + " or newer for " + cuda +
                                                                  ", here is " + m_environment.driver->to_string()});
    }
}

}  // namespace sagebuild
