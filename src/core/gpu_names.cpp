#include "core/gpu_names.hpp"

#include <algorithm>
#include <set>

#include "core/glob.hpp"
#include "core/nearest.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_word_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '?';
}

/// `NVIDIA GeForce RTX4090 Laptop GPU` is `nvidia`, `geforce`, `rtx`, `4090`, `laptop`, `gpu`.
std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char raw : text) {
        const char letter = lower(raw);
        const bool is_series = words.back() == "rtx" || words.back() == "gtx";
        if (!is_word_letter(letter) || (is_series && letter >= '0' && letter <= '9')) {
            if (!words.back().empty()) words.emplace_back();
        }
        if (is_word_letter(letter)) words.back() += letter;
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

/// Whether the words of `pattern` stand in `words`, side by side.
bool holds(const std::vector<std::string>& words, const std::vector<std::string>& pattern) {
    const auto found = std::search(words.begin(), words.end(), pattern.begin(), pattern.end(),
                                   [](const std::string& word, const std::string& glob) { return matches_glob(glob, word); });
    return found != words.end() && !pattern.empty();
}

/// What a user may have meant: the names of the data, with every digit that a `?` may stand for in the series that exist.
std::vector<std::string> nearest_names(std::string_view text, const Compat& compat) {
    std::vector<std::string> names;
    for (const auto& [arch, gpu] : compat.gpus) {
        for (const std::string& name : gpu.names) {
            const std::size_t mark = name.find('?');
            if (mark == std::string::npos) {
                names.push_back(name);
                continue;
            }
            for (char digit = '1'; digit <= '9'; ++digit) {
                names.push_back(name);
                names.back()[mark] = digit;
            }
        }
    }
    const std::string folded = join_texts(split_words(text), " ", [](const std::string& word) { return word; });
    return find_nearest(folded, names);
}

}  // namespace

Result<Arch> find_gpu(std::string_view text, const Compat& compat) {
    if (const auto arch = parse_arch(text)) {
        if (arch->feature == ArchFeature::portable) return *arch;
    }
    constexpr std::size_t longest = 100;
    const std::vector<std::string> words = split_words(text.substr(0, longest));
    std::size_t most_words = 0;
    std::set<Arch> found;
    for (const auto& [arch, gpu] : compat.gpus) {
        for (const std::string& name : gpu.names) {
            const std::vector<std::string> pattern = split_words(name);
            if (pattern.size() < most_words || !holds(words, pattern)) continue;
            if (pattern.size() > most_words) found.clear();
            most_words = pattern.size();
            found.insert(arch);
        }
    }
    if (found.size() == 1) return *found.begin();
    Diagnostic error{.code = "SB0423", .what = "`" + printable(text, longest) + "` is not a known GPU"};
    if (found.size() > 1) {
        error.what = "`" + printable(text, longest) + "` may be a GPU of " + join_values(found);
    } else {
        error.nearest = nearest_names(text.substr(0, longest), compat);
    }
    error.hints.emplace_back("write its compute capability, such as `8.9`; `nvidia-smi --query-gpu=compute_cap --format=csv` prints it");
    return error;
}

}  // namespace sagebuild
