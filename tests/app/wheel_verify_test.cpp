#include "app/wheel_verify.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "support/raw_zip.hpp"
#include "text/wheel_metadata.hpp"

namespace sagebuild {
namespace {

const std::string dist_info = "sageattention-2.2.0.dist-info/";
const std::string library = "sageattention/_native.so";

/// What the report looks like, facts before problems.
std::string report_text(const WheelReport& report) {
    std::string out;
    for (const auto& [subject, found] : report.facts) out += subject + ": " + printable(found) + "\n";
    return out + "\n" + render_diagnostics(report.problems);
}

TEST(VerifyWheel, ARowsWheelIsAsItShouldBe) {
    const auto wheel = test::make_example_wheel(test::example_row());
    const std::string bytes = wheel.pack();
    EXPECT_EQ(report_text(verify_wheel(bytes, "dist/" + wheel.file_name, &wheel.target)),
              "name: as the row linux-sage2-pytorch28-cu129-python312 names it\n"
              "archive: 9 files, " +
                  std::to_string(bytes.size()) +
                  " bytes, unpacked 12 kB\n"
                  "METADATA: sageattention 2.2.0, python>=3.9, torch==2.8.*\n"
                  "WHEEL: cp312-cp312-linux_x86_64, build 280.129\n"
                  "RECORD: 8 hashes equal\n"
                  "manifest: linux-sage2-pytorch28-cu129-python312, images by nvrtc 12.9.86 of CUDA 12.9.1\n"
                  "library: sageattention/_native.so: x86_64, glibc 2.14, needs libc.so.6\n"
                  "images: sm80_attention: 8.0 9.0a\n"
                  "images: sm120_attention: 12.0f 9.0+ptx\n\n");
}

TEST(VerifyWheel, TheUniversalWheelIsAsItShouldBe) {
    const auto wheel = test::make_example_wheel(test::example_universal());
    const WheelReport report = verify_wheel(wheel.pack(), wheel.file_name, &wheel.target);
    EXPECT_EQ(render_diagnostics(report.problems), "");
    EXPECT_EQ(render_diagnostics(verify_wheel(wheel.pack(), wheel.file_name, nullptr).problems), "");
}

/// One way in which a wheel can be wrong; `tests/golden/wheel/<label>/expected.txt` holds the whole text.
struct WrongWheel {
    std::string label;
    std::function<std::string(test::ExampleWheel&)> break_it;  ///< returns the bytes to check
};

void PrintTo(const WrongWheel& wheel, std::ostream* out) {
    *out << wheel.label;
}

class WrongWheelTest : public testing::TestWithParam<WrongWheel> {};

TEST_P(WrongWheelTest, IsExplained) {
    auto wheel = test::make_example_wheel(GetParam().label.starts_with("universal") ? test::example_universal() : test::example_row());
    const std::string bytes = GetParam().break_it(wheel);
    const WheelReport report = verify_wheel(bytes, "dist/" + wheel.file_name, &wheel.target);
    EXPECT_FALSE(report.problems.empty());
    EXPECT_TRUE(
        test::matches_golden(test::golden_directory() / "wheel" / GetParam().label / "expected.txt", render_diagnostics(report.problems)));
}

/// Packs after a change with a RECORD that fits it, so that only the change itself is wrong.
std::string packed(test::ExampleWheel& wheel) {
    wheel.refresh_record();
    return wheel.pack();
}

INSTANTIATE_TEST_SUITE_P(
    Archive, WrongWheelTest,
    testing::Values(
        WrongWheel{"not_a_zip", [](auto&) { return std::string("<html>404 not found</html>"); }},
        WrongWheel{"empty_file", [](auto&) { return std::string(); }},
        WrongWheel{"truncated", [](auto& wheel) { return wheel.pack().substr(0, 5000); }},
        WrongWheel{"wrong_checksum", [](auto& wheel) { return test::with_wrong_checksum(wheel.pack(), "sageattention/core.py"); }},
        WrongWheel{"path_traversal",
                   [](auto& wheel) {
                       wheel.entries.push_back({"aa/escape.py", "", false});
                       return test::renamed(packed(wheel), "aa/escape.py", "../escape.py");
                   }},
        WrongWheel{"hostile_paths",
                   [](auto& wheel) {
                       for (const std::string path : {"x1tc/passwd", "y/a_b.py", "z_control.py", "w/_/dot.py", "c_drive.py"})
                           wheel.entries.push_back({path, "", false});
                       std::string bytes = packed(wheel);
                       bytes = test::renamed(bytes, "x1tc/passwd", "/1tc/passwd");
                       bytes = test::renamed(bytes, "y/a_b.py", "y\\a_b.py");
                       bytes = test::renamed(bytes, "z_control.py",
                                             "z\x1b"
                                             "control.py");
                       bytes = test::renamed(bytes, "w/_/dot.py", "w/./dot.py");
                       return test::renamed(bytes, "c_drive.py", "c:drive.py");
                   }},
        WrongWheel{"duplicate_entries",
                   [](auto& wheel) {
                       wheel.entries.push_back({"sageattention/cord.py", "import os", false});
                       return test::renamed(packed(wheel), "sageattention/cord.py", "sageattention/core.py");
                   }},
        WrongWheel{"bomb",
                   [](auto& wheel) {
                       wheel.entries.push_back({"sageattention/zeros.bin", std::string(40 << 20, '\0'), false});
                       return packed(wheel);
                   }},
        WrongWheel{"encrypted", [](auto& wheel) { return test::with_encryption_flag(wheel.pack(), "sageattention/core.py"); }},
        WrongWheel{"symbolic_link", [](auto& wheel) { return test::with_mode(wheel.pack(), "sageattention/core.py", 0120777); }},
        WrongWheel{"device_file", [](auto& wheel) { return test::with_mode(wheel.pack(), "sageattention/core.py", 0020666); }}),
    [](const auto& row) { return row.param.label; });

INSTANTIATE_TEST_SUITE_P(
    DistInfo, WrongWheelTest,
    testing::Values(
        WrongWheel{"renamed",
                   [](auto& wheel) {
                       wheel.file_name = "sageattention-2.2.0-270.128-cp311-cp311-linux_x86_64.whl";
                       return wheel.pack();
                   }},
        WrongWheel{"illegal_name",
                   [](auto& wheel) {
                       wheel.file_name = "sageattention-2.2.0-torch280-cp312-cp312-linux_x86_64.whl";
                       return wheel.pack();
                   }},
        WrongWheel{"no_dist_info",
                   [](auto& wheel) {
                       std::erase_if(wheel.entries, [](const ZipEntry& entry) { return entry.path.starts_with(dist_info); });
                       return wheel.pack();
                   }},
        WrongWheel{"two_dist_infos",
                   [](auto& wheel) {
                       wheel.entries.push_back({"other-1.0.dist-info/METADATA", "", false});
                       return packed(wheel);
                   }},
        WrongWheel{"dist_info_of_another_version",
                   [](auto& wheel) {
                       for (ZipEntry& entry : wheel.entries) {
                           if (entry.path.starts_with(dist_info)) entry.path.replace(0, dist_info.size(), "sageattention-2.1.0.dist-info/");
                       }
                       return packed(wheel);
                   }},
        WrongWheel{"no_metadata_wheel_or_manifest",
                   [](auto& wheel) {
                       for (const std::string name : {"METADATA", "WHEEL", "sagebuild.json"}) wheel.remove(dist_info + name);
                       return packed(wheel);
                   }},
        WrongWheel{"no_record",
                   [](auto& wheel) {
                       wheel.remove(dist_info + "RECORD");
                       return wheel.pack();
                   }},
        WrongWheel{"metadata_of_another_project",
                   [](auto& wheel) {
                       wheel.info("METADATA") =
                           "Metadata-Version: 2.4\nName: sageattn3\nVersion: 1.0.0\nRequires-Python: >=3.13\nRequires-Dist: "
                           "numpy\nLicense-File: COPYING\n";
                       return packed(wheel);
                   }},
        WrongWheel{"metadata_broken",
                   [](auto& wheel) {
                       wheel.info("METADATA") =
                           " starts with a blank\nName: sageattention\nName: \nno colon here\n: no name\nVersion: first\n";
                       return packed(wheel);
                   }},
        WrongWheel{"metadata_incomplete",
                   [](auto& wheel) {
                       wheel.info("METADATA") = "Name: sageattention\nName: other\nVersion: first\n";
                       return packed(wheel);
                   }},
        WrongWheel{"wheel_of_other_tags",
                   [](auto& wheel) {
                       wheel.info("WHEEL") =
                           "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: cp311-cp311-linux_x86_64\nBuild: 270.128\n";
                       return packed(wheel);
                   }},
        WrongWheel{"wheel_broken",
                   [](auto& wheel) {
                       wheel.info("WHEEL") = "Wheel-Version: 2.0\nBuild: 1\nBuild: 2\n";
                       return packed(wheel);
                   }},
        WrongWheel{"manifest_disagrees",
                   [](auto& wheel) {
                       wheel.replace(dist_info + "sagebuild.json", "\"torch\": \"2.8.0\"", "\"torch\": \"2.7.0\"");
                       wheel.replace(dist_info + "sagebuild.json", "\"cuda\": \"12.9.1\"", "\"cuda\": \"12.8.1\"");
                       wheel.replace(dist_info + "sagebuild.json", "\"release\": \"12.9.1\"", "\"release\": \"12.8.1\"");
                       wheel.replace(dist_info + "sagebuild.json", "\"target\": \"linux-sage2", "\"target\": \"linux-sage3");
                       return packed(wheel);
                   }},
        WrongWheel{"manifest_broken",
                   [](auto& wheel) {
                       wheel.info("sagebuild.json") =
                           R"({"schema": 1, "package": 3, "kind": "other", "units": [{"name": "x", "archs": ["9"], "ptx": {}}, 7]})";
                       return packed(wheel);
                   }},
        WrongWheel{"manifest_of_the_future",
                   [](auto& wheel) {
                       wheel.replace(dist_info + "sagebuild.json", "\"schema\": 1", "\"schema\": 2");
                       return packed(wheel);
                   }},
        WrongWheel{"manifest_is_no_json",
                   [](auto& wheel) {
                       wheel.info("sagebuild.json") = std::string(10000, '[');
                       return packed(wheel);
                   }}),
    [](const auto& row) { return row.param.label; });

INSTANTIATE_TEST_SUITE_P(
    Record, WrongWheelTest,
    testing::Values(WrongWheel{"file_changed",
                               [](auto& wheel) {
                                   wheel.file("sageattention/core.py") += "import os\n";
                                   return wheel.pack();
                               }},
                    WrongWheel{"file_added",
                               [](auto& wheel) {
                                   wheel.entries.push_back({"sageattention/extra.py", "", false});
                                   return wheel.pack();
                               }},
                    WrongWheel{"file_removed",
                               [](auto& wheel) {
                                   wheel.remove("sageattention/core.py");
                                   return wheel.pack();
                               }},
                    WrongWheel{"many_problems",
                               [](auto& wheel) {
                                   for (int number = 0; number < 200; ++number)
                                       wheel.info("RECORD") += "file" + std::to_string(number) + ",,\n";
                                   return wheel.pack();
                               }},
                    WrongWheel{"record_broken",
                               [](auto& wheel) {
                                   wheel.info("RECORD") = "a\nb,sha256=x,many\n,sha256=x,1\nc,d,e,f\n\"d\"e,,\n";
                                   return wheel.pack();
                               }},
                    WrongWheel{"record_weak",
                               [](auto& wheel) {
                                   std::string record;
                                   for (const ZipEntry& entry : wheel.entries) {
                                       if (entry.path == dist_info + "RECORD") {
                                           record += entry.path + ",sha256=x,\n";
                                       } else if (entry.path == "sageattention/core.py") {
                                           record += entry.path + ",md5=1B2M2Y8AsgTpgAmY7PhCfg,0\n";
                                       } else if (entry.path == "sageattention/__init__.py") {
                                           record += render_record({{entry.path, make_record_entry("", entry.bytes).hash, 7}});
                                       } else {
                                           record += render_record({make_record_entry(entry.path, entry.bytes)});
                                       }
                                   }
                                   wheel.info("RECORD") = record + "sageattention/core.py,,\n";
                                   return wheel.pack();
                               }}),
    [](const auto& row) { return row.param.label; });

INSTANTIATE_TEST_SUITE_P(Contents, WrongWheelTest,
                         testing::Values(WrongWheel{"files_beside_the_package",
                                                    [](auto& wheel) {
                                                        wheel.entries.push_back({"tests/__init__.py", "", false});
                                                        wheel.entries.push_back({"torch.py", "", false});
                                                        wheel.remove("sageattention/__init__.py");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"no_library",
                                                    [](auto& wheel) {
                                                        wheel.remove(library);
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_is_text",
                                                    [](auto& wheel) {
                                                        wheel.file(library) = "INPUT(libsage.so)\n";
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_truncated",
                                                    [](auto& wheel) {
                                                        wheel.file(library).resize(3000);
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_is_a_program",
                                                    [](auto& wheel) {
                                                        wheel.file(library)[16] = 2;  // ET_EXEC
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_needs_another",
                                                    [](auto& wheel) {
                                                        wheel.replace(library, "libc.so.6", "libcuda.1");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_of_the_build_machine",
                                                    [](auto& wheel) {
                                                        wheel.file(library) = test::wheel_data("loose.so");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"library_for_arm",
                                                    [](auto& wheel) {
                                                        wheel.file(library)[18] = static_cast<char>(183);  // EM_AARCH64
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"universal_glibc_too_new",
                                                    [](auto& wheel) {
                                                        wheel.replace(library, "GLIBC_2.14", "GLIBC_2.34");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"universal_for_windows",
                                                    [](auto& wheel) {
                                                        wheel.file_name = "sageattention-2.2.0-py3-none-win_amd64.whl";
                                                        wheel.info("WHEEL") =
                                                            "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-win_amd64\n";
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"no_images",
                                                    [](auto& wheel) {
                                                        wheel.replace(library, ".nv_fatbin", ".nv_fatbix");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"images_unreadable",
                                                    [](auto& wheel) {
                                                        wheel.replace(library, "\x50\xED\x55\xBA", "\x50\xED\x55\xBB");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"image_of_another_arch",
                                                    [](auto& wheel) {
                                                        std::string& bytes = wheel.file(library);
                                                        const std::size_t container = bytes.find("\x50\xED\x55\xBA");
                                                        bytes[container + 16 + 28] = 89;  // the entry says 8.9, the cubin in it 8.0
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"row_compiles_other_archs",
                                                    [](auto& wheel) {
                                                        wheel.target.units[0].archs.push_back({10, 0, ArchFeature::portable});
                                                        wheel.target.units[1].name = "sm89_attention";
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"manifest_states_other_archs",
                                                    [](auto& wheel) {
                                                        wheel.replace(dist_info + "sagebuild.json", "\"9.0a\"", "\"8.9\"");
                                                        return packed(wheel);
                                                    }},
                                         WrongWheel{"manifest_states_other_units",
                                                    [](auto& wheel) {
                                                        wheel.replace(dist_info + "sagebuild.json", "\"units\": [",
                                                                      "\"units\": [{\"name\": \"third\", \"archs\": [], \"ptx\": []},");
                                                        return packed(wheel);
                                                    }}),
                         [](const auto& row) { return row.param.label; });

}  // namespace
}  // namespace sagebuild
