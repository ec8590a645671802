#include "core/bake.hpp"

#include <algorithm>
#include <set>

#include "core/cuda_image.hpp"
#include "core/error_at.hpp"
#include "core/target_name.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

const char* const base_name = "_base";

std::string joined_archs(const std::vector<Located<Arch>>& list) {
    return join_texts(list, " ", [](const Located<Arch>& arch) { return arch.value.to_string(); });
}

/// `12-9-1`: bake names hold no dots.
std::string dashed(const Version& version) {
    std::string text = version.to_string();
    std::replace(text.begin(), text.end(), '.', '-');
    return text;
}

BakeValue text_value(std::string text) {
    return {.kind = BakeValue::Kind::text, .text = std::move(text)};
}

class BakeMaker {
  public:
    BakeMaker(const TargetSet& targets, const Matrix& matrix, const Compat& compat)
        : m_targets(targets), m_matrix(matrix), m_compat(compat) {}

    Result<BakeFile> make() {
        add_variables();
        if (!m_errors.empty()) return std::move(m_errors);
        add_base();
        for (const PackageMatrix& package : m_matrix.packages) {
            if (!package.units.empty()) add_package(package);
        }
        for (const Group& group : m_targets.groups) add_group(group);
        return std::move(m_file);
    }

  private:
    void add_variables() {
        std::map<std::string, std::string> lists = {{"TORCH_CUDA_ARCH_LIST", ""}};
        std::map<std::string, std::string> stated_in;
        for (const PackageMatrix& package : m_matrix.packages) {
            for (const auto& [name, archs] : package.arch_lists) {
                const std::string variable = arch_list_variable(name), value = joined_archs(archs);
                const auto [first, is_new] = stated_in.try_emplace(variable, "`" + name + "` of " + package.file);
                if (is_new) {
                    lists[variable] = value;
                } else if (lists[variable] != value) {
                    m_errors.push_back(
                        {.code = "SB0305",
                         .what = "docker-bake.hcl has one variable " + variable + " for two arch lists",
                         .notes = {first->second + ": " + lists[variable], "`" + name + "` of " + package.file + ": " + value},
                         .hints = {"rename one of them"}});
                }
            }
        }
        for (const auto& [name, value] : lists) {
            const bool is_first = name == "TORCH_CUDA_ARCH_LIST";
            m_file.variables.push_back(
                {name, value,
                 is_first ? "of rows with the list `standard`; another value replaces the list of every row" : "of rows with this list"});
        }
        const auto add = [&](const char* name, const std::string& value, const char* comment) {
            m_file.variables.push_back({name, value, comment});
        };
        add("DEVICE_COMPILER", "nvcc", "nvcc of the base image, or nvrtc of the pinned wheels, which needs no CUDA image");
        add("CUDA_REPOSITORY", m_compat.images.repository, "where the images with nvcc come from, such as a mirror");
        add("SYSTEM_IMAGE", "", "system of the stages without nvcc and Python; see the Dockerfile");
        add("PYTHON_REPOSITORY", "", "where the images of the test stages come from; see the Dockerfile");
        add("PIP_INDEX_URL", "", "package index of toolchains and tests; unset: that of pip");
        add("TORCH_INDEX_URL", "", "package index of the row's torch; unset: torch's own of the row's CUDA");
        add("SOURCE_DATE_EPOCH", "", "time of the files in the wheels");
    }

    void add_base() {
        using Kind = BakeValue::Kind;
        BakeTarget base{.name = base_name, .context = ".", .platform = "linux/amd64", .output = {{"type", "local"}, {"dest", "./dist"}}};
        base.args["DEVICE_COMPILER"] = {Kind::either, "DEVICE_COMPILER", "nvcc"};
        for (const char* name : {"SYSTEM_IMAGE", "PYTHON_REPOSITORY", "PIP_INDEX_URL", "SOURCE_DATE_EPOCH"})
            base.args[name] = {Kind::variable, name, ""};
        m_file.targets.push_back(std::move(base));
    }

    void add_package(const PackageMatrix& package) {
        std::vector<const Target*> targets;
        for (const Target& target : m_targets.targets) {
            if (target.package == package.name.value) targets.push_back(&target);
        }
        std::set<std::string> toolkits;
        for (const Target* target : targets) {
            const std::string toolkit = toolkit_name(package, *target);
            if (toolkits.insert(toolkit).second) add_toolkit(package, *target, toolkit);
            add_target(package, *target, toolkit, exporter_of(targets, target->images_cuda) == target);
        }
        for (const Target* target : targets) add_test(package, *target, targets);
    }

    static std::string toolkit_name(const PackageMatrix& package, const Target& target) {
        return package.short_name.value + "-cuda-" + dashed(target.images_cuda);
    }

    /// What all targets of one toolkit share, and with it the device stage.
    void add_toolkit(const PackageMatrix& package, const Target& target, const std::string& name) {
        BakeTarget toolkit{.name = "_" + name, .inherits = base_name, .dockerfile = dockerfile_path(package), .cache_from = name};
        toolkit.args["CUDA_VERSION"] = text_value(target.images_cuda.to_string());
        toolkit.args["CUDA_IMAGE"] = {BakeValue::Kind::image, "CUDA_REPOSITORY", choose_cuda_image(target.images_cuda, m_compat).tag};
        m_file.targets.push_back(std::move(toolkit));
    }

    /// Caches are written by one target per toolkit, since two that write one scope overwrite each other.
    static const Target* exporter_of(const std::vector<const Target*>& targets, const Version& toolkit) {
        const Target* best = nullptr;
        for (const Target* target : targets) {
            if (target->images_cuda != toolkit) continue;
            if (best == nullptr || rank_of(*best) < rank_of(*target)) best = target;
        }
        return best;
    }

    static std::pair<Version, Version> rank_of(const Target& target) {
        return {target.torch.value_or(Version()), target.python.value_or(Version())};
    }

    void add_target(const PackageMatrix& package, const Target& target, const std::string& toolkit, bool exports) {
        BakeTarget out{.name = target.name, .inherits = "_" + toolkit, .stage = "wheel"};
        add_row_args(out, package, target);
        if (exports) out.cache_to = toolkit;
        m_file.targets.push_back(std::move(out));
    }

    void add_row_args(BakeTarget& out, const PackageMatrix& package, const Target& target) {
        out.args["TARGET"] = text_value(target.name);
        if (target.python) out.args["PYTHON_VERSION"] = text_value(target.python->to_string());
        if (target.torch) out.args["TORCH_VERSION"] = text_value(target.torch->to_string());
        if (target.cpu != "x86_64") out.args["CPU"] = text_value(target.cpu);
        const std::string list = arch_list_of(package, target);
        out.args["TORCH_CUDA_ARCH_LIST"] = {BakeValue::Kind::archs, arch_list_variable(list), joined_archs(package.arch_lists.at(list))};
    }

    static std::string arch_list_of(const PackageMatrix& package, const Target& target) {
        if (target.kind == TargetKind::row) {
            const auto row = std::find_if(package.rows.begin(), package.rows.end(),
                                          [&](const Row& candidate) { return candidate.place == target.place; });
            return row->archs.value;
        }
        const auto row = std::find_if(package.universal.begin(), package.universal.end(),
                                      [&](const UniversalRow& candidate) { return candidate.place == target.place; });
        return row->archs.value;
    }

    /// The test of a wheel beside its row's torch; a universal one beside the newest torch and Python of the package's rows. The platform
    /// is linux/amd64, so wheels for other CPUs have none.
    void add_test(const PackageMatrix& package, const Target& target, const std::vector<const Target*>& targets) {
        if (target.cpu != "x86_64") return;
        const Target* beside = &target;
        if (target.kind == TargetKind::universal) {
            beside = nullptr;
            for (const Target* row : targets) {
                const bool newer = row->kind == TargetKind::row && (beside == nullptr || rank_of(*beside) < rank_of(*row));
                if (newer) beside = row;
            }
            if (beside == nullptr) return;
        }
        BakeTarget out{.name = "test-" + target.name,
                       .inherits = "_" + toolkit_name(package, target),
                       .stage = "test",
                       .output = {{"type", "cacheonly"}}};
        add_row_args(out, package, target);
        out.args["PYTHON_VERSION"] = text_value(beside->python->to_string());
        out.args["TORCH_VERSION"] = text_value(beside->torch->to_string());
        out.args["TORCH_INDEX_URL"] = torch_index(*beside);
        m_file.targets.push_back(std::move(out));
    }

    BakeValue torch_index(const Target& target) const {
        std::string index = m_compat.torch_index;
        const std::string placeholder = "{cuda}";
        if (const std::size_t at = index.find(placeholder); at != std::string::npos)
            index.replace(at, placeholder.size(), joined_digits(target.cuda.prefix(2)));
        if (index.empty()) return {BakeValue::Kind::variable, "TORCH_INDEX_URL", ""};
        return {BakeValue::Kind::either, "TORCH_INDEX_URL", index};
    }

    void add_group(const Group& group) {
        BakeGroup out{group.name, {}};
        for (const std::string& name : group.targets) {
            const std::string target = (group.tests ? "test-" : "") + name;
            if (m_file.find(target) != nullptr) out.targets.push_back(target);
        }
        if (!out.targets.empty()) m_file.groups.push_back(std::move(out));
    }

    const TargetSet& m_targets;
    const Matrix& m_matrix;
    const Compat& m_compat;
    BakeFile m_file;
    Diagnostics m_errors;
};

}  // namespace

const BakeTarget* BakeFile::find(std::string_view name) const {
    const auto found = std::find_if(targets.begin(), targets.end(), [&](const BakeTarget& target) { return target.name == name; });
    return found == targets.end() ? nullptr : &*found;
}

const BakeVariable* BakeFile::find_variable(std::string_view name) const {
    const auto found =
        std::find_if(variables.begin(), variables.end(), [&](const BakeVariable& variable) { return variable.name == name; });
    return found == variables.end() ? nullptr : &*found;
}

BakeTarget BakeFile::with_inherited(const BakeTarget& target) const {
    if (target.inherits.empty()) return target;
    BakeTarget whole = with_inherited(*find(target.inherits));
    for (const auto& [name, value] : target.args) whole.args[name] = value;
    const auto replace = [](std::string& text, const std::string& own) {
        if (!own.empty()) text = own;
    };
    replace(whole.context, target.context);
    replace(whole.dockerfile, target.dockerfile);
    replace(whole.cache_from, target.cache_from);
    replace(whole.cache_to, target.cache_to);
    replace(whole.stage, target.stage);
    replace(whole.platform, target.platform);
    if (!target.output.empty()) whole.output = target.output;
    return whole;
}

std::string arch_list_variable(const std::string& list) {
    if (list == "standard") return "TORCH_CUDA_ARCH_LIST";
    std::string name = "TORCH_CUDA_ARCH_LIST_";
    for (const char letter : list) {
        const bool is_lower = letter >= 'a' && letter <= 'z';
        name += is_lower ? static_cast<char>(letter - 'a' + 'A') : letter == '-' ? '_' : letter;
    }
    return name;
}

std::string dockerfile_path(const PackageMatrix& package) {
    if (!package.dockerfile.empty()) return package.dockerfile;
    return "dockerfiles/dockerfile.builder." + package.short_name.value + ".linux";
}

std::string device_plan_path(const std::string& package, const Version& cuda) {
    return "dockerfiles/device/" + package + "-" + cuda.to_string() + ".plan";
}

std::string toolchain_requirements_path(const Version& cuda) {
    return "dockerfiles/device/cuda-" + cuda.to_string() + ".requirements";
}

Result<BakeFile> make_bake_file(const TargetSet& targets, const Matrix& matrix, const Compat& compat) {
    return BakeMaker(targets, matrix, compat).make();
}

}  // namespace sagebuild
