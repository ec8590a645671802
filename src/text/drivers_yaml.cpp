#include "text/drivers_yaml.hpp"

#include <array>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

std::optional<DriverVersion> read_driver(YamlReader& reader, const YamlNode& node) {
    if (!reader.is_text(node, "a driver")) return std::nullopt;
    auto driver = parse_driver_version(node.text);
    if (!driver) reader.add("SB0202", "driver `" + node.text + "` is not a version", node).hints.emplace_back("write it like `570.124.06`");
    return driver;
}

constexpr std::array floor_fields = {
    YamlField<DriverFloor>{"source", Presence::required, check_texts},
    YamlField<DriverFloor>{
        "linux", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, DriverFloor& floor) { floor.on_linux = read_driver(reader, node); }},
    YamlField<DriverFloor>{
        "windows", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, DriverFloor& floor) { floor.on_windows = read_driver(reader, node); }},
};

DriverFloor read_floor(YamlReader& reader, const YamlEntry& entry) {
    DriverFloor floor;
    reader.read_mapping<DriverFloor>(entry.value, "CUDA " + entry.key.text, floor_fields, floor);
    return floor;
}

}  // namespace

void read_minimum_drivers(YamlReader& reader, const YamlNode& node, Compat& compat) {
    read_by_version(reader, node, "`minimum`", "CUDA major", 1, "12", [&](const std::optional<Version>& major, const YamlEntry& entry) {
        DriverFloor floor = read_floor(reader, entry);
        if (major) compat.drivers.minimum[major->part(0)] = std::move(floor);
    });
}

void read_shipped_drivers(YamlReader& reader, const YamlNode& node, Compat& compat) {
    read_by_version(reader, node, "`shipped`", "CUDA release", 3, "12.9.1",
                    [&](const std::optional<Version>& cuda, const YamlEntry& entry) {
                        DriverFloor floor = read_floor(reader, entry);
                        if (cuda) compat.drivers.shipped[*cuda] = std::move(floor);
                    });
}

}  // namespace sagebuild
