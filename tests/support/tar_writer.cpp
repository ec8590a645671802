#include "support/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>

namespace sagebuild::testing {

std::string write_tar(const std::vector<TarItem>& items, TarPacking packing) {
    std::size_t room = std::size_t{1} << 16;
    for (const TarItem& item : items) room += item.content.size() + 4 * item.path.size() + 4096;
    std::string bytes(room, '\0');
    std::size_t used = 0;
    const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(), &archive_write_free);
    archive_write_set_format_pax_restricted(writer.get());
    if (packing == TarPacking::gzip) archive_write_add_filter_gzip(writer.get());
    if (packing == TarPacking::zstd) archive_write_add_filter_zstd(writer.get());
    archive_write_open_memory(writer.get(), bytes.data(), bytes.size(), &used);
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
    for (const TarItem& item : items) {
        archive_entry_clear(entry.get());
        archive_entry_set_pathname(entry.get(), item.path.c_str());
        archive_entry_set_perm(entry.get(), 0755);
        archive_entry_set_filetype(entry.get(), item.path.ends_with('/') ? AE_IFDIR : AE_IFREG);
        const bool is_link = item.content.starts_with('@') || item.content.starts_with('=');
        if (item.content.starts_with('@')) {
            archive_entry_set_filetype(entry.get(), AE_IFLNK);
            archive_entry_set_symlink(entry.get(), item.content.c_str() + 1);
        } else if (item.content.starts_with('=')) {
            archive_entry_set_hardlink(entry.get(), item.content.c_str() + 1);
        }
        archive_entry_set_size(entry.get(), is_link ? 0 : static_cast<la_int64_t>(item.content.size()));
        if (archive_write_header(writer.get(), entry.get()) < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(writer.get()));
        if (!is_link && !item.content.empty()) archive_write_data(writer.get(), item.content.data(), item.content.size());
    }
    archive_write_close(writer.get());
    bytes.resize(used);
    return bytes;
}

}  // namespace sagebuild::testing
