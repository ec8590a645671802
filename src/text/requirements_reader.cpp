#include "text/requirements_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "core/nearest.hpp"
#include "core/wheel_url.hpp"
#include "text/pip_arguments.hpp"
#include "text/requirement_line.hpp"
#include "text/text_file.hpp"

namespace sagebuild {

namespace {

/// Options that a line of a requirements file may be (pip 25); the last two are uv's.
constexpr std::array<std::string_view, 21> line_options = {"-i",
                                                           "--index-url",
                                                           "--extra-index-url",
                                                           "--no-index",
                                                           "-c",
                                                           "--constraint",
                                                           "-r",
                                                           "--requirement",
                                                           "-e",
                                                           "--editable",
                                                           "-f",
                                                           "--find-links",
                                                           "--no-binary",
                                                           "--only-binary",
                                                           "--prefer-binary",
                                                           "--require-hashes",
                                                           "--pre",
                                                           "--trusted-host",
                                                           "--use-feature",
                                                           "--index",
                                                           "--default-index"};

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\f';
}

class RequirementsParser {
  public:
    RequirementsParser(std::string_view bytes, const std::string& file) { m_out.source = SourceText(file, std::string(bytes)); }

    Result<RequirementFile> parse() {
        while (m_line < source().line_count()) read_logical_line();
        if (!m_problems.empty()) return std::move(m_problems);
        attach_comments(m_out, true);
        attach_mentions(m_out);
        return std::move(m_out);
    }

  private:
    const SourceText& source() const { return m_out.source; }
    std::string_view bytes() const { return m_out.source.bytes(); }

    Diagnostic& add(SourceSpan span, std::string what) {
        m_problems.push_back(source().error(span, "SB0440", std::move(what)));
        return m_problems.back();
    }

    /// Where a comment begins in a line: `#` at its begin or behind white space.
    std::size_t comment_begin(SourceSpan line) const {
        for (std::size_t at = line.begin; at < line.end; ++at) {
            if (bytes()[at] == '#' && (at == line.begin || is_blank(bytes()[at - 1]))) return at;
        }
        return line.end;
    }

    /// A backslash at the end joins the next line; a comment line never does.
    void read_logical_line() {
        SplicedText text;
        for (bool goes_on = true; goes_on && m_line < source().line_count(); ++m_line) {
            SourceSpan line = source().line(m_line);
            if (m_line == 0 && bytes().starts_with(byte_order_mark)) line.begin += byte_order_mark.size();
            goes_on = line.size() > 0 && bytes()[line.end - 1] == '\\' && comment_begin(line) == line.end;
            if (goes_on) --line.end;
            text.append(bytes(), line.begin, comment_begin(line));
        }
        const std::string& all = text.text();
        const std::size_t first = all.find_first_not_of(" \t\f");
        if (first == std::string::npos) return;
        text = text.part(first, all.find_last_not_of(" \t\f") + 1 - first);
        if (m_out.requirements.size() >= RequirementLimits::requirements || m_problems.size() >= 100) {
            if (m_problems.empty())
                add(text.span(), "a file of more than " + std::to_string(RequirementLimits::requirements) + " requirements is not read");
            m_line = source().line_count();
            return;
        }
        if (text.text().starts_with('-')) {
            read_options(text);
        } else {
            read_requirement(text);
        }
    }

    void read_options(const SplicedText& text) {
        const std::vector<ShellWord> words = split_words(text, {}, WordRules::dockerfile);
        const std::string& option = words.front().text.text();
        const std::string name = option.starts_with("--") ? option.substr(0, option.find('=')) : option.substr(0, 2);
        if (std::find(line_options.begin(), line_options.end(), name) == line_options.end()) {
            Diagnostic& problem = add(words.front().text.span(), "`" + name + "` is no option of a requirements file");
            problem.nearest = find_nearest(name, {line_options.begin(), line_options.end()});
            return;
        }
        std::vector<ShellWord> command(1);
        command.front().text.append_foreign("pip", 0);
        command.emplace_back().text.append_foreign("install", 0);
        command.insert(command.end(), words.begin(), words.end());
        const auto arguments = find_pip_install(command);
        for (const PipIndex& index : arguments->indexes)
            m_out.indexes.push_back({index.url.text.text(), index.url.text.span(), index.is_extra, index.is_links});
        for (const PipFile& file : arguments->files)
            m_out.includes.push_back({file.path.text.text(), file.path.text.span(), file.is_constraint});
        const bool wants_value = name != "--no-index" && name != "--prefer-binary" && name != "--require-hashes" && name != "--pre";
        if (wants_value && words.size() == 1 && option.size() == name.size()) add(text.span(), "`" + name + "` has no value");
    }

    /// Options of one requirement stand behind it: ` --hash=sha256:...`.
    void read_requirement(const SplicedText& text) {
        const std::string& all = text.text();
        std::size_t options = all.size();
        for (std::size_t at = 0; at + 2 < all.size() && options == all.size(); ++at) {
            if (is_blank(all[at]) && all[at + 1] == '-' && (all[at + 2] == '-' || all[at + 2] == 'C')) options = at;
        }
        const std::size_t last = all.find_last_not_of(" \t\f", options == 0 ? 0 : options - 1);
        ReadRequirement read = parse_requirement(text.part(0, last + 1), bytes());
        if (!read.fault.empty()) {
            Diagnostic& problem = add(text.part(0, last + 1).span(), "not a requirement: " + read.fault);
            problem.hints.emplace_back("write `name==1.2.3` or `name @ https://...whl`");
            return;
        }
        if (options < all.size()) read_hashes(text.part(options), read.stated);
        m_out.requirements.push_back(std::move(read.stated));
    }

    void read_hashes(const SplicedText& options, StatedRequirement& requirement) {
        const std::vector<ShellWord> words = split_words(options, {}, WordRules::dockerfile);
        for (std::size_t index = 0; index < words.size(); ++index) {
            constexpr std::string_view name = "--hash";
            if (!words[index].text.text().starts_with(name)) continue;
            const bool in_next = words[index].text.text() == name && index + 1 < words.size();
            const ShellWord value = in_next ? words[++index] : tail_of(words[index], name.size() + 1);
            const std::size_t colon = value.text.text().find(':');
            if (colon == std::string::npos || colon + 1 == value.text.size()) {
                add(words[index].text.span(), "`--hash` states no digest").hints.emplace_back("write `--hash=sha256:` and 64 digits");
                continue;
            }
            requirement.hashes.push_back(
                {value.text.text().substr(0, colon), value.text.text().substr(colon + 1), value.text.part(colon + 1).span()});
        }
    }

    RequirementFile m_out;
    std::size_t m_line = 0;
    Diagnostics m_problems;
};

SourceSpan trimmed_line(const SourceText& source, std::size_t index) {
    SourceSpan line = source.line(index);
    if (index == 0 && source.bytes().starts_with(byte_order_mark)) line.begin += byte_order_mark.size();
    while (line.begin < line.end && is_blank(source.bytes()[line.begin])) ++line.begin;
    return line;
}

bool is_comment_line(const SourceText& source, std::size_t index) {
    const SourceSpan line = trimmed_line(source, index);
    return line.size() > 0 && source.bytes()[line.begin] == '#';
}

/// Comment lines that end right above line `index`.
void take_comments_above(const SourceText& source, std::size_t index, std::vector<SourceSpan>& out) {
    std::size_t first = index;
    while (first > 0 && is_comment_line(source, first - 1)) --first;
    for (; first < index; ++first) out.push_back(trimmed_line(source, first));
}

/// The comment behind byte `from` in its line; quoted text is passed over.
void take_trailing_comment(const SourceText& source, std::size_t from, std::vector<SourceSpan>& out) {
    const SourceSpan line = source.line(source.line_of(from));
    char quote = '\0';
    for (std::size_t at = from; at < line.end; ++at) {
        const char letter = source.bytes()[at];
        if (quote != '\0') {
            if (letter == quote) quote = '\0';
        } else if (letter == '"' || letter == '\'') {
            if (at > from) quote = letter;
        } else if (letter == '#' && at > line.begin && (is_blank(source.bytes()[at - 1]) || source.bytes()[at - 1] == ',')) {
            out.push_back({at, line.end});
            return;
        }
    }
}

}  // namespace

Result<RequirementFile> parse_requirements(std::string_view bytes, const std::string& file) {
    SAGEBUILD_CHECK(check_text_file(bytes, file, {"SB0440", "a requirements file", RequirementLimits::file_bytes}));
    return RequirementsParser(bytes, file).parse();
}

void attach_comments(RequirementFile& file, bool trailing) {
    const SourceText& source = file.source;
    for (StatedRequirement& requirement : file.requirements) {
        std::size_t last = requirement.at.end;
        for (const StatedHash& hash : requirement.hashes) last = std::max(last, hash.at.end);
        const std::size_t first_line = source.line_of(requirement.context.size() > 0 ? requirement.context.begin : requirement.at.begin);
        const std::size_t url_line = requirement.url.empty() ? first_line : source.line_of(requirement.url_at.begin);
        take_comments_above(source, url_line, requirement.comments);
        if (url_line != first_line) take_comments_above(source, first_line, requirement.comments);
        if (trailing) take_trailing_comment(source, last, requirement.comments);
    }
}

void attach_mentions(RequirementFile& file) {
    const std::string& bytes = file.source.bytes();
    std::map<std::string, std::vector<StatedRequirement*>> by_name;
    std::map<std::size_t, std::size_t> urls;  // end by begin: what belongs to a URL is written with that URL
    for (StatedRequirement& requirement : file.requirements) {
        if (!requirement.url_is_verbatim || requirement.url.empty()) continue;
        urls[requirement.url_at.begin] = requirement.url_at.end;
        if (is_wheel_url(requirement.url)) by_name[file_name_of_url(requirement.url)].push_back(&requirement);
    }
    const auto is_name_byte = [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '.' || letter == '+' || letter == '-';
    };
    constexpr std::string_view ending = ".whl";
    constexpr std::size_t longest_name = 255;
    for (std::size_t at = bytes.find(ending); at != std::string::npos; at = bytes.find(ending, at + 1)) {
        SourceSpan name{at, at + ending.size()};
        while (name.begin > 0 && name.size() < longest_name && is_name_byte(bytes[name.begin - 1])) --name.begin;
        const auto found = by_name.find(std::string(file.source.at(name)));
        if (found == by_name.end()) continue;
        const auto url = urls.upper_bound(name.begin);
        if (url != urls.begin() && std::prev(url)->second >= name.end) continue;
        found->second.front()->mentions.push_back(name);
    }
}

}  // namespace sagebuild
