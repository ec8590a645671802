#pragma once

#include <string>

#include "core/news.hpp"

namespace sagebuild {

/// `sagebuild matrix watch --json`: `found`, `lines`, `pin`, `by_hand`.
std::string render_news_json(const News& news);

}  // namespace sagebuild
