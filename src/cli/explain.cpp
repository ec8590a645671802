#include "cli/explain.hpp"

#include <memory>
#include <ostream>

#include "core/error_codes.hpp"
#include "core/nearest.hpp"

namespace sagebuild {

namespace {

void list_codes(Application& application) {
    for (const ErrorCode& entry : all_error_codes()) application.out << entry.code << "  " << entry.title << "\n";
}

void explain_code(Application& application, const std::string& code) {
    if (const ErrorCode* entry = find_error_code(code)) {
        application.out << entry->code << ": " << entry->title << "\n\n" << entry->page << "\n";
        return;
    }
    std::vector<std::string> codes;
    for (const ErrorCode& entry : all_error_codes()) codes.emplace_back(entry.code);
    application.report({{.code = "SB0902",
                         .what = "`" + code + "` is no error code",
                         .nearest = find_nearest(code, codes),
                         .hints = {"`sagebuild explain` lists all codes"}}});
}

}  // namespace

void register_explain(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("explain", "print the page of an error code, or list all codes");
    auto code = std::make_shared<std::string>();
    command->add_option("CODE", *code, "a code such as SB0204");
    command->callback([&application, code] {
        if (code->empty()) {
            list_codes(application);
        } else {
            explain_code(application, *code);
        }
    });
}

}  // namespace sagebuild
