#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/arch.hpp"
#include "core/diagnostic.hpp"
#include "core/matrix.hpp"
#include "core/version.hpp"
#include "text/yaml_document.hpp"

namespace sagebuild {

/// Whether a mapping must have a key.
enum class Presence { required, optional };

class YamlReader;

/// One key of a mapping that becomes an `Object`: the tables of these are the description of the file format.
template <typename Object>
struct YamlField {
    std::string_view key;
    Presence presence;
    void (*read)(YamlReader& reader, const YamlNode& value, Object& object);
};

/// Reads values of one document and collects every problem instead of stopping at the first.
class YamlReader {
  public:
    explicit YamlReader(const YamlDocument& document) : m_document(document) {}

    /// Adds a problem at `node`; the reference is good until the next one is added.
    Diagnostic& add(std::string code, std::string what, const YamlNode& node);

    /// All problems in file order, the repeated keys among them. Past the first hundred only their number is told.
    Diagnostics finish() const;

    /// Whether `node` is a mapping, a list, a text; if not, the problem is added. `subject` is what the value is for, such as `rows`.
    bool is_mapping(const YamlNode& node, std::string_view subject);
    bool is_list(const YamlNode& node, std::string_view subject, bool may_be_empty);
    bool is_text(const YamlNode& node, std::string_view subject);

    /// Reads the keys of a mapping by its table: unknown and missing keys are problems. False if it is no mapping.
    template <typename Object>
    bool read_mapping(const YamlNode& node, std::string_view subject, std::span<const YamlField<Object>> fields, Object& object) {
        if (!is_mapping(node, subject)) return false;
        std::vector<std::string> known;
        for (const YamlField<Object>& field : fields) known.emplace_back(field.key);
        check_keys(node, subject, known);
        for (const YamlField<Object>& field : fields) {
            if (const YamlNode* value = find(node, field.key)) {
                field.read(*this, *value, object);
            } else if (field.presence == Presence::required) {
                add_missing(node, subject, field.key);
            }
        }
        return true;
    }

    /// The key `schema` of every file: the version of the file format.
    void check_schema(const YamlNode& node);

    void add_missing(const YamlNode& node, std::string_view subject, std::string_view key);
    void add_unknown(const YamlNode& node, std::string_view kind, const std::vector<std::string>& known);

    /// The value of `key` in a mapping, null if there is none.
    static const YamlNode* find(const YamlNode& mapping, std::string_view key);

    template <typename Value>
    Located<Value> locate(const YamlNode& node, Value value) const {
        return {std::move(value), m_document.place_of(node), m_document.line_of(node.line), node.width};
    }
    Place place_of(const YamlNode& node) const { return m_document.place_of(node); }

    std::optional<std::string> read_text(const YamlNode& node, std::string_view subject);
    /// A text that must be one of `words`; anything else is answered with the nearest of them.
    std::optional<std::string> read_word(const YamlNode& node, std::string_view subject, const std::vector<std::string>& words);
    std::optional<bool> read_bool(const YamlNode& node, std::string_view subject);
    /// A version of `low` to `high` parts; `example` shows what is meant where the text gives no better hint.
    std::optional<Version> read_version(const YamlNode& node, std::string_view subject, std::size_t low, std::size_t high,
                                        std::string_view example);
    std::optional<Arch> read_arch(const YamlNode& node, std::string_view subject);

    /// Reads each item of a list; false if it is no list.
    template <typename ReadItem>
    bool read_list(const YamlNode& node, std::string_view subject, bool may_be_empty, ReadItem read_item) {
        if (!is_list(node, subject, may_be_empty)) return false;
        for (const YamlNode& item : node.items) read_item(item);
        return true;
    }

  private:
    void check_keys(const YamlNode& node, std::string_view subject, const std::vector<std::string>& known);
    std::vector<std::string> nearest_of(std::string_view word, const std::vector<std::string>& known) const;
    void add_wrong_type(const YamlNode& node, std::string_view subject, std::string_view wanted, std::string hint);

    std::string source_of(const YamlNode& node) const;

    const YamlDocument& m_document;
    Diagnostics m_problems;
};

/// Finds values that stand twice in one list.
template <typename Key>
class SeenOnce {
  public:
    /// Adds a problem and returns false if `key` was there before.
    bool insert(YamlReader& reader, const YamlNode& node, const Key& key, const std::string& what) {
        const auto [known, is_new] = m_seen.emplace(key, node.line);
        if (is_new) return true;
        Diagnostic& problem = reader.add("SB0207", what, node);
        if (known->second != node.line) problem.excerpt->label = "first in line " + std::to_string(known->second);
        problem.hints.emplace_back("keep one of them");
        return false;
    }

  private:
    std::map<Key, int> m_seen;
};

/// `a`, `b`, `c`.
std::string all_of(const std::vector<std::string>& words);

/// `a`, `b` or `c`.
std::string any_of(const std::vector<std::string>& words);

}  // namespace sagebuild
