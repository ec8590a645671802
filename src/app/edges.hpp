#pragma once

#include "edge/clock.hpp"
#include "edge/environment.hpp"
#include "edge/file_system.hpp"
#include "edge/http.hpp"
#include "edge/process.hpp"

namespace sagebuild {

/// What a use case may touch; tests hand in fakes.
struct Edges {
    FileSystem& files;
    ProcessRunner& processes;
    const Environment& environment;
    const Clock& clock;
    HttpClient& http;
};

}  // namespace sagebuild
