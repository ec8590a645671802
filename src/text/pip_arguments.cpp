#include "text/pip_arguments.hpp"

#include <algorithm>
#include <array>

namespace sagebuild {

namespace {

/// Options of pip 25 and uv 0.9 whose value is the next word and says nothing about wheels.
constexpr std::array<std::string_view, 44> valued_options = {"-t",
                                                             "--target",
                                                             "--platform",
                                                             "--python-version",
                                                             "--implementation",
                                                             "--abi",
                                                             "--root",
                                                             "--prefix",
                                                             "--src",
                                                             "-e",
                                                             "--editable",
                                                             "--no-binary",
                                                             "--only-binary",
                                                             "--progress-bar",
                                                             "--cache-dir",
                                                             "--timeout",
                                                             "--retries",
                                                             "--trusted-host",
                                                             "--proxy",
                                                             "-C",
                                                             "--config-setting",
                                                             "--config-settings",
                                                             "--global-option",
                                                             "--report",
                                                             "--upgrade-strategy",
                                                             "--index-strategy",
                                                             "--link-mode",
                                                             "--resolution",
                                                             "--prerelease",
                                                             "--exclude-newer",
                                                             "--log",
                                                             "--cert",
                                                             "--client-cert",
                                                             "--keyring-provider",
                                                             "--override",
                                                             "--group",
                                                             "--extra",
                                                             "--use-feature",
                                                             "--use-deprecated",
                                                             "--exists-action",
                                                             "--no-build-isolation-package",
                                                             "--allow-insecure-host",
                                                             "--python-platform",
                                                             "--upgrade-package"};

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_version_suffix(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) { return (letter >= '0' && letter <= '9') || letter == '.'; });
}

bool is_pip(std::string_view word) {
    const std::string_view name = base_name(word);
    return name.starts_with("pip") && is_version_suffix(name.substr(3));
}

/// Takes the value of an option, which stands behind `=`, behind a short option's letter or in the next word.
class OptionReader {
  public:
    OptionReader(const std::vector<ShellWord>& words, std::size_t at) : m_words(words), m_at(at) {}

    PipArguments read() {
        for (; m_at < m_words.size(); ++m_at) {
            const std::string& text = m_words[m_at].text.text();
            if (!text.starts_with('-')) {
                m_out.requirements.push_back(m_words[m_at]);
            } else {
                read_option(text);
            }
        }
        return std::move(m_out);
    }

  private:
    std::optional<ShellWord> value(std::string_view long_name, std::string_view short_name = "") {
        const ShellWord& word = m_words[m_at];
        const std::string& text = word.text.text();
        if (text.starts_with(std::string(long_name) + "=")) return tail_of(word, long_name.size() + 1);
        const bool is_short = !short_name.empty() && text.starts_with(short_name) && !text.starts_with("--");
        if (is_short && text.size() > short_name.size()) return tail_of(word, short_name.size());
        if (text != long_name && !is_short) return std::nullopt;
        if (m_at + 1 >= m_words.size()) return std::nullopt;
        return m_words[++m_at];
    }

    void read_option(const std::string& text) {
        if (auto url = value("--index-url", "-i")) return add_index(*url, false, false);
        if (auto url = value("--default-index")) return add_index(*url, false, false);
        if (auto url = value("--extra-index-url")) return add_index(*url, true, false);
        if (auto url = value("--index")) return add_index(named_index(*url), true, false);
        if (auto url = value("--find-links", "-f")) return add_index(*url, true, true);
        if (auto path = value("--requirement", "-r")) return m_out.files.push_back({*path, false});
        if (auto path = value("--requirements")) return m_out.files.push_back({*path, false});
        if (auto path = value("--constraint", "-c")) return m_out.files.push_back({*path, true});
        if (auto path = value("--constraints")) return m_out.files.push_back({*path, true});
        if (auto version = value("--python", "-p")) {
            m_out.python = *version;
        } else if (auto backend = value("--torch-backend")) {
            m_out.torch_backend = *backend;
        } else if (std::find(valued_options.begin(), valued_options.end(), text) != valued_options.end()) {
            ++m_at;
        }
    }

    /// uv takes `name=https://...`.
    static ShellWord named_index(const ShellWord& word) {
        const std::size_t scheme = word.text.text().find("://");
        const std::size_t equals = word.text.text().find('=');
        return equals != std::string::npos && equals < scheme ? tail_of(word, equals + 1) : word;
    }

    void add_index(const ShellWord& url, bool is_extra, bool is_links) { m_out.indexes.push_back({url, is_extra, is_links}); }

    const std::vector<ShellWord>& m_words;
    std::size_t m_at;
    PipArguments m_out;
};

}  // namespace

ShellWord tail_of(const ShellWord& word, std::size_t count) {
    ShellWord out = word;
    out.text = word.text.part(std::min(count, word.text.size()));
    return out;
}

std::string python_of_program(std::string_view word) {
    const std::string_view name = base_name(word);
    for (const std::string_view program : {"python", "pip"}) {
        const std::string_view version = name.substr(std::min(name.size(), program.size()));
        if (name.starts_with(program) && is_version_suffix(version) && version.find('.') != std::string_view::npos)
            return std::string(version);
    }
    return "";
}

std::optional<PipArguments> find_pip_install(const std::vector<ShellWord>& command) {
    for (std::size_t index = 0; index < command.size(); ++index) {
        const std::string& word = command[index].text.text();
        const bool is_uv_add = base_name(word) == "uv" && index + 1 < command.size() && command[index + 1].text.text() == "add";
        if (is_uv_add) return OptionReader(command, index + 2).read();
        if (!is_pip(word)) continue;
        std::size_t next = index + 1;
        while (next < command.size() && command[next].text.text().starts_with('-')) ++next;
        if (next < command.size() && command[next].text.text() == "install") return OptionReader(command, next + 1).read();
    }
    return std::nullopt;
}

}  // namespace sagebuild
