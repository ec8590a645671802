#include <gtest/gtest.h>

#include "app/wheel_verify.hpp"
#include "support/example_wheel.hpp"
#include "support/seeded_random.hpp"
#include "text/elf.hpp"
#include "text/fatbin.hpp"
#include "text/wheel_manifest.hpp"
#include "text/wheel_metadata.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

/// Flips, overwrites, cuts and doubles pieces of `bytes`: the faults of a bad disk and of a hostile author.
std::string mutated(std::string bytes, test::SeededRandom& random) {
    for (int edits = random.between(1, 6); edits > 0 && !bytes.empty(); --edits) {
        const std::size_t at = random.below(bytes.size());
        switch (random.below(6)) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(random.below(256));
                break;
            case 2:
                bytes.replace(at, std::min<std::size_t>(4, bytes.size() - at),
                              random.chance(50) ? "\xFF\xFF\xFF\xFF" : std::string(4, '\0'));
                break;
            case 3:
                bytes.resize(at);
                break;
            case 4:
                bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(64)));
                break;
            default:
                bytes.erase(at, random.below(64));
                break;
        }
    }
    return bytes;
}

/// Each reader of untrusted bytes ends with a value or with diagnostics of its own code; the sanitizer preset watches its memory.
template <typename Read>
void expect_answer_or_code(const std::string& original, const std::string& code, int rounds, const Read& read) {
    test::SeededRandom random;
    ASSERT_TRUE(read(original)) << "the unchanged bytes are refused";
    for (int round = 0; round < rounds; ++round) {
        const auto result = read(mutated(original, random));
        if (result) continue;
        ASSERT_FALSE(result.errors().empty());
        for (const Diagnostic& error : result.errors()) ASSERT_EQ(error.code, code) << render_diagnostic(error);
    }
}

TEST(WheelFileProperty, DamagedFatbins) {
    for (const std::string name : {"cuda129-lz4.fatbin", "cuda129-raw.fatbin", "cuda135-lz4.fatbin", "cuda135-zstd.fatbin"}) {
        expect_answer_or_code(test::wheel_data(name), "SB0414", 3000, [](const std::string& bytes) { return parse_fatbins(bytes); });
    }
}

TEST(WheelFileProperty, DamagedLibraries) {
    expect_answer_or_code(test::wheel_data("native.so"), "SB0410", 5000, [](const std::string& bytes) { return parse_elf_library(bytes); });
}

TEST(WheelFileProperty, DamagedSectionHeadersOfLibraries) {
    const std::string original = test::wheel_data("native.so");
    const std::size_t headers = original.size() - original.size() / 6;  // the section headers stand at the end
    test::SeededRandom random;
    for (int round = 0; round < 5000; ++round) {
        std::string bytes = original;
        for (int edits = random.between(1, 4); edits > 0; --edits)
            bytes[headers + random.below(bytes.size() - headers)] = static_cast<char>(random.below(256));
        const auto library = parse_elf_library(bytes);
        if (library) {
            ASSERT_LE(library->device_images.size(), bytes.size());
        }
    }
}

TEST(WheelFileProperty, DamagedArchives) {
    const std::string wheel = test::make_example_wheel(test::example_row()).pack();
    expect_answer_or_code(wheel, "SB0402", 2000, [](const std::string& bytes) { return read_zip(bytes); });
}

TEST(WheelFileProperty, DamagedMetadata) {
    auto wheel = test::make_example_wheel(test::example_row());
    expect_answer_or_code(wheel.info("RECORD"), "SB0404", 3000, [](const std::string& text) { return parse_record(text); });
    expect_answer_or_code(wheel.info("WHEEL"), "SB0406", 3000, [](const std::string& text) { return parse_wheel_metadata(text); });
    expect_answer_or_code(wheel.info("sagebuild.json"), "SB0407", 3000, [](const std::string& text) { return parse_wheel_manifest(text); });
}

/// A wheel in which any byte of any file was changed after packing is never taken for the original.
TEST(WheelFileProperty, EveryChangedFileIsNoticed) {
    test::SeededRandom random;
    const auto original = test::make_example_wheel(test::example_row());
    for (int round = 0; round < 150; ++round) {
        auto wheel = original;
        ZipEntry& entry = wheel.entries[random.below(wheel.entries.size())];
        std::string changed = mutated(entry.bytes, random);
        if (changed == entry.bytes) continue;
        entry.bytes = std::move(changed);
        const WheelReport report = verify_wheel(wheel.pack(), wheel.file_name, &wheel.target);
        ASSERT_FALSE(report.problems.empty()) << entry.path;
    }
}

}  // namespace
}  // namespace sagebuild
