#include "cli/matrix_suggest.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "app/package_choice.hpp"
#include "cli/matrix_option.hpp"
#include "core/coverage_filter.hpp"
#include "core/suggest.hpp"
#include "text/demand_reader.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t largest_demand = std::size_t{16} << 20;

struct SuggestOptions {
    std::string file;
    std::string package;
    std::string kind;
};

Result<Suggestions> find_suggestions(const Application& application, const SuggestOptions& options) {
    SAGEBUILD_TRY(const std::string text, application.edges.files.read(options.file, largest_demand));
    SAGEBUILD_TRY(const std::vector<Wish> wishes, parse_demand(text, options.file));
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(const PackageMatrix* package, choose_package(loaded.matrix, options.package));
    std::vector<std::string> words;
    if (!options.kind.empty()) words.push_back("kind=" + options.kind);
    SAGEBUILD_TRY(const Coverage coverage, narrow_coverage(make_coverage(*package, loaded.targets.targets, loaded.compat), words));
    return suggest_lines(*package, coverage, wishes, loaded.compat);
}

void suggest(Application& application, const SuggestOptions& options) {
    const auto suggestions = find_suggestions(application, options);
    if (!suggestions) return application.report(suggestions.errors());
    application.out << render_suggestions(*suggestions);
}

}  // namespace

void register_matrix_suggest(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("suggest", "lines for the matrix, by a file of wanted combinations");
    auto options = std::make_shared<SuggestOptions>();
    command->add_option("FILE", options->file, "one combination a line: [COUNT] torch= cuda= python= [arch= os= cpu=]")->required();
    command->add_option("--package", options->package, "distribution (default: the first with kernels)");
    command->add_option("--kind", options->kind, "count wheels of this kind only, row or universal")
        ->check(CLI::IsMember({"row", "universal"}));
    add_matrix_option(*command, application);
    command->callback([&application, options] { suggest(application, *options); });
}

}  // namespace sagebuild
