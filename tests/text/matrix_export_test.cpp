#include "text/matrix_export.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

Target example_target() {
    Target target;
    target.name = "linux-sage2-universal-x86_64";
    target.kind = TargetKind::universal;
    target.package = "sageattention";
    target.package_version = Version({2, 2, 0});
    target.cuda = target.images_cuda = Version({12, 9, 1});
    target.requires_python = ">=3.9,<4";
    target.requires_torch = ">=2.6|\"all\"";
    target.wheel = "a.whl";
    return target;
}

}  // namespace

TEST(MatrixExport, CsvLeavesOpenWhatAUniversalTargetLeavesOpen) {
    EXPECT_EQ(render_targets_csv({example_target()}),
              "target,kind,package,version,python,torch,cuda,archs,covered,dropped,groups,wheel\n"
              "linux-sage2-universal-x86_64,universal,sageattention,2.2.0,,,12.9.1,,,,,a.whl\n");
}

TEST(MatrixExport, CsvQuotesWhatWouldEndAField) {
    Target target = example_target();
    target.wheel = "one, \"two\"";
    const std::string csv = render_targets_csv({target});
    EXPECT_EQ(csv.substr(csv.find("12.9.1")), "12.9.1,,,,,\"one, \"\"two\"\"\"\n");
}

TEST(MatrixExport, MarkdownEscapesWhatWouldEndACell) {
    EXPECT_EQ(render_targets_markdown({example_target()}),
              "| Target | Python | torch | CUDA | Archs | Covered | Left out | Wheel |\n"
              "|---|---|---|---|---|---|---|---|\n"
              "| `linux-sage2-universal-x86_64` | >=3.9,<4 | >=2.6\\|\"all\" | 12.9.1 |  |  |  | `a.whl` |\n");
}

TEST(MatrixExport, NoJobsAreAnEmptyList) {
    EXPECT_EQ(render_jobs_json({}, Matrix{}), "{\"include\":[]}\n");
}

}  // namespace sagebuild
