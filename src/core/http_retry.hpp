#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace sagebuild {

/// What an answer says about trying again.
struct RetrySigns {
    int status = 0;           ///< 0: no answer came
    std::string retry_after;  ///< headers as they were sent
    std::string rate_limit_remaining;
    std::string rate_limit_reset;
    std::string message;  ///< of the body
};

enum class RetryCause { none, server, rate_limit, secondary_rate_limit };

struct RetryTimes {
    double base_seconds = 1;
    double now = 0;       ///< seconds since 1970
    double fraction = 0;  ///< jitter, from 0 to 1
};

/// Whether an answer passes by: 5xx, 429, and 403 with the signs of a limit (GitHub, «Rate limits for the REST API»).
RetryCause find_retry_cause(const RetrySigns& signs);

/// Seconds to wait before attempt `attempt` + 1 (the first is 1): what the server says, else doubled each time, of which jitter takes up to
/// half. A secondary limit without a time costs a minute at the usual base of a second, as GitHub asks for.
double retry_delay(const RetrySigns& signs, int attempt, const RetryTimes& times);

/// How many requests that create content a server takes. 0: any number.
struct RequestBudget {
    int per_minute = 80;
    int per_hour = 500;
};

/// Seconds from the first to the last of `count` requests that keep to the budget and cost no time themselves.
double paced_seconds(std::size_t count, const RequestBudget& budget);

/// Keeps a run of requests within a budget: at most so many in each minute and each hour.
class RequestPace {
  public:
    explicit RequestPace(RequestBudget budget) : m_budget(budget) {}
    /// The earliest time, `now` or later, at which the next request may go; it is taken to go then.
    double take(double now);

  private:
    RequestBudget m_budget;
    std::deque<double> m_taken;  ///< of the last hour, ascending
};

}  // namespace sagebuild
