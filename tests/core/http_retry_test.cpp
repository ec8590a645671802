#include "core/http_retry.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

struct RetryCase {
    const char* name;
    RetrySigns signs;
    RetryCause cause;
    double first;  ///< seconds before the second attempt, ...
    double third;  ///< ... and before the fourth
};

RetrySigns signs(int status, std::string retry_after = "", std::string remaining = "", std::string reset = "", std::string message = "") {
    return {status, std::move(retry_after), std::move(remaining), std::move(reset), std::move(message)};
}

class RetryTable : public ::testing::TestWithParam<RetryCase> {};

TEST_P(RetryTable, CauseAndDelay) {
    const RetryCase& row = GetParam();
    const RetryTimes times = {.base_seconds = 1, .now = 1000, .fraction = 0};
    EXPECT_EQ(find_retry_cause(row.signs), row.cause);
    EXPECT_DOUBLE_EQ(retry_delay(row.signs, 1, times), row.first);
    EXPECT_DOUBLE_EQ(retry_delay(row.signs, 3, times), row.third);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RetryTable,
    ::testing::Values(RetryCase{"silence", signs(0), RetryCause::none, 1, 4}, RetryCase{"server", signs(502), RetryCause::server, 1, 4},
                      RetryCase{"server_says_when", signs(503, "7"), RetryCause::server, 7, 7},
                      RetryCase{"too_many", signs(429), RetryCause::secondary_rate_limit, 60, 240},
                      RetryCase{"too_many_until", signs(429, "30"), RetryCause::secondary_rate_limit, 30, 30},
                      RetryCase{"primary", signs(403, "", "0", "1020"), RetryCause::rate_limit, 21, 21},
                      RetryCase{"primary_is_over", signs(403, "", "0", "900"), RetryCause::rate_limit, 1, 1},
                      RetryCase{"primary_next_century", signs(429, "", "0", "99999999999"), RetryCause::rate_limit, 3660, 3660},
                      RetryCase{"secondary", signs(403, "", "12", "2000", "You have exceeded a secondary rate limit"),
                                RetryCause::secondary_rate_limit, 60, 240},
                      RetryCase{"forbidden", signs(403, "", "12", "2000", "Resource not accessible"), RetryCause::none, 1, 4},
                      RetryCase{"date_is_not_read", signs(503, "Wed, 21 Oct 2015 07:28:00 GMT"), RetryCause::server, 1, 4},
                      RetryCase{"huge", signs(429, "99999999999999999999999"), RetryCause::secondary_rate_limit, 60, 240},
                      RetryCase{"not_found", signs(404), RetryCause::none, 1, 4}, RetryCase{"invalid", signs(422), RetryCause::none, 1, 4}),
    [](const auto& row) { return row.param.name; });

TEST(Retry, JitterTakesUpToHalfAndAddsToWhatTheServerSays) {
    const RetryTimes late = {.base_seconds = 2, .now = 0, .fraction = 1};
    EXPECT_DOUBLE_EQ(retry_delay(signs(500), 1, late), 1);
    EXPECT_DOUBLE_EQ(retry_delay(signs(500), 2, late), 2);
    EXPECT_DOUBLE_EQ(retry_delay(signs(429, "5"), 1, late), 7);
    EXPECT_DOUBLE_EQ(retry_delay(signs(500), 1000, {.base_seconds = 0, .now = 0, .fraction = 0.5}), 0);
    EXPECT_LE(retry_delay(signs(500), 1000, late), 480);
}

TEST(RequestPace, KeepsBothLimits) {
    RequestPace pace({.per_minute = 3, .per_hour = 5});
    std::vector<double> times;
    for (int index = 0; index < 7; ++index) times.push_back(pace.take(10));
    EXPECT_EQ(times, (std::vector<double>{10, 10, 10, 70, 70, 3610, 3610}));
    EXPECT_DOUBLE_EQ(pace.take(9000), 9000);
}

TEST(RequestPace, WithoutLimits) {
    EXPECT_DOUBLE_EQ(paced_seconds(100000, {.per_minute = 0, .per_hour = 0}), 0);
    EXPECT_DOUBLE_EQ(paced_seconds(0, {}), 0);
    EXPECT_DOUBLE_EQ(paced_seconds(80, {}), 0);
    EXPECT_DOUBLE_EQ(paced_seconds(81, {}), 60);
    EXPECT_DOUBLE_EQ(paced_seconds(500, {}), 360);
    EXPECT_DOUBLE_EQ(paced_seconds(501, {}), 3600);
}

}  // namespace
}  // namespace sagebuild
