#include "text/index_page.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/html_tags.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::json;

constexpr std::size_t most_files = 200000;

Diagnostic unreadable_page(const Url& page, std::string cause) {
    return {.code = "SB0562", .what = "index page `" + page.shown() + "` cannot be understood", .causes = {std::move(cause)}};
}

/// A page of a server cannot point at files of this machine.
bool may_point_to(const Url& page, const Url& url) {
    return url.scheme != "file" || page.scheme == "file";
}

/// 64 hex digits in small letters, or nothing.
std::string sha256_from(std::string text) {
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos ? text : "";
}

/// `1.x` is understood; a new major may mean anything (PEP 629).
bool is_known_version(std::string_view version) {
    return version == "1" || version.starts_with("1.");
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Gathers the links of one page.
class HtmlReader {
  public:
    explicit HtmlReader(const Url& page) : m_page(page), m_base(page) {}

    Result<std::vector<ListedWheel>> read(std::string_view html) {
        scan_html_tags(html, [this](const HtmlTag& tag) { return take(tag); });
        if (!m_problem.empty()) return unreadable_page(m_page, m_problem);
        return std::move(m_wheels);
    }

  private:
    bool take(const HtmlTag& tag) {
        if (tag.name == "a") {
            add_link(tag);
        } else if (tag.name == "base") {
            const auto base = resolve_url(m_page, trimmed(tag.find("href").value_or("")));
            if (base && may_point_to(m_page, *base)) m_base = *base;
        } else if (tag.name == "meta" && tag.find("name") == "pypi:repository-version") {
            const std::string version = tag.find("content").value_or("");
            if (!is_known_version(version))
                m_problem = "it is of the repository version `" + printable(version, 20) + "`, and 1 is understood";
        }
        return m_problem.empty();
    }

    void add_link(const HtmlTag& tag) {
        const auto url = resolve_url(m_base, trimmed(tag.find("href").value_or("")));
        if (!url || !may_point_to(m_page, *url) || !is_listed_wheel_name(url->file_name())) return;
        if (m_wheels.size() == most_files) {
            m_problem = "it lists more than " + std::to_string(most_files) + " wheels";
            return;
        }
        ListedWheel wheel{.name = url->file_name(), .url = *url, .requires_python = tag.find("data-requires-python").value_or("")};
        constexpr std::string_view hash = "sha256=";
        if (url->fragment.starts_with(hash)) wheel.sha256 = sha256_from(url->fragment.substr(hash.size()));
        wheel.url.fragment.clear();
        wheel.yanked = tag.find("data-yanked").has_value();
        m_wheels.push_back(std::move(wheel));
    }

    const Url& m_page;
    Url m_base;
    std::vector<ListedWheel> m_wheels;
    std::string m_problem;
};

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::uint64_t> size_at(const Json& json) {
    const auto found = json.find("size");
    return found != json.end() && found->is_number_unsigned() ? std::optional(found->get<std::uint64_t>()) : std::nullopt;
}

std::optional<ListedWheel> wheel_from(const Json& file, const Url& page) {
    const std::string name = text_at(file, "filename");
    const auto url = resolve_url(page, text_at(file, "url"));
    if (!is_listed_wheel_name(name) || !url || !may_point_to(page, *url)) return std::nullopt;
    ListedWheel wheel{.name = name, .url = *url, .size = size_at(file), .requires_python = text_at(file, "requires-python")};
    if (const auto hashes = file.find("hashes"); hashes != file.end() && hashes->is_object())
        wheel.sha256 = sha256_from(text_at(*hashes, "sha256"));
    const auto yanked = file.find("yanked");  // a reason, or true (PEP 592)
    wheel.yanked = yanked != file.end() && (yanked->is_string() || *yanked == Json(true));
    return wheel;
}

}  // namespace

bool is_listed_wheel_name(std::string_view name) {
    const auto is_legal = [](char letter) {
        return static_cast<unsigned char>(letter) > 0x20 && letter != 0x7f && letter != '/' && letter != '\\';
    };
    return name.ends_with(".whl") && name.size() > 4 && name.size() <= 255 && std::all_of(name.begin(), name.end(), is_legal);
}

Result<std::vector<ListedWheel>> parse_index_html(std::string_view html, const Url& page) {
    return HtmlReader(page).read(html);
}

Result<std::vector<ListedWheel>> parse_index_json(std::string_view text, const Url& page) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return unreadable_page(page, "it is no JSON object");
    const auto meta = json.find("meta");
    const std::string version = meta != json.end() && meta->is_object() ? text_at(*meta, "api-version") : "";
    if (!is_known_version(version))
        return unreadable_page(page, "it is of the API version `" + printable(version, 20) + "`, and 1 is understood");
    std::vector<ListedWheel> wheels;
    const auto files = json.find("files");
    if (files == json.end() || !files->is_array()) return wheels;
    for (const Json& file : *files) {
        if (!file.is_object()) return unreadable_page(page, "one of its `files` is no object");
        if (wheels.size() == most_files) return unreadable_page(page, "it lists more than " + std::to_string(most_files) + " wheels");
        if (auto wheel = wheel_from(file, page)) wheels.push_back(*std::move(wheel));
    }
    return wheels;
}

}  // namespace sagebuild
