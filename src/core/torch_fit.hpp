#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/wheel_selection.hpp"

namespace sagebuild {

/// What of a wheel decides about torch, CUDA and the driver.
struct TorchSubject {
    const WheelFacts& facts;
    const CandidateContent* content = nullptr;
    bool is_silent = false;  ///< a name that says nothing of torch is no question: no machine code, or torch itself

    /// CUDA release of the images, else the one that the name says.
    const std::optional<Version>& toolkit() const { return content != nullptr && content->toolkit ? content->toolkit : facts.cuda; }
};

/// What is judged apart; each looks at some facts of the environment only.
enum class TorchPart {
    torch,         ///< at `torch`
    cuda,          ///< at `torch_cuda`
    cxx11_abi,     ///< at `torch_cxx11_abi`, the system, and for its question at `torch` and `torch_cuda`
    backend,       ///< at `torch_cuda`, and whether there are a driver and GPUs
    free_binding,  ///< at `torch` and `torch_cuda`
    driver,        ///< at `driver`, the system, and whether there are GPUs
};

/// Those that count for a wheel, in the order in which their reasons are told.
std::vector<TorchPart> torch_parts(const TorchSubject& subject);

struct TorchFit {
    int torch_distance = 0;  ///< 0 this patch, 1 this minor or any, 2 another patch or an older stable ABI
    int cuda_distance = 0;   ///< 0 this minor, 1 the major or any, then minors apart, higher ones behind all lower ones
    int cxx11_distance = 0;
    int torch_minors_apart = 0;  ///< of a misfit
};

/// Judges torch, CUDA, driver and C++ ABI; rules and sources in docs/select.md.
class TorchJudge {
  public:
    TorchJudge(const WheelEnvironment& environment, std::string os, const Compat& compat)
        : m_environment(environment), m_os(std::move(os)), m_compat(compat) {}

    /// Adds misfits and open questions to `judged`.
    TorchFit fit(const TorchSubject& subject, JudgedWheel& judged) const;
    void judge(TorchPart part, const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const;

  private:
    void judge_torch(const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const;
    void judge_cuda(const TorchSubject& subject, JudgedWheel& judged, TorchFit& fit) const;
    void judge_cxx11_abi(const WheelFacts& facts, JudgedWheel& judged, TorchFit& fit) const;
    void judge_backend(const WheelFacts& facts, JudgedWheel& judged) const;
    void judge_free_binding(const WheelFacts& facts, const std::optional<Version>& minimum, JudgedWheel& judged, TorchFit& fit) const;
    void judge_driver(int cuda_major, JudgedWheel& judged) const;

    const WheelEnvironment& m_environment;
    std::string m_os;
    const Compat& m_compat;
};

}  // namespace sagebuild
