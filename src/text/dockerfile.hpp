#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/bake.hpp"
#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// A package's Dockerfile from its template, in which `@NAME@` stands for what follows from the matrix. The defaults of the arguments are
/// those of `example`. Error SB0307 points at a name that is none.
Result<std::string> render_dockerfile(std::string_view text, const std::string& template_path, const PackageMatrix& package,
                                      const Target& example, const BakeFile& bake, const Compat& compat);

}  // namespace sagebuild
