#include "app/host_library.hpp"

#include <set>

#include "app/program_failure.hpp"
#include "core/toolchain_layout.hpp"
#include "text/images_source.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

Result<std::vector<EmbeddedImages>> read_images(const HostLibraryRecipe& recipe, const FileSystem& files) {
    std::vector<EmbeddedImages> images;
    for (const HostLibraryRecipe::Images& unit : recipe.images) {
        SAGEBUILD_TRY(const std::string fatbin, files.read(unit.fatbin));
        std::string archs;
        for (const Arch& arch : unit.archs) archs += (archs.empty() ? "" : " ") + arch.to_string();
        images.push_back({unit.unit, archs, files.absolute(unit.fatbin), sha256_hex(fatbin)});
    }
    return images;
}

std::vector<std::string> compile_command(const HostLibraryRecipe& recipe, const std::string& work, const std::string& output) {
    // glibc 2.17 is what manylinux_2_17 promises (PEP 599); zig carries its symbol versions.
    std::vector<std::string> command = {recipe.toolchain + "/" + std::string(zig_path), "cc", "-target", recipe.cpu + "-linux-gnu.2.17"};
    command.insert(command.end(), recipe.flags.begin(), recipe.flags.end());
    // Exceptions of torch pass through our frames, so unwind tables stay. The soname, no build id and no symbol table: the file's bytes
    // then hold nothing but code and data.
    command.insert(command.end(), {"-shared", "-fPIC", "-fasynchronous-unwind-tables", "-s", "-Wl,-soname," + recipe.file_name,
                                   "-Wl,-z,defs", "-Wl,--build-id=none", "-Wl,--as-needed"});
    for (const std::string& directory : recipe.include) command.insert(command.end(), {"-I", directory});
    // The generated table includes the package's `images.h`, which lies beside its sources.
    std::set<std::string> directories;
    for (const std::string& source : recipe.sources) {
        const std::size_t slash = source.rfind('/');
        directories.insert(slash == std::string::npos ? "." : source.substr(0, slash));
    }
    for (const std::string& directory : directories) command.insert(command.end(), {"-iquote", directory});
    command.insert(command.end(), recipe.sources.begin(), recipe.sources.end());
    command.insert(command.end(), {work + "/images.c", work + "/images.S", "-ldl", "-lpthread", "-lm", "-o", output});
    return command;
}

/// The first error of a clang log with the lines that belong to it, else its end.
std::string first_error(std::string_view log) {
    const std::size_t error = log.find("error:");
    if (error == std::string_view::npos) return last_lines(log, 12);
    const std::size_t begin = log.rfind('\n', error);
    log.remove_prefix(begin == std::string_view::npos ? 0 : begin + 1);
    std::size_t end = 0;
    for (int lines = 0; lines < 3 && end != std::string_view::npos; ++lines) end = log.find('\n', end + (lines > 0 ? 1 : 0));
    return last_lines(log.substr(0, end), 3);
}

}  // namespace

Result<> run_host_library_step(const HostLibraryRecipe& recipe, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<EmbeddedImages> images, read_images(recipe, edges.files));
    const std::string work = edges.files.absolute(recipe.output + ".work");
    const std::string linked = work + "/" + recipe.file_name;
    SAGEBUILD_CHECK(edges.files.remove_tree(work));
    SAGEBUILD_CHECK(edges.files.write(work + "/images.c", render_images_table(images)));
    SAGEBUILD_CHECK(edges.files.write(work + "/images.S", render_images_assembly(images)));
    SAGEBUILD_CHECK(edges.files.make_directories(recipe.cache));
    const std::string cache = edges.files.absolute(recipe.cache);
    SAGEBUILD_TRY(const ProcessResult compiled,
                  edges.processes.run({.arguments = compile_command(recipe, work, linked),
                                       .environment = {{"ZIG_GLOBAL_CACHE_DIR", cache}, {"ZIG_LOCAL_CACHE_DIR", cache}}}));
    if (compiled.exit_code != 0) {
        SAGEBUILD_CHECK(edges.files.remove_tree(work));
        return Diagnostic{.code = "SB0555",
                          .what = "`" + recipe.file_name + "` of package `" + recipe.package + "` does not compile for " + recipe.cpu,
                          .notes = {first_error(compiled.error_output)},
                          .causes = {exit_cause("zig cc", compiled)}};
    }
    SAGEBUILD_CHECK(edges.files.rename(linked, recipe.output));
    return edges.files.remove_tree(work);
}

}  // namespace sagebuild
