// Candidates from a real index and a stand-in of the release API (server.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "app/candidates.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_http.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

class CandidatesReal : public ::testing::Test {
  protected:
    Result<CandidateList> load(const std::string& from, const std::string& project = "demo") {
        return load_candidates({.from = {from}, .project = project}, m_edges);
    }
    static std::string errors(const Result<CandidateList>& list) { return list ? "" : render_diagnostics(list.errors()); }

    const std::string m_base = std::getenv("SAGEBUILD_TEST_TLS");
    RealFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    RealHttpClient m_http{{.ca_file = std::getenv("SAGEBUILD_TEST_AUTHORITY"), .ca_directory = {}, .user_agent = "sagebuild/test"}};
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

TEST_F(CandidatesReal, HtmlAndJsonSayTheSame) {
    for (const char* index : {"/index/html/", "/index/json/", "/moved/json/", "/index/html/demo/"}) {
        const auto list = load(m_base + index);
        ASSERT_TRUE(list) << index << errors(list);
        ASSERT_EQ(list->candidates.size(), 2U) << index;
        EXPECT_EQ(list->candidates[0].name, "demo-1.0-py3-none-any.whl");
        EXPECT_EQ(list->candidates[1].location, m_base + "/files/demo-1.1-py3-none-any.whl") << index;
        EXPECT_EQ(list->candidates[1].sha256.substr(0, 4), "abab");
    }
}

TEST_F(CandidatesReal, AMissingProjectIsAnAnswer) {
    EXPECT_THAT(errors(load(m_base + "/index/html/", "other")),
                ::testing::HasSubstr("is answered with status 404\ncaused by: no such page\n"));
}

TEST_F(CandidatesReal, AReleaseOfManyAssetsIsPaged) {
    m_environment.variables = {{"GITHUB_API_URL", m_base}, {"GITHUB_TOKEN", "token-of-the-test"}};
    const auto list = load("owner/demo");
    ASSERT_TRUE(list) << errors(list);
    EXPECT_EQ(list->candidates.size(), 150U);
    EXPECT_EQ(list->candidates[0].sha256.substr(0, 4), "cdcd");
    EXPECT_THAT(errors(load("owner/demo@v9")), ::testing::HasSubstr("is answered with status 404\ncaused by: Not Found\n"));
    m_environment.variables.erase("GITHUB_TOKEN");
    EXPECT_THAT(errors(load("owner/demo")), ::testing::HasSubstr("is answered with status 401\ncaused by: Requires authentication\n"));
}

}  // namespace
}  // namespace sagebuild
