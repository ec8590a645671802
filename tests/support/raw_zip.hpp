#pragma once

#include <string>

namespace sagebuild::test {

/// Changes to the bytes of an archive that no writer would make. Each changes the entry named `path` in the central directory and, where it
/// has the field, in the local header; a missing entry throws.

/// The new name has the length of the old one.
std::string renamed(std::string archive, const std::string& path, const std::string& to);
std::string with_wrong_checksum(std::string archive, const std::string& path);
std::string with_encryption_flag(std::string archive, const std::string& path);
/// A Unix mode with its file type, `0120777`.
std::string with_mode(std::string archive, const std::string& path, unsigned mode);

}  // namespace sagebuild::test
