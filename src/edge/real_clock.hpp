#pragma once

#include <chrono>
#include <thread>

#include "edge/clock.hpp"

namespace sagebuild {

class RealClock : public Clock {
  public:
    double monotonic_seconds() const override {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    double unix_seconds() const override {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
    void sleep(double seconds) const override { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }
};

}  // namespace sagebuild
