#include "app/program_failure.hpp"

#include <algorithm>
#include <vector>

namespace sagebuild {

std::string exit_cause(std::string_view program, const ProcessResult& result) {
    return "`" + std::string(program) + "` ended with exit code " + std::to_string(result.exit_code);
}

std::string last_lines(std::string_view text, std::size_t count) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
        if (!line.empty()) lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::string out;
    for (std::size_t index = lines.size() - std::min(count, lines.size()); index < lines.size(); ++index) {
        if (!out.empty()) out += '\n';
        out += lines[index];
    }
    return out;
}

}  // namespace sagebuild
