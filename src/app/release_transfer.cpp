#include "app/release_transfer.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <mutex>

#include "text/sha256.hpp"

namespace sagebuild {

namespace {

constexpr int most_polls = 3;

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

/// Counts what all threads send.
class TransferMeter {
  public:
    TransferMeter(const std::vector<PlannedFile>& files, const Clock& clock, TransferObserver& observer)
        : m_clock(clock), m_observer(observer), m_begin(clock.monotonic_seconds()) {
        for (const PlannedFile& planned : files) {
            if (planned.action == AssetAction::keep) continue;
            m_progress.total_bytes += planned.file.size;
            ++m_progress.total;
        }
    }
    void add(std::uint64_t bytes) {
        const std::lock_guard lock(m_mutex);
        m_progress.sent_bytes += bytes;
        constexpr double between = 0.1;
        const double now = m_clock.monotonic_seconds() - m_begin;
        if (now - m_progress.seconds < between) return;
        tell(now);
    }
    void take_back(std::uint64_t bytes) {
        const std::lock_guard lock(m_mutex);
        m_progress.sent_bytes -= bytes;
    }
    void finish_file(std::uint64_t bytes_not_sent) {
        const std::lock_guard lock(m_mutex);
        m_progress.sent_bytes += bytes_not_sent;
        ++m_progress.finished;
        tell(m_clock.monotonic_seconds() - m_begin);
    }

  private:
    void tell(double now) {
        m_progress.seconds = now;
        m_observer.on_progress(m_progress);
    }

    const Clock& m_clock;
    TransferObserver& m_observer;
    std::mutex m_mutex;
    double m_begin;
    TransferProgress m_progress;
};

/// A file as the body of a request. It is not hashed on its way, which would cost a quarter of the bandwidth: the digest that the server
/// tells of what arrived is compared with that of what was verified.
class FileBody : public HttpBody {
  public:
    FileBody(const OutgoingFile& file, const FileSystem& files, TransferMeter& meter) : m_file(file), m_files(files), m_meter(meter) {}

    std::uint64_t size() const override { return m_file.size; }

    Result<std::size_t> read(char* buffer, std::size_t size) override {
        std::size_t count = 0;
        if (m_file.is_document()) {
            count = m_file.bytes.copy(buffer, size, m_sent);
        } else {
            if (m_source == nullptr) {
                SAGEBUILD_TRY(m_source, m_files.open(m_file.path));
            }
            SAGEBUILD_TRY(count, m_source->read(buffer, size));
        }
        m_sent += count;
        m_meter.add(count);
        if (m_sent > m_file.size || (count == 0 && m_sent < m_file.size)) return changed(m_file);
        return count;
    }

    Result<> rewind() override {
        take_back();
        m_source.reset();
        return Unit{};
    }

    void take_back() {
        m_meter.take_back(m_sent);
        m_sent = 0;
    }

    std::uint64_t sent() const { return m_sent; }

    static Diagnostic changed(const OutgoingFile& file) {
        return {.code = "SB0632",
                .what = "file " + quoted(file.path) + " changed while it was sent",
                .hints = {"run it again when nothing writes there any more"}};
    }

  private:
    const OutgoingFile& m_file;
    const FileSystem& m_files;
    TransferMeter& m_meter;
    std::unique_ptr<ByteSource> m_source;
    std::uint64_t m_sent = 0;
};

/// What stands under a name.
struct Standing {
    bool release_gone = false;
    std::optional<ReleaseAsset> asset = {};
};

/// Brings one file into a release.
class FileSender {
  public:
    FileSender(GitHub& github, const Release& release, const PlannedFile& planned, const FileSystem& files, TransferMeter& meter)
        : m_github(github), m_release(release), m_planned(planned), m_file(planned.file), m_files(files), m_meter(meter) {}

    Result<TransferOutcome> run() {
        if (m_planned.action == AssetAction::replace && !m_release.draft) return replace_published();
        if (m_planned.action == AssetAction::replace) SAGEBUILD_CHECK(m_github.delete_asset(m_planned.existing->id));
        const bool is_begun = m_planned.action == AssetAction::upload && m_planned.existing;
        if (m_planned.action == AssetAction::upload && m_planned.staged && is_complete(*m_planned.staged) && !is_begun)
            return unstage(m_planned.staged->id);
        SAGEBUILD_TRY(const auto sent, send(m_file.name, is_begun));
        return sent ? TransferOutcome::done : TransferOutcome::release_gone;
    }

  private:
    bool is_complete(const ReleaseAsset& asset) const {
        return asset.state == AssetState::uploaded && asset.size == m_file.size && (asset.sha256.empty() || asset.sha256 == m_file.sha256);
    }

    Result<Standing> look(const std::string& name) {
        SAGEBUILD_TRY(const auto release, m_github.find_release_by_id(m_release.id));
        if (!release) return Standing{.release_gone = true};
        for (const ReleaseAsset& asset : release->assets) {
            if (asset.name == name) return Standing{.asset = asset};
        }
        return Standing{};
    }

    /// Looks what stands under a name; what is incomplete is removed, after some time if it may be another upload under way.
    Result<Standing> settle(const std::string& name, bool may_be_under_way) {
        for (int poll = 1;; ++poll) {
            SAGEBUILD_TRY(Standing standing, look(name));
            if (!standing.asset) return standing;
            if (standing.asset->state == AssetState::uploaded) {
                if (is_complete(*standing.asset)) return standing;
                return Diagnostic{.code = "SB0624",
                                  .what = "release " + quoted(m_release.tag) + " got " + quoted(name) +
                                          " with other bytes from somebody else meanwhile, and it is not overwritten",
                                  .hints = {"`sagebuild release plan` shows both"}};
            }
            if (!may_be_under_way || poll > most_polls) {
                SAGEBUILD_CHECK(m_github.delete_asset(standing.asset->id));
                return Standing{};
            }
            m_github.wait("another upload of " + quoted(name) + " may be under way",
                          m_github.patience().base_seconds * std::exp2(poll - 1));
        }
    }

    /// The complete asset; empty: the release is gone.
    Result<std::optional<ReleaseAsset>> send(const std::string& name, bool is_begun) {
        if (is_begun) {
            SAGEBUILD_TRY(Standing standing, settle(name, true));
            if (standing.release_gone) return std::optional<ReleaseAsset>();
            if (standing.asset) return finished(*standing.asset, 0);
        }
        for (int attempt = 1;; ++attempt) {
            FileBody body(m_file, m_files, m_meter);
            using Attempt = CreationAttempt<ReleaseAsset>;
            SAGEBUILD_TRY(Attempt made, m_github.upload_asset(m_release, name, body, "application/octet-stream"));
            if (made.obstacle == Attempt::Obstacle::gone) return std::optional<ReleaseAsset>();
            const std::uint64_t sent = body.sent();
            if (made.value && is_complete(*made.value)) return finished(*made.value, sent);
            m_meter.take_back(sent);
            if (made.value) {
                SAGEBUILD_CHECK(m_github.delete_asset(made.value->id));
                SAGEBUILD_TRY(const bool has_changed, is_changed());
                if (has_changed) return FileBody::changed(m_file);
                made.errors = {{.code = "SB0628", .what = "file " + quoted(name) + " arrived with other bytes than it was sent with"}};
            } else {
                SAGEBUILD_TRY(Standing standing, settle(name, made.obstacle == Attempt::Obstacle::name_taken));
                if (standing.release_gone) return std::optional<ReleaseAsset>();
                if (standing.asset) return finished(*standing.asset, 0);
            }
            if (attempt == m_github.patience().attempts) return given_up(name, made.errors);
            m_github.wait(made.errors.front().what,
                          std::max(made.retry_seconds, retry_delay({}, attempt, {.base_seconds = m_github.patience().base_seconds})));
        }
    }

    /// Whether the file is no longer what was verified.
    Result<bool> is_changed() const {
        if (m_file.is_document()) return false;
        SAGEBUILD_TRY(const std::unique_ptr<ByteSource> source, m_files.open(m_file.path));
        Sha256 hash;
        std::string block(std::size_t{1} << 18, '\0');
        while (true) {
            SAGEBUILD_TRY(const std::size_t count, source->read(block.data(), block.size()));
            if (count == 0) return hash.finish_hex() != m_file.sha256;
            hash.update({block.data(), count});
        }
    }

    std::optional<ReleaseAsset> finished(ReleaseAsset asset, std::uint64_t sent) {
        m_meter.finish_file(m_file.size - sent);
        return asset;
    }

    Diagnostic given_up(const std::string& name, const Diagnostics& errors) const {
        Diagnostic error = {
            .code = "SB0627",
            .what = "file " + quoted(name) + " is given up after " + std::to_string(m_github.patience().attempts) + " attempts",
            .hints = {"run it again later: what is done already is not done again"}};
        for (const Diagnostic& each : errors) {
            error.causes.push_back(each.what);
            error.causes.insert(error.causes.end(), each.causes.begin(), each.causes.end());
        }
        return error;
    }

    /// A public file is missing only between two short requests.
    Result<TransferOutcome> replace_published() {
        std::optional<ReleaseAsset> staged = m_planned.staged;
        if (staged && !is_complete(*staged)) {
            SAGEBUILD_CHECK(m_github.delete_asset(staged->id));
            staged.reset();
        }
        if (staged) {
            m_meter.finish_file(m_file.size);
        } else {
            SAGEBUILD_TRY(staged, send(staged_name(m_file.name), false));
        }
        if (!staged) return TransferOutcome::release_gone;
        SAGEBUILD_CHECK(m_github.delete_asset(m_planned.existing->id));
        SAGEBUILD_CHECK(m_github.rename_asset(staged->id, m_file.name));
        return TransferOutcome::done;
    }

    Result<TransferOutcome> unstage(std::uint64_t id) {
        SAGEBUILD_CHECK(m_github.rename_asset(id, m_file.name));
        m_meter.finish_file(m_file.size);
        return TransferOutcome::done;
    }

    GitHub& m_github;
    const Release& m_release;
    const PlannedFile& m_planned;
    const OutgoingFile& m_file;
    const FileSystem& m_files;
    TransferMeter& m_meter;
};

}  // namespace

Result<TransferOutcome> transfer_files(GitHub& github, const Release& release, const std::vector<PlannedFile>& files, int jobs,
                                       const Edges& edges, TransferObserver& observer) {
    TransferMeter meter(files, edges.clock, observer);
    std::vector<const PlannedFile*> queue;
    for (const bool documents : {false, true}) {  // documents last: what they speak of is there
        for (const PlannedFile& planned : files) {
            if (planned.action != AssetAction::keep && planned.file.is_document() == documents) queue.push_back(&planned);
        }
    }
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> stopped = false;
    std::atomic<bool> is_gone = false;
    std::mutex mutex;
    Diagnostics problems;
    const auto work = [&] {
        while (!stopped) {
            const std::size_t index = next++;
            if (index >= queue.size()) return;
            auto sent = FileSender(github, release, *queue[index], edges.files, meter).run();
            if (sent && *sent == TransferOutcome::done) continue;
            stopped = true;
            const std::lock_guard lock(mutex);
            if (sent) {
                is_gone = true;
            } else {
                for (Diagnostic& problem : std::move(sent).errors()) problems.push_back(std::move(problem));
            }
        }
    };
    std::vector<std::future<void>> threads;
    for (std::size_t thread = 1; thread < std::min(queue.size(), static_cast<std::size_t>(std::max(jobs, 1))); ++thread)
        threads.push_back(std::async(std::launch::async, work));
    work();
    for (std::future<void>& thread : threads) thread.get();
    if (!problems.empty()) return problems;
    return is_gone ? TransferOutcome::release_gone : TransferOutcome::done;
}

}  // namespace sagebuild
