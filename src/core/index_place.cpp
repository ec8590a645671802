#include "core/index_place.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

/// `129` for 12.9.1, `12` for 12: as torch's own indexes are named.
std::string joined_digits(const Version& version) {
    return std::to_string(version.part(0)) + (version.size() > 1 ? std::to_string(version.part(1)) : "");
}

std::string purpose_of(const PublishedWheel& wheel) {
    const WheelFacts& facts = wheel.facts;
    std::string out;
    if (facts.is_container) {
        out = "container" + facts.torch_text;
    } else if (wheel.torch) {
        out = "torch" + wheel.torch->prefix(2).to_string() + (facts.torch_or_later ? "-or-later" : "");
    }
    if (wheel.cuda) out += (out.empty() ? "cu" : "-cu") + joined_digits(*wheel.cuda);
    if (out.empty()) return out;
    if (facts.cxx11_abi) out += *facts.cxx11_abi ? "-cxx11abi1" : "-cxx11abi0";
    for (const Arch& arch : facts.archs) out += "-sm" + arch.compiler_name();
    return out;
}

/// One file for every Python (`none`) whose binding knows no torch ABI, or that holds no machine code at all (`any`; PEP 425).
bool is_universal(const PublishedWheel& wheel) {
    const bool any_python = wheel.name.abis == std::vector<std::string>{"none"} &&
                            std::find(wheel.name.pythons.begin(), wheel.name.pythons.end(), "py3") != wheel.name.pythons.end();
    const bool any_machine = wheel.name.platforms == std::vector<std::string>{"any"};
    return any_python && (any_machine || (wheel.wheel.content && wheel.wheel.content->any_torch));
}

/// A release newer than `matrix/compat/torch.yaml`, in digits that only its releases can tell apart.
bool names_unknown_torch(const PublishedWheel& wheel) {
    return !wheel.torch && !wheel.facts.is_container && wheel.name.version.find("torch") != std::string::npos;
}

}  // namespace

IndexPlace find_index_place(const PublishedWheel& wheel) {
    if (!wheel.facts.backend.empty() && wheel.facts.backend != "cuda") {
        return {.directory = {}, .reason = "is made for " + wheel.facts.backend + ", and indexes are per torch and CUDA"};
    }
    if (names_unknown_torch(wheel)) return {.directory = {}, .reason = "names a torch that is not among the known releases"};
    if (std::string purpose = purpose_of(wheel); !purpose.empty()) return {.directory = std::move(purpose), .reason = {}};
    if (is_universal(wheel)) return {.directory = std::string(universal_index), .reason = {}};
    return {.directory = {}, .reason = "says neither by its name nor by what is inside which torch and CUDA it is made for"};
}

}  // namespace sagebuild
