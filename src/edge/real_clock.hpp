#pragma once

#include <chrono>

#include "edge/clock.hpp"

namespace sagebuild {

class RealClock : public Clock {
  public:
    double monotonic_seconds() const override {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
};

}  // namespace sagebuild
