#include "text/zip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "support/raw_zip.hpp"

namespace sagebuild {
namespace {

const std::vector<ZipEntry> entries = {
    {"package/b.so", std::string(5000, 'b'), true}, {"package/a.py", "import os\n", false}, {"empty", "", false}};

std::string zipped(std::int64_t epoch = 0) {
    auto bytes = write_zip(entries, epoch);
    return bytes ? *bytes : render_diagnostics(bytes.errors());
}

TEST(Zip, EntriesComeBackInTheirOrderWithTheirModes) {
    const auto read = read_zip(zipped());
    ASSERT_TRUE(read) << render_diagnostics(read.errors());
    EXPECT_EQ(*read, entries);
}

TEST(Zip, AnArchiveWithoutEntriesIsOne) {
    const auto bytes = write_zip({}, 0);
    ASSERT_TRUE(bytes);
    const auto read = read_zip(*bytes);
    ASSERT_TRUE(read) << render_diagnostics(read.errors());
    EXPECT_TRUE(read->empty());
}

struct TimeCase {
    std::string label;
    std::int64_t epoch;
    unsigned date;  ///< year since 1980, month, day
    unsigned time;  ///< hour, minute, two seconds
};

void PrintTo(const TimeCase& row, std::ostream* out) {
    *out << row.label;
}

constexpr unsigned dos_date(unsigned year, unsigned month, unsigned day) {
    return ((year - 1980) << 9) | (month << 5) | day;
}

constexpr unsigned dos_time(unsigned hour, unsigned minute, unsigned second) {
    return (hour << 11) | (minute << 5) | (second / 2);
}

class ZipTimeTest : public testing::TestWithParam<TimeCase> {};

/// Expected dates are those of `date -u -d @SECONDS`.
TEST_P(ZipTimeTest, IsWrittenInUtc) {
    const std::string bytes = zipped(GetParam().epoch);
    const auto number = [&](std::size_t at) {
        return static_cast<unsigned char>(bytes[at]) | (static_cast<unsigned char>(bytes[at + 1]) << 8);
    };
    EXPECT_EQ(number(10), static_cast<int>(GetParam().time));
    EXPECT_EQ(number(12), static_cast<int>(GetParam().date));
}

INSTANTIATE_TEST_SUITE_P(Rows, ZipTimeTest,
                         testing::Values(TimeCase{"before_zip", -5, dos_date(1980, 1, 1), 0},
                                         TimeCase{"first", 315532800, dos_date(1980, 1, 1), 0},
                                         TimeCase{"leap_day", 951782399, dos_date(2000, 2, 28), dos_time(23, 59, 58)},
                                         TimeCase{"in_2000", 951782400, dos_date(2000, 2, 29), 0},
                                         TimeCase{"year_end", 1767225599, dos_date(2025, 12, 31), dos_time(23, 59, 58)},
                                         TimeCase{"after_2100", 4107542400, dos_date(2100, 3, 1), 0},
                                         TimeCase{"last", 1LL << 40, dos_date(2107, 12, 31), dos_time(23, 59, 58)}),
                         [](const auto& row) { return row.param.label; });

TEST(Zip, LimitsAreKept) {
    ZipLimits limits;
    limits.entries = 2;
    const auto many = read_zip(zipped(), limits);
    ASSERT_FALSE(many);
    EXPECT_EQ(render_diagnostics(many.errors()), "error[SB0402]: archive has 3 entries; at most 2 are read\n");
    limits = {};
    limits.total_bytes = 5000;
    const auto large = read_zip(zipped(), limits);
    ASSERT_FALSE(large);
    EXPECT_EQ(render_diagnostics(large.errors()), "error[SB0402]: archive unpacks to 5010 bytes; at most 5000 are read\n");
}

TEST(Zip, ReportsEveryProblemOfTheDirectory) {
    std::string bytes = test::renamed(zipped(), "empty", "../ab");
    bytes = test::with_mode(bytes, "package/a.py", 0120777);
    const auto read = read_zip(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(render_diagnostics(read.errors()),
              "error[SB0402]: entry `package/a.py` is a symbolic link\n\nerror[SB0402]: path `../ab` leaves the archive\n");
}

struct PathCase {
    std::string path;
    std::string reason;
};

class ZipPathTest : public testing::TestWithParam<PathCase> {};

TEST_P(ZipPathTest, IsJudged) {
    EXPECT_EQ(explain_illegal_path(GetParam().path), GetParam().reason) << GetParam().path;
}

INSTANTIATE_TEST_SUITE_P(Rows, ZipPathTest,
                         testing::Values(PathCase{"a", ""}, PathCase{"a/b.c-d+e/f", ""}, PathCase{"a..b", ""}, PathCase{"\xC3\xA4/b", ""},
                                         PathCase{"", "is empty"}, PathCase{"/a", "is absolute"}, PathCase{"a//b", "has an empty part"},
                                         PathCase{"a/", "has an empty part"}, PathCase{"./a", "has an empty part"},
                                         PathCase{"..", "leaves the archive"}, PathCase{"a/../b", "leaves the archive"},
                                         PathCase{"a\\b", "holds a backslash"}, PathCase{"C:a", "holds a colon"},
                                         PathCase{std::string("a\0b", 3), "holds a control character"},
                                         PathCase{std::string(1025, 'a'), "is longer than 1024 bytes"}));

TEST(Zip, AFileIsReadInPiecesAndKeptInPart) {
    const std::string large(std::size_t{3} << 20, 'x');
    const std::string archive = write_zip({{"a", "first"}, {"b", large}, {"c", ""}, {"d", "last"}}, 0).value();
    std::string order;
    std::uint64_t bytes = 0;
    std::size_t longest = 0;
    const auto unpacked = read_zip(
        MemoryByteFile(archive), [](std::string_view path) { return path == "a" || path == "c"; }, {},
        [&](const std::string& path, std::string_view piece) {
            if (order.empty() || order.back() != path.front()) order += path;
            bytes += piece.size();
            longest = std::max(longest, piece.size());
        });
    ASSERT_TRUE(unpacked);
    EXPECT_EQ(*unpacked, (std::vector<ZipEntry>{{"a", "first"}, {"b", ""}, {"c", ""}, {"d", ""}}));
    EXPECT_EQ(order, "abd");
    EXPECT_EQ(bytes, large.size() + 9);
    EXPECT_LE(longest, std::size_t{1} << 20);
}

/// A file whose end cannot be read.
class BrokenFile : public ByteFile {
  public:
    std::uint64_t size() const override { return 1000; }
    Result<std::size_t> read_at(std::uint64_t, char*, std::size_t) const override {
        return Diagnostic{.code = "SB0501", .what = "cannot read `x`"};
    }
};

TEST(Zip, AFileThatCannotBeReadIsNoArchive) {
    const auto unpacked = read_zip(BrokenFile(), [](std::string_view) { return true; });
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(render_diagnostics(unpacked.errors()), "error[SB0402]: file is not a whole zip archive: Read error: Input/output error\n");
}

}  // namespace
}  // namespace sagebuild
