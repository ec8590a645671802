#include "core/expand.hpp"

#include <algorithm>
#include <map>

#include "core/arch_coverage.hpp"
#include "core/error_at.hpp"
#include "core/group_expand.hpp"
#include "core/matrix_check.hpp"
#include "core/target_name.hpp"
#include "core/text_list.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

namespace {

template <typename Value>
Located<std::string> anchor_at(const Located<Value>& at) {
    return {"", at.place, at.line, at.width};
}

class Expansion {
  public:
    Expansion(const Matrix& matrix, const Compat& compat) : m_matrix(matrix), m_compat(compat) {}

    Result<TargetSet> run() {
        std::vector<std::size_t> ends;
        for (const PackageMatrix& package : m_matrix.packages) {
            check_rows(package, m_compat, m_errors);
            check_archs(package, m_compat, m_errors);
            for (const Row& row : package.rows) add_row(package, row);
            for (const UniversalRow& row : package.universal) add_universal(package, row);
            ends.push_back(m_drafts.size());
        }
        check_packages(m_matrix, m_errors);
        check_collisions(m_drafts, m_errors);
        std::vector<Group> groups = expand_all_groups(ends);
        if (!m_errors.empty()) {
            sort_by_place(m_errors);
            return m_errors;
        }
        return assemble(std::move(groups));
    }

  private:
    Target base_target(const PackageMatrix& package, const Version& cuda, const Place& place) const {
        Target target;
        target.package = package.name.value;
        target.package_version = package.version.value;
        target.cuda = cuda;
        target.images_cuda = choose_images_cuda(cuda, package.images, m_compat);
        target.requires_python = package.requires_python.value;
        target.requires_torch = package.requires_torch.value;
        target.place = place;
        return target;
    }

    void add_row(const PackageMatrix& package, const Row& row) {
        Target base = base_target(package, row.cuda.value, row.place);
        base.torch = row.torch.value;
        base.requires_torch = "==" + row.torch.value.prefix(2).to_string() + ".*";
        base.platforms = {"linux"};
        assign(base, package, row.archs);
        for (const Located<Version>& python : row.python) {
            Target target = base;
            target.python = python.value;
            add(package, std::move(target), anchor_at(python));
        }
    }

    void add_universal(const PackageMatrix& package, const UniversalRow& row) {
        Target target = base_target(package, row.cuda.value, row.place);
        target.kind = TargetKind::universal;
        target.cpu = row.cpu.value;
        for (const Located<std::string>& platform : row.platforms) target.platforms.push_back(platform.value);
        assign(target, package, row.archs);
        add(package, std::move(target), anchor_at(row.cpu));
    }

    void add(const PackageMatrix& package, Target target, Located<std::string> anchor) {
        target.name = make_target_name(target, package.short_name.value);
        target.wheel = render_wheel_name(make_wheel_name(target));
        m_drafts.push_back({std::move(target), std::move(anchor)});
    }

    void assign(Target& target, const PackageMatrix& package, const Located<std::string>& list) {
        const auto archs = package.arch_lists.find(list.value);
        const CudaToolkit* toolkit = m_compat.find_cuda(target.images_cuda);
        if (archs == package.arch_lists.end() || toolkit == nullptr) return;
        ArchAssignment assignment = assign_archs(package, archs->second, *toolkit, m_compat);
        target.units = std::move(assignment.units);
        target.archs = std::move(assignment.archs);
        target.covered = std::move(assignment.covered);
        target.dropped = std::move(assignment.dropped);
        check_dropped(target, package, list);
    }

    void check_dropped(const Target& target, const PackageMatrix& package, const Located<std::string>& list) {
        const bool all = target.archs.empty();
        if (target.dropped.empty() || (!all && package.uncompilable != UncompilablePolicy::error)) return;
        const std::string archs = join_texts(target.dropped, ", ", [](const DroppedArch& dropped) { return dropped.arch.to_string(); });
        Diagnostic error =
            all ? error_at(list, "SB0235",
                           "the images of CUDA " + target.images_cuda.to_string() + " serve no arch of `" + list.value + "`")
                : error_at(list, "SB0234", "the images of CUDA " + target.images_cuda.to_string() + " do not serve " + archs);
        for (const DroppedArch& dropped : target.dropped) error.notes.push_back(dropped.arch.to_string() + ": " + dropped.reason);
        add_way_out(error, target, package, *package.arch_lists.find(list.value));
        m_errors.push_back(std::move(error));
    }

    /// Proposes `images: newest` if its toolkit would serve all, and `uncompilable: drop` where only the policy stands in the way.
    void add_way_out(Diagnostic& error, const Target& target, const PackageMatrix& package,
                     const std::pair<const std::string, std::vector<Located<Arch>>>& list) const {
        const Version newest = choose_images_cuda(target.cuda, ImagesPolicy::newest, m_compat);
        const CudaToolkit* toolkit = m_compat.find_cuda(newest);
        if (toolkit != nullptr && newest != target.images_cuda && assign_archs(package, list.second, *toolkit, m_compat).dropped.empty()) {
            error.hints.push_back("`images: newest` would serve all of `" + list.first + "` with CUDA " + newest.to_string());
        }
        if (error.code == "SB0234") error.hints.push_back("`uncompilable: drop` leaves such archs out");
    }

    std::vector<Group> expand_all_groups(const std::vector<std::size_t>& ends) {
        std::map<std::string, std::string> taken;
        for (const DraftTarget& draft : m_drafts) taken.try_emplace(draft.target.name, "a target of " + place_text(draft.anchor.place));
        std::vector<Group> groups;
        std::vector<std::string> tested;
        std::size_t begin = 0;
        for (std::size_t index = 0; index < m_matrix.packages.size(); ++index) {
            std::vector<const Target*> targets;
            for (; begin < ends[index]; ++begin) targets.push_back(&m_drafts[begin].target);
            std::vector<Group> of_package = expand_groups(m_matrix.packages[index], targets, taken, m_errors);
            std::move(of_package.begin(), of_package.end(), std::back_inserter(groups));
            if (m_matrix.packages[index].units.empty()) continue;
            for (const Target* target : targets) tested.push_back(target->name);
        }
        if (!tested.empty()) groups.push_back({"test-all", std::move(tested), true});
        std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.name < b.name; });
        return groups;
    }

    TargetSet assemble(std::vector<Group> groups) {
        std::map<std::string, std::vector<std::string>> groups_of;
        for (const Group& group : groups) {
            if (group.tests) continue;
            for (const std::string& target : group.targets) groups_of[target].push_back(group.name);
        }
        TargetSet set;
        for (DraftTarget& draft : m_drafts) {
            draft.target.groups = groups_of[draft.target.name];
            set.targets.push_back(std::move(draft.target));
        }
        set.groups = std::move(groups);
        return set;
    }

    const Matrix& m_matrix;
    const Compat& m_compat;
    std::vector<DraftTarget> m_drafts;
    Diagnostics m_errors;
};

}  // namespace

Version choose_images_cuda(const Version& cuda, ImagesPolicy policy, const Compat& compat) {
    if (policy == ImagesPolicy::row) return cuda;
    Version newest = cuda;
    bool found = false;
    for (const auto& [release, toolchain] : compat.cuda_toolchains) {  // ascending
        if (release.part(0) != cuda.part(0)) continue;
        newest = release;
        found = true;
    }
    return found ? newest : cuda;
}

Result<TargetSet> expand_matrix(const Matrix& matrix, const Compat& compat) {
    return Expansion(matrix, compat).run();
}

}  // namespace sagebuild
