#include "core/finder_table.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "core/tag_fit.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

/// Gives equal items one number.
template <typename Item>
class Numbers {
  public:
    explicit Numbers(std::vector<Item>& items) : m_items(items) {}

    std::size_t of(Item item) {
        const auto [known, is_new] = m_known.try_emplace(item, m_items.size());
        if (is_new) m_items.push_back(std::move(item));
        return known->second;
    }

  private:
    std::vector<Item>& m_items;
    std::map<Item, std::size_t> m_known;
};

/// The texts of the judges end with the value here where they depend on it, and it is one of many in a state: that becomes a place to fill.
FinderText make_text(const std::string& text, const WheelEnvironment& here) {
    const auto ends_with = [&](const std::string& value) { return text.ends_with(", here is " + value); };
    const auto cut = [&](const std::string& value, std::string_view fact) {
        return FinderText{text.substr(0, text.size() - value.size()), fact, ""};
    };
    if (here.torch && ends_with(here.torch->to_string())) return cut(here.torch->to_string(), "torch");
    if (here.driver && ends_with(here.driver->to_string())) return cut(here.driver->to_string(), "driver");
    if (here.glibc && ends_with(here.glibc->prefix(2).to_string())) return cut(here.glibc->prefix(2).to_string(), "glibc");
    if (here.arch == other_machine && ends_with(*here.arch)) return cut(*here.arch, "arch");
    return {text, "", ""};
}

class Tabulator {
  public:
    Tabulator(FinderTable& table, const Compat& compat)
        : m_table(table), m_compat(compat), m_texts(table.texts), m_verdicts(table.verdicts), m_profiles(table.profiles) {}

    void add(const FinderSubject& subject, const std::string& yanked_reason, const JudgedWheel& anywhere, std::size_t project) {
        FinderWheel entry{subject.wheel, project, std::nullopt, std::nullopt, anywhere.rank, yanked_reason};
        entry.rank.last_resort = subject.wheel.yanked;
        const bool holds_everywhere = std::any_of(anywhere.misfits.begin(), anywhere.misfits.end(), [](const Misfit& misfit) {
            return misfit.category == MisfitCategory::unparseable || misfit.category == MisfitCategory::name;
        });
        if (holds_everywhere || !subject.name) {
            entry.refusal = number_of(anywhere, {}, {});
        } else {
            entry.profile = m_profiles.of(make_profile(subject));
        }
        m_table.wheels.push_back(std::move(entry));
    }

  private:
    FinderProfile make_profile(const FinderSubject& subject) {
        const WheelName& name = *subject.name;
        const WheelCandidate& wheel = subject.wheel;
        const WheelFacts& facts = subject.facts;
        FinderProfile profile;
        for (const std::string& platform : name.platforms) {
            const std::size_t platform_part = part_of_platform(platform);
            const bool any_platform = is_any_platform(platform);
            for (const std::string& python : name.pythons) {
                for (const std::string& abi : name.abis) {
                    profile.tags.push_back({part_of_python(python, abi, any_platform), platform_part, is_pure_tag(abi, platform)});
                }
            }
        }
        if (!wheel.requires_python.empty()) profile.python = part_of_requirement(wheel.requires_python);
        const CandidateContent* content = wheel.content ? &*wheel.content : nullptr;
        const bool is_torch = subject.project == "torch";
        profile.parts = parts_of_torch({facts, content, is_torch});
        profile.pure_parts = parts_of_torch({facts, content, true});
        const GpuSubject gpus = make_gpu_subject(facts, content);
        if (gpus.images) {
            profile.gpu_parts.push_back(part_of_images(*gpus.images, gpus.toolkit));
        } else if (gpus.toolkit) {
            profile.toolkit = part_of_toolkit(*gpus.toolkit);
        }
        if (gpus.dispatch) profile.gpu_parts.push_back(part_of_dispatch(*gpus.dispatch));
        return profile;
    }

    std::size_t number_of(const JudgedWheel& judged, const WheelEnvironment& here, std::vector<int> numbers) {
        FinderVerdict verdict;
        for (const Misfit& misfit : judged.misfits) verdict.misfits.push_back({misfit.category, m_texts.of(make_text(misfit.text, here))});
        for (const OpenQuestion& question : judged.open)
            verdict.open.push_back({question.depends_on, m_texts.of(make_text(question.text, here))});
        verdict.numbers = std::move(numbers);
        if (judged.against_name) verdict.named_for = m_texts.of({judged.named_for, "", ""});
        return m_verdicts.of(std::move(verdict));
    }

    /// The verdicts of `judge(environment, judged)`, which returns the numbers, in all states; one part for all subjects that spell alike.
    template <typename Judge>
    std::size_t tabulate(FinderPartKind kind, const std::string& subject, Judge judge) {
        const auto [known, is_new] = m_parts.try_emplace({kind, subject}, m_table.parts.size());
        if (!is_new) return known->second;
        const std::vector<FinderAxis> axes = part_axes(kind, m_table.axes);
        FinderPart part{kind, {}};
        std::vector<std::size_t> states(axes.size());
        for (std::size_t axis = axes.size(); axis > 0;) {
            WheelEnvironment here;
            for (std::size_t index = 0; index < axes.size(); ++index) axes[index].set(here, states[index]);
            JudgedWheel judged;
            std::vector<int> numbers = judge(std::as_const(here), judged);
            part.verdicts.push_back(number_of(judged, here, std::move(numbers)));
            for (axis = axes.size(); axis > 0 && ++states[axis - 1] == axes[axis - 1].size; --axis) states[axis - 1] = 0;
        }
        m_table.parts.push_back(std::move(part));
        return known->second;
    }

    static std::vector<int> store(TagPart part, JudgedWheel& judged) {
        if (part.misfit) judged.misfits.push_back(std::move(*part.misfit));
        judged.open = std::move(part.open);
        return {part.rank, part.distance};
    }

    std::size_t part_of_python(const std::string& tag, const std::string& abi, bool any_platform) {
        return tabulate(
            FinderPartKind::python_tag, tag + "-" + abi + (any_platform ? "-any" : ""),
            [&](const WheelEnvironment& here, JudgedWheel& judged) { return store(fit_python_tag(tag, abi, any_platform, here), judged); });
    }

    std::size_t part_of_platform(const std::string& tag) {
        return tabulate(FinderPartKind::platform_tag, tag, [&](const WheelEnvironment& here, JudgedWheel& judged) {
            return store(fit_platform_tag(tag, make_tag_environment(here, m_compat)), judged);
        });
    }

    std::size_t part_of_requirement(const std::string& requires_python) {
        return tabulate(FinderPartKind::requires_python, requires_python, [&](const WheelEnvironment& here, JudgedWheel& judged) {
            if (auto misfit = refuse_python(requires_python, here)) judged.misfits.push_back(std::move(*misfit));
            return std::vector<int>();
        });
    }

    /// All of a subject that a part looks at.
    static std::string spell(TorchPart part, const TorchSubject& subject) {
        const WheelFacts& facts = subject.facts;
        const auto text = [](const std::optional<Version>& version) { return version ? version->to_string() : "-"; };
        switch (part) {
            case TorchPart::torch:
                return text(facts.torch) + " " + facts.torch_text + (facts.torch_or_later ? " later" : "") +
                       (facts.is_container ? " container" : "") + (subject.is_silent ? " silent" : "");
            case TorchPart::cuda:
                return text(facts.cuda);
            case TorchPart::cxx11_abi:
                return facts.torch_or_later || !facts.cxx11_abi ? "" : *facts.cxx11_abi ? "new" : "old";
            case TorchPart::backend:
                return facts.backend;
            case TorchPart::free_binding:
                return text(facts.torch) + " " + text(facts.cuda) + " " + text(subject.content->minimum_torch);
            case TorchPart::driver:
                return std::to_string(subject.toolkit()->part(0));
        }
        return "";
    }

    static FinderPartKind kind_of(TorchPart part) {
        switch (part) {
            case TorchPart::torch:
                return FinderPartKind::torch;
            case TorchPart::cuda:
                return FinderPartKind::cuda;
            case TorchPart::cxx11_abi:
                return FinderPartKind::cxx11_abi;
            case TorchPart::backend:
                return FinderPartKind::backend;
            case TorchPart::free_binding:
                return FinderPartKind::free_binding;
            case TorchPart::driver:
                break;
        }
        return FinderPartKind::driver;
    }

    std::vector<std::size_t> parts_of_torch(const TorchSubject& subject) {
        std::vector<std::size_t> parts;
        for (const TorchPart part : torch_parts(subject)) {
            parts.push_back(tabulate(kind_of(part), spell(part, subject), [&](const WheelEnvironment& here, JudgedWheel& judged) {
                TorchFit fit;
                TorchJudge(here, here.os.value_or(""), m_compat).judge(part, subject, judged, fit);
                return std::vector<int>{fit.torch_distance, fit.cuda_distance, fit.cxx11_distance, fit.torch_minors_apart};
            }));
        }
        return parts;
    }

    /// What a judge of GPUs says where the GPU is not known.
    template <typename Judge>
    std::size_t without_gpu(Judge judge) {
        const WheelEnvironment nothing;
        GpuJudge judges(nothing, "", m_compat);
        JudgedWheel judged;
        judge(judges, judged);
        return number_of(judged, nothing, {});
    }

    template <typename Cover>
    std::vector<GpuCoverage> cover_all(Cover cover) {
        const WheelEnvironment nothing;
        const GpuJudge judge(nothing, "", m_compat);
        return map_items(m_table.axes.gpus, [&](const Arch& gpu) { return cover(judge, gpu); });
    }

    std::size_t part_of_images(const std::vector<CandidateImage>& images, const std::optional<Version>& toolkit) {
        const GpuRefusal none = refuse_by_images(images, 0);
        const std::string release = toolkit ? toolkit->prefix(2).to_string() : "";
        const auto [known, is_new] = m_gpu_parts.try_emplace({none.before, release}, m_table.gpu_parts.size());
        if (!is_new) return known->second;
        FinderGpuPart part;
        part.unknown = without_gpu([&](GpuJudge& judge, JudgedWheel& judged) { judge.judge_images(images, toolkit, judged); });
        part.coverage = cover_all([&](const GpuJudge& judge, const Arch& gpu) { return judge.cover(images, gpu); });
        part.refusals = {none, refuse_by_images(images, 1), refuse_by_images(images, 2)};
        part.ptx_part = tabulate(FinderPartKind::ptx, release, [&](const WheelEnvironment& here, JudgedWheel& judged) {
            GpuJudge(here, here.os.value_or(""), m_compat).judge_ptx(toolkit, judged);
            return std::vector<int>();
        });
        m_table.gpu_parts.push_back(std::move(part));
        return known->second;
    }

    std::size_t part_of_dispatch(const std::vector<Arch>& dispatch) {
        const GpuRefusal refusal = refuse_by_dispatch(dispatch);
        const auto [known, is_new] = m_gpu_parts.try_emplace({refusal.before, "dispatch"}, m_table.gpu_parts.size());
        if (!is_new) return known->second;
        FinderGpuPart part;
        part.is_dispatch = true;
        part.unknown = without_gpu([&](GpuJudge& judge, JudgedWheel& judged) { judge.judge_dispatch(dispatch, judged); });
        part.coverage = cover_all(
            [&](const GpuJudge& judge, const Arch& gpu) { return judge.accepts(dispatch, gpu) ? GpuCoverage::exact : GpuCoverage::none; });
        part.refusals.assign(3, refusal);
        m_table.gpu_parts.push_back(std::move(part));
        return known->second;
    }

    std::size_t part_of_toolkit(const Version& cuda) {
        return tabulate(FinderPartKind::toolkit, cuda.to_string(), [&](const WheelEnvironment& here, JudgedWheel& judged) {
            GpuJudge(here, "", m_compat).judge_toolkit(cuda, judged);
            return std::vector<int>();
        });
    }

    FinderTable& m_table;
    const Compat& m_compat;
    Numbers<FinderText> m_texts;
    Numbers<FinderVerdict> m_verdicts;
    Numbers<FinderProfile> m_profiles;
    std::map<std::pair<FinderPartKind, std::string>, std::size_t> m_parts;
    std::map<std::pair<std::string, std::string>, std::size_t> m_gpu_parts;
};

/// The text with which `select` refuses a wheel of `project` where another one is wanted.
FinderText foreign_text(const WheelCandidate& wheel, const Compat& compat) {
    const std::string wanted = "wanted";
    const std::string text = select_wheels({wheel}, {}, wanted, compat).rejected.front().misfits.front().text;
    return {text.substr(0, text.size() - wanted.size() - 1), "project", text.substr(text.size() - 1)};
}

}  // namespace

std::vector<FinderAxis> part_axes(FinderPartKind kind, const FinderAxes& axes) {
    switch (kind) {
        case FinderPartKind::python_tag:
        case FinderPartKind::requires_python:
            return {axes.python()};
        case FinderPartKind::platform_tag:
            return {axes.system(), axes.machine(), axes.glibc()};
        case FinderPartKind::torch:
            return {axes.torch()};
        case FinderPartKind::cuda:
            return {axes.cuda()};
        case FinderPartKind::cxx11_abi:
            return {axes.system(), axes.cxx11_abi(), axes.torch(), axes.cuda()};
        case FinderPartKind::backend:
            return {axes.cuda(), axes.has_driver(), axes.has_gpu()};
        case FinderPartKind::free_binding:
            return {axes.torch(), axes.cuda()};
        case FinderPartKind::driver:
            return {axes.system(), axes.has_gpu(), axes.driver()};
        case FinderPartKind::ptx:
            return {axes.system(), axes.driver()};
        case FinderPartKind::toolkit:
            return {axes.gpu()};
    }
    return {};
}

FinderTable make_finder_table(const std::vector<WheelCandidate>& candidates, const std::map<std::string, std::string>& yanked_reasons,
                              const Compat& compat) {
    FinderTable table;
    const std::vector<FinderSubject> subjects = map_items(candidates, [&](const WheelCandidate& wheel) {
        FinderSubject subject{wheel, std::nullopt, {}, ""};
        if (auto name = parse_wheel_name(wheel.name)) {
            subject.facts = read_wheel_facts(*name, compat);
            subject.project = normalise_project(name->distribution);
            subject.name = *std::move(name);
        }
        return subject;
    });
    table.axes = make_finder_axes(subjects, compat);
    table.gpus = compat.gpus;
    table.torches = compat.torch;
    table.systems = compat.base_images.systems;
    std::map<std::string, std::size_t> projects;  // with the first wheel of each
    for (std::size_t index = 0; index < subjects.size(); ++index) {
        if (subjects[index].name) projects.emplace(subjects[index].project, index);
    }
    for (const auto& [project, index] : projects) {
        table.projects.push_back(project);
        table.foreign_texts.push_back(table.texts.size());
        table.texts.push_back(foreign_text(candidates[index], compat));
    }
    std::vector<JudgedWheel> judged = judge_names(candidates, compat);
    std::sort(judged.begin(), judged.end(), [&](const JudgedWheel& left, const JudgedWheel& right) {
        return std::tie(candidates[left.candidate].name, left.candidate) < std::tie(candidates[right.candidate].name, right.candidate);
    });
    table.wheels.reserve(judged.size());
    Tabulator tabulator(table, compat);
    for (const JudgedWheel& wheel : judged) {
        const FinderSubject& subject = subjects[wheel.candidate];
        const auto project = std::lower_bound(table.projects.begin(), table.projects.end(), subject.project);
        const auto reason = yanked_reasons.find(subject.wheel.name);
        tabulator.add(subject, reason == yanked_reasons.end() ? "" : reason->second, wheel,
                      static_cast<std::size_t>(project - table.projects.begin()));
    }
    return table;
}

}  // namespace sagebuild
