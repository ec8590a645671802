#include "edge/real_file_system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace sagebuild {

namespace {

Diagnostic cannot_read(const std::string& path, const std::string& reason) {
    return {.code = "SB0501", .what = "cannot read `" + path + "`", .causes = {reason}};
}

Diagnostic cannot_write(const std::string& path, const std::string& reason) {
    return {.code = "SB0502", .what = "cannot write `" + path + "`", .causes = {reason}};
}

/// A file descriptor that is closed whatever happens.
class Descriptor {
  public:
    explicit Descriptor(int descriptor) : m_descriptor(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_descriptor >= 0) ::close(m_descriptor);
    }
    int get() const { return m_descriptor; }

  private:
    int m_descriptor;
};

/// flock(2): tied to the open file, which the programs that we start inherit.
class RealFileLock : public FileLock {
  public:
    explicit RealFileLock(int descriptor) : m_file(descriptor) {}
    RealFileLock(const RealFileLock&) = delete;
    RealFileLock& operator=(const RealFileLock&) = delete;
    ~RealFileLock() override {
        if (m_file.get() >= 0) ::flock(m_file.get(), LOCK_UN);
    }
    int descriptor() const { return m_file.get(); }

  private:
    Descriptor m_file;
};

class FileSource : public ByteSource {
  public:
    FileSource(std::string path, int descriptor) : m_path(std::move(path)), m_file(descriptor) {}
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        while (true) {
            const ssize_t count = ::read(m_file.get(), buffer, size);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return cannot_read(m_path, std::strerror(errno));
            return static_cast<std::size_t>(count);
        }
    }

  private:
    std::string m_path;
    Descriptor m_file;
};

class RealByteFile : public ByteFile {
  public:
    RealByteFile(std::string path, int descriptor) : m_path(std::move(path)), m_file(descriptor) {}
    /// The size is known afterwards.
    Result<> look() {
        struct stat status = {};
        if (m_file.get() < 0 || ::fstat(m_file.get(), &status) != 0) return cannot_read(m_path, std::strerror(errno));
        if (S_ISDIR(status.st_mode)) return cannot_read(m_path, std::strerror(EISDIR));
        m_size = static_cast<std::uint64_t>(status.st_size);
        return Unit{};
    }
    std::uint64_t size() const override { return m_size; }
    Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
        while (true) {
            const ssize_t count = ::pread(m_file.get(), buffer, size, static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return cannot_read(m_path, std::strerror(errno));
            return static_cast<std::size_t>(count);
        }
    }

  private:
    std::string m_path;
    Descriptor m_file;
    std::uint64_t m_size = 0;
};

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

bool RealFileSystem::is_file(const std::string& path) const {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error);
}

bool RealFileSystem::is_directory(const std::string& path) const {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
}

Result<std::string> RealFileSystem::read(const std::string& path, std::size_t limit) const {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return cannot_read(path, std::strerror(errno));
    struct stat status = {};
    if (::fstat(file.get(), &status) != 0) return cannot_read(path, std::strerror(errno));
    if (S_ISDIR(status.st_mode)) return cannot_read(path, std::strerror(EISDIR));
    std::string bytes;
    std::string chunk(std::size_t{1} << 16, '\0');
    while (true) {
        const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cannot_read(path, std::strerror(errno));
        if (count == 0) return bytes;
        bytes.append(chunk, 0, static_cast<std::size_t>(count));
        if (bytes.size() > limit) return cannot_read(path, "it is larger than " + std::to_string(limit) + " bytes");
    }
}

Result<std::unique_ptr<ByteSource>> RealFileSystem::open(const std::string& path) const {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot_read(path, std::strerror(errno));
    return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(path, descriptor));
}

Result<std::unique_ptr<ByteFile>> RealFileSystem::open_file(const std::string& path) const {
    auto file = std::make_unique<RealByteFile>(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    SAGEBUILD_CHECK(file->look());
    return std::unique_ptr<ByteFile>(std::move(file));
}

Result<> RealFileSystem::write(const std::string& path, std::string_view bytes) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    if (!parent.empty()) SAGEBUILD_CHECK(make_directories(parent.string()));
    std::string temporary = path + ".XXXXXX";
    {
        const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
        if (file.get() < 0) return cannot_write(path, std::strerror(errno));
        const mode_t mask = ::umask(0);
        ::umask(mask);
        const bool complete = write_all(file.get(), bytes) && ::fchmod(file.get(), 0666 & ~mask) == 0 && ::fsync(file.get()) == 0;
        if (!complete) {
            const int reason = errno;
            ::unlink(temporary.c_str());
            return cannot_write(path, std::strerror(reason));
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());
        return cannot_write(path, std::strerror(reason));
    }
    return Unit{};
}

Result<bool> RealFileSystem::write_if_changed(const std::string& path, std::string_view bytes) {
    if (is_file(path)) {
        const Result<std::string> present = read(path, std::max<std::size_t>(bytes.size(), 1));
        if (present && *present == bytes) return false;
    }
    SAGEBUILD_CHECK(write(path, bytes));
    return true;
}

Result<> RealFileSystem::make_directories(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return cannot_write(path, error.message());
    return Unit{};
}

Result<> RealFileSystem::remove_tree(const std::string& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return cannot_write(path, error.message());
    return Unit{};
}

Result<> RealFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return cannot_write(to, std::strerror(errno));
    return Unit{};
}

Result<std::vector<std::string>> RealFileSystem::list(const std::string& path) const {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error) return cannot_read(path, error.message());
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::vector<std::string>> RealFileSystem::list_recursive(const std::string& path) const {
    std::error_code error;
    std::vector<std::string> paths;
    std::filesystem::recursive_directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
        if (entry->is_symlink(error) || !entry->is_regular_file(error)) continue;
        paths.push_back(std::filesystem::path(entry->path()).lexically_relative(path).generic_string());
    }
    if (error) return cannot_read(path, error.message());
    std::sort(paths.begin(), paths.end());
    return paths;
}

Result<std::uint64_t> RealFileSystem::free_bytes(const std::string& path) const {
    std::filesystem::path place = absolute(path);
    std::error_code error;
    while (!std::filesystem::is_directory(place, error) && place.has_relative_path()) place = place.parent_path();
    const std::filesystem::space_info space = std::filesystem::space(place, error);
    if (error) return cannot_read(path, error.message());
    return std::uint64_t{space.available};
}

Result<bool> RealFileSystem::is_readable_by_all(const std::string& path) const {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return cannot_read(path, std::strerror(errno));
    return (status.st_mode & S_IROTH) != 0;
}

std::string RealFileSystem::absolute(const std::string& path) const {
    std::error_code error;
    const std::filesystem::path result = std::filesystem::absolute(path, error);
    return error ? path : result.lexically_normal().string();
}

Result<std::unique_ptr<FileLock>> RealFileSystem::lock(const std::string& path, const std::function<void()>& on_wait) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    if (!parent.empty()) SAGEBUILD_CHECK(make_directories(parent.string()));
    auto held = std::make_unique<RealFileLock>(::open(path.c_str(), O_RDWR | O_CREAT, 0666));  // not O_CLOEXEC: see lock()
    if (held->descriptor() < 0) return cannot_write(path, std::strerror(errno));
    if (::flock(held->descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return cannot_write(path, std::strerror(errno));
        on_wait();
        while (::flock(held->descriptor(), LOCK_EX) != 0) {
            if (errno != EINTR) return cannot_write(path, std::strerror(errno));
        }
    }
    return std::unique_ptr<FileLock>(std::move(held));
}

}  // namespace sagebuild
