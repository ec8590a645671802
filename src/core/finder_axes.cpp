#include "core/finder_axes.hpp"

#include <charconv>
#include <set>

#include "core/tag_fit.hpp"

namespace sagebuild {

namespace {

/// What wheels name, over which the lists are made.
struct Named {
    std::set<int> python_minors;  ///< of Python 3
    std::set<Version> torches, cudas, glibcs;
    std::set<std::string> machines;
};

void read_python_tag(std::string_view tag, Named& named) {
    constexpr int largest_minor = 99;
    if (tag.size() < 4 || tag.size() > 5 || tag[2] != '3') return;
    int minor = 0;
    const auto [end, error] = std::from_chars(tag.data() + 3, tag.data() + tag.size(), minor);
    if (error == std::errc() && end == tag.data() + tag.size() && minor >= 0 && minor <= largest_minor) named.python_minors.insert(minor);
}

Named read_named(const std::vector<FinderSubject>& wheels) {
    Named named;
    for (const FinderSubject& subject : wheels) {
        if (!subject.name) continue;
        for (const std::string& tag : subject.name->pythons) read_python_tag(tag, named);
        for (const std::string& tag : subject.name->platforms) {
            PlatformNeeds needs = read_platform_tag(tag);
            if (needs.glibc) named.glibcs.insert(*needs.glibc);
            if (!needs.machine.empty()) named.machines.insert(std::move(needs.machine));
        }
        const WheelFacts& facts = subject.facts;
        if (facts.torch) named.torches.insert(*facts.torch);
        if (facts.cuda && facts.cuda->size() > 1) named.cudas.insert(facts.cuda->prefix(2));
        const auto& content = subject.wheel.content;
        if (content && content->minimum_torch) named.torches.insert(*content->minimum_torch);
    }
    return named;
}

std::vector<Version> list_pythons(const Named& named, const Compat& compat) {
    std::set<Version> pythons;
    for (const int minor : named.python_minors) pythons.insert(Version({3, minor}));
    for (const auto& [version, release] : compat.torch) {
        pythons.insert(release.pythons.begin(), release.pythons.end());
        pythons.insert(release.pythons_free_threaded.begin(), release.pythons_free_threaded.end());
    }
    return {pythons.begin(), pythons.end()};
}

Version with_patch(const Version& version) {
    return version.size() > 2 ? version : Version({version.part(0), version.part(1), 0});
}

Version next_patch(const Version& version) {
    return Version({version.part(0), version.part(1), version.part(2) + 1});
}

/// Of each minor the releases that wheels name, each by itself, and what lies between them.
std::vector<FinderTorch> list_torches(const Named& named, const Compat& compat) {
    std::set<Version> minors;
    for (const auto& [version, release] : compat.torch) minors.insert(version.prefix(2));
    for (const Version& version : named.torches) minors.insert(version.prefix(2));
    std::vector<FinderTorch> torches;
    for (const Version& minor : minors) {
        const Version first = with_patch(minor);
        std::vector<Version> points;
        for (const Version& version : named.torches) {
            if (version.prefix(2) == minor) points.push_back(version);
        }
        if (points.empty() || first < points.front()) torches.push_back({first, true});
        for (std::size_t index = 0; index < points.size(); ++index) {
            torches.push_back({with_patch(points[index]), false});
            const Version next = next_patch(points[index]);
            if (index + 1 == points.size() || next < points[index + 1]) torches.push_back({next, true});
        }
    }
    return torches;
}

std::vector<Version> list_cudas(const Named& named, const Compat& compat) {
    std::set<Version> cudas = named.cudas;
    for (const auto& [version, toolkit] : compat.cuda) cudas.insert(version.prefix(2));
    for (const auto& [version, release] : compat.torch) {
        for (const auto& [cuda, variant] : release.variants) cudas.insert(cuda.prefix(2));
    }
    return {cudas.begin(), cudas.end()};
}

std::vector<DriverVersion> list_drivers(const Compat& compat) {
    std::set<DriverVersion> drivers;
    const auto add = [&](const DriverFloor& floor) {
        if (floor.on_linux) drivers.insert(*floor.on_linux);
        if (floor.on_windows) drivers.insert(*floor.on_windows);
    };
    for (const auto& [major, floor] : compat.drivers.minimum) add(floor);
    for (const auto& [release, floor] : compat.drivers.shipped) add(floor);
    return {drivers.begin(), drivers.end()};
}

/// State 0 is not known, 1 lies below all of `starts`, the others begin with each of them.
template <typename Value>
Value bucket(const std::vector<Value>& starts, std::size_t state, const Value& below) {
    return state == 1 ? below : starts[state - 2];
}

}  // namespace

FinderAxes make_finder_axes(const std::vector<FinderSubject>& wheels, const Compat& compat) {
    const Named named = read_named(wheels);
    FinderAxes axes;
    axes.pythons = list_pythons(named, compat);
    axes.torches = list_torches(named, compat);
    axes.cudas = list_cudas(named, compat);
    axes.systems = {"linux", "windows", "macos"};
    std::set<std::string> machines = named.machines;
    machines.insert({"x86_64", "aarch64"});
    axes.machines.assign(machines.begin(), machines.end());
    axes.glibcs.assign(named.glibcs.begin(), named.glibcs.end());
    axes.drivers = list_drivers(compat);
    for (const auto& [arch, gpu] : compat.gpus) {
        axes.gpus.push_back(arch);
        if (gpu.arm_host) axes.arm_gpus.push_back(arch);
    }
    return axes;
}

FinderAxis FinderAxes::python() const {
    return {"python", 1 + 3 * pythons.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state == 0) return;
                environment.python = pythons[(state - 1) / 3];
                if ((state - 1) % 3 != 0) environment.free_threaded = (state - 1) % 3 == 2;
            }};
}

FinderAxis FinderAxes::torch() const {
    return {"torch", 1 + torches.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.torch = torches[state - 1].from;
            }};
}

FinderAxis FinderAxes::cuda() const {
    return {"cuda", 2 + cudas.size(), [this](WheelEnvironment& environment, std::size_t state) {
                environment.torch_is_cpu = state == 1;
                if (state > 1) environment.torch_cuda = cudas[state - 2];
            }};
}

FinderAxis FinderAxes::system() const {
    return {"system", 1 + systems.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.os = systems[state - 1];
            }};
}

FinderAxis FinderAxes::machine() const {
    return {"machine", 2 + machines.size() + arm_gpus.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state == 0) return;
                if (state <= machines.size()) {
                    environment.arch = machines[state - 1];
                } else if (state == machines.size() + 1) {
                    environment.arch = other_machine;
                } else {
                    environment.sm = {arm_gpus[state - machines.size() - 2]};
                }
            }};
}

FinderAxis FinderAxes::glibc() const {
    return {"glibc", 2 + glibcs.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.glibc = bucket(glibcs, state, Version({1, 0}));
            }};
}

FinderAxis FinderAxes::driver() const {
    return {"driver", 2 + drivers.size(), [this](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.driver = bucket(drivers, state, *parse_driver_version("1"));
            }};
}

FinderAxis FinderAxes::has_driver() const {
    return {"has_driver", 2, [](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.driver = parse_driver_version("1");
            }};
}

FinderAxis FinderAxes::has_gpu() const {
    return {"has_gpu", 3, [](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.sm.emplace();
                if (state > 1) environment.sm->push_back({9, 0});
            }};
}

FinderAxis FinderAxes::cxx11_abi() const {
    return {"cxx11_abi", 3, [](WheelEnvironment& environment, std::size_t state) {
                if (state > 0) environment.torch_cxx11_abi = state == 1;
            }};
}

FinderAxis FinderAxes::gpu() const {
    return {"gpu", gpus.size(), [this](WheelEnvironment& environment, std::size_t state) { environment.sm = {gpus[state]}; }};
}

}  // namespace sagebuild
