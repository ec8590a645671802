#include "app/package_choice.hpp"

#include <algorithm>

#include "core/nearest.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

Result<const PackageMatrix*> choose_package(const Matrix& matrix, const std::string& name) {
    const auto found = std::find_if(matrix.packages.begin(), matrix.packages.end(), [&](const PackageMatrix& package) {
        return name.empty() ? !package.units.empty() : package.name.value == name;
    });
    if (found != matrix.packages.end()) return &*found;
    if (name.empty()) return &matrix.packages.front();  // a matrix without files is an error of its reader
    const auto known = map_items(matrix.packages, [](const PackageMatrix& package) { return package.name.value; });
    Diagnostic error{.code = "SB0242", .what = "the matrix has no package `" + printable(name) + "`"};
    error.nearest = find_nearest(name, known);
    error.notes.push_back("packages: " + join_texts(known, ", ", [](const std::string& one) { return one; }));
    return error;
}

}  // namespace sagebuild
