#include "support/fake_process_runner.hpp"

#include <algorithm>

namespace sagebuild::testing {

Result<ProcessResult> FakeProcessRunner::run(const Command& command) {
    commands.push_back(command);
    const std::string& program = command.arguments.front();
    if (find_program(program).empty()) return Diagnostic{.code = "SB0503", .what = "cannot start `" + program + "`"};
    return answer(command);
}

Result<ProcessResult> FakeProcessRunner::run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) {
    SAGEBUILD_TRY(const ProcessResult result, run(command));
    std::string_view rest = result.output;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        on_line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
}

std::string FakeProcessRunner::find_program(const std::string& name) const {
    if (name.find('/') == std::string::npos) return programs.contains(name) ? "/usr/bin/" + name : "";
    const bool is_found_one = name.starts_with("/usr/bin/") && programs.contains(name.substr(9));
    return is_found_one || programs.contains(name) ? name : "";
}

std::string value_behind(const Command& command, const std::string& option) {
    const auto found = std::find(command.arguments.begin(), command.arguments.end(), option);
    return found == command.arguments.end() || found + 1 == command.arguments.end() ? "" : *(found + 1);
}

std::string joined(const Command& command) {
    std::string text;
    for (const std::string& argument : command.arguments) text += (text.empty() ? "" : " ") + argument;
    return text;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

}  // namespace sagebuild::testing
