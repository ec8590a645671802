#include "text/fatbin.hpp"

#include <optional>

#include "text/lz4.hpp"

namespace sagebuild {

namespace {

constexpr std::uint64_t container_magic = 0xBA55ED50;
constexpr std::size_t container_header = 16;
constexpr std::size_t shortest_entry_header = 64;
constexpr std::uint64_t kind_ptx = 1;
constexpr std::uint64_t kind_cubin = 2;
constexpr std::uint64_t flag_specific = std::uint64_t{1} << 20;  // `a`
constexpr std::uint64_t flag_family = std::uint64_t{1} << 21;    // `f`
constexpr std::uint64_t flag_lz4 = std::uint64_t{1} << 13;
constexpr std::uint64_t flag_zstd = std::uint64_t{1} << 15;

constexpr std::size_t cubin_header = 64;     // Elf64_Ehdr
constexpr std::uint64_t machine_cuda = 190;  // EM_CUDA
constexpr std::uint64_t abi_until_12 =
    7;                                    // EI_ABIVERSION of archs below 10.0 up to CUDA 12: arch in the low byte of e_flags, bit 11 is `a`
constexpr std::uint64_t abi_from_13 = 8;  // of archs from 10.0 on, and of all archs from CUDA 13 on: arch in the second byte of e_flags

Diagnostic problem(std::string what) {
    return {.code = "SB0414", .what = std::move(what)};
}

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t index = size; index > 0; --index) value = (value << 8) | static_cast<unsigned char>(bytes[at + index - 1]);
    return value;
}

/// `89` is 8.9, `120` is 12.0.
std::optional<Arch> arch_of(std::uint64_t joined, ArchFeature feature) {
    if (joined < 10 || joined > 999) return std::nullopt;
    return Arch{static_cast<int>(joined / 10), static_cast<int>(joined % 10), feature};
}

/// What the ELF header of a cubin says; nothing when it is no cubin.
std::optional<Arch> arch_of_cubin(std::string_view head) {
    if (head.size() < cubin_header || !head.starts_with("\177ELF") || number(head, 18, 2) != machine_cuda) return std::nullopt;
    const std::uint64_t flags = number(head, 48, 4);
    const std::uint64_t abi = number(head, 8, 1);
    if (abi == abi_until_12) return arch_of(flags & 0xFF, (flags & 0x800) != 0 ? ArchFeature::specific : ArchFeature::portable);
    if (abi == abi_from_13) return arch_of((flags >> 8) & 0xFF, ArchFeature::portable);
    return std::nullopt;
}

/// An entry: 64 bytes of header at least, then the packed image.
class EntryReader {
  public:
    EntryReader(std::string_view bytes, std::string place) : m_bytes(bytes), m_place(std::move(place)) {}

    Result<FatbinImage> read() {
        if (m_bytes.size() < shortest_entry_header) return broken("ends inside its header");
        const std::uint64_t kind = number(m_bytes, 0, 2);
        const std::uint64_t header = number(m_bytes, 4, 4);
        const std::uint64_t payload = number(m_bytes, 8, 8);
        if (kind != kind_ptx && kind != kind_cubin) return broken("is of the unknown kind " + std::to_string(kind));
        if (header < shortest_entry_header || header > m_bytes.size())
            return broken("has a header of " + std::to_string(header) + " bytes");
        if (payload > m_bytes.size() - header) return broken("states " + std::to_string(payload) + " bytes, more than the fatbin holds");
        m_size = header + payload;
        return read_image(kind, m_bytes.substr(header, payload));
    }

    std::size_t size() const { return m_size; }

  private:
    Diagnostic broken(const std::string& what) const { return problem(m_place + " " + what); }

    Result<FatbinImage> read_image(std::uint64_t kind, std::string_view payload) {
        const std::uint64_t packed = number(m_bytes, 16, 4);
        const std::uint64_t flags = number(m_bytes, 40, 8);
        FatbinImage image;
        image.ptx = kind == kind_ptx;
        if ((flags & flag_lz4) != 0) image.compression = ImageCompression::lz4;
        if ((flags & flag_zstd) != 0) image.compression = ImageCompression::zstd;
        const bool is_packed = image.compression != ImageCompression::none;
        if (is_packed && packed > payload.size()) return broken("states " + std::to_string(packed) + " packed bytes, more than it holds");
        image.size = is_packed ? number(m_bytes, 56, 8) : payload.size();
        const auto feature = (flags & flag_family) != 0     ? ArchFeature::family
                             : (flags & flag_specific) != 0 ? ArchFeature::specific
                                                            : ArchFeature::portable;
        const auto arch = arch_of(number(m_bytes, 28, 4), feature);
        if (!arch) return broken("states the unknown arch " + std::to_string(number(m_bytes, 28, 4)));
        image.arch = *arch;
        if (!image.ptx && image.compression != ImageCompression::zstd) {
            SAGEBUILD_CHECK(check_cubin(image, is_packed ? payload.substr(0, packed) : payload));
        }
        return image;
    }

    Result<> check_cubin(const FatbinImage& image, std::string_view payload) {
        const auto head = image.compression == ImageCompression::lz4 ? unpack_lz4_prefix(payload, cubin_header)
                                                                     : std::string(payload.substr(0, cubin_header));
        const auto inside = head ? arch_of_cubin(*head) : std::nullopt;
        if (!inside) return broken("says that it holds a cubin for " + image.arch.to_string() + ", but it holds none that can be read");
        if (inside->capability() != image.arch.capability() ||
            (inside->feature == ArchFeature::specific && image.arch.feature != ArchFeature::specific)) {
            return broken("says " + image.arch.to_string() + ", but the cubin in it is for " + inside->to_string());
        }
        return Unit{};
    }

    std::string_view m_bytes;
    std::string m_place;
    std::size_t m_size = 0;
};

Result<Fatbin> parse_container(std::string_view body, std::size_t number_of_container) {
    constexpr std::size_t most_images = 4096;
    Fatbin images;
    while (!body.empty()) {
        const std::string place = "entry " + std::to_string(images.size() + 1) + " of fatbin " + std::to_string(number_of_container);
        if (images.size() == most_images) return problem("fatbin " + std::to_string(number_of_container) + " has more than 4096 entries");
        EntryReader reader(body, place);
        SAGEBUILD_TRY(FatbinImage image, reader.read());
        images.push_back(image);
        body.remove_prefix(reader.size());
    }
    return images;
}

}  // namespace

Result<std::vector<Fatbin>> parse_fatbins(std::string_view section) {
    std::vector<Fatbin> fatbins;
    while (true) {
        const std::size_t padding = section.find_first_not_of('\0');  // containers are aligned, at most to a page
        if (padding == std::string_view::npos) return fatbins;
        section.remove_prefix(padding);
        const std::string place = "fatbin " + std::to_string(fatbins.size() + 1);
        if (section.size() < container_header || number(section, 0, 4) != container_magic)
            return problem(place + " does not start with the fatbin magic number");
        const std::uint64_t header = number(section, 6, 2);
        const std::uint64_t body = number(section, 8, 8);
        if (number(section, 4, 2) != 1) return problem(place + " is of the unknown version " + std::to_string(number(section, 4, 2)));
        if (header < container_header || header > section.size())
            return problem(place + " has a header of " + std::to_string(header) + " bytes");
        if (body > section.size() - header) return problem(place + " states " + std::to_string(body) + " bytes, more than there are");
        SAGEBUILD_TRY(Fatbin images, parse_container(section.substr(header, body), fatbins.size() + 1));
        fatbins.push_back(std::move(images));
        section.remove_prefix(header + body);
    }
}

}  // namespace sagebuild
