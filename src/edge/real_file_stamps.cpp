#include "edge/real_file_stamps.hpp"

#include <sys/stat.h>

namespace sagebuild {

std::optional<FileStamp> RealFileStamps::find(const std::string& path) const {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    constexpr std::int64_t second = 1'000'000'000;
    return FileStamp{.size = static_cast<std::uint64_t>(status.st_size),
                     .modified = std::int64_t{status.st_mtim.tv_sec} * second + status.st_mtim.tv_nsec};
}

}  // namespace sagebuild
