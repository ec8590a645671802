#include "text/target_table.hpp"

#include <map>
#include <set>
#include <tuple>

#include "core/error_at.hpp"
#include "core/text_list.hpp"
#include "text/table.hpp"

namespace sagebuild {

namespace {

std::string version_or_dash(const std::optional<Version>& version) {
    return version ? version->to_string() : "-";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string covered_archs(const Target& target) {
    return join_texts(target.covered, " ", [](const CoveredArch& entry) { return entry.arch.to_string(); });
}

std::string dropped_archs(const Target& target) {
    return join_texts(target.dropped, " ", [](const DroppedArch& entry) { return entry.arch.to_string(); });
}

/// `10.0, 12.0 and 12.1`.
std::string enumerated(const std::set<Arch>& archs) {
    std::string out;
    std::size_t left = archs.size();
    for (const Arch& arch : archs) {
        if (!out.empty()) out += left == 1 ? " and " : ", ";
        out += arch.to_string();
        --left;
    }
    return out;
}

class Page {
  public:
    void add(const std::string& name, const std::string& value) {
        m_text += "  " + name + std::string(10 - name.size(), ' ') + value + "\n";
    }
    void add_line(const std::string& line) { m_text += line + "\n"; }
    const std::string& text() const { return m_text; }

  private:
    std::string m_text;
};

void add_archs(Page& page, const Target& target) {
    std::map<Arch, std::string> lines;
    for (const Arch& arch : target.archs) lines[arch] = "compiled by CUDA " + target.images_cuda.to_string();
    for (const CoveredArch& entry : target.covered) lines[entry.arch] = "covered: " + entry.reason;
    for (const DroppedArch& entry : target.dropped) lines[entry.arch] = "left out: " + entry.reason;
    page.add_line("  archs");
    for (const auto& [arch, line] : lines) page.add_line("    " + arch.to_string() + std::string(6 - arch.to_string().size(), ' ') + line);
}

void add_units(Page& page, const Target& target) {
    page.add_line("  units");
    if (target.units.empty()) page.add_line("    none yet: the target is listed, and cannot be built");
    for (const TargetUnit& unit : target.units) {
        page.add_line("    " + unit.name + "  " + unit.source);
        page.add_line("      images " + or_dash(join_values(unit.archs, " ")));
        if (!unit.ptx.empty()) page.add_line("      PTX    " + join_values(unit.ptx, " "));
    }
}

}  // namespace

std::string render_target_table(const std::vector<Target>& targets, std::size_t width) {
    Table table;
    table.columns = {{"TARGET"},
                     {"PYTHON"},
                     {"TORCH"},
                     {"CUDA"},
                     {"ARCHS", Cut::items, 14},
                     {"COVERED", Cut::items, 8, 1},
                     {"DROPPED", Cut::items, 8, 2},
                     {"WHEEL", Cut::tail, 20, 3}};
    for (const Target& target : targets) {
        table.rows.push_back({target.name, version_or_dash(target.python), version_or_dash(target.torch), target.cuda.to_string(),
                              or_dash(join_values(target.archs, " ")), or_dash(covered_archs(target)), or_dash(dropped_archs(target)),
                              target.wheel});
    }
    return render_table(table, width);
}

std::string render_target_summary(const std::vector<Target>& targets) {
    std::set<Version> toolkits;
    std::set<std::tuple<Version, std::string, std::string, Arch>> images;
    for (const Target& target : targets) {
        toolkits.insert(target.images_cuda);
        for (const TargetUnit& unit : target.units) {
            for (const Arch& arch : unit.archs) images.emplace(target.images_cuda, target.package, unit.name, arch);
        }
    }
    std::string out =
        counted(targets.size(), "target") + ", " + counted(toolkits.size(), "toolkit") + ": " + counted(images.size(), "device image");
    if (targets.size() > 1 && toolkits.size() == 1 && !images.empty()) out += " shared by all";
    out += "\n";
    for (const std::string& reason : explain_archs(targets)) out += "  " + reason + "\n";
    return out;
}

std::vector<std::string> explain_archs(const std::vector<Target>& targets) {
    std::map<Version, std::set<std::string>> covered;
    std::map<Version, std::map<std::string, std::set<Arch>>> dropped;
    std::set<Version> toolkits;
    for (const Target& target : targets) {
        toolkits.insert(target.images_cuda);
        for (const CoveredArch& entry : target.covered) covered[target.images_cuda].insert(entry.reason);
        for (const DroppedArch& entry : target.dropped) dropped[target.images_cuda][entry.reason].insert(entry.arch);
    }
    std::vector<std::string> reasons;
    for (const Version& toolkit : toolkits) {
        const std::string start = "CUDA " + toolkit.to_string() + ": ";
        for (const std::string& reason : covered[toolkit]) reasons.push_back(start + reason);
        for (const auto& [reason, archs] : dropped[toolkit]) reasons.push_back(start + enumerated(archs) + " left out: " + reason);
    }
    return reasons;
}

std::string render_group_table(const std::vector<Group>& groups, std::size_t width) {
    Table table;
    table.columns = {{"GROUP"}, {"COUNT"}, {"TARGETS", Cut::items, 44}};
    for (const Group& group : groups) {
        const std::string prefix = group.tests ? "test-" : "";
        table.rows.push_back({group.name, std::to_string(group.targets.size()),
                              or_dash(join_texts(group.targets, " ", [&](const std::string& name) { return prefix + name; }))});
    }
    return render_table(table, width);
}

std::string render_target(const Target& target) {
    Page page;
    page.add_line(target.name);
    page.add("package", target.package + " " + target.package_version.to_string());
    page.add("kind", target.kind == TargetKind::row ? "row" : "universal");
    page.add("stated at", place_text(target.place));
    page.add("python", target.python ? target.python->to_string() : "any that is " + target.requires_python);
    page.add("torch", target.torch ? target.torch->to_string() : "any that is " + target.requires_torch);
    page.add("cuda", target.cuda.to_string());
    const bool own = target.images_cuda == target.cuda;
    page.add("images", "by CUDA " + target.images_cuda.to_string() +
                           (own ? ", the row's own toolkit" : ", the newest pinned toolkit of the row's major"));
    page.add("requires", "python " + target.requires_python + ", torch " + target.requires_torch);
    page.add("wheel", target.wheel);
    page.add("groups", or_dash(join_texts(target.groups, " ", [](const std::string& group) { return group; })));
    add_archs(page, target);
    add_units(page, target);
    return page.text();
}

}  // namespace sagebuild
