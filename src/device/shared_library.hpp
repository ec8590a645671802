#pragma once

#include <string>

namespace sagebuild::device {

/// A library opened at run time. It stays open until the process ends: NVRTC does not promise to survive dlclose.
class SharedLibrary {
  public:
    /// Failure (environment) with the loader's reason.
    explicit SharedLibrary(const std::string& path);

    /// Failure (environment) if the library lacks the function.
    template <typename Function>
    Function* function(const char* name) const {
        return reinterpret_cast<Function*>(address(name));
    }

  private:
    void* address(const char* name) const;

    std::string m_path;
    void* m_handle = nullptr;
};

}  // namespace sagebuild::device
