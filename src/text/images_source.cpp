#include "text/images_source.hpp"

namespace sagebuild {

namespace {

std::string symbol(std::size_t index) {
    return "sagebuild_fatbin_" + std::to_string(index);
}

/// A string literal that C and the assembler read alike.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\') out += '\\';
        out += character;
    }
    return out + "\"";
}

}  // namespace

std::string render_images_table(const std::vector<EmbeddedImages>& images) {
    std::string out = "#include \"images.h\"\n\n";
    for (std::size_t index = 0; index < images.size(); ++index) {
        out += "extern const unsigned char " + symbol(index) + "[] __attribute__((visibility(\"hidden\")));\n";
    }
    out += "\nconst struct sagebuild_image sagebuild_images[] = {\n";
    for (std::size_t index = 0; index < images.size(); ++index) {
        out += "    {" + quoted(images[index].unit) + ", " + quoted(images[index].archs) + ", " + symbol(index) + "},\n";
    }
    out += "};\nconst int sagebuild_image_count = " + std::to_string(images.size()) + ";\n";
    return out;
}

std::string render_images_assembly(const std::vector<EmbeddedImages>& images) {
    std::string out = "    .section .nv_fatbin,\"a\",%progbits\n";
    for (std::size_t index = 0; index < images.size(); ++index) {
        const std::string name = symbol(index);
        out += "    /* sha256 " + images[index].digest + " */\n";
        out += "    .balign 64\n    .globl " + name + "\n    .hidden " + name + "\n" + name + ":\n";
        out += "    .incbin " + quoted(images[index].path) + "\n";
    }
    // Without this note the linker marks the stack of the whole process as executable.
    out += "    .section .note.GNU-stack,\"\",%progbits\n";
    return out;
}

}  // namespace sagebuild
