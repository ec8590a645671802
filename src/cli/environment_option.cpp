#include "cli/environment_option.hpp"

namespace sagebuild {

void add_environment_options(CLI::App& command, EnvironmentOptions& environment) {
    CLI::Option* file = command.add_option("--environment", environment.file, "JSON file that describes the environment (docs/select.md)");
    CLI::Option* dockerfile = command.add_option("--dockerfile", environment.dockerfile, "Dockerfile whose image the wheel is for");
    CLI::Option* image =
        command.add_option("--image", environment.image, "container image: an archive, an OCI layout, or one of the local engine")
            ->type_name("REFERENCE");
    CLI::Option* probe =
        command
            .add_option_function<std::vector<std::string>>(
                "--probe",
                [&environment](const std::vector<std::string>& words) { environment.probe = words.empty() ? "" : words.front(); },
                "ask this machine and a Python (default: the active one)")
            ->type_name("PYTHON")
            ->expected(0, 1);
    file->excludes(dockerfile)->excludes(image)->excludes(probe);
    dockerfile->excludes(image)->excludes(probe);
    image->excludes(probe);
    command.add_option("--python", environment.python, "Python, such as 3.12 or 3.13t")->type_name("VERSION");
    command.add_option("--torch", environment.torch, "torch with its variant, such as 2.9.1+cu129")->type_name("VERSION");
    command.add_option("--driver", environment.driver, "NVIDIA's driver, such as 575.57.08")->type_name("VERSION");
    command.add_option("--gpu", environment.gpus, "compute capability or name of a GPU, such as 8.9 or \"RTX 4090\"; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--glibc", environment.glibc, "C library, such as 2.39")->type_name("VERSION");
    command.add_option("--os", environment.os, "linux, windows or macos")->check(CLI::IsMember({"linux", "windows", "macos"}));
    command.add_option("--arch", environment.arch, "CPU: x86_64 or aarch64");
}

}  // namespace sagebuild
