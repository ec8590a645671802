#pragma once

#include <string>
#include <vector>

namespace sagebuild {

/// How a cell gives way when the table is wider than the terminal.
enum class Cut {
    never,  ///< it does not
    tail,   ///< `sageattention-2.2.0-280…`
    items,  ///< `7.0 7.5 8.0 +7`: words are counted instead of shown
};

struct TableColumn {
    std::string title;
    Cut cut = Cut::never;
    std::size_t least = 0;  ///< columns that a cut cell keeps
    int leaves_at = 0;      ///< 0: always shown; else the column is left out when there is no room, 1 first, then 2, ...
};

struct Table {
    std::vector<TableColumn> columns;
    std::vector<std::vector<std::string>> rows;
};

/// The table with its titles, columns two spaces apart, no spaces at line ends.
/// @param width columns of the terminal; 0: none, every value in full
std::string render_table(const Table& table, std::size_t width);

}  // namespace sagebuild
