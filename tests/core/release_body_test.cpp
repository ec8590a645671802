#include "core/release_body.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

TEST(ReleaseBody, ADraftIsMarkedOnce) {
    const std::string marked = add_draft_marker("# Notes\n\ntext", "abc");
    EXPECT_EQ(marked, "# Notes\n\ntext\n\n<!-- sagebuild: upload not finished, run abc -->");
    EXPECT_TRUE(has_draft_marker(marked));
    EXPECT_TRUE(has_draft_marker(marked, "abc"));
    EXPECT_FALSE(has_draft_marker(marked, "ab"));
    EXPECT_EQ(add_draft_marker(marked, "def"), "# Notes\n\ntext\n\n<!-- sagebuild: upload not finished, run def -->");
    EXPECT_EQ(remove_draft_marker(marked), "# Notes\n\ntext");
    EXPECT_EQ(remove_draft_marker(add_draft_marker("", "x")), "");
    EXPECT_FALSE(has_draft_marker("text"));
    EXPECT_EQ(remove_draft_marker("<!-- sagebuild: upload not finished, run "), "<!-- sagebuild: upload not finished, run ");
}

TEST(ReleaseBody, ReplacementsAreToldOnce) {
    const std::string once = add_replacement("text\n", "a.whl", "wrong <b>archs</b>\n# x", "12");
    EXPECT_EQ(once, "text\n\n## Replaced files\n\n- `a.whl`: wrong &lt;b>archs&lt;/b> # x (now sha256 `12`)");
    EXPECT_EQ(add_replacement(once, "a.whl", "wrong <b>archs</b>\n# x", "12"), once);
    EXPECT_EQ(add_replacement(once, "b.whl", "r", "34"), once + "\n- `b.whl`: r (now sha256 `34`)");
    EXPECT_EQ(keep_replacements("new text", add_draft_marker(once, "run")), "new text" + once.substr(4));
    EXPECT_EQ(keep_replacements("new text", "old text"), "new text");
    EXPECT_EQ(keep_replacements(once, once), once);
}

}  // namespace
}  // namespace sagebuild
