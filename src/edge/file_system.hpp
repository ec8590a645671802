#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Holds an advisory lock on a file until destroyed.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

/// Files. Paths are absolute or relative to the working directory. Errors: SB0501 reading, SB0502 writing.
class FileSystem {
  public:
    virtual ~FileSystem() = default;

    virtual bool is_file(const std::string& path) const = 0;
    virtual bool is_directory(const std::string& path) const = 0;
    /// The whole file; refused above `limit` bytes.
    virtual Result<std::string> read(const std::string& path, std::size_t limit = std::size_t{1} << 31) const = 0;
    /// For files of any size.
    virtual Result<std::unique_ptr<ByteSource>> open(const std::string& path) const = 0;
    virtual Result<std::unique_ptr<ByteFile>> open_file(const std::string& path) const = 0;
    /// Written under a temporary name beside it, synchronised, then renamed: a reader sees the old or the new bytes. Makes directories.
    virtual Result<> write(const std::string& path, std::string_view bytes) = 0;
    /// As write, but a file with the same bytes is left alone; true if it was written.
    virtual Result<bool> write_if_changed(const std::string& path, std::string_view bytes) = 0;
    virtual Result<> make_directories(const std::string& path) = 0;
    virtual Result<> remove_tree(const std::string& path) = 0;
    virtual Result<> rename(const std::string& from, const std::string& to) = 0;
    /// Names in a directory, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& path) const = 0;
    /// Paths of all regular files below a directory, relative to it, sorted; symbolic links are not followed.
    virtual Result<std::vector<std::string>> list_recursive(const std::string& path) const = 0;
    /// Space that may still be written below a directory, or below the nearest one above that exists.
    virtual Result<std::uint64_t> free_bytes(const std::string& path) const = 0;
    /// Whether other users than the owner's group may read a file.
    virtual Result<bool> is_readable_by_all(const std::string& path) const = 0;
    virtual std::string absolute(const std::string& path) const = 0;
    /// Takes the advisory lock on a file, which is made if absent and never removed. The system frees it when the process has ended,
    /// however it ended, and with it the programs that it started meanwhile: what those still write is covered too. `on_wait` is called
    /// once before waiting for another holder.
    virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::function<void()>& on_wait) = 0;
};

}  // namespace sagebuild
