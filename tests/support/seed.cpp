#include "support/seed.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace sagebuild::testing {

std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* given = std::getenv("SAGEBUILD_SEED");
        const std::uint64_t chosen = given != nullptr ? std::stoull(given) : std::random_device()();
        std::cout << "SAGEBUILD_SEED=" << chosen << "\n";
        return chosen;
    }();
    return value;
}

}  // namespace sagebuild::testing
