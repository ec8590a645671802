#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sagebuild {

/// What changes when a file is written anew.
struct FileStamp {
    std::uint64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds since 1970

    bool operator==(const FileStamp&) const = default;
};

/// Tells files apart from what they were without reading them.
class FileStamps {
  public:
    virtual ~FileStamps() = default;

    /// Empty if there is no such regular file.
    virtual std::optional<FileStamp> find(const std::string& path) const = 0;
};

}  // namespace sagebuild
