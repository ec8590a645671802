#include "core/repository_name.hpp"

namespace sagebuild {

namespace {

bool is_repository_word(std::string_view word) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !word.empty() && word != "." && word != ".." && word.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

std::optional<RepositoryName> parse_repository_name(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    RepositoryName repository{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
    if (!is_repository_word(repository.owner) || !is_repository_word(repository.name)) return std::nullopt;
    return repository;
}

}  // namespace sagebuild
