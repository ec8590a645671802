#include "text/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace sagebuild {

namespace {

constexpr std::size_t digest_size = 32;

using Digest = std::array<unsigned char, digest_size>;

[[noreturn]] void fail() {
    throw std::runtime_error("libcrypto cannot compute SHA-256");
}

Digest sha256(std::string_view bytes) {
    Digest digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 || size != digest_size) fail();
    return digest;
}

std::string hex(const Digest& digest) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : digest) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string base64url(const Digest& digest) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned int bits = 0;
    int held = 0;
    for (const unsigned char byte : digest) {
        bits = (bits << 8) | byte;
        for (held += 8; held >= 6; held -= 6) out += digits[(bits >> (held - 6)) & 63];
    }
    if (held > 0) out += digits[(bits << (6 - held)) & 63];
    return out;
}

}  // namespace

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() { begin(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
    void begin() const {
        if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) fail();
    }
    Digest finish() const {
        Digest digest{};
        unsigned int size = 0;
        if (EVP_DigestFinal_ex(context, digest.data(), &size) != 1 || size != digest_size) fail();
        begin();
        return digest;
    }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) != 1) fail();
}

std::string Sha256::finish_hex() {
    return hex(m_state->finish());
}

std::string Sha256::finish_base64url() {
    return base64url(m_state->finish());
}

std::string sha256_hex(std::string_view bytes) {
    return hex(sha256(bytes));
}

std::string sha256_base64url(std::string_view bytes) {
    return base64url(sha256(bytes));
}

}  // namespace sagebuild
