#include "core/requirement_marker.hpp"

#include <array>
#include <cctype>
#include <functional>
#include <string>
#include <utility>

namespace sagebuild {

namespace {

using Truth = std::optional<bool>;

constexpr int deepest_parenthesis = 32;

/// One comparison with the variable on the left.
struct Comparison {
    std::string variable;
    std::string operation;  ///< `==`, `in`, `not in`, ...
    std::string value;
};

std::optional<std::string> value_of(const std::string& variable, const WheelEnvironment& environment) {
    const auto& os = environment.os;
    if (variable == "python_version" || variable == "python_full_version")
        return environment.python ? std::optional(environment.python->to_string()) : std::nullopt;
    if (variable == "platform_machine" && environment.arch) {
        if (os == "windows" && environment.arch == "x86_64") return "AMD64";
        if (os == "macos" && environment.arch == "aarch64") return "arm64";
        return environment.arch;
    }
    if (variable == "implementation_name") return "cpython";
    if (variable == "platform_python_implementation") return "CPython";
    if (!os) return std::nullopt;
    if (variable == "sys_platform") return *os == "windows" ? "win32" : *os == "macos" ? "darwin" : *os;
    if (variable == "platform_system") return *os == "windows" ? "Windows" : *os == "macos" ? "Darwin" : "Linux";
    if (variable == "os_name") return *os == "windows" ? "nt" : "posix";
    return std::nullopt;
}

Truth compare(const Comparison& test, const WheelEnvironment& environment) {
    const auto actual = value_of(test.variable, environment);
    if (!actual) return std::nullopt;
    const auto left = parse_version(*actual);
    const auto right = parse_version(test.value);
    if (test.variable.starts_with("python") && left && right) {
        // `3.12` stands for all 3.12.x, of which a full version may be told apart.
        const bool is_open = test.variable == "python_full_version" && right->size() > left->size() && right->starts_with(*left);
        if (is_open) return std::nullopt;
        if (test.operation == "==") return *left == *right;
        if (test.operation == "!=") return *left != *right;
        if (test.operation == "<") return *left < *right;
        if (test.operation == "<=") return *left <= *right;
        if (test.operation == ">") return *left > *right;
        if (test.operation == ">=") return *left >= *right;
        return std::nullopt;
    }
    if (test.operation == "==") return *actual == test.value;
    if (test.operation == "!=") return *actual != test.value;
    if (test.operation == "in") return test.value.find(*actual) != std::string::npos;
    if (test.operation == "not in") return test.value.find(*actual) == std::string::npos;
    return std::nullopt;
}

/// A marker's grammar: `or` of `and` of comparisons and parentheses. `fail` is set at anything else.
class MarkerParser {
  public:
    MarkerParser(std::string_view text, std::function<Truth(const Comparison&)> on_comparison)
        : m_text(text), m_on_comparison(std::move(on_comparison)) {}

    Truth parse() {
        const Truth truth = parse_or();
        skip_blanks();
        return m_failed || m_at != m_text.size() ? std::nullopt : truth;
    }
    bool has_or() const { return m_has_or; }
    bool failed() const { return m_failed || m_at != m_text.size(); }

  private:
    void skip_blanks() {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])) != 0) ++m_at;
    }

    bool take_word(std::string_view word) {
        skip_blanks();
        if (!m_text.substr(m_at).starts_with(word)) return false;
        const std::size_t end = m_at + word.size();
        if (end < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[end])) != 0 || m_text[end] == '_')) return false;
        m_at = end;
        return true;
    }

    Truth parse_or() {
        Truth left = parse_and();
        while (!m_failed && take_word("or")) {
            m_has_or = true;
            const Truth right = parse_and();
            if (left == true || right == true) {
                left = true;
            } else if (!left || !right) {
                left = std::nullopt;
            }
        }
        return left;
    }

    Truth parse_and() {
        Truth left = parse_item();
        while (!m_failed && take_word("and")) {
            const Truth right = parse_item();
            if (left == false || right == false) {
                left = false;
            } else if (!left || !right) {
                left = std::nullopt;
            }
        }
        return left;
    }

    Truth parse_item() {
        skip_blanks();
        if (m_at < m_text.size() && m_text[m_at] == '(' && m_depth < deepest_parenthesis) {
            ++m_at;
            ++m_depth;
            const Truth inner = parse_or();
            --m_depth;
            skip_blanks();
            m_failed = m_failed || m_at == m_text.size() || m_text[m_at] != ')';
            ++m_at;
            return inner;
        }
        const auto left = parse_value();
        const std::string operation = parse_operation();
        const auto right = parse_value();
        m_failed = m_failed || operation.empty() || left.second == right.second;
        if (m_failed) return std::nullopt;
        if (left.second) return m_on_comparison({left.first, operation, right.first});
        return m_on_comparison({right.first, mirrored(operation), left.first});
    }

    static std::string mirrored(const std::string& operation) {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pairs = {
            {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}}};
        for (const auto& [from, to] : pairs) {
            if (operation == from) return std::string(to);
        }
        return operation == "==" || operation == "!=" ? operation : "contains";
    }

    /// A quoted text, or the name of a variable (then the second is true).
    std::pair<std::string, bool> parse_value() {
        skip_blanks();
        if (m_at < m_text.size() && (m_text[m_at] == '"' || m_text[m_at] == '\'')) {
            const std::size_t end = m_text.find(m_text[m_at], m_at + 1);
            if (end == std::string_view::npos) {
                m_failed = true;
                return {};
            }
            std::string value(m_text.substr(m_at + 1, end - m_at - 1));
            m_at = end + 1;
            return {std::move(value), false};
        }
        std::string name;
        while (m_at < m_text.size() &&
               (std::isalnum(static_cast<unsigned char>(m_text[m_at])) != 0 || m_text[m_at] == '_' || m_text[m_at] == '.')) {
            name += m_text[m_at++];
        }
        m_failed = m_failed || name.empty();
        return {std::move(name), true};
    }

    std::string parse_operation() {
        for (const std::string_view word : {"===", "==", "~=", "!=", "<=", ">=", "<", ">"}) {
            skip_blanks();
            if (!m_text.substr(m_at).starts_with(word)) continue;
            m_at += word.size();
            return std::string(word);
        }
        if (take_word("in")) return "in";
        if (take_word("not") && take_word("in")) return "not in";
        return "";
    }

    std::string_view m_text;
    std::function<Truth(const Comparison&)> m_on_comparison;
    std::size_t m_at = 0;
    int m_depth = 0;
    bool m_failed = false;
    bool m_has_or = false;
};

void demand(const Comparison& test, WheelEnvironment& environment) {
    if (test.operation != "==") return;
    if (test.variable == "python_version" && !environment.python) {
        environment.python = parse_version(test.value);
        if (environment.python && environment.python->size() < 2) environment.python.reset();
    }
    const auto set_os = [&](std::string_view linux_name, std::string_view windows, std::string_view macos) {
        if (environment.os) return;
        if (test.value == linux_name) environment.os = "linux";
        if (test.value == windows) environment.os = "windows";
        if (test.value == macos) environment.os = "macos";
    };
    if (test.variable == "sys_platform") set_os("linux", "win32", "darwin");
    if (test.variable == "platform_system") set_os("Linux", "Windows", "Darwin");
    if (test.variable == "platform_machine" && !environment.arch) {
        if (test.value == "x86_64" || test.value == "AMD64") environment.arch = "x86_64";
        if (test.value == "aarch64" || test.value == "arm64") environment.arch = "aarch64";
    }
}

}  // namespace

std::optional<bool> evaluate_marker(std::string_view marker, const WheelEnvironment& environment) {
    if (marker.empty()) return true;
    return MarkerParser(marker, [&](const Comparison& test) { return compare(test, environment); }).parse();
}

WheelEnvironment narrowed_by_marker(std::string_view marker, WheelEnvironment environment) {
    if (marker.empty()) return environment;
    WheelEnvironment narrowed = environment;
    MarkerParser parser(marker, [&](const Comparison& test) {
        demand(test, narrowed);
        return Truth();
    });
    (void)parser.parse();
    return parser.has_or() || parser.failed() ? environment : narrowed;
}

}  // namespace sagebuild
