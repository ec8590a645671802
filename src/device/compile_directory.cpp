#include "device/compile_directory.hpp"

#include <algorithm>

#include "device/failure.hpp"

namespace sagebuild::device {

namespace fs = std::filesystem;

namespace {

bool is_plain_relative(const fs::path& path) {
    return path.is_relative() && !path.empty() &&
           std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == "." || part == ".." || part.empty(); });
}

/// Whether a path can begin behind this character in a compiler's message.
bool is_word_boundary(char character) {
    return std::string_view(" \t\n\"'(<").find(character) != std::string_view::npos;
}

Failure cannot_write(const fs::path& path, const std::error_code& error) {
    return {Exit::environment, "cannot write `" + path.string() + "`: " + error.message()};
}

}  // namespace

CompileDirectory::CompileDirectory(const std::string& path) : m_origin(fs::current_path()), m_path(fs::absolute(path)) {
    std::error_code error;
    fs::remove_all(m_path, error);
    if (!error) fs::create_directories(m_path, error);
    if (!error) fs::current_path(m_path, error);
    if (error) throw cannot_write(m_path, error);
}

CompileDirectory::~CompileDirectory() {
    std::error_code ignored;
    fs::current_path(m_origin, ignored);
    fs::remove_all(m_path, ignored);
}

std::string CompileDirectory::link_directory(const std::string& directory) {
    if (is_plain_relative(directory)) {
        const fs::path first = *fs::path(directory).begin();
        link(first, m_origin / first);
        return directory;
    }
    const std::string name = "include-" + std::to_string(m_renamed.size());
    link(name, m_origin / directory);
    m_renamed.emplace_back(name + "/", directory + "/");
    return name;
}

std::string CompileDirectory::link_file(const std::string& file) {
    const fs::path given(file);
    return link_directory(given.has_parent_path() ? given.parent_path().string() : ".") + "/" + given.filename().string();
}

void CompileDirectory::link(const fs::path& name, const fs::path& to) const {
    std::error_code error;
    fs::create_symlink(to, m_path / name, error);
    if (error && error != std::errc::file_exists) throw cannot_write(m_path / name, error);
}

std::string CompileDirectory::restore_paths(const std::string& log) const {
    std::string restored;
    for (std::size_t at = 0; at < log.size();) {
        const bool may_begin = at == 0 || is_word_boundary(log[at - 1]);
        const auto found = std::find_if(m_renamed.begin(), m_renamed.end(), [&](const auto& renamed) {
            return may_begin && log.compare(at, renamed.first.size(), renamed.first) == 0;
        });
        if (found == m_renamed.end()) {
            restored += log[at++];
        } else {
            restored += found->second;
            at += found->first.size();
        }
    }
    return restored;
}

}  // namespace sagebuild::device
