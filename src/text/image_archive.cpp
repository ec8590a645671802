#include "text/image_archive.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/diagnostic.hpp"
#include "text/tar_reader.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_json = std::size_t{8} << 20;
constexpr std::size_t most_json = std::size_t{64} << 20;
constexpr std::size_t most_content = std::size_t{1} << 30;
constexpr std::size_t most_layers = 1000;
constexpr int deepest_index = 4;

Diagnostic broken(std::string cause) {
    return {.code = "SB0461", .what = "the image cannot be understood", .causes = {std::move(cause)}};
}

std::string text_at(const Json& json, const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The array under a key, empty if there is none.
Json array_at(const Json& json, const char* key) {
    if (!json.is_object()) return Json::array();
    const auto found = json.find(key);
    return found != json.end() && found->is_array() ? *found : Json::array();
}

/// Gives back the byte that was looked at.
class PeekedSource : public ByteSource {
  public:
    explicit PeekedSource(ByteSource& source) : m_source(source) {}

    Result<char> peek() {
        SAGEBUILD_TRY(const std::size_t got, m_source.read(&m_first, 1));
        m_is_held = got == 1;
        return m_is_held ? m_first : '\0';
    }
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        if (!m_is_held || size == 0) return m_source.read(buffer, size);
        m_is_held = false;
        *buffer = m_first;
        return std::size_t{1};
    }

  private:
    ByteSource& m_source;
    char m_first = '\0';
    bool m_is_held = false;
};

Result<std::string> read_whole(ByteSource& source, std::size_t limit) {
    std::string bytes;
    std::vector<char> block(std::size_t{64} << 10);
    while (bytes.size() <= limit) {
        SAGEBUILD_TRY(const std::size_t got, source.read(block.data(), std::min(block.size(), limit + 1 - bytes.size())));
        if (got == 0) break;
        bytes.append(block.data(), got);
    }
    return bytes;
}

/// The paths of one layer; `budget` is what may still be kept of contents.
Result<ImageFiles> read_layer(ByteSource& source, std::size_t& budget) {
    ImageFiles files;
    SAGEBUILD_CHECK(read_tar(source, {}, [&](const TarEntry& entry, ByteSource& content) -> Result<> {
        ImageFile file{.kind = entry.kind, .link = entry.link};
        const std::size_t wanted = entry.kind == ImageFileKind::file ? interesting_bytes(entry.path) : 0;
        if (wanted > 0) {
            SAGEBUILD_TRY(file.content, read_whole(content, std::min(wanted, budget)));
            if (file.content.size() > wanted) file.content.clear();  // too large to be what its name says
            budget -= std::min(budget, file.content.size());
        }
        files[entry.path] = std::move(file);
        return Unit{};
    }));
    return files;
}

std::string blob_path(const std::string& digest) {
    const bool is_sha256 =
        digest.starts_with("sha256:") && digest.size() == 71 && digest.find_first_not_of("0123456789abcdef", 7) == std::string::npos;
    return is_sha256 ? "blobs/sha256/" + digest.substr(7) : "";
}

struct ImageParts {
    std::string config;               ///< path
    std::vector<std::string> layers;  ///< paths, lowest first
};

/// Finds the image in the JSON files of a layout; `load` gives one by its path.
class PartsFinder {
  public:
    using Loader = std::function<Result<std::string>(const std::string&)>;
    PartsFinder(Loader load, const std::string& architecture) : m_load(std::move(load)), m_architecture(architecture) {}

    /// `manifest.json` of `docker save`.
    Result<ImageParts> find_saved(const std::string& text) {
        const Json json = Json::parse(text, nullptr, false);
        if (!json.is_array() || json.empty()) return broken("`manifest.json` is no list of images");
        if (json.size() > 1) {
            std::vector<std::string> names;
            for (const Json& image : json) {
                for (const Json& tag : array_at(image, "RepoTags")) names.push_back(tag.is_string() ? tag.get<std::string>() : "?");
            }
            return several(json.size(), names);
        }
        ImageParts parts{.config = text_at(json[0], "Config"), .layers = {}};
        for (const Json& layer : array_at(json[0], "Layers")) parts.layers.push_back(layer.is_string() ? layer.get<std::string>() : "");
        return checked(std::move(parts));
    }

    /// `index.json` of an OCI layout, and the indexes and manifests that it leads to.
    Result<ImageParts> find_in_index(const std::string& text, int depth = 0) {
        const Json json = Json::parse(text, nullptr, false);
        if (!json.is_object()) return broken("an index of the image is no JSON object");
        if (depth > deepest_index) return broken("its indexes are nested more than " + std::to_string(deepest_index) + " deep");
        std::vector<Json> images;
        for (const Json& entry : array_at(json, "manifests")) {
            if (is_image(entry)) images.push_back(entry);
        }
        if (images.empty()) return broken("an index of the image names no image");
        const auto here =
            std::find_if(images.begin(), images.end(), [this](const Json& entry) { return architecture_of(entry) == m_architecture; });
        if (images.size() > 1) {
            const auto same = [this](const Json& entry) { return architecture_of(entry) == m_architecture; };
            if (std::count_if(images.begin(), images.end(), same) != 1) {
                std::vector<std::string> names;
                for (const Json& image : images) names.push_back(name_of(image));
                return several(images.size(), names);
            }
        }
        const Json& chosen = images.size() > 1 ? *here : images.front();
        const std::string path = blob_path(text_at(chosen, "digest"));
        if (path.empty()) return broken("the digest `" + printable(text_at(chosen, "digest"), 90) + "` is none of SHA-256");
        SAGEBUILD_TRY(const std::string manifest, m_load(path));
        const Json next = Json::parse(manifest, nullptr, false);
        if (next.is_object() && next.contains("manifests")) return find_in_index(manifest, depth + 1);
        ImageParts parts;
        if (next.is_object() && next.contains("config")) parts.config = blob_path(text_at(next["config"], "digest"));
        for (const Json& layer : array_at(next, "layers")) parts.layers.push_back(blob_path(text_at(layer, "digest")));
        return checked(std::move(parts));
    }

  private:
    static std::string architecture_of(const Json& entry) {
        return entry.is_object() && entry.contains("platform") ? text_at(entry["platform"], "architecture") : "";
    }
    static std::string name_of(const Json& entry) {
        const std::string name = entry.contains("annotations") ? text_at(entry["annotations"], "org.opencontainers.image.ref.name") : "";
        return name.empty() ? architecture_of(entry) : name;
    }
    /// BuildKit adds attestations, which say that they are for no platform.
    static bool is_image(const Json& entry) { return entry.is_object() && architecture_of(entry) != "unknown"; }

    static Diagnostic several(std::size_t count, std::vector<std::string> names) {
        Diagnostic error{.code = "SB0463",
                         .what = "the archive holds " + std::to_string(count) + " images",
                         .hints = {"save the one that is meant alone"}};
        std::string list;
        for (std::size_t index = 0; index < names.size() && index < 5; ++index)
            list += (list.empty() ? "" : ", ") + ("`" + printable(names[index], 80) + "`");
        if (!list.empty()) error.causes.push_back("it has " + list);
        return error;
    }

    static Result<ImageParts> checked(ImageParts parts) {
        if (parts.config.empty()) return broken("its manifest names no configuration");
        if (parts.layers.size() > most_layers) return broken("it has more than " + std::to_string(most_layers) + " layers");
        if (std::count(parts.layers.begin(), parts.layers.end(), "") > 0) return broken("a layer of its manifest has no usable name");
        return parts;
    }

    Loader m_load;
    const std::string& m_architecture;
};

Result<ImageConfig> parse_config(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return broken("its configuration is no JSON object");
    ImageConfig config{.os = text_at(json, "os"), .architecture = text_at(json, "architecture"), .environment = {}};
    if (!json.contains("config")) return config;
    for (const Json& entry : array_at(json["config"], "Env")) {
        if (entry.is_string()) config.environment.push_back(entry.get<std::string>());
    }
    return config;
}

/// What one pass over an archive leaves.
class ArchiveReader {
  public:
    Result<> read(ByteSource& source) {
        return read_tar(source, {}, [this](const TarEntry& entry, ByteSource& content) { return take(entry, content); });
    }

    Result<ImageContents> finish(const std::string& architecture) {
        PartsFinder finder([this](const std::string& path) { return find_json(path); }, architecture);
        const auto saved = m_json.find("manifest.json");
        const auto index = m_json.find("index.json");
        if (saved == m_json.end() && index == m_json.end()) {
            return Diagnostic{.code = "SB0460",
                              .what = "the archive holds no container image",
                              .causes = {"neither `manifest.json` of `docker save` nor `index.json` of an OCI layout is in it"}};
        }
        SAGEBUILD_TRY(const ImageParts parts,
                      saved != m_json.end() ? finder.find_saved(saved->second) : finder.find_in_index(index->second));
        SAGEBUILD_TRY(const std::string config, find_json(parts.config));
        ImageContents image;
        SAGEBUILD_TRY(image.config, parse_config(config));
        for (const std::string& path : parts.layers) {
            const auto alias = m_aliases.find(path);
            const std::string& place = alias == m_aliases.end() ? path : alias->second;
            if (const auto reason = m_unreadable.find(place); reason != m_unreadable.end()) return reason->second;
            const auto layer = m_layers.find(place);
            if (layer == m_layers.end()) return broken("the layer `" + printable(path, 90) + "` is not in it");
            apply_layer(image.files, layer->second);
        }
        return image;
    }

  private:
    Result<> take(const TarEntry& entry, ByteSource& content) {
        if (entry.kind == ImageFileKind::symbolic_link) {
            // `docker save` before 25 wrote a repeated layer as a link to `../ID/layer.tar`.
            if (entry.link.starts_with("../")) m_aliases[entry.path] = entry.link.substr(3);
            return Unit{};
        }
        if (entry.kind != ImageFileKind::file) return Unit{};
        PeekedSource peeked(content);
        SAGEBUILD_TRY(const char first, peeked.peek());
        if (first == '{' || first == '[') return take_json(entry, peeked);
        auto layer = read_layer(peeked, m_budget);
        if (layer) {
            m_layers[entry.path] = std::move(layer).value();
        } else {
            m_unreadable[entry.path] = std::move(layer).errors();  // it may be no layer: told if the manifest names it
        }
        return Unit{};
    }

    Result<> take_json(const TarEntry& entry, ByteSource& content) {
        if (entry.size > largest_json) return Unit{};
        SAGEBUILD_TRY(std::string text, read_whole(content, largest_json));
        m_json_bytes += text.size();
        if (m_json_bytes > most_json) return broken("its JSON files have more than " + std::to_string(most_json) + " bytes");
        m_json[entry.path] = std::move(text);
        return Unit{};
    }

    Result<std::string> find_json(const std::string& path) const {
        const auto found = m_json.find(path);
        if (found == m_json.end()) return broken("`" + printable(path, 90) + "` is not in it");
        return found->second;
    }

    std::map<std::string, std::string> m_json;
    std::map<std::string, ImageFiles> m_layers;
    std::map<std::string, Diagnostics> m_unreadable;
    std::map<std::string, std::string> m_aliases;
    std::size_t m_json_bytes = 0;
    std::size_t m_budget = most_content;
};

}  // namespace

Result<ImageContents> read_image_archive(ByteSource& source, const std::string& architecture) {
    ArchiveReader reader;
    SAGEBUILD_CHECK(reader.read(source));
    return reader.finish(architecture);
}

Result<ImageContents> read_image_layout(const LayoutOpener& open, const std::string& architecture) {
    const auto load = [&open](const std::string& path) -> Result<std::string> {
        SAGEBUILD_TRY(const auto source, open(path));
        return read_whole(*source, largest_json);
    };
    SAGEBUILD_TRY(const std::string index, load("index.json"));
    SAGEBUILD_TRY(const ImageParts parts, PartsFinder(load, architecture).find_in_index(index));
    SAGEBUILD_TRY(const std::string config, load(parts.config));
    ImageContents image;
    SAGEBUILD_TRY(image.config, parse_config(config));
    std::size_t budget = most_content;
    for (const std::string& path : parts.layers) {
        SAGEBUILD_TRY(const auto source, open(path));
        SAGEBUILD_TRY(const ImageFiles layer, read_layer(*source, budget));
        apply_layer(image.files, layer);
    }
    return image;
}

}  // namespace sagebuild
