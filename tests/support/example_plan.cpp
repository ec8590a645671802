#include "support/example_plan.hpp"

#include <gtest/gtest.h>

#include "text/sha256.hpp"

namespace sagebuild::testing {

namespace {

std::vector<Arch> archs_of(const std::string& texts) {
    std::vector<Arch> archs;
    for (std::size_t at = 0; at < texts.size();) {
        const std::size_t end = std::min(texts.find(' ', at), texts.size());
        archs.push_back(parse_arch(texts.substr(at, end - at)).value());
        at = end + 1;
    }
    return archs;
}

Version version(const std::string& text) {
    return parse_version(text).value();
}

Target make_target(const std::string& name, const std::string& wheel, const std::string& cuda, const std::string& archs) {
    Target target;
    target.name = name;
    target.package = "sageattention";
    target.package_version = version("2.2.0");
    target.cuda = target.images_cuda = version(cuda);
    target.requires_python = ">=3.9";
    target.requires_torch = ">=2.6";
    target.platforms = {"linux"};
    target.archs = archs_of(archs);
    for (const char* unit : {"smxx_preparation", "sm80_attention"}) {
        TargetUnit compiled{.name = unit, .source = "kernels/sageattention/units/" + std::string(unit) + ".cu", .archs = {}, .ptx = {}};
        for (const Arch& arch : target.archs) {
            if (arch.major >= 8 || compiled.name == "smxx_preparation") compiled.archs.push_back(arch);
        }
        target.units.push_back(compiled);
    }
    target.wheel = wheel;
    target.place = {"matrix/sageattention.yaml", 20, 5};
    return target;
}

void add_rows(PlanExample& example, const std::string& torch, const std::string& cuda, const std::string& pythons,
              const std::string& archs) {
    const Version torch_version = version(torch);
    const Version cuda_version = version(cuda);
    const std::string digits = std::to_string(torch_version.part(0)) + std::to_string(torch_version.part(1));
    const std::string cuda_digits = std::to_string(cuda_version.part(0)) + std::to_string(cuda_version.part(1));
    for (std::size_t at = 0; at < pythons.size();) {
        const std::size_t end = std::min(pythons.find(' ', at), pythons.size());
        const std::string python = pythons.substr(at, end - at);
        at = end + 1;
        const std::string tag = "3" + python.substr(2);
        Target target = make_target("linux-sage2-pytorch" + digits + "-cu" + cuda_digits + "-python" + tag,
                                    "sageattention-2.2.0-" + digits + "0." + cuda_digits + "-cp" + tag + "-cp" + tag + "-linux_x86_64.whl",
                                    cuda, archs);
        target.torch = torch_version;
        target.python = version(python);
        example.targets.push_back(target);
    }
}

void add_toolchain(PlanExample& example, const std::string& cuda, const std::string& nvrtc) {
    Toolchain toolchain{.name = "cuda-" + cuda, .wheels = {}};
    toolchain.wheels.push_back({"nvidia-cuda-nvrtc-cu12", nvrtc, {{"linux-x86_64", sha256_hex(nvrtc)}}});
    example.compat.cuda_toolchains[version(cuda)] = toolchain;
}

PackageMatrix make_package() {
    PackageMatrix package;
    package.file = "matrix/sageattention.yaml";
    package.name.value = package.module.value = "sageattention";
    package.version.value = version("2.2.0");
    package.short_name.value = "sage2";
    package.summary = "quantised attention";
    package.license = "Apache-2.0";
    package.root = {.value = "kernels/sageattention",
                    .place = {"matrix/sageattention.yaml", 10, 9},
                    .line = "  root: kernels/sageattention",
                    .width = 21};
    package.include = {"include"};
    package.host_sources = {"host", "bind"};
    package.python_dir = "python/sageattention";
    package.library = "_native.so";
    int line = 14;
    for (const std::string name : {"smxx_preparation", "sm80_attention"}) {
        KernelUnit unit;
        unit.name.value = name;
        unit.source = {.value = "units/" + name + ".cu",
                       .place = {"matrix/sageattention.yaml", line++, 32},
                       .line = "  - {name: " + name + ", source: units/" + name + ".cu}",
                       .width = static_cast<int>(name.size()) + 9};
        package.units.push_back(unit);
    }
    return package;
}

}  // namespace

Target& PlanExample::target(const std::string& name) {
    for (Target& candidate : targets) {
        if (candidate.name == name) return candidate;
    }
    throw std::invalid_argument(name);
}

Plan PlanExample::plan(const std::vector<Target>& selected) const {
    Result<Plan> made = make_plan(selected, matrix, compat, sources, settings, sha256_hex);
    if (!made) {
        ADD_FAILURE() << render_diagnostics(made.errors());
        return {};
    }
    return *made;
}

PlanExample make_plan_example() {
    PlanExample example;
    example.matrix.packages = {make_package()};
    PackageMatrix empty;
    empty.file = "matrix/sageattn3.yaml";
    empty.name.value = empty.module.value = "sageattn3";
    example.matrix.packages.push_back(empty);
    add_rows(example, "2.6.0", "12.6.3", "3.9 3.10 3.11 3.12", "7.0 7.5 8.0 8.6 8.7 8.9 9.0");
    add_rows(example, "2.7.0", "12.8.1", "3.10 3.11 3.12", "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0");
    add_rows(example, "2.8.0", "12.9.1", "3.10 3.11 3.12", "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1");
    Target universal =
        make_target("linux-sage2-universal-x86_64", "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "12.9.1",
                    "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1");
    universal.kind = TargetKind::universal;
    universal.platforms = {"manylinux_2_17", "manylinux2014"};
    example.targets.push_back(universal);
    example.without_units =
        make_target("linux-sage3-pytorch28-cu129-python312", "sageattn3-1.0.0-280.129-cp312-cp312-linux_x86_64.whl", "12.9.1", "10.0 12.0");
    example.without_units.package = "sageattn3";
    example.without_units.units.clear();
    example.without_units.place = {"matrix/sageattn3.yaml", 30, 5};
    add_toolchain(example, "12.6.3", "12.6.85");
    add_toolchain(example, "12.8.1", "12.8.93");
    add_toolchain(example, "12.9.1", "12.9.86");
    example.compat.host_toolchain = {.name = "zig-0.15.2", .wheels = {{"ziglang", "0.15.2", {{"linux-x86_64", sha256_hex("zig")}}}}};
    const std::string root = "kernels/sageattention/";
    example.sources = {{"LICENSE", "Apache"},
                       {root + "include/tile.cuh", "struct Tile {};\n"},
                       {root + "include/softmax.cuh", "#include \"tile.cuh\"\n"},
                       {root + "units/smxx_preparation.cu", "#include \"tile.cuh\"\n"},
                       {root + "units/sm80_attention.cu", "#include \"softmax.cuh\"\n"},
                       {root + "host/images.h", "struct image;\n"},
                       {root + "host/launch.c", "#include \"images.h\"\n"},
                       {root + "bind/torch_binding.c", "int bind;\n"},
                       {root + "python/sageattention/__init__.py", "from .core import x\n"},
                       {root + "python/sageattention/core.py", "x = 1\n"}};
    example.settings = {.build_directory = "/b", .cache_directory = "/c", .host_platform = "linux-x86_64", .generator = "sagebuild 0.1.0"};
    return example;
}

}  // namespace sagebuild::testing
