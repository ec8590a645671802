#include "core/plan_explain.hpp"

#include <gtest/gtest.h>

#include "text/plan_record.hpp"

namespace sagebuild {
namespace {

const std::string digest_a(32, 'a');
const std::string digest_b(32, 'b');

TEST(PlanExplain, TellsWhatDiffers) {
    const Step step{.id = "image u 8.9", .key_text = "toolchain: " + digest_b + "\nflags: -a -b\nsource new.cuh: " + digest_a + "\n"};
    EXPECT_EQ(explain_step(step, {}), std::vector<std::string>{"it was never built here"});
    EXPECT_EQ(explain_step(step, {{step.id, step.key_text}}), std::vector<std::string>{"its output is gone"});
    EXPECT_EQ(explain_step(step, {{step.id, "toolchain: " + digest_a + "\nflags: -a\nsource old.cuh: " + digest_a + "\n"}}),
              (std::vector<std::string>{"flags changed from `-a` to `-a -b`", "source new.cuh is new", "toolchain changed",
                                        "source old.cuh is gone"}));
}

TEST(PlanRecord, ParsesBackAndForgivesDamage) {
    const PlanRecord record = {{"image u 8.9", "arch: 8.9\n"}, {"wheel \"x\"", "a: \xC3\xA9\n"}};
    EXPECT_EQ(parse_plan_record(render_plan_record(record)), record);
    for (const char* damaged : {"", "{", "[]", R"({"schema": 2, "steps": {}})", R"({"schema": 1, "steps": [1]})"}) {
        EXPECT_TRUE(parse_plan_record(damaged).empty()) << damaged;
    }
}

}  // namespace
}  // namespace sagebuild
