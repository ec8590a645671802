#include "text/coverage_page.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/text_list.hpp"
#include "text/coverage_page_parts.hpp"
#include "text/html_text.hpp"
#include "text/single_page.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

Json value_json(const std::string& text, const std::string& label) {
    return {{"text", text}, {"label", label}};
}

template <typename Items, typename Text>
Json axis_json(const std::string& key, const std::string& name, const Items& items, Text text) {
    Json values = Json::array();
    for (const auto& item : items) values.push_back(text(item));
    return {{"key", key}, {"name", name}, {"values", std::move(values)}};
}

std::string gpu_label(const GpuGeneration& gpu) {
    const std::string name = gpu.gpus.empty() ? gpu.family : gpu.gpus.front();
    return gpu.arch.to_string() + (name.empty() ? "" : " " + name);
}

Json axes_json(const Coverage& coverage) {
    const auto plain = [](const auto& item) { return value_json(item.to_string(), item.to_string()); };
    return Json::array({axis_json("torch", "torch", coverage.torch, plain), axis_json("cuda", "CUDA", coverage.cuda, plain),
                        axis_json("python", "Python", coverage.pythons, plain),
                        axis_json("platform", "Platform", coverage.platforms, plain),
                        axis_json("arch", "GPU", coverage.gpus,
                                  [](const GpuGeneration& gpu) { return value_json(gpu.arch.to_string(), gpu_label(gpu)); })});
}

/// Cells alike are one class; the cells are runs of (class, count).
void add_cells(Json& document, const Coverage& coverage) {
    std::map<std::tuple<CoverageState, bool, bool, std::uint16_t, std::uint16_t>, std::size_t> numbers;
    Json classes = Json::array(), runs = Json::array();
    std::size_t last = 0, length = 0;
    for (const CoverageCell& cell : coverage.cells) {
        const auto [found, added] =
            numbers.try_emplace({cell.state, cell.by_row, cell.by_universal, cell.reason, cell.line}, classes.size());
        if (added) {
            classes.push_back({static_cast<int>(cell.state), cell.by_row ? 1 : 0, cell.by_universal ? 1 : 0, cell.reason, cell.line});
        }
        if (length > 0 && found->second != last) {
            runs.push_back(last);
            runs.push_back(length);
            length = 0;
        }
        last = found->second;
        ++length;
    }
    if (length > 0) {
        runs.push_back(last);
        runs.push_back(length);
    }
    document["classes"] = std::move(classes);
    document["runs"] = std::move(runs);
}

std::string render_data(const Coverage& coverage) {
    Json document;
    document["schema"] = 1;
    document["package"] = coverage.package;
    document["axes"] = axes_json(coverage);
    add_cells(document, coverage);
    document["reasons"] = coverage.reasons;
    Json lines = Json::array();
    for (const CoverageLine& line : coverage.lines) lines.push_back({line.place, line.text});
    document["lines"] = std::move(lines);
    return document.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string render_coverage_page(const Coverage& coverage) {
    const std::string package = escape_html(coverage.package);
    return render_single_page(
        {"Coverage of " + coverage.package, coverage_page_style(), coverage_page_script(), render_data(coverage),
         "<main>\n<h1>Coverage of " + package +
             "</h1>\n<p>What torch ships, against what the wheels of the matrix serve. A combination is one torch, CUDA, Python, platform "
             "and GPU.</p>\n<p id=\"total\" role=\"status\"></p>\n"
             "<noscript><p>The heat map needs JavaScript. <code>sagebuild matrix coverage</code> prints the same in a "
             "terminal.</p></noscript>\n"
             "<form id=\"controls\" aria-label=\"Axes and filters\"></form>\n"
             "<div class=\"scroll\"><table id=\"heat\"></table></div>\n"
             "<ul class=\"legend\" aria-label=\"Legend\">\n<li><span class=\"level4\">9/9</span>all covered</li>\n"
             "<li><span class=\"level2\">4/9</span>some covered</li>\n<li><span class=\"missing\">0/9</span>missing</li>\n"
             "<li><span>–</span>not shipped by torch</li>\n<li><span>×</span>impossible</li>\n</ul>\n"
             "<section id=\"details\" aria-live=\"polite\" aria-label=\"Details of the chosen cell\" hidden></section>\n</main>"});
}

}  // namespace sagebuild
