#pragma once

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// What the matrix means: every target with its archs, wheel name and groups. All problems of all packages at once, by file and line.
Result<TargetSet> expand_matrix(const Matrix& matrix, const Compat& compat);

/// The release whose toolkit makes the images of a row of `cuda`: its own, or (policy `newest`) the newest one of its major for which
/// a toolchain is pinned, if any is.
Version choose_images_cuda(const Version& cuda, ImagesPolicy policy, const Compat& compat);

}  // namespace sagebuild
