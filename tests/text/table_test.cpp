#include "text/table.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

Table example() {
    Table table;
    table.columns = {{"TARGET"}, {"ARCHS", Cut::items, 6}, {"NOTE", Cut::tail, 4, 1}, {"WHEEL", Cut::tail, 8, 2}};
    table.rows = {{"alpha", "7.0 7.5 8.0 8.6", "-", "sageattention-2.2.0.whl"}, {"be", "8.0", "späte Änderung", "x.whl"}};
    return table;
}

struct TableCase {
    const char* name;
    std::size_t width;
    const char* text;
};

class TableWidth : public ::testing::TestWithParam<TableCase> {};

TEST_P(TableWidth, Renders) {
    EXPECT_EQ(render_table(example(), GetParam().width), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Cases, TableWidth,
                         ::testing::Values(TableCase{"plain", 0,
                                                     "TARGET  ARCHS            NOTE            WHEEL\n"
                                                     "alpha   7.0 7.5 8.0 8.6  -               sageattention-2.2.0.whl\n"
                                                     "be      8.0              späte Änderung  x.whl\n"},
                                           TableCase{"roomy", 80,
                                                     "TARGET  ARCHS            NOTE            WHEEL\n"
                                                     "alpha   7.0 7.5 8.0 8.6  -               sageattention-2.2.0.whl\n"
                                                     "be      8.0              späte Änderung  x.whl\n"},
                                           TableCase{"cut", 45,
                                                     "TARGET  ARCHS        NOTE         WHEEL\n"
                                                     "alpha   7.0 7.5 +2   -            sageattent…\n"
                                                     "be      8.0          späte Ände…  x.whl\n"},
                                           TableCase{"one_column_left_out", 25,
                                                     "TARGET  ARCHS    WHEEL\n"
                                                     "alpha   7.0 +3   sageatt…\n"
                                                     "be      8.0      x.whl\n"},
                                           TableCase{"two_columns_left_out", 20,
                                                     "TARGET  ARCHS\n"
                                                     "alpha   7.0 7.5 +2\n"
                                                     "be      8.0\n"},
                                           TableCase{"narrower_than_it_can_be", 5,
                                                     "TARGET  ARCHS\n"
                                                     "alpha   7.0 +3\n"
                                                     "be      8.0\n"}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace

TEST(TableText, WithoutRowsIsTheTitles) {
    Table table;
    table.columns = {{"GROUP"}, {"TARGETS"}};
    EXPECT_EQ(render_table(table, 0), "GROUP  TARGETS\n");
}

}  // namespace sagebuild
