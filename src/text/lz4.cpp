#include "text/lz4.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

class BlockReader {
  public:
    explicit BlockReader(std::string_view block) : m_block(block) {}

    bool at_end() const { return m_at == m_block.size(); }

    std::optional<std::size_t> byte() {
        if (at_end()) return std::nullopt;
        return static_cast<unsigned char>(m_block[m_at++]);
    }

    /// A length whose first four bits stand in the token: 15 means that bytes follow, until one is not 255.
    std::optional<std::size_t> length(std::size_t first) {
        if (first < 15) return first;
        std::size_t total = first;
        while (true) {
            const auto next = byte();
            if (!next) return std::nullopt;
            total += *next;
            if (*next != 255) return total;
        }
    }

    std::optional<std::string_view> take(std::size_t count) {
        if (count > m_block.size() - m_at) return std::nullopt;
        const std::string_view taken = m_block.substr(m_at, count);
        m_at += count;
        return taken;
    }

  private:
    std::string_view m_block;
    std::size_t m_at = 0;
};

}  // namespace

std::optional<std::string> unpack_lz4_prefix(std::string_view block, std::size_t limit) {
    constexpr std::size_t shortest_match = 4;
    BlockReader reader(block);
    std::string out;
    while (out.size() < limit && !reader.at_end()) {
        const auto token = reader.byte();
        const auto literals = reader.length(*token >> 4);
        if (!literals) return std::nullopt;
        const auto bytes = reader.take(*literals);
        if (!bytes) return std::nullopt;
        out += bytes->substr(0, limit - out.size());
        if (out.size() == limit || reader.at_end()) break;  // the last sequence has literals only
        const auto low = reader.byte();
        const auto high = reader.byte();
        if (!low || !high) return std::nullopt;
        const std::size_t distance = *low | (*high << 8);
        const auto match = reader.length(*token & 15);
        if (!match || distance == 0 || distance > out.size()) return std::nullopt;
        const std::size_t count = std::min(*match + shortest_match, limit - out.size());
        for (std::size_t index = 0; index < count; ++index) out += out[out.size() - distance];  // a match may overlap what it makes
    }
    return out;
}

}  // namespace sagebuild
