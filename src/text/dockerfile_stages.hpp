#pragma once

#include <map>
#include <string>
#include <vector>

#include "text/dockerfile_reader.hpp"
#include "text/shell_words.hpp"

namespace sagebuild {

/// An instruction of a stage with its variables resolved.
struct DockerfileStep {
    const DockerfileInstruction* instruction = nullptr;
    std::vector<ShellWord> words;                  ///< ADD, COPY and others: flags and arguments
    std::vector<std::vector<ShellWord>> commands;  ///< RUN: what the shell is given, command by command
};

struct DockerfileStage {
    std::string name;  ///< of `AS`, empty if it has none
    ShellWord base;    ///< image, or the name of an earlier stage
    int base_stage = -1;
    ShellWord platform;   ///< of `--platform`, empty if there is none
    SourceSpan at;        ///< of the `FROM`
    Variables variables;  ///< at its end, of `ENV` and `ARG`
    std::vector<DockerfileStep> steps;
};

/// The stages of `document`, which must outlive them. `build_arguments` are what `docker build --build-arg` is given. Code SB0470.
Result<std::vector<DockerfileStage>> resolve_dockerfile(const DockerfileDocument& document,
                                                        const std::map<std::string, std::string>& build_arguments);

/// The stage of that name or number, or the last one; code SB0471.
Result<std::size_t> find_dockerfile_stage(const DockerfileDocument& document, const std::vector<DockerfileStage>& stages,
                                          const std::string& name);

/// The first of the stages that a stage is built on: what that installs is there in all of them.
int root_of_stage(const std::vector<DockerfileStage>& stages, std::size_t stage);

}  // namespace sagebuild
