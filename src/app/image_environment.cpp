#include "app/image_environment.hpp"

#include "app/build_places.hpp"
#include "text/image_archive.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

#if defined(__aarch64__)
constexpr const char* our_architecture = "arm64";
#else
constexpr const char* our_architecture = "amd64";
#endif

/// Errors of the readers know no path.
Diagnostics at_place(Diagnostics errors, const std::string& reference) {
    for (Diagnostic& error : errors) error.place.file = reference;
    return errors;
}

Result<ImageEnvironment> environment_of(Result<ImageContents> image, const std::string& reference) {
    if (!image) return at_place(std::move(image).errors(), reference);
    return find_image_environment(image->config, image->files);
}

Result<ImageEnvironment> read_archive(const std::string& path, const std::string& reference, const Edges& edges) {
    SAGEBUILD_TRY(const auto source, edges.files.open(path));
    return environment_of(read_image_archive(*source, our_architecture), reference);
}

Result<ImageEnvironment> read_layout(const std::string& directory, const Edges& edges) {
    if (!edges.files.is_file(directory + "/index.json")) {
        return Diagnostic{.code = "SB0460",
                          .what = "the directory holds no container image",
                          .place = {.file = directory},
                          .causes = {"`index.json` of an OCI layout is not in it"}};
    }
    const auto open = [&](const std::string& path) { return edges.files.open(directory + "/" + path); };
    return environment_of(read_image_layout(open, our_architecture), directory);
}

std::string last_line(std::string_view text) {
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    return printable(text.substr(text.rfind('\n') + 1), 300);
}

Diagnostic unavailable(const std::string& reference, const std::string& cause) {
    return {.code = "SB0464",
            .what = "`" + printable(reference) + "` is no file or directory, and the engine does not give such an image",
            .hints = {"`docker pull` it first, or name an archive that `docker save` wrote"},
            .causes = {cause}};
}

/// The engine writes into the cache, which nobody else may write; the file is removed again.
Result<ImageEnvironment> ask_engine(const std::string& reference, const Edges& edges) {
    if (reference.starts_with('-')) return unavailable(reference, "it is no name of an image");
    if (edges.processes.find_program("docker").empty()) return unavailable(reference, "`docker` is not on PATH");
    const std::string directory = cache_directory(edges.environment) + "/images";
    SAGEBUILD_CHECK(edges.files.make_directories(directory));
    const std::string path = directory + "/" + sha256_hex(reference).substr(0, 16) + ".tar";
    SAGEBUILD_TRY(const auto lock, edges.files.lock(path + ".lock", [] {}));
    const auto saved = edges.processes.run({.arguments = {"docker", "image", "save", "--output", path, reference}});
    if (!saved || saved->exit_code != 0) {
        (void)edges.files.remove_tree(path);
        return unavailable(reference, saved ? last_line(saved->error_output) : "`docker` cannot be started");
    }
    auto found = read_archive(path, reference, edges);
    SAGEBUILD_CHECK(edges.files.remove_tree(path));
    return found;
}

}  // namespace

Result<ImageEnvironment> read_image_environment(const std::string& reference, const Edges& edges) {
    if (edges.files.is_directory(reference)) return read_layout(reference, edges);
    if (edges.files.is_file(reference)) return read_archive(reference, reference, edges);
    return ask_engine(reference, edges);
}

}  // namespace sagebuild
