#include "support/raw_zip.hpp"

#include <stdexcept>

namespace sagebuild::test {

namespace {

struct Headers {
    std::size_t central;
    std::size_t local;
};

std::size_t number(const std::string& bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t index = size; index > 0; --index) value = (value << 8) | static_cast<unsigned char>(bytes.at(at + index - 1));
    return value;
}

/// APPNOTE 4.3.12: the name stands behind 46 bytes of the central header.
Headers find_headers(const std::string& archive, const std::string& path) {
    constexpr std::size_t end_record = 22;
    std::size_t at = number(archive, archive.size() - end_record + 16, 4);
    for (std::size_t left = number(archive, archive.size() - end_record + 10, 2); left > 0; --left) {
        if (archive.substr(at + 46, number(archive, at + 28, 2)) == path) return {at, number(archive, at + 42, 4)};
        at += 46 + number(archive, at + 28, 2) + number(archive, at + 30, 2) + number(archive, at + 32, 2);
    }
    throw std::runtime_error("the archive has no entry " + path);
}

}  // namespace

std::string renamed(std::string archive, const std::string& path, const std::string& to) {
    if (path.size() != to.size()) throw std::runtime_error(to + " has another length than " + path);
    const Headers headers = find_headers(archive, path);
    archive.replace(headers.central + 46, to.size(), to);
    archive.replace(headers.local + 30, to.size(), to);
    return archive;
}

std::string with_wrong_checksum(std::string archive, const std::string& path) {
    const Headers headers = find_headers(archive, path);
    archive.replace(headers.central + 16, 4, "\1\2\3\4");
    archive.replace(headers.local + 14, 4, "\1\2\3\4");
    return archive;
}

std::string with_encryption_flag(std::string archive, const std::string& path) {
    const Headers headers = find_headers(archive, path);
    archive[headers.central + 8] = static_cast<char>(archive[headers.central + 8] | 1);
    archive[headers.local + 6] = static_cast<char>(archive[headers.local + 6] | 1);
    return archive;
}

std::string with_mode(std::string archive, const std::string& path, unsigned mode) {
    const Headers headers = find_headers(archive, path);
    archive[headers.central + 40] = static_cast<char>(mode & 0xFF);
    archive[headers.central + 41] = static_cast<char>(mode >> 8);
    return archive;
}

}  // namespace sagebuild::test
