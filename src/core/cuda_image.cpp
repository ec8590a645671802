#include "core/cuda_image.hpp"

#include <algorithm>
#include <optional>

namespace sagebuild {

namespace {

bool is_published(const ContainerImage& image) {
    return image.status == ImageStatus::newest || image.status == ImageStatus::supported;
}

bool accepts(const CudaToolkit* toolkit, const ContainerSystem& system) {
    return toolkit == nullptr || !toolkit->gcc_max || system.gcc <= *toolkit->gcc_max;
}

/// The newest of the named systems that the toolkit's host compiler check accepts, empty if there is none.
std::string choose_system(const std::vector<std::string>& names, const CudaToolkit* toolkit, const ContainerImages& images) {
    std::string best;
    for (const std::string& name : names) {
        const auto system = images.systems.find(name);
        if (system == images.systems.end() || !accepts(toolkit, system->second)) continue;
        if (best.empty() || images.systems.at(best).glibc < system->second.glibc) best = name;
    }
    return best;
}

/// `12.9.1-devel-ubuntu24.04` of `{version}[-cudnn]-devel-{system}`: what stands in brackets is left out.
std::string fill_tag(std::string tag, const Version& release, const std::string& system) {
    const std::size_t open = tag.find('['), close = tag.find(']');
    if (open != std::string::npos && close != std::string::npos && open < close) tag.erase(open, close - open + 1);
    const auto fill = [&](const std::string& name, const std::string& value) {
        if (const std::size_t at = tag.find(name); at != std::string::npos) tag.replace(at, name.size(), value);
    };
    fill("{version}", release.to_string());
    fill("{system}", system);
    return tag;
}

}  // namespace

CudaImage choose_cuda_image(const Version& cuda, const Compat& compat) {
    const ContainerImages& images = compat.images;
    const CudaToolkit* toolkit = compat.find_cuda(cuda);
    const auto usable_system = [&](const ContainerImage& image) {
        return is_published(image) ? choose_system(image.systems, toolkit, images) : std::string();
    };
    if (const auto own = images.releases.find(cuda); own != images.releases.end()) {
        if (const std::string system = usable_system(own->second); !system.empty()) return {fill_tag(images.tag, cuda, system), ""};
    }
    for (auto newest = images.releases.rbegin(); newest != images.releases.rend(); ++newest) {
        if (newest->first.prefix(2) != cuda.prefix(2)) continue;
        const std::string system = usable_system(newest->second);
        if (system.empty()) continue;
        return {fill_tag(images.tag, newest->first, system), "the newest published patch of " + cuda.prefix(2).to_string() +
                                                                 ": the tag of " + cuda.to_string() + " is superseded or not published"};
    }
    std::vector<std::string> all;
    for (const auto& [name, system] : images.systems) all.push_back(name);
    return {fill_tag(images.tag, cuda, choose_system(all, toolkit, images)), "no published image of " + cuda.to_string() + " is known"};
}

}  // namespace sagebuild
