#include "core/target.hpp"

#include <algorithm>

namespace sagebuild {

const Target* TargetSet::find(std::string_view name) const {
    const auto found = std::find_if(targets.begin(), targets.end(), [&](const Target& target) { return target.name == name; });
    return found == targets.end() ? nullptr : &*found;
}

const Group* TargetSet::find_group(std::string_view name) const {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.name == name; });
    return found == groups.end() ? nullptr : &*found;
}

}  // namespace sagebuild
