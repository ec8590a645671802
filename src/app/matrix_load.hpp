#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// The matrix of a run and all that it means.
struct LoadedMatrix {
    std::string directory;     ///< holds the YAML files, e.g. `matrix`; relative to the working directory unless it was given otherwise
    std::string project_root;  ///< its parent, absolute: sources of the packages are relative to it
    Matrix matrix;
    Compat compat;
    TargetSet targets;
};

/// Where the matrix is: `option` (`--matrix`), else SAGEBUILD_MATRIX, else `matrix/` in the working directory or above it. Code SB0201.
Result<std::string> find_matrix_directory(const Edges& edges, const std::string& option);

/// Bytes by path that stand for what the files hold.
using EditedFiles = std::map<std::string, std::string>;

/// Finds, reads and expands the whole matrix. Every problem of every file is reported at once. `edited`: what it would be with these files.
Result<LoadedMatrix> load_matrix(const Edges& edges, const std::string& option, const EditedFiles& edited = {});

/// The same for some files only, read together. Compatibility data: `compat/` beside the first of them, else that of the matrix that
/// is found, else the copy inside the tool.
Result<LoadedMatrix> load_matrix_files(const Edges& edges, const std::string& option, const std::vector<std::string>& files);

/// The compatibility data of the matrix that is found, or the copy inside the tool where there is none. A matrix that `option` or
/// SAGEBUILD_MATRIX names must be there.
Result<Compat> load_compat_of(const Edges& edges, const std::string& option);

}  // namespace sagebuild
