#include "support/memory_edges.hpp"

#include <set>

namespace sagebuild::testing {

namespace {

Diagnostic missing(const std::string& path) {
    return {.code = "SB0501", .what = "cannot read `" + path + "`", .causes = {"No such file or directory"}};
}

}  // namespace

bool MemoryFileSystem::is_file(const std::string& path) const {
    return files.contains(path);
}

bool MemoryFileSystem::is_directory(const std::string& path) const {
    const auto first = files.lower_bound(path + "/");
    return first != files.end() && first->first.starts_with(path + "/");
}

Result<std::string> MemoryFileSystem::read(const std::string& path, std::size_t limit) const {
    const auto found = files.find(path);
    if (found == files.end() || found->second.size() > limit) return missing(path);
    return found->second;
}

Result<std::unique_ptr<ByteSource>> MemoryFileSystem::open(const std::string& path) const {
    const auto found = files.find(path);
    if (found == files.end()) return missing(path);
    return std::unique_ptr<ByteSource>(std::make_unique<TextSource>(found->second));
}

Result<std::unique_ptr<ByteFile>> MemoryFileSystem::open_file(const std::string& path) const {
    const auto found = files.find(path);
    if (found == files.end()) return missing(path);
    return std::unique_ptr<ByteFile>(std::make_unique<MemoryByteFile>(found->second));
}

Result<> MemoryFileSystem::write(const std::string& path, std::string_view bytes) {
    if (!full_disk_below.empty() && path.starts_with(full_disk_below)) {
        return Diagnostic{.code = "SB0502", .what = "cannot write `" + path + "`", .causes = {"No space left on device"}};
    }
    files[path] = bytes;
    written.push_back(path);
    return Unit{};
}

Result<bool> MemoryFileSystem::write_if_changed(const std::string& path, std::string_view bytes) {
    if (const auto found = files.find(path); found != files.end() && found->second == bytes) return false;
    SAGEBUILD_CHECK(write(path, bytes));
    return true;
}

Result<> MemoryFileSystem::make_directories(const std::string&) {
    return Unit{};
}

Result<> MemoryFileSystem::remove_tree(const std::string& path) {
    removed.push_back(path);
    std::erase_if(files, [&](const auto& entry) { return entry.first == path || entry.first.starts_with(path + "/"); });
    return Unit{};
}

Result<> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
    auto moved = files.extract(from);
    if (moved.empty()) return missing(from);
    files[to] = std::move(moved.mapped());
    return Unit{};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& path) const {
    SAGEBUILD_TRY(const std::vector<std::string> below, list_recursive(path));
    std::set<std::string> names;
    for (const std::string& file : below) names.insert(file.substr(0, file.find('/')));
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> MemoryFileSystem::list_recursive(const std::string& path) const {
    if (!is_directory(path)) return missing(path);
    std::vector<std::string> found;
    for (const auto& [file, bytes] : files) {
        if (file.starts_with(path + "/")) found.push_back(file.substr(path.size() + 1));
    }
    return found;
}

Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string&) const {
    return free_space;
}

Result<bool> MemoryFileSystem::is_readable_by_all(const std::string& path) const {
    return path == readable_by_all;
}

std::string MemoryFileSystem::absolute(const std::string& path) const {
    return path.starts_with('/') ? path : "/project/" + path;
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path, const std::function<void()>& on_wait) {
    files.try_emplace(path, "");
    if (locked_elsewhere) on_wait();
    return std::make_unique<FileLock>();
}

std::optional<std::string> FakeEnvironment::variable(const std::string& name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sagebuild::testing
