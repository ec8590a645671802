#include "core/wheel_name.hpp"

#include <algorithm>

#include "core/python_version.hpp"

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_word_character(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    parts.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), separator)) + 1);
    while (true) {
        const std::size_t at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, char separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

/// Collects what is wrong with one name, so that a user sees all of it at once.
class NameProblems {
  public:
    explicit NameProblems(std::string_view file_name) : m_file_name(file_name) {}

    void note(std::string text) { m_error.notes.push_back(std::move(text)); }
    void hint(std::string text) { m_error.hints.push_back(std::move(text)); }
    bool empty() const { return m_error.notes.empty(); }
    Diagnostic take() {
        m_error.code = "SB0401";
        m_error.what = "`" + printable(m_file_name, 160) + "` is not a wheel file name";
        return std::move(m_error);
    }

  private:
    std::string_view m_file_name;
    Diagnostic m_error;
};

/// Project names: letters and digits, with `.` and `_` inside; two separators in a row would not survive normalization (PEP 503).
void check_distribution(const std::string& distribution, NameProblems& problems) {
    const bool legal =
        std::all_of(distribution.begin(), distribution.end(), [](char letter) { return is_word_character(letter) || letter == '.'; });
    if (!legal)
        return problems.note("distribution `" + printable(distribution, 80) + "` has characters other than letters, digits, `.` and `_`");
    const auto is_edge = [](char letter) { return letter == '.' || letter == '_'; };
    if (is_edge(distribution.front()) || is_edge(distribution.back())) {
        problems.note("distribution `" + distribution + "` does not start and end with a letter or digit");
    } else if (distribution.find("__") != std::string::npos) {
        problems.note("distribution `" + distribution + "` has two `_` in a row");
    }
}

void check_build(const std::string& build, const std::string& version, NameProblems& problems) {
    if (!is_digit(build.front())) {
        problems.note("build tag `" + printable(build, 80) + "` does not start with a digit");
        const std::string as_local = version + (version.find('+') == std::string::npos ? "+" : ".") + build;
        if (is_python_version(as_local)) problems.hint("write it as a local version, `" + as_local + "`, or put a number in front of it");
    } else if (!std::all_of(build.begin(), build.end(), [](char letter) { return is_word_character(letter) || letter == '.'; })) {
        problems.note("build tag `" + printable(build, 80) + "` has characters other than letters, digits, `.` and `_`");
    }
}

/// A compressed tag set (PEP 425): tags joined by `.`.
std::vector<std::string> parse_tag_set(std::string_view text, const std::string& kind, NameProblems& problems) {
    std::vector<std::string> tags = split(text, '.');
    for (auto tag = tags.begin(); tag != tags.end(); ++tag) {
        if (tag->empty()) {
            problems.note(kind + " tags `" + printable(text, 80) + "` have an empty tag between dots");
        } else if (!std::all_of(tag->begin(), tag->end(), is_word_character)) {
            problems.note(kind + " tag `" + printable(*tag, 80) + "` has characters other than letters, digits and `_`");
        } else if (std::find(tags.begin(), tag, *tag) != tag) {
            problems.note(kind + " tag `" + *tag + "` stands there twice");
        }
    }
    return tags;
}

void note_part_count(const std::vector<std::string>& parts, NameProblems& problems) {
    problems.note("it has " + std::to_string(parts.size()) + (parts.size() == 1 ? " part" : " parts") +
                  " between `-`; a wheel has 5, or 6 with a build tag: distribution, version, build, python, abi, platform");
    if (parts.size() > 6) problems.hint("a `-` inside a part is written `_`");
}

}  // namespace

std::vector<std::string> WheelName::tags() const {
    std::vector<std::string> all;
    for (const std::string& python : pythons) {
        for (const std::string& abi : abis) {
            for (const std::string& platform : platforms) all.push_back(lower_case(python + "-" + abi + "-" + platform));
        }
    }
    return all;
}

std::string render_wheel_name(const WheelName& name) {
    std::string out = name.distribution + "-" + name.version;
    if (!name.build.empty()) out += "-" + name.build;
    return out + "-" + join(name.pythons, '.') + "-" + join(name.abis, '.') + "-" + join(name.platforms, '.') + ".whl";
}

Result<WheelName> parse_wheel_name(std::string_view file_name) {
    constexpr std::size_t longest = 255;  // NAME_MAX of the file systems that hold wheels
    constexpr std::string_view extension = ".whl";
    NameProblems problems(file_name);
    if (file_name.size() > longest) {
        problems.note("it has " + std::to_string(file_name.size()) + " bytes; file systems take " + std::to_string(longest));
        return problems.take();
    }
    if (file_name.find('/') != std::string_view::npos || file_name.find('\\') != std::string_view::npos) {
        problems.note("it holds a path separator");
        return problems.take();
    }
    if (file_name.find('%') != std::string_view::npos) {
        problems.note("it holds `%`, which no part of a wheel name has");
        problems.hint("decode the URL first: `%2B` is `+`");
        return problems.take();
    }
    if (!file_name.ends_with(extension)) {
        problems.note("it does not end in `.whl`");
        if (lower_case(file_name).ends_with(extension)) problems.hint("the ending is written in small letters");
        return problems.take();
    }
    const std::vector<std::string> parts = split(file_name.substr(0, file_name.size() - extension.size()), '-');
    if (parts.size() != 5 && parts.size() != 6) {
        note_part_count(parts, problems);
        return problems.take();
    }
    if (std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); })) {
        problems.note("it has an empty part between `-`");
        return problems.take();
    }
    const std::size_t tags_at = parts.size() - 3;
    WheelName name;
    name.distribution = parts[0];
    name.version = parts[1];
    if (parts.size() == 6) name.build = parts[2];
    check_distribution(name.distribution, problems);
    // `-` joins the parts, so only `_` and `.` are left as separators inside a version.
    if (!is_python_version(name.version))
        problems.note("version `" + printable(name.version, 80) + "` is not a Python version such as `2.2.0` or `2.2.0+cu129`");
    if (!name.build.empty()) check_build(name.build, name.version, problems);
    name.pythons = parse_tag_set(parts[tags_at], "python", problems);
    name.abis = parse_tag_set(parts[tags_at + 1], "abi", problems);
    name.platforms = parse_tag_set(parts[tags_at + 2], "platform", problems);
    if (!problems.empty()) return problems.take();
    return name;
}

std::string make_build_tag(const Version& torch, const Version& cuda) {
    // Always three parts of torch and two of CUDA: 2.1 and 2.10 would both give 210 otherwise.
    std::string tag;
    for (std::size_t index = 0; index < 3; ++index) tag += std::to_string(torch.part(index));
    return tag + "." + std::to_string(cuda.part(0)) + std::to_string(cuda.part(1));
}

WheelName make_wheel_name(const Target& target) {
    WheelName name;
    name.distribution = lower_case(target.package);
    std::replace_if(
        name.distribution.begin(), name.distribution.end(), [](char letter) { return letter == '-' || letter == '.'; }, '_');
    name.version = target.package_version.to_string();
    if (target.kind == TargetKind::row && target.torch) name.build = make_build_tag(*target.torch, target.cuda);
    if (target.python) {
        const std::string tag = "cp" + std::to_string(target.python->part(0)) + std::to_string(target.python->part(1));
        name.pythons = {tag};
        name.abis = {tag};
    } else {
        name.pythons = {"py3"};
        name.abis = {"none"};
    }
    for (const std::string& platform : target.platforms) name.platforms.push_back(platform + "_" + target.cpu);
    return name;
}

}  // namespace sagebuild
