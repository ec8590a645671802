#include "core/toolchain_layout.hpp"

namespace sagebuild {

namespace {

/// The text behind the first `separator`, none without it.
std::optional<std::string_view> behind(std::string_view text, std::string_view separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    return text.substr(at + separator.size());
}

/// The compiler is opened by path, so its version leaves the name; NVRTC itself looks for its builtins by their full name, beside it. The
/// `.alt` libraries are a second build of NVRTC for hosts with another allocator: 110 MB that nothing here loads.
std::optional<std::string> library_name(std::string_view name) {
    if (name.find(".so") == std::string_view::npos || name.find(".alt.") != std::string_view::npos) return std::nullopt;
    if (name.starts_with("libnvrtc-builtins.so")) return std::string(name);
    for (const std::string_view library : {"libnvrtc.so", "libnvfatbin.so"}) {
        if (name.starts_with(library)) return std::string(library);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> toolchain_path(std::string_view wheel_path) {
    if (wheel_path.starts_with("ziglang/")) {
        const std::string_view rest = wheel_path.substr(8);
        if (rest == "zig" || rest == "LICENSE" || rest.starts_with("lib/")) return "zig/" + std::string(rest);
        return std::nullopt;
    }
    if (!wheel_path.starts_with("nvidia/")) return std::nullopt;
    const std::optional<std::string_view> in_component = behind(wheel_path.substr(7), "/");
    if (!in_component) return std::nullopt;
    if (in_component->starts_with("include/") && !in_component->ends_with("__init__.py")) return std::string(*in_component);
    if (!in_component->starts_with("lib/")) return std::nullopt;
    const std::optional<std::string> name = library_name(in_component->substr(4));
    if (!name) return std::nullopt;
    return "lib/" + *name;
}

std::vector<std::string> required_toolchain_files(std::string_view name) {
    if (name.starts_with("zig-")) return {std::string(zig_path)};
    return {"include/cuda_fp16.h", "lib/libnvfatbin.so", "lib/libnvrtc.so"};
}

}  // namespace sagebuild
