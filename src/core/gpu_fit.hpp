#pragma once

#include <map>
#include <string>

#include "core/wheel_selection.hpp"

namespace sagebuild {

struct GpuFit {
    int image_class = 1;     ///< 0 machine code, 1 not known, 2 PTX only
    int image_distance = 0;  ///< 1: machine code of a lower minor
};

/// Judges device images and GPUs; rules and sources in docs/select.md.
class GpuJudge {
  public:
    GpuJudge(const WheelEnvironment& environment, std::string os, const Compat& compat);

    /// Adds misfits and open questions to `judged`. `content` outranks what the name says.
    GpuFit fit(const WheelFacts& facts, const CandidateContent* content, JudgedWheel& judged);

  private:
    enum class Reach { machine_code, ptx, none };
    enum class Coverage { exact, lower_minor, ptx, none };

    Arch chip_of(const Arch& arch) const;
    Coverage cover(const CandidateImage& image, const Arch& gpu) const;
    GpuFit judge_images(const std::vector<CandidateImage>& images, const std::optional<Version>& toolkit, JudgedWheel& judged) const;
    void judge_ptx(const std::optional<Version>& toolkit, JudgedWheel& judged) const;
    void judge_dispatch(const std::vector<Arch>& dispatch, JudgedWheel& judged) const;
    void judge_toolkit(const Version& cuda, JudgedWheel& judged);
    Reach reach_of(const Version& cuda, const Arch& gpu) const;

    const WheelEnvironment& m_environment;
    std::string m_os;
    const Compat& m_compat;
    std::vector<Arch> m_gpus;                           ///< chips, each once
    std::map<std::string, std::vector<Reach>> m_reach;  ///< of each GPU, by CUDA as names say it (`12` and `12.0` differ)
};

}  // namespace sagebuild
