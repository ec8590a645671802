#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sagebuild {

/// A start tag.
struct HtmlTag {
    std::string name;                                             ///< small letters
    std::vector<std::pair<std::string, std::string>> attributes;  ///< names in small letters, values decoded; empty: none or no value

    /// Value of an attribute; the first of a name counts (HTML, 13.2.5.33).
    std::optional<std::string> find(std::string_view attribute) const;
};

/// Hands on each start tag of an untrusted page until `on_tag` returns false, by the tokenizer of the HTML standard (13.2.5) as far as tags
/// need it: comments, declarations, and elements that hold text only are skipped, the usual character references are decoded. One pass: no
/// tree, and the time grows with the page's length only, which neither libxml2 (attributes, nesting) nor gumbo (recursion) grants.
void scan_html_tags(std::string_view html, const std::function<bool(const HtmlTag&)>& on_tag);

}  // namespace sagebuild
