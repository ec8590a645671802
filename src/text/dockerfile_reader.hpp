#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/source_text.hpp"

namespace sagebuild {

/// A here-document of an instruction: `RUN <<EOF`.
struct DockerfileHeredoc {
    std::string name;
    SourceSpan body;  ///< whole lines, without the one that ends it
    bool expands;     ///< the word after `<<` is not quoted: variables are substituted by the shell
};

struct DockerfileInstruction {
    std::string keyword;    ///< upper case
    SplicedText arguments;  ///< continued lines joined, comment lines left out, without the white space around
    SourceSpan span;        ///< from the keyword to the end of the last line, here-documents included
    std::vector<DockerfileHeredoc> heredocs;
};

/// The instructions of a Dockerfile in order (Dockerfile reference, «Format», «Parser directives», «Here-Documents»).
struct DockerfileDocument {
    SourceText source;
    char escape = '\\';  ///< of the parser directive `escape`
    std::vector<DockerfileInstruction> instructions;
};

/// Bounds within which every file is answered in well under a second.
struct DockerfileLimits {
    static constexpr std::size_t file_bytes = std::size_t{1} << 20;
    static constexpr std::size_t instructions = 2000;
    static constexpr std::size_t value_bytes = 65536;  ///< of a text after substitution
};

/// @param file the name shown in diagnostics (code SB0470)
Result<DockerfileDocument> parse_dockerfile(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
