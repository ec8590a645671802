#include "text/table.hpp"

#include <algorithm>
#include <sstream>

namespace sagebuild {

namespace {

constexpr std::size_t gap = 2;

/// Characters of UTF-8 text: bytes that do not continue one.
std::size_t length_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string cut_tail(const std::string& text, std::size_t width) {
    std::string out;
    for (std::size_t at = 0, shown = 0; at < text.size(); ++at) {
        const bool begins = (text[at] & 0xC0) != 0x80;
        if (begins && ++shown == width) return out + "…";
        out += text[at];
    }
    return out;
}

std::string cut_items(const std::string& text, std::size_t width) {
    std::vector<std::string> items;
    std::istringstream stream(text);
    for (std::string item; stream >> item;) items.push_back(item);
    for (std::size_t shown = items.size(); shown-- > 0;) {
        std::string out;
        for (std::size_t index = 0; index < shown; ++index) out += items[index] + " ";
        out += "+" + std::to_string(items.size() - shown);
        if (length_of(out) <= width || shown == 0) return out;
    }
    return text;
}

std::string fit_cell(const std::string& text, const TableColumn& column, std::size_t width) {
    if (length_of(text) <= width) return text;
    if (column.cut == Cut::tail) return cut_tail(text, width);
    return column.cut == Cut::items ? cut_items(text, width) : text;
}

class Layout {
  public:
    explicit Layout(const Table& table) : m_table(table) {
        for (std::size_t index = 0; index < table.columns.size(); ++index) {
            std::size_t widest = length_of(table.columns[index].title);
            for (const auto& row : table.rows) widest = std::max(widest, length_of(row[index]));
            m_widths.push_back(widest);
            m_shown.push_back(index);
        }
    }

    void fit(std::size_t width) {
        while (total(true) > width && leave_out_one()) {
        }
        while (total(false) > width) {
            const auto widest = widest_that_can_shrink();
            if (widest == m_shown.end()) return;
            --m_widths[*widest];
        }
    }

    const std::vector<std::size_t>& shown() const { return m_shown; }
    std::size_t width(std::size_t column) const { return m_widths[column]; }

  private:
    /// What a column cannot go below.
    std::size_t least(std::size_t index) const {
        const TableColumn& column = m_table.columns[index];
        if (column.cut == Cut::never) return m_widths[index];
        return std::min(m_widths[index], std::max(column.least, length_of(column.title)));
    }

    std::size_t total(bool at_least) const {
        std::size_t sum = m_shown.empty() ? 0 : gap * (m_shown.size() - 1);
        for (const std::size_t index : m_shown) sum += at_least ? least(index) : m_widths[index];
        return sum;
    }

    bool leave_out_one() {
        auto first = m_shown.end();
        for (auto at = m_shown.begin(); at != m_shown.end(); ++at) {
            const int rank = m_table.columns[*at].leaves_at;
            if (rank > 0 && (first == m_shown.end() || rank < m_table.columns[*first].leaves_at)) first = at;
        }
        if (first == m_shown.end()) return false;
        m_shown.erase(first);
        return true;
    }

    std::vector<std::size_t>::iterator widest_that_can_shrink() {
        auto widest = m_shown.end();
        for (auto at = m_shown.begin(); at != m_shown.end(); ++at) {
            if (m_widths[*at] <= least(*at)) continue;
            if (widest == m_shown.end() || m_widths[*at] >= m_widths[*widest]) widest = at;
        }
        return widest;
    }

    const Table& m_table;
    std::vector<std::size_t> m_widths;
    std::vector<std::size_t> m_shown;
};

}  // namespace

std::string render_table(const Table& table, std::size_t width) {
    Layout layout(table);
    if (width > 0) layout.fit(width);
    std::string out;
    const auto add_line = [&](const auto& cell_of) {
        std::string line;
        for (const std::size_t index : layout.shown()) {
            const std::string cell = fit_cell(cell_of(index), table.columns[index], layout.width(index));
            line += cell + std::string(layout.width(index) + gap - std::min(length_of(cell), layout.width(index)), ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    add_line([&](std::size_t index) { return table.columns[index].title; });
    for (const auto& row : table.rows) add_line([&](std::size_t index) { return row[index]; });
    return out;
}

}  // namespace sagebuild
