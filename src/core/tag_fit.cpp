#include "core/tag_fit.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "core/python_version_order.hpp"

namespace sagebuild {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return out;
}

std::optional<int> parse_number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() || digits.size() > 4 || value < 0)
        return std::nullopt;
    return value;
}

std::string machine_name(std::string_view arch) {
    if (arch == "amd64") return "x86_64";
    if (arch == "arm64") return "aarch64";
    return std::string(arch);
}

std::string system_name(std::string_view os) {
    if (os == "linux") return "Linux";
    if (os == "windows") return "Windows";
    if (os == "macos") return "macOS";
    return std::string(os);
}

/// `cp312`, `py3`
struct PythonTag {
    std::string_view implementation;
    int major = 0;
    std::optional<int> minor;
};

std::optional<PythonTag> parse_python_tag(std::string_view tag) {
    PythonTag python{tag.substr(0, 2), 0, {}};
    const std::string_view digits = tag.substr(std::min<std::size_t>(2, tag.size()));
    if (digits.empty() || !parse_number(digits.substr(0, 1))) return std::nullopt;
    python.major = *parse_number(digits.substr(0, 1));
    if (digits.size() == 1) return python;
    python.minor = parse_number(digits.substr(1));
    return python.minor ? std::optional(python) : std::nullopt;
}

TagPart refuse(MisfitCategory category, std::string text) {
    TagPart fit;
    fit.misfit = Misfit{category, std::move(text)};
    return fit;
}

TagPart ask(std::string_view depends_on, std::string text) {
    TagPart fit;
    fit.open.push_back({depends_on, std::move(text)});
    return fit;
}

// Python and ABI ------------------------------------------------------------------------------------------------------------------------

std::string python_text(const PythonTag& python) {
    return std::to_string(python.major) + (python.minor ? "." + std::to_string(*python.minor) : "");
}

/// An installer's order of (Python, ABI): own ABI, stable ABI, no ABI, the stable ABI of older minors, then `py` tags; without a platform
/// (`any`) those come again behind all others (packaging.tags.cpython_tags and compatible_tags).
int group_of_py(const PythonTag& python, int here) {
    if (!python.minor) return 1;
    return *python.minor == here ? 0 : 2 + (here - *python.minor);
}

TagPart fit_generic(const PythonTag& python, const WheelEnvironment& here, bool any_platform) {
    if (!here.python) {
        if (python.major == 3 && !python.minor) return {};
        return ask("python", "is for Python " + python_text(python) + "; Python here is not known");
    }
    const int minor = here.python->part(1);
    if (python.major != here.python->part(0) || python.minor.value_or(0) > minor) {
        TagPart fit =
            refuse(MisfitCategory::python, "is for Python " + python_text(python) + ", here is " + here.python->prefix(2).to_string());
        fit.distance = python.minor.value_or(100) - minor;
        return fit;
    }
    TagPart fit;
    fit.rank = 3 + minor + group_of_py(python, minor) + (any_platform ? 5 + minor : 0);
    return fit;
}

TagPart fit_threading(const PythonTag& python, bool is_free_threaded, const WheelEnvironment& here) {
    constexpr int first_free_threaded_minor = 13;  // PEP 703
    if (here.free_threaded) {
        if (*here.free_threaded == is_free_threaded) return {};
        return refuse(MisfitCategory::abi, is_free_threaded
                                               ? "is for free-threaded Python " + python_text(python) + ", here is the one with the GIL"
                                               : "is for Python with the GIL, here is the free-threaded one");
    }
    if (!here.python) return {};
    if (here.python->part(1) < first_free_threaded_minor) {
        if (!is_free_threaded) return {};
        return refuse(MisfitCategory::abi, "is for free-threaded Python " + python_text(python) + ", which " +
                                               here.python->prefix(2).to_string() + " cannot be");
    }
    return ask("free_threaded",
               std::string("is for Python ") + (is_free_threaded ? "without" : "with") + " the GIL; which one is here is not known");
}

/// abi3 is the stable ABI of Python with the GIL, abi3t (PEP 803) that of the free-threaded one.
TagPart fit_stable(const PythonTag& python, std::string_view abi, const WheelEnvironment& here) {
    if (!here.python) return ask("python", "is for Python " + python_text(python) + " and later; Python here is not known");
    const int minor = here.python->part(1);
    if (python.major != here.python->part(0) || *python.minor > minor) {
        TagPart fit = refuse(MisfitCategory::python,
                             "is for Python " + python_text(python) + " and later, here is " + here.python->prefix(2).to_string());
        fit.distance = *python.minor - minor;
        return fit;
    }
    TagPart fit = fit_threading(python, abi == "abi3t", here);
    if (fit.misfit && abi == "abi3")
        fit.misfit->text = "is built for the stable ABI of Python with the GIL (abi3), here is the free-threaded one";
    fit.rank = *python.minor == minor ? 1 : 2 + (minor - *python.minor);
    return fit;
}

TagPart fit_cpython(const PythonTag& python, std::string_view abi, const WheelEnvironment& here, bool any_platform) {
    if (!python.minor) return refuse(MisfitCategory::python, "names no minor version of CPython");
    if (abi == "abi3" || abi == "abi3t") return fit_stable(python, abi, here);
    if (!here.python) return ask("python", "is for Python " + python_text(python) + "; Python here is not known");
    const int minor = here.python->part(1);
    if (python.major != here.python->part(0) || *python.minor != minor) {
        TagPart fit =
            refuse(MisfitCategory::python, "is for Python " + python_text(python) + ", here is " + here.python->prefix(2).to_string());
        fit.distance = std::abs(*python.minor - minor);
        return fit;
    }
    TagPart fit;
    if (abi == "none") {
        fit.rank = any_platform ? 7 + 2 * minor : 2;
        return fit;
    }
    const std::string own = "cp" + std::to_string(python.major) + std::to_string(*python.minor);
    constexpr int last_pymalloc_minor = 7;  // up to 3.7 the ABI says whether Python's own allocator is compiled in
    const bool is_gil = abi == (minor <= last_pymalloc_minor ? own + "m" : own);
    if (!is_gil && abi != own + "t")
        return refuse(MisfitCategory::abi, "is built for the ABI `" + std::string(abi) + "`, which Python here has not");
    return fit_threading(python, !is_gil, here);
}

// platform ------------------------------------------------------------------------------------------------------------------------------

TagPart fit_system(std::string_view os, const TagEnvironment& here) {
    if (here.os == os) return {};
    if (here.os.empty()) return ask("os", "is for " + system_name(os) + "; the system here is not known");
    return refuse(MisfitCategory::platform, "is for " + system_name(os) + ", here is " + system_name(here.os));
}

TagPart fit_machine(std::string_view tag_arch, const TagEnvironment& here) {
    const std::string arch = machine_name(tag_arch);
    if (here.arch.empty()) return ask("arch", "is for " + arch + "; the CPU here is not known");
    if (here.arch == arch) return {};
    if (here.arm_gpu) {
        return refuse(MisfitCategory::platform,
                      "is for " + arch + ", machines with a GPU of " + here.arm_gpu->to_string() + " are " + here.arch);
    }
    return refuse(MisfitCategory::platform, "is for " + arch + ", here is " + here.arch);
}

/// The first misfit of two, else the questions of both.
TagPart both(TagPart first, const TagPart& second) {
    if (first.misfit) return first;
    if (second.misfit) return second;
    first.open.insert(first.open.end(), second.open.begin(), second.open.end());
    first.rank += second.rank;
    return first;
}

TagPart fit_glibc(const Version& needed, std::string_view arch, const TagEnvironment& here) {
    // PEP 600 with the oldest of PEP 513 and 599: installers look for nothing older
    const Version oldest = arch == "x86_64" || arch == "i686" ? Version({2, 5}) : Version({2, 17});
    if (needed < oldest) {
        return refuse(MisfitCategory::platform,
                      "is for glibc " + needed.to_string() + ", which installers do not look for on " + std::string(arch));
    }
    const auto& glibc = here.environment->glibc;
    if (!glibc) return ask("glibc", "needs glibc " + needed.to_string() + "; the one here is not known");
    if (*glibc < needed) {
        return refuse(MisfitCategory::platform, "needs glibc " + needed.to_string() + ", here is " + glibc->prefix(2).to_string());
    }
    TagPart fit;
    fit.rank = glibc->part(0) == needed.part(0) ? 2 * (glibc->part(1) - needed.part(1)) : tags_per_group / 2;
    return fit;
}

struct LinuxTag {
    std::string_view arch;
    std::optional<Version> glibc;  ///< of a manylinux tag
    bool is_musl = false;
    bool is_legacy = false;
};

/// `N_M_x86_64`
std::optional<LinuxTag> parse_perennial(std::string_view rest) {
    const std::size_t first = rest.find('_');
    const std::size_t second = first == std::string_view::npos ? first : rest.find('_', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto major = parse_number(rest.substr(0, first));
    const auto minor = parse_number(rest.substr(first + 1, second - first - 1));
    if (!major || !minor) return std::nullopt;
    return LinuxTag{rest.substr(second + 1), Version({*major, *minor}), false, false};
}

std::optional<LinuxTag> parse_linux_tag(std::string_view tag) {
    struct Legacy {
        std::string_view prefix;
        int minor;
    };
    constexpr Legacy legacy[] = {{"manylinux1_", 5}, {"manylinux2010_", 12}, {"manylinux2014_", 17}};  // PEP 513, 571, 599
    for (const Legacy& entry : legacy) {
        if (tag.starts_with(entry.prefix)) return LinuxTag{tag.substr(entry.prefix.size()), Version({2, entry.minor}), false, true};
    }
    if (tag.starts_with("manylinux_")) return parse_perennial(tag.substr(10));
    if (tag.starts_with("musllinux_")) {
        auto musl = parse_perennial(tag.substr(10));
        if (musl) musl->is_musl = true;
        return musl;
    }
    if (tag.starts_with("linux_")) return LinuxTag{tag.substr(6), std::nullopt, false, false};
    return std::nullopt;
}

TagPart fit_linux(const LinuxTag& tag, const TagEnvironment& here) {
    TagPart fit = both(fit_system("linux", here), fit_machine(tag.arch, here));
    if (fit.misfit) return fit;
    if (tag.is_musl) {
        TagPart musl = here.environment->glibc ? refuse(MisfitCategory::platform, "needs musl, here is glibc")
                                               : ask("glibc", "needs musl; the C library here is not known");
        return both(std::move(musl), fit);
    }
    if (!tag.glibc) {
        fit.rank = tags_per_group - 1;
        return fit;
    }
    TagPart glibc = both(std::move(fit), fit_glibc(*tag.glibc, tag.arch, here));
    if (tag.is_legacy) ++glibc.rank;
    return glibc;
}

TagPart fit_macos(std::string_view rest, const TagEnvironment& here) {
    const auto tag = parse_perennial(rest);
    if (!tag) return refuse(MisfitCategory::platform, "is for `macosx_" + std::string(rest) + "`, which is no platform");
    const bool is_both = tag->arch == "universal2";
    TagPart fit = both(fit_system("macos", here), is_both ? TagPart{} : fit_machine(tag->arch == "intel" ? "x86_64" : tag->arch, here));
    if (fit.misfit) return fit;
    return both(std::move(fit), ask("os", "needs macOS " + tag->glibc->to_string() + "; the one here is not known"));
}

void append(TagFit& fit, TagPart part) {
    if (part.misfit) fit.misfits.push_back(std::move(*part.misfit));
    fit.open.insert(fit.open.end(), part.open.begin(), part.open.end());
}

/// Fewer misfits, then those of nearer kinds, then fewer questions, then what installers prefer.
auto closeness(const TagFit& fit) {
    const auto worst = fit.misfits.empty() ? MisfitCategory::torch_minor
                                           : std::max_element(fit.misfits.begin(), fit.misfits.end(), [](const Misfit& a, const Misfit& b) {
                                                 return a.category < b.category;
                                             })->category;
    return std::tuple(fit.misfits.size(), worst, fit.python_distance, fit.open.size(), fit.rank);
}

}  // namespace

TagEnvironment make_tag_environment(const WheelEnvironment& environment, const Compat& compat) {
    TagEnvironment tags;
    tags.environment = &environment;
    tags.os = environment.os.value_or(environment.glibc ? "linux" : "");
    tags.arch = environment.arch ? machine_name(lower(*environment.arch)) : "";
    if (tags.arch.empty() && environment.sm) {
        for (const Arch& gpu : *environment.sm) {
            const auto known = compat.gpus.find(gpu.capability());
            if (known == compat.gpus.end() || !known->second.arm_host) continue;
            tags.arch = "aarch64";
            tags.arm_gpu = gpu;
            break;
        }
    }
    return tags;
}

TagPart fit_python_tag(std::string_view raw_tag, std::string_view raw_abi, bool any_platform, const WheelEnvironment& environment) {
    const std::string tag = lower(raw_tag), abi = lower(raw_abi);
    const auto python = parse_python_tag(tag);
    if (python && python->implementation == "py" && abi == "none") return fit_generic(*python, environment, any_platform);
    if (python && python->implementation == "cp" && (abi == "none" || !any_platform))
        return fit_cpython(*python, abi, environment, any_platform);
    return refuse(MisfitCategory::python, "is for `" + tag + "-" + abi + "`, not for CPython");
}

TagPart fit_platform_tag(std::string_view raw_tag, const TagEnvironment& here) {
    const std::string tag = lower(raw_tag);
    if (tag == "any") return {};
    if (const auto linux_tag = parse_linux_tag(tag)) return fit_linux(*linux_tag, here);
    if (tag.starts_with("macosx_")) return fit_macos(std::string_view(tag).substr(7), here);
    if (tag == "win32") return both(fit_system("windows", here), fit_machine("x86", here));
    if (tag.starts_with("win_")) return both(fit_system("windows", here), fit_machine(std::string_view(tag).substr(4), here));
    return refuse(MisfitCategory::platform, "is for `" + tag + "`" + (here.os.empty() ? "" : ", here is " + system_name(here.os)));
}

PlatformNeeds read_platform_tag(std::string_view raw_tag) {
    const std::string tag = lower(raw_tag);
    if (const auto linux_tag = parse_linux_tag(tag))
        return {machine_name(linux_tag->arch), linux_tag->is_musl ? std::nullopt : linux_tag->glibc};
    if (tag == "win32") return {"x86", std::nullopt};
    if (tag.starts_with("win_")) return {machine_name(std::string_view(tag).substr(4)), std::nullopt};
    const auto macos = tag.starts_with("macosx_") ? parse_perennial(std::string_view(tag).substr(7)) : std::nullopt;
    return {macos ? machine_name(macos->arch) : "", std::nullopt};
}

bool is_any_platform(std::string_view platform) {
    return lower(platform) == "any";
}

bool is_pure_tag(std::string_view abi, std::string_view platform) {
    return lower(abi) == "none" && is_any_platform(platform);
}

TagFit fit_tags(const WheelName& name, const TagEnvironment& environment) {
    std::optional<TagFit> best;
    for (const std::string& platform : name.platforms) {
        const bool any_platform = is_any_platform(platform);
        const TagPart platform_part = fit_platform_tag(platform, environment);
        for (const std::string& python : name.pythons) {
            for (const std::string& abi : name.abis) {
                TagPart python_part = fit_python_tag(python, abi, any_platform, *environment.environment);
                TagFit fit;
                fit.rank = python_part.rank * tags_per_group + platform_part.rank;
                fit.python_distance = python_part.distance;
                fit.is_pure = is_pure_tag(abi, platform);
                append(fit, std::move(python_part));
                append(fit, platform_part);
                if (!best || closeness(fit) < closeness(*best)) best = std::move(fit);
            }
        }
    }
    return std::move(*best);
}

std::optional<Misfit> refuse_python(const std::string& requires_python, const WheelEnvironment& environment) {
    const auto& here = environment.python;
    if (!here || requires_python.empty() || allows_python(requires_python, here->part(0), here->part(1)) != false) return std::nullopt;
    return Misfit{MisfitCategory::python, "asks for Python " + requires_python + ", here is " + here->prefix(2).to_string()};
}

}  // namespace sagebuild
