#include "text/news_json.hpp"

#include <nlohmann/json.hpp>

#include "core/text_list.hpp"

namespace sagebuild {

std::string render_news_json(const News& news) {
    using Json = nlohmann::ordered_json;
    Json lines = Json::array();
    for (const NewLine& line : news.lines) {
        const bool is_row = line.place == NewLine::Place::row;
        lines.push_back({{"kind", is_row                                ? "row"
                                  : line.place == NewLine::Place::torch ? "torch"
                                                                        : "variant"},
                         {"file", is_row ? Json(line.file) : Json(nullptr)},
                         {"torch", line.torch.to_string()},
                         {"cuda", line.place == NewLine::Place::torch ? Json(nullptr) : Json(line.cuda.to_string())},
                         {"text", line.text}});
    }
    const Json root = {{"schema", 1},
                       {"found", news.found},
                       {"lines", std::move(lines)},
                       {"pin", map_items(news.to_pin, [](const Version& release) { return release.to_string(); })},
                       {"by_hand", news.by_hand}};
    return root.dump(2) + "\n";
}

}  // namespace sagebuild
