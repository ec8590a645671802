#include "support/seeded_random.hpp"

#include "support/seed.hpp"

namespace sagebuild::test {

SeededRandom::SeededRandom() : m_engine(testing::seed()) {}

std::size_t SeededRandom::below(std::size_t count) {
    return static_cast<std::size_t>(m_engine() % count);  // the standard distributions differ between libraries
}

int SeededRandom::between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
}

std::string SeededRandom::text(std::string_view alphabet, std::size_t length) {
    std::string out;
    for (std::size_t index = 0; index < length; ++index) out += alphabet[below(alphabet.size())];
    return out;
}

std::string SeededRandom::bytes(std::size_t length) {
    std::string out;
    for (std::size_t index = 0; index < length; ++index) out += static_cast<char>(below(256));
    return out;
}

}  // namespace sagebuild::test
