#include "text/release_notes.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/notes_template.hpp"
#include "core/text_list.hpp"
#include "core/url.hpp"
#include "text/markdown.hpp"
#include "text/release_changes.hpp"
#include "text/wheel_manifest.hpp"

namespace sagebuild {

namespace {

template <typename Value>
std::vector<Value> sorted(const std::set<Value>& values) {
    return {values.begin(), values.end()};
}

/// Untrusted text for a comment in a block of code, which a fence in it would end.
std::string one_line(std::string_view text) {
    std::string out = printable(text);
    std::replace_if(
        out.begin(), out.end(), [](char letter) { return letter == '\n' || letter == '`'; }, ' ');
    return out;
}

/// A word of a shell command (POSIX, «Quoting»).
std::string shell_word(const std::string& text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/@%";
    if (text.find_first_not_of(plain) == std::string::npos) return text;
    std::string out = "'";
    for (const char letter : text) out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

/// The Python of a tag: `cp312` is 3.12 alone, or with `abi3` from there on; `py3` is any.
struct PythonTag {
    Version version;
    bool or_later = false;
};

std::vector<PythonTag> python_tags(const WheelName& name) {
    std::vector<PythonTag> tags;
    const bool is_abi3 = std::find(name.abis.begin(), name.abis.end(), "abi3") != name.abis.end();
    for (const std::string& tag : name.pythons) {
        if (!tag.starts_with("cp3") && !tag.starts_with("py3")) continue;
        const auto version = tag.size() == 3 ? parse_version("3.0") : parse_version("3." + tag.substr(3));
        if (version) tags.push_back({*version, is_abi3 || tag.starts_with("py")});
    }
    return tags;
}

/// @param quote of what METADATA says
template <typename Quote>
std::string python_text(const PublishedWheel& wheel, Quote quote) {
    std::vector<std::string> texts;
    for (const PythonTag& tag : python_tags(wheel.name)) {
        if (!tag.or_later) {
            texts.push_back(tag.version.to_string());
        } else if (!wheel.wheel.requires_python.empty()) {
            texts.push_back(quote(wheel.wheel.requires_python));
        } else {
            texts.push_back(tag.version.part(1) > 0 ? tag.version.to_string() + " or newer" : "any");
        }
    }
    return texts.empty() ? "not stated" : join_texts(texts, ", ", [](const std::string& text) { return text; });
}

std::optional<Version> any_torch_from(const PublishedWheel& wheel) {
    if (wheel.facts.torch_or_later) return wheel.facts.torch;
    if (wheel.torch || !wheel.wheel.content || !wheel.wheel.content->any_torch) return std::nullopt;
    return wheel.wheel.content->minimum_torch;
}

std::string torch_text(const PublishedWheel& wheel) {
    if (const auto from = any_torch_from(wheel)) return from->to_string() + " or newer";
    return wheel.torch ? wheel.torch->to_string() : "any";
}

/// What the wheel is made for; else whose compiler made its images, which run beside later drivers too.
std::string cuda_text(const PublishedWheel& wheel) {
    if (wheel.cuda) return wheel.cuda->to_string();
    const auto& content = wheel.wheel.content;
    return content && content->toolkit ? "any (images of " + content->toolkit->to_string() + ")" : "any";
}

std::string image_text(const CandidateImage& image) {
    return image.arch.to_string() + (image.ptx ? "+PTX" : "");
}

std::string images_text(const PublishedWheel& wheel) {
    const auto& content = wheel.wheel.content;
    if (content && content->images) return join_texts(*content->images, " ", image_text);
    return wheel.facts.archs.empty() ? "not known" : join_values(wheel.facts.archs, " ");
}

class NotesValues {
  public:
    NotesValues(const ReleaseNotesInput& input, const NotesFacts& contents, const Compat& compat)
        : m_input(input), m_contents(contents), m_compat(compat) {}

    std::map<std::string, std::string> all() const {
        std::set<std::string> projects, versions;
        for (const PublishedWheel& wheel : m_input.wheels) {
            projects.insert(normalise_project(wheel.name.distribution));
            versions.insert(wheel.name.version);
        }
        const auto listed = [](const std::set<std::string>& names) {
            return join_texts(names, ", ", [](const std::string& name) { return name; });
        };
        const std::size_t count = m_input.wheels.size();
        return {{"project", listed(projects)},
                {"version", listed(versions)},
                {"tag", markdown_code(m_input.tag)},
                {"count", std::to_string(count) + (count == 1 ? " wheel" : " wheels")},
                {"torch", torch()},
                {"cuda", join_values(m_contents.cuda)},
                {"python", python()},
                {"archs", join_values(m_contents.images)},
                {"install", install()},
                {"wheels", wheels()},
                {"changes", render_release_changes(m_input.wheels, m_input.earlier, m_compat)},
                {"limits", limits()},
                {"verify", verify()}};
    }

  private:
    std::string torch() const {
        std::vector<std::string> texts = map_items(m_contents.torch, [](const Version& version) { return version.to_string(); });
        if (m_contents.any_torch_from) texts.push_back(m_contents.any_torch_from->to_string() + " or newer");
        return join_texts(texts, ", ", [](const std::string& text) { return text; });
    }

    std::string python() const {
        std::vector<std::string> texts = map_items(m_contents.pythons, [](const Version& version) { return version.to_string(); });
        std::set<std::string> ranges;
        for (const auto& [from, requires_python] : m_contents.python_from)
            ranges.insert(requires_python.empty() ? from.to_string() + " or newer" : markdown_code(requires_python));
        texts.insert(texts.end(), ranges.begin(), ranges.end());
        return join_texts(texts, ", ", [](const std::string& text) { return text; });
    }

    std::string url(const PublishedWheel& wheel) const {
        return m_input.server + "/" + m_input.repository + "/releases/download/" + percent_encoded(m_input.tag) + "/" +
               percent_encoded(wheel.wheel.name);
    }

    std::string install() const {
        std::string out = "```sh\n";
        for (const PublishedWheel& wheel : m_input.wheels) {
            out += "# torch " + torch_text(wheel) + ", CUDA " + cuda_text(wheel) + ", Python " + python_text(wheel, one_line) + "\n";
            out += "pip install \"" + url(wheel) + "\"\n";
        }
        out += "```";
        return out;
    }

    std::string wheels() const {
        std::string out = "| wheel | torch | CUDA | Python | GPUs | size | SHA-256 |\n|---|---|---|---|---|---|---|";
        for (const PublishedWheel& wheel : m_input.wheels) {
            out += "\n| " + markdown_code(wheel.wheel.name) + " | " + torch_text(wheel) + " | " + cuda_text(wheel) + " | " +
                   python_text(wheel, markdown_code) + " | " + images_text(wheel) + " | " + size_text(wheel.wheel.size.value_or(0)) +
                   " | " + markdown_code(wheel.wheel.sha256) + " |";
        }
        return out;
    }

    /// What the matrix asked for and the wheels have not, in the words of their manifests.
    std::string limits() const {
        std::map<std::string, std::pair<std::set<Arch>, std::size_t>> lines;
        for (const PublishedWheel& wheel : m_input.wheels) {
            const auto manifest = parse_wheel_manifest(wheel.manifest);
            if (!manifest) continue;
            std::set<std::string> of_this_wheel;
            const auto add = [&](const WheelManifest::Left& left, const std::string& what) {
                const std::string text = what + ": " + markdown_code(left.reason);
                lines[text].first.insert(left.arch);
                if (of_this_wheel.insert(text).second) ++lines[text].second;
            };
            for (const auto& left : manifest->covered) add(left, left.by ? "on the image of " + left.by->to_string() : "covered");
            for (const auto& left : manifest->dropped) add(left, "not served");
        }
        if (lines.empty()) return "No GPU of the matrix is left out.";
        std::string out;
        for (const auto& [text, found] : lines) {
            out += (out.empty() ? "- " : "\n- ") + join_values(found.first) + " " + text + " (" + std::to_string(found.second) + " of " +
                   std::to_string(m_input.wheels.size()) + " wheels)";
        }
        return out;
    }

    std::string verify() const {
        return "```sh\nsha256sum -c SHA256SUMS\nsagebuild release verify --repository " + m_input.repository + " --tag " +
               one_line(shell_word(m_input.tag)) + "\ngh attestation verify FILE --repo " + m_input.repository +
               "\n```\n\nThe first two prove that the files belong together; who made them is proved by the third alone.";
    }

    const ReleaseNotesInput& m_input;
    const NotesFacts& m_contents;
    const Compat& m_compat;
};

}  // namespace

NotesFacts notes_facts(const std::vector<PublishedWheel>& wheels) {
    std::set<Version> torch, cuda, pythons;
    std::set<Arch> images, covered;
    NotesFacts contents;
    for (const PublishedWheel& wheel : wheels) {
        if (wheel.torch) torch.insert(*wheel.torch);
        if (wheel.cuda) cuda.insert(*wheel.cuda);
        if (const auto from = any_torch_from(wheel); from && (!contents.any_torch_from || *from < *contents.any_torch_from))
            contents.any_torch_from = from;
        for (const PythonTag& tag : python_tags(wheel.name)) {
            if (!tag.or_later) pythons.insert(tag.version);
            if (tag.or_later) contents.python_from.emplace_back(tag.version, wheel.wheel.requires_python);
        }
        images.insert(wheel.facts.archs.begin(), wheel.facts.archs.end());
        if (const auto& content = wheel.wheel.content) {
            if (content->toolkit) cuda.insert(*content->toolkit);
            for (const CandidateImage& image : content->images.value_or(std::vector<CandidateImage>())) images.insert(image.arch);
        }
        const auto manifest = parse_wheel_manifest(wheel.manifest);
        if (!manifest) continue;
        for (const auto& left : manifest->covered) covered.insert(left.arch);
    }
    contents.torch = sorted(torch);
    contents.cuda = sorted(cuda);
    contents.pythons = sorted(pythons);
    contents.images = sorted(images);
    contents.covered = sorted(covered);
    return contents;
}

Result<std::string> render_release_notes(const SourceText& notes_template, ReleaseNotesInput input, const Compat& compat) {
    constexpr std::size_t longest = 125000;  // GitHub's limit of a release's text, in characters
    std::sort(input.wheels.begin(), input.wheels.end(),
              [](const auto& left, const auto& right) { return left.wheel.name < right.wheel.name; });
    const NotesFacts contents = notes_facts(input.wheels);
    SAGEBUILD_TRY(std::string notes, fill_notes_template(notes_template, NotesValues(input, contents, compat).all(), contents));
    if (notes.size() > longest) {
        return Diagnostic{.code = "SB0653",
                          .what = "the notes have " + std::to_string(notes.size()) + " bytes; GitHub takes 125000 characters",
                          .hints = {"a template without `{{wheels}}` or `{{install}}` makes them shorter; `SHA256SUMS` lists all wheels"}};
    }
    return notes;
}

}  // namespace sagebuild
