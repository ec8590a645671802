#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What an index lists of one torch minor. Pre-releases and wheels of other projects do not count.
struct ListedTorch {
    Version release;                             ///< the newest, `2.16.0`
    std::vector<Version> pythons;                ///< for Linux on x86-64, ascending
    std::vector<Version> pythons_free_threaded;  ///< `3.14` for `3.14t`
    std::string platform;                        ///< of the wheels for Linux on x86-64: `manylinux_2_28`
    bool linux_x86_64 = false;
    bool linux_aarch64 = false;
    bool windows = false;
};

/// By torch minor, from wheel names; names that are not understood are passed over, because an index holds what it likes.
std::map<Version, ListedTorch> read_listed_torch(const std::vector<std::string>& names);

/// The newest release of each CUDA minor from wheel names of `cuda-toolkit`, NVIDIA's distribution that is numbered as CUDA is.
std::map<Version, Version> read_listed_cuda(const std::vector<std::string>& names);

/// What package indexes hold.
struct IndexListing {
    std::map<Version, ListedTorch> pypi;                        ///< by torch minor
    std::map<Version, std::map<Version, ListedTorch>> by_cuda;  ///< torch's own indexes, by CUDA minor
    std::map<Version, Version> cuda;                            ///< newest release by CUDA minor
};

/// A whole line, or several, for a file of the matrix.
struct NewLine {
    enum class Place { torch, variant, row };
    Place place = Place::row;
    std::string file;  ///< of a row: the package's
    Version torch;     ///< minor
    Version cuda;      ///< minor; of a torch release empty
    std::string text;  ///< without indentation of a row, with that of the project's files otherwise

    bool operator==(const NewLine&) const = default;
};

struct News {
    std::vector<std::string> found;    ///< what is new, one sentence each
    std::vector<NewLine> lines;        ///< torch releases, variants, rows
    std::vector<Version> to_pin;       ///< CUDA releases without a pinned toolchain that a row waits for
    std::vector<std::string> by_hand;  ///< what no line settles, and how it is
};

/// CUDA minors whose index may list a new torch: from the oldest that the newest known torch ships for. An older one does not come back.
std::vector<Version> watched_cudas(const Compat& compat, const std::map<Version, Version>& listed);

/// What the indexes hold and the compatibility data does not know: new torch minors, known ones for another CUDA, CUDA minors. Each new
/// pair of torch and CUDA is a row of each package that has kernels, takes both, and whose toolchain is pinned.
News find_news(const IndexListing& listing, const Matrix& matrix, const Compat& compat);

}  // namespace sagebuild
