#pragma once

#include <string>
#include <vector>

#include "core/recipe.hpp"
#include "core/target.hpp"
#include "text/zip.hpp"

namespace sagebuild::test {

/// The bytes of a file below tests/data/wheel.
std::string wheel_data(const std::string& name);

/// A row of the package `sageattention` whose units are those of tests/data/wheel/native.so.
Target example_row();

/// The universal target over the same library.
Target example_universal();

/// A recipe for `target` whose files lie in `directory`, which gets them.
WheelRecipe example_recipe(const Target& target, const std::string& directory);

/// A wheel as its parts, to be changed by a test and packed again.
struct ExampleWheel {
    Target target;
    std::string file_name;
    std::vector<ZipEntry> entries;

    std::string& file(const std::string& path);
    std::string& info(const std::string& name) { return file("sageattention-2.2.0.dist-info/" + name); }
    void remove(const std::string& path);
    /// Replaces the one occurrence of `from` in a file; a missing one is a broken test and throws.
    void replace(const std::string& path, const std::string& from, const std::string& to);
    /// Writes RECORD anew for the entries as they are.
    void refresh_record();
    std::string pack() const;
};

/// What the wheel step makes of `example_recipe(target)`.
ExampleWheel make_example_wheel(const Target& target);

}  // namespace sagebuild::test
