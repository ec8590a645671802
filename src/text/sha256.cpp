#include "text/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace sagebuild {

namespace {

constexpr std::size_t digest_size = 32;

std::array<unsigned char, digest_size> sha256(std::string_view bytes) {
    std::array<unsigned char, digest_size> digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 || size != digest_size) {
        throw std::runtime_error("libcrypto cannot compute SHA-256");
    }
    return digest;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : sha256(bytes)) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string sha256_base64url(std::string_view bytes) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned int bits = 0;
    int held = 0;
    for (const unsigned char byte : sha256(bytes)) {
        bits = (bits << 8) | byte;
        for (held += 8; held >= 6; held -= 6) out += digits[(bits >> (held - 6)) & 63];
    }
    if (held > 0) out += digits[(bits << (6 - held)) & 63];
    return out;
}

}  // namespace sagebuild
