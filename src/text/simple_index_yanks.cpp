#include "text/simple_index_yanks.hpp"

#include "text/yaml_reader.hpp"

namespace sagebuild {

Result<std::vector<Yank>> parse_yanks(std::string_view text, const std::string& file) {
    SAGEBUILD_TRY(const YamlDocument document, parse_yaml(text, file));
    YamlReader reader(document);
    std::vector<Yank> yanks;
    if (reader.is_mapping(document.root, "a list of withdrawn wheels")) {
        for (const YamlEntry& entry : document.root.entries) {
            if (const auto reason = reader.read_text(entry.value, "the reason")) {
                yanks.push_back({reader.locate(entry.key, entry.key.text), *reason});
            }
        }
    }
    if (Diagnostics problems = reader.finish(); !problems.empty()) return problems;
    return yanks;
}

}  // namespace sagebuild
