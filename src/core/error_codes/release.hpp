#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0620 to 0639: GitHub releases.
inline constexpr std::array release = {
    ErrorCode{"SB0620", "a token file cannot be used",
              "`--token-file` names a file with a token for GitHub's API and nothing else. It must not be readable by all users of the\n"
              "machine (`chmod 600 FILE`). Without the option the token comes from `GITHUB_TOKEN` or `GH_TOKEN`; it is never an argument,\n"
              "because arguments can be read by every process."},
    ErrorCode{"SB0621", "a release cannot be changed without a token",
              "Uploading, publishing and removing need a token with write access to the contents of the repository: `GITHUB_TOKEN`,\n"
              "`GH_TOKEN` or a file named by `--token-file`. In a workflow: `permissions: contents: write`."},
    ErrorCode{"SB0622", "the time between attempts is no number",
              "`SAGEBUILD_RETRY_SECONDS` is the time before the second attempt of a request that failed for a reason that passes by; it\n"
              "doubles with each further one. 0 to 600, 1 if it is not set."},
    ErrorCode{
        "SB0623", "a repository or tag is not named as one",
        "A repository is `OWNER/NAME`: letters, digits, `-`, `_` and `.` in both parts. A tag is what git takes (git-check-ref-format):\n"
        "no blanks, control characters, `~`, `^`, `:`, `?`, `*`, `[`, `\\\\`, `..`, `@{`, `//`, and no `/` or `.` at the end."},
    ErrorCode{"SB0624", "a file of a release would be overwritten",
              "A release has a file of this name with other bytes. Others may have pinned its URL and digest, so it is never overwritten\n"
              "silently: publish under a new tag, or give `--replace --reason TEXT`; the notes then show the reason and the new digest.\n"
              "Checksums and provenance of a draft are exempt: they follow its wheels."},
    ErrorCode{"SB0625", "a release wants its files elsewhere",
              "GitHub tells with each release where its files are sent (`upload_url`), and the token goes with them. The place must have\n"
              "the scheme and port of the API, and its host, or the host with `uploads.` in place of `api.`; on this machine any port."},
    ErrorCode{
        "SB0626", "a release cannot have these files",
        "GitHub takes 1000 files a release, each of less than 2 GiB and not empty, and renames files whose names have other characters\n"
        "than letters, digits, `-`, `_`, `.`, `+` and `@`. All of it is checked before anything is sent."},
    ErrorCode{"SB0627", "a server keeps failing",
              "A request was answered with 5xx or a rate limit, or its connection broke, as often as it was tried. What is done already\n"
              "is found by the next run and not done again."},
    ErrorCode{
        "SB0628", "a release is not what was sent",
        "Before a draft is published its files are listed again and compared by state, size and SHA-256. One is missing, not complete\n"
        "or different, so the draft stays one. Run it again; if another upload to the same tag runs, let it end first."},
    ErrorCode{"SB0629", "a release is immutable",
              "The repository publishes immutable releases: nothing can be added, replaced or removed. Publish under a new tag."},
    ErrorCode{
        "SB0630", "a release has wheels that were not given",
        "Checksums, provenance and bills of materials speak of all wheels of a release, so all of them are needed to publish it. Give\n"
        "them with `--from`, or collect wheels of several machines in a draft with `--draft`."},
    ErrorCode{"SB0631", "there are no wheels to release", "A directory that `--from` names (`dist` if it is not given) has no wheels."},
    ErrorCode{"SB0632", "a file changed while it was sent",
              "What arrived has another size or digest than the file had when it was verified, and so has the file now. What arrived was "
              "removed."},
    ErrorCode{"SB0633", "a release vanishes again and again",
              "Somebody removes or makes the release of this tag while it is uploaded. Let one upload to a tag run at a time."},
};

}  // namespace sagebuild::error_codes
