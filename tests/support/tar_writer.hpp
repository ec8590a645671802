#pragma once

#include <string>
#include <vector>

namespace sagebuild::testing {

/// One entry of an archive that a test makes up: a file, a directory (path ends in `/`), or a link (`@target` symbolic, `=target` hard).
struct TarItem {
    std::string path;
    std::string content = {};
};

enum class TarPacking { plain, gzip, zstd };

std::string write_tar(const std::vector<TarItem>& items, TarPacking packing = TarPacking::plain);

}  // namespace sagebuild::testing
