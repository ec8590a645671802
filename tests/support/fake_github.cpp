#include "support/fake_github.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/url.hpp"
#include "text/sha256.hpp"

namespace sagebuild::testing {

namespace {

using Json = nlohmann::json;

const std::string api = "https://api.github.com";
const std::string base = "/repos/o/r/releases";

Json asset_json(const ReleaseAsset& asset) {
    return {{"id", asset.id},
            {"name", asset.name},
            {"size", asset.size},
            {"state", asset.state == AssetState::uploaded ? "uploaded" : "starter"},
            {"digest", asset.sha256.empty() ? Json() : Json("sha256:" + asset.sha256)},
            {"url", api + base + "/assets/" + std::to_string(asset.id)},
            {"browser_download_url", "https://github.com/o/r/releases/download/v1/" + asset.name},
            {"updated_at", asset.updated_at}};
}

Json release_json(const Release& release) {
    return {{"id", release.id},
            {"tag_name", release.tag},
            {"name", release.name},
            {"body", release.body},
            {"html_url", "https://github.com/o/r/releases/tag/" + release.tag},
            {"upload_url", release.upload_url},
            {"draft", release.draft},
            {"prerelease", release.prerelease},
            {"immutable", release.immutable},
            {"assets", Json::array()}};  // the real one names the first assets
}

HttpResponse json_answer(int status, const Json& json) {
    return {.status = status, .headers = {{"Content-Type", "application/json; charset=utf-8"}}, .url = {}, .body = json.dump()};
}

HttpResponse not_found() {
    return json_answer(404, {{"message", "Not Found"}});
}

HttpResponse invalid(const std::string& field, const std::string& code) {
    return json_answer(422, {{"message", "Validation Failed"}, {"errors", {{{"field", field}, {"code", code}}}}});
}

std::string query_value(const std::string& query, const std::string& key) {
    const std::string text = "&" + query;
    const std::size_t begin = text.find("&" + key + "=");
    if (begin == std::string::npos) return "";
    const std::size_t from = begin + key.size() + 2;
    return percent_decoded(text.substr(from, std::min(text.find('&', from), text.size()) - from));
}

HttpResponse page_answer(const std::vector<Json>& all, const std::string& query, std::size_t most) {
    const auto page = static_cast<std::size_t>(std::stoul("0" + query_value(query, "page")));
    Json list = Json::array();
    for (std::size_t index = (page - 1) * most; index < std::min(all.size(), page * most); ++index) list.push_back(all[index]);
    HttpResponse response = json_answer(200, list);
    if (page * most < all.size()) response.headers.push_back({"Link", "<" + api + ">; rel=\"next\""});
    return response;
}

}  // namespace

Release* FakeGitHub::find(std::uint64_t id) {
    const auto found = std::find_if(releases.begin(), releases.end(), [id](const Release& each) { return each.id == id; });
    return found == releases.end() ? nullptr : &*found;
}

Release& FakeGitHub::add_release(const std::string& tag, bool draft, const std::string& body) {
    const std::uint64_t id = next_id++;
    releases.push_back({.id = id,
                        .tag = tag,
                        .name = tag,
                        .body = body,
                        .upload_url = "https://uploads.github.com" + base + "/" + std::to_string(id) + "/assets{?name,label}",
                        .draft = draft});
    return releases.back();
}

void FakeGitHub::add_asset(Release& release, const std::string& name, const std::string& content, AssetState state) {
    const bool complete = state == AssetState::uploaded;
    release.assets.push_back({.id = next_id,
                              .name = name,
                              .size = complete ? content.size() : 0,
                              .sha256 = complete && has_digests ? sha256_hex(content) : "",
                              .state = state,
                              .updated_at = "2026-01-01T00:00:00Z"});
    bytes[next_id++] = complete ? content : "";
}

std::string FakeGitHub::shown() const {
    std::string out;
    for (const Release& release : releases) {
        out += release.tag + (release.draft ? " draft" : " published") + (release.prerelease ? " prerelease" : "") + "\n";
        for (const ReleaseAsset& asset : release.assets)
            out +=
                "  " + asset.name + (asset.state == AssetState::uploaded ? " = " : " starter ") + bytes.at(asset.id).substr(0, 20) + "\n";
    }
    return out;
}

HttpResponse FakeGitHub::answer_asset(std::uint64_t id, const HttpRequest& request, const std::string& sent) {
    for (Release& release : releases) {
        const auto found = std::find_if(release.assets.begin(), release.assets.end(), [id](const auto& each) { return each.id == id; });
        if (found == release.assets.end()) continue;
        if (request.method == "DELETE") {
            release.assets.erase(found);
            return {.status = 204, .headers = {}, .url = {}, .body = {}};
        }
        if (request.method == "PATCH") {
            found->name = Json::parse(sent)["name"].get<std::string>();
            return json_answer(200, asset_json(*found));
        }
        return {.status = 200, .headers = {}, .url = {}, .body = bytes.at(id)};
    }
    return not_found();
}

HttpResponse FakeGitHub::answer_assets(Release& release, const HttpRequest& request, const std::string& query, const std::string& sent,
                                       bool leaves_starter) {
    if (request.method == "GET") {
        std::vector<Json> all;
        for (const ReleaseAsset& asset : release.assets) all.push_back(asset_json(asset));
        return page_answer(all, query, page_size);
    }
    const std::string name = query_value(query, "name");
    if (std::any_of(release.assets.begin(), release.assets.end(), [&](const auto& each) { return each.name == name; }))
        return invalid("name", "already_exists");
    add_asset(release, name, sent, leaves_starter ? AssetState::starter : AssetState::uploaded);
    return json_answer(201, asset_json(release.assets.back()));
}

HttpResponse FakeGitHub::answer(const HttpRequest& request, const std::string& sent, bool leaves_starter) {
    const auto url = parse_url(request.url);
    const std::string query = url->query.value_or("");
    std::string path = url->path.substr(std::min(base.size(), url->path.size()));
    if (path.starts_with("/assets/")) return answer_asset(std::stoull(path.substr(8)), request, sent);
    if (path.starts_with("/tags/")) {
        for (const Release& release : releases) {
            if (!release.draft && release.tag == percent_decoded(path.substr(6))) return json_answer(200, release_json(release));
        }
        return not_found();
    }
    if (path.empty() && request.method == "GET") {
        std::vector<Json> all;
        for (const Release& release : releases) all.push_back(release_json(release));
        return page_answer(all, query, page_size);
    }
    if (path.empty()) {
        const Json json = Json::parse(sent);
        Release& release = add_release(json["tag_name"], json["draft"], json["body"]);
        release.name = json["name"];
        release.prerelease = json["prerelease"];
        return json_answer(201, release_json(release));
    }
    Release* release = find(std::stoull("0" + path.substr(1)));
    if (release == nullptr) return not_found();
    if (path.ends_with("/assets")) return answer_assets(*release, request, query, sent, leaves_starter);
    if (request.method == "DELETE") {
        std::erase_if(releases, [id = release->id](const Release& each) { return each.id == id; });
        return {.status = 204, .headers = {}, .url = {}, .body = {}};
    }
    if (request.method == "PATCH") {
        const Json json = Json::parse(sent);
        const std::string tag = json["tag_name"];
        const bool publishes = json["draft"] == false;
        const bool taken = std::any_of(releases.begin(), releases.end(), [&](const Release& each) {
            return &each != release && !each.draft && each.tag == tag && publishes;
        });
        if (taken) return invalid("tag_name", "already_exists");
        release->name = json["name"];
        release->body = json["body"];
        release->draft = json["draft"];
        release->prerelease = json["prerelease"];
        release->immutable = makes_immutable && !release->draft;
    }
    return json_answer(200, release_json(*release));
}

Result<HttpResponse> FakeGitHub::send(const HttpRequest& request, const HttpSink& sink) {
    std::string sent;
    if (request.body != nullptr) {
        std::string buffer(1000, '\0');
        while (true) {
            SAGEBUILD_TRY(const std::size_t count, request.body->read(buffer.data(), buffer.size()));
            if (count == 0) break;
            sent.append(buffer, 0, count);
        }
    }
    const std::lock_guard lock(m_mutex);
    const auto url = parse_url(request.url);
    const std::size_t number = log.size();
    log.push_back(request.method + " " + url->path + (url->query ? "?" + *url->query : ""));
    const auto wrong = fault ? fault(request, number) : std::nullopt;
    HttpResponse response;
    if (!wrong || wrong->carried_out) response = answer(request, sent, wrong && wrong->leaves_starter);
    if (wrong && !wrong->error_code.empty()) return Diagnostic{.code = wrong->error_code, .what = "`" + url->shown() + "` broke off"};
    if (wrong) response = wrong->answer;
    response.url = request.url;
    if (response.is_success()) {
        SAGEBUILD_CHECK(sink(response.body));
        response.body.clear();
    }
    return response;
}

}  // namespace sagebuild::testing
