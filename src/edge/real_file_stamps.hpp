#pragma once

#include "edge/file_stamps.hpp"

namespace sagebuild {

/// The machine's files.
class RealFileStamps : public FileStamps {
  public:
    std::optional<FileStamp> find(const std::string& path) const override;
};

}  // namespace sagebuild
