#include "text/tar_reader.hpp"

#include <gtest/gtest.h>

#include "support/memory_edges.hpp"
#include "support/tar_writer.hpp"

namespace sagebuild {
namespace {

using testing::TarPacking;

std::string read(const std::string& bytes, const TarLimits& limits = {}) {
    testing::TextSource source(bytes);
    std::string out;
    const auto done = read_tar(source, limits, [&out](const TarEntry& entry, ByteSource& content) -> Result<> {
        constexpr const char* kinds[] = {"", "/", " -> ", " = "};
        std::string text(100, '\0');
        SAGEBUILD_TRY(const std::size_t got, content.read(text.data(), text.size()));
        out += entry.path + kinds[static_cast<int>(entry.kind)] + entry.link + (got > 0 ? ": " + text.substr(0, got) : "") + "\n";
        return Unit{};
    });
    return done ? out : out + render_diagnostics(done.errors());
}

TEST(TarReader, PlainAndPackedArchivesAreRead) {
    const std::vector<testing::TarItem> items = {
        {"./etc/"},        {"./etc/os-release", "ID=x"}, {"/lib", "@usr/lib"}, {"usr//lib/./a", "bytes"}, {"usr/lib/b", "=./usr/lib/a"},
        {"f\xC3\xA9", "1"}};
    const std::string expected = "etc/\netc/os-release: ID=x\nlib -> usr/lib\nusr/lib/a: bytes\nusr/lib/b = usr/lib/a\nf\xC3\xA9: 1\n";
    for (const TarPacking packing : {TarPacking::plain, TarPacking::gzip, TarPacking::zstd})
        EXPECT_EQ(read(write_tar(items, packing)), expected);
}

TEST(TarReader, HostileArchivesAreRefused) {
    const std::string refused = "error[SB0462]: the archive is refused\ncaused by: ";
    EXPECT_EQ(read(testing::write_tar({{"a/../../etc/passwd", "x"}})), refused + "path `a/../../etc/passwd` leaves the archive\n");
    EXPECT_EQ(read(testing::write_tar({{"..", "x"}})), refused + "path `..` leaves the archive\n");
    EXPECT_EQ(read(testing::write_tar({{"a", "=../b"}})), refused + "hard link to `../b` leaves the archive\n");
    EXPECT_EQ(read(testing::write_tar({{"a"}, {"b"}, {"c"}}), {.entries = 2}), "a\nb\n" + refused + "it has more than 2 entries\n");
    EXPECT_EQ(read(testing::write_tar({{std::string(300, 'x')}}), {.name_bytes = 200}), refused + "its paths have more than 200 bytes\n");
    const TarLimits small{.ratio = 20, .free_bytes = 100000};
    for (const TarPacking packing : {TarPacking::gzip, TarPacking::zstd}) {
        const std::string bomb = write_tar({{"zeros", std::string(std::size_t{8} << 20, '\0')}}, packing);
        EXPECT_TRUE(read(bomb, small).ends_with(refused + "it unpacks to more than 20 times its size\n"));
        EXPECT_TRUE(read(bomb, {.unpacked_bytes = 1000000}).ends_with(refused + "it unpacks to more than 1000000 bytes\n"));
    }
}

TEST(TarReader, DamageIsTold) {
    const std::string whole = write_tar({{"a", std::string(5000, 'x')}, {"b", std::string(5000, 'y')}}, TarPacking::gzip);
    EXPECT_TRUE(read(whole.substr(0, whole.size() / 2)).find("error[SB0462]: the archive is refused\ncaused by: ") != std::string::npos);
    EXPECT_EQ(read("plain text, no archive at all"), "error[SB0462]: the archive is refused\ncaused by: Unrecognized archive format\n");
    // Every truncation and every changed byte ends in entries or in an error, never worse.
    const std::string plain = testing::write_tar({{"a", "1"}, {"b", "@a"}});
    for (std::size_t length = 0; length < 2048; length += 64) (void)read(plain.substr(0, length));
    for (std::size_t at = 0; at < 1536; ++at) {
        std::string changed = plain;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        (void)read(changed);
    }
}

}  // namespace
}  // namespace sagebuild
