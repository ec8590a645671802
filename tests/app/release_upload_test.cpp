#include "app/release_upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/release_gc.hpp"
#include "core/release_body.hpp"
#include "edge/real_clock.hpp"
#include "support/example_wheel.hpp"
#include "support/fake_github.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

using testing::GitHubFault;

HttpResponse answer(int status, const std::string& body = "") {
    return {.status = status, .headers = {}, .url = {}, .body = body};
}

class SilentObserver : public UploadObserver {
  public:
    void on_plan(const ReleasePlan&) override {}
    void on_progress(const TransferProgress& progress) override { last = progress; }
    void on_wait(const std::string&, double) override {}
    TransferProgress last;
};

class ReleaseUploadTest : public ::testing::Test {
  protected:
    ReleaseUploadTest() {
        static const std::vector<test::ExampleWheel> wheels = {test::make_example_wheel(test::example_row()),
                                                               test::make_example_wheel(test::example_universal())};
        for (const test::ExampleWheel& wheel : wheels) {
            m_files.files["/dist/" + wheel.file_name] = wheel.pack();
            m_names.push_back(wheel.file_name);
        }
        m_environment.variables = {{"GITHUB_TOKEN", "t"}};
        m_request.release = {.github = {.repository = "o/r"}, .tag = "v1", .from = {"/dist"}};
        m_request.jobs = 1;
    }

    /// Empty if it went well.
    std::string upload(const Edges& edges) {
        const auto report = upload_release(m_request, edges, m_observer);
        if (!report) return render_diagnostics(report.errors());
        m_report = *report;
        return "";
    }
    std::string upload() { return upload(m_edges); }

    void use_fault(std::size_t at, const GitHubFault& fault) {
        m_github.fault = [at, fault](const HttpRequest&, std::size_t number) { return number == at ? std::optional(fault) : std::nullopt; };
    }

    /// One published release with exactly the files, each once, with its bytes.
    void expect_complete() {
        ASSERT_EQ(m_github.releases.size(), 1U);
        const Release& release = m_github.releases.front();
        EXPECT_FALSE(release.draft);
        EXPECT_FALSE(has_draft_marker(release.body));
        ASSERT_EQ(release.assets.size(), m_names.size() + 3);
        for (const std::string& name : m_names) EXPECT_EQ(bytes_of(release, name), m_files.files.at("/dist/" + name)) << name;
        EXPECT_NE(bytes_of(release, "SHA256SUMS"), "");
    }

    std::string bytes_of(const Release& release, const std::string& name) {
        for (const ReleaseAsset& asset : release.assets) {
            if (asset.name == name && asset.state == AssetState::uploaded) return m_github.bytes.at(asset.id);
        }
        return "";
    }

    void reset_github() {
        m_github.releases.clear();
        m_github.bytes.clear();
        m_github.log.clear();
        m_github.next_id = 1;
        m_github.fault = nullptr;
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeGitHub m_github;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_github};
    std::vector<std::string> m_names;
    UploadRequest m_request;
    SilentObserver m_observer;
    UploadReport m_report;
};

TEST_F(ReleaseUploadTest, ADraftIsFilledComparedAndPublished) {
    m_files.files["/notes.md"] = "# Notes";
    m_request.notes_file = "/notes.md";
    m_request.prerelease = true;
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_EQ(m_github.releases.front().body, "# Notes");
    EXPECT_TRUE(m_github.releases.front().prerelease);
    EXPECT_TRUE(m_report.was_published);
    EXPECT_EQ(m_report.sent, 5U);
    EXPECT_EQ(m_observer.last.sent_bytes, m_observer.last.total_bytes);
    EXPECT_EQ(m_github.log.back(), "PATCH /repos/o/r/releases/1");

    const std::size_t requests = m_github.log.size();
    EXPECT_EQ(upload(), "");
    EXPECT_EQ(m_report.kept, 5U);
    EXPECT_FALSE(m_report.was_published);
    for (std::size_t index = requests; index < m_github.log.size(); ++index) EXPECT_TRUE(m_github.log[index].starts_with("GET "));
}

/// Every request of an upload goes wrong once in every way; the first run ends well or leaves something to go on from, the second ends
/// well.
TEST_F(ReleaseUploadTest, AnyFaultEndsInTheCompleteReleaseOrSomethingToGoOnFrom) {
    ASSERT_EQ(upload(), "");
    const std::size_t requests = m_github.log.size();
    std::vector<GitHubFault> faults;
    for (const int status : {403, 404, 409, 422, 429, 500, 502, 503}) faults.push_back({.answer = answer(status)});
    for (const int status : {500, 502}) faults.push_back({.answer = answer(status), .carried_out = true});
    faults.push_back({.answer = answer(502), .carried_out = true, .leaves_starter = true});
    faults.push_back({.answer = answer(201, "{"), .carried_out = true});
    for (const char* code : {"SB0608", "SB0605"}) {
        faults.push_back({.error_code = code});
        faults.push_back({.error_code = code, .carried_out = true});
        faults.push_back({.error_code = code, .carried_out = true, .leaves_starter = true});
    }
    std::size_t runs = 0;
    for (const GitHubFault& fault : faults) {
        for (std::size_t at = 0; at < requests; ++at, ++runs) {
            SCOPED_TRACE("request " + std::to_string(at) + ", status " + std::to_string(fault.answer.status) + fault.error_code +
                         (fault.carried_out ? " carried out" : "") + (fault.leaves_starter ? " starter" : ""));
            reset_github();
            use_fault(at, fault);
            const std::string error = upload();
            if (error.empty()) {
                expect_complete();
                continue;
            }
            for (const Release& release : m_github.releases) {
                if (!release.draft) expect_complete();
            }
            m_github.fault = nullptr;
            EXPECT_EQ(upload(), "") << error;
            expect_complete();
        }
    }
    EXPECT_GE(runs, 200U);
}

TEST_F(ReleaseUploadTest, ManyThreadsDoTheSame) {
    const RealClock clock;
    m_environment.variables["SAGEBUILD_RETRY_SECONDS"] = "0";
    m_request.jobs = 5;
    for (std::size_t at = 4; at < 14; ++at) {
        reset_github();
        use_fault(at, {.answer = answer(502), .carried_out = true, .leaves_starter = true});
        EXPECT_EQ(upload({m_files, m_processes, m_environment, clock, m_github}), "");
        expect_complete();
    }
}

TEST_F(ReleaseUploadTest, TheDraftWithTheLowestIdWins) {
    m_github.fault = [this](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST" && m_github.releases.empty()) m_github.add_release("v1", true, add_draft_marker("", "other run"));
        return std::nullopt;
    };
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_EQ(m_github.releases.front().id, 1U);
}

TEST_F(ReleaseUploadTest, EmptyDraftsOfStoppedUploadsGo) {
    for (const char* run : {"a", "b"}) m_github.add_release("v1", true, add_draft_marker("", run));
    m_github.add_release("v2", true, add_draft_marker("", "c"));
    EXPECT_EQ(upload(), "");
    m_github.add_release("v1", true, add_draft_marker("", "d"));
    m_github.add_release("v1", true, "by hand");
    EXPECT_EQ(upload(), "");
    ASSERT_EQ(m_github.releases.size(), 3U);
    EXPECT_EQ(m_github.releases[1].tag, "v2");
    EXPECT_EQ(m_github.releases[2].body, "by hand");
}

TEST_F(ReleaseUploadTest, WhatAnotherUploadPublishedMeanwhileIsDone) {
    ASSERT_EQ(upload(), "");
    const std::vector<Release> complete = m_github.releases;
    const auto bytes = m_github.bytes;
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST" && m_github.releases.empty()) {
            m_github.releases = complete;
            m_github.bytes = bytes;
            m_github.next_id = 100;
        }
        return std::nullopt;
    };
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_FALSE(m_report.was_published);
}

TEST_F(ReleaseUploadTest, ADraftThatIsRemovedMeanwhileIsMadeAgain) {
    bool removed = false;
    m_github.fault = [&](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST" && m_github.releases.size() == 1 && !removed) {
            removed = true;
            m_github.releases.clear();
        }
        return std::nullopt;
    };
    EXPECT_EQ(upload(), "");
    expect_complete();
    m_github.fault = [&](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST") m_github.releases.clear();
        return std::nullopt;
    };
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST" && request.url.find("assets") != std::string::npos) m_github.releases.clear();
        return std::nullopt;
    };
    EXPECT_EQ(upload(),
              "error[SB0633]: release `v1` was removed or made by somebody else 3 times while it was uploaded\n"
              "hint: let one upload to a tag run at a time\n");
}

TEST_F(ReleaseUploadTest, AnUnfinishedFileOfAnotherUploadIsWaitedForAndThenSentAgain) {
    Release& release = m_github.add_release("v1", true, add_draft_marker("", "x"));
    m_github.add_asset(release, m_names.front(), "", AssetState::starter);
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_THAT(m_clock.waits, ::testing::ElementsAre(1, 2, 4));
}

TEST_F(ReleaseUploadTest, OtherBytesAreNotOverwritten) {
    Release& release = m_github.add_release("v1", false, "text");
    m_github.add_asset(release, m_names.front(), "other bytes");
    const std::string before = m_github.shown();
    EXPECT_THAT(upload(), ::testing::StartsWith("error[SB0624]: release `v1` has `" + m_names.front() + "` with other bytes"));
    EXPECT_EQ(m_github.shown(), before);
    m_request.release.replaces = true;
    m_request.release.reason = "wrong archs";
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_THAT(m_github.releases.front().body,
                ::testing::StartsWith("text\n\n## Replaced files\n\n- `" + m_names.front() + "`: wrong archs (now sha256 `"));
}

/// Stopped after any request, the next run ends well, and the old or the new bytes are there but between two requests.
TEST_F(ReleaseUploadTest, ReplacingPublishedBytesMayBeStopped) {
    m_request.release.replaces = true;
    m_request.release.reason = "wrong archs";
    std::size_t requests = 1;
    for (std::size_t at = 0; at < requests; ++at) {
        reset_github();
        Release& release = m_github.add_release("v1", false, "text");
        m_github.add_asset(release, m_names.front(), "other bytes");
        use_fault(at, {.answer = answer(403)});
        const std::string error = upload();
        requests = std::max(requests, m_github.log.size() + (error.empty() ? 0 : 1));
        m_github.fault = nullptr;
        EXPECT_EQ(upload(), "") << at << error;
        expect_complete();
        EXPECT_THAT(m_github.releases.front().body, ::testing::HasSubstr("wrong archs"));
    }
    EXPECT_GT(requests, 10U);
}

TEST_F(ReleaseUploadTest, AnImmutableReleaseNeedsANewTag) {
    m_github.makes_immutable = true;
    EXPECT_EQ(upload(), "");
    EXPECT_EQ(upload(), "");
    m_files.files.erase("/dist/" + m_names.back());
    m_request.release.replaces = true;
    EXPECT_THAT(upload(), ::testing::HasSubstr("hint: publish under a new tag\n"));
}

TEST_F(ReleaseUploadTest, WheelsOfSeveralMachinesAreCollectedInADraft) {
    m_request.release.stays_draft = true;
    m_request.release.from = {"/dist/" + m_names.front()};
    EXPECT_EQ(upload(), "");
    EXPECT_TRUE(m_github.releases.front().draft);
    EXPECT_EQ(m_github.releases.front().assets.size(), 1U);
    m_request.release.stays_draft = false;
    m_request.release.from = {"/dist/" + m_names.back()};
    EXPECT_THAT(upload(), ::testing::StartsWith("error[SB0630]: release `v1` has `" + m_names.front() + "`, which is not among"));
    m_request.release.from = {"/dist"};
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_EQ(m_report.kept, 1U);
}

TEST_F(ReleaseUploadTest, WithoutDigestsTheBytesAreRead) {
    m_github.has_digests = false;
    EXPECT_EQ(upload(), "");
    expect_complete();
    EXPECT_EQ(upload(), "");
    EXPECT_EQ(m_report.kept, 5U);
    m_github.bytes.at(m_github.releases.front().assets.front().id).front() ^= 1;
    EXPECT_THAT(upload(), ::testing::StartsWith("error[SB0624]"));
}

TEST_F(ReleaseUploadTest, WhatIsWrongWithTheFilesIsToldBeforeAnythingIsSent) {
    m_files.files["/dist/" + m_names.front()].resize(100);
    EXPECT_THAT(upload(), ::testing::StartsWith("error[SB0402]"));
    m_files.files = {{"/dist/readme.txt", ""}};
    EXPECT_EQ(upload(),
              "error[SB0631]: directory `/dist` has no wheels to release\n"
              "hint: `sagebuild build` makes them, `--from` says where they are\n");
    m_request.release.tag = "v 1";
    EXPECT_EQ(upload(), "error[SB0623]: `v 1` is no tag that git would take\nhint: write `--tag v1.2.3`\n");
    m_request.release.tag = "v1";
    m_environment.variables.clear();
    EXPECT_EQ(upload(),
              "error[SB0621]: changing releases of `o/r` needs a token\n"
              "hint: set `GITHUB_TOKEN`, or name a file with `--token-file`; it needs write access to the contents\n");
    EXPECT_TRUE(m_github.log.empty());
}

TEST_F(ReleaseUploadTest, AFileThatChangesIsNotLeftThere) {
    m_github.fault = [this](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (request.method == "POST" && m_github.releases.empty()) m_files.files["/dist/" + m_names.front()].back() ^= 1;
        return std::nullopt;
    };
    const std::string error = upload();
    EXPECT_THAT(error, ::testing::EndsWith("changed while it was sent\nhint: run it again when nothing writes there any more\n"));
    EXPECT_THAT(error, ::testing::StartsWith("error[SB0632]: file `/dist/"));
    EXPECT_EQ(bytes_of(m_github.releases.front(), m_names.front()), "");
}

TEST_F(ReleaseUploadTest, AServerThatContradictsItselfIsToldOf) {
    const auto is_upload = [](const HttpRequest& request) {
        return request.method == "POST" && request.url.find("/assets?") != std::string::npos;
    };
    m_github.fault = [&](const HttpRequest& request, std::size_t) -> std::optional<GitHubFault> {
        if (is_upload(request) && m_github.releases.front().assets.empty())
            m_github.add_asset(m_github.releases.front(), m_names.front(), "other bytes");
        return std::nullopt;
    };
    EXPECT_EQ(upload(), "error[SB0624]: release `v1` got `" + m_names.front() +
                            "` with other bytes from somebody else meanwhile, and it is not overwritten\n"
                            "hint: `sagebuild release plan` shows both\n");
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) {
        return is_upload(request) ? std::optional(GitHubFault{.answer = answer(500)}) : std::nullopt;
    };
    EXPECT_EQ(upload(), "error[SB0627]: file `" + m_names.front() +
                            "` is given up after 8 attempts\n"
                            "caused by: `https://uploads.github.com/repos/o/r/releases/1/assets?...` is answered with status 500\n"
                            "hint: run it again later: what is done already is not done again\n");
    EXPECT_TRUE(m_github.releases.front().draft);
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) {
        const std::string stored = R"({"id": 9, "name": "x", "size": 1, "state": "uploaded"})";
        return is_upload(request) ? std::optional(GitHubFault{.answer = answer(201, stored)}) : std::nullopt;
    };
    EXPECT_EQ(upload(), "error[SB0627]: file `" + m_names.front() +
                            "` is given up after 8 attempts\n"
                            "caused by: file `" +
                            m_names.front() +
                            "` arrived with other bytes than it was sent with\n"
                            "hint: run it again later: what is done already is not done again\n");
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) {
        const bool is_list = request.method == "GET" && request.url.find("releases?") != std::string::npos;
        return is_list ? std::optional(GitHubFault{.answer = answer(200, "[]")}) : std::nullopt;
    };
    EXPECT_EQ(upload(), "error[SB0628]: the new draft of `v1` is not listed\n");
    EXPECT_EQ(m_github.releases.size(), 1U);
    reset_github();
    m_github.fault = [&](const HttpRequest& request, std::size_t) {
        const std::string unchanged = R"({"id": 1, "tag_name": "v1", "draft": true})";
        return request.method == "PATCH" ? std::optional(GitHubFault{.answer = answer(200, unchanged)}) : std::nullopt;
    };
    EXPECT_EQ(upload(), "error[SB0628]: release `v1` is still a draft after it was published\n");
    reset_github();
    m_github.add_asset(m_github.add_release("v1", true, add_draft_marker("", "x")), "old.txt", "", AssetState::starter);
    EXPECT_EQ(upload(),
              "error[SB0628]: file `old.txt` of the release is not complete and not among the files given\n"
              "hint: `sagebuild release gc` removes what other uploads left\n");
}

TEST_F(ReleaseUploadTest, LeftoversAreCollected) {
    GcRequest request = {.github = {.repository = "o/r"}};
    const std::string marked = add_draft_marker("", "x");
    m_github.add_release("empty", true, marked);
    m_github.add_release("theirs", true);
    m_github.add_asset(m_github.add_release("half", true, marked), "a", "bytes");
    m_github.add_asset(m_github.releases.back(), "b", "", AssetState::starter);
    m_github.add_asset(m_github.add_release("public", false), "a", "bytes");
    m_github.add_asset(m_github.releases.back(), "b", "", AssetState::starter);
    m_github.add_asset(m_github.add_release("public", true, marked), "a", "bytes");
    const auto collect = [&] {
        const auto found = collect_leftovers(request, m_edges);
        std::string out = found ? "" : render_diagnostics(found.errors());
        if (found) {
            for (const Leftover& each : *found) out += each.tag + "/" + each.asset + " ";
        }
        return out;
    };
    request.is_dry = true;
    const std::string before = m_github.shown();
    EXPECT_EQ(collect(), "empty/ half/b public/b public/ ");
    EXPECT_EQ(m_github.shown(), before);
    request.is_dry = false;
    request.tag = "half";
    EXPECT_EQ(collect(), "half/b ");
    request.tag.clear();
    EXPECT_EQ(collect(), "empty/ public/b public/ ");
    EXPECT_EQ(m_github.shown(), "theirs draft\nhalf draft\n  a = bytes\npublic published\n  a = bytes\n");
    request.unfinished_too = true;
    EXPECT_EQ(collect(), "half/ ");
    EXPECT_EQ(collect(), "");
}

}  // namespace
}  // namespace sagebuild
