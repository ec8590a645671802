#include "edge/real_environment.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace sagebuild {

std::optional<std::string> RealEnvironment::variable(const std::string& name) const {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

std::string RealEnvironment::working_directory() const {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::current_path(error);
    return error ? "." : path.string();
}

bool RealEnvironment::stdout_is_terminal() const {
    return ::isatty(STDOUT_FILENO) == 1;
}

bool RealEnvironment::stderr_is_terminal() const {
    return ::isatty(STDERR_FILENO) == 1;
}

int RealEnvironment::terminal_width() const {
    winsize size = {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

std::string RealEnvironment::executable() const {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? "sagebuild" : path.string();
}

}  // namespace sagebuild
