#include "core/http_retry.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sagebuild {

namespace {

constexpr double minute = 60;
constexpr double hour = 3600;
constexpr double longest_wait = hour + minute;  // a primary limit is renewed within the hour

std::optional<double> number_from(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<double>(value);
}

bool speaks_of_secondary_limit(const std::string& message) {
    return message.find("secondary rate limit") != std::string::npos || message.find("abuse detection") != std::string::npos;
}

}  // namespace

RetryCause find_retry_cause(const RetrySigns& signs) {
    if (signs.status >= 500) return RetryCause::server;
    if (signs.status != 429 && signs.status != 403) return RetryCause::none;
    if (signs.rate_limit_remaining == "0" && number_from(signs.rate_limit_reset)) return RetryCause::rate_limit;
    if (signs.status == 429 || number_from(signs.retry_after) || speaks_of_secondary_limit(signs.message))
        return RetryCause::secondary_rate_limit;
    return RetryCause::none;
}

double retry_delay(const RetrySigns& signs, int attempt, const RetryTimes& times) {
    const RetryCause cause = find_retry_cause(signs);
    if (const auto told = number_from(signs.retry_after)) return std::min(*told, longest_wait) + times.base_seconds * times.fraction;
    if (cause == RetryCause::rate_limit) {
        // clocks differ by a second or so
        const double left = number_from(signs.rate_limit_reset).value_or(0) - times.now + 1;
        return std::clamp(left, times.base_seconds, longest_wait) + times.base_seconds * times.fraction;
    }
    const double first = cause == RetryCause::secondary_rate_limit ? minute * times.base_seconds : times.base_seconds;
    const double whole = std::min(first * std::exp2(std::min(attempt, 12) - 1), std::max(first, minute * times.base_seconds) * 4);
    return cause == RetryCause::secondary_rate_limit ? whole + times.base_seconds * times.fraction : whole * (1 - times.fraction / 2);
}

double paced_seconds(std::size_t count, const RequestBudget& budget) {
    RequestPace pace(budget);
    double last = 0;
    for (std::size_t index = 0; index < count; ++index) last = pace.take(last);
    return last;
}

double RequestPace::take(double now) {
    const auto wait_for = [&](int most, double span) {
        const auto limit = static_cast<std::size_t>(std::max(most, 0));
        if (limit > 0 && m_taken.size() >= limit) now = std::max(now, m_taken[m_taken.size() - limit] + span);
    };
    if (!m_taken.empty()) now = std::max(now, m_taken.back());
    wait_for(m_budget.per_minute, minute);
    wait_for(m_budget.per_hour, hour);
    while (!m_taken.empty() && m_taken.front() <= now - hour) m_taken.pop_front();
    m_taken.push_back(now);
    return now;
}

}  // namespace sagebuild
