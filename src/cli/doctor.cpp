#include "cli/doctor.hpp"

#include <memory>
#include <ostream>
#include <string>

#include "app/doctor.hpp"
#include "text/doctor_json.hpp"

namespace sagebuild {

namespace {

const char* mark(DoctorState state) {
    return state == DoctorState::good ? "✔" : state == DoctorState::absent ? "-" : "✘";
}

void print_report(std::ostream& out, const DoctorReport& report) {
    constexpr std::size_t subject_width = 12;
    for (const DoctorCheck& check : report.checks) {
        out << mark(check.state) << " " << check.subject << std::string(subject_width - check.subject.size(), ' ') << check.found << "\n";
        if (!check.advice.empty()) out << std::string(subject_width + 2, ' ') << check.advice << "\n";
    }
    const auto answer = [](bool can) { return can ? "yes" : "no"; };
    out << "\nbuilds here: " << answer(report.builds_locally) << "   builds in containers: " << answer(report.builds_in_containers)
        << "   runs kernels: " << answer(report.runs_kernels) << "\n";
}

}  // namespace

void register_doctor(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("doctor", "what this machine can build and run, with one line of advice each");
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "as JSON (docs/doctor.md)");
    command->callback([&application, json] {
        const DoctorReport report = examine_machine(application.edges);
        if (*json) {
            application.out << render_doctor_json(report);
        } else {
            print_report(application.out, report);
        }
        application.out.flush();
    });
}

}  // namespace sagebuild
