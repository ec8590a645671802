#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "edge/clock.hpp"
#include "edge/environment.hpp"
#include "edge/file_system.hpp"

namespace sagebuild::testing {

/// Bytes in memory, in pieces of at most 1000.
class TextSource : public ByteSource {
  public:
    explicit TextSource(std::string text) : m_text(std::move(text)) {}
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        const std::size_t count = std::min({size, m_text.size() - m_at, std::size_t{1000}});
        std::copy_n(m_text.data() + m_at, count, buffer);
        m_at += count;
        return count;
    }

  private:
    std::string m_text;
    std::size_t m_at = 0;
};

/// Files in memory; remembers what was written and removed.
class MemoryFileSystem : public FileSystem {
  public:
    std::map<std::string, std::string> files;  ///< by absolute path
    std::vector<std::string> written;
    std::vector<std::string> removed;
    std::string full_disk_below;  ///< writes below this directory fail
    std::string readable_by_all;  ///< the one file that everybody may read
    bool locked_elsewhere = false;
    std::uint64_t free_space = std::uint64_t{100} << 30;

    bool is_file(const std::string& path) const override;
    bool is_directory(const std::string& path) const override;
    Result<std::string> read(const std::string& path, std::size_t limit) const override;
    Result<std::unique_ptr<ByteSource>> open(const std::string& path) const override;
    Result<std::unique_ptr<ByteFile>> open_file(const std::string& path) const override;
    Result<> write(const std::string& path, std::string_view bytes) override;
    Result<bool> write_if_changed(const std::string& path, std::string_view bytes) override;
    Result<> make_directories(const std::string& path) override;
    Result<> remove_tree(const std::string& path) override;
    Result<> rename(const std::string& from, const std::string& to) override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::vector<std::string>> list_recursive(const std::string& path) const override;
    Result<std::uint64_t> free_bytes(const std::string& path) const override;
    Result<bool> is_readable_by_all(const std::string& path) const override;
    std::string absolute(const std::string& path) const override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::function<void()>& on_wait) override;
};

/// An environment made of the given variables.
class FakeEnvironment : public Environment {
  public:
    std::map<std::string, std::string> variables;
    bool terminal = false;
    int width = 0;

    std::optional<std::string> variable(const std::string& name) const override;
    std::string working_directory() const override { return "/project"; }
    bool stdout_is_terminal() const override { return terminal; }
    bool stderr_is_terminal() const override { return terminal; }
    int terminal_width() const override { return width; }
    std::string executable() const override { return "/bin/sagebuild"; }
};

/// Each look at the clock is one second later; waiting costs no time, and is remembered. Not before 2026-01-01.
class TickingClock : public Clock {
  public:
    mutable std::vector<double> waits;

    double monotonic_seconds() const override { return m_now += 1; }
    double unix_seconds() const override { return 1767225600 + m_now; }
    void sleep(double seconds) const override {
        waits.push_back(seconds);
        m_now += seconds;
    }

  private:
    mutable double m_now = 0;
};

}  // namespace sagebuild::testing
