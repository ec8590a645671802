#include "text/text_file.hpp"

#include "core/source_text.hpp"
#include "text/yaml_encoding.hpp"

namespace sagebuild {

Result<> check_text_file(std::string_view bytes, const std::string& file, const TextFileKind& kind) {
    if (bytes.size() > kind.limit) {
        return Diagnostic{
            .code = kind.code,
            .what = kind.what + " of " + std::to_string(bytes.size()) + " bytes is not read; the limit is " + std::to_string(kind.limit),
            .place = {file, 0, 0}};
    }
    const std::size_t mark = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    const auto fault = find_encoding_fault(bytes.substr(mark));
    if (!fault) return Unit{};
    const SourceText source(file, std::string(bytes));
    const auto index = static_cast<std::size_t>(fault->line) - 1;
    const std::size_t begin = source.line(index).begin + static_cast<std::size_t>(fault->column) - 1 + (index == 0 ? mark : 0);
    Diagnostic problem = source.error({begin, begin + static_cast<std::size_t>(fault->width)}, kind.code, fault->what);
    problem.hints.push_back(fault->hint);
    return problem;
}

}  // namespace sagebuild
