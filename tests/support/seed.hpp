#pragma once

#include <cstdint>

namespace sagebuild::testing {

/// The seed of property tests: SAGEBUILD_SEED if set, else random; printed once so that a failure can be repeated.
std::uint64_t seed();

}  // namespace sagebuild::testing
