#include "core/plan_explain.hpp"

namespace sagebuild {

namespace {

using Lines = std::map<std::string, std::string>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos) lines.emplace(line.substr(0, colon), line.substr(colon + 2));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Digests tell a reader nothing; all else is shown.
bool is_digest(std::string_view value) {
    return value.size() >= 32 && value.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::vector<std::string> explain_step(const Step& step, const PlanRecord& record) {
    const auto recorded = record.find(step.id);
    if (recorded == record.end()) return {"it was never built here"};
    if (recorded->second == step.key_text) return {"its output is gone"};
    const Lines before = lines_of(recorded->second);
    const Lines now = lines_of(step.key_text);
    std::vector<std::string> reasons;
    for (const auto& [name, value] : now) {
        const auto old = before.find(name);
        if (old == before.end()) {
            reasons.push_back(name + " is new");
        } else if (old->second != value) {
            reasons.push_back(is_digest(value) ? name + " changed" : name + " changed from `" + old->second + "` to `" + value + "`");
        }
    }
    for (const auto& [name, value] : before) {
        if (!now.contains(name)) reasons.push_back(name + " is gone");
    }
    return reasons;
}

}  // namespace sagebuild
