#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

/// What a name in the matrix is used for, which decides the characters it may hold.
enum class NameKind {
    distribution,  ///< PEP 508: letters, digits, `.`, `_`, `-`; begins and ends with a letter or digit
    module,        ///< a Python identifier that is no keyword
    bake,          ///< a bake target or a part of one: letters, digits, `_`, `-`
    unit,          ///< part of file names and symbols: letters, digits, `_`
    library,       ///< file name of a shared library: letters, digits, `.`, `_`, `-`; ends in `.so`
    platform,      ///< a wheel platform tag without its CPU: `linux`, `manylinux_2_17`, `manylinux2014` (PEP 513, 571, 599, 600)
};

/// Why `name` is not legal as a `kind`, nothing if it is: a sentence's end such as `holds ` + a character.
std::optional<std::string> find_name_fault(std::string_view name, NameKind kind);

/// What a `kind` may hold, for hints.
std::string_view name_rule(NameKind kind);

/// Why `path` is not a relative path that stays below the directory it starts from, nothing if it is.
std::optional<std::string> find_path_fault(std::string_view path);

/// Whether `requirement` has the only form that the matrix knows, `>=3.9`.
bool is_minimum(std::string_view requirement);

}  // namespace sagebuild
