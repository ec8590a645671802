#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0660 to 0679: package indexes.
inline constexpr std::array index = {
    ErrorCode{
        "SB0660", "a wheel is in no index",
        "pip and uv never compare a wheel with the torch that is installed, so an index holds wheels for one torch and one CUDA only.\n"
        "This wheel says neither by its name nor by what is inside what it is made for, is made for something else than CUDA, or is\n"
        "named in a way that nothing reads. It is left out, which is told and is no failure. Name it after a scheme of\n"
        "`matrix/compat/naming.yaml`, or add the publisher's scheme there: one entry with an example."},
    ErrorCode{
        "SB0661", "two wheels have one name",
        "Sources offer the same file name with different bytes. Installers take such files for one, and which of them a user gets would\n"
        "be luck. Publish the newer one under another version or build tag, or leave one of the sources out."},
    ErrorCode{
        "SB0662", "a source of an index is none",
        "`--from` takes a directory of wheels, a wheel, a names file (docs/select.md) and GitHub releases: `OWNER/REPOSITORY@TAG` for\n"
        "one, `OWNER/REPOSITORY` for all that are published."},
    ErrorCode{"SB0663", "a source of an index holds no wheel",
              "The directory, file or release was read and no `.whl` is in it: an empty index is rarely what was meant."},
    ErrorCode{
        "SB0664", "a file is not of this index",
        "Where a page must go lies a file that no earlier run of `index build` wrote. It is left alone. Choose another directory for\n"
        "`--out`, or move the file away."},
    ErrorCode{"SB0665", "a listed wheel cannot be linked",
              "A names file can only be indexed if each wheel has a `url`, absolute (`https://`) or relative to the site's root, and a "
              "`sha256`:\n"
              "installers refuse what they cannot check."},
    ErrorCode{
        "SB0666", "a list of withdrawn wheels is wrong",
        "`--yanked` names a YAML (or JSON) file that maps file names or globs to the reason why these wheels were withdrawn (PEP 592).\n"
        "Installers then take such a wheel only where exactly its version is asked for. A name that no wheel has is an error, since a\n"
        "typing error would leave a bad wheel in everybody's hands."},
    ErrorCode{"SB0667", "a downloaded wheel is not the published one",
              "The bytes of a release's asset differ from the digest that the release states. Try again; if it stays so, the release was\n"
              "tampered with or its server is broken."},
    ErrorCode{
        "SB0668", "the notes of an index are damaged",
        "`.sagebuild-index.json` in the index's directory says which files earlier runs wrote and what they found in wheels. Without it\n"
        "nothing is overwritten. Delete the directory and build it anew: the result is the same."},
    ErrorCode{"SB0669", "a wheel has no variant",
              "`index build --variants` relabels wheels by what they are made for. A wheel of which nothing is known to choose it by, and "
              "a wheel\n"
              "of a release, which stays under its name where it is, take no part; in all other indexes they stand as before."},
};

}  // namespace sagebuild::error_codes
