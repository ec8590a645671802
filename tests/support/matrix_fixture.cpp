#include "support/matrix_fixture.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>

#include "core/expand.hpp"
#include "support/golden.hpp"
#include "text/matrix_yaml.hpp"

namespace sagebuild::test {

namespace {

Version version(const std::string& text) {
    return parse_version(text).value();
}

void add_cuda(Compat& compat, const std::string& release, const std::vector<std::string>& targets) {
    const Version minor = version(release).prefix(2);
    compat.cuda[minor] = {minor, archs(targets)};
    compat.cuda_toolchains[version(release)] = {"cuda-" + release, {}};
}

void add_torch(Compat& compat, const std::string& minor, const std::vector<std::string>& pythons, const std::vector<std::string>& cudas) {
    TorchRelease torch;
    torch.version = version(minor);
    for (const std::string& python : pythons) torch.pythons.push_back(version(python));
    for (const std::string& cuda : cudas) torch.cudas.push_back(version(cuda));
    compat.torch[torch.version] = torch;
}

}  // namespace

std::vector<Arch> archs(const std::vector<std::string>& texts) {
    std::vector<Arch> parsed;
    for (const std::string& text : texts) parsed.push_back(parse_arch(text).value());
    return parsed;
}

Compat small_compat() {
    Compat compat;
    add_cuda(compat, "12.6.1", {"5.0", "7.0", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "9.0a"});
    add_cuda(compat, "12.8.1",
             {"5.0", "7.0", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "9.0a", "10.0", "10.0a", "10.1", "10.1a", "12.0", "12.0a"});
    add_cuda(compat, "12.9.1", {"5.0",   "7.0",   "7.5",  "8.0",  "8.6",  "8.7",   "8.9",   "9.0",  "9.0a",  "10.0",
                                "10.0a", "10.0f", "10.1", "10.3", "12.0", "12.0a", "12.0f", "12.1", "12.1a", "12.1f"});
    add_cuda(compat, "13.0.2",
             {"7.5", "8.0", "8.6", "8.7", "8.8", "8.9", "9.0", "9.0a", "10.0", "10.0f", "10.3", "11.0", "12.0", "12.0f", "12.1"});
    add_torch(compat, "2.6", {"3.9", "3.10", "3.11", "3.12", "3.13"}, {"11.8", "12.4", "12.6"});
    add_torch(compat, "2.7", {"3.9", "3.10", "3.11", "3.12", "3.13"}, {"11.8", "12.6", "12.8"});
    add_torch(compat, "2.8", {"3.9", "3.10", "3.11", "3.12", "3.13"}, {"12.6", "12.8", "12.9"});
    add_torch(compat, "2.9", {"3.10", "3.11", "3.12", "3.13", "3.14"}, {"12.6", "12.8", "12.9", "13.0"});
    const std::set<std::string> integrated = {"8.7", "10.1", "11.0"};
    for (const char* text :
         {"5.0", "7.0", "7.5", "8.0", "8.6", "8.7", "8.8", "8.9", "9.0", "10.0", "10.1", "10.3", "11.0", "12.0", "12.1"}) {
        const Arch arch = parse_arch(text).value();
        compat.gpus[arch] = {arch, "", {}, integrated.contains(text), false};
    }
    return compat;
}

Matrix read_matrix(const std::map<std::string, std::string>& files) {
    Matrix matrix;
    for (const auto& [file, text] : files) {
        auto package = parse_package_matrix(text, "matrix/" + file);
        if (!package) throw std::runtime_error(render_diagnostics(package.errors()));
        matrix.packages.push_back(std::move(package).value());
    }
    return matrix;
}

std::map<std::string, std::string> project_matrix_files() {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "matrix")) {
        if (entry.path().extension() == ".yaml") files[entry.path().filename().string()] = read_file(entry.path());
    }
    return files;
}

TargetSet expand(const Matrix& matrix, const Compat& compat) {
    auto targets = expand_matrix(matrix, compat);
    if (!targets) throw std::runtime_error(render_diagnostics(targets.errors()));
    return std::move(targets).value();
}

std::string problems_of(const Matrix& matrix, const Compat& compat) {
    const auto targets = expand_matrix(matrix, compat);
    return targets ? "" : render_diagnostics(targets.errors());
}

std::vector<std::string> names_of(const std::vector<Target>& targets) {
    std::vector<std::string> names;
    for (const Target& target : targets) names.push_back(target.name);
    return names;
}

}  // namespace sagebuild::test
