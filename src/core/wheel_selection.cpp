#include "core/wheel_selection.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/gpu_fit.hpp"
#include "core/python_version_order.hpp"
#include "core/tag_fit.hpp"
#include "core/text_list.hpp"
#include "core/torch_fit.hpp"

namespace sagebuild {

namespace {

/// A candidate with all that its order depends on; ranks of versions come when all are read.
struct Work {
    JudgedWheel judged;
    std::optional<WheelName> name;
    std::string project;
    PythonVersionOrder version;
    std::pair<long, std::string> build;
    int miss_distance = 0;
};

/// Build tags are ordered by their leading number, then by the rest (binary distribution format, PyPA); no tag comes first.
std::pair<long, std::string> build_key(const std::string& build) {
    long number = -1;
    const auto [rest, error] = std::from_chars(build.data(), build.data() + build.size(), number);
    return {error == std::errc() ? number : -1, std::string(rest, build.data() + build.size())};
}

class Judge {
  public:
    Judge(const std::vector<WheelCandidate>& candidates, const WheelEnvironment& environment, std::string_view project,
          const Compat& compat)
        : m_candidates(candidates),
          m_environment(environment),
          m_project(normalise_project(project)),
          m_compat(compat),
          m_tags(make_tag_environment(environment, compat)),
          m_torch(environment, m_tags.os, compat),
          m_gpus(environment, m_tags.os, compat) {}

    /// What the name says in every environment.
    Work read(std::size_t index) const {
        Work work;
        work.judged.candidate = index;
        const WheelCandidate& candidate = m_candidates[index];
        auto name = parse_wheel_name(candidate.name);
        if (!name) {
            const Diagnostic& error = name.errors().front();
            work.judged.misfits.push_back(
                {MisfitCategory::unparseable,
                 "is not a wheel file name: " + join_texts(error.notes, ", ", [](const std::string& note) { return note; })});
            return work;
        }
        work.name = std::move(name).value();
        work.project = normalise_project(work.name->distribution);
        work.version = parse_python_version(work.name->version).value_or(PythonVersionOrder());
        work.build = build_key(work.name->build);
        if (auto misfit = judge_project(work)) {
            work.judged.misfits.push_back(std::move(*misfit));
        } else {
            work.judged.rank.pre_release = work.version.is_pre_release();
        }
        return work;
    }

    Work judge(std::size_t index) {
        Work work = read(index);
        if (work.judged.fits()) judge_content(m_candidates[index], work);
        return work;
    }

  private:
    std::optional<Misfit> judge_project(const Work& work) const {
        if (!m_project.empty() && work.project != m_project) {
            return Misfit{MisfitCategory::name, "is `" + work.project + "`, wanted is `" + m_project + "`"};
        }
        for (const ForeignModule& entry : m_compat.naming.modules) {
            if (entry.project != work.project) continue;
            const auto from = parse_python_version(entry.from.to_string());
            if (from && work.version.compare_public(*from) >= 0) {
                return Misfit{MisfitCategory::name, "holds the package `" + entry.module + "`, not that of `" + work.project + "`"};
            }
        }
        return std::nullopt;
    }

    void judge_content(const WheelCandidate& candidate, Work& work) {
        JudgedWheel& judged = work.judged;
        TagFit tags = fit_tags(*work.name, m_tags);
        judged.misfits = std::move(tags.misfits);
        judged.open = std::move(tags.open);
        if (auto misfit = refuse_python(candidate.requires_python, m_environment)) judged.misfits.push_back(std::move(*misfit));
        const WheelFacts facts = read_wheel_facts(*work.name, m_compat);
        const CandidateContent* content = candidate.content ? &*candidate.content : nullptr;
        const TorchFit torch = m_torch.fit({facts, content, tags.is_pure || work.project == "torch"}, judged);
        const GpuFit gpu = m_gpus.fit(make_gpu_subject(facts, content), judged);
        work.miss_distance = torch.torch_minors_apart * 100 + tags.python_distance;
        judged.rank.last_resort = judged.against_name || candidate.yanked;
        judged.rank.open_questions = judged.open.size();
        judged.rank.image_class = gpu.image_class;
        judged.rank.torch_distance = torch.torch_distance;
        judged.rank.cuda_distance = torch.cuda_distance;
        judged.rank.cxx11_distance = torch.cxx11_distance;
        judged.rank.image_distance = gpu.image_distance;
        judged.rank.tag_rank = tags.rank;
    }

    const std::vector<WheelCandidate>& m_candidates;
    const WheelEnvironment& m_environment;
    std::string m_project;
    const Compat& m_compat;
    TagEnvironment m_tags;
    TorchJudge m_torch;
    GpuJudge m_gpus;
};

/// Gives each item the place of its key among all keys, the greatest first.
template <typename Key, typename Less, typename Store>
void rank_by(std::vector<Work>& works, Key key, Less less, Store store) {
    std::vector<std::size_t> order;
    for (std::size_t index = 0; index < works.size(); ++index) {
        if (works[index].name) order.push_back(index);
    }
    const auto after = [&](std::size_t left, std::size_t right) { return less(key(works[right]), key(works[left])); };
    std::sort(order.begin(), order.end(), after);
    std::size_t rank = 0;
    for (std::size_t place = 0; place < order.size(); ++place) {
        if (place > 0 && after(order[place - 1], order[place])) ++rank;
        store(works[order[place]].judged.rank, rank);
    }
}

void rank_names(std::vector<Work>& works) {
    rank_by(
        works, [](const Work& work) -> const PythonVersionOrder& { return work.version; },
        [](const PythonVersionOrder& left, const PythonVersionOrder& right) { return left.compare_public(right) < 0; },
        [](FitRank& rank, std::size_t place) { rank.version_rank = place; });
    rank_by(
        works, [](const Work& work) -> const PythonVersionOrder& { return work.version; },
        [](const PythonVersionOrder& left, const PythonVersionOrder& right) { return left.compare_local(right) < 0; },
        [](FitRank& rank, std::size_t place) { rank.local_rank = place; });
    rank_by(
        works, [](const Work& work) -> const std::pair<long, std::string>& { return work.build; },
        [](const auto& left, const auto& right) { return left < right; },
        [](FitRank& rank, std::size_t place) { rank.build_rank = place; });
}

/// Another project and unreadable names come last however close they look; then fewer reasons, then those of nearer kinds.
auto miss_key(const Work& work) {
    MisfitCategory worst = MisfitCategory::torch_minor;
    for (const Misfit& misfit : work.judged.misfits) worst = std::max(worst, misfit.category);
    const int other = worst == MisfitCategory::name ? 2 : worst == MisfitCategory::unparseable ? 1 : 0;
    return std::tuple(other, work.judged.misfits.size(), worst, work.miss_distance);
}

}  // namespace

std::string_view category_name(MisfitCategory category) {
    switch (category) {
        case MisfitCategory::torch_minor:
            return "torch-minor";
        case MisfitCategory::cuda_major:
            return "cuda-major";
        case MisfitCategory::abi:
            return "abi";
        case MisfitCategory::python:
            return "python";
        case MisfitCategory::sm:
            return "sm";
        case MisfitCategory::platform:
            return "platform";
        case MisfitCategory::unparseable:
            return "unparseable";
        case MisfitCategory::name:
            return "name";
    }
    return "";
}

std::vector<JudgedWheel> judge_names(const std::vector<WheelCandidate>& candidates, const Compat& compat) {
    const WheelEnvironment anywhere;
    const Judge judge(candidates, anywhere, "", compat);
    std::vector<Work> works;
    works.reserve(candidates.size());
    for (std::size_t index = 0; index < candidates.size(); ++index) works.push_back(judge.read(index));
    rank_names(works);
    std::vector<JudgedWheel> judged;
    judged.reserve(works.size());
    for (Work& work : works) judged.push_back(std::move(work.judged));
    return judged;
}

WheelSelection select_wheels(const std::vector<WheelCandidate>& candidates, const WheelEnvironment& environment, std::string_view project,
                             const Compat& compat) {
    Judge judge(candidates, environment, project, compat);
    std::vector<Work> works;
    works.reserve(candidates.size());
    for (std::size_t index = 0; index < candidates.size(); ++index) works.push_back(judge.judge(index));
    rank_names(works);

    std::vector<Work*> acceptable, rejected;
    for (Work& work : works) (work.judged.fits() ? acceptable : rejected).push_back(&work);
    const auto name_of = [&](const Work* work) -> const std::string& { return candidates[work->judged.candidate].name; };
    std::sort(acceptable.begin(), acceptable.end(), [&](const Work* left, const Work* right) {
        return std::tie(left->judged.rank, name_of(left), left->judged.candidate) <
               std::tie(right->judged.rank, name_of(right), right->judged.candidate);
    });
    std::sort(rejected.begin(), rejected.end(), [&](const Work* left, const Work* right) {
        const auto left_key = miss_key(*left), right_key = miss_key(*right);
        return std::tie(left_key, left->judged.rank, name_of(left), left->judged.candidate) <
               std::tie(right_key, right->judged.rank, name_of(right), right->judged.candidate);
    });

    WheelSelection selection;
    std::set<std::string> projects;
    for (Work* work : acceptable) {
        projects.insert(work->project);
        selection.acceptable.push_back(std::move(work->judged));
    }
    selection.projects.assign(projects.begin(), projects.end());
    for (Work* work : rejected) selection.rejected.push_back(std::move(work->judged));
    return selection;
}

}  // namespace sagebuild
