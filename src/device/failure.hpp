#pragma once

#include <stdexcept>
#include <string>

namespace sagebuild::device {

/// How the program ends, the same meaning as the exit codes of `sagebuild`.
enum class Exit { ok = 0, input = 1, usage = 2, environment = 3 };

/// What stops a command: one line for the user and the exit code. Caught in main only.
class Failure : public std::runtime_error {
  public:
    Failure(Exit exit, const std::string& what) : std::runtime_error(what), m_exit(exit) {}
    Exit exit() const { return m_exit; }

  private:
    Exit m_exit;
};

}  // namespace sagebuild::device
