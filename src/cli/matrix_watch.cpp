#include "cli/matrix_watch.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_watch.hpp"
#include "cli/matrix_option.hpp"
#include "text/news_json.hpp"

namespace sagebuild {

namespace {

struct WatchOptions {
    bool json = false;
    bool write = false;
};

void print_news(Application& application, const News& news) {
    std::ostream& out = application.out;
    for (const std::string& sentence : news.found) out << sentence << "\n";
    std::string where;
    for (const NewLine& line : news.lines) {
        const std::string place = line.place == NewLine::Place::row       ? line.file + ", rows"
                                  : line.place == NewLine::Place::variant ? "compat/torch.yaml, variants of torch " + line.torch.to_string()
                                                                          : "compat/torch.yaml, torch";
        if (place != where) out << "\n" << place << "\n";
        where = place;
        out << (line.place == NewLine::Place::row ? "  " : "") << line.text << "\n";
    }
    if (!news.by_hand.empty()) out << "\nby hand\n";
    for (const std::string& sentence : news.by_hand) out << "  " << sentence << "\n";
    if (news.found.empty()) application.err << "nothing is new\n";
}

Result<> watch(Application& application, const WatchOptions& options) {
    const Edges& edges = application.edges;
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(edges, application.matrix_directory));
    SAGEBUILD_TRY(const IndexListing listing, load_index_listing(loaded.compat, edges));
    const News news = find_news(listing, loaded.matrix, loaded.compat);
    if (options.write) {
        SAGEBUILD_TRY(const std::vector<WatchEdit> edits, edit_matrix(news, loaded, edges, application.matrix_directory));
        for (const WatchEdit& edit : edits) {
            SAGEBUILD_CHECK(edges.files.write(edit.path, edit.bytes));
            application.err << "wrote " << printable(edit.path) << "\n";
        }
    }
    if (options.json) {
        application.out << render_news_json(news);
    } else {
        print_news(application, news);
    }
    return Unit{};
}

}  // namespace

void register_matrix_watch(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("watch", "ask the package indexes for torch and CUDA releases that the matrix does not know");
    auto options = std::make_shared<WatchOptions>();
    command->add_flag("--json", options->json, "print JSON");
    command->add_flag("--write", options->write, "add the lines to the files of the matrix");
    add_matrix_option(*command, application);
    command->callback([&application, options] {
        if (const Result<> done = watch(application, *options); !done) application.report(done.errors());
    });
}

}  // namespace sagebuild
