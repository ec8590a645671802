#include "text/environment_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/python_version.hpp"
#include "text/json_fields.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

namespace {

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> keys = {"python", "free_threaded", "torch", "torch_cuda", "torch_cxx11_abi", "driver", "toolkit",
                                                  "os",     "arch",          "glibc", "sm",         "schema"};
    return keys;
}

/// `cu129` of a local version.
std::optional<Version> parse_cuda_label(std::string_view label) {
    if (!label.starts_with("cu")) return std::nullopt;
    label.remove_prefix(2);
    if (label.size() < 3 || label.size() > 4 || !std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    return parse_version(std::string(label.substr(0, 2)) + "." + std::string(label.substr(2)));
}

void read_torch(JsonFields& fields, WheelEnvironment& environment) {
    const auto torch = fields.text("torch");
    if (torch && !parse_torch(*torch, environment)) {
        fields.add("torch", "`torch`: `" + printable(*torch, 80) + "` is not a version such as `2.9.1` or `2.9.1+cu129`");
    }
    const auto cuda = fields.text("torch_cuda");
    if (!cuda) return;
    const bool says_cpu = *cuda == "cpu";
    const auto version = says_cpu ? std::nullopt : parse_version(*cuda);
    if (!says_cpu && !version) {
        fields.add("torch_cuda", "`torch_cuda`: `" + printable(*cuda, 80) + "` is not a version such as `12.9`",
                   {"write `\"cpu\"` for a torch without CUDA"});
        return;
    }
    const bool contradicts =
        says_cpu ? environment.torch_cuda.has_value()
                 : environment.torch_is_cpu || (environment.torch_cuda && environment.torch_cuda->prefix(2) != version->prefix(2));
    if (contradicts) fields.add("torch_cuda", "`torch_cuda` is `" + *cuda + "`, but `torch` says `" + torch.value_or("") + "`");
    environment.torch_is_cpu = says_cpu;
    environment.torch_cuda = version;
}

void read_word(JsonFields& fields, std::string_view key, const std::vector<std::string>& words, std::optional<std::string>& value) {
    value = fields.text(key);
    if (!value || std::find(words.begin(), words.end(), *value) != words.end()) return;
    fields.add(key, "`" + std::string(key) + "`: `" + printable(*value, 80) + "` is not known", {"write " + any_of(words)});
}

}  // namespace

bool parse_torch(std::string_view text, WheelEnvironment& environment) {
    if (!is_python_version(text)) return false;
    const std::size_t plus = std::min(text.find('+'), text.size());
    const std::string_view release = text.substr(0, std::min(plus, text.find_first_not_of("0123456789.")));
    const auto version = parse_version(release.ends_with('.') ? release.substr(0, release.size() - 1) : release);
    if (!version || version->size() < 2) return false;
    environment.torch = version;
    if (plus == text.size()) return true;
    const std::string_view local = text.substr(plus + 1);
    const std::string_view label = local.substr(0, local.find('.'));
    if (label == "cpu") {
        environment.torch_is_cpu = true;
    } else if (const auto cuda = parse_cuda_label(label)) {
        environment.torch_cuda = cuda;
    }
    return true;
}

Result<EnvironmentReading> parse_environment_json(std::string_view bytes, const std::string& file) {
    const JsonSource source{file, "SB0421"};
    SAGEBUILD_TRY(const JsonNode root, parse_json(bytes, source));
    if (root.kind != JsonNode::Kind::object) {
        return source.fault(root.line, root.column, "the environment is " + std::string(root.describe()) + ", not an object");
    }
    Diagnostics faults;
    EnvironmentReading reading;
    WheelEnvironment& environment = reading.environment;
    JsonFields fields(root, source, faults);
    environment.python = fields.version("python", "3.12");
    if (environment.python && environment.python->size() < 2) fields.add("python", "`python` names no minor version such as `3.12`");
    environment.free_threaded = fields.boolean("free_threaded");
    read_torch(fields, environment);
    environment.torch_cxx11_abi = fields.boolean("torch_cxx11_abi");
    if (const auto driver = fields.text("driver")) {
        environment.driver = parse_driver_version(*driver);
        if (!environment.driver) fields.add("driver", "`driver`: `" + printable(*driver, 80) + "` is not a version such as `570.124.06`");
    }
    environment.toolkit = fields.version("toolkit", "12.9");
    read_word(fields, "os", {"linux", "windows", "macos"}, environment.os);
    environment.arch = fields.text("arch");
    environment.glibc = fields.version("glibc", "2.35");
    environment.sm = fields.archs("sm");
    fields.warn_of_unknown(known_keys(), reading.warnings);
    if (!faults.empty()) return faults;
    return reading;
}

std::string render_environment_json(const WheelEnvironment& environment) {
    using Json = nlohmann::ordered_json;
    const auto text_of = [](const auto& value) { return value ? Json(value->to_string()) : Json(nullptr); };
    const auto plain = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
    Json archs = nullptr;
    if (environment.sm) {
        archs = Json::array();
        for (const Arch& arch : *environment.sm) archs.push_back(arch.to_string());
    }
    const Json root = {
        {"python", text_of(environment.python)},
        {"free_threaded", plain(environment.free_threaded)},
        {"torch", text_of(environment.torch)},
        {"torch_cuda", environment.torch_is_cpu ? Json("cpu") : text_of(environment.torch_cuda)},
        {"torch_cxx11_abi", plain(environment.torch_cxx11_abi)},
        {"driver", text_of(environment.driver)},
        {"toolkit", text_of(environment.toolkit)},
        {"os", plain(environment.os)},
        {"arch", plain(environment.arch)},
        {"glibc", text_of(environment.glibc)},
        {"sm", std::move(archs)},
    };
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sagebuild
