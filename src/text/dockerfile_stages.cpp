#include "text/dockerfile_stages.hpp"

#include <algorithm>
#include <cctype>

#include "core/nearest.hpp"

namespace sagebuild {

namespace {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::optional<std::string> value_of(const ShellWord& word, std::size_t begin) {
    return word.is_complete ? std::optional(word.text.text().substr(begin)) : std::nullopt;
}

class StageResolver {
  public:
    StageResolver(const DockerfileDocument& document, const std::map<std::string, std::string>& build_arguments)
        : m_document(document), m_build_arguments(build_arguments) {}

    Result<std::vector<DockerfileStage>> resolve() {
        for (const DockerfileInstruction& instruction : m_document.instructions) {
            if (instruction.keyword == "FROM") {
                SAGEBUILD_CHECK(open_stage(instruction));
            } else if (m_stages.empty()) {
                declare(instruction, m_global);
            } else {
                add_step(instruction);
            }
        }
        return std::move(m_stages);
    }

  private:
    std::vector<ShellWord> split(const DockerfileInstruction& instruction, const Variables& variables) const {
        return split_words(instruction.arguments, variables, WordRules::dockerfile, m_document.escape);
    }

    Result<> open_stage(const DockerfileInstruction& instruction) {
        DockerfileStage stage;
        stage.at = instruction.span;
        std::vector<ShellWord> words = split(instruction, m_global);
        while (!words.empty() && words.front().text.text().starts_with("--")) {
            constexpr std::string_view platform = "--platform=";
            ShellWord& flag = words.front();
            if (flag.text.text().starts_with(platform)) {
                stage.platform = flag;
                stage.platform.text = flag.text.part(platform.size());
            }
            words.erase(words.begin());
        }
        const bool has_name = words.size() == 3 && equal_ignoring_case(words[1].text.text(), "as");
        if (words.size() != 1 && !has_name) {
            Diagnostic problem = m_document.source.error(instruction.arguments.span(), "SB0470", "`FROM` names no image");
            problem.hints.emplace_back("write `FROM image` or `FROM image AS name`");
            return problem;
        }
        stage.base = words.front();
        if (has_name) stage.name = words[2].text.text();
        for (std::size_t index = 0; index < m_stages.size(); ++index) {
            if (m_stages[index].name.empty() || !equal_ignoring_case(m_stages[index].name, stage.base.text.text())) continue;
            stage.base_stage = static_cast<int>(index);
        }
        // A stage starts with the environment of its base, and with none of the global arguments.
        if (stage.base_stage >= 0) stage.variables = m_stages[static_cast<std::size_t>(stage.base_stage)].variables;
        m_stages.push_back(std::move(stage));
        return Unit{};
    }

    /// `ARG NAME`, `ARG NAME=default`, several of them.
    void declare(const DockerfileInstruction& instruction, Variables& variables) const {
        for (const ShellWord& word : split(instruction, variables)) {
            const std::string& text = word.text.text();
            const std::size_t equals = text.find('=');
            const std::string name = text.substr(0, equals);
            if (const auto given = m_build_arguments.find(name); given != m_build_arguments.end()) {
                variables[name] = given->second;
            } else if (equals != std::string::npos) {
                variables[name] = value_of(word, equals + 1);
            } else {
                const auto global = m_global.find(name);
                variables[name] = global == m_global.end() ? std::nullopt : global->second;
            }
        }
    }

    /// `ENV NAME=value ...`, or the old `ENV NAME value with blanks`. All values are resolved before any of them is set.
    void set_environment(const DockerfileInstruction& instruction, Variables& variables) const {
        const std::vector<ShellWord> words = split(instruction, variables);
        if (words.empty()) return;
        if (words.front().text.text().find('=') == std::string::npos) {
            std::optional<std::string> value = "";
            for (std::size_t index = 1; index < words.size() && value; ++index) {
                if (index > 1) *value += " ";
                value = words[index].is_complete ? std::optional(*value + words[index].text.text()) : std::nullopt;
            }
            variables[words.front().text.text()] = value;
            return;
        }
        for (const ShellWord& word : words) {
            const std::size_t equals = word.text.text().find('=');
            if (equals != std::string::npos) variables[word.text.text().substr(0, equals)] = value_of(word, equals + 1);
        }
    }

    /// What a shell is given: the lines of the here-documents if the instruction itself is nothing else or a shell.
    SplicedText script_of(const DockerfileInstruction& instruction, std::size_t flags_end) const {
        SplicedText rest = instruction.arguments.part(flags_end);
        if (instruction.heredocs.empty()) return rest;
        std::string before = rest.text().substr(0, rest.text().find("<<"));
        while (before.ends_with(' ')) before.pop_back();
        before.erase(0, before.find_last_of(" /") + 1);
        if (!before.empty() && before != "sh" && before != "bash") return rest.part(0, rest.text().find("<<"));
        SplicedText script;
        for (const DockerfileHeredoc& heredoc : instruction.heredocs)
            script.append(m_document.source.bytes(), heredoc.body.begin, heredoc.body.end);
        return script;
    }

    void add_step(const DockerfileInstruction& instruction) {
        DockerfileStage& stage = m_stages.back();
        if (instruction.keyword == "ARG") declare(instruction, stage.variables);
        if (instruction.keyword == "ENV") set_environment(instruction, stage.variables);
        DockerfileStep step{&instruction, {}, {}};
        if (instruction.keyword == "RUN") {
            std::size_t at = 0;
            const std::string& text = instruction.arguments.text();
            while (text.compare(at, 2, "--") == 0) {
                at = std::min(text.find_first_of(" \t", at), text.size());
                at = std::min(text.find_first_not_of(" \t", at), text.size());
            }
            const SplicedText script = script_of(instruction, at);
            if (auto exec = split_exec_form(script)) {
                step.commands.push_back(std::move(*exec));
            } else {
                step.commands = split_commands(script, stage.variables);
            }
        } else {
            step.words = split(instruction, stage.variables);
        }
        stage.steps.push_back(std::move(step));
    }

    const DockerfileDocument& m_document;
    const std::map<std::string, std::string>& m_build_arguments;
    Variables m_global;
    std::vector<DockerfileStage> m_stages;
};

}  // namespace

Result<std::vector<DockerfileStage>> resolve_dockerfile(const DockerfileDocument& document,
                                                        const std::map<std::string, std::string>& build_arguments) {
    return StageResolver(document, build_arguments).resolve();
}

Result<std::size_t> find_dockerfile_stage(const DockerfileDocument& document, const std::vector<DockerfileStage>& stages,
                                          const std::string& name) {
    if (name.empty()) return stages.size() - 1;
    std::vector<std::string> names;
    for (std::size_t index = 0; index < stages.size(); ++index) {
        if (std::to_string(index) == name || (!stages[index].name.empty() && equal_ignoring_case(stages[index].name, name))) return index;
        if (!stages[index].name.empty()) names.push_back(stages[index].name);
    }
    Diagnostic problem{.code = "SB0471", .what = "`" + document.source.file() + "` has no stage `" + name + "`"};
    problem.nearest = find_nearest(name, names);
    problem.notes.push_back("it has " + std::to_string(stages.size()) + (stages.size() == 1 ? " stage" : " stages") +
                            (names.empty() ? " without a name" : ""));
    for (const std::string& known : names) problem.notes.back() += (&known == &names.front() ? ": `" : ", `") + known + "`";
    return problem;
}

int root_of_stage(const std::vector<DockerfileStage>& stages, std::size_t stage) {
    while (stages[stage].base_stage >= 0) stage = static_cast<std::size_t>(stages[stage].base_stage);
    return static_cast<int>(stage);
}

}  // namespace sagebuild
