#include "edge/real_file_system.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace sagebuild {

class RealFileSystemTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "sagebuild-files-XXXXXX").string();
        m_root = ::mkdtemp(name.data());
    }
    void TearDown() override { std::filesystem::remove_all(m_root); }
    std::string path(const std::string& name) const { return m_root + "/" + name; }

    RealFileSystem m_files;
    std::string m_root;
};

TEST_F(RealFileSystemTest, WritesWholeFilesAndLeavesNoTemporaries) {
    ASSERT_TRUE(m_files.write(path("a/b/c.txt"), std::string("one\0two", 7)));
    EXPECT_EQ(m_files.read(path("a/b/c.txt"), 100).value(), std::string("one\0two", 7));
    ASSERT_TRUE(m_files.write(path("a/b/c.txt"), "new"));
    EXPECT_EQ(m_files.read(path("a/b/c.txt"), 100).value(), "new");
    EXPECT_EQ(m_files.list(path("a/b")).value(), std::vector<std::string>{"c.txt"});
}

TEST_F(RealFileSystemTest, LeavesFilesWithTheSameBytesAlone) {
    EXPECT_TRUE(m_files.write_if_changed(path("x"), "same").value());
    EXPECT_FALSE(m_files.write_if_changed(path("x"), "same").value());
    EXPECT_TRUE(m_files.write_if_changed(path("x"), "longer than before").value());
}

TEST_F(RealFileSystemTest, ErrorsNameThePathAndTheReason) {
    const auto missing = m_files.read(path("nothing"), 100);
    ASSERT_FALSE(missing);
    EXPECT_EQ(render_diagnostics(missing.errors()),
              "error[SB0501]: cannot read `" + path("nothing") + "`\ncaused by: No such file or directory\n");
    const auto directory = m_files.read(m_root, 100);
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.errors().front().causes, std::vector<std::string>{"Is a directory"});
    ASSERT_TRUE(m_files.write(path("big"), "12345"));
    const auto big = m_files.read(path("big"), 4);
    ASSERT_FALSE(big);
    EXPECT_EQ(big.errors().front().causes, std::vector<std::string>{"it is larger than 4 bytes"});
    ASSERT_TRUE(m_files.write(path("file"), ""));
    const auto below_file = m_files.write(path("file/below"), "x");
    ASSERT_FALSE(below_file);
    EXPECT_EQ(render_diagnostics(below_file.errors()), "error[SB0502]: cannot write `" + path("file") + "`\ncaused by: Not a directory\n");
}

TEST_F(RealFileSystemTest, ListsFilesBelowSortedAndWithoutLinks) {
    ASSERT_TRUE(m_files.write(path("t/z"), ""));
    ASSERT_TRUE(m_files.write(path("t/a/b"), ""));
    std::filesystem::create_symlink("/etc", path("t/link"));
    EXPECT_EQ(m_files.list_recursive(path("t")).value(), (std::vector<std::string>{"a/b", "z"}));
}

TEST_F(RealFileSystemTest, FilesAreReadAnywhere) {
    ASSERT_TRUE(m_files.write(path("x"), "0123456789"));
    const auto file = m_files.open_file(path("x"));
    ASSERT_TRUE(file);
    char buffer[4];
    EXPECT_EQ((*file)->size(), 10U);
    EXPECT_EQ((*file)->read_at(7, buffer, 4).value(), 3U);
    EXPECT_EQ(std::string(buffer, 3), "789");
    EXPECT_EQ((*file)->read_at(10, buffer, 4).value(), 0U);
    EXPECT_EQ((*file)->read_at(2, buffer, 4).value(), 4U);
    EXPECT_EQ(std::string(buffer, 4), "2345");
    for (const std::string& name : {path("none"), m_root}) {
        const auto missing = m_files.open_file(name);
        ASSERT_FALSE(missing);
        EXPECT_EQ(missing.errors().front().what, "cannot read `" + name + "`");
    }
}

TEST_F(RealFileSystemTest, ItIsKnownWhoMayReadAFile) {
    ASSERT_TRUE(m_files.write(path("x"), "token"));
    ::chmod(path("x").c_str(), 0640);
    EXPECT_FALSE(m_files.is_readable_by_all(path("x")).value());
    ::chmod(path("x").c_str(), 0644);
    EXPECT_TRUE(m_files.is_readable_by_all(path("x")).value());
    EXPECT_FALSE(m_files.is_readable_by_all(path("none")));
}

}  // namespace sagebuild
