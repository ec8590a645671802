#include "cli/wheel_verify.hpp"

#include <memory>
#include <ostream>
#include <string>

#include "app/wheel_verify_files.hpp"
#include "cli/matrix_option.hpp"

namespace sagebuild {

namespace {

void print_report(std::ostream& out, const VerifiedFile& file) {
    constexpr std::size_t subject_width = 10;
    out << printable(file.path) << "\n";
    for (const auto& [subject, found] : file.report.facts) {
        out << "  " << subject << std::string(subject.size() < subject_width ? subject_width - subject.size() : 1, ' ') << printable(found)
            << "\n";
    }
    const std::size_t problems = file.report.problems.size();
    if (problems == 0) {
        out << "  verified\n";
    } else {
        out << "  not verified: " << problems << (problems == 1 ? " problem\n" : " problems\n");
    }
}

void verify_files(Application& application, VerifyRequest request) {
    request.matrix_directory = application.matrix_directory;
    const auto verified = verify_wheel_files(request, application.edges);
    if (!verified) return application.report(verified.errors());
    Diagnostics problems;
    for (const VerifiedFile& file : *verified) {
        print_report(application.out, file);
        problems.insert(problems.end(), file.report.problems.begin(), file.report.problems.end());
    }
    application.out.flush();
    if (!problems.empty()) application.report(problems);
}

}  // namespace

void register_wheel_verify(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("verify", "open finished wheels and compare them with their names, manifests and the matrix");
    auto request = std::make_shared<VerifyRequest>();
    command->add_option("FILE", request->files, "wheels")->required();
    command->add_option("--target", request->target, "compare with this target instead of the one that has the file's name");
    add_matrix_option(*command, application);
    command->callback([&application, request] { verify_files(application, *request); });
}

}  // namespace sagebuild
