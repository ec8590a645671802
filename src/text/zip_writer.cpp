#include <algorithm>
#include <set>
#include <stdexcept>

#include "text/zip.hpp"
#include "text/zip_handles.hpp"

namespace sagebuild {

namespace {

constexpr int deflate_level = 6;
constexpr zip_uint32_t regular_file = 0100000;

struct DosTime {
    std::uint16_t time;
    std::uint16_t date;
};

/// MS-DOS time and date of APPNOTE 4.4.6, in UTC. Years are counted one by one: there are at most 127.
DosTime to_dos_time(std::int64_t epoch) {
    constexpr std::int64_t first = 315532800;  // 1980-01-01
    constexpr std::int64_t last = 4354819198;  // 2107-12-31 23:59:58
    const std::int64_t since_1980 = std::clamp(epoch, first, last) - first;
    const auto of_day = static_cast<unsigned>(since_1980 % 86400);
    auto day = static_cast<unsigned>(since_1980 / 86400);
    const auto is_leap = [](unsigned year) { return year % 4 == 0 && year != 2100; };  // 2000 was one
    unsigned year = 1980;
    for (; day >= (is_leap(year) ? 366U : 365U); ++year) day -= is_leap(year) ? 366U : 365U;
    unsigned month = 1;
    const auto days_of_month = [&] {
        return month == 2 ? (is_leap(year) ? 29U : 28U) : (month == 4 || month == 6 || month == 9 || month == 11 ? 30U : 31U);
    };
    for (; day >= days_of_month(); ++month) day -= days_of_month();
    return {static_cast<std::uint16_t>(((of_day / 3600) << 11) | ((of_day / 60 % 60) << 5) | (of_day % 60 / 2)),
            static_cast<std::uint16_t>(((year - 1980) << 9) | (month << 5) | (day + 1))};
}

void put_u16(std::string& bytes, std::size_t at, std::uint16_t value) {
    bytes.at(at) = static_cast<char>(value & 0xFF);
    bytes.at(at + 1) = static_cast<char>(value >> 8);
}

std::size_t get_number(const std::string& bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t index = size; index > 0; --index) value = (value << 8) | static_cast<unsigned char>(bytes.at(at + index - 1));
    return value;
}

/// libzip keeps times as time_t and converts through the local time zone, so an hour that a zone skips would shift; the four bytes of every
/// header are therefore written here (APPNOTE 4.3.7, 4.3.12, 4.3.16).
void set_times(std::string& archive, DosTime when) {
    constexpr std::size_t end_record = 22;
    const std::size_t end = archive.size() - end_record;
    const std::size_t count = get_number(archive, end + 10, 2);
    std::size_t at = get_number(archive, end + 16, 4);
    for (std::size_t index = 0; index < count; ++index) {
        put_u16(archive, at + 12, when.time);
        put_u16(archive, at + 14, when.date);
        const std::size_t local = get_number(archive, at + 42, 4);
        put_u16(archive, local + 10, when.time);
        put_u16(archive, local + 12, when.date);
        at += 46 + get_number(archive, at + 28, 2) + get_number(archive, at + 30, 2) + get_number(archive, at + 32, 2);
    }
}

Diagnostics find_problems(const std::vector<ZipEntry>& entries) {
    constexpr std::size_t most_entries = 65534;  // without zip64
    constexpr std::uint64_t most_bytes = (std::uint64_t{1} << 32) - (std::uint64_t{1} << 24);
    Diagnostics problems;
    std::set<std::string_view> paths;
    std::uint64_t total = 0;
    for (const ZipEntry& entry : entries) {
        total += entry.bytes.size();
        const std::string reason = explain_illegal_path(entry.path);
        if (!reason.empty()) problems.push_back({.code = "SB0415", .what = "path `" + printable(entry.path, 120) + "` " + reason});
        if (!paths.insert(entry.path).second)
            problems.push_back({.code = "SB0415", .what = "two files of the wheel are named `" + printable(entry.path, 120) + "`"});
    }
    if (entries.size() > most_entries)
        problems.push_back({.code = "SB0415", .what = "the wheel has " + std::to_string(entries.size()) + " files; 65534 fit"});
    if (total > most_bytes) problems.push_back({.code = "SB0415", .what = "the wheel has " + std::to_string(total) + " bytes; 4 GiB fit"});
    return problems;
}

[[noreturn]] void fail(const char* reason) {
    throw std::runtime_error(std::string("libzip: ") + reason);
}

void add_entry(zip_t* archive, const ZipEntry& entry) {
    ZipSource source(zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0));
    if (!source) fail(zip_strerror(archive));
    const zip_int64_t index = zip_file_add(archive, entry.path.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (index < 0) fail(zip_strerror(archive));
    (void)source.release();  // libzip owns it now
    const auto at = static_cast<zip_uint64_t>(index);
    const zip_uint32_t mode = regular_file | (entry.executable ? 0755U : 0644U);
    const bool done = zip_set_file_compression(archive, at, ZIP_CM_DEFLATE, deflate_level) == 0 &&
                      zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX, mode << 16) == 0;
    if (!done) fail(zip_strerror(archive));
}

}  // namespace

Result<std::string> write_zip(const std::vector<ZipEntry>& entries, std::int64_t epoch) {
    if (Diagnostics problems = find_problems(entries); !problems.empty()) return problems;
    if (entries.empty()) return std::string("PK\5\6") + std::string(18, '\0');  // libzip writes no file at all for an empty archive
    ZipError error;
    ZipSource target(zip_source_buffer_create(nullptr, 0, 0, error.get()));
    if (!target) fail(error.text());
    ZipArchive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, error.get()));
    if (!archive) fail(error.text());
    zip_source_keep(target.get());
    for (const ZipEntry& entry : entries) add_entry(archive.get(), entry);
    if (zip_close(archive.get()) != 0) fail(zip_strerror(archive.get()));
    (void)archive.release();  // zip_close freed it

    zip_stat_t status;
    if (zip_source_stat(target.get(), &status) != 0 || zip_source_open(target.get()) != 0) fail("cannot reopen the archive");
    std::string bytes(status.size, '\0');
    const zip_int64_t read = zip_source_read(target.get(), bytes.data(), bytes.size());
    zip_source_close(target.get());
    if (read != static_cast<zip_int64_t>(bytes.size())) fail("cannot read the archive back");
    set_times(bytes, to_dos_time(epoch));
    return bytes;
}

}  // namespace sagebuild
