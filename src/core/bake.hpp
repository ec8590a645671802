#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// A variable of docker-bake.hcl; the environment variable of its name replaces the value, an empty one counts as unset.
struct BakeVariable {
    std::string name;
    std::string value;    ///< empty: unset
    std::string comment;  ///< one line
};

/// The value of a build argument.
struct BakeValue {
    enum class Kind {
        text,      ///< `text`
        variable,  ///< of `variable`; unset: the Dockerfile's own default
        either,    ///< of `variable`, `text` while that is unset
        image,     ///< `variable:text`, a repository and a tag
        archs,     ///< the arch list of `variable`; TORCH_CUDA_ARCH_LIST replaces every list that is not replaced itself
    };
    Kind kind = Kind::text;
    std::string variable = {};
    std::string text = {};
};

/// One target of docker-bake.hcl. Names with a leading `_` are what others inherit.
struct BakeTarget {
    std::string name;
    std::string inherits = {};
    std::string context = {};
    std::string dockerfile = {};
    std::map<std::string, BakeValue> args = {};
    std::string cache_from = {};  ///< scope of the gha cache
    std::string cache_to = {};    ///< likewise
    std::string stage = {};
    std::string platform = {};
    std::map<std::string, std::string> output = {};
};

struct BakeGroup {
    std::string name;
    std::vector<std::string> targets;
};

/// docker-bake.hcl.
struct BakeFile {
    std::vector<BakeVariable> variables;
    std::vector<BakeTarget> targets;  ///< inherited ones before their heirs
    std::vector<BakeGroup> groups;    ///< by name

    const BakeTarget* find(std::string_view name) const;
    const BakeVariable* find_variable(std::string_view name) const;
    /// The target with all that it inherits.
    BakeTarget with_inherited(const BakeTarget& target) const;
};

/// `TORCH_CUDA_ARCH_LIST` of the list `standard`, `TORCH_CUDA_ARCH_LIST_EXTENDED` of `extended`.
std::string arch_list_variable(const std::string& list);

/// Path of a package's Dockerfile below the project root.
std::string dockerfile_path(const PackageMatrix& package);

/// What the stages `device-nvcc` and `device-nvrtc` compile, below the project root.
std::string device_plan_path(const std::string& package, const Version& cuda);
std::string toolchain_requirements_path(const Version& cuda);

/// The bake file of all targets whose package has kernels. Error SB0305.
Result<BakeFile> make_bake_file(const TargetSet& targets, const Matrix& matrix, const Compat& compat);

}  // namespace sagebuild
