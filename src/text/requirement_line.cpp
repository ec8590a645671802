#include "text/requirement_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/naming_scheme.hpp"
#include "core/wheel_name.hpp"
#include "core/wheel_url.hpp"

namespace sagebuild {

namespace {

/// Longest first, so that `===` is not read as `==` and `=`.
constexpr std::array<std::string_view, 8> operators = {"===", "==", "~=", "!=", "<=", ">=", "<", ">"};

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t';
}

bool is_name_byte(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_' || letter == '.';
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return std::string(text);
}

/// Digest of a fragment such as `#sha256=0123&egg=name`.
void state_fragment(StatedRequirement& requirement, const SplicedText& fragment) {
    const std::string& text = fragment.text();
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('&', begin), text.size());
        const std::size_t equals = text.find('=', begin);
        if (equals < end) {
            const std::string name = text.substr(begin, equals - begin);
            const bool is_digest = name.starts_with("sha") || name == "md5";
            std::string digest = text.substr(equals + 1, end - equals - 1);
            std::transform(digest.begin(), digest.end(), digest.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
            if (is_digest && !digest.empty())
                requirement.hashes.push_back({name, std::move(digest), fragment.part(equals + 1, end - equals - 1).span()});
        }
        begin = end + 1;
    }
}

std::string find_specifier_fault(std::string_view text) {
    std::string_view rest = text;
    while (true) {
        const std::size_t comma = rest.find(',');
        const std::string clause = trimmed(rest.substr(0, comma));
        const auto found =
            std::find_if(operators.begin(), operators.end(), [&](std::string_view word) { return clause.starts_with(word); });
        if (clause.empty() && comma == std::string_view::npos && rest.size() != text.size()) return "";  // a comma at the end
        if (found == operators.end()) return "`" + clause + "` is no version specifier";
        const std::string version = trimmed(std::string_view(clause).substr(found->size()));
        if (version.empty()) return "no version stands behind `" + std::string(*found) + "`";
        const bool is_plain = std::all_of(version.begin(), version.end(), [](unsigned char letter) {
            return std::isalnum(letter) != 0 || std::string_view(".*+!-_").find(static_cast<char>(letter)) != std::string_view::npos;
        });
        if (!is_plain) return "`" + version + "` is no version";
        if (comma == std::string_view::npos) return "";
        rest.remove_prefix(comma + 1);
    }
}

class RequirementParser {
  public:
    RequirementParser(const SplicedText& text, std::string_view file) : m_all(text), m_text(text.text()), m_file(file) {}

    ReadRequirement parse() {
        m_out.stated.at = m_all.span();
        skip_blanks();
        const std::size_t url_end = std::min(m_text.find_first_of(" \t", m_at), m_text.size());
        const std::string_view first = std::string_view(m_text).substr(m_at, url_end - m_at);
        const bool is_path =
            first.starts_with("./") || first.starts_with("../") || first.starts_with('/') || is_wheel_url(first.substr(0, first.find(';')));
        if (has_scheme(first.substr(0, first.find('#'))) || is_path) {
            read_url();
        } else {
            read_named();
        }
        return std::move(m_out);
    }

  private:
    void skip_blanks() {
        while (m_at < m_text.size() && is_blank(m_text[m_at])) ++m_at;
    }
    void fail(std::string fault) {
        if (m_out.fault.empty()) m_out.fault = std::move(fault);
    }

    /// PEP 508: a URL ends at white space; `;` belongs to it unless white space stands before it.
    void read_url() {
        const std::size_t begin = m_at;
        std::size_t end = std::min(m_text.find_first_of(" \t", begin), m_text.size());
        // pip also takes `name.whl; marker`.
        const std::size_t semicolon = m_text.find(".whl;", begin);
        if (semicolon != std::string::npos && semicolon + 4 < end) end = semicolon + 4;
        state_url(m_out.stated, m_all.part(begin, end - begin), m_file);
        m_at = end;
        read_marker();
    }

    void read_named() {
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && is_name_byte(m_text[m_at])) ++m_at;
        const std::string name = m_text.substr(begin, m_at - begin);
        const bool legal = !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
                           std::isalnum(static_cast<unsigned char>(name.back())) != 0;
        if (!legal) return fail("`" + m_text.substr(begin, 80) + "` does not begin with a distribution's name");
        m_out.stated.distribution = normalise_project(name);
        skip_blanks();
        if (m_at < m_text.size() && m_text[m_at] == '[') {
            const std::size_t close = m_text.find(']', m_at);
            if (close == std::string::npos) return fail("`[` is not closed");
            m_at = close + 1;
            skip_blanks();
        }
        if (m_at < m_text.size() && m_text[m_at] == '@') {
            ++m_at;
            skip_blanks();
            if (m_at == m_text.size()) return fail("`" + name + " @` names no URL");
            return read_url();
        }
        read_specifier();
        read_marker();
    }

    void read_specifier() {
        const std::size_t end = std::min(m_text.find(';', m_at), m_text.size());
        std::string specifier = trimmed(std::string_view(m_text).substr(m_at, end - m_at));
        m_at = end;
        if (specifier.empty()) return;
        if (specifier.starts_with('(') && specifier.ends_with(')')) specifier = trimmed(specifier.substr(1, specifier.size() - 2));
        if (std::string fault = find_specifier_fault(specifier); !fault.empty()) return fail(std::move(fault));
        specifier.erase(std::remove_if(specifier.begin(), specifier.end(), is_blank), specifier.end());
        m_out.stated.specifier = std::move(specifier);
    }

    void read_marker() {
        skip_blanks();
        if (m_at == m_text.size()) return;
        if (m_text[m_at] != ';') return fail("`" + m_text.substr(m_at, 80) + "` stands behind the requirement");
        m_out.stated.marker = trimmed(std::string_view(m_text).substr(m_at + 1));
        if (m_out.stated.marker.empty()) fail("`;` is followed by no marker");
    }

    const SplicedText& m_all;
    const std::string& m_text;
    std::string_view m_file;
    std::size_t m_at = 0;
    ReadRequirement m_out;
};

}  // namespace

void state_url(StatedRequirement& requirement, const SplicedText& url, std::string_view file) {
    const std::size_t hash = std::min(url.text().find('#'), url.size());
    const SplicedText location = url.part(0, hash);
    requirement.url = location.text();
    requirement.url_at = location.span();
    requirement.url_is_verbatim = location.is_verbatim(file);
    if (hash < url.size()) state_fragment(requirement, url.part(hash + 1));
    if (!requirement.distribution.empty() || !is_wheel_url(requirement.url)) return;
    if (const auto name = parse_wheel_name(file_name_of_url(requirement.url)))
        requirement.distribution = normalise_project(name->distribution);
}

ReadRequirement parse_requirement(const SplicedText& text, std::string_view file) {
    return RequirementParser(text, file).parse();
}

}  // namespace sagebuild
