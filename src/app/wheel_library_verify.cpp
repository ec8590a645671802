#include "app/wheel_library_verify.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/version.hpp"
#include "text/elf.hpp"
#include "text/fatbin.hpp"

namespace sagebuild {

namespace {

/// The files of glibc itself, which every platform tag for Linux presupposes.
constexpr std::array<std::string_view, 7> allowed_libraries = {
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"};

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

std::string arch_list(const std::vector<Arch>& archs, std::string_view suffix = "") {
    std::string out;
    for (const Arch& arch : archs) {
        if (!out.empty()) out += ' ';
        out.append(arch.to_string()).append(suffix);
    }
    return out;
}

std::string images_text(const std::vector<Arch>& archs, const std::vector<Arch>& ptx) {
    std::string out = arch_list(archs);
    if (!ptx.empty()) out += (out.empty() ? "" : " ") + arch_list(ptx, "+ptx");
    return out.empty() ? "nothing" : out;
}

struct PlatformPromise {
    std::string cpu;
    std::optional<Version> glibc;  ///< none: no promise
};

/// PEP 600 `manylinux_X_Y_CPU`, its older names (PEP 513, 571, 599), and `linux_CPU`, which promises no glibc.
std::optional<PlatformPromise> parse_platform(std::string_view tag) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> old_names = {
        {{"manylinux1_", "2.5"}, {"manylinux2010_", "2.12"}, {"manylinux2014_", "2.17"}, {"linux_", ""}}};
    for (const auto& [prefix, glibc] : old_names) {
        if (tag.starts_with(prefix)) return PlatformPromise{std::string(tag.substr(prefix.size())), parse_version(glibc)};
    }
    constexpr std::string_view prefix = "manylinux_";
    if (!tag.starts_with(prefix)) return std::nullopt;
    tag.remove_prefix(prefix.size());
    const std::size_t minor = tag.find('_');
    const std::size_t cpu = minor == std::string_view::npos ? minor : tag.find('_', minor + 1);
    if (cpu == std::string_view::npos) return std::nullopt;
    const auto glibc = parse_version(std::string(tag.substr(0, minor)) + "." + std::string(tag.substr(minor + 1, cpu - minor - 1)));
    if (!glibc) return std::nullopt;
    return PlatformPromise{std::string(tag.substr(cpu + 1)), glibc};
}

class LibraryVerifier {
  public:
    LibraryVerifier(const std::string& path, const std::vector<std::string>& platforms, const std::vector<ExpectedUnit>* units,
                    const Target* target)
        : m_path(path), m_platforms(platforms), m_units(units), m_target(target) {}

    LibraryReport run(std::string_view bytes) {
        const auto library = parse_elf_library(bytes);
        if (!library) {
            for (const Diagnostic& error : library.errors()) add(error.code, quoted(m_path) + ": " + error.what);
            return std::move(m_report);
        }
        check_needed(*library);
        check_loading(*library);
        check_platforms(*library);
        if (m_units != nullptr) check_images(library->device_images);
        return std::move(m_report);
    }

  private:
    void add(const std::string& code, std::string what, std::vector<std::string> hints = {}) {
        m_report.problems.push_back({.code = code, .what = std::move(what), .hints = std::move(hints)});
    }
    void fact(std::string subject, std::string found) { m_report.facts.emplace_back(std::move(subject), std::move(found)); }

    void check_needed(const ElfLibrary& library) {
        for (const std::string& name : library.needed) {
            if (std::find(allowed_libraries.begin(), allowed_libraries.end(), name) != allowed_libraries.end()) continue;
            std::vector<std::string> hints;
            if (name.starts_with("libtorch") || name.starts_with("libc10") || name.starts_with("libcuda"))
                hints.push_back("look its symbols up with `dlsym` at run time");
            add("SB0411", quoted(m_path) + " needs " + quoted(name) + ", which no platform tag promises", std::move(hints));
        }
    }

    /// What `import` on another machine would stumble over, whatever the tag says.
    void check_loading(const ElfLibrary& library) {
        if (!library.run_path.empty())
            add("SB0411",
                quoted(m_path) + " looks for libraries in " + quoted(library.run_path) + ", a directory of the machine that built it");
        if (library.executable_stack) {
            add("SB0412",
                quoted(m_path) + " asks for an executable stack, which glibc 2.41 and later refuse to a library that is opened at run time",
                {"end assembly files with `.section .note.GNU-stack,\"\",@progbits`"});
        }
    }

    void check_platforms(const ElfLibrary& library) {
        std::optional<Version> asked;
        for (const std::string& symbol : library.symbol_versions) {
            constexpr std::string_view prefix = "GLIBC_";
            const auto version = symbol.starts_with(prefix) ? parse_version(symbol.substr(prefix.size())) : std::nullopt;
            if (version && (!asked || *asked < *version)) asked = version;
        }
        for (const std::string& tag : m_platforms) {
            const auto promise = parse_platform(tag);
            if (!promise) {
                add("SB0412", "platform tag " + quoted(tag) + " is not one of Linux, but " + quoted(m_path) + " is an ELF library");
                continue;
            }
            if (promise->cpu != library.cpu)
                add("SB0412", quoted(m_path) + " is for " + library.cpu + ", the platform tag is " + quoted(tag));
            if (promise->glibc && asked && *promise->glibc < *asked) {
                add("SB0412", quoted(m_path) + " asks for glibc " + asked->to_string() + ", the platform tag " + quoted(tag) +
                                  " promises " + promise->glibc->to_string());
            }
        }
        std::string needs;
        for (const std::string& name : library.needed) needs += (needs.empty() ? ", needs " : " ") + printable(name, 80);
        fact("library", m_path + ": " + library.cpu + (asked ? ", glibc " + asked->to_string() : "") + needs);
    }

    void check_images(const std::string& section) {
        if (section.empty()) return add("SB0414", quoted(m_path) + " has no section `.nv_fatbin`");
        const auto fatbins = parse_fatbins(section);
        if (!fatbins) {
            for (const Diagnostic& error : fatbins.errors()) add(error.code, quoted(m_path) + ": " + error.what);
            return;
        }
        if (fatbins->size() != m_units->size()) {
            add("SB0413", quoted(m_path) + " holds " + std::to_string(fatbins->size()) + " fatbins, the manifest names " +
                              std::to_string(m_units->size()) + " kernel units");
            return;
        }
        for (std::size_t index = 0; index < fatbins->size(); ++index) check_unit((*m_units)[index], (*fatbins)[index]);
        if (m_target != nullptr) check_target();
    }

    void check_unit(const ExpectedUnit& unit, const Fatbin& fatbin) {
        std::vector<Arch> archs, ptx;
        for (const FatbinImage& image : fatbin) (image.ptx ? ptx : archs).push_back(image.arch);
        std::sort(archs.begin(), archs.end());
        std::sort(ptx.begin(), ptx.end());
        const auto sorted = [](std::vector<Arch> list) {
            std::sort(list.begin(), list.end());
            return list;
        };
        if (archs != sorted(unit.archs) || ptx != sorted(unit.ptx)) {
            add("SB0413", "unit " + quoted(unit.name) + " holds images for " + images_text(archs, ptx) + "; the manifest states " +
                              images_text(sorted(unit.archs), sorted(unit.ptx)));
        }
        fact("images", unit.name + ": " + images_text(archs, ptx));
    }

    void check_target() {
        std::vector<ExpectedUnit> wanted;
        for (const TargetUnit& unit : m_target->units) {
            if (!unit.archs.empty() || !unit.ptx.empty()) wanted.push_back({unit.name, unit.archs, unit.ptx});
        }
        const auto find = [](const std::vector<ExpectedUnit>& units, const std::string& name) {
            return std::find_if(units.begin(), units.end(), [&](const ExpectedUnit& unit) { return unit.name == name; });
        };
        for (const ExpectedUnit& unit : wanted) {
            const auto found = find(*m_units, unit.name);
            if (found == m_units->end()) {
                add("SB0413", "wheel has no kernel unit " + quoted(unit.name) + ", which the row has");
            } else if (*found != unit) {
                add("SB0413", "unit " + quoted(unit.name) + " is for " + images_text(found->archs, found->ptx) + "; the row compiles " +
                                  images_text(unit.archs, unit.ptx));
            }
        }
        for (const ExpectedUnit& unit : *m_units) {
            if (find(wanted, unit.name) == wanted.end())
                add("SB0413", "wheel has the kernel unit " + quoted(unit.name) + ", which the row has not");
        }
    }

    const std::string& m_path;
    const std::vector<std::string>& m_platforms;
    const std::vector<ExpectedUnit>* m_units;
    const Target* m_target;
    LibraryReport m_report;
};

}  // namespace

LibraryReport verify_library(const std::string& path, std::string_view bytes, const std::vector<std::string>& platforms,
                             const std::vector<ExpectedUnit>* units, const Target* target) {
    return LibraryVerifier(path, platforms, units, target).run(bytes);
}

}  // namespace sagebuild
