#include "app/wheel_verify.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "app/wheel_library_verify.hpp"
#include "core/naming_scheme.hpp"
#include "core/wheel_name.hpp"
#include "text/core_metadata.hpp"
#include "text/sha256.hpp"
#include "text/wheel_manifest.hpp"
#include "text/wheel_metadata.hpp"
#include "text/zip.hpp"

namespace sagebuild {

namespace {

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

std::string top_of(const std::string& path) {
    return path.substr(0, path.find('/'));
}

std::string size_text(std::size_t bytes) {
    if (bytes < 10000) return std::to_string(bytes) + " bytes";
    const std::size_t tenths = (bytes * 10 + 500000) / 1000000;
    if (tenths == 0) return std::to_string((bytes + 500) / 1000) + " kB";
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

class WheelVerifier {
  public:
    WheelVerifier(const std::string& path, const Target* target) : m_path(path), m_target(target) {}

    WheelReport run(const ByteFile& wheel) {
        check_name();
        if (!read_files(wheel)) return finish();
        std::size_t total = 0;
        for (const auto& [path, file] : m_files) total += file.size;
        fact("archive", std::to_string(m_files.size()) + " files, " + size_text(wheel.size()) + ", unpacked " + size_text(total));
        if (find_dist_info()) {
            check_metadata();
            check_wheel_file();
            check_record();
            check_manifest();
        }
        check_files();
        check_libraries();
        return finish();
    }

  private:
    /// What is needed of a file of the wheel; the bytes of libraries and of the .dist-info directory alone are kept.
    struct File {
        std::size_t size = 0;
        std::string record_hash = {};
        std::string bytes = {};
    };

    bool read_files(const ByteFile& wheel) {
        std::string current;
        Sha256 hash;
        const auto end_current = [&] {
            if (!current.empty()) m_files[current].record_hash = hash.finish_base64url();
        };
        const auto take = [&](const std::string& path, std::string_view piece) {
            if (path != current) end_current();
            current = path;
            hash.update(piece);
            m_files[path].size += piece.size();
        };
        const auto is_kept = [](std::string_view path) {
            return is_library(path) || path.substr(0, path.find('/')).ends_with(".dist-info");
        };
        auto entries = read_zip(wheel, is_kept, {}, take);
        if (!entries) {
            m_files.clear();
            add_all(entries.errors());
            return false;
        }
        end_current();
        for (ZipEntry& entry : *entries) {
            File& file = m_files[entry.path];
            if (file.record_hash.empty()) file.record_hash = sha256_base64url("");  // an empty file comes in no piece
            file.bytes = std::move(entry.bytes);
        }
        return true;
    }

    static bool is_library(std::string_view path) { return path.ends_with(".so") || path.find(".so.") != std::string_view::npos; }

    void fact(std::string subject, std::string found) { m_report.facts.emplace_back(std::move(subject), std::move(found)); }
    void add(const std::string& code, std::string what) { m_report.problems.push_back({.code = code, .what = std::move(what)}); }
    void add_all(const Diagnostics& problems) { m_report.problems.insert(m_report.problems.end(), problems.begin(), problems.end()); }
    WheelReport finish() {
        constexpr std::size_t most_shown = 50;  // of a file that someone else made
        if (const std::size_t count = m_report.problems.size(); count > most_shown) {
            m_report.problems.resize(most_shown);
            m_report.problems.back().notes.push_back("and " + std::to_string(count - most_shown) + " more problems of this file");
        }
        for (Diagnostic& problem : m_report.problems) problem.place.file = m_path;
        return std::move(m_report);
    }

    void check_name() {
        const std::string file_name = m_path.substr(m_path.rfind('/') + 1);
        auto name = parse_wheel_name(file_name);
        if (!name) {
            add_all(name.errors());
        } else {
            m_name = std::move(name).value();
        }
        if (m_target == nullptr) return fact("name", file_name);
        const std::string expected = render_wheel_name(make_wheel_name(*m_target));
        if (file_name == expected) return fact("name", "as the row " + m_target->name + " names it");
        add("SB0408", "the wheel of " + quoted(m_target->name) + " is named " + quoted(expected) + ", not " + quoted(file_name));
    }

    bool find_dist_info() {
        std::set<std::string> directories;
        for (const auto& [path, file] : m_files) {
            if (const std::string top = top_of(path); top.ends_with(".dist-info") && top != path) directories.insert(top);
        }
        if (directories.size() != 1) {
            const std::vector<std::string> found(directories.begin(), directories.end());
            add("SB0403", found.empty()
                              ? "wheel has no .dist-info directory"
                              : "wheel has " + std::to_string(found.size()) + " .dist-info directories: " + printable(joined(found, ", ")));
            return false;
        }
        m_dist_info = *directories.begin();
        const std::string stem = m_dist_info.substr(0, m_dist_info.size() - std::string_view(".dist-info").size());
        const std::size_t dash = stem.find('-');
        const bool agrees = !m_name || (dash != std::string::npos && stem.substr(dash + 1) == m_name->version &&
                                        normalise_project(stem.substr(0, dash)) == normalise_project(m_name->distribution));
        if (!agrees)
            add("SB0403",
                "directory " + quoted(m_dist_info) + " does not belong to " + quoted(m_name->distribution + "-" + m_name->version));
        return true;
    }

    const File* find_file(const std::string& path) const {
        const auto found = m_files.find(path);
        return found == m_files.end() ? nullptr : &found->second;
    }

    const std::string* find_info_file(const std::string& name, const std::string& code) {
        const File* file = find_file(m_dist_info + "/" + name);
        if (file == nullptr) add(code, "wheel has no " + quoted(m_dist_info + "/" + name));
        return file == nullptr ? nullptr : &file->bytes;
    }

    void check_metadata() {
        const std::string* text = find_info_file("METADATA", "SB0403");
        if (text == nullptr) return;
        const auto metadata = parse_core_metadata(*text);
        if (!metadata) return add_all(metadata.errors());
        if (m_name && normalise_project(metadata->name) != normalise_project(m_name->distribution)) {
            add("SB0405", "METADATA is of " + quoted(metadata->name) + ", the file name of " + quoted(m_name->distribution));
        }
        if (m_name && metadata->version != m_name->version) {
            add("SB0405", "METADATA has version " + quoted(metadata->version) + ", the file name " + quoted(m_name->version));
        }
        for (const std::string& license : metadata->license_files) {
            if (find_file(m_dist_info + "/licenses/" + license) == nullptr)
                add("SB0405", "METADATA names the license file " + quoted(license) + ", which is not in the wheel");
        }
        if (m_target != nullptr) {
            const std::string torch = "torch" + m_target->requires_torch;
            if (std::find(metadata->requires_dist.begin(), metadata->requires_dist.end(), torch) == metadata->requires_dist.end()) {
                const std::string found = metadata->requires_dist.empty() ? "nothing" : quoted(joined(metadata->requires_dist, ", "));
                add("SB0405", "METADATA requires " + found + "; the row asks for " + quoted(torch));
            }
            if (metadata->requires_python != m_target->requires_python) {
                add("SB0405",
                    "METADATA asks for Python " + quoted(metadata->requires_python) + ", the row for " + quoted(m_target->requires_python));
            }
        }
        std::vector<std::string> stated = {metadata->name + " " + metadata->version};
        if (!metadata->requires_python.empty()) stated.push_back("python" + metadata->requires_python);
        stated.insert(stated.end(), metadata->requires_dist.begin(), metadata->requires_dist.end());
        fact("METADATA", joined(stated, ", "));
    }

    void check_wheel_file() {
        const std::string* text = find_info_file("WHEEL", "SB0403");
        if (text == nullptr) return;
        const auto metadata = parse_wheel_metadata(*text);
        if (!metadata) return add_all(metadata.errors());
        if (m_name) {
            const std::vector<std::string> tags = m_name->tags();
            if (std::set(tags.begin(), tags.end()) != std::set(metadata->tags.begin(), metadata->tags.end())) {
                add("SB0406",
                    "WHEEL has the tags " + quoted(joined(metadata->tags, ", ")) + ", the file name " + quoted(joined(tags, ", ")));
            }
            if (metadata->build != m_name->build)
                add("SB0406", "WHEEL has the build tag " + quoted(metadata->build) + ", the file name " + quoted(m_name->build));
        }
        const bool native = std::any_of(m_files.begin(), m_files.end(), [](const auto& file) { return file.first.ends_with(".so"); });
        if (metadata->root_is_purelib && native) add("SB0406", "WHEEL says `Root-Is-Purelib: true`, but the wheel holds a shared library");
        fact("WHEEL", joined(metadata->tags, " ") + (metadata->build.empty() ? "" : ", build " + metadata->build));
    }

    void check_record() {
        const std::string* text = find_info_file("RECORD", "SB0403");
        if (text == nullptr) return;
        const auto entries = parse_record(*text);
        if (!entries) return add_all(entries.errors());
        std::set<std::string> listed;
        std::size_t hashes = 0;
        for (const RecordEntry& entry : *entries) {
            if (!listed.insert(entry.path).second) add("SB0404", "RECORD lists " + quoted(entry.path) + " twice");
            const File* file = find_file(entry.path);
            if (file == nullptr) {
                add("SB0404", "RECORD lists " + quoted(entry.path) + ", which is not in the wheel");
            } else if (check_record_entry(entry, *file)) {
                ++hashes;
            }
        }
        for (const auto& [path, file] : m_files) {
            if (!listed.contains(path) && !is_signature(path)) add("SB0404", "RECORD does not list " + quoted(path));
        }
        fact("RECORD", std::to_string(hashes) + " hashes equal");
    }

    /// RECORD cannot hold its own hash, and signatures are made after it (binary distribution format).
    bool is_signature(const std::string& path) const { return path == m_dist_info + "/RECORD.jws" || path == m_dist_info + "/RECORD.p7s"; }

    bool check_record_entry(const RecordEntry& entry, const File& file) {
        if (entry.path == m_dist_info + "/RECORD") {
            if (!entry.hash.empty()) add("SB0404", "RECORD states a hash of itself");
            return false;
        }
        if (!entry.hash.starts_with("sha256=")) {
            add("SB0404", "RECORD has no SHA-256 of " + quoted(entry.path));
            return false;
        }
        const std::string actual = "sha256=" + file.record_hash;
        if (entry.hash != actual) {
            add("SB0404", quoted(entry.path) + " has the hash " + quoted(actual) + ", RECORD states " + quoted(entry.hash));
            return false;
        }
        if (entry.size != file.size) {
            const std::string stated = entry.size ? std::to_string(*entry.size) : "none";
            add("SB0404", quoted(entry.path) + " has " + std::to_string(file.size) + " bytes, RECORD states " + stated);
            return false;
        }
        return true;
    }

    void check_manifest() {
        const std::string* text = find_info_file("sagebuild.json", "SB0407");
        if (text == nullptr) return;
        auto manifest = parse_wheel_manifest(*text);
        if (!manifest) return add_all(manifest.errors());
        m_manifest = std::move(manifest).value();
        if (m_name) check_manifest_against_name();
        if (m_target != nullptr) check_manifest_against_target();
        fact("manifest", m_manifest->target + ", images by " + m_manifest->compiler + " " + m_manifest->compiler_version + " of CUDA " +
                             m_manifest->toolkit);
    }

    void expect(const std::string& subject, const std::string& stated, const std::string& other, const std::string& where) {
        if (stated != other) add("SB0407", "manifest has the " + subject + " " + quoted(stated) + ", the " + where + " " + quoted(other));
    }

    /// The name's build tag and Python tag are made from what the manifest states, so both can be compared without the matrix.
    void check_manifest_against_name() {
        expect("package", normalise_project(m_manifest->package), normalise_project(m_name->distribution), "file name");
        expect("version", m_manifest->version, m_name->version, "file name");
        const auto torch = parse_version(m_manifest->torch.value_or(""));
        const auto cuda = parse_version(m_manifest->cuda);
        const auto python = parse_version(m_manifest->python.value_or(""));
        expect("build tag", torch && cuda ? make_build_tag(*torch, *cuda) : "", m_name->build, "file name");
        const std::string tag = python ? "cp" + std::to_string(python->part(0)) + std::to_string(python->part(1)) : "py3";
        expect("python tag", tag, joined(m_name->pythons, "."), "file name");
    }

    void check_manifest_against_target() {
        const auto text = [](const std::optional<Version>& version) { return version ? version->to_string() : ""; };
        expect("target", m_manifest->target, m_target->name, "row");
        expect("torch", m_manifest->torch.value_or(""), text(m_target->torch), "row");
        expect("cuda", m_manifest->cuda, m_target->cuda.to_string(), "row");
        expect("toolkit", m_manifest->toolkit, m_target->images_cuda.to_string(), "row");
        expect("python", m_manifest->python.value_or(""), text(m_target->python), "row");
    }

    /// One Python package and the .dist-info directory; `.data` directories and scripts have no place in these wheels.
    void check_files() {
        std::set<std::string> tops;
        for (const auto& [path, file] : m_files) {
            if (top_of(path) != m_dist_info) tops.insert(top_of(path));
        }
        if (!m_manifest) return;
        const std::string& module = m_manifest->module;
        for (const std::string& top : tops) {
            if (top != module) add("SB0409", quoted(top) + " stands beside the package " + quoted(module));
        }
        if (find_file(module + "/__init__.py") == nullptr) add("SB0409", "wheel has no " + quoted(module + "/__init__.py"));
        if (find_file(m_manifest->library) == nullptr)
            add("SB0409", "wheel has no " + quoted(m_manifest->library) + ", the library that the manifest names");
    }

    void check_libraries() {
        std::vector<ExpectedUnit> units;
        if (m_manifest) {
            for (const auto& unit : m_manifest->units) units.push_back({unit.name, unit.archs, unit.ptx});
        }
        for (const auto& [path, file] : m_files) {
            if (!is_library(path)) continue;
            const bool carries_images = m_manifest && path == m_manifest->library;
            LibraryReport report = verify_library(path, file.bytes, m_name ? m_name->platforms : std::vector<std::string>{},
                                                  carries_images ? &units : nullptr, m_target);
            add_all(report.problems);
            for (auto& [subject, found] : report.facts) fact(std::move(subject), std::move(found));
        }
    }

    const std::string& m_path;
    const Target* m_target;
    WheelReport m_report;
    std::optional<WheelName> m_name;
    std::map<std::string, File> m_files;
    std::string m_dist_info;
    std::optional<WheelManifest> m_manifest;
};

}  // namespace

WheelReport verify_wheel(const ByteFile& file, const std::string& path, const Target* target) {
    return WheelVerifier(path, target).run(file);
}

WheelReport verify_wheel(std::string_view bytes, const std::string& path, const Target* target) {
    return verify_wheel(MemoryByteFile(bytes), path, target);
}

}  // namespace sagebuild
