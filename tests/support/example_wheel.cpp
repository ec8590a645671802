#include "support/example_wheel.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "app/wheel_build.hpp"
#include "core/wheel_name.hpp"
#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "support/fake_http_client.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "text/wheel_metadata.hpp"

namespace sagebuild::test {

namespace {

Arch arch(const char* text) {
    return *parse_arch(text);
}

void write_file(const std::string& path, std::string_view bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

std::string wheel_data(const std::string& name) {
    return read_file(SAGEBUILD_SOURCE_DIR "/tests/data/wheel/" + name);
}

Target example_row() {
    Target target;
    target.name = "linux-sage2-pytorch28-cu129-python312";
    target.kind = TargetKind::row;
    target.package = "sageattention";
    target.package_version = *parse_version("2.2.0");
    target.python = parse_version("3.12");
    target.torch = parse_version("2.8.0");
    target.cuda = *parse_version("12.9.1");
    target.images_cuda = *parse_version("12.9.1");
    target.requires_python = ">=3.9";
    target.requires_torch = "==2.8.*";
    target.platforms = {"linux"};
    target.archs = {arch("8.0"), arch("9.0a"), arch("12.0f")};
    target.covered = {{arch("12.1"), arch("12.0f"), "12.1 runs on the 12.0f image"}};
    target.dropped = {{arch("7.0"), "the unit is written for 8.0 and later"}};
    target.units = {{"sm80_attention", "kernels/sageattention/units/sm80_attention.cu", {arch("8.0"), arch("9.0a")}, {}},
                    {"sm120_attention", "kernels/sageattention/units/sm120_attention.cu", {arch("12.0f")}, {arch("9.0")}}};
    target.wheel = render_wheel_name(make_wheel_name(target));
    return target;
}

Target example_universal() {
    Target target = example_row();
    target.name = "linux-sage2-universal-x86_64";
    target.kind = TargetKind::universal;
    target.python.reset();
    target.torch.reset();
    target.requires_torch = ">=2.6";
    target.platforms = {"manylinux_2_17", "manylinux2014"};
    target.wheel = render_wheel_name(make_wheel_name(target));
    return target;
}

WheelRecipe example_recipe(const Target& target, const std::string& directory) {
    const std::string root = directory + "/kernels/sageattention/";
    write_file(root + "python/sageattention/__init__.py", "from . import _build\n\n__version__ = _build.VERSION\n");
    write_file(root + "python/sageattention/core.py", "def sageattn(q, k, v):\n    raise NotImplementedError\n");
    write_file(root + "README.md", "# sageattention\n\nQuantised attention, 8 bits wide: \xE2\x89\x88 half the time.\n");
    write_file(directory + "/LICENSE", "Apache License, version 2.0\n");
    write_file(directory + "/_native.so", wheel_data("native.so"));
    WheelRecipe recipe;
    recipe.target = target;
    recipe.module = "sageattention";
    recipe.summary = "Quantised attention for NVIDIA GPUs";
    recipe.license = "Apache-2.0";
    recipe.files = {{root + "python/sageattention/core.py", "sageattention/core.py"},
                    {root + "python/sageattention/__init__.py", "sageattention/__init__.py"}};
    recipe.license_file = directory + "/LICENSE";
    recipe.readme = root + "README.md";
    recipe.library = directory + "/_native.so";
    recipe.library_path = "sageattention/_native.so";
    recipe.cuda_toolchain = "cuda-12.9.1";
    recipe.toolkit_wheels = {{"nvidia-cuda-nvrtc-cu12", "12.9.86", "00"}, {"nvidia-nvfatbin-cu12", "12.9.82", "00"}};
    recipe.host_toolchain = "zig-0.15.2";
    recipe.device_flags = {"--std=c++17"};
    recipe.source_digest = std::string(64, '0');
    recipe.generator = "sagebuild 0.1.0";
    recipe.output = directory + "/out/" + target.wheel;
    return recipe;
}

std::string& ExampleWheel::file(const std::string& path) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const ZipEntry& entry) { return entry.path == path; });
    if (found == entries.end()) throw std::runtime_error("the example wheel has no " + path);
    return found->bytes;
}

void ExampleWheel::remove(const std::string& path) {
    file(path);
    std::erase_if(entries, [&](const ZipEntry& entry) { return entry.path == path; });
}

void ExampleWheel::replace(const std::string& path, const std::string& from, const std::string& to) {
    std::string& bytes = file(path);
    const std::size_t at = bytes.find(from);
    if (at == std::string::npos) throw std::runtime_error(path + " has no " + from);
    bytes.replace(at, from.size(), to);
}

void ExampleWheel::refresh_record() {
    std::vector<RecordEntry> record;
    std::string record_path;
    for (const ZipEntry& entry : entries) {
        if (entry.path.ends_with(".dist-info/RECORD")) {
            record_path = entry.path;
        } else {
            record.push_back(make_record_entry(entry.path, entry.bytes));
        }
    }
    record.push_back({.path = record_path, .hash = "", .size = std::nullopt});
    file(record_path) = render_record(record);
}

std::string ExampleWheel::pack() const {
    auto bytes = write_zip(entries, 0);
    if (!bytes) throw std::runtime_error(render_diagnostics(bytes.errors()));
    return std::move(bytes).value();
}

ExampleWheel make_example_wheel(const Target& target) {
    const TemporaryDirectory directory;
    RealFileSystem files;
    RealProcessRunner processes;
    const RealEnvironment environment;
    const RealClock clock;
    testing::FakeHttpClient http;
    const WheelRecipe recipe = example_recipe(target, directory.path().string());
    if (const auto done = run_wheel_step(recipe, {files, processes, environment, clock, http}); !done)
        throw std::runtime_error(render_diagnostics(done.errors()));
    auto entries = read_zip(read_file(recipe.output));
    if (!entries) throw std::runtime_error(render_diagnostics(entries.errors()));
    return {target, target.wheel, std::move(entries).value()};
}

}  // namespace sagebuild::test
