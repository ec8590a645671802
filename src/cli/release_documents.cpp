#include "cli/release_documents.hpp"

#include <memory>
#include <ostream>
#include <string>

#include "app/matrix_load.hpp"
#include "app/published_wheel.hpp"
#include "app/release_documents.hpp"
#include "cli/matrix_option.hpp"

namespace sagebuild {

namespace {

struct DocumentsOptions {
    std::string from = "dist";
    std::string out;
};

Result<std::vector<std::string>> write_documents(const DocumentsOptions& options, const Application& application) {
    SAGEBUILD_TRY(const Compat compat, load_compat_of(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(auto wheels, load_published_wheels(options.from, compat, application.edges));
    SAGEBUILD_TRY(const auto documents, make_release_documents(std::move(wheels)));
    std::vector<std::string> paths;
    for (const ReleaseDocument& document : documents) {
        paths.push_back((options.out.empty() ? options.from : options.out) + "/" + document.name);
        SAGEBUILD_CHECK(application.edges.files.write_if_changed(paths.back(), document.bytes));
    }
    return paths;
}

}  // namespace

void register_release_documents(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("documents", "write SHA256SUMS, provenance and bills of materials of wheels");
    auto options = std::make_shared<DocumentsOptions>();
    command->add_option("--from", options->from, "directory of the wheels")->capture_default_str();
    command->add_option("--out", options->out, "where the documents go (default: beside the wheels)");
    add_matrix_option(*command, application);
    command->callback([&application, options] {
        const auto paths = write_documents(*options, application);
        if (!paths) return application.report(paths.errors());
        for (const std::string& path : *paths) application.out << printable(path) << "\n";
    });
}

}  // namespace sagebuild
