#pragma once

#include <string>
#include <vector>

#include "app/github.hpp"
#include "core/release_plan.hpp"

namespace sagebuild {

struct TransferProgress {
    std::uint64_t sent_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::size_t finished = 0;
    std::size_t total = 0;
    double seconds = 0;  ///< since the first byte
};

/// Is told by one thread at a time.
class TransferObserver {
  public:
    virtual ~TransferObserver() = default;
    virtual void on_progress(const TransferProgress& progress) = 0;
};

enum class TransferOutcome { done, release_gone };

/// Sends what is not there yet, `jobs` files at a time, each in pieces. What broke off is looked up before it is sent
/// again; an asset that somebody else is just sending is waited for. In a published release the old bytes go only when the new ones are
/// complete. SB0624 other bytes of somebody else, SB0627 given up, SB0632 a file that changes.
Result<TransferOutcome> transfer_files(GitHub& github, const Release& release, const std::vector<PlannedFile>& files, int jobs,
                                       const Edges& edges, TransferObserver& observer);

}  // namespace sagebuild
