#include "device/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "device/failure.hpp"

namespace sagebuild::device {

std::string read_file(const std::string& path) {
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) throw Failure(Exit::input, "cannot read `" + path + "`: Is a directory");
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) throw Failure(Exit::input, "cannot read `" + path + "`: " + std::strerror(errno == 0 ? EIO : errno));
    return bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
    const auto refuse = [&](int error) { return Failure(Exit::environment, "cannot write `" + path + "`: " + std::strerror(error)); };
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (error) throw refuse(error.value());

    // The process id keeps two builds that make the same file apart.
    const std::string temporary = path + ".tmp" + std::to_string(getpid());
    const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) throw refuse(errno);
    int failed = 0;
    while (!bytes.empty() && failed == 0) {
        const ssize_t count = write(file, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            failed = errno;
        }
    }
    // Without this a power cut can leave the new name on an empty file, which a rerun would take for finished.
    if (failed == 0 && fsync(file) != 0) failed = errno;
    if (close(file) != 0 && failed == 0) failed = errno;
    if (failed == 0 && rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
    if (failed != 0) {
        unlink(temporary.c_str());
        throw refuse(failed);
    }
}

}  // namespace sagebuild::device
