#include "support/hostile_yaml.hpp"

#include <functional>

namespace sagebuild::test {

namespace {

std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t index = 0; index < count; ++index) out += text;
    return out;
}

/// `count` lines of what `line` makes of their number.
std::string lines(std::size_t count, const std::function<std::string(std::size_t)>& line) {
    std::string out;
    for (std::size_t index = 0; index < count; ++index) out += line(index) + "\n";
    return out;
}

/// Breaks a flow collection into lines, so that the line limit is not what answers.
std::string wrapped(std::string_view unit, std::size_t count) {
    return lines(count / 100, [&](std::size_t) { return repeat(unit, 100); });
}

/// Nine levels of ten aliases each stand for a billion values («billion laughs»).
std::string alias_bomb() {
    std::string out = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int level = 1; level < 10; ++level) {
        const std::string name = "a" + std::to_string(level);
        const std::string below = "*a" + std::to_string(level - 1);
        out += name + ": &" + name + " [" + below + repeat(", " + below, 9) + "]\n";
    }
    return out;
}

constexpr const char* too_deep = "error[SB0102]: values are nested more than 32 levels deep";
constexpr const char* too_many = "error[SB0102]: file holds more than 20000 values";

}  // namespace

std::vector<HostileYaml> hostile_yaml_files() {
    const std::size_t mebibyte = 1024 * 1024;
    return {
        {"ten_megabyte_scalar", "package: \"" + std::string(10'000'000, 'x') + "\"\n",
         "error[SB0102]: file of 10000012 bytes, at most 1048576 are taken"},
        {"ten_megabytes_of_nul", std::string(10'000'000, '\0'), "error[SB0102]: file of 10000000 bytes, at most 1048576 are taken"},
        {"megabyte_scalar", "package: \"" + std::string(1'000'000, 'x') + "\"\n",
         "error[SB0102]: line of 1000011 bytes, at most 4096 are taken"},
        {"megabyte_scalar_in_lines", "package: >-\n" + lines(10'000, [](std::size_t) { return "  " + std::string(90, 'x'); }),
         "error[SB0102]: value of 909999 bytes, at most 4096 are taken"},
        {"nested_lists", "rows:\n" + wrapped(" [", 10'000), "error[SB0101]: not valid YAML: this bracket is not closed"},
        {"nested_lists_closed", "rows:\n" + wrapped(" [", 10'000) + wrapped(" ]", 10'000), too_deep},
        {"nested_mappings", "rows:\n" + wrapped(" {a: ", 10'000), "error[SB0101]: not valid YAML: this bracket is not closed"},
        {"nested_block_lists", "rows:\n  " + repeat("- ", 2'000) + "x\n", too_deep},
        {"nested_block_mappings", lines(1'000, [](std::size_t level) { return std::string(level, ' ') + "a:"; }), too_deep},
        {"nested_keys", repeat("? ", 2'000) + "x\n", "error[SB0104]: a key must be a text"},
        {"alias_bomb", alias_bomb(), "error[SB0104]: YAML anchors (`&name`) are not taken"},
        {"only_aliases", "rows:\n" + lines(50'000, [](std::size_t) { return "  - *row"; }),
         "error[SB0104]: YAML aliases (`*name`) are not taken"},
        {"many_values", "rows:\n" + lines(100'000, [](std::size_t) { return "  - []"; }), too_many},
        {"many_flow_values", "rows: [\n" + wrapped("a,", 400'000) + "]\n", too_many},
        {"many_keys", lines(60'000, [](std::size_t index) { return "key" + std::to_string(index) + ": x"; }), too_many},
        {"many_unknown_keys", lines(9'000, [](std::size_t index) { return std::string(80, 'k') + std::to_string(index) + ": x"; }),
         "error[SB0106]: unknown key `" + std::string(80, 'k') + "0` in the file"},
        {"many_equal_keys", lines(9'000, [](std::size_t) { return "schema: 1"; }), "error[SB0107]: the file has no key `package`"},
        {"many_equal_keys_in_long_lines",
         lines(240, [](std::size_t) { return "rows: {" + repeat("a: b, ", 39) + "a: c}" + std::string(3'800, ' '); }),
         "error[SB0107]: the file has no key `schema`"},
        {"many_documents", repeat("---\n", 200'000), "error[SB0104]: a second YAML document begins here"},
        {"many_comments", repeat("#\n", 500'000), "error[SB0109]: the file is empty"},
        {"many_blank_lines", repeat("\n", 1'000'000), "error[SB0109]: the file is empty"},
        {"many_spaces", lines(250, [](std::size_t) { return std::string(4'000, ' '); }), "error[SB0109]: the file is empty"},
        {"many_quotes", wrapped("\"\" ", 300'000), "error[SB0104]: a second YAML document begins here"},
        {"many_dashes", wrapped("- ", 500'000), too_deep},
        {"many_question_marks", lines(500'000, [](std::size_t) { return "?"; }), "error[SB0104]: a key must be a text"},
        {"many_directives", repeat("%TAG !a! tag:x\n", 60'000), "error[SB0101]: not valid YAML: repeated TAG directive"},
        {"long_tag", "schema: !" + repeat("a", 4'000) + " 1\n",
         "error[SB0104]: YAML tags are not taken, found `!" + repeat("a", 4'000) + "`"},
        {"python_tag", "schema: !!python/object/apply:os.system [\"true\"]\n",
         "error[SB0104]: YAML tags are not taken, found `tag:yaml.org,2002:python/object/apply:os.system`"},
        {"megabyte_of_nul", std::string(mebibyte, '\0'), "error[SB0103]: file holds the control character U+0000"},
        {"megabyte_of_ff", std::string(mebibyte, '\xff'), "error[SB0103]: file is not UTF-8: byte 0xFF begins no character"},
        {"megabyte_of_continuation_bytes", std::string(mebibyte, '\x80'),
         "error[SB0103]: file is not UTF-8: byte 0x80 begins no character"},
    };
}

}  // namespace sagebuild::test
