#include "app/release_files.hpp"

#include <algorithm>

#include "app/matrix_load.hpp"
#include "app/published_wheel.hpp"
#include "app/release_documents.hpp"
#include "app/wheel_verify.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

Result<std::vector<std::string>> find_wheels(const std::vector<std::string>& from, const Edges& edges) {
    std::vector<std::string> paths;
    for (const std::string& place : from) {
        if (!edges.files.is_directory(place)) {
            paths.push_back(place);
            continue;
        }
        SAGEBUILD_TRY(const std::vector<std::string> names, edges.files.list(place));
        std::size_t found = 0;
        for (const std::string& name : names) {
            const std::string path = place + (place.ends_with('/') ? "" : "/") + name;
            if (!name.ends_with(".whl") || !edges.files.is_file(path)) continue;
            paths.push_back(path);
            ++found;
        }
        if (found == 0) {
            return Diagnostic{.code = "SB0631",
                              .what = "directory `" + printable(place) + "` has no wheels to release",
                              .hints = {"`sagebuild build` makes them, `--from` says where they are"}};
        }
    }
    return paths;
}

}  // namespace

Result<ReleaseContents> load_release_contents(const std::vector<std::string>& from, bool with_documents,
                                              const std::string& matrix_directory, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<std::string> paths, find_wheels(from, edges));
    SAGEBUILD_TRY(const Compat compat, load_compat_of(edges, matrix_directory));
    ReleaseContents contents;
    Diagnostics problems;
    const auto add_all = [&problems](const Diagnostics& more) { problems.insert(problems.end(), more.begin(), more.end()); };
    for (const std::string& path : paths) {
        const auto file = edges.files.open_file(path);
        if (!file) {
            add_all(file.errors());
            continue;
        }
        const WheelReport report = verify_wheel(**file, path, nullptr);
        add_all(report.problems);
        if (!report.problems.empty()) continue;
        auto wheel = open_published_wheel(**file, path, compat);
        if (!wheel) {
            add_all(wheel.errors());
            continue;
        }
        contents.files.push_back({.name = wheel->wheel.name, .path = path, .size = (*file)->size(), .sha256 = wheel->wheel.sha256});
        contents.wheels.push_back(std::move(wheel).value());
    }
    if (!problems.empty()) return problems;
    if (with_documents) {
        SAGEBUILD_TRY(std::vector<ReleaseDocument> documents, make_release_documents(contents.wheels));
        for (ReleaseDocument& document : documents) {
            OutgoingFile file{.name = std::move(document.name), .size = document.bytes.size(), .sha256 = sha256_hex(document.bytes)};
            file.bytes = std::move(document.bytes);
            contents.files.push_back(std::move(file));
        }
    }
    return contents;
}

}  // namespace sagebuild
