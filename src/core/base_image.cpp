#include "core/base_image.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

std::vector<std::string_view> split_pieces(std::string_view text) {
    std::vector<std::string_view> pieces;
    while (true) {
        const std::size_t dash = text.find('-');
        pieces.push_back(text.substr(0, dash));
        if (dash == std::string_view::npos) return pieces;
        text.remove_prefix(dash + 1);
    }
}

/// Fits one piece of a tag to `literal{name}` and keeps what it says.
bool fit_piece(std::string_view piece, std::string_view shape, const BaseImage& image, const BaseImages& images, BaseImageFacts& facts) {
    const std::size_t brace = shape.find('{');
    if (brace == std::string_view::npos) return piece == shape;
    if (!piece.starts_with(shape.substr(0, brace))) return false;
    piece.remove_prefix(brace);
    const std::string_view name = shape.substr(brace + 1, shape.size() - brace - 2);
    if (piece.empty()) return false;
    if (name == "word") return true;
    if (name == "system") {
        facts.system = images.find_system(piece, image.prefix);
        return facts.system != nullptr;
    }
    const auto version = parse_version(piece);
    if (!version || version->size() < 2) return false;
    if (name == "python") facts.python = version->prefix(2);
    if (name == "cuda") facts.toolkit = version;
    if (name == "torch") facts.torch = version;
    if (name == "torch_cuda") facts.torch_cuda = version->prefix(2);
    return true;
}

bool fit_tag(std::string_view tag, std::string_view shape, const BaseImage& image, const BaseImages& images, BaseImageFacts& facts) {
    const auto pieces = split_pieces(tag);
    const auto shapes = split_pieces(shape);
    if (pieces.size() != shapes.size()) return false;
    for (std::size_t index = 0; index < pieces.size(); ++index) {
        if (!fit_piece(pieces[index], shapes[index], image, images, facts)) return false;
    }
    return true;
}

}  // namespace

const BaseSystem* BaseImages::find_system(std::string_view name, std::string_view prefix) const {
    const std::string prefixed = std::string(prefix) + std::string(name);
    const auto found = std::find_if(systems.begin(), systems.end(), [&](const BaseSystem& system) {
        return system.name == name || system.name == prefixed ||
               std::find(system.names.begin(), system.names.end(), name) != system.names.end();
    });
    return found == systems.end() ? nullptr : &*found;
}

ImageReference parse_image_reference(std::string_view text) {
    const std::size_t digest = text.find('@');
    ImageReference reference;
    std::string_view name = text.substr(0, digest);
    // A colon before the last slash belongs to the port of a registry.
    const std::size_t slash = name.rfind('/');
    const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
    if (colon != std::string_view::npos) {
        reference.tag = name.substr(colon + 1);
        name = name.substr(0, colon);
    } else if (digest == std::string_view::npos) {
        reference.tag = "latest";
    }
    for (const std::string_view prefix : {"docker.io/", "index.docker.io/", "library/"}) {
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    }
    reference.repository = name;
    return reference;
}

BaseImageFacts read_base_image(const ImageReference& reference, const BaseImages& images) {
    for (const BaseImage& image : images.images) {
        if (std::find(image.repositories.begin(), image.repositories.end(), reference.repository) == image.repositories.end()) continue;
        for (const std::string& shape : image.tags) {
            BaseImageFacts facts;
            if (!fit_tag(reference.tag, shape, image, images, facts)) continue;
            facts.known = true;
            if (facts.system == nullptr && !image.system.empty()) {
                facts.system = images.find_system(image.system);
                facts.system_moves = true;
            }
            return facts;
        }
    }
    return {};
}

}  // namespace sagebuild
