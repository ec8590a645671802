#include "cli/application.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/logged_process.hpp"
#include "cli/matrix_option.hpp"
#include "core/nearest.hpp"

namespace sagebuild {

namespace {

/// Names of the subcommands that a user may write at the place where `word` was refused.
std::vector<std::string> visible_commands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
        names.push_back(command->get_name());
    }
    return names;
}

/// CLI11's own texts know no nearest name, and a mistyped command is the most common usage error: it gets its own text.
/// True if such a word was found and reported.
bool report_unknown_command(std::ostream& err, const CLI::App& app, const std::vector<std::string>& arguments) {
    const CLI::App* at = &app;
    bool is_option_value = false;
    for (const std::string& word : arguments) {
        if (std::exchange(is_option_value, word == "--matrix") || word.starts_with("-")) continue;
        const std::vector<std::string> names = visible_commands(*at);
        if (names.empty()) return false;
        if (std::find(names.begin(), names.end(), word) != names.end()) {
            at = at->get_subcommand(word);
            continue;
        }
        err << "error: `" << printable(word) << "` is no command of `" << at->get_name() << "`\n";
        for (const std::string& name : find_nearest(word, names)) err << "hint: did you mean `" << name << "`?\n";
        return true;
    }
    return false;
}

}  // namespace

ExitCode exit_code_for(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) {
        if (diagnostic.severity != Severity::error) continue;
        const std::string group = diagnostic.code.substr(0, 4);
        const bool is_content = diagnostic.code >= "SB0640" && diagnostic.code < "SB0700";  // of releases, documents and indexes
        if (group == "SB05" || (group == "SB06" && !is_content)) return ExitCode::environment;
        if (group == "SB09") return diagnostic.code == "SB0902" ? ExitCode::usage : ExitCode::internal;
        return ExitCode::input;
    }
    return ExitCode::ok;
}

void Application::report(const Diagnostics& diagnostics) {
    err << render_diagnostics(diagnostics, colour);
    if (exit_code == ExitCode::ok) exit_code = exit_code_for(diagnostics);
}

ExitCode run_application(const Application& given, const std::vector<std::string>& arguments) {
    const auto log = std::make_shared<spdlog::logger>("sagebuild", std::make_shared<spdlog::sinks::ostream_sink_st>(given.err));
    log->set_pattern("%l: %v");
    LoggedProcessRunner processes(given.edges.processes, log);
    Application application = {.edges = {given.edges.files, processes, given.edges.environment, given.edges.clock, given.edges.http},
                               .out = given.out,
                               .err = given.err,
                               .colour = given.colour};
    application.debug = [&log](const std::string& text) { log->debug(text); };
    CLI::App app("Turns one YAML matrix (Python x torch x CUDA x GPU archs) into correct CUDA wheels.", "sagebuild");
    app.require_subcommand(1);
    app.set_version_flag("--version", "sagebuild " SAGEBUILD_VERSION);
    app.add_flag_callback(
        "--verbose", [&log] { log->set_level(spdlog::level::debug); }, "say which programs are run and how long things take, on stderr");
    add_matrix_option(app, application);
    register_commands(app, application);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::Success& success) {
        app.exit(success, application.out, application.err);
        return ExitCode::ok;
    } catch (const CLI::ParseError& error) {
        if (!report_unknown_command(application.err, app, arguments)) application.err << "error: " << printable(error.what()) << "\n";
        application.err << "hint: `sagebuild --help` and `sagebuild COMMAND --help` list what there is\n";
        return ExitCode::usage;
    }
    return application.exit_code;
}

}  // namespace sagebuild
