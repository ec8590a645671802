#include "device/device_arch.hpp"

#include <charconv>

#include "device/failure.hpp"

namespace sagebuild::device {

DeviceArch parse_device_arch(std::string_view text) {
    const auto refuse = [&]() -> Failure {
        return {Exit::usage, std::string("`").append(text).append("` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`")};
    };
    DeviceArch arch;
    std::string_view rest = text;
    if (rest.starts_with("sm_")) {
        rest.remove_prefix(3);
    } else if (rest.starts_with("compute_")) {
        rest.remove_prefix(8);
        arch.is_virtual = true;
    } else {
        throw refuse();
    }
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), arch.number);
    if (error != std::errc{} || arch.number < 10 || arch.number > 999) throw refuse();
    arch.suffix = std::string(end, rest.data() + rest.size());
    if (!arch.suffix.empty() && arch.suffix != "a" && arch.suffix != "f") throw refuse();
    return arch;
}

}  // namespace sagebuild::device
