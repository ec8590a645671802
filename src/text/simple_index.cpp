#include "text/simple_index.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/diagnostic.hpp"
#include "text/html_text.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_text = 4000;

/// Text that needs no second look: nearly all that stands in a page.
bool is_plain(std::string_view text, std::string_view marks) {
    return text.size() <= longest_text && std::all_of(text.begin(), text.end(), [marks](char letter) {
               return letter >= ' ' && letter < 0x7f && marks.find(letter) == std::string_view::npos;
           });
}

/// Content of an element, or of an attribute in double quotes.
std::string escaped(std::string_view text) {
    if (is_plain(text, "&<>\"")) return std::string(text);
    return escape_html(printable(text, longest_text));
}

/// A JSON text.
std::string json_text(std::string_view text) {
    return is_plain(text, "\"\\") ? "\"" + std::string(text) + "\"" : Json(printable(text, longest_text)).dump();
}

/// Version 1.1 of the API promises sizes (PEP 700).
std::string_view version_of(const IndexProject& project) {
    const bool sized = std::all_of(project.files.begin(), project.files.end(), [](const IndexFile& file) { return file.size.has_value(); });
    return sized ? "1.1" : "1.0";
}

std::string head(std::string_view title, std::string_view version) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"pypi:repository-version\" content=\"" +
           std::string(version) + "\">\n<title>" + escaped(title) + "</title>\n</head>\n<body>\n";
}

std::string render_link(const IndexFile& file) {
    std::string out = "<a href=\"" + escaped(file.url) + "#sha256=" + escaped(file.sha256) + "\"";
    if (!file.requires_python.empty()) out += " data-requires-python=\"" + escaped(file.requires_python) + "\"";
    if (!file.metadata_sha256.empty()) {
        // Installers from before PEP 714 know the first name only.
        for (const char* name : {"data-dist-info-metadata", "data-core-metadata"}) {
            out += " " + std::string(name) + "=\"sha256=" + escaped(file.metadata_sha256) + "\"";
        }
    }
    if (file.yanked) out += " data-yanked=\"" + escaped(*file.yanked) + "\"";
    return out + ">" + escaped(file.name) + "</a><br>\n";
}

/// Written by hand, in the form of `dump(1)`: a tree of 10,000 files costs more time than all else together.
void append_file_json(const IndexFile& file, std::string& out) {
    out += "  {\n   \"filename\": " + json_text(file.name) + ",\n   \"url\": " + json_text(file.url) +
           ",\n   \"hashes\": {\n    \"sha256\": " + json_text(file.sha256) + "\n   }";
    if (!file.requires_python.empty()) out += ",\n   \"requires-python\": " + json_text(file.requires_python);
    if (file.size) out += ",\n   \"size\": " + std::to_string(*file.size);
    if (!file.upload_time.empty()) out += ",\n   \"upload-time\": " + json_text(file.upload_time);
    if (!file.metadata_sha256.empty()) {
        for (const char* name : {"dist-info-metadata", "core-metadata"}) {
            out += ",\n   \"" + std::string(name) + "\": {\n    \"sha256\": " + json_text(file.metadata_sha256) + "\n   }";
        }
    }
    if (file.yanked) out += ",\n   \"yanked\": " + (file.yanked->empty() ? "true" : json_text(*file.yanked));
    out += "\n  }";
}

std::string dumped(const Json& json) {
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

constexpr std::string_view site_style =
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.25rem 1rem .25rem 0}td.n,th.n{text-align:right}"
    "code{font:.95em ui-monospace,monospace}pre{overflow-x:auto}";

}  // namespace

std::string render_project_html(const IndexProject& project) {
    std::string out = head("Links for " + project.name, version_of(project)) + "<h1>Links for " + escaped(project.name) + "</h1>\n";
    for (const IndexFile& file : project.files) out += render_link(file);
    return out + "</body>\n</html>\n";
}

std::string render_project_json(const IndexProject& project) {
    const std::string_view version = version_of(project);
    std::string out = "{\n \"meta\": {\n  \"api-version\": " + json_text(version) + "\n },\n \"name\": " + json_text(project.name);
    const auto append_list = [&out](std::string_view name, const auto& items, const auto& append) {
        out += ",\n \"" + std::string(name) + "\": [";
        const char* separator = "\n";
        for (const auto& item : items) {
            out += separator;
            append(item);
            separator = ",\n";
        }
        out += items.empty() ? "]" : "\n ]";
    };
    if (version != "1.0") append_list("versions", project.versions, [&out](const std::string& text) { out += "  " + json_text(text); });
    append_list("files", project.files, [&out](const IndexFile& file) { append_file_json(file, out); });
    return out + "\n}\n";
}

std::string render_project_list_html(const std::vector<std::string>& projects) {
    std::string out = head("Simple index", "1.1");
    for (const std::string& project : projects) out += "<a href=\"" + escaped(project) + "/\">" + escaped(project) + "</a><br>\n";
    return out + "</body>\n</html>\n";
}

std::string render_project_list_json(const std::vector<std::string>& projects) {
    Json names = Json::array();
    for (const std::string& project : projects) names.push_back({{"name", project}});
    return dumped({{"meta", {{"api-version", "1.1"}}}, {"projects", std::move(names)}});
}

std::string render_site_page(const std::vector<IndexSummary>& indexes) {
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
        "<title>Wheels by torch and CUDA</title>\n<style>" +
        std::string(site_style) +
        "</style>\n</head>\n<body>\n<main>\n<h1>Wheels by torch and CUDA</h1>\n"
        "<p>Each line is a package index of its own, for one torch and one CUDA. Give pip or uv the address of the one that is yours:</p>\n"
        "<pre><code>pip install --index-url ADDRESS PROJECT\nuv pip install --index ADDRESS PROJECT</code></pre>\n"
        "<p><a href=\"simple/\">simple/</a> holds only wheels that run beside every torch and CUDA.</p>\n"
        "<p>The <a href=\"finder/\">wheel finder</a> says which wheel fits your machine.</p>\n"
        "<table>\n<thead><tr><th scope=\"col\">Index</th><th scope=\"col\">Projects</th><th scope=\"col\" "
        "class=\"n\">Wheels</th></tr></thead>\n"
        "<tbody>\n";
    for (const IndexSummary& index : indexes) {
        std::string projects;
        for (const std::string& project : index.projects) projects += (projects.empty() ? "" : ", ") + escaped(project);
        out += "<tr><td><a href=\"" + escaped(index.directory) + "/\">" + escaped(index.directory) + "/</a></td><td>" + projects +
               "</td><td class=\"n\">" + std::to_string(index.wheels) + "</td></tr>\n";
    }
    return out + "</tbody>\n</table>\n</main>\n</body>\n</html>\n";
}

}  // namespace sagebuild
