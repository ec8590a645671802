#include "support/environment_text.hpp"

namespace sagebuild::testing {

namespace {

template <typename Value>
std::string text(const std::optional<Value>& value) {
    return value ? value->to_string() : "-";
}

std::string text(const std::optional<bool>& value, const char* yes, const char* no) {
    return value ? (*value ? yes : no) : "-";
}

}  // namespace

std::string environment_text(const WheelEnvironment& environment) {
    std::string sm = environment.sm ? "" : " -";
    if (environment.sm) {
        for (const Arch& arch : *environment.sm) sm += " " + arch.to_string();
        if (environment.sm->empty()) sm = " none";
    }
    return "python " + text(environment.python) + " " + text(environment.free_threaded, "free-threaded", "gil") + ", torch " +
           text(environment.torch) + " cuda " + (environment.torch_is_cpu ? "none" : text(environment.torch_cuda)) + " abi " +
           text(environment.torch_cxx11_abi, "new", "old") + ", driver " + text(environment.driver) + ", toolkit " +
           text(environment.toolkit) + ", " + environment.os.value_or("-") + " " + environment.arch.value_or("-") + " glibc " +
           text(environment.glibc) + ", sm" + sm;
}

}  // namespace sagebuild::testing
