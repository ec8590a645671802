#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild::test {

/// A generator for property tests, started from `seed()`.
class SeededRandom {
  public:
    SeededRandom();

    /// A number from 0 to `count` - 1.
    std::size_t below(std::size_t count);
    /// A number from `low` to `high`, both included.
    int between(int low, int high);
    bool chance(int percent) { return between(1, 100) <= percent; }
    /// `length` characters of `alphabet`.
    std::string text(std::string_view alphabet, std::size_t length);
    /// `length` arbitrary bytes.
    std::string bytes(std::size_t length);

    template <typename Item>
    const Item& pick(const std::vector<Item>& items) {
        return items[below(items.size())];
    }

  private:
    std::mt19937_64 m_engine;
};

}  // namespace sagebuild::test
