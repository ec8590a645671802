#include "app/toolchain.hpp"

#include <optional>
#include <set>

#include "app/program_failure.hpp"
#include "core/toolchain_layout.hpp"
#include "text/recipe_json.hpp"

namespace sagebuild {

namespace {

/// Lines of a failed pip or uv that are quoted.
constexpr std::size_t quoted_lines = 12;

enum class Fetcher { pip, uv };

Result<Fetcher> find_fetcher(ProcessRunner& processes) {
    std::vector<std::string> reasons;
    if (processes.find_program("python3").empty()) {
        reasons.push_back("`python3`: no such program on PATH");
    } else {
        SAGEBUILD_TRY(const ProcessResult probe, processes.run({.arguments = {"python3", "-m", "pip", "--version"}}));
        if (probe.exit_code == 0) return Fetcher::pip;
        reasons.push_back("`python3 -m pip`: " + last_lines(probe.error_output, 1));
    }
    if (!processes.find_program("uv").empty()) return Fetcher::uv;
    reasons.push_back("`uv`: no such program on PATH");
    return Diagnostic{.code = "SB0550",
                      .what = "neither `python3 -m pip` nor `uv` is here to fetch the toolchains",
                      .hints = {"install one of them: `apt-get install python3-pip`, or uv"},
                      .causes = reasons};
}

/// One pinned wheel a line, in pip's hash-checking syntax, which uv reads as well.
std::string requirements_text(const ToolchainRecipe& recipe) {
    std::string text;
    for (const ToolchainRecipe::Wheel& wheel : recipe.wheels) {
        text += wheel.distribution + "==" + wheel.version + " --hash=sha256:" + wheel.sha256 + "\n";
    }
    return text;
}

Diagnostic fetch_failure(const ToolchainRecipe& recipe, std::string_view program, const ProcessResult& result) {
    const std::string output = result.error_output + result.output;
    // pip and uv, in this order, say so in these words.
    const bool is_mismatch =
        output.find("DO NOT MATCH THE HASHES") != std::string::npos || output.find("Hash mismatch") != std::string::npos;
    if (is_mismatch) {
        return {.code = "SB0552",
                .what = "a wheel of toolchain `" + recipe.name + "` has another sha256 than the pinned one",
                .notes = {last_lines(output, quoted_lines)},
                .hints = {"try again; if it stays, compare the index that pip uses (`pip config list`) with matrix/compat/toolchains.yaml"},
                .causes = {exit_cause(program, result)}};
    }
    return {.code = "SB0551",
            .what = "toolchain `" + recipe.name + "` for " + recipe.host_platform + " cannot be fetched",
            .notes = {last_lines(output, quoted_lines)},
            .hints = {"check network, proxy and index with `python3 -m pip download --no-deps " + recipe.wheels.front().distribution +
                      "==" + recipe.wheels.front().version + "`"},
            .causes = {exit_cause(program, result)}};
}

/// Files of a fetch, all below one temporary directory.
struct Staging {
    std::string directory;

    std::string requirements() const { return directory + "/requirements.txt"; }
    std::string wheels() const { return directory + "/wheels"; }
    std::string installed() const { return directory + "/installed"; }
    std::string tree() const { return directory + "/tree"; }
};

Result<> fetch_with_pip(const ToolchainRecipe& recipe, const Staging& staging, const Edges& edges) {
    const std::vector<std::string> pip = {"python3", "-m", "pip"};
    const std::vector<std::string> quiet = {"--quiet", "--disable-pip-version-check", "--no-input"};
    std::vector<std::string> download = pip;
    download.insert(download.end(), {"download", "--require-hashes", "--no-deps", "--only-binary=:all:", "--dest", staging.wheels()});
    download.insert(download.end(), quiet.begin(), quiet.end());
    download.insert(download.end(), {"--requirement", staging.requirements()});
    SAGEBUILD_TRY(const ProcessResult fetched, edges.processes.run({.arguments = download}));
    if (fetched.exit_code != 0) return fetch_failure(recipe, "python3 -m pip download", fetched);

    // pip unpacks, because it refuses paths that lead out of the target and sets the file modes.
    std::vector<std::string> install = pip;
    install.insert(install.end(), {"install", "--no-index", "--no-deps", "--no-compile", "--target", staging.installed()});
    install.insert(install.end(), quiet.begin(), quiet.end());
    SAGEBUILD_TRY(const std::vector<std::string> names, edges.files.list(staging.wheels()));
    for (const std::string& name : names) install.push_back(staging.wheels() + "/" + name);
    // A configured `user = true` contradicts --target.
    SAGEBUILD_TRY(const ProcessResult unpacked, edges.processes.run({.arguments = install, .environment = {{"PIP_USER", "0"}}}));
    if (unpacked.exit_code != 0) {
        return Diagnostic{.code = "SB0553",
                          .what = "toolchain `" + recipe.name + "` cannot be unpacked into `" + staging.installed() + "`",
                          .notes = {last_lines(unpacked.error_output + unpacked.output, quoted_lines)},
                          .causes = {exit_cause("python3 -m pip install", unpacked)}};
    }
    return edges.files.remove_tree(staging.wheels());
}

Result<> fetch_with_uv(const ToolchainRecipe& recipe, const Staging& staging, const Edges& edges) {
    SAGEBUILD_TRY(
        const ProcessResult installed,
        edges.processes.run({.arguments = {"uv", "pip", "install", "--target", staging.installed(), "--require-hashes", "--no-deps",
                                           "--only-binary", ":all:", "--no-progress", "--requirement", staging.requirements()}}));
    if (installed.exit_code != 0) return fetch_failure(recipe, "uv pip install", installed);
    return Unit{};
}

/// Moves what builds need from the unpacked wheels to the toolchain's own shape.
Result<> arrange(const ToolchainRecipe& recipe, const Staging& staging, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<std::string> paths, edges.files.list_recursive(staging.installed()));
    std::set<std::string> directories;
    for (const std::string& path : paths) {
        const std::optional<std::string> kept = toolchain_path(path);
        if (!kept) continue;
        const std::string destination = staging.tree() + "/" + *kept;
        const std::string parent = destination.substr(0, destination.rfind('/'));
        if (directories.insert(parent).second) SAGEBUILD_CHECK(edges.files.make_directories(parent));
        SAGEBUILD_CHECK(edges.files.rename(staging.installed() + "/" + path, destination));
    }
    for (const std::string& required : required_toolchain_files(recipe.name)) {
        if (edges.files.is_file(staging.tree() + "/" + required)) continue;
        return Diagnostic{.code = "SB0554",
                          .what = "the wheels of toolchain `" + recipe.name + "` hold no `" + required + "`",
                          .hints = {"compare its entry in matrix/compat/toolchains.yaml with what matrix/compat/pin-toolchain prints"}};
    }
    return edges.files.write(staging.tree() + "/toolchain.json", render_recipe(recipe));
}

Result<> make_toolchain(const ToolchainRecipe& recipe, const Staging& staging, const Edges& edges) {
    SAGEBUILD_TRY(const Fetcher fetcher, find_fetcher(edges.processes));
    SAGEBUILD_CHECK(edges.files.write(staging.requirements(), requirements_text(recipe)));
    SAGEBUILD_CHECK(fetcher == Fetcher::pip ? fetch_with_pip(recipe, staging, edges) : fetch_with_uv(recipe, staging, edges));
    SAGEBUILD_CHECK(arrange(recipe, staging, edges));
    SAGEBUILD_CHECK(edges.files.remove_tree(recipe.directory));
    return edges.files.rename(staging.tree(), recipe.directory);
}

}  // namespace

Result<> run_toolchain_step(const ToolchainRecipe& recipe, const Edges& edges) {
    const std::string marker = recipe.directory + "/toolchain.json";
    if (edges.files.is_file(marker)) return Unit{};
    SAGEBUILD_TRY(const std::unique_ptr<FileLock> lock, edges.files.lock(recipe.directory + ".lock", [] {}));
    if (edges.files.is_file(marker)) return Unit{};
    // Only the holder of the lock touches this name; what a killed run left there goes first.
    const Staging staging{recipe.directory + ".tmp"};
    SAGEBUILD_CHECK(edges.files.remove_tree(staging.directory));
    const Result<> made = make_toolchain(recipe, staging, edges);
    const Result<> cleaned = edges.files.remove_tree(staging.directory);
    return made ? cleaned : made;
}

}  // namespace sagebuild
