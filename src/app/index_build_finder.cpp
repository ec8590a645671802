#include "app/index_build_finder.hpp"

#include <map>

#include "core/finder_table.hpp"
#include "core/url.hpp"
#include "text/finder_page.hpp"

namespace sagebuild {

std::string make_index_finder(const std::vector<const IndexedWheel*>& wheels, const Compat& compat) {
    std::vector<WheelCandidate> offered;
    std::map<std::string, std::string> yanked_reasons;
    offered.reserve(wheels.size());
    for (const IndexedWheel* indexed : wheels) {
        WheelCandidate& wheel = offered.emplace_back(indexed->wheel.wheel);
        if (!indexed->copied_from.empty()) wheel.location = "../" + directory_of_copy(wheel) + percent_encoded(wheel.name);
        if (!indexed->wheel.yanked_reason.empty()) yanked_reasons.emplace(wheel.name, indexed->wheel.yanked_reason);
    }
    return render_finder_page(make_finder_table(offered, yanked_reasons, compat));
}

std::string directory_of_copy(const WheelCandidate& wheel) {
    return "files/" + wheel.sha256.substr(0, 16) + "/";
}

}  // namespace sagebuild
