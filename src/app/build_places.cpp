#include "app/build_places.hpp"

#include <algorithm>
#include <charconv>

namespace sagebuild {

namespace {

// The platform of this executable is the one whose toolchain wheels run here.
#if defined(__x86_64__)
constexpr const char* host_platform = "linux-x86_64";
#elif defined(__aarch64__)
constexpr const char* host_platform = "linux-aarch64";
#else
#error "sagebuild runs on x86-64 and aarch64 Linux"
#endif

/// XDG base directory specification: a relative XDG_CACHE_HOME counts as unset.
std::string cache_home(const Environment& environment) {
    if (const auto set = environment.variable("XDG_CACHE_HOME"); set && set->starts_with('/')) return *set;
    if (const auto home = environment.variable("HOME"); home && home->starts_with('/')) return *home + "/.cache";
    return "";
}

bool has_control_character(const std::string& path) {
    return std::any_of(path.begin(), path.end(), [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
}

}  // namespace

std::string cache_directory(const Environment& environment) {
    const std::string home = cache_home(environment);
    return home.empty() ? environment.working_directory() + "/.sagebuild/cache" : home + "/sagebuild";
}

Result<BuildPlaces> find_build_places(const Edges& edges, const std::string& project_root, const std::string& build_directory) {
    BuildPlaces places;
    places.project_root = edges.files.absolute(project_root);
    while (places.project_root.size() > 1 && places.project_root.ends_with('/')) places.project_root.pop_back();
    places.build_directory = build_directory.empty() ? places.project_root + "/.sagebuild" : edges.files.absolute(build_directory);
    while (places.build_directory.size() > 1 && places.build_directory.ends_with('/')) places.build_directory.pop_back();
    const std::string home = cache_home(edges.environment);
    places.cache_directory = home.empty() ? places.build_directory + "/cache" : home + "/sagebuild";
    for (const std::string& path : {places.project_root, places.build_directory, places.cache_directory}) {
        if (!has_control_character(path)) continue;
        return Diagnostic{.code = "SB0502",
                          .what = "cannot build in `" + path + "`",
                          .notes = {"the path holds a control character, which ninja files cannot express"}};
    }
    return places;
}

Result<PlanSettings> make_plan_settings(const Edges& edges, const BuildPlaces& places, const std::string& version) {
    PlanSettings settings{.build_directory = places.build_directory,
                          .cache_directory = places.cache_directory,
                          .host_platform = host_platform,
                          .generator = "sagebuild " + version};
    const auto epoch = edges.environment.variable("SOURCE_DATE_EPOCH");
    if (!epoch || epoch->empty()) return settings;
    long long value = 0;
    const auto [end, error] = std::from_chars(epoch->data(), epoch->data() + epoch->size(), value);
    if (error != std::errc() || end != epoch->data() + epoch->size()) {
        return Diagnostic{.code = "SB0509",
                          .what = "the environment variable SOURCE_DATE_EPOCH is `" + *epoch + "`, which is no number of seconds",
                          .hints = {"unset it, or take the time of the last commit: git log -1 --format=%ct"}};
    }
    // Zip stores years 1980 to 2107 (APPNOTE.TXT, section 4.4.6).
    settings.source_date_epoch = std::clamp(value, settings.source_date_epoch, 4354819198LL);
    return settings;
}

}  // namespace sagebuild
