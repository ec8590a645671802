#pragma once

#include <string>

#include "app/release_plan.hpp"
#include "app/release_transfer.hpp"

namespace sagebuild {

struct UploadRequest {
    ReleaseRequest release = {};
    int jobs = 8;
    std::string notes_file = {};  ///< empty: notes are made from the wheels
    std::string target = {};      ///< branch or commit for a tag that does not exist yet
    bool prerelease = false;
};

struct UploadReport {
    Release release;
    std::size_t sent = 0;
    std::size_t kept = 0;
    std::size_t replaced = 0;
    std::uint64_t bytes = 0;     ///< that were sent
    double seconds = 0;          ///< of sending
    bool was_published = false;  ///< by this run
};

/// Is told what an upload does; by one thread at a time, but for `on_wait`.
class UploadObserver : public TransferObserver {
  public:
    virtual void on_plan(const ReleasePlan& plan) = 0;
    virtual void on_wait(const std::string& why, double seconds) = 0;
};

/// Makes a release of the wheels: a draft first, published when all files are there and were compared. It may be run again whenever it was
/// stopped, and several may run at once. SB0621 no token, SB0628 the release is not what was sent, SB0633 it vanishes again and again, and
/// the problems of the plan.
Result<UploadReport> upload_release(const UploadRequest& request, const Edges& edges, UploadObserver& observer);

}  // namespace sagebuild
