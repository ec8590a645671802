#include "text/finder_page.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/tag_fit.hpp"
#include "core/text_list.hpp"
#include "text/finder_page_parts.hpp"
#include "text/html_text.hpp"
#include "text/single_page.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array part_kinds = {FinderPartKind::python_tag, FinderPartKind::platform_tag, FinderPartKind::requires_python,
                                   FinderPartKind::torch,      FinderPartKind::cuda,         FinderPartKind::cxx11_abi,
                                   FinderPartKind::backend,    FinderPartKind::free_binding, FinderPartKind::driver,
                                   FinderPartKind::ptx,        FinderPartKind::toolkit};

constexpr std::array categories = {MisfitCategory::torch_minor, MisfitCategory::cuda_major, MisfitCategory::abi,
                                   MisfitCategory::python,      MisfitCategory::sm,         MisfitCategory::platform,
                                   MisfitCategory::unparseable, MisfitCategory::name};

template <typename Items>
Json texts_json(const Items& items) {
    return map_items(items, [](const auto& item) { return item.to_string(); });
}

/// -1 for none.
Json index_json(const std::optional<std::size_t>& index) {
    return index ? Json(*index) : Json(-1);
}

Json axes_json(const FinderTable& table) {
    const FinderAxes& axes = table.axes;
    return {{"python", texts_json(axes.pythons)},
            {"torch", map_items(axes.torches,
                                [](const FinderTorch& torch) {
                                    return Json({torch.from.to_string(), torch.and_later ? 1 : 0});
                                })},
            {"cuda", texts_json(axes.cudas)},
            {"system", axes.systems},
            {"machine", axes.machines},
            {"arm_gpu", texts_json(axes.arm_gpus)},
            {"glibc", texts_json(axes.glibcs)},
            {"driver", texts_json(axes.drivers)},
            {"gpu", texts_json(axes.gpus)}};
}

/// The axes of each kind of parts, as names and sizes.
Json kinds_json(const FinderTable& table) {
    Json kinds = Json::array();
    for (const FinderPartKind kind : part_kinds) {
        kinds.push_back(map_items(part_axes(kind, table.axes), [](const FinderAxis& axis) { return Json({axis.name, axis.size}); }));
    }
    return kinds;
}

Json text_json(const FinderText& text) {
    return text.fact.empty() ? Json(printable(text.before)) : Json({printable(text.before), text.fact, printable(text.after)});
}

Json verdict_json(const FinderVerdict& verdict) {
    Json misfits = Json::array(), open = Json::array();
    for (const auto& misfit : verdict.misfits) {
        misfits.push_back(static_cast<int>(misfit.category));
        misfits.push_back(misfit.text);
    }
    for (const auto& question : verdict.open) {
        open.push_back(question.depends_on);
        open.push_back(question.text);
    }
    Json json = Json::array({std::move(misfits), std::move(open), verdict.numbers});
    if (verdict.named_for) json.push_back(*verdict.named_for);
    return json;
}

/// The kind, then runs of (verdict, count).
Json part_json(const FinderPart& part) {
    Json json = Json::array({static_cast<int>(part.kind)});
    for (std::size_t begin = 0, end = 0; begin < part.verdicts.size(); begin = end) {
        while (end < part.verdicts.size() && part.verdicts[end] == part.verdicts[begin]) ++end;
        json.push_back(part.verdicts[begin]);
        json.push_back(end - begin);
    }
    return json;
}

Json gpu_part_json(const FinderGpuPart& part) {
    std::string coverage;
    for (const GpuCoverage one : part.coverage) coverage += "elp-"[static_cast<std::size_t>(one)];
    return {part.is_dispatch ? 1 : 0, part.unknown, coverage,
            map_items(part.refusals,
                      [](const GpuRefusal& refusal) {
                          return Json({printable(refusal.before), refusal.between, refusal.after});
                      }),
            index_json(part.ptx_part)};
}

Json profile_json(const FinderProfile& profile) {
    Json tags = Json::array();
    for (const FinderTag& tag : profile.tags) tags.push_back({tag.python, tag.platform, tag.is_pure ? 1 : 0});
    return {std::move(tags), index_json(profile.python), profile.parts, profile.pure_parts, profile.gpu_parts, index_json(profile.toolkit)};
}

/// Addresses that end with the name of their wheel are kept as the number of what stands before it; -1 and less where `+` is `%2B`.
class Places {
  public:
    Json place_of(const WheelCandidate& wheel, const std::string& name) {
        std::string location = printable(wheel.location, 2000);
        const std::string encoded = with_encoded_plus(name);
        const bool is_plain = location.ends_with(name);
        if ((!is_plain && !location.ends_with(encoded)) || location.size() == name.size()) return location;
        const std::size_t end = location.size() - (is_plain ? name : encoded).size();
        const auto [known, is_new] = m_known.try_emplace(location.substr(0, end), m_bases.size());
        if (is_new) m_bases.push_back(known->first);
        const auto number = static_cast<std::int64_t>(known->second);
        return is_plain ? number : -1 - number;
    }

    const std::vector<std::string>& bases() const { return m_bases; }

  private:
    static std::string with_encoded_plus(const std::string& name) {
        std::string out;
        for (const char letter : name) letter == '+' ? out += "%2B" : out += letter;
        return out;
    }

    std::vector<std::string> m_bases;
    std::unordered_map<std::string, std::size_t> m_known;
};

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Written by hand: a tree of 10,000 wheels costs more time than all else together.
std::string wheels_text(const std::vector<FinderWheel>& wheels, Places& places) {
    const auto number = [](const std::optional<std::size_t>& index) { return index ? std::to_string(*index) : std::string("-1"); };
    std::string out = "[";
    for (const FinderWheel& wheel : wheels) {
        const std::string name = printable(wheel.wheel.name);
        const FitRank& rank = wheel.rank;
        if (out.size() > 1) out += ',';
        out += "[" + dumped(name) + "," + dumped(places.place_of(wheel.wheel, name)) + "," + dumped(wheel.wheel.sha256) + ",";
        out += wheel.wheel.size ? std::to_string(*wheel.wheel.size) : "null";
        out += "," + std::to_string(wheel.project) + "," + number(wheel.profile) + "," + number(wheel.refusal);
        out += rank.last_resort ? ",[1," : ",[0,";
        out += rank.pre_release ? "1," : "0,";
        out += std::to_string(rank.version_rank) + "," + std::to_string(rank.local_rank) + "," + std::to_string(rank.build_rank) + "],";
        out += (wheel.wheel.yanked ? dumped(printable(wheel.yanked_reason)) : "null") + "]";
    }
    return out + "]";
}

Json choices_json(const FinderTable& table) {
    Json gpus = Json::array(), torches = Json::object(), systems = Json::array();
    for (const auto& [arch, gpu] : table.gpus) gpus.push_back({arch.to_string(), gpu.family, gpu.gpus, gpu.names});
    for (const auto& [version, release] : table.torches) {
        torches[version.to_string()] = map_items(release.variants, [](const auto& variant) { return variant.first.to_string(); });
    }
    for (const BaseSystem& system : table.systems) {
        if (system.glibc) systems.push_back({system.name, system.glibc->to_string()});
    }
    return {{"gpus", std::move(gpus)}, {"torches", std::move(torches)}, {"systems", std::move(systems)}};
}

std::string render_data(const FinderTable& table) {
    Places places;
    const std::string wheels = wheels_text(table.wheels, places);
    const Json document = {
        {"schema", 1},
        {"axes", axes_json(table)},
        {"kinds", kinds_json(table)},
        {"tags_per_group", tags_per_group},
        {"categories", map_items(categories, [](MisfitCategory category) { return category_name(category); })},
        {"texts", map_items(table.texts, text_json)},
        {"verdicts", map_items(table.verdicts, verdict_json)},
        {"parts", map_items(table.parts, part_json)},
        {"gpu_parts", map_items(table.gpu_parts, gpu_part_json)},
        {"profiles", map_items(table.profiles, profile_json)},
        {"projects", table.projects},
        {"foreign_texts", table.foreign_texts},
        {"bases", places.bases()},
        {"choices", choices_json(table)},
    };
    std::string out = dumped(document);
    out.pop_back();
    return out + ",\"wheels\":" + wheels + "}";
}

}  // namespace

std::string render_finder_page(const FinderTable& table) {
    const std::string project = table.projects.size() == 1 ? table.projects.front() : "";
    const std::string heading = project.empty() ? "Which wheel fits?" : "Which wheel of " + project + " fits?";
    return render_single_page(
        {heading, finder_page_style(), finder_page_script(), render_data(table),
         "<main>\n<header>\n<h1>" + escape_html(heading) +
             "</h1>\n<p>Say what your machine has; leave what you do not know. Nothing that you enter leaves this page.</p>\n</header>\n"
             "<noscript><p>This page needs JavaScript. <code>sagebuild select --probe</code> answers the same in a "
             "terminal.</p></noscript>\n"
             "<div class=\"columns\">\n<div>\n<details id=\"paste\"><summary>Paste what a tool prints</summary></details>\n"
             "<form id=\"facts\" aria-label=\"Your machine\"></form>\n</div>\n"
             "<section id=\"result\" aria-labelledby=\"answer\">\n<div role=\"status\"><h2 id=\"answer\"></h2></div>\n"
             "<div id=\"about\"></div>\n</section>\n</div>\n<section id=\"others\" aria-label=\"All wheels\"></section>\n</main>"});
}

}  // namespace sagebuild
