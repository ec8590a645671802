#include "app/candidates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/example_wheel.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

std::string content_text(const WheelCandidate& candidate) {
    if (!candidate.content) return "";
    std::string out = candidate.content->any_torch ? " any torch" : "";
    if (candidate.content->minimum_torch) out += " torch>=" + candidate.content->minimum_torch->to_string();
    if (!candidate.content->images) return out + " images unknown";
    for (const CandidateImage& image : *candidate.content->images) {
        out += " " + image.arch.to_string() + (image.ptx ? "+PTX" : "") + (image.cubin ? "" : " alone");
    }
    return out;
}

class CandidatesTest : public ::testing::Test {
  protected:
    std::string run(std::vector<std::string> from, const std::string& project = "") {
        const auto list = load_candidates({.from = std::move(from), .project = project}, m_edges);
        if (!list) return render_diagnostics(list.errors());
        std::string out;
        for (const WheelCandidate& candidate : list->candidates) {
            out += candidate.name + " @ " + candidate.location + (candidate.sha256.empty() ? "" : " " + candidate.sha256.substr(0, 4)) +
                   (candidate.size ? " sized" : "") + (candidate.requires_python.empty() ? "" : " python" + candidate.requires_python) +
                   (candidate.yanked ? " yanked" : "") + content_text(candidate) + "\n";
        }
        for (const std::string& note : list->notes) out += "note: " + note + "\n";
        return out;
    }
    void serve(const std::string& url, const std::string& body, const std::string& type = "text/html", int status = 200) {
        m_http.answers[url] = {.status = status, .headers = {{"Content-Type", type}}, .url = {}, .body = body};
    }
    std::vector<std::string> asked() const {
        std::vector<std::string> urls;
        for (const HttpRequest& request : m_http.requests) urls.push_back(request.url);
        return urls;
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

TEST_F(CandidatesTest, ADirectoryOfWheelsIsOpened) {
    auto row = test::make_example_wheel(test::example_row());
    const std::string bytes = row.pack();
    m_files.files["/dist/" + row.file_name] = bytes;
    row.remove("sageattention-2.2.0.dist-info/sagebuild.json");
    m_files.files["/dist/foreign-1.0-py3-none-any.whl"] = row.pack();
    m_files.files["/dist/broken-1.0-py3-none-any.whl"] = "PK";
    m_files.files["/dist/empty-1.0-py3-none-any.whl"] = write_zip({{"empty/__init__.py", "", false}}, 0).value();
    m_files.files["/dist/SHA256SUMS"] = "";
    m_files.files["/dist/old/x-1.0-py3-none-any.whl"] = "";
    const std::string hash = sha256_hex(bytes).substr(0, 4);
    const std::string text = run({"/dist"});
    EXPECT_THAT(text, ::testing::HasSubstr(row.file_name + " @ /dist/" + row.file_name + " " + hash +
                                           " sized python>=3.9 any torch 8.0 9.0+PTX alone 9.0a 12.0f\n"));
    EXPECT_THAT(text, ::testing::HasSubstr("\nempty-1.0-py3-none-any.whl @ /dist/empty-1.0-py3-none-any.whl "));
    EXPECT_THAT(
        text,
        ::testing::ContainsRegex(
            "\nforeign-1.0-py3-none-any.whl @ /dist/foreign-1.0-py3-none-any.whl .... sized python>=3.9 8.0 9.0.PTX alone 9.0a 12.0f\n"));
    EXPECT_THAT(text,
                ::testing::EndsWith(
                    "note: `broken-1.0-py3-none-any.whl` is judged by its name: file is not a whole zip archive: Not a zip archive\n"));
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("x-1.0")));
    auto universal = test::make_example_wheel(test::example_universal());
    m_files.files["/one/" + universal.file_name] = universal.pack();
    EXPECT_THAT(run({"/one"}), ::testing::HasSubstr(" any torch torch>=2.6 "));
    // Wheels of another project are listed, not opened.
    EXPECT_THAT(run({"/dist"}, "SageAttention"), ::testing::Not(::testing::HasSubstr("note:")));
    EXPECT_THAT(run({"/dist/" + row.file_name}), ::testing::StartsWith(row.file_name + " @ /dist/"));
}

TEST_F(CandidatesTest, ADirectoryMayBeAnIndex) {
    m_files.files["/srv/simple/sageattention/index.html"] =
        "<a href=\"../../files/a%2Bb-1-py3-none-any.whl#sha256=" + std::string(64, 'a') + "\">";
    m_files.files["/srv/files/a+b-1-py3-none-any.whl"] = write_zip({{"a/__init__.py", "", false}}, 0).value();
    const std::string found = "a+b-1-py3-none-any.whl @ file:///srv/files/a%2Bb-1-py3-none-any.whl aaaa sized\n";
    EXPECT_EQ(run({"/srv/simple"}, "sageAttention"), found);
    EXPECT_EQ(run({"file:///srv/simple/"}, "sageattention"), found);
    EXPECT_EQ(run({"file:///srv/simple/sageattention/"}), found);
    EXPECT_EQ(run({"/srv/simple/sageattention/index.html"}), found);
    m_files.files["/srv/page.json"] =
        "\n{\"meta\": {\"api-version\": \"1.0\"}, \"files\": [{\"filename\": \"z-1-py3-none-any.whl\", \"url\": \"z\"}]}";
    EXPECT_EQ(run({"/srv/page.json"}), "z-1-py3-none-any.whl @ file:///srv/z\n");
}

TEST_F(CandidatesTest, AnIndexPageIsRead) {
    serve("https://index.example/simple/sageattention/", "<a href=\"b-1-py3-none-any.whl\"><a href=\"a-1-py3-none-any.whl\" data-yanked>");
    EXPECT_EQ(
        run({"https://index.example/simple/"}, "Sage_Attention"),
        "error[SB0602]: `https://index.example/simple/sage-attention/` cannot be reached: its host name or the proxy's is not known\n");
    m_http.requests.clear();
    EXPECT_EQ(run({"https://index.example/simple/"}, "SageAttention"),
              "a-1-py3-none-any.whl @ https://index.example/simple/sageattention/a-1-py3-none-any.whl yanked\n"
              "b-1-py3-none-any.whl @ https://index.example/simple/sageattention/b-1-py3-none-any.whl\n");
    EXPECT_EQ(m_http.requests.at(0).headers.at(0).value,
              "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1");
    EXPECT_EQ(m_http.requests.size(), 1U);
    serve("https://index.example/json/",
          R"({"meta": {"api-version": "1.1"}, "files": [{"filename": "z-1-py3-none-any.whl", "url": "z", "size": 3}]})",
          "application/vnd.pypi.simple.v1+json");
    EXPECT_EQ(run({"https://index.example/json/"}), "z-1-py3-none-any.whl @ https://index.example/json/z sized\n");
}

TEST_F(CandidatesTest, AFlatPageNeedsNoProjectPage) {
    serve("https://index.example/whl/sageattention/", "no such page", "text/plain", 404);
    serve("https://index.example/whl/", "<a href=\"a-1-py3-none-any.whl\">");
    EXPECT_EQ(run({"https://index.example/whl/"}, "sageattention"),
              "a-1-py3-none-any.whl @ https://index.example/whl/a-1-py3-none-any.whl\n");
    serve("https://index.example/root/", "<a href=\"torch/\">torch</a>");
    EXPECT_EQ(run({"https://index.example/root/"}),
              "error[SB0563]: no wheel is found in `https://index.example/root/`\n"
              "hint: if it is the root of an index, `--project NAME` says whose page is meant\n");
}

TEST_F(CandidatesTest, AReleaseIsPaged) {
    const std::string base = "https://api.github.com/repos/o/r/releases";
    serve(base + "/tags/v1%2F%2B2", R"({"id": 7, "tag_name": "v1/+2"})", "application/json");
    const auto asset = [](const std::string& name) {
        return R"([{"id": 1, "name": ")" + name + R"(", "state": "uploaded", "size": 5, "browser_download_url": "https://github.com/d/)" +
               name + "\"}]";
    };
    serve(base + "/7/assets?per_page=100&page=1", asset("b-1-py3-none-any.whl"), "application/json");
    m_http.answers[base + "/7/assets?per_page=100&page=1"].headers.push_back(
        {"Link", "<https://evil.example/>; rel=\"next\", <x>; rel=\"last\""});
    serve(base + "/7/assets?per_page=100&page=2", asset("a-1-py3-none-any.whl"), "application/json");
    m_environment.variables["GITHUB_TOKEN"] = "ghp_secret\n";
    const std::string found =
        "a-1-py3-none-any.whl @ https://github.com/d/a-1-py3-none-any.whl sized\n"
        "b-1-py3-none-any.whl @ https://github.com/d/b-1-py3-none-any.whl sized\n";
    EXPECT_EQ(run({"o/r@v1/+2"}), found);
    EXPECT_THAT(asked(), ::testing::ElementsAre(base + "/tags/v1%2F%2B2", base + "/7/assets?per_page=100&page=1",
                                                base + "/7/assets?per_page=100&page=2"));
    EXPECT_EQ(m_http.requests.at(2).secrets.at(0).value.reveal(), "Bearer ghp_secret");
    serve(base + "/latest", R"({"id": 7, "tag_name": "v1"})", "application/json");
    for (const char* address : {"o/r", "https://github.com/o/r", "https://github.com/o/r/releases/",
                                "https://github.com/o/r/releases/latest", "https://github.com/o/r/releases/tag/v1%2F%2B2"})
        EXPECT_EQ(run({address}), found) << address;
}

TEST_F(CandidatesTest, AnotherServersReleases) {
    m_environment.variables = {{"GITHUB_API_URL", "https://git.example/api/v3/"}, {"GITHUB_SERVER_URL", "https://git.example"}};
    const std::string base = "https://git.example/api/v3/repos/o/r/releases";
    serve(base + "/latest", R"({"id": 7})", "application/json");
    serve(base + "/7/assets?per_page=100&page=1", "[]", "application/json");
    EXPECT_EQ(run({"https://git.example/o/r"}), "error[SB0563]: no wheel is found in `o/r`\n");
    EXPECT_TRUE(m_http.requests.at(0).secrets.empty());
    serve(base + "/latest", R"({"message": "Bad credentials"})", "application/json", 401);
    EXPECT_EQ(run({"o/r"}),
              "error[SB0609]: `https://git.example/api/v3/repos/o/r/releases/latest` is answered with status 401\n"
              "caused by: Bad credentials\n"
              "hint: the server wants a token or password; a rate limit is answered like this too\n");
    serve(base + "/latest", "<html>", "text/html");
    EXPECT_EQ(run({"o/r"}),
              "error[SB0564]: the answer of the release API cannot be understood\ncaused by: it is no release with an `id`\n");
}

TEST_F(CandidatesTest, AllProblemsAreTold) {
    m_files.files["/none/readme.txt"] = "";
    const std::string hint = "hint: name a directory, a wheel, `https://HOST/simple/`, or a release as `OWNER/REPOSITORY@TAG`\n";
    EXPECT_EQ(run({"/gone", "/none", "o/..", "ftp://x/\x1b", "o/r@"}),
              "error[SB0561]: `/gone` is no source of wheels: no such file or directory, no URL and no release\n" + hint +
                  "\nerror[SB0563]: no wheel is found in `/none`\n"
                  "\nerror[SB0561]: `o/..` is no source of wheels: no such file or directory, no URL and no release\n" +
                  hint + "\nerror[SB0561]: `ftp://x/\\x1b` is no source of wheels: no such file or directory, no URL and no release\n" +
                  hint + "\nerror[SB0561]: `o/r@` is no source of wheels: no such file or directory, no URL and no release\n" + hint);
    EXPECT_EQ(run({"file:///gone"}), "error[SB0501]: cannot read `/gone`\ncaused by: No such file or directory\n");
}

}  // namespace
}  // namespace sagebuild
