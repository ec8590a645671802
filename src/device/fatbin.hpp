#pragma once

#include "device/arguments.hpp"

namespace sagebuild::device {

/// Packs the images in ascending order of arch, cubins first, and writes the output.
void make_fatbin(const FatbinRequest& request);

}  // namespace sagebuild::device
