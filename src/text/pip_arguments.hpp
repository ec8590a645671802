#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/shell_words.hpp"

namespace sagebuild {

struct PipIndex {
    ShellWord url;
    bool is_extra = false;
    bool is_links = false;
};

struct PipFile {
    ShellWord path;
    bool is_constraint = false;
};

/// What an installer is told to install, and from where.
struct PipArguments {
    std::vector<ShellWord> requirements;
    std::vector<PipIndex> indexes;
    std::vector<PipFile> files;
    std::optional<ShellWord> python;         ///< `--python` of uv
    std::optional<ShellWord> torch_backend;  ///< `--torch-backend` of uv: `cu129`
};

/// The arguments behind `install` of pip, or behind `add`, `pip install` of uv, in a command; empty if it is none of these.
std::optional<PipArguments> find_pip_install(const std::vector<ShellWord>& command);

/// `3.12` of `python3.12`, `/usr/bin/pip3.12`; empty for any other program.
std::string python_of_program(std::string_view word);

/// The part of `word` behind the first `count` bytes.
ShellWord tail_of(const ShellWord& word, std::size_t count);

}  // namespace sagebuild
