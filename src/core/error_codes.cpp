#include "core/error_codes.hpp"

#include <algorithm>

#include "core/error_codes/coverage.hpp"
#include "core/error_codes/emission.hpp"
#include "core/error_codes/export.hpp"
#include "core/error_codes/http.hpp"
#include "core/error_codes/image.hpp"
#include "core/error_codes/index.hpp"
#include "core/error_codes/internal.hpp"
#include "core/error_codes/matrix.hpp"
#include "core/error_codes/matrix_meaning.hpp"
#include "core/error_codes/probe.hpp"
#include "core/error_codes/process.hpp"
#include "core/error_codes/release.hpp"
#include "core/error_codes/release_documents.hpp"
#include "core/error_codes/requirement.hpp"
#include "core/error_codes/select.hpp"
#include "core/error_codes/toolchain.hpp"
#include "core/error_codes/watch.hpp"
#include "core/error_codes/wheel.hpp"
#include "core/error_codes/yaml.hpp"

namespace sagebuild {

namespace {

const std::vector<ErrorCode>& table() {
    static const std::vector<ErrorCode> codes = [] {
        std::vector<ErrorCode> all;
        const auto append = [&all](const auto& group) {
            for (const ErrorCode& entry : group) all.push_back(entry);
        };
        append(error_codes::yaml);
        append(error_codes::matrix);
        append(error_codes::matrix_meaning);
        append(error_codes::coverage);
        append(error_codes::emission);
        append(error_codes::job_export);
        append(error_codes::watch);
        append(error_codes::wheel);
        append(error_codes::select);
        append(error_codes::requirement);
        append(error_codes::image);
        append(error_codes::process);
        append(error_codes::toolchain);
        append(error_codes::probe);
        append(error_codes::http);
        append(error_codes::release);
        append(error_codes::release_documents);
        append(error_codes::index);
        append(error_codes::internal);
        return all;
    }();
    return codes;
}

}  // namespace

std::vector<ErrorCode> all_error_codes() {
    return table();
}

const ErrorCode* find_error_code(std::string_view code) {
    const auto found = std::find_if(table().begin(), table().end(), [&](const ErrorCode& entry) { return entry.code == code; });
    return found == table().end() ? nullptr : &*found;
}

}  // namespace sagebuild
