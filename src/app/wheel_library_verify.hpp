#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arch.hpp"
#include "core/diagnostic.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// What a unit's fatbin should hold.
struct ExpectedUnit {
    std::string name;
    std::vector<Arch> archs;  ///< cubins
    std::vector<Arch> ptx;

    bool operator==(const ExpectedUnit&) const = default;
};

struct LibraryReport {
    std::vector<std::pair<std::string, std::string>> facts;
    Diagnostics problems;
};

/// Checks one ELF library of a wheel: its CPU and glibc against the platform tags, what it needs, and the device images in it against
/// `units` (of the manifest, in the order of the fatbins; null: none are expected) and against the target.
LibraryReport verify_library(const std::string& path, std::string_view bytes, const std::vector<std::string>& platforms,
                             const std::vector<ExpectedUnit>* units, const Target* target);

}  // namespace sagebuild
