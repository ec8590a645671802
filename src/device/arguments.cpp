#include "device/arguments.hpp"

#include "device/failure.hpp"

namespace sagebuild::device {

const char* const usage_text =
    "usage: sagebuild-device compile --toolchain DIRECTORY --arch ARCH [--include DIRECTORY]... [--option OPTION]...\n"
    "                                --source FILE --output FILE\n"
    "       sagebuild-device fatbin --toolchain DIRECTORY --output FILE ARCH=FILE...\n"
    "\n"
    "compile  one CUDA source for one arch with NVRTC: `sm_90a` gives a cubin, `compute_90` PTX. Headers come from the source's\n"
    "         directory, the --include directories and the toolchain alone. The image does not depend on where the working directory\n"
    "         and the toolchain lie, if the source and the --include directories are given relative to the working directory.\n"
    "fatbin   packs cubins and PTX, each arch once, compressed so that every driver can read it.\n"
    "\n"
    "A toolchain directory is shaped like an installed CUDA: lib64/ or lib/ with libnvrtc.so and libnvfatbin.so, include/.\n"
    "Exit codes: 0 ok, 1 the source or an image is wrong, 2 usage, 3 a library cannot be loaded or a file cannot be written.\n";

namespace {

Failure usage_failure(const std::string& what) {
    return {Exit::usage, what};
}

/// Reads `--option VALUE` and `--option=VALUE` from left to right.
class Reader {
  public:
    explicit Reader(const std::vector<std::string>& arguments) : m_arguments(arguments) {}

    /// Moves to the next argument; false at the end.
    bool next() {
        if (m_next == m_arguments.size()) return false;
        const std::string& argument = m_arguments[m_next++];
        const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
        m_name = argument.substr(0, equals);
        m_has_value = equals != std::string::npos;
        m_value = m_has_value ? argument.substr(equals + 1) : "";
        return true;
    }

    /// The option's name, or the whole argument if it is none.
    const std::string& name() const { return m_name; }

    std::string value() {
        if (!m_has_value && m_next == m_arguments.size()) throw usage_failure("`" + m_name + "` needs a value");
        const std::string text = m_has_value ? m_value : m_arguments[m_next++];
        if (text.empty()) throw usage_failure("the value of `" + m_name + "` is empty");
        return text;
    }

    void value_once(std::string& destination) {
        if (!destination.empty()) throw usage_failure("`" + m_name + "` is given twice");
        destination = value();
    }

  private:
    const std::vector<std::string>& m_arguments;
    std::size_t m_next = 0;
    std::string m_name;
    std::string m_value;
    bool m_has_value = false;
};

void require(const std::string& value, const char* option) {
    if (value.empty()) throw usage_failure(std::string("`") + option + "` is missing");
}

void add_image(std::map<DeviceArch, std::string>& images, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size()) throw usage_failure("`" + text + "` is not of the form ARCH=FILE");
    const DeviceArch arch = parse_device_arch(std::string_view(text).substr(0, equals));
    // libnvfatbin itself takes both without a word, and a driver then picks one of them.
    if (!images.emplace(arch, text.substr(equals + 1)).second) throw usage_failure("two files for `" + arch.name() + "`");
}

}  // namespace

CompileRequest parse_compile_arguments(const std::vector<std::string>& arguments) {
    CompileRequest request;
    std::string arch;
    Reader reader(arguments);
    while (reader.next()) {
        if (reader.name() == "--toolchain") {
            reader.value_once(request.toolchain);
        } else if (reader.name() == "--arch") {
            reader.value_once(arch);
        } else if (reader.name() == "--include") {
            request.includes.push_back(reader.value());
        } else if (reader.name() == "--option") {
            request.options.push_back(reader.value());
        } else if (reader.name() == "--source") {
            reader.value_once(request.source);
        } else if (reader.name() == "--output") {
            reader.value_once(request.output);
        } else {
            throw usage_failure("unknown argument `" + reader.name() + "` of `compile`");
        }
    }
    require(request.toolchain, "--toolchain");
    require(arch, "--arch");
    require(request.source, "--source");
    require(request.output, "--output");
    request.arch = parse_device_arch(arch);
    return request;
}

FatbinRequest parse_fatbin_arguments(const std::vector<std::string>& arguments) {
    FatbinRequest request;
    Reader reader(arguments);
    while (reader.next()) {
        if (reader.name() == "--toolchain") {
            reader.value_once(request.toolchain);
        } else if (reader.name() == "--output") {
            reader.value_once(request.output);
        } else if (reader.name().starts_with("-")) {
            throw usage_failure("unknown argument `" + reader.name() + "` of `fatbin`");
        } else {
            add_image(request.images, reader.name());
        }
    }
    require(request.toolchain, "--toolchain");
    require(request.output, "--output");
    if (request.images.empty()) throw usage_failure("no image: give at least one ARCH=FILE");
    return request;
}

}  // namespace sagebuild::device
