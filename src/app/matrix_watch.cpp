#include "app/matrix_watch.hpp"

#include <algorithm>

#include "core/url.hpp"
#include "core/yaml_insert.hpp"
#include "text/index_page.hpp"

namespace sagebuild {

namespace {

constexpr std::string_view index_types = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
constexpr std::string_view pypi = "https://pypi.org/simple";

/// Names of the wheels of one project, yanked ones (PEP 592) left out. S3, which serves torch's index, answers 403 for what is not there.
Result<std::vector<std::string>> load_names(const std::string& address, const Edges& edges) {
    const HttpRequest request{.url = address, .headers = {{"Accept", std::string(index_types)}}};
    SAGEBUILD_TRY(HttpResponse response, edges.http.send(request));
    if (response.status == 403 || response.status == 404) return std::vector<std::string>();
    if (response.status != 200) {
        SAGEBUILD_TRY(response, fetch(edges.http, request));  // once more, and a second failure says what is wrong
    }
    const auto page = parse_url(response.url);
    if (!page) return Diagnostic{.code = "SB0562", .what = "index page `" + printable(response.url) + "` has no usable address"};
    const bool is_json = response.header("content-type").find("json") != std::string::npos;
    SAGEBUILD_TRY(const auto wheels, is_json ? parse_index_json(response.body, *page) : parse_index_html(response.body, *page));
    std::vector<std::string> names;
    for (const ListedWheel& wheel : wheels) {
        if (!wheel.yanked) names.push_back(wheel.name);
    }
    return names;
}

std::string project_page(std::string base, const std::string& project) {
    while (base.ends_with('/')) base.pop_back();
    return base + "/" + project + "/";
}

/// `https://download.pytorch.org/whl/cu129` for 12.9.
std::string torch_index_of(std::string pattern, const Version& cuda) {
    const std::string hole = "{cuda}";
    const std::size_t at = pattern.find(hole);
    return at == std::string::npos ? pattern
                                   : pattern.replace(at, hole.size(), std::to_string(cuda.part(0)) + std::to_string(cuda.part(1)));
}

/// The file of `compat/` that holds the mapping `torch`: which of them a file is follows from its keys.
Result<std::string> find_torch_file(const LoadedMatrix& loaded, const Edges& edges) {
    const std::string directory = loaded.directory + "/compat";
    if (edges.files.is_directory(directory)) {
        SAGEBUILD_TRY(const std::vector<std::string> names, edges.files.list(directory));
        for (const std::string& name : names) {
            if (!name.ends_with(".yaml")) continue;
            SAGEBUILD_TRY(const std::string text, edges.files.read(directory + "/" + name));
            if (text.starts_with("torch:") || text.find("\ntorch:") != std::string::npos) return directory + "/" + name;
        }
    }
    return Diagnostic{.code = "SB0331",
                      .what = "`" + printable(directory) + "` holds no file with torch's releases",
                      .hints = {"copy matrix/compat/ of sagebuild beside your matrix, then the lines have a place"}};
}

std::optional<std::string> insert_line(const std::string& text, const NewLine& line) {
    if (line.place == NewLine::Place::row) return insert_item(text, "rows", line.text);
    const std::string sourced = insert_source(text, "watch", "names of wheels on PyPI and torch's own index, by `sagebuild matrix watch`");
    if (line.place == NewLine::Place::torch) return insert_torch_release(sourced, line.text);
    return insert_torch_variant(sourced, line.torch, line.cuda, line.text);
}

}  // namespace

Result<IndexListing> load_index_listing(const Compat& compat, const Edges& edges) {
    if (compat.torch_index.find("{cuda}") == std::string::npos) {
        return Diagnostic{.code = "SB0330",
                          .what = "the compatibility data does not say where torch's own packages of a CUDA release are",
                          .hints = {"`index: \"https://download.pytorch.org/whl/cu{cuda}\"` in compat/torch.yaml does"}};
    }
    const std::string configured = edges.environment.variable("PIP_INDEX_URL").value_or("");
    const std::string index = configured.empty() ? std::string(pypi) : configured;
    IndexListing listing;
    SAGEBUILD_TRY(const auto torch, load_names(project_page(index, "torch"), edges));
    listing.pypi = read_listed_torch(torch);
    SAGEBUILD_TRY(const auto toolkits, load_names(project_page(index, "cuda-toolkit"), edges));
    listing.cuda = read_listed_cuda(toolkits);
    for (const Version& cuda : watched_cudas(compat, listing.cuda)) {
        SAGEBUILD_TRY(const auto names, load_names(project_page(torch_index_of(compat.torch_index, cuda), "torch"), edges));
        listing.by_cuda[cuda] = read_listed_torch(names);
    }
    return listing;
}

Result<std::vector<WatchEdit>> edit_matrix(const News& news, const LoadedMatrix& loaded, const Edges& edges, const std::string& option) {
    std::vector<WatchEdit> edits;
    for (const NewLine& line : news.lines) {
        std::string path = line.file;
        if (line.place != NewLine::Place::row) {
            SAGEBUILD_TRY(path, find_torch_file(loaded, edges));
        }
        auto edit = std::find_if(edits.begin(), edits.end(), [&](const WatchEdit& known) { return known.path == path; });
        if (edit == edits.end()) {
            SAGEBUILD_TRY(std::string bytes, edges.files.read(path));
            edit = edits.insert(edits.end(), {path, std::move(bytes), {}});
        }
        auto bytes = insert_line(edit->bytes, line);
        if (!bytes) {
            return Diagnostic{.code = "SB0331",
                              .what = "`" + printable(path) + "` has no place for a new line",
                              .notes = {"the line is: " + line.text},
                              .hints = {"`sagebuild explain SB0331` says which style it needs"}};
        }
        edit->bytes = std::move(*bytes);
        edit->added.push_back(line.text);
    }
    EditedFiles edited;
    for (const WatchEdit& edit : edits) edited[edit.path] = edit.bytes;
    if (const auto whole = load_matrix(edges, option, edited); !whole) {
        Diagnostic error{.code = "SB0332", .what = "the matrix would not hold with the new lines, nothing was written"};
        for (const Diagnostic& cause : whole.errors()) error.causes.push_back(cause.code + ": " + cause.what);
        for (const WatchEdit& edit : edits) {
            for (const std::string& line : edit.added) error.notes.push_back("a new line of " + edit.path + ": " + line);
        }
        return error;
    }
    return edits;
}

}  // namespace sagebuild
