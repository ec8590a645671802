#include "text/dockerfile_requirements.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "core/wheel_url.hpp"
#include "text/pip_arguments.hpp"
#include "text/requirement_line.hpp"
#include "text/requirements_reader.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t sha256_digits = 64;

bool is_sha256(std::string_view text) {
    return text.size() == sha256_digits &&
           std::all_of(text.begin(), text.end(), [](unsigned char letter) { return std::isxdigit(letter) != 0; });
}

class DockerfileRequirements {
  public:
    DockerfileRequirements(const DockerfileDocument& document, const std::vector<DockerfileStage>& stages)
        : m_document(document), m_stages(stages) {
        m_out.source = document.source;
    }

    RequirementFile find() {
        for (const DockerfileInstruction& instruction : m_document.instructions) {
            if (instruction.keyword == "FROM") break;
            const auto words = split_words(instruction.arguments, {}, WordRules::dockerfile, m_document.escape);
            for (const ShellWord& word : words) read_value(word, instruction);
        }
        for (std::size_t index = 0; index < m_stages.size(); ++index) {
            m_scope = root_of_stage(m_stages, index);
            for (const DockerfileStep& step : m_stages[index].steps) read_step(step);
        }
        remove_repetitions();
        attach_comments(m_out, false);
        attach_mentions(m_out);
        return std::move(m_out);
    }

  private:
    void read_step(const DockerfileStep& step) {
        const DockerfileInstruction& instruction = *step.instruction;
        const std::size_t first = m_out.requirements.size();
        if (instruction.keyword == "ARG" || instruction.keyword == "ENV") {
            for (const ShellWord& word : step.words) read_value(word, instruction);
        } else if (instruction.keyword == "ADD" || instruction.keyword == "COPY") {
            read_copy(step);
        }
        for (const auto& command : step.commands) read_command(command, instruction);
        std::map<std::string, std::size_t> downloads;
        for (std::size_t index = first; index < m_out.requirements.size(); ++index) {
            if (!m_out.requirements[index].url.empty()) downloads.emplace(file_name_of_url(m_out.requirements[index].url), index);
        }
        for (const auto& command : step.commands) read_checksums(command, downloads);
    }

    void add_url(const SplicedText& url, const DockerfileInstruction& instruction) {
        StatedRequirement requirement;
        requirement.at = url.span();
        state_url(requirement, url, m_document.source.bytes());
        requirement.scope = m_scope;
        requirement.context = instruction.span;
        m_out.requirements.push_back(std::move(requirement));
    }

    /// `ARG WHEEL=https://...whl`: the place where such a URL is written.
    void read_value(const ShellWord& word, const DockerfileInstruction& instruction) {
        const std::size_t equals = word.text.text().find('=');
        const SplicedText value = word.text.part(equals == std::string::npos ? 0 : equals + 1);
        if (has_scheme(value.text()) && is_wheel_url(value.text())) add_url(value, instruction);
    }

    void read_copy(const DockerfileStep& step) {
        constexpr std::string_view checksum = "--checksum=sha256:";
        const std::size_t first = m_out.requirements.size();
        for (std::size_t index = 0; index + 1 < step.words.size(); ++index) {
            const SplicedText& text = step.words[index].text;
            if (!text.text().starts_with("--") && is_wheel_url(text.text()) && text.text().find('*') == std::string::npos)
                add_url(text, *step.instruction);
        }
        for (const ShellWord& word : step.words) {
            if (!word.text.text().starts_with(checksum) || m_out.requirements.size() != first + 1) continue;
            const SplicedText digest = word.text.part(checksum.size());
            m_out.requirements.back().hashes.push_back({"sha256", digest.text(), digest.span()});
        }
    }

    void read_command(const std::vector<ShellWord>& command, const DockerfileInstruction& instruction) {
        if (const auto arguments = find_pip_install(command)) {
            for (const ShellWord& word : arguments->requirements) {
                ReadRequirement read = parse_requirement(word.text, m_document.source.bytes());
                if (!read.fault.empty() || (read.stated.distribution.empty() && read.stated.url.empty())) continue;
                if (read.stated.url.find('*') != std::string::npos) continue;
                read.stated.scope = m_scope;
                read.stated.context = instruction.span;
                m_out.requirements.push_back(std::move(read.stated));
            }
            for (const PipIndex& index : arguments->indexes)
                m_out.indexes.push_back({index.url.text.text(), index.url.text.span(), index.is_extra, index.is_links, m_scope});
            for (const PipFile& file : arguments->files)
                m_out.includes.push_back({file.path.text.text(), file.path.text.span(), file.is_constraint, m_scope});
            return;
        }
        for (const ShellWord& word : command) {
            const std::string& text = word.text.text();
            if (has_scheme(text) && is_wheel_url(text)) add_url(word.text, instruction);
        }
    }

    /// `echo "<digest>  name.whl" | sha256sum -c` beside a download.
    void read_checksums(const std::vector<ShellWord>& command, const std::map<std::string, std::size_t>& downloads) {
        for (const ShellWord& word : command) {
            const std::string& text = word.text.text();
            if (text.size() <= sha256_digits || !is_sha256(std::string_view(text).substr(0, sha256_digits))) continue;
            std::string name = text.substr(sha256_digits);
            name = name.substr(0, name.find('\n'));
            name.erase(0, name.find_first_not_of(" *"));
            const auto found = downloads.find(name.substr(name.rfind('/') + 1));
            if (found == downloads.end()) continue;
            std::string digest = text.substr(0, sha256_digits);
            std::transform(digest.begin(), digest.end(), digest.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
            m_out.requirements[found->second].hashes.push_back({"sha256", std::move(digest), word.text.part(0, sha256_digits).span()});
        }
    }

    /// A URL that comes out of a variable is told where it is written; a file that was downloaded before is no second one.
    void remove_repetitions() {
        std::set<std::string> written;
        std::set<std::string> downloaded;
        for (const StatedRequirement& requirement : m_out.requirements) {
            if (requirement.url_is_verbatim) written.insert(requirement.url);
            if (has_scheme(requirement.url)) downloaded.insert(file_name_of_url(requirement.url));
        }
        std::erase_if(m_out.requirements, [&](const StatedRequirement& requirement) {
            if (requirement.url.empty()) return false;
            if (has_scheme(requirement.url)) return !requirement.url_is_verbatim && written.contains(requirement.url);
            return downloaded.contains(file_name_of_url(requirement.url));
        });
    }

    const DockerfileDocument& m_document;
    const std::vector<DockerfileStage>& m_stages;
    RequirementFile m_out;
    int m_scope = 0;
};

}  // namespace

RequirementFile find_dockerfile_requirements(const DockerfileDocument& document, const std::vector<DockerfileStage>& stages) {
    return DockerfileRequirements(document, stages).find();
}

}  // namespace sagebuild
