#include "app/release_documents.hpp"

#include <gtest/gtest.h>

#include "app/published_wheel.hpp"
#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "text/checksums.hpp"
#include "text/compat_yaml.hpp"
#include "text/provenance.hpp"
#include "text/sbom.hpp"
#include "text/sha256.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

const std::string foreign_name = "Other_Kernels-1.2+cu129torch2.8-cp312-cp312-linux_x86_64.whl";

PublishedWheel open_wheel_of(const std::string& bytes, const std::string& name) {
    const auto wheel = open_published_wheel(bytes, "dist/" + name, parse_compat(embedded_compat_files()).value());
    if (!wheel) throw std::runtime_error(render_diagnostics(wheel.errors()));
    return *wheel;
}

PublishedWheel example(const Target& target) {
    const auto wheel = test::make_example_wheel(target);
    return open_wheel_of(wheel.pack(), wheel.file_name);
}

PublishedWheel foreign() {
    const std::string metadata =
        "Metadata-Version: 2.1\nName: Other.Kernels\nVersion: 1.2+cu129torch2.8\nRequires-Dist: torch==2.8.*\n"
        "Requires-Dist: Einops>=0.7 ; python_version >= \"3.9\"\nRequires-Dist: pytest ; extra == 'test'\n";
    return open_wheel_of(write_zip({{"other_kernels-1.2.dist-info/METADATA", metadata, false}}, 0).value(), foreign_name);
}

std::vector<ReleaseDocument> documents_of(std::vector<PublishedWheel> wheels) {
    auto documents = make_release_documents(std::move(wheels));
    if (!documents) throw std::runtime_error(render_diagnostics(documents.errors()));
    return std::move(documents).value();
}

std::filesystem::path golden(const std::string& name) {
    return test::golden_directory() / "release-documents" / name;
}

TEST(ReleaseDocuments, SpeakOfTheWheelsAndOfEachOther) {
    const PublishedWheel row = example(test::example_row());
    const PublishedWheel universal = example(test::example_universal());
    const auto documents = documents_of({universal, row});
    ASSERT_EQ(documents.size(), 3U);
    EXPECT_EQ(documents[0].name, "sageattention-2.2.0.provenance.intoto.json");
    EXPECT_EQ(documents[1].name, "sageattention-2.2.0.sbom.zip");
    EXPECT_EQ(documents[2].name, "SHA256SUMS");
    EXPECT_EQ(documents, documents_of({row, universal}));

    std::vector<StatedDigest> wheels = {{row.wheel.name, row.wheel.sha256}, {universal.wheel.name, universal.wheel.sha256}};
    EXPECT_EQ(parse_provenance(documents[0].bytes, "").value(), wheels);
    EXPECT_EQ(parse_sbom_archive(documents[1].bytes, "").value(), wheels);
    wheels.push_back({documents[0].name, sha256_hex(documents[0].bytes)});
    wheels.push_back({documents[1].name, sha256_hex(documents[1].bytes)});
    EXPECT_EQ(documents[2].bytes, render_checksums(wheels));
}

/// The whole texts, with digests that do not depend on how the example library was compressed.
TEST(ReleaseDocuments, SayWhatTheManifestSays) {
    PublishedWheel row = example(test::example_row());
    PublishedWheel other = foreign();
    row.wheel.sha256 = std::string(64, '1');
    other.wheel.sha256 = std::string(64, '2');
    EXPECT_TRUE(test::matches_golden(golden("provenance.json"), render_provenance({row, other})));
    EXPECT_TRUE(test::matches_golden(golden("row.cdx.json"), render_sbom(row)));
    EXPECT_TRUE(test::matches_golden(golden("foreign.cdx.json"), render_sbom(other)));
}

/// With nvcc of a base image there are no components, and the compiler itself is the tool.
TEST(ReleaseDocuments, NameTheCompilerOfABaseImage) {
    PublishedWheel row = example(test::example_row());
    const std::size_t begin = row.manifest.find("\"components\": {");
    const std::size_t end = row.manifest.find('}', begin);
    row.manifest.replace(begin, end + 1 - begin, "\"components\": {}");
    row.manifest.replace(row.manifest.find("\"nvrtc\""), 7, "\"nvcc\"");
    EXPECT_NE(render_provenance({row}).find("\"uri\": \"pkg:generic/nvcc@12.9.86\""), std::string::npos);
    EXPECT_NE(render_sbom(row).find("\"purl\": \"pkg:generic/nvcc@12.9.86\""), std::string::npos);
}

TEST(ReleaseDocuments, AreNamedAfterWhatTheReleaseHolds) {
    const PublishedWheel row = example(test::example_row());
    PublishedWheel newer = row, local = row;
    newer.wheel.name = "sageattention-2.3.0-280.129-cp312-cp312-linux_x86_64.whl";
    newer.name.version = "2.3.0";
    local.name.version = "2.2.0+cu129";
    EXPECT_EQ(release_stem({row, local}), "sageattention-2.2.0");
    EXPECT_EQ(release_stem({row, newer}), "sageattention");
    EXPECT_EQ(release_stem({row, foreign()}), "release");
}

TEST(ReleaseDocuments, NeedWheelsOfDifferentNames) {
    const auto none = make_release_documents({});
    ASSERT_FALSE(none);
    EXPECT_EQ(render_diagnostics(none.errors()), "error[SB0640]: a release without wheels has no documents\n");
    PublishedWheel first = foreign(), second = foreign();
    second.wheel.location = "old/" + foreign_name;
    const auto twice = make_release_documents({first, second});
    ASSERT_FALSE(twice);
    EXPECT_EQ(render_diagnostics(twice.errors()), "error[SB0640]: two wheels are named `" + foreign_name + "`\nnote: `dist/" +
                                                      foreign_name + "` and `old/" + foreign_name + "`\n");
}

}  // namespace
}  // namespace sagebuild
