#include "app/index_build_finder.hpp"

#include "core/finder_table.hpp"
#include "core/url.hpp"
#include "text/finder_page.hpp"

namespace sagebuild {

std::string make_index_finder(const std::vector<const IndexedWheel*>& wheels, const Compat& compat) {
    std::vector<PublishedWheel> offered;
    offered.reserve(wheels.size());
    for (const IndexedWheel* indexed : wheels) {
        PublishedWheel& wheel = offered.emplace_back();
        wheel.wheel = indexed->wheel.wheel;
        wheel.yanked_reason = indexed->wheel.yanked_reason;
        if (!indexed->copied_from.empty()) {
            wheel.wheel.location = "../" + directory_of_copy(wheel.wheel) + percent_encoded(wheel.wheel.name);
        }
    }
    return render_finder_page(make_finder_table(offered, compat));
}

std::string directory_of_copy(const WheelCandidate& wheel) {
    return "files/" + wheel.sha256.substr(0, 16) + "/";
}

}  // namespace sagebuild
