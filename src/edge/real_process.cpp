#include "edge/real_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

extern char** environ;

namespace sagebuild {

namespace {

std::atomic<int> received_signal = 0;

void remember_signal(int number) {
    received_signal = number;
}

/// While a child runs, SIGINT and SIGTERM are remembered instead of ending us, so that the child is awaited and nothing is left half done.
class SignalGuard {
  public:
    SignalGuard() {
        received_signal = 0;
        struct sigaction action = {};
        action.sa_handler = remember_signal;
        ::sigaction(SIGINT, &action, &m_interrupt);
        ::sigaction(SIGTERM, &action, &m_terminate);
    }
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
    ~SignalGuard() {
        ::sigaction(SIGINT, &m_interrupt, nullptr);
        ::sigaction(SIGTERM, &m_terminate, nullptr);
    }

  private:
    struct sigaction m_interrupt = {};
    struct sigaction m_terminate = {};
};

/// Reading end of a pipe with the text that came through it.
struct Stream {
    int descriptor = -1;
    std::string text;
    std::size_t handed = 0;  ///< bytes of `text` already given to the line callback

    bool is_open() const { return descriptor >= 0; }
    void close() {
        if (is_open()) ::close(descriptor);
        descriptor = -1;
    }
    void read_available() {
        std::array<char, 1 << 14> chunk;
        const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
        if (count > 0) text.append(chunk.data(), static_cast<std::size_t>(count));
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) close();
    }
    void hand_lines(const std::function<void(std::string_view)>& on_line, bool at_end) {
        for (std::size_t end = text.find('\n', handed); end != std::string::npos; end = text.find('\n', handed)) {
            on_line(std::string_view(text).substr(handed, end - handed));
            handed = end + 1;
        }
        if (at_end && handed < text.size()) {
            on_line(std::string_view(text).substr(handed));
            handed = text.size();
        }
    }
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!added.contains(text.substr(0, text.find('=')))) entries.push_back(text);
    }
    for (const auto& [name, value] : added) entries.push_back(name + "=" + value);
    return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

Diagnostic cannot_start(const std::string& program, const std::string& reason) {
    return {.code = "SB0503", .what = "cannot start `" + program + "`", .causes = {reason}};
}

/// Starts the child with its stdin at /dev/null and both outputs on pipes; 0 or an errno value.
int spawn_child(const Command& command, const std::string& program, int output, int error_output, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, command.joins_outputs ? output : error_output, STDERR_FILENO);
    if (!command.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    // A group of its own lets a limit end what the program started too.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    if (command.limits) {
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setpgroup(&attributes, 0);
    }
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> variables = merged_environment(command.environment);
    const int failure =
        ::posix_spawn(&child, program.c_str(), &actions, &attributes, pointers_to(arguments).data(), pointers_to(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

/// What is left of a command's limits.
class LimitWatch {
  public:
    explicit LimitWatch(const std::optional<ProcessLimits>& limits) : m_limits(limits) {}
    /// For poll(2): -1 without a limit.
    int milliseconds_left() const {
        if (!m_limits) return -1;
        return static_cast<int>(std::clamp(seconds_left() * 1000 + 1, 0.0, 3600e3));
    }
    bool is_exceeded(std::size_t output_bytes) const { return m_limits && (seconds_left() <= 0 || output_bytes > m_limits->output_bytes); }

  private:
    double seconds_left() const {
        return m_limits->seconds - std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    }

    const std::optional<ProcessLimits>& m_limits;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// Kills the child's process group. A process that hangs inside a driver does not even react to SIGKILL (state D), so it is awaited
/// for a second only.
int kill_group(pid_t child) {
    ::kill(-child, SIGKILL);
    int status = SIGKILL;
    for (int turn = 0; turn < 100 && ::waitpid(child, &status, WNOHANG) == 0; ++turn) ::poll(nullptr, 0, 10);
    return status;
}

}  // namespace

std::string RealProcessRunner::find_program(const std::string& name) const {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
        std::error_code error;
        if (end > 0 && std::filesystem::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return "";
}

Result<ProcessResult> RealProcessRunner::run(const Command& command) {
    return run_lines(command, [](std::string_view) {});
}

Result<ProcessResult> RealProcessRunner::run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) {
    const std::string program = find_program(command.arguments.front());
    if (program.empty()) return cannot_start(command.arguments.front(), "no such program on PATH");
    std::array<int, 2> output_pipe, error_pipe;
    if (::pipe2(output_pipe.data(), O_CLOEXEC) != 0) return cannot_start(program, std::strerror(errno));
    if (::pipe2(error_pipe.data(), O_CLOEXEC) != 0) {
        const int reason = errno;
        ::close(output_pipe[0]);
        ::close(output_pipe[1]);
        return cannot_start(program, std::strerror(reason));
    }
    const SignalGuard guard;
    pid_t child = 0;
    const int failure = spawn_child(command, program, output_pipe[1], error_pipe[1], child);
    ::close(output_pipe[1]);
    ::close(error_pipe[1]);
    Stream output{.descriptor = output_pipe[0], .text = {}};
    Stream error_output{.descriptor = error_pipe[0], .text = {}};
    if (failure != 0) {
        output.close();
        error_output.close();
        return cannot_start(program, std::strerror(failure));
    }
    ProcessResult result;
    const LimitWatch watch(command.limits);
    while (output.is_open() || error_output.is_open()) {
        if (watch.is_exceeded(output.text.size() + error_output.text.size())) {
            result.stopped = true;
            break;
        }
        std::array<pollfd, 2> waiting = {pollfd{output.descriptor, POLLIN, 0}, pollfd{error_output.descriptor, POLLIN, 0}};
        ::poll(waiting.data(), waiting.size(), watch.milliseconds_left());
        if (const int signal = received_signal.exchange(0); signal != 0) {
            result.interrupted = true;
            ::kill(child, signal);
        }
        if (output.is_open() && waiting[0].revents != 0) output.read_available();
        if (error_output.is_open() && waiting[1].revents != 0) error_output.read_available();
        output.hand_lines(on_line, !output.is_open());
    }
    int status = 0;
    bool has_ended = false;
    while (command.limits && !result.stopped && !has_ended) {  // both outputs are closed, but it may hang all the same
        has_ended = ::waitpid(child, &status, WNOHANG) == child;
        result.stopped = !has_ended && watch.is_exceeded(0);
        if (!has_ended) ::poll(nullptr, 0, 5);
    }
    if (result.stopped) {
        output.close();
        error_output.close();
        status = kill_group(child);
        has_ended = true;
    }
    while (!has_ended && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        if (const int signal = received_signal.exchange(0); signal != 0) {
            result.interrupted = true;
            ::kill(child, signal);
        }
    }
    if (received_signal.exchange(0) != 0) result.interrupted = true;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.output = std::move(output.text);
    result.error_output = std::move(error_output.text);
    return result;
}

}  // namespace sagebuild
