#include "app/index_build.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/url.hpp"
#include "support/example_wheel.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"
#include "text/index_page.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A machine that is switched off after some writes and removals.
class FailingFileSystem : public testing::MemoryFileSystem {
  public:
    int left = -1;                    ///< writes and removals until the end; below 0: no end
    std::vector<std::string> opened;  ///< wheels that were read

    Result<std::string> read(const std::string& path, std::size_t limit) const override {
        if (path.ends_with(".whl")) const_cast<FailingFileSystem*>(this)->opened.push_back(path);
        return MemoryFileSystem::read(path, limit);
    }
    Result<> write(const std::string& path, std::string_view bytes) override {
        if (left == 0) return Diagnostic{.code = "SB0502", .what = "switched off"};
        if (left > 0) --left;
        return MemoryFileSystem::write(path, bytes);
    }
    Result<> remove_tree(const std::string& path) override {
        if (left == 0) return Diagnostic{.code = "SB0502", .what = "switched off"};
        if (left > 0) --left;
        return MemoryFileSystem::remove_tree(path);
    }
};

/// Files in memory have no time: equal bytes are unchanged ones.
class MemoryStamps : public FileStamps {
  public:
    explicit MemoryStamps(const testing::MemoryFileSystem& files) : m_files(files) {}
    std::optional<FileStamp> find(const std::string& path) const override {
        const auto found = m_files.files.find(path);
        if (found == m_files.files.end()) return std::nullopt;
        return FileStamp{.size = found->second.size(),
                         .modified = static_cast<std::int64_t>(std::hash<std::string>()(found->second) >> 1U)};
    }

  private:
    const testing::MemoryFileSystem& m_files;
};

std::string small_wheel(const std::string& name, const std::string& more = "") {
    const std::string distribution = name.substr(0, name.find('-'));
    const std::string rest = name.substr(distribution.size() + 1);
    const std::string version = rest.substr(0, rest.find('-'));
    return write_zip(
               {{distribution + "-" + version + ".dist-info/METADATA",
                 "Metadata-Version: 2.1\nName: " + distribution + "\nVersion: " + version + "\nRequires-Python: >=3.9\n" + more, false}},
               0)
        .value();
}

constexpr auto old_wheel = "k-1.0+cu129torch2.8-cp312-cp312-linux_x86_64.whl";

class IndexBuildTest : public ::testing::Test {
  protected:
    IndexBuildTest() {
        add("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl");
        add("sageattention-2.2.0-270.128-cp312-cp312-linux_x86_64.whl");
        add("helper-1.0-py3-none-any.whl");
    }

    void add(const std::string& name, const std::string& more = "") { m_files.files["/dist/" + name] = small_wheel(name, more); }

    std::string run(std::vector<std::string> from = {"/dist"}, const std::string& yanked = "") {
        const auto report = build_index(
            {.out = "/site", .from = std::move(from), .yanked_file = yanked, .github = {}, .variants = false, .matrix_directory = {}},
            m_edges, m_stamps);
        if (!report) return render_diagnostics(report.errors());
        std::string out;
        for (const IndexSummary& index : report->indexes) out += index.directory + " " + std::to_string(index.wheels) + "\n";
        return out + render_diagnostics(report->warnings) + std::to_string(report->written) + " written, " +
               std::to_string(report->unchanged) + " unchanged, " + std::to_string(report->removed) + " removed\n";
    }

    /// All of the site but the notes for the next run.
    std::map<std::string, std::string> site() const {
        std::map<std::string, std::string> out;
        for (const auto& [path, bytes] : m_files.files) {
            if (path.starts_with("/site/") && path.find("/.sagebuild-") == std::string::npos) out[path] = bytes;
        }
        return out;
    }

    /// Every page names files that are there, with the bytes that it states.
    void expect_whole_pages() const {
        for (const auto& [path, bytes] : site()) {
            if (!path.ends_with("/index.html") || path.starts_with("/site/files/")) continue;
            const Url page = parse_url("file://" + path).value();
            const auto listed = parse_index_html(bytes, page);
            ASSERT_TRUE(listed);
            for (const ListedWheel& wheel : *listed) {
                const auto file = m_files.files.find(wheel.url.decoded_path());
                ASSERT_NE(file, m_files.files.end()) << path << " names " << wheel.name;
                EXPECT_EQ(sha256_hex(file->second), wheel.sha256);
                EXPECT_TRUE(m_files.files.contains(file->first + ".metadata"));
            }
        }
    }

    FailingFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const MemoryStamps m_stamps{m_files};
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
};

TEST_F(IndexBuildTest, OneIndexPerPairAndARootThatMixesNothing) {
    EXPECT_EQ(run(), "simple 1\ntorch2.7-cu128 1\ntorch2.8-cu129 1\nuniversal 1\n24 written, 0 unchanged, 0 removed\n");
    expect_whole_pages();
    EXPECT_THAT(m_files.files["/site/simple/index.html"], HasSubstr("<a href=\"helper/\">helper</a>"));
    EXPECT_THAT(m_files.files["/site/simple/index.html"], ::testing::Not(HasSubstr("sageattention")));
    EXPECT_THAT(m_files.files["/site/torch2.8-cu129/sageattention/index.html"], ::testing::Not(HasSubstr("270.128")));
    EXPECT_EQ(m_files.files["/site/simple/helper/index.html"], m_files.files["/site/universal/helper/index.html"]);
    EXPECT_THAT(m_files.files["/site/torch2.8-cu129/sageattention/index.html"], HasSubstr("data-requires-python=\"&gt;=3.9\""));
}

TEST_F(IndexBuildTest, ASecondRunReadsAndWritesNothing) {
    run();
    const auto before = m_files.files;
    m_files.written.clear();
    m_files.opened.clear();
    EXPECT_THAT(run(), HasSubstr("0 written, 24 unchanged, 0 removed\n"));
    EXPECT_TRUE(m_files.written.empty());
    EXPECT_TRUE(m_files.opened.empty());
    EXPECT_EQ(m_files.files, before);
}

TEST_F(IndexBuildTest, OneWheelMoreChangesItsPagesOnly) {
    run();
    m_files.written.clear();
    m_files.opened.clear();
    const std::string added = "sageattention-2.2.0-280.129-cp313-cp313-linux_x86_64.whl";
    add(added);
    EXPECT_THAT(run(), HasSubstr("6 written, "));
    const std::string copy = "/site/files/" + sha256_hex(m_files.files["/dist/" + added]).substr(0, 16) + "/" + added;
    EXPECT_THAT(m_files.written,
                ElementsAre("/site/.sagebuild-index.json", copy + ".metadata", copy, "/site/torch2.8-cu129/sageattention/index.html",
                            "/site/torch2.8-cu129/sageattention/index.json", "/site/finder/index.html", "/site/index.html"));
    EXPECT_THAT(m_files.opened, ::testing::Each(::testing::EndsWith(added)));
    // As if built at once.
    const auto grown = site();
    for (const auto& [path, bytes] : grown) m_files.files.erase(path);
    m_files.files.erase("/site/.sagebuild-index.json");
    run();
    EXPECT_EQ(site(), grown);
}

TEST_F(IndexBuildTest, SourcesInAnyOrderGiveTheSameBytes) {
    m_files.files["/more/" + std::string(old_wheel)] = small_wheel(old_wheel);
    run({"/dist", "/more"});
    const auto first = site();
    for (const auto& [path, bytes] : first) m_files.files.erase(path);
    m_files.files.erase("/site/.sagebuild-index.json");
    run({"/more", "/dist", "/dist/helper-1.0-py3-none-any.whl"});
    EXPECT_EQ(site(), first);
}

TEST_F(IndexBuildTest, WhatIsGoneLeavesNothingBehind) {
    run();
    const auto before = site();
    add("extra-1.0+cu130torch2.9-cp312-cp312-linux_x86_64.whl");
    run();
    EXPECT_NE(site(), before);
    m_files.files.erase("/dist/extra-1.0+cu130torch2.9-cp312-cp312-linux_x86_64.whl");
    EXPECT_THAT(run(), HasSubstr(" 6 removed\n"));
    EXPECT_EQ(site(), before);
}

/// Switched off after each write and removal: readers see whole pages all the time, and the next run ends where an undisturbed one would.
TEST_F(IndexBuildTest, ARunKilledAnywhereIsFinishedByTheNext) {
    run();
    const std::string replaced = "/dist/sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";
    m_files.files[replaced] = small_wheel("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", "Summary: rebuilt\n");
    m_files.files.erase("/dist/sageattention-2.2.0-270.128-cp312-cp312-linux_x86_64.whl");
    add("sageattention-2.2.0-290.130-cp312-cp312-linux_x86_64.whl");
    const auto start = m_files.files;
    run();
    const auto wanted = site();
    int steps = 0;
    for (bool is_killed = true; is_killed; ++steps) {
        m_files.files = start;
        m_files.left = steps;
        is_killed = run().find("switched off") != std::string::npos;
        m_files.left = -1;
        expect_whole_pages();
        ASSERT_THAT(run(), HasSubstr("torch2.9-cu130 1\n")) << "after " << steps;
        EXPECT_EQ(site(), wanted) << "after " << steps;
    }
    EXPECT_GT(steps, 15);
}

TEST_F(IndexBuildTest, ALostFileIsMadeAnew) {
    run();
    const auto before = site();
    for (const auto& [path, bytes] : before) {
        m_files.files.erase(path);
        EXPECT_THAT(run(), HasSubstr(" written, ")) << path;
        EXPECT_EQ(site(), before) << path;
    }
}

TEST_F(IndexBuildTest, WithdrawnWheelsAreMarked) {
    m_files.files["/yanked.yaml"] = "\"*-280.129-*\": wrong <results>\n";
    run({"/dist"}, "/yanked.yaml");
    EXPECT_THAT(m_files.files["/site/torch2.8-cu129/sageattention/index.html"], HasSubstr(" data-yanked=\"wrong &lt;results&gt;\">"));
    EXPECT_THAT(m_files.files["/site/torch2.8-cu129/sageattention/index.json"], HasSubstr("\"yanked\": \"wrong <results>\""));
    EXPECT_THAT(m_files.files["/site/torch2.7-cu128/sageattention/index.html"], ::testing::Not(HasSubstr("yanked")));
}

TEST_F(IndexBuildTest, NamesWithDigestsAreLinkedWhereTheyAre) {
    m_files.files["/names"] = "{\"name\": \"k-1.0-py3-none-any.whl\", \"url\": \"https://host/d/k-1.0-py3-none-any.whl\", \"sha256\": \"" +
                              std::string(64, 'a') + "\", \"size\": 9, \"requires_python\": \">=3.8\"}\n";
    EXPECT_EQ(run({"/names"}), "simple 1\nuniversal 1\n10 written, 0 unchanged, 0 removed\n");
    EXPECT_THAT(m_files.files["/site/simple/k/index.html"],
                HasSubstr("<a href=\"https://host/d/k-1.0-py3-none-any.whl#sha256=" + std::string(64, 'a') +
                          "\" data-requires-python=\"&gt;=3.8\">k-1.0-py3-none-any.whl</a>"));
}

TEST_F(IndexBuildTest, TheFinderNamesWheelsWhereTheyAre) {
    const std::string local = "k-1.0+cu129torch2.8-cp312-cp312-linux_x86_64.whl", digest(64, 'a');
    add(local);
    m_files.files["/names"] =
        "{\"name\": \"far-1.0-py3-none-any.whl\", \"url\": \"https://host/d/far-1.0-py3-none-any.whl\", \"sha256\": \"" + digest + "\"}\n";
    m_files.files["/yanked.yaml"] = "\"helper-*\": wrong <results>\n";
    add("unplaced-1.0-cp312-cp312-linux_x86_64.whl");
    run({"/dist", "/names"}, "/yanked.yaml");
    EXPECT_THAT(m_files.files["/site/index.html"], HasSubstr("<a href=\"finder/\">"));
    const std::string page = m_files.files["/site/finder/index.html"];
    EXPECT_THAT(page, HasSubstr("[\"" + local + "\",-"));  // `+` is `%2B` in its address
    EXPECT_THAT(page, HasSubstr("\"../files/" + sha256_hex(m_files.files["/dist/" + local]).substr(0, 16) + "/\""));
    EXPECT_THAT(page, HasSubstr("\"https://host/d/\""));
    EXPECT_THAT(page, HasSubstr("\"wrong \\u003cresults>\""));
    EXPECT_THAT(page, ::testing::Not(HasSubstr("unplaced")));
}

TEST_F(IndexBuildTest, VariantsStandInAnIndexOfTheirOwn) {
    const auto row = test::make_example_wheel(test::example_row());
    m_files.files["/rows/" + row.file_name] = row.pack();
    const auto build = [this] {
        const auto report =
            build_index({.out = "/site", .from = {"/rows"}, .yanked_file = {}, .github = {}, .variants = true, .matrix_directory = {}},
                        m_edges, m_stamps);
        return report ? std::to_string(report->written) : render_diagnostics(report.errors());
    };
    EXPECT_EQ(build(), "17");
    expect_whole_pages();
    const std::string name = row.file_name.substr(0, row.file_name.size() - 4) + "-torch2.8_cu129.whl";
    EXPECT_THAT(m_files.files["/site/variants/sageattention/index.html"], HasSubstr(">" + name + "</a>"));
    EXPECT_THAT(m_files.files["/site/variants/sageattention/index.html"], HasSubstr("<a href=\"sageattention-2.2.0-variants.json#sha256="));
    const std::string listed = m_files.files["/site/variants/sageattention/sageattention-2.2.0-variants.json"];
    EXPECT_THAT(listed, HasSubstr("\"torch2.8_cu129\""));
    EXPECT_THAT(listed, HasSubstr("\"90_virtual\""));
    EXPECT_THAT(m_files.files["/site/torch2.8-cu129/sageattention/index.html"], ::testing::Not(HasSubstr("torch2.8_cu129")));
    EXPECT_THAT(m_files.files["/site/finder/index.html"], HasSubstr(row.file_name));
    EXPECT_THAT(m_files.files["/site/finder/index.html"], ::testing::Not(HasSubstr("torch2.8_cu129")));
    m_files.opened.clear();
    EXPECT_EQ(build(), "0");
    EXPECT_THAT(m_files.opened, ElementsAre());
}

TEST_F(IndexBuildTest, FilesOfOthersAreLeftAlone) {
    m_files.files["/site/index.html"] = "mine";
    m_files.files["/site/CNAME"] = "wheels.example.com";
    EXPECT_EQ(run(),
              "error[SB0664]: `/site/index.html` is not of this index, and would be overwritten\n"
              "hint: choose another directory for `--out`, or move the file away\n");
    EXPECT_EQ(site().size(), 2U);
    m_files.files.erase("/site/index.html");
    run();
    EXPECT_EQ(m_files.files["/site/CNAME"], "wheels.example.com");
}

TEST_F(IndexBuildTest, AFullDiskIsTold) {
    m_files.full_disk_below = "/site/files";
    EXPECT_THAT(run(), HasSubstr("caused by: No space left on device\n"));
    expect_whole_pages();
}

}  // namespace
}  // namespace sagebuild
