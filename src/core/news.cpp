#include "core/news.hpp"

#include <algorithm>
#include <set>

#include "core/coverage_lines.hpp"
#include "core/text_list.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

namespace {

/// `2.16.0` of `2.16.0+cu132`; empty for pre-releases, which Version does not read.
std::optional<Version> release_of(const std::string& version) {
    const auto parsed = parse_version(version.substr(0, version.find('+')));
    // NVIDIA's `13.4.1.0` is the release 13.4.1
    return parsed && parsed->size() == 4 && parsed->part(3) == 0 ? parsed->prefix(3) : parsed;
}

/// `3.12` of the tag `cp312`.
std::optional<Version> python_of(const std::string& tag) {
    if (!tag.starts_with("cp3") || tag.size() < 4) return std::nullopt;
    return parse_version("3." + tag.substr(3));
}

void insert_sorted(std::vector<Version>& list, const Version& value) {
    const auto at = std::lower_bound(list.begin(), list.end(), value);
    if (at == list.end() || *at != value) list.insert(at, value);
}

void add_linux_x86_64(ListedTorch& listed, const WheelName& name, const std::string& platform) {
    listed.linux_x86_64 = true;
    // `linux` of older releases says nothing
    if (platform.starts_with("manylinux")) listed.platform = platform.substr(0, platform.size() - std::string("_x86_64").size());
    for (const std::string& tag : name.pythons) {
        const auto python = python_of(tag);
        if (!python) continue;
        const bool is_free_threaded =
            std::any_of(name.abis.begin(), name.abis.end(), [](const std::string& abi) { return abi.ends_with('t'); });
        insert_sorted(is_free_threaded ? listed.pythons_free_threaded : listed.pythons, *python);
    }
}

std::string quoted_list(const std::vector<Version>& versions, const std::string& suffix = "") {
    return "[" + join_texts(versions, ", ", [&](const Version& version) { return "\"" + version.to_string() + suffix + "\""; }) + "]";
}

std::string plain_list(const std::vector<Version>& versions) {
    return join_values(versions, " ");
}

std::string variant_text(const Version& cuda, const ListedTorch& listed) {
    std::vector<std::string> platforms;
    if (listed.linux_x86_64) platforms.emplace_back("linux_x86_64: shipped");
    if (listed.linux_aarch64) platforms.emplace_back("linux_aarch64: shipped");
    if (listed.windows) platforms.emplace_back("windows: true");
    return "      \"" + cuda.to_string() + "\": {" + join_texts(platforms, ", ", [](const std::string& text) { return text; }) +
           "}   # [watch]";
}

/// The facts that names of wheels state; the rest of an entry is optional and stays unknown until somebody looks.
std::string torch_text(const Version& minor, const ListedTorch& listed, const std::map<Version, const ListedTorch*>& variants) {
    std::string text = "  \"" + minor.to_string() + "\":\n    source: [watch]\n    pythons: " + quoted_list(listed.pythons) + "\n";
    if (!listed.pythons_free_threaded.empty()) {
        text += "    pythons_free_threaded: " + quoted_list(listed.pythons_free_threaded, "t") + "\n";
    }
    if (!listed.platform.empty()) text += "    platform: " + listed.platform + "\n";
    text += "    variants:";
    for (const auto& [cuda, wheels] : variants) text += "\n" + variant_text(cuda, *wheels);
    return text;
}

/// `requires: {torch: ">=2.6"}`
bool takes(const Located<std::string>& requirement, const Version& version) {
    const auto minimum = parse_version(std::string_view(requirement.value).substr(std::min<std::size_t>(2, requirement.value.size())));
    return !minimum || version >= *minimum;
}

class NewsFinder {
  public:
    NewsFinder(const IndexListing& listing, const Matrix& matrix, const Compat& compat)
        : m_listing(listing), m_matrix(matrix), m_compat(compat) {}

    News run() {
        std::set<Version> minors;
        for (const auto& [minor, listed] : m_listing.pypi) minors.insert(minor);
        for (const auto& [cuda, page] : m_listing.by_cuda) {
            for (const auto& [minor, listed] : page) minors.insert(minor);
        }
        const Version newest = m_compat.torch.empty() ? Version() : m_compat.torch.rbegin()->first;
        for (const Version& minor : minors) {
            if (const TorchRelease* known = m_compat.find_torch(minor)) {
                look_at_known(minor, *known);
            } else if (minor > newest) {
                look_at_new(minor);
            }
        }
        look_at_cuda();
        std::stable_sort(m_news.lines.begin(), m_news.lines.end(),
                         [](const NewLine& left, const NewLine& right) { return left.place < right.place; });
        return std::move(m_news);
    }

  private:
    std::map<Version, const ListedTorch*> variants_of(const Version& minor) const {
        std::map<Version, const ListedTorch*> variants;
        for (const auto& [cuda, page] : m_listing.by_cuda) {
            if (const auto found = page.find(minor); found != page.end()) variants[cuda] = &found->second;
        }
        return variants;
    }

    void look_at_new(const Version& minor) {
        const auto variants = variants_of(minor);
        const auto on_pypi = m_listing.pypi.find(minor);
        if (variants.empty()) {
            m_news.found.push_back("torch " + on_pypi->second.release.to_string() + " is new on PyPI");
            m_news.by_hand.push_back("none of torch's own indexes of CUDA " + plain_list(keys(m_listing.by_cuda)) + " lists torch " +
                                     minor.to_string() + " yet: a later look may find it");
            return;
        }
        // PyPI has the Pythons of a release when it is out; an index of one CUDA may be filled first
        ListedTorch listed = on_pypi != m_listing.pypi.end() ? on_pypi->second : ListedTorch{};
        for (const auto& [cuda, wheels] : variants) {
            listed.release = std::max(listed.release, wheels->release);
            if (listed.platform.empty()) listed.platform = wheels->platform;
            if (on_pypi != m_listing.pypi.end()) continue;
            for (const Version& python : wheels->pythons) insert_sorted(listed.pythons, python);
            for (const Version& python : wheels->pythons_free_threaded) insert_sorted(listed.pythons_free_threaded, python);
        }
        m_news.found.push_back("torch " + listed.release.to_string() + " is new: CUDA " + plain_list(keys(variants)) + ", Python " +
                               plain_list(listed.pythons));
        m_news.lines.push_back({NewLine::Place::torch, "", minor, {}, torch_text(minor, listed, variants)});
        for (const auto& [cuda, wheels] : variants) add_rows(minor, cuda, *wheels);
    }

    void look_at_known(const Version& minor, const TorchRelease& known) {
        for (const auto& [cuda, wheels] : variants_of(minor)) {
            if (known.variants.contains(cuda)) continue;
            m_news.found.push_back("torch " + minor.to_string() + " now ships for CUDA " + cuda.to_string());
            m_news.lines.push_back({NewLine::Place::variant, "", minor, cuda, variant_text(cuda, *wheels)});
            add_rows(minor, cuda, *wheels);
        }
    }

    void look_at_cuda() {
        for (const auto& [minor, release] : m_listing.cuda) {
            if (m_compat.cuda.empty() || minor <= m_compat.cuda.rbegin()->first) continue;
            m_news.found.push_back("CUDA " + release.to_string() + " is new");
            m_news.by_hand.push_back("CUDA " + minor.to_string() +
                                     " is not in `compat/cuda.yaml`: its targets are what `ptxas --help` of its nvcc wheel lists");
        }
    }

    void add_rows(const Version& minor, const Version& cuda, const ListedTorch& wheels) {
        if (!wheels.linux_x86_64) return;
        for (const PackageMatrix& package : m_matrix.packages) {
            const bool is_wanted = !package.units.empty() && takes(package.requires_torch, minor) && takes(package.requires_cuda, cuda);
            const CoverageLines lines(package, m_compat);
            if (!is_wanted || lines.find_row(minor, cuda) != nullptr) continue;
            const auto release = lines.find_release(cuda);
            if (!release) {
                explain_unpinned(minor, cuda);
                continue;
            }
            std::vector<Version> pythons;
            std::copy_if(wheels.pythons.begin(), wheels.pythons.end(), std::back_inserter(pythons),
                         [&](const Version& python) { return takes(package.requires_python, python); });
            if (pythons.empty()) continue;
            m_news.lines.push_back(
                {NewLine::Place::row, package.file, minor, cuda, lines.row_line(wheels.release, *release, pythons).text});
        }
    }

    void explain_unpinned(const Version& minor, const Version& cuda) {
        if (m_compat.find_cuda(cuda) == nullptr) return;  // said of the toolkit itself
        const auto release = m_listing.cuda.find(cuda);
        const std::string name = release == m_listing.cuda.end() ? cuda.to_string() : release->second.to_string();
        const std::string text = "torch " + minor.to_string() + " for CUDA " + cuda.to_string() +
                                 " gets a row when a toolchain is pinned: `compat/pin-toolchain --write cuda " + name + "`";
        if (std::find(m_news.by_hand.begin(), m_news.by_hand.end(), text) == m_news.by_hand.end()) m_news.by_hand.push_back(text);
        if (release != m_listing.cuda.end()) insert_sorted(m_news.to_pin, release->second);
    }

    template <typename Value>
    static std::vector<Version> keys(const std::map<Version, Value>& map) {
        std::vector<Version> keys;
        for (const auto& [key, value] : map) keys.push_back(key);
        return keys;
    }

    const IndexListing& m_listing;
    const Matrix& m_matrix;
    const Compat& m_compat;
    News m_news;
};

}  // namespace

std::map<Version, ListedTorch> read_listed_torch(const std::vector<std::string>& names) {
    std::map<Version, ListedTorch> by_minor;
    for (const std::string& text : names) {
        const auto name = parse_wheel_name(text);
        const auto release = name && name->distribution == "torch" ? release_of(name->version) : std::nullopt;
        if (!release || release->size() < 2) continue;
        ListedTorch& listed = by_minor[release->prefix(2)];
        if (listed.release < *release) listed.release = *release;
        for (const std::string& platform : name->platforms) {
            if (platform.find("linux") != std::string::npos && platform.ends_with("_x86_64")) add_linux_x86_64(listed, *name, platform);
            if (platform.find("linux") != std::string::npos && platform.ends_with("_aarch64")) listed.linux_aarch64 = true;
            if (platform == "win_amd64") listed.windows = true;
        }
    }
    return by_minor;
}

std::map<Version, Version> read_listed_cuda(const std::vector<std::string>& names) {
    std::map<Version, Version> newest;
    for (const std::string& text : names) {
        const auto name = parse_wheel_name(text);
        const auto release = name && name->distribution == "cuda_toolkit" ? release_of(name->version) : std::nullopt;
        if (!release || release->size() < 3) continue;
        Version& known = newest[release->prefix(2)];
        if (known < *release) known = *release;
    }
    return newest;
}

std::vector<Version> watched_cudas(const Compat& compat, const std::map<Version, Version>& listed) {
    std::vector<Version> cudas;
    if (compat.torch.empty()) return cudas;
    const TorchRelease& newest = compat.torch.rbegin()->second;
    std::vector<Version> shipped = newest.unverified;
    for (const auto& [cuda, variant] : newest.variants) shipped.push_back(cuda);
    if (shipped.empty()) return cudas;
    const Version oldest = *std::min_element(shipped.begin(), shipped.end());
    for (const auto& [cuda, toolkit] : compat.cuda) {
        if (cuda >= oldest) insert_sorted(cudas, cuda);
    }
    for (const auto& [cuda, release] : listed) {
        if (cuda >= oldest) insert_sorted(cudas, cuda);
    }
    return cudas;
}

News find_news(const IndexListing& listing, const Matrix& matrix, const Compat& compat) {
    return NewsFinder(listing, matrix, compat).run();
}

}  // namespace sagebuild
