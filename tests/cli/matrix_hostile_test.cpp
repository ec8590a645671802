#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "support/golden.hpp"
#include "support/hostile_yaml.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {

namespace {

constexpr rlim_t memory_bound = rlim_t{256} * 1024 * 1024;

struct Finished {
    int exit_code = -1;
    double cpu_seconds = 0;
    long peak_kilobytes = 0;
};

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

/// Runs `sagebuild matrix validate FILE` in its own process, the memory bounded but under the address sanitizer, which maps terabytes.
Finished validate(const std::string& file, const std::string& out, const std::string& err) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit bound{memory_bound, memory_bound};
        if (!is_sanitized && setrlimit(RLIMIT_AS, &bound) != 0) _exit(126);
        dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        execl(SAGEBUILD_BINARY, "sagebuild", "matrix", "validate", file.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss};
}

class HostileMatrix : public testing::TestWithParam<test::HostileYaml> {};

/// Processor time, not time on the clock: other tests run beside this one.
TEST_P(HostileMatrix, IsAnsweredWithinASecondAnd256Megabytes) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.path() / "hostile.yaml";
    std::ofstream(file, std::ios::binary) << GetParam().bytes;
    const Finished finished = validate(file, directory.path() / "out", directory.path() / "err");
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_EQ(test::read_file(directory.path() / "out"), "");
    const std::string text = test::read_file(directory.path() / "err");
    EXPECT_EQ(text.substr(0, text.find('\n')).substr(0, 2000), GetParam().first_line.substr(0, 2000));
    if (is_sanitized) return;
    EXPECT_LT(finished.peak_kilobytes, static_cast<long>(memory_bound / 1024));
    EXPECT_LT(finished.cpu_seconds, 1.0);
}

INSTANTIATE_TEST_SUITE_P(Files, HostileMatrix, testing::ValuesIn(test::hostile_yaml_files()),
                         [](const auto& file) { return file.param.name; });

}  // namespace

}  // namespace sagebuild
