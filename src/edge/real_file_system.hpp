#pragma once

#include "edge/file_system.hpp"

namespace sagebuild {

/// The machine's files.
class RealFileSystem : public FileSystem {
  public:
    bool is_file(const std::string& path) const override;
    bool is_directory(const std::string& path) const override;
    Result<std::string> read(const std::string& path, std::size_t limit) const override;
    Result<std::unique_ptr<ByteSource>> open(const std::string& path) const override;
    Result<std::unique_ptr<ByteFile>> open_file(const std::string& path) const override;
    Result<> write(const std::string& path, std::string_view bytes) override;
    Result<bool> write_if_changed(const std::string& path, std::string_view bytes) override;
    Result<> make_directories(const std::string& path) override;
    Result<> remove_tree(const std::string& path) override;
    Result<> rename(const std::string& from, const std::string& to) override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::vector<std::string>> list_recursive(const std::string& path) const override;
    Result<std::uint64_t> free_bytes(const std::string& path) const override;
    Result<bool> is_readable_by_all(const std::string& path) const override;
    std::string absolute(const std::string& path) const override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::function<void()>& on_wait) override;
};

}  // namespace sagebuild
