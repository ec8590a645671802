#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "edge/real_file_system.hpp"

namespace sagebuild {
namespace {

TEST(FileLock, TellsThatItWaitsAndIsFreedByAKill) {
    std::string directory = (std::filesystem::temp_directory_path() / "sagebuild-lock-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string path = directory + "/deep/lock";
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t holder = ::fork();
    if (holder == 0) {
        RealFileSystem files;
        auto lock = files.lock(path, [] {});
        const char byte = 1;
        if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
        ::pause();
        ::_exit(lock ? 0 : 1);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    RealFileSystem files;
    int waits = 0;
    {
        auto lock = files.lock(path, [&] {
            ++waits;
            ::kill(holder, SIGKILL);
        });
        ASSERT_TRUE(lock);
        ::waitpid(holder, nullptr, 0);
    }
    EXPECT_EQ(waits, 1);
    ASSERT_TRUE(files.lock(path, [&] { ++waits; }));
    EXPECT_EQ(waits, 1);
    ASSERT_TRUE(files.remove_tree(directory));
}

TEST(FileLock, OutlivesAKilledHolderWhileItsProgramsRun) {
    std::string directory = (std::filesystem::temp_directory_path() / "sagebuild-lock-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string path = directory + "/lock";
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t holder = ::fork();
    if (holder == 0) {
        RealFileSystem files;
        auto lock = files.lock(path, [] {});
        const pid_t program = ::fork();
        if (program == 0) {
            ::execlp("sleep", "sleep", "600", nullptr);
            ::_exit(1);
        }
        if (::write(ready[1], &program, sizeof program) != sizeof program) ::_exit(1);
        ::pause();
        ::_exit(lock ? 0 : 1);
    }
    pid_t program = 0;
    ASSERT_EQ(::read(ready[0], &program, sizeof program), static_cast<ssize_t>(sizeof program));
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    RealFileSystem files;
    int waits = 0;
    ASSERT_TRUE(files.lock(path, [&] {
        ++waits;
        ::kill(program, SIGKILL);
    }));
    EXPECT_EQ(waits, 1);
    ASSERT_TRUE(files.remove_tree(directory));
}

}  // namespace
}  // namespace sagebuild
