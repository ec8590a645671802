#pragma once

namespace sagebuild {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Seconds since an arbitrary start; never goes back.
    virtual double monotonic_seconds() const = 0;
    /// Seconds since 1970.
    virtual double unix_seconds() const = 0;
    /// Lets the calling thread wait.
    virtual void sleep(double seconds) const = 0;
};

}  // namespace sagebuild
