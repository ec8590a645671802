#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// `a, b, c`: each item by `text(item)`.
template <typename Range, typename Text>
std::string join_texts(const Range& items, std::string_view separator, Text text) {
    std::string out;
    for (const auto& item : items) {
        if (!out.empty()) out += separator;
        out += text(item);
    }
    return out;
}

/// `convert(item)` of each item, in order.
template <typename Range, typename Convert>
auto map_items(const Range& items, Convert convert) {
    std::vector<decltype(convert(*items.begin()))> out;
    out.reserve(items.size());
    for (const auto& item : items) out.push_back(convert(item));
    return out;
}

/// Items that have `to_string()`, such as versions and archs.
template <typename Range>
std::string join_values(const Range& items, std::string_view separator = ", ") {
    return join_texts(items, separator, [](const auto& item) { return item.to_string(); });
}

}  // namespace sagebuild
