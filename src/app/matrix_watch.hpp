#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/news.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Asks the package index (PIP_INDEX_URL, else PyPI) for torch and cuda-toolkit, and torch's own index of each CUDA minor for torch. A page
/// that an index does not have (403, 404) lists nothing; each other failure ends the look. Code SB0330, and those of HTTP and index pages.
Result<IndexListing> load_index_listing(const Compat& compat, const Edges& edges);

/// A file of the matrix with its new lines.
struct WatchEdit {
    std::string path;
    std::string bytes;
    std::vector<std::string> added;  ///< the lines as they stand in the file's block, without indentation of rows
};

/// Where the lines go. Fails with SB0331 where a file has no place for one, and with SB0332 where the matrix would not hold any more.
Result<std::vector<WatchEdit>> edit_matrix(const News& news, const LoadedMatrix& loaded, const Edges& edges, const std::string& option);

}  // namespace sagebuild
