#include "text/elf.hpp"

#include <gelf.h>
#include <libelf.h>

#include <memory>
#include <set>
#include <stdexcept>

namespace sagebuild {

namespace {

struct ElfEnd {
    void operator()(Elf* elf) const { elf_end(elf); }
};

constexpr std::size_t most_items = 4096;  // real libraries have a few dozen of each

Diagnostic problem(std::string what) {
    return {.code = "SB0410", .what = std::move(what)};
}

std::string cpu_of(unsigned machine) {
    switch (machine) {
        case EM_X86_64:
            return "x86_64";
        case EM_AARCH64:
            return "aarch64";
        default:
            return "machine " + std::to_string(machine);
    }
}

/// Walks the sections of one file. libelf checks its own reads; offsets used outside libelf are checked here.
class LibraryReader {
  public:
    LibraryReader(Elf* elf, std::string_view bytes) : m_elf(elf), m_bytes(bytes) {}

    Result<ElfLibrary> read() {
        GElf_Ehdr header;
        if (gelf_getehdr(m_elf, &header) == nullptr) return problem(std::string("library has no ELF header: ") + elf_errmsg(-1));
        if (gelf_getclass(m_elf) != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
            return problem("library is not a 64-bit little-endian ELF file");
        if (header.e_type != ET_DYN)
            return problem("library is an ELF file of type " + std::to_string(header.e_type) + ", not a shared library");
        m_library.cpu = cpu_of(header.e_machine);
        SAGEBUILD_CHECK(read_segments());
        std::size_t names = 0;
        if (elf_getshdrstrndx(m_elf, &names) != 0) return problem(std::string("library has no section names: ") + elf_errmsg(-1));
        bool dynamic = false;
        for (Elf_Scn* section = elf_nextscn(m_elf, nullptr); section != nullptr; section = elf_nextscn(m_elf, section)) {
            GElf_Shdr head;
            if (gelf_getshdr(section, &head) == nullptr)
                return problem(std::string("library has a broken section header: ") + elf_errmsg(-1));
            const char* name = elf_strptr(m_elf, names, head.sh_name);
            if (name == nullptr) return problem("library has a section without a name");
            if (head.sh_type == SHT_DYNAMIC) {
                dynamic = true;
                SAGEBUILD_CHECK(read_dynamic(section, head));
            } else if (head.sh_type == SHT_GNU_verneed) {
                SAGEBUILD_CHECK(read_needed_versions(section, head));
            } else if (std::string_view(name) == ".nv_fatbin") {
                SAGEBUILD_CHECK(read_images(head));
            }
        }
        if (!dynamic) return problem("library has no dynamic section");
        m_library.symbol_versions.assign(m_versions.begin(), m_versions.end());
        return std::move(m_library);
    }

  private:
    Result<std::string> string_at(const GElf_Shdr& head, std::size_t offset, const char* what) {
        const char* text = elf_strptr(m_elf, head.sh_link, offset);
        if (text == nullptr) return problem(std::string("library has a broken ") + what + ": " + elf_errmsg(-1));
        return std::string(text);
    }

    Result<> read_segments() {
        std::size_t count = 0;
        if (elf_getphdrnum(m_elf, &count) != 0) return problem(std::string("library has broken program headers: ") + elf_errmsg(-1));
        if (count > most_items) return problem("library has more than 4096 program headers");
        for (std::size_t index = 0; index < count; ++index) {
            GElf_Phdr segment;
            if (gelf_getphdr(m_elf, static_cast<int>(index), &segment) == nullptr) {
                return problem(std::string("library has broken program headers: ") + elf_errmsg(-1));
            }
            if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0) m_library.executable_stack = true;
        }
        return Unit{};
    }

    Result<> read_dynamic(Elf_Scn* section, const GElf_Shdr& head) {
        Elf_Data* data = elf_getdata(section, nullptr);
        if (data == nullptr) return problem(std::string("library has a broken dynamic section: ") + elf_errmsg(-1));
        GElf_Dyn entry;
        for (int index = 0; gelf_getdyn(data, index, &entry) != nullptr && entry.d_tag != DT_NULL; ++index) {
            if (entry.d_tag == DT_NEEDED) {
                if (m_library.needed.size() == most_items) return problem("library needs more than 4096 others");
                SAGEBUILD_TRY(std::string name, string_at(head, entry.d_un.d_val, "DT_NEEDED"));
                m_library.needed.push_back(std::move(name));
            } else if (entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH) {
                SAGEBUILD_TRY(m_library.run_path, string_at(head, entry.d_un.d_val, "run path"));
            } else if (entry.d_tag == DT_SONAME) {
                SAGEBUILD_TRY(m_library.soname, string_at(head, entry.d_un.d_val, "DT_SONAME"));
            }
        }
        return Unit{};
    }

    /// System V gABI with GNU symbol versioning: a chain of needed files, each with a chain of versions, linked by relative offsets.
    Result<> read_needed_versions(Elf_Scn* section, const GElf_Shdr& head) {
        Elf_Data* data = elf_getdata(section, nullptr);
        if (data == nullptr) return problem(std::string("library has a broken version section: ") + elf_errmsg(-1));
        std::size_t steps = 0;
        GElf_Verneed file;
        for (std::size_t at = 0; gelf_getverneed(data, static_cast<int>(at), &file) != nullptr; at += file.vn_next) {
            std::size_t version_at = at + file.vn_aux;
            GElf_Vernaux version;
            for (unsigned left = file.vn_cnt; left > 0 && gelf_getvernaux(data, static_cast<int>(version_at), &version) != nullptr;
                 --left) {
                if (++steps > most_items) return problem("library asks for more than 4096 symbol versions");
                SAGEBUILD_TRY(std::string name, string_at(head, version.vna_name, "symbol version"));
                m_versions.insert(std::move(name));
                if (version.vna_next == 0) break;
                version_at += version.vna_next;
                if (version_at >= data->d_size) return problem("library has a broken version section: an offset leaves it");
            }
            if (file.vn_next == 0) break;
            if (++steps > most_items) return problem("library asks for more than 4096 symbol versions");
            if (at + file.vn_next >= data->d_size) return problem("library has a broken version section: an offset leaves it");
        }
        return Unit{};
    }

    Result<> read_images(const GElf_Shdr& head) {
        if (head.sh_type == SHT_NOBITS || head.sh_offset > m_bytes.size() || head.sh_size > m_bytes.size() - head.sh_offset) {
            return problem("section `.nv_fatbin` leaves the library");
        }
        if (head.sh_size > m_bytes.size() - m_library.device_images.size()) return problem("sections `.nv_fatbin` overlap");
        m_library.device_images += m_bytes.substr(head.sh_offset, head.sh_size);
        return Unit{};
    }

    Elf* m_elf;
    std::string_view m_bytes;
    ElfLibrary m_library;
    std::set<std::string> m_versions;
};

}  // namespace

Result<ElfLibrary> parse_elf_library(std::string_view bytes) {
    if (elf_version(EV_CURRENT) == EV_NONE) throw std::runtime_error("libelf does not know this version of ELF");
    if (!bytes.starts_with("\177ELF")) return problem("library is not an ELF file");
    std::string copy(bytes);  // libelf wants memory that it may write to, aligned
    const std::unique_ptr<Elf, ElfEnd> elf(elf_memory(copy.data(), copy.size()));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF) return problem(std::string("library is not an ELF file: ") + elf_errmsg(-1));
    return LibraryReader(elf.get(), bytes).read();
}

}  // namespace sagebuild
