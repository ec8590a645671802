#include "core/coverage_filter.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/nearest.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

const std::vector<std::string> keys = {"torch", "cuda", "python", "arch", "os", "cpu", "kind"};

/// Values that are words, by key; the others are versions.
const std::map<std::string, std::vector<std::string>> words_of = {
    {"os", {"linux", "windows"}}, {"cpu", {"x86_64", "aarch64"}}, {"kind", {"row", "universal"}}};

std::string listed(const std::vector<std::string>& words) {
    return join_texts(words, ", ", [](const std::string& word) { return word; });
}

Diagnostic malformed(std::string what, std::vector<std::string> nearest, std::string hint) {
    return {.code = "SB0240", .what = std::move(what), .nearest = std::move(nearest), .hints = {std::move(hint)}};
}

bool is_version_of(const std::string& key, std::string value) {
    if (key == "python" && value.ends_with('t')) value.pop_back();
    const auto version = parse_version(value);
    if (key == "arch") return parse_arch(value).has_value();
    return version && version->size() >= 2;
}

/// Whether a value of an axis is one that was asked for: `2.9` answers to `2.9.1`.
bool answers(const std::string& key, const std::string& asked, const std::string& value) {
    if (words_of.contains(key) || key == "arch") return asked == value;
    const bool free_threaded = asked.ends_with('t');
    if (free_threaded != value.ends_with('t')) return false;
    const auto numbers = [&](const std::string& text) { return parse_version(text.substr(0, text.size() - (free_threaded ? 1 : 0))); };
    return numbers(asked)->prefix(2) == numbers(value)->prefix(2);
}

class Narrowing {
  public:
    explicit Narrowing(const Coverage& coverage) : m_coverage(coverage) {}

    Result<Coverage> run(const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            auto term = parse_coverage_term(word);
            if (!term) {
                m_errors.insert(m_errors.end(), term.errors().begin(), term.errors().end());
            } else {
                m_asked[term->key].push_back(term->value);
            }
        }
        if (!m_errors.empty()) return m_errors;
        Coverage out;
        out.package = m_coverage.package;
        out.reasons = m_coverage.reasons;
        out.lines = m_coverage.lines;
        const auto torch = choose("torch", m_coverage.torch, out.torch, [](const Version& item) { return item.to_string(); });
        const auto cuda = choose("cuda", m_coverage.cuda, out.cuda, [](const Version& item) { return item.to_string(); });
        const auto python = choose("python", m_coverage.pythons, out.pythons, [](const PythonBuild& item) { return item.to_string(); });
        const auto platform = choose_platforms(out.platforms);
        const auto gpu = choose("arch", m_coverage.gpus, out.gpus, [](const GpuGeneration& item) { return item.arch.to_string(); });
        if (!m_errors.empty()) return m_errors;
        for (const std::size_t a : torch) {
            for (const std::size_t b : cuda) {
                for (const std::size_t c : python) {
                    for (const std::size_t d : platform) {
                        for (const std::size_t e : gpu) out.cells.push_back(counted(m_coverage.at(a, b, c, d, e)));
                    }
                }
            }
        }
        return out;
    }

  private:
    template <typename Item, typename Text>
    std::vector<std::size_t> choose(const std::string& key, const std::vector<Item>& items, std::vector<Item>& chosen, Text text) {
        std::vector<std::size_t> places;
        for (std::size_t index = 0; index < items.size(); ++index) {
            if (!is_asked(key, text(items[index]))) continue;
            places.push_back(index);
            chosen.push_back(items[index]);
        }
        if (places.empty()) m_errors.push_back(unknown_value(key, map_items(items, text)));
        return places;
    }

    std::vector<std::size_t> choose_platforms(std::vector<CoveragePlatform>& chosen) {
        std::vector<std::size_t> places;
        for (std::size_t index = 0; index < m_coverage.platforms.size(); ++index) {
            const CoveragePlatform& platform = m_coverage.platforms[index];
            if (!is_asked("os", platform.os) || !is_asked("cpu", platform.cpu)) continue;
            places.push_back(index);
            chosen.push_back(platform);
        }
        if (places.empty()) {
            m_errors.push_back({.code = "SB0241",
                                .what = "torch ships for no such platform",
                                .notes = {"platforms: " + join_values(m_coverage.platforms)}});
        }
        return places;
    }

    bool is_asked(const std::string& key, const std::string& value) const {
        const auto asked = m_asked.find(key);
        return asked == m_asked.end() ||
               std::any_of(asked->second.begin(), asked->second.end(), [&](const std::string& one) { return answers(key, one, value); });
    }

    Diagnostic unknown_value(const std::string& key, const std::vector<std::string>& known) const {
        Diagnostic error{.code = "SB0241", .what = "the compatibility data knows no " + key + " `" + listed(m_asked.at(key)) + "`"};
        error.notes.push_back("known: " + listed(known));
        return error;
    }

    CoverageCell counted(CoverageCell cell) const {
        const auto kinds = m_asked.find("kind");
        if (cell.state != CoverageState::covered || kinds == m_asked.end()) return cell;
        const auto counts = [&](const char* kind) {
            return std::find(kinds->second.begin(), kinds->second.end(), kind) != kinds->second.end();
        };
        cell.by_row = cell.by_row && counts("row");
        cell.by_universal = cell.by_universal && counts("universal");
        if (!cell.by_row && !cell.by_universal) cell.state = CoverageState::missing;
        return cell;
    }

    const Coverage& m_coverage;
    std::map<std::string, std::vector<std::string>> m_asked;
    Diagnostics m_errors;
};

}  // namespace

Result<CoverageTerm> parse_coverage_term(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        return malformed("`" + printable(word) + "` is no `key=value`", {}, "the keys are " + listed(keys) + ", as in `torch=2.9`");
    }
    CoverageTerm term{std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
    if (std::find(keys.begin(), keys.end(), term.key) == keys.end()) {
        return malformed("`" + printable(term.key) + "` is no axis of the coverage", find_nearest(term.key, keys),
                         "the keys are " + listed(keys));
    }
    if (const auto known = words_of.find(term.key); known != words_of.end()) {
        if (std::find(known->second.begin(), known->second.end(), term.value) != known->second.end()) return term;
        return malformed("`" + printable(term.value) + "` is no value of `" + term.key + "`", find_nearest(term.value, known->second),
                         "`" + term.key + "` is one of " + listed(known->second));
    }
    if (is_version_of(term.key, term.value)) return term;
    return malformed("`" + printable(term.value) + "` is no value of `" + term.key + "`", {},
                     term.key == "arch"     ? "write a compute capability like `arch=8.9`"
                     : term.key == "python" ? "write it like `python=3.13` or, without the global lock, `python=3.13t`"
                                            : "write major and minor like `" + term.key + "=" + (term.key == "torch" ? "2.9`" : "12.9`"));
}

Result<Coverage> narrow_coverage(const Coverage& coverage, const std::vector<std::string>& words) {
    return Narrowing(coverage).run(words);
}

}  // namespace sagebuild
