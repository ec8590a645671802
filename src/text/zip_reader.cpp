#include <algorithm>
#include <cerrno>
#include <map>

#include "text/zip.hpp"
#include "text/zip_handles.hpp"

namespace sagebuild {

namespace {

constexpr zip_uint32_t type_mask = 0170000;
constexpr zip_uint32_t symbolic_link = 0120000;
constexpr zip_uint32_t regular_file = 0100000;

Diagnostic problem(std::string what) {
    return {.code = "SB0402", .what = std::move(what)};
}

std::string shown(std::string_view path) {
    return "`" + printable(path, 120) + "`";
}

struct EntryHead {
    zip_uint64_t index;
    std::string path;
    std::uint64_t size;
    bool executable;
};

/// Reads the directory of an archive and checks all of it before any entry is unpacked.
class DirectoryReader {
  public:
    DirectoryReader(zip_t* archive, const ZipLimits& limits) : m_archive(archive), m_limits(limits) {}

    Result<std::vector<EntryHead>> read() {
        const auto count = static_cast<std::uint64_t>(zip_get_num_entries(m_archive, 0));
        if (count > m_limits.entries) {
            return problem("archive has " + std::to_string(count) + " entries; at most " + std::to_string(m_limits.entries) + " are read");
        }
        for (zip_uint64_t index = 0; index < count; ++index) check_entry(index);
        const bool bomb = m_unpacked > m_limits.free_bytes && m_unpacked / m_limits.ratio > m_packed;
        if (m_unpacked > m_limits.total_bytes) {
            m_problems.push_back(problem("archive unpacks to " + std::to_string(m_unpacked) + " bytes; at most " +
                                         std::to_string(m_limits.total_bytes) + " are read"));
        } else if (bomb) {
            m_problems.push_back(problem("archive unpacks to " + std::to_string(m_unpacked) + " bytes, more than " +
                                         std::to_string(m_limits.ratio) + " times its size"));
        }
        if (!m_problems.empty()) return m_problems;
        return m_entries;
    }

  private:
    void check_entry(zip_uint64_t index) {
        constexpr std::size_t most_problems = 20;  // a hostile archive must not flood the terminal
        if (m_problems.size() >= most_problems) return;
        zip_stat_t status;
        const char* name = zip_get_name(m_archive, index, ZIP_FL_ENC_RAW);
        if (name == nullptr || zip_stat_index(m_archive, index, ZIP_FL_ENC_RAW, &status) != 0) {
            m_problems.push_back(
                problem("entry " + std::to_string(index + 1) + " of the archive cannot be read: " + zip_strerror(m_archive)));
            return;
        }
        std::string path = name;
        const bool directory = path.ends_with('/');
        if (directory) path.pop_back();
        const std::string reason = explain_illegal_path(path);
        if (!reason.empty()) m_problems.push_back(problem("path " + shown(path) + " " + reason));
        if (!m_paths.emplace(path, index).second) m_problems.push_back(problem("two entries are named " + shown(path)));
        if (status.encryption_method != ZIP_EM_NONE) m_problems.push_back(problem("entry " + shown(path) + " is encrypted"));
        if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE) {
            m_problems.push_back(problem("entry " + shown(path) + " is compressed by method " + std::to_string(status.comp_method) +
                                         "; wheels are stored or deflated"));
        }
        zip_uint8_t system = 0;
        zip_uint32_t attributes = 0;
        if (zip_file_get_external_attributes(m_archive, index, 0, &system, &attributes) != 0) attributes = 0;
        const zip_uint32_t mode = system == ZIP_OPSYS_UNIX ? attributes >> 16 : 0;
        const zip_uint32_t type = mode & type_mask;
        if (type == symbolic_link) {
            m_problems.push_back(problem("entry " + shown(path) + " is a symbolic link"));
        } else if (!directory && type != 0 && type != regular_file) {
            m_problems.push_back(problem("entry " + shown(path) + " is neither a file nor a directory"));
        }
        if (directory && status.size > 0)
            m_problems.push_back(problem("directory " + shown(path) + " holds " + std::to_string(status.size) + " bytes"));
        m_packed += status.comp_size;
        m_unpacked += status.size;
        if (m_unpacked < status.size) m_unpacked = ~std::uint64_t{0};
        if (!directory) m_entries.push_back({index, std::move(path), status.size, (mode & 0111) != 0});
    }

    zip_t* m_archive;
    const ZipLimits& m_limits;
    std::map<std::string, zip_uint64_t> m_paths;
    std::vector<EntryHead> m_entries;
    std::uint64_t m_packed = 0;
    std::uint64_t m_unpacked = 0;
    Diagnostics m_problems;
};

/// libzip compares the checksum when it reaches the end of an entry, so one byte more than the stated size is asked for.
Result<std::string> unpack(zip_t* archive, const EntryHead& entry, bool keep, const ZipPieceSink& sink) {
    constexpr std::uint64_t longest_block = std::uint64_t{1} << 20;
    const auto block = static_cast<std::size_t>(std::min(entry.size + 1, longest_block));
    const ZipFile file(zip_fopen_index(archive, entry.index, 0));
    if (!file) return problem("entry " + shown(entry.path) + " cannot be unpacked: " + zip_strerror(archive));
    std::string bytes;
    std::uint64_t size = 0;
    while (true) {
        const std::size_t held = bytes.size();
        bytes.resize(held + block);
        const zip_int64_t got = zip_fread(file.get(), bytes.data() + held, block);
        if (got < 0) return problem("entry " + shown(entry.path) + " cannot be unpacked: " + zip_file_strerror(file.get()));
        if (sink && got > 0) sink(entry.path, std::string_view(bytes).substr(held, static_cast<std::size_t>(got)));
        bytes.resize(keep ? held + static_cast<std::size_t>(got) : 0);
        size += static_cast<std::uint64_t>(got);
        if (size > entry.size)
            return problem("entry " + shown(entry.path) + " unpacks to more than its " + std::to_string(entry.size) + " bytes");
        if (got == 0) break;
    }
    if (size != entry.size) {
        return problem("entry " + shown(entry.path) + " unpacks to " + std::to_string(size) + " of its " + std::to_string(entry.size) +
                       " bytes");
    }
    return bytes;
}

/// The bytes of a `ByteFile` as libzip's source (zip_source_function(3)).
class FileSource {
  public:
    explicit FileSource(const ByteFile& file) : m_file(file) { zip_error_init(&m_error); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;
    ~FileSource() { zip_error_fini(&m_error); }

    static zip_int64_t answer(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
        return static_cast<FileSource*>(self)->answer(data, size, command);
    }

  private:
    zip_int64_t answer(void* data, zip_uint64_t size, zip_source_cmd_t command) {
        switch (command) {
            case ZIP_SOURCE_OPEN:
                m_offset = 0;
                return 0;
            case ZIP_SOURCE_READ:
                return read(static_cast<char*>(data), size);
            case ZIP_SOURCE_CLOSE:
            case ZIP_SOURCE_FREE:
                return 0;
            case ZIP_SOURCE_STAT: {
                auto* status = static_cast<zip_stat_t*>(data);
                zip_stat_init(status);
                status->valid = ZIP_STAT_SIZE;
                status->size = m_file.size();
                return sizeof *status;
            }
            case ZIP_SOURCE_ERROR:
                return zip_error_to_data(&m_error, data, size);
            case ZIP_SOURCE_SEEK: {
                const zip_int64_t offset = zip_source_seek_compute_offset(m_offset, m_file.size(), data, size, &m_error);
                if (offset < 0) return -1;
                m_offset = static_cast<zip_uint64_t>(offset);
                return 0;
            }
            case ZIP_SOURCE_TELL:
                return static_cast<zip_int64_t>(m_offset);
            case ZIP_SOURCE_SUPPORTS:
                return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
                                                      ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
            default:
                zip_error_set(&m_error, ZIP_ER_OPNOTSUPP, 0);
                return -1;
        }
    }

    zip_int64_t read(char* buffer, zip_uint64_t size) {
        const auto got = m_file.read_at(m_offset, buffer, size);
        if (!got) {
            zip_error_set(&m_error, ZIP_ER_READ, EIO);
            return -1;
        }
        m_offset += *got;
        return static_cast<zip_int64_t>(*got);
    }

    const ByteFile& m_file;
    zip_uint64_t m_offset = 0;
    zip_error_t m_error = {};
};

Result<ZipArchive> open_archive(FileSource& file, int flags) {
    ZipError error;
    ZipSource source(zip_source_function_create(FileSource::answer, &file, error.get()));
    if (!source) return problem(std::string("archive cannot be read: ") + error.text());
    ZipArchive archive(zip_open_from_source(source.get(), flags, error.get()));
    if (!archive) return problem(std::string("file is not a whole zip archive: ") + error.text());
    (void)source.release();  // libzip owns it now
    return archive;
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip(const ByteFile& bytes, const std::function<bool(std::string_view path)>& wanted,
                                       const ZipLimits& limits, const ZipPieceSink& sink) {
    if (bytes.size() == 0) return problem("file is empty");  // libzip takes it for an archive without entries
    // The consistency check of libzip stops at the first duplicate without its name, so our checks of the directory come before it.
    FileSource lenient_file(bytes);
    SAGEBUILD_TRY(const ZipArchive lenient, open_archive(lenient_file, ZIP_RDONLY));
    SAGEBUILD_TRY(const auto heads, DirectoryReader(lenient.get(), limits).read());
    FileSource file(bytes);
    SAGEBUILD_TRY(const ZipArchive archive, open_archive(file, ZIP_RDONLY | ZIP_CHECKCONS));
    std::vector<ZipEntry> entries;
    Diagnostics problems;
    for (const EntryHead& head : heads) {
        auto unpacked = unpack(archive.get(), head, wanted(head.path), sink);
        if (!unpacked) {
            problems.push_back(unpacked.errors().front());
        } else {
            entries.push_back({head.path, std::move(unpacked).value(), head.executable});
        }
    }
    if (!problems.empty()) return problems;
    return entries;
}

Result<std::vector<ZipEntry>> read_zip(std::string_view bytes, const ZipLimits& limits) {
    return read_zip(
        MemoryByteFile(bytes), [](std::string_view) { return true; }, limits);
}

}  // namespace sagebuild
