#include "core/python_version_order.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/python_version.hpp"

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_letter(char letter) {
    return letter >= 'a' && letter <= 'z';
}

/// Reads a text that is known to be a version, in small letters with `.` for every separator.
class VersionReader {
  public:
    explicit VersionReader(std::string_view text) : m_rest(text) {}

    bool at_end() const { return m_rest.empty(); }
    bool starts_with_digit() const { return !m_rest.empty() && is_digit(m_rest.front()); }
    bool take(char letter) {
        if (!m_rest.starts_with(letter)) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    std::int64_t take_number() {
        constexpr std::int64_t largest = 999'999'999'999'999'999;
        std::int64_t value = 0;
        for (; starts_with_digit(); m_rest.remove_prefix(1)) value = value > largest / 10 ? largest : value * 10 + (m_rest.front() - '0');
        return value;
    }
    std::string_view take_word() {
        const auto end = std::find_if_not(m_rest.begin(), m_rest.end(), is_letter);
        const std::string_view word = m_rest.substr(0, static_cast<std::size_t>(end - m_rest.begin()));
        m_rest.remove_prefix(word.size());
        return word;
    }
    std::int64_t take_suffix_number() {
        const std::string_view before = m_rest;
        take('.');
        if (starts_with_digit()) return take_number();
        m_rest = before;
        return 0;
    }
    std::string_view rest() const { return m_rest; }

  private:
    std::string_view m_rest;
};

std::vector<std::pair<std::int64_t, std::string>> read_local(std::string_view text) {
    std::vector<std::pair<std::int64_t, std::string>> local;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('.'), text.size());
        const std::string_view part = text.substr(0, end);
        if (std::all_of(part.begin(), part.end(), is_digit)) {
            local.emplace_back(VersionReader(part).take_number(), "");
        } else {
            local.emplace_back(-1, std::string(part));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return local;
}

void take_word_suffix(std::string_view word, VersionReader& reader, PythonVersionOrder& version) {
    const std::int64_t number = reader.take_suffix_number();
    if (word == "dev") {
        version.development = number;
    } else if (word == "post" || word == "rev" || word == "r") {
        version.post = number;
    } else {
        version.phase = word == "a" || word == "alpha" ? -3 : word == "b" || word == "beta" ? -2 : -1;
        version.phase_number = number;
    }
}

}  // namespace

std::optional<PythonVersionOrder> parse_python_version(std::string_view text) {
    if (!is_python_version(text)) return std::nullopt;
    std::string folded(text);
    const std::size_t plus = std::min(folded.find('+'), folded.size());
    for (std::size_t at = 0; at < folded.size(); ++at) {
        char& letter = folded[at];
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        // `1.0-1` is a post-release, unlike `1.0.1`
        if (letter == '_' || (letter == '-' && (at > plus || at + 1 >= folded.size() || !is_digit(folded[at + 1])))) letter = '.';
    }
    PythonVersionOrder version;
    if (plus < folded.size()) version.local = read_local(std::string_view(folded).substr(plus + 1));
    VersionReader reader(std::string_view(folded).substr(0, plus));
    reader.take('v');
    version.release.push_back(reader.take_number());
    if (reader.take('!')) {
        version.epoch = version.release.back();
        version.release.back() = reader.take_number();
    }
    while (!reader.at_end()) {
        if (reader.take('-')) {
            version.post = reader.take_number();
            continue;
        }
        reader.take('.');
        if (reader.starts_with_digit()) {
            version.release.push_back(reader.take_number());
        } else {
            take_word_suffix(reader.take_word(), reader, version);
        }
    }
    while (version.release.size() > 1 && version.release.back() == 0) version.release.pop_back();
    // `1.0.dev1` comes before `1.0a1`, `1.0a1.dev1` right before `1.0a1`
    if (version.development != PythonVersionOrder::no_development && version.phase == 0 && version.post < 0) version.phase = -4;
    return version;
}

std::strong_ordering PythonVersionOrder::compare_public(const PythonVersionOrder& other) const {
    if (const auto order = epoch <=> other.epoch; order != 0) return order;
    if (const auto order = release <=> other.release; order != 0) return order;
    if (const auto order = phase <=> other.phase; order != 0) return order;
    if (const auto order = phase_number <=> other.phase_number; order != 0) return order;
    if (const auto order = post <=> other.post; order != 0) return order;
    return development <=> other.development;
}

std::strong_ordering PythonVersionOrder::compare_local(const PythonVersionOrder& other) const {
    return local <=> other.local;
}

std::optional<bool> allows_python(std::string_view requires_python, int major, int minor) {
    constexpr std::array<std::string_view, 8> operators = {"===", "~=", "==", "!=", "<=", ">=", "<", ">"};
    const std::pair<std::int64_t, std::int64_t> here{major, minor};
    bool allowed = true;
    while (!requires_python.empty()) {
        const std::size_t comma = std::min(requires_python.find(','), requires_python.size());
        std::string_view clause = requires_python.substr(0, comma);
        requires_python.remove_prefix(std::min(comma + 1, requires_python.size()));
        while (clause.starts_with(' ')) clause.remove_prefix(1);
        while (clause.ends_with(' ')) clause.remove_suffix(1);
        if (clause.empty()) continue;
        const auto* sign =
            std::find_if(operators.begin(), operators.end(), [&](std::string_view entry) { return clause.starts_with(entry); });
        if (sign == operators.end()) return std::nullopt;
        clause.remove_prefix(sign->size());
        while (clause.starts_with(' ')) clause.remove_prefix(1);
        const bool is_prefix = clause.ends_with(".*");
        if (is_prefix) clause.remove_suffix(2);
        const auto version = parse_python_version(clause);
        if (!version) return std::nullopt;
        const auto parts = static_cast<std::size_t>(std::count(clause.begin(), clause.end(), '.')) + 1;
        const auto part = [&](std::size_t index) { return index < version->release.size() ? version->release[index] : 0; };
        const std::pair<std::int64_t, std::int64_t> stated{part(0), part(1)};
        const bool has_patch = parts > 2;
        // where a patch decides, some patch of the minor is allowed
        if (*sign == ">=" || *sign == ">") {
            allowed = allowed && here >= stated;
        } else if (*sign == "<=") {
            allowed = allowed && here <= stated;
        } else if (*sign == "<") {
            allowed = allowed && (has_patch && part(2) > 0 ? here <= stated : here < stated);
        } else if (*sign == "!=") {
            const bool excluded = parts == 1 && is_prefix ? here.first == stated.first : here == stated && is_prefix && !has_patch;
            allowed = allowed && !excluded;
        } else if (*sign == "~=") {
            allowed = allowed && here >= stated && here.first == stated.first && (!has_patch || here.second == stated.second);
        } else {
            allowed = allowed && (parts == 1 && is_prefix ? here.first == stated.first : here == stated);
        }
    }
    return allowed;
}

}  // namespace sagebuild
