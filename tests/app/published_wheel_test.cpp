#include "app/published_wheel.hpp"

#include <gtest/gtest.h>

#include "support/example_wheel.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"
#include "text/compat_yaml.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

const std::string foreign_name = "other_kernels-1.2+cu129torch2.8-cp312-cp312-linux_x86_64.whl";

class PublishedWheelTest : public ::testing::Test {
  protected:
    Result<PublishedWheel> load(const std::string& path) const { return load_published_wheel(path, m_compat, m_edges); }
    Result<PublishedWheel> load(const test::ExampleWheel& wheel) {
        m_files.files["/dist/" + wheel.file_name] = wheel.pack();
        return load("/dist/" + wheel.file_name);
    }
    /// A wheel of another tool with this METADATA below name and version.
    Result<PublishedWheel> load_foreign(const std::string& more, const std::string& name = foreign_name) {
        const std::string metadata = "Metadata-Version: 2.1\nName: other-kernels\nVersion: 1.2+cu129torch2.8\n" + more;
        m_files.files["/" + name] = write_zip({{"other_kernels-1.2.dist-info/METADATA", metadata, false}}, 0).value();
        return load("/" + name);
    }
    std::string problems(const Result<PublishedWheel>& wheel) const { return wheel ? "" : render_diagnostics(wheel.errors()); }
    static std::string purpose(const Result<PublishedWheel>& wheel) {
        const auto text = [](const std::optional<Version>& version) { return version ? version->to_string() : "any"; };
        return wheel ? text(wheel->torch) + " " + text(wheel->cuda) : render_diagnostics(wheel.errors());
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
    const Compat m_compat = parse_compat(embedded_compat_files()).value();
};

TEST_F(PublishedWheelTest, ARowsWheelSaysAllOfItself) {
    auto example = test::make_example_wheel(test::example_row());
    const auto wheel = load(example);
    ASSERT_TRUE(wheel) << problems(wheel);
    const std::string bytes = example.pack();
    EXPECT_EQ(wheel->wheel.name, example.file_name);
    EXPECT_EQ(wheel->wheel.location, "/dist/" + example.file_name);
    EXPECT_EQ(wheel->wheel.sha256, sha256_hex(bytes));
    EXPECT_EQ(wheel->wheel.size, bytes.size());
    EXPECT_EQ(wheel->wheel.requires_python, ">=3.9");
    EXPECT_TRUE(wheel->wheel.content->any_torch);
    EXPECT_EQ(wheel->wheel.content->images->size(), 4U);
    EXPECT_EQ(wheel->name.build, "280.129");
    EXPECT_EQ(wheel->facts.scheme, "torch-cuda-tag");
    EXPECT_EQ(purpose(wheel), "2.8.0 12.9.1");
    EXPECT_EQ(wheel->metadata, example.info("METADATA"));
    EXPECT_EQ(wheel->manifest, example.info("sagebuild.json"));
    EXPECT_EQ(wheel->upload_time, "");
}

TEST_F(PublishedWheelTest, AUniversalWheelIsForAnyTorch) {
    EXPECT_EQ(purpose(load(test::make_example_wheel(test::example_universal()))), "any any");
}

TEST_F(PublishedWheelTest, AnotherToolsWheelIsForWhatItsMetadataAndItsNameSay) {
    EXPECT_EQ(purpose(load_foreign("")), "2.8 12.9");
    EXPECT_EQ(load_foreign("")->manifest, "");
    EXPECT_EQ(purpose(load_foreign("Requires-Dist: torch==2.8.1\n")), "2.8.1 12.9");
    EXPECT_EQ(purpose(load_foreign("Requires-Dist: torch (==2.7.1+cu128)\n")), "2.7.1 12.8");
    EXPECT_EQ(purpose(load_foreign("Requires-Dist: torch~=2.9.0 ; extra == 'new'\nRequires-Dist: numpy\n")), "2.8 12.9");
    EXPECT_EQ(purpose(load_foreign("Requires-Dist: torchvision==0.2.1\nRequires-Dist: torch>=2\n")), "2.8 12.9");
}

TEST_F(PublishedWheelTest, ABrokenWheelIsAnError) {
    EXPECT_EQ(problems(load("/absent-1.0-py3-none-any.whl")),
              "error[SB0501]: cannot read `/absent-1.0-py3-none-any.whl`\ncaused by: No such file or directory\n");
    m_files.files["/broken.whl"] = "PK";
    EXPECT_EQ(
        problems(load("/broken.whl")),
        "error[SB0401]: `broken.whl` is not a wheel file name\n"
        "  --> /broken.whl\n"
        "note: it has 1 part between `-`; a wheel has 5, or 6 with a build tag: distribution, version, build, python, abi, platform\n\n"
        "error[SB0402]: file is not a whole zip archive: Not a zip archive\n"
        "  --> /broken.whl\n");
    m_files.files["/empty-1.0-py3-none-any.whl"] = write_zip({{"empty/__init__.py", "", false}}, 0).value();
    EXPECT_EQ(problems(load("/empty-1.0-py3-none-any.whl")), "error[SB0403]: wheel has no METADATA\n  --> /empty-1.0-py3-none-any.whl\n");
    EXPECT_EQ(problems(load_foreign("", "others-1.1-py3-none-any.whl")),
              "error[SB0405]: METADATA is of `other-kernels`, the file name of `others`\n"
              "  --> /others-1.1-py3-none-any.whl\n\n"
              "error[SB0405]: METADATA has version `1.2+cu129torch2.8`, the file name `1.1`\n"
              "  --> /others-1.1-py3-none-any.whl\n");
}

TEST_F(PublishedWheelTest, WhatIsInsideMustBeReadable) {
    auto example = test::make_example_wheel(test::example_row());
    example.info("METADATA") = "Name: sageattention\n";
    example.info("sagebuild.json") = "[]";
    example.entries.push_back({"second-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: second\nVersion: 1.0\n", false});
    const std::string place = "  --> /dist/" + example.file_name + "\n";
    EXPECT_EQ(problems(load(example)), "error[SB0405]: METADATA has no field `Metadata-Version`\n" + place +
                                           "\nerror[SB0405]: METADATA has no field `Version`\n" + place +
                                           "\nerror[SB0407]: sagebuild.json is not a JSON object\n" + place +
                                           "\nerror[SB0403]: wheel has two .dist-info directories\n" + place);
    auto damaged = test::make_example_wheel(test::example_row());
    std::string& library = damaged.file("sageattention/_native.so");
    const std::size_t container = library.find("\x50\xED\x55\xBA");
    ASSERT_NE(container, std::string::npos);
    library[container] = 'x';
    const auto refused = load(damaged);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.errors().front().code, "SB0414");
}

}  // namespace
}  // namespace sagebuild
