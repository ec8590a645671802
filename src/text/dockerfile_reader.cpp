#include "text/dockerfile_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/nearest.hpp"
#include "text/text_file.hpp"

namespace sagebuild {

namespace {

constexpr std::array<std::string_view, 18> keywords = {"ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
                                                       "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
                                                       "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t';
}

std::string upper_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return out;
}

class DockerfileParser {
  public:
    DockerfileParser(std::string_view bytes, const std::string& file) : m_document{SourceText(file, std::string(bytes)), '\\', {}} {}

    Result<DockerfileDocument> parse() {
        read_directives();
        while (m_line < source().line_count() && m_problems.empty()) read_instruction();
        if (m_problems.empty()) check_begin();
        if (!m_problems.empty()) return std::move(m_problems);
        return std::move(m_document);
    }

  private:
    const SourceText& source() const { return m_document.source; }
    std::string_view bytes() const { return m_document.source.bytes(); }

    /// The line without the white space before it.
    SourceSpan trimmed_line(std::size_t index) const {
        SourceSpan line = source().line(index);
        if (index == 0 && bytes().starts_with(byte_order_mark)) line.begin += byte_order_mark.size();
        while (line.begin < line.end && is_blank(bytes()[line.begin])) ++line.begin;
        return line;
    }

    Diagnostic& add(SourceSpan span, std::string what, std::string label = "") {
        m_problems.push_back(source().error(span, "SB0470", std::move(what), std::move(label)));
        return m_problems.back();
    }

    /// `# name=value` lines at the very top; the first line that is none ends them.
    void read_directives() {
        for (std::size_t index = 0; index < source().line_count(); ++index) {
            const SourceSpan line = trimmed_line(index);
            std::string text;
            for (const char letter : source().at(line)) {
                if (!is_blank(letter)) text += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
            }
            const std::size_t equals = text.find('=');
            if (!text.starts_with('#') || equals == std::string::npos) return;
            const std::string name = text.substr(1, equals - 1);
            if (name == "escape") {
                const std::string value = text.substr(equals + 1);
                if (value != "\\" && value != "`") {
                    add(line, "the parser directive `escape` takes `\\` or a backtick, not `" + value + "`");
                    return;
                }
                m_document.escape = value[0];
            } else if (name != "syntax" && name != "check") {
                return;
            }
        }
    }

    /// Whether the line goes on in the next one; `line.end` is then before the escape character. Two of them are a character that is meant.
    bool cut_continuation(SourceSpan& line) const {
        std::size_t end = line.end;
        while (end > line.begin && is_blank(bytes()[end - 1])) --end;
        if (end == line.begin || bytes()[end - 1] != m_document.escape) return false;
        if (end - 1 > line.begin && bytes()[end - 2] == m_document.escape) return false;
        line.end = end - 1;
        return true;
    }

    void read_instruction() {
        SourceSpan line = trimmed_line(m_line);
        if (line.size() == 0 || bytes()[line.begin] == '#') {
            ++m_line;
            return;
        }
        if (m_document.instructions.size() >= DockerfileLimits::instructions) {
            add(line, "a Dockerfile of more than " + std::to_string(DockerfileLimits::instructions) + " instructions is not read");
            return;
        }
        const std::size_t begin = line.begin;
        std::size_t end = line.end;
        SplicedText text;
        bool goes_on = cut_continuation(line);
        text.append(bytes(), line.begin, line.end);
        ++m_line;
        while (goes_on && m_line < source().line_count()) {
            // BuildKit leaves out comment lines and empty lines between continued ones.
            const SourceSpan trimmed = trimmed_line(m_line);
            if (trimmed.size() > 0 && bytes()[trimmed.begin] != '#') {
                SourceSpan next = source().line(m_line);
                end = next.end;
                goes_on = cut_continuation(next);
                text.append(bytes(), next.begin, next.end);
            }
            ++m_line;
        }
        add_instruction(text, {begin, end});
    }

    void add_instruction(const SplicedText& text, SourceSpan span) {
        const std::string& all = text.text();
        const std::size_t word = std::min(all.find_first_of(" \t"), all.size());
        DockerfileInstruction instruction;
        instruction.keyword = upper_case(all.substr(0, word));
        instruction.span = span;
        const std::size_t first = all.find_first_not_of(" \t", word);
        if (first != std::string::npos) instruction.arguments = text.part(first, all.find_last_not_of(" \t") + 1 - first);
        const SourceSpan at = text.part(0, word).span();
        if (std::find(keywords.begin(), keywords.end(), instruction.keyword) == keywords.end()) {
            Diagnostic& problem = add(at, "`" + all.substr(0, word) + "` is no instruction of a Dockerfile");
            problem.nearest = find_nearest(instruction.keyword, {keywords.begin(), keywords.end()});
            return;
        }
        if (instruction.arguments.empty()) {
            add(at, "`" + instruction.keyword + "` has no arguments");
            return;
        }
        read_heredocs(instruction);
        m_document.instructions.push_back(std::move(instruction));
    }

    void read_heredocs(DockerfileInstruction& instruction) {
        if (instruction.keyword != "RUN" && instruction.keyword != "ADD" && instruction.keyword != "COPY") return;
        const std::string& text = instruction.arguments.text();
        char quote = '\0';
        for (std::size_t at = 0; at < text.size() && m_problems.empty(); ++at) {
            if (quote != '\0') {
                if (text[at] == quote) quote = '\0';
            } else if (text[at] == '"' || text[at] == '\'') {
                quote = text[at];
            } else if (text.compare(at, 3, "<<<") == 0) {
                at += 2;  // a here-string of bash
            } else if (text.compare(at, 2, "<<") == 0) {
                at = read_heredoc(instruction, at);
            }
        }
    }

    /// `<<EOF`, `<<-"EOF"`; returns the last byte of the word. Anything else behind `<<` is left to the shell.
    std::size_t read_heredoc(DockerfileInstruction& instruction, std::size_t at) {
        const std::string& text = instruction.arguments.text();
        std::size_t begin = at + 2;
        const bool strips_tabs = begin < text.size() && text[begin] == '-';
        if (strips_tabs) ++begin;
        const char quote = begin < text.size() && (text[begin] == '"' || text[begin] == '\'') ? text[begin] : '\0';
        if (quote != '\0') ++begin;
        std::size_t end = begin;
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' || text[end] == '.'))
            ++end;
        if (end == begin || (quote != '\0' && (end == text.size() || text[end] != quote))) return at + 1;
        DockerfileHeredoc heredoc{text.substr(begin, end - begin), {source().bytes().size(), source().bytes().size()}, quote == '\0'};
        if (m_line < source().line_count()) heredoc.body.begin = source().line(m_line).begin;
        for (; m_line < source().line_count(); ++m_line) {
            SourceSpan line = source().line(m_line);
            const std::size_t line_begin = line.begin;
            while (strips_tabs && line.begin < line.end && bytes()[line.begin] == '\t') ++line.begin;
            if (source().at(line) != heredoc.name) continue;
            heredoc.body.end = line_begin;
            instruction.span.end = line.end;
            ++m_line;
            instruction.heredocs.push_back(std::move(heredoc));
            return end;
        }
        add(instruction.arguments.part(at, end - at).span(), "the here-document `" + heredoc.name + "` is not closed",
            "no line is `" + heredoc.name + "`");
        return end;
    }

    /// Only `ARG` may stand before the first `FROM`.
    void check_begin() {
        const auto first = std::find_if(m_document.instructions.begin(), m_document.instructions.end(),
                                        [](const DockerfileInstruction& instruction) { return instruction.keyword != "ARG"; });
        if (first == m_document.instructions.end()) {
            m_problems.push_back({"SB0470", "a Dockerfile without `FROM`", {source().file(), 0, 0}});
        } else if (first->keyword != "FROM") {
            add(first->span, "`" + first->keyword + "` stands before the first `FROM`");
        }
    }

    DockerfileDocument m_document;
    std::size_t m_line = 0;
    Diagnostics m_problems;
};

}  // namespace

Result<DockerfileDocument> parse_dockerfile(std::string_view bytes, const std::string& file) {
    SAGEBUILD_CHECK(check_text_file(bytes, file, {"SB0470", "a Dockerfile", DockerfileLimits::file_bytes}));
    return DockerfileParser(bytes, file).parse();
}

}  // namespace sagebuild
