#include "core/target_name.hpp"

namespace sagebuild {

std::string joined_digits(const Version& version) {
    return std::to_string(version.part(0)) + std::to_string(version.part(1));
}

std::string make_target_name(const Target& target, const std::string& package_short_name) {
    const std::string start = "linux-" + package_short_name;
    if (target.kind == TargetKind::universal || !target.torch || !target.python) return start + "-universal-" + target.cpu;
    return start + "-pytorch" + joined_digits(*target.torch) + "-cu" + joined_digits(target.cuda) + "-python" +
           joined_digits(*target.python);
}

}  // namespace sagebuild
