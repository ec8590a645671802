#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/wheel_selection.hpp"

namespace sagebuild {

struct GpuFit {
    int image_class = 1;     ///< 0 machine code, 1 not known, 2 PTX only
    int image_distance = 0;  ///< 1: machine code of a lower minor
};

/// What of a wheel decides about GPUs; the content outranks the name.
struct GpuSubject {
    std::optional<std::vector<CandidateImage>> images;
    std::optional<Version> toolkit;  ///< that made the images, or that the name says
    std::optional<std::vector<Arch>> dispatch;
};

GpuSubject make_gpu_subject(const WheelFacts& facts, const CandidateContent* content);

/// How images serve one GPU, the best first.
enum class GpuCoverage { exact, lower_minor, ptx, none };

/// Why GPUs are refused: `before`, the refused ones joined by ` and `, `between`, the served ones joined by commas, `after`.
struct GpuRefusal {
    std::string before, between, after;
};

/// @param served of the GPUs; their number decides the words
GpuRefusal refuse_by_images(const std::vector<CandidateImage>& images, std::size_t served);
GpuRefusal refuse_by_dispatch(const std::vector<Arch>& dispatch);

/// Judges device images and GPUs; rules and sources in docs/select.md.
class GpuJudge {
  public:
    GpuJudge(const WheelEnvironment& environment, std::string os, const Compat& compat);

    /// Adds misfits and open questions to `judged`.
    GpuFit fit(const GpuSubject& subject, JudgedWheel& judged);

    // the parts of that, for those who tabulate them
    GpuCoverage cover(const std::vector<CandidateImage>& images, const Arch& gpu) const;
    bool accepts(const std::vector<Arch>& dispatch, const Arch& gpu) const;
    GpuFit judge_images(const std::vector<CandidateImage>& images, const std::optional<Version>& toolkit, JudgedWheel& judged) const;
    void judge_ptx(const std::optional<Version>& toolkit, JudgedWheel& judged) const;  ///< looks at `driver` and the system
    void judge_dispatch(const std::vector<Arch>& dispatch, JudgedWheel& judged) const;
    void judge_toolkit(const Version& cuda, JudgedWheel& judged);  ///< each GPU by itself

  private:
    enum class Reach { machine_code, ptx, none };

    Arch chip_of(const Arch& arch) const;
    GpuCoverage cover(const CandidateImage& image, const Arch& gpu) const;
    Reach reach_of(const Version& cuda, const Arch& gpu) const;

    const WheelEnvironment& m_environment;
    std::string m_os;
    const Compat& m_compat;
    std::vector<Arch> m_gpus;                           ///< chips, each once
    std::map<std::string, std::vector<Reach>> m_reach;  ///< of each GPU, by CUDA as names say it (`12` and `12.0` differ)
};

}  // namespace sagebuild
