#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/diagnostic.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// A value and where the YAML states it; the excerpt makes errors found later point at the source.
template <typename Value>
struct Located {
    Value value;
    Place place;
    std::string line;  ///< the whole source line
    int width = 1;     ///< bytes of the value in that line
};

/// What happens to an arch that the row's toolkit can neither compile nor cover.
enum class UncompilablePolicy { drop, error, ptx };

/// Whose toolkit makes a row's images: its own, or the newest of its CUDA major (images depend on the driver, not on torch's CUDA).
enum class ImagesPolicy { row, newest };

/// One device translation unit with the archs that it is written for.
struct KernelUnit {
    Located<std::string> name;
    Located<std::string> source;  ///< relative to the package's root
    std::vector<Located<Arch>> archs;
};

/// One `rows:` entry: a (torch, CUDA) pair for several Pythons.
struct Row {
    Place place;
    Located<Version> torch;                ///< `2.8.0`
    Located<Version> cuda;                 ///< `12.9.1`
    std::vector<Located<Version>> python;  ///< `3.10`, ...
    Located<std::string> archs;            ///< name of an arch list
};

/// One `universal:` entry: a wheel for every torch and Python from a minimum on.
struct UniversalRow {
    Place place;
    Located<Version> cuda;
    Located<std::string> cpu;                     ///< `x86_64`
    std::vector<Located<std::string>> platforms;  ///< `manylinux_2_17`, `manylinux2014`
    Located<std::string> archs;
};

/// One group definition. `name` may hold `{torch}` or `{python}`: then one group per value, named by joined digits.
struct GroupRule {
    Located<std::string> name;
    std::vector<Located<std::string>> select;    ///< selectors, see selector.hpp; empty: all rows of the package
    std::vector<Located<std::string>> include;   ///< other groups
    std::optional<Located<std::string>> newest;  ///< `python`: keep the newest of it ...
    std::optional<Located<std::string>> per;     ///< `torch`: ... for each value of this
};

/// `matrix/<package>.yaml`.
struct PackageMatrix {
    std::string file;
    Located<std::string> name;        ///< distribution name, `sageattention`
    Located<Version> version;         ///< `2.2.0`
    Located<std::string> module;      ///< import name
    Located<std::string> short_name;  ///< `sage2`, part of target names
    std::string summary;
    std::string license;
    Located<std::string> requires_python;   ///< `>=3.9`
    Located<std::string> requires_torch;    ///< `>=2.6`
    Located<std::string> requires_cuda;     ///< `>=12.0`
    Located<std::string> root;              ///< directory of the sources, relative to the project root
    std::vector<std::string> include;       ///< device include directories below root
    std::vector<std::string> host_sources;  ///< C sources of the host library below root
    std::string python_dir;                 ///< directory of the Python package below root
    std::string library;                    ///< file name of the host library in the Python package, `_native.so`
    std::string dockerfile;                 ///< rendered for `sagebuild bake`, relative to the project root; empty: see dockerfile_path()
    std::vector<KernelUnit> units;          ///< empty: listed, not buildable yet
    std::map<std::string, std::vector<Located<Arch>>> arch_lists;
    UncompilablePolicy uncompilable = UncompilablePolicy::drop;
    ImagesPolicy images = ImagesPolicy::row;
    std::vector<Row> rows;
    std::vector<UniversalRow> universal;
    std::vector<GroupRule> groups;
};

struct Matrix {
    std::vector<PackageMatrix> packages;  ///< by file name
};

}  // namespace sagebuild
