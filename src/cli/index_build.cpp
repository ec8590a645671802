#include "cli/index_build.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/index_build.hpp"
#include "cli/matrix_option.hpp"
#include "core/text_list.hpp"
#include "edge/real_file_stamps.hpp"

namespace sagebuild {

namespace {

std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void build(Application& application, IndexBuildRequest request) {
    request.matrix_directory = application.matrix_directory;
    const auto report = build_index(request, application.edges, RealFileStamps());
    if (!report) return application.report(report.errors());
    std::size_t width = 0;
    for (const IndexSummary& index : report->indexes) width = std::max(width, index.directory.size());
    for (const IndexSummary& index : report->indexes) {
        const std::string projects = join_texts(index.projects, ", ", [](const std::string& name) { return name; });
        application.out << index.directory << std::string(width - index.directory.size() + 2, ' ') << counted(index.wheels, "wheel")
                        << (projects.empty() ? "" : " of " + projects) << "\n";
    }
    application.out.flush();
    if (!report->warnings.empty()) application.report(report->warnings);
    application.err << counted(report->written, "file") << " written, " << report->unchanged << " unchanged, " << report->removed
                    << " removed\n";
}

}  // namespace

void register_index_build(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("build", "write a site with one index per torch and CUDA, for any static host");
    auto request = std::make_shared<IndexBuildRequest>();
    command->add_option("--out", request->out, "directory of the site, which may hold an earlier run's")->required()->type_name("DIR");
    command->add_option("--from", request->from, "directory, wheel, names file, OWNER/REPOSITORY or OWNER/REPOSITORY@TAG; may be repeated")
        ->required()
        ->allow_extra_args(false)
        ->type_name("SOURCE");
    command->add_option("--yanked", request->yanked_file, "YAML or JSON file: withdrawn wheels, by name or glob, with the reason")
        ->type_name("FILE");
    command->add_option("--api", request->github.api,
                        "API of a GitHub Enterprise server (default: GITHUB_API_URL, else https://api.github.com)");
    command->add_option("--token-file", request->github.token_file, "file with the token (default: GITHUB_TOKEN, else GH_TOKEN)");
    command->add_flag("--variants", request->variants, "also an index of variant wheels, after the draft of PEP 825");
    add_matrix_option(*command, application);
    command->callback([&application, request] { build(application, *request); });
}

}  // namespace sagebuild
