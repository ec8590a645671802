#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/version.hpp"
#include "core/wheel_candidate.hpp"
#include "text/json_document.hpp"

namespace sagebuild {

/// Reads the members of a JSON object by their types and collects all faults. A member that is absent or null is empty.
class JsonFields {
  public:
    JsonFields(const JsonNode& object, const JsonSource& source, Diagnostics& faults)
        : m_object(object), m_source(source), m_faults(faults) {}

    std::optional<std::string> text(std::string_view key);
    std::optional<bool> boolean(std::string_view key);
    /// A number of bytes.
    std::optional<std::uint64_t> size(std::string_view key);
    std::optional<Version> version(std::string_view key, std::string_view example);
    std::optional<std::vector<CandidateImage>> images(std::string_view key);
    /// Capabilities without suffix or PTX.
    std::optional<std::vector<Arch>> archs(std::string_view key);

    /// Adds a fault at the member, or at the object if it has none.
    void add(std::string_view key, std::string what, std::vector<std::string> hints = {});

    /// Warns of each key that was never asked for.
    void warn_of_unknown(const std::vector<std::string>& known, Diagnostics& warnings) const;

  private:
    const JsonNode* member(std::string_view key, JsonNode::Kind kind, std::string_view wanted);

    const JsonNode& m_object;
    const JsonSource& m_source;
    Diagnostics& m_faults;
};

}  // namespace sagebuild
