#pragma once

namespace sagebuild {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Seconds since an arbitrary start; never goes back.
    virtual double monotonic_seconds() const = 0;
};

}  // namespace sagebuild
