#include "core/suggest.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/coverage_lines.hpp"

namespace sagebuild {

namespace {

/// The cell that decides a wish: of several GPUs the one with the best news.
const CoverageCell* find_cell(const Coverage& coverage, const Wish& wish, std::string& unknown) {
    const auto index_of = [&](const auto& items, const auto& wanted, const std::string& name) -> std::optional<std::size_t> {
        const auto found = std::find(items.begin(), items.end(), wanted);
        if (found != items.end()) return static_cast<std::size_t>(found - items.begin());
        if (unknown.empty()) unknown = name + " " + wanted.to_string() + " is not in the compatibility data";
        return std::nullopt;
    };
    const auto torch = index_of(coverage.torch, wish.torch.prefix(2), "torch");
    const auto cuda = index_of(coverage.cuda, wish.cuda.prefix(2), "CUDA");
    const auto python = index_of(coverage.pythons, wish.python, "Python");
    const auto platform = index_of(coverage.platforms, wish.platform, "platform");
    if (!torch || !cuda || !python || !platform) return nullptr;
    const CoverageCell* best = nullptr;
    for (std::size_t gpu = 0; gpu < coverage.gpus.size(); ++gpu) {
        if (wish.gpu && coverage.gpus[gpu].arch != *wish.gpu) continue;
        const CoverageCell& cell = coverage.at(*torch, *cuda, *python, *platform, gpu);
        const auto rank = [](const CoverageCell& one) { return std::pair(one.state, one.line == 0); };
        if (best == nullptr || rank(cell) < rank(*best)) best = &cell;
    }
    if (best == nullptr) unknown = "no GPU of " + wish.gpu->to_string() + " is in the compatibility data";
    return best;
}

}  // namespace

Suggestions suggest_lines(const PackageMatrix& package, const Coverage& coverage, const std::vector<Wish>& wishes, const Compat& compat) {
    const CoverageLines lines(package, compat);
    struct RowDemand {
        Version torch;  ///< as long as anybody wrote it
        std::vector<Version> pythons;
        long long wishes = 0;
    };
    std::map<std::pair<Version, Version>, RowDemand> rows;  // by torch and CUDA minor
    std::map<std::string, Suggestion> others;               // by place and text
    Suggestions result;
    for (const Wish& wish : wishes) {
        result.wishes += wish.count;
        std::string unknown;
        const CoverageCell* cell = find_cell(coverage, wish, unknown);
        if (cell == nullptr) {
            result.refused.push_back({wish, unknown});
        } else if (cell->state == CoverageState::covered) {
            result.served += wish.count;
        } else if (cell->state != CoverageState::missing || cell->line == 0) {
            result.refused.push_back({wish, coverage.reasons[cell->reason]});
        } else if (const CoverageLine& line = coverage.lines[cell->line]; line.is_row) {
            RowDemand& demand = rows[{wish.torch.prefix(2), wish.cuda.prefix(2)}];
            demand.wishes += wish.count;
            if (demand.torch < wish.torch || demand.torch.size() < wish.torch.size()) demand.torch = wish.torch;
            const auto known = std::find(demand.pythons.begin(), demand.pythons.end(), wish.python.version);
            if (known == demand.pythons.end()) demand.pythons.push_back(wish.python.version);
        } else {
            Suggestion& suggestion = others[line.place + "\n" + line.text];
            suggestion.line = line;
            suggestion.wishes += wish.count;
        }
    }
    for (const auto& [pair, demand] : rows) {
        const Row* row = lines.find_row(pair.first, pair.second);
        const Version release = row != nullptr ? row->cuda.value : *lines.find_release(pair.second);
        result.lines.push_back({demand.wishes, lines.row_line(demand.torch, release, demand.pythons)});
    }
    for (const auto& [key, suggestion] : others) result.lines.push_back(suggestion);
    std::stable_sort(result.lines.begin(), result.lines.end(), [](const Suggestion& a, const Suggestion& b) {
        return a.wishes != b.wishes ? a.wishes > b.wishes : a.line.text < b.line.text;
    });
    return result;
}

}  // namespace sagebuild
