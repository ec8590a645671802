#include "text/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <vector>

#include "core/diagnostic.hpp"

namespace sagebuild {

namespace {

Diagnostic refused(std::string cause) {
    return {.code = "SB0462", .what = "the archive is refused", .causes = {std::move(cause)}};
}

/// `path` without `.`, empty parts and a leading `/`; false if it climbs.
bool clean_path(std::string_view path, std::string& out) {
    out.clear();
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part == "..") return false;
        if (part.empty() || part == ".") continue;
        if (!out.empty()) out += '/';
        out.append(part);
    }
    return true;
}

/// libarchive converts names by the locale, which is "C" here; the UTF-8 of a pax header comes through unconverted.
std::string first_text(const char* utf8, const char* bytes) {
    return utf8 != nullptr ? utf8 : bytes != nullptr ? bytes : "";
}

class TarReader : private ByteSource {
  public:
    TarReader(ByteSource& source, const TarLimits& limits, const TarCallback& on_entry)
        : m_source(source), m_limits(limits), m_on_entry(on_entry), m_buffer(std::size_t{256} << 10) {}

    Result<> run() {
        archive_read_support_format_tar(m_archive.get());
        archive_read_support_filter_gzip(m_archive.get());
        archive_read_support_filter_zstd(m_archive.get());
        if (archive_read_open(m_archive.get(), this, nullptr, give_bytes, nullptr) != ARCHIVE_OK) return failure();
        archive_entry* entry = nullptr;
        while (true) {
            const int code = archive_read_next_header(m_archive.get(), &entry);
            if (code == ARCHIVE_EOF) break;
            if (code < ARCHIVE_WARN) return failure();
            SAGEBUILD_CHECK(take_entry(entry));
        }
        return Unit{};
    }

  private:
    static la_ssize_t give_bytes(archive*, void* user, const void** buffer) {
        auto& reader = *static_cast<TarReader*>(user);
        auto got = reader.m_source.read(reader.m_buffer.data(), reader.m_buffer.size());
        if (!got) {
            reader.m_failure = std::move(got).errors();
            return ARCHIVE_FATAL;
        }
        *buffer = reader.m_buffer.data();
        return static_cast<la_ssize_t>(*got);
    }

    Diagnostics failure() {
        if (!m_failure.empty()) return std::move(m_failure);
        const char* text = archive_error_string(m_archive.get());
        return {refused(text == nullptr ? "it is damaged" : printable(text, 200))};
    }

    Result<> take_entry(archive_entry* found) {
        if (++m_entries > m_limits.entries) return refused("it has more than " + std::to_string(m_limits.entries) + " entries");
        TarEntry entry;
        const std::string path = first_text(archive_entry_pathname_utf8(found), archive_entry_pathname(found));
        if (!clean_path(path, entry.path)) return refused("path `" + printable(path, 120) + "` leaves the archive");
        entry.size = archive_entry_size_is_set(found) != 0 ? static_cast<std::uint64_t>(archive_entry_size(found)) : 0;
        const std::string hard_link = first_text(archive_entry_hardlink_utf8(found), archive_entry_hardlink(found));
        bool is_wanted = !entry.path.empty();
        if (!hard_link.empty()) {
            entry.kind = ImageFileKind::hard_link;
            if (!clean_path(hard_link, entry.link)) return refused("hard link to `" + printable(hard_link, 120) + "` leaves the archive");
        } else if (archive_entry_filetype(found) == AE_IFLNK) {
            entry.kind = ImageFileKind::symbolic_link;
            entry.link = first_text(archive_entry_symlink_utf8(found), archive_entry_symlink(found));
        } else if (archive_entry_filetype(found) == AE_IFDIR) {
            entry.kind = ImageFileKind::directory;
        } else {
            is_wanted = is_wanted && archive_entry_filetype(found) == AE_IFREG;
        }
        m_name_bytes += entry.path.size() + entry.link.size();
        if (m_name_bytes > m_limits.name_bytes)
            return refused("its paths have more than " + std::to_string(m_limits.name_bytes) + " bytes");
        m_read = 0;
        if (is_wanted) SAGEBUILD_CHECK(m_on_entry(entry, *this));
        return skip_rest();
    }

    /// In pieces, so that a bomb is seen while it unpacks; what is not packed is skipped at once.
    Result<> skip_rest() {
        if (archive_filter_code(m_archive.get(), 0) == ARCHIVE_FILTER_NONE) return Unit{};
        while (true) {
            const void* block = nullptr;
            std::size_t size = 0;
            la_int64_t offset = 0;
            const int code = archive_read_data_block(m_archive.get(), &block, &size, &offset);
            if (code == ARCHIVE_EOF) return check_ratio();
            if (code < ARCHIVE_WARN) return failure();
            SAGEBUILD_CHECK(check_ratio());
        }
    }

    Result<> check_ratio() {
        const auto packed = static_cast<std::uint64_t>(archive_filter_bytes(m_archive.get(), -1));
        const auto unpacked = static_cast<std::uint64_t>(archive_filter_bytes(m_archive.get(), 0));
        if (unpacked > m_limits.unpacked_bytes)
            return refused("it unpacks to more than " + std::to_string(m_limits.unpacked_bytes) + " bytes");
        if (unpacked > m_limits.free_bytes && unpacked / m_limits.ratio > packed)
            return refused("it unpacks to more than " + std::to_string(m_limits.ratio) + " times its size");
        return Unit{};
    }

    /// Of the entry that is being handed on.
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        const la_ssize_t got = archive_read_data(m_archive.get(), buffer, size);
        if (got < 0) return failure();
        m_read += static_cast<std::uint64_t>(got);
        if (m_read > m_limits.free_bytes) SAGEBUILD_CHECK(check_ratio());
        return static_cast<std::size_t>(got);
    }

    ByteSource& m_source;
    const TarLimits& m_limits;
    const TarCallback& m_on_entry;
    std::vector<char> m_buffer;
    std::unique_ptr<archive, decltype(&archive_read_free)> m_archive{archive_read_new(), &archive_read_free};
    Diagnostics m_failure;
    std::size_t m_entries = 0;
    std::size_t m_name_bytes = 0;
    std::uint64_t m_read = 0;
};

}  // namespace

Result<> read_tar(ByteSource& source, const TarLimits& limits, const TarCallback& on_entry) {
    return TarReader(source, limits, on_entry).run();
}

}  // namespace sagebuild
