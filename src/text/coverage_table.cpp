#include "text/coverage_table.hpp"

#include <algorithm>
#include <map>

#include "text/table.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t most_lines = 12;

std::string cell_text(const CoverageCount& count) {
    const std::size_t possible = count.covered + count.missing;
    return possible == 0 ? "-" : std::to_string(count.covered) + "/" + std::to_string(possible);
}

CoverageCount count_cells(const Coverage& coverage, std::size_t torch, std::size_t cuda, std::size_t platform) {
    CoverageCount count;
    for (std::size_t python = 0; python < coverage.pythons.size(); ++python) {
        for (std::size_t gpu = 0; gpu < coverage.gpus.size(); ++gpu) count.add(coverage.at(torch, cuda, python, platform, gpu));
    }
    return count;
}

Table table_of(const Coverage& coverage, std::size_t platform) {
    Table table;
    table.columns.push_back({"TORCH"});
    for (const Version& cuda : coverage.cuda) table.columns.push_back({"CUDA " + cuda.to_string()});
    for (std::size_t torch = 0; torch < coverage.torch.size(); ++torch) {
        std::vector<std::string> row = {coverage.torch[torch].to_string()};
        for (std::size_t cuda = 0; cuda < coverage.cuda.size(); ++cuda)
            row.push_back(cell_text(count_cells(coverage, torch, cuda, platform)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

/// Texts with how often they stand, most often first, equals by text.
class Tally {
  public:
    void add(const std::string& text) { ++m_counts[text]; }

    /// All or, if they are too many to be read, how many.
    std::string render_few(const std::string& title) const {
        if (m_counts.size() <= most_lines) return render(title + ":");
        return title + ": " + std::to_string(m_counts.size()) + " reasons; narrow by torch= cuda= python= arch= os= cpu= to read them\n";
    }

    std::string render(const std::string& title) const {
        if (m_counts.empty()) return "";
        std::vector<std::pair<std::string, std::size_t>> items(m_counts.begin(), m_counts.end());
        std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
        const std::size_t digits = std::to_string(items.front().second).size();
        std::string out = title + "\n";
        for (std::size_t index = 0; index < std::min(most_lines, items.size()); ++index) {
            const std::string number = std::to_string(items[index].second);
            out += "  " + std::string(digits - number.size(), ' ') + number + "  " + items[index].first + "\n";
        }
        if (items.size() > most_lines) out += "  and " + std::to_string(items.size() - most_lines) + " more; --html lists them\n";
        return out;
    }

  private:
    std::map<std::string, std::size_t> m_counts;
};

}  // namespace

void CoverageCount::add(const CoverageCell& cell) {
    switch (cell.state) {
        case CoverageState::covered:
            ++covered;
            break;
        case CoverageState::missing:
            ++missing;
            break;
        case CoverageState::unsupported:
            ++unsupported;
            break;
        case CoverageState::impossible:
            ++impossible;
            break;
    }
}

std::string render_coverage_table(const Coverage& coverage, std::size_t width) {
    std::string out;
    for (std::size_t platform = 0; platform < coverage.platforms.size(); ++platform) {
        out += coverage.package + " on " + coverage.platforms[platform].to_string() +
               ": combinations of Python and GPU, covered/possible\n" + render_table(table_of(coverage, platform), width) + "\n";
    }
    CoverageCount all;
    Tally lines, without_line, unsupported, impossible;
    for (const CoverageCell& cell : coverage.cells) {
        all.add(cell);
        const std::string& reason = coverage.reasons[cell.reason];
        if (cell.state == CoverageState::missing && cell.line != 0) {
            const CoverageLine& line = coverage.lines[cell.line];
            lines.add(line.text + "   (" + line.place + ")");
        }
        if (cell.state == CoverageState::missing && cell.line == 0) without_line.add(reason);
        if (cell.state == CoverageState::unsupported) unsupported.add(reason);
        if (cell.state == CoverageState::impossible) impossible.add(reason);
    }
    out += std::to_string(all.covered) + " of " + std::to_string(all.covered + all.missing) + " possible combinations are covered; " +
           std::to_string(all.unsupported) + " more are not shipped by torch, " + std::to_string(all.impossible) + " are impossible\n";
    out += lines.render("missing, with the line that adds them:");
    out += without_line.render("missing, and no line adds them:");
    out += unsupported.render_few("not shipped by torch");
    out += impossible.render_few("impossible");
    return out;
}

}  // namespace sagebuild
