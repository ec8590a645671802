#include "text/demand_reader.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/coverage_filter.hpp"
#include "core/error_at.hpp"
#include "text/table.hpp"

namespace sagebuild {

namespace {

constexpr long long most_wishes = 1'000'000'000;

struct Word {
    std::string_view text;
    int column = 0;  ///< from 1
};

std::vector<Word> words_of(std::string_view line) {
    std::vector<Word> words;
    const std::string_view blanks = " \t\r";
    for (std::size_t at = line.find_first_not_of(blanks); at < line.size(); at = line.find_first_not_of(blanks, at)) {
        const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
        words.push_back({line.substr(at, end - at), static_cast<int>(at) + 1});
        at = end;
    }
    return words;
}

class DemandLine {
  public:
    DemandLine(std::string_view text, Place place, Diagnostics& errors) : m_text(text), m_place(std::move(place)), m_errors(errors) {}

    /// Nothing for an empty line and for one with faults.
    std::optional<Wish> read() {
        std::vector<Word> words = words_of(m_text.substr(0, m_text.find('#')));
        if (words.empty()) return std::nullopt;
        Wish wish;
        wish.place = m_place;
        const std::size_t before = m_errors.size();
        if (words.front().text.find('=') == std::string_view::npos) {
            read_count(words.front(), wish);
            words.erase(words.begin());
        }
        for (const Word& word : words) read_word(word, wish);
        for (const char* key : {"torch", "cuda", "python"}) {
            if (!m_seen.contains(key) && m_errors.size() == before) add({m_text, 1}, "the line lacks `" + std::string(key) + "=`");
        }
        if (m_errors.size() != before) return std::nullopt;
        return wish;
    }

  private:
    Diagnostic& add(const Word& word, std::string what) {
        Diagnostic error{.code = "SB0243", .what = std::move(what), .place = m_place};
        error.place.column = word.column;
        error.excerpt = Excerpt{std::string(m_text), static_cast<int>(std::max<std::size_t>(1, word.text.size())), ""};
        m_errors.push_back(std::move(error));
        return m_errors.back();
    }

    void read_count(const Word& word, Wish& wish) {
        const auto [stop, fault] = std::from_chars(word.text.data(), word.text.data() + word.text.size(), wish.count);
        if (fault == std::errc() && stop == word.text.data() + word.text.size() && wish.count >= 1 && wish.count <= most_wishes) return;
        add(word, "`" + printable(word.text) + "` is neither a count from 1 to " + std::to_string(most_wishes) + " nor `key=value`");
    }

    void read_word(const Word& word, Wish& wish) {
        const auto term = parse_coverage_term(word.text);
        if (!term) {
            Diagnostic& error = add(word, term.errors().front().what);
            error.nearest = term.errors().front().nearest;
            error.hints = term.errors().front().hints;
            return;
        }
        if (term->key == "kind") {
            add(word, "a wish is for a combination, not for a kind of wheel").hints = {"`--kind row` counts wheels of rows only"};
        } else if (const auto [first, added] = m_seen.try_emplace(term->key, term->value); !added) {
            add(word, "`" + term->key + "` is said twice in one line").hints = {"write one line for each combination"};
        } else {
            store(*term, wish);
        }
    }

    static void store(const CoverageTerm& term, Wish& wish) {
        if (term.key == "torch") wish.torch = *parse_version(term.value);
        if (term.key == "cuda") wish.cuda = *parse_version(term.value);
        if (term.key == "arch") wish.gpu = parse_arch(term.value)->capability();
        if (term.key == "os") wish.platform.os = term.value;
        if (term.key == "cpu") wish.platform.cpu = term.value;
        if (term.key == "python") {
            wish.python.free_threaded = term.value.ends_with('t');
            wish.python.version = parse_version(term.value.substr(0, term.value.size() - (wish.python.free_threaded ? 1 : 0)))->prefix(2);
        }
    }

    std::string_view m_text;
    Place m_place;
    Diagnostics& m_errors;
    std::map<std::string, std::string> m_seen;
};

std::string counted(long long count, const std::string& noun, const std::string& ending) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : ending);
}

}  // namespace

Result<std::vector<Wish>> parse_demand(std::string_view text, const std::string& path) {
    std::vector<Wish> wishes;
    Diagnostics errors;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto wish = DemandLine(text.substr(0, end), {path, ++number, 1}, errors).read()) wishes.push_back(*wish);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!errors.empty()) return errors;
    if (wishes.empty()) {
        return Diagnostic{.code = "SB0244",
                          .what = "`" + path + "` wants nothing",
                          .hints = {"one combination a line: `40 torch=2.9 cuda=13.0 python=3.13`"}};
    }
    return wishes;
}

std::string render_suggestions(const Suggestions& suggestions) {
    long long refused = 0, by_lines = 0;
    for (const RefusedWish& one : suggestions.refused) refused += one.wish.count;
    for (const Suggestion& one : suggestions.lines) by_lines += one.wishes;
    std::string out = counted(suggestions.wishes, "wish", "es") + ": " + std::to_string(suggestions.served) + " served already, " +
                      std::to_string(by_lines) + " by " + counted(static_cast<long long>(suggestions.lines.size()), "new line", "s") +
                      ", " + std::to_string(refused) + " by none\n";
    if (!suggestions.lines.empty()) {
        Table table;
        table.columns = {{"WISHES"}, {"IN"}, {"LINE"}};
        for (const Suggestion& one : suggestions.lines) table.rows.push_back({std::to_string(one.wishes), one.line.place, one.line.text});
        out += render_table(table, 0);
    }
    for (const RefusedWish& one : suggestions.refused) out += place_text(one.wish.place) + ": not served: " + one.reason + "\n";
    return out;
}

}  // namespace sagebuild
