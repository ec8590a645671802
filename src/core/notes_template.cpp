#include "core/notes_template.hpp"

#include <algorithm>

#include "core/nearest.hpp"
#include "core/text_edit.hpp"

namespace sagebuild {

namespace {

std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return "";
    return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

Diagnostic unknown_hole(const SourceText& source, SourceSpan at, const std::string& name,
                        const std::map<std::string, std::string>& values) {
    std::vector<std::string> names;
    for (const auto& [each, value] : values) names.push_back(each);
    Diagnostic problem = source.error(at, "SB0650", "`" + printable(name, 60) + "` is no hole of the notes");
    problem.nearest = find_nearest(name, names);
    std::string all;
    for (const std::string& each : names) all += (all.empty() ? "" : ", ") + each;
    if (problem.nearest.empty()) problem.notes = {"there are " + all};
    return problem;
}

/// The marks of lines without claims, with the spaces before them.
std::vector<TextEdit> remove_marks(const SourceText& source) {
    std::vector<TextEdit> edits;
    const std::string& text = source.bytes();
    for (std::size_t at = text.find(no_claim_mark); at != std::string::npos; at = text.find(no_claim_mark, at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && text[begin - 1] == ' ') --begin;
        edits.push_back({{begin, at + no_claim_mark.size()}, ""});
    }
    return edits;
}

}  // namespace

Result<std::string> fill_notes_template(const SourceText& source, const std::map<std::string, std::string>& values,
                                        const NotesFacts& contents) {
    std::vector<TextEdit> edits = remove_marks(source);
    std::vector<SourceSpan> holes;
    Diagnostics problems;
    const std::string& text = source.bytes();
    for (std::size_t at = text.find("{{"); at != std::string::npos;) {
        const std::size_t close = text.find("}}", at);
        if (close == std::string::npos || text.find('\n', at) < close) {
            problems.push_back(source.error({at, at + 2}, "SB0650", "a hole is not closed by `}}` on its line"));
            at = text.find("{{", at + 2);
            continue;
        }
        const SourceSpan span{at, close + 2};
        const std::string name = trimmed(source.at({at + 2, close}));
        holes.push_back(span);
        if (const auto value = values.find(name); value != values.end()) {
            edits.push_back({span, value->second});
        } else {
            problems.push_back(unknown_hole(source, span, name, values));
        }
        at = text.find("{{", close + 2);
    }
    for (Diagnostic& problem : find_unbacked_claims(source, holes, contents)) problems.push_back(std::move(problem));
    if (!problems.empty()) {
        sort_by_place(problems);
        return problems;
    }
    return apply_edits(source, std::move(edits));
}

}  // namespace sagebuild
