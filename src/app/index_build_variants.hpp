#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/index_build_sources.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The index of variant wheels (draft of PEP 825): one place for every torch and CUDA, for installers that read variants.
struct VariantIndex {
    std::vector<IndexedWheel> wheels;                                     ///< variant wheels
    std::map<std::string, std::map<std::string, std::string>> documents;  ///< by project and name: `{name}-{version}-variants.json`
    Diagnostics warnings;                                                 ///< wheels that have no variant, with reasons
};

/// Variants of the wheels that stand in the index of a torch. `known` spares making what an earlier run made.
Result<VariantIndex> make_variant_index(const std::vector<const IndexedWheel*>& wheels, const IndexState& known, const Edges& edges);

}  // namespace sagebuild
