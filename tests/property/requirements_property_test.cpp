#include <gtest/gtest.h>

#include <array>

#include "core/requirements_update.hpp"
#include "support/seed.hpp"
#include "support/seeded_random.hpp"
#include "text/compat_yaml.hpp"
#include "text/dockerfile_requirements.hpp"
#include "text/requirements_reader.hpp"
#include "text/toml_requirements.hpp"

namespace sagebuild {

namespace {

constexpr int rounds = 300;

const Compat& compat() {
    static const Compat facts = *parse_compat(embedded_compat_files());
    return facts;
}

/// One release of a wheel: its torch and CUDA, the digest of the day, the build of the release.
struct Release {
    std::string torch;  ///< `2.8`
    std::string cuda;   ///< `12.9`
    std::string build;
    char digit;

    std::string joined_cuda() const { return cuda.substr(0, 2) + cuda.substr(3); }
    std::string name() const {
        return "sageattention-2.2.0-" + torch.substr(0, 1) + torch.substr(2) + "0." + joined_cuda() + "-cp312-cp312-linux_x86_64.whl";
    }
    std::string url() const { return "https://example.org/releases/download/v2.2.0-build." + build + "/" + name(); }
    std::string digest() const { return std::string(64, digit); }
};

const Release old_release{"2.8", "12.8", "10", 'a'};
const Release new_release{"2.9", "12.9", "14", 'b'};

/// Text of a file before and after: what is not of the release is the same in both.
struct Pair {
    std::string before;
    std::string after;

    void add(const std::string& same) {
        before += same;
        after += same;
    }
    void add(const std::string& old_text, const std::string& new_text) {
        before += old_text;
        after += new_text;
    }
};

class FileMaker {
  public:
    explicit FileMaker(test::SeededRandom& random) : m_random(random), m_end(random.chance(50) ? "\n" : "\r\n") {}

    void comment(Pair& file) {
        static const std::vector<std::string> words = {"ok", "see the notes", "\xC3\xA4", "needs torch>=2.7", "\t", "numpy 1.26"};
        file.add("# " + m_random.pick(words) + " ");
        if (m_random.chance(50)) file.add("torch " + old_release.torch, "torch " + new_release.torch);
        if (m_random.chance(50)) file.add(" cu" + old_release.joined_cuda(), " cu" + new_release.joined_cuda());
        if (m_random.chance(50)) file.add(", build." + old_release.build, ", build." + new_release.build);
        if (m_random.chance(30)) file.add("; CUDA " + old_release.cuda, "; CUDA " + new_release.cuda);
    }

    Pair requirements() {
        Pair file;
        for (int line = m_random.between(1, 8); line > 0; --line) {
            switch (m_random.below(4)) {
                case 0:
                    file.add(m_random.chance(50) ? "numpy==1.26.0  # torch 2.1" : "");
                    break;
                case 1:
                    file.add("--extra-index-url https://download.pytorch.org/whl/cu128");
                    break;
                default:
                    wheel_lines(file);
            }
            if (line > 1 || m_random.chance(50)) file.add(m_end);
        }
        return file;
    }

    void wheel_lines(Pair& file) {
        file.add(m_end);
        if (m_random.chance(60)) {
            comment(file);
            file.add(m_end);
        }
        file.add(m_random.chance(20) ? "\t" : "");
        file.add(m_random.chance(70) ? "SageAttention @ " : "");
        const bool in_fragment = m_random.chance(40);
        file.add(old_release.url(), new_release.url());
        if (in_fragment) file.add("#sha256=" + old_release.digest(), "#sha256=" + new_release.digest());
        if (!in_fragment && m_random.chance(40))
            file.add(" \\" + m_end + "    --hash=sha256:" + old_release.digest(),
                     " \\" + m_end + "    --hash=sha256:" + new_release.digest());
        if (m_random.chance(30)) {
            file.add("  ");
            comment(file);
        }
    }

    Pair pyproject() {
        Pair file;
        file.add("[project]" + m_end + "name = 'x'  # torch 2.1" + m_end + "dependencies = [" + m_end);
        for (int count = m_random.between(1, 4); count > 0; --count) {
            if (m_random.chance(50)) {
                comment(file);
                file.add(m_end);
            }
            const std::string quote = m_random.chance(50) ? "\"" : "'";
            file.add("\t" + quote + "sageattention @ ");
            file.add(old_release.url(), new_release.url());
            if (m_random.chance(50)) file.add("#sha256=" + old_release.digest(), "#sha256=" + new_release.digest());
            file.add(quote + ",");
            if (m_random.chance(40)) {
                file.add(" ");
                comment(file);
            }
            file.add(m_end);
        }
        file.add("]" + (m_random.chance(50) ? m_end : ""));
        return file;
    }

    Pair dockerfile() {
        Pair file;
        file.add("FROM python:3.12-bookworm" + m_end);
        for (int count = m_random.between(1, 4); count > 0; --count) {
            if (m_random.chance(50)) {
                comment(file);
                file.add(m_end);
            }
            if (m_random.chance(50)) {
                file.add("RUN  pip install \\" + m_end + "\t'");
                file.add(old_release.url(), new_release.url());
                file.add("' && echo torch 2.8 cu128");
            } else {
                file.add("ADD --checksum=sha256:" + old_release.digest() + " ", "ADD --checksum=sha256:" + new_release.digest() + " ");
                file.add(old_release.url() + " /tmp/" + old_release.name(), new_release.url() + " /tmp/" + new_release.name());
            }
            file.add(m_end);
        }
        file.add("CMD [\"x\"]");
        return file;
    }

  private:
    test::SeededRandom& m_random;
    std::string m_end;
};

using Reader = Result<RequirementFile> (*)(std::string_view bytes, const std::string& file);

Result<RequirementFile> parse_docker(std::string_view bytes, const std::string& file) {
    SAGEBUILD_TRY(const DockerfileDocument document, parse_dockerfile(bytes, file));
    SAGEBUILD_TRY(const std::vector<DockerfileStage> stages, resolve_dockerfile(document, {}));
    return find_dockerfile_requirements(document, stages);
}

std::string updated(Reader read, const std::string& bytes) {
    const auto file = read(bytes, "file");
    EXPECT_TRUE(file) << (file ? "" : render_diagnostics(file.errors())) << bytes;
    if (!file) return "";
    WheelEnvironment environment;
    environment.python = parse_version("3.12");
    environment.torch = parse_version("2.9.1");
    environment.torch_cuda = parse_version("12.9");
    std::vector<WheelCandidate> candidates;
    for (const Release& release : {old_release, new_release}) {
        WheelCandidate& candidate = candidates.emplace_back();
        candidate.name = release.name();
        candidate.location = release.url();
        candidate.sha256 = release.digest();
    }
    const RequirementGroup group = {*file};
    const RequirementJudge judge{environment, compat(), candidates};
    ScopedEnvironments environments(group, judge);
    const PlannedUpdate plan = plan_update(group.front(), environments, judge, "");
    EXPECT_TRUE(plan.problems.empty()) << render_diagnostics(plan.problems);
    return apply_edits(group.front().source, plan.edits);
}

/// Exactly what speaks of the release changes, and a second time nothing does.
void expect_updates(Reader read, Pair (FileMaker::*make)()) {
    test::SeededRandom random;
    for (int round = 0; round < rounds; ++round) {
        FileMaker maker(random);
        const Pair file = (maker.*make)();
        const std::string once = updated(read, file.before);
        ASSERT_EQ(once, file.after) << file.before;
        ASSERT_EQ(updated(read, once), once);
    }
}

TEST(RequirementsUpdate, ChangesNothingElseInRequirements) {
    expect_updates(parse_requirements, &FileMaker::requirements);
}

TEST(RequirementsUpdate, ChangesNothingElseInPyproject) {
    expect_updates(parse_pyproject, &FileMaker::pyproject);
}

TEST(RequirementsUpdate, ChangesNothingElseInDockerfiles) {
    expect_updates(parse_docker, &FileMaker::dockerfile);
}

/// Whatever a file holds, it is read or refused, soon, and spans lie inside.
TEST(RequirementsReaders, StandAnyBytes) {
    static const std::vector<std::string> pieces = {"FROM a\n",
                                                    "RUN ",
                                                    "pip install ",
                                                    "https://x/y-1-cp39-cp39-linux_x86_64.whl",
                                                    "#sha256=",
                                                    "\\\n",
                                                    "\"",
                                                    "'",
                                                    "${",
                                                    "}",
                                                    "$(",
                                                    "[",
                                                    "]",
                                                    "= ",
                                                    "<<EOF\n",
                                                    "EOF\n",
                                                    " @ ",
                                                    ";",
                                                    "# torch 2.8 cu128\n",
                                                    "--hash=sha256:",
                                                    "[[package]]\n",
                                                    "url",
                                                    "\r\n",
                                                    "\t",
                                                    "-r ",
                                                    "name",
                                                    "==",
                                                    "\"\"\"",
                                                    "ARG A=$A$A\n",
                                                    "\xC3\xA4",
                                                    "\xFF"};
    test::SeededRandom random;
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        for (int count = random.between(0, 30); count > 0; --count) bytes += random.pick(pieces);
        if (random.chance(10)) bytes += random.bytes(20);
        for (const Reader read : {Reader(parse_requirements), Reader(parse_pyproject), Reader(parse_uv_lock), Reader(parse_docker)}) {
            const auto file = read(bytes, "file");
            if (!file) {
                EXPECT_FALSE(render_diagnostics(file.errors()).empty());
                continue;
            }
            EXPECT_EQ(file->source.bytes(), bytes);
            for (const StatedRequirement& requirement : file->requirements) {
                EXPECT_LE(requirement.url_at.end, bytes.size());
                if (requirement.url_is_verbatim && !requirement.url.empty()) {
                    EXPECT_EQ(file->source.at(requirement.url_at), requirement.url);
                }
                for (const StatedHash& hash : requirement.hashes) EXPECT_LE(hash.at.end, bytes.size());
                for (const SourceSpan& comment : requirement.comments) EXPECT_LE(comment.end, bytes.size());
            }
        }
    }
}

}  // namespace

}  // namespace sagebuild
