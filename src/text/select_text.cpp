#include "text/select_text.hpp"

#include <algorithm>

#include "core/text_list.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t shown_runners_up = 3;

std::string system_text(const std::string& os) {
    if (os == "linux") return "Linux";
    if (os == "windows") return "Windows";
    if (os == "macos") return "macOS";
    return os;
}

/// For a POSIX shell: as it is where no character is special, else in single quotes.
std::string quoted(const std::string& text) {
    const auto is_plain = [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               std::string_view("%+,-./:=@_").find(letter) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
    std::string out = "'";
    for (const char letter : text) out += letter == '\'' ? "'\\''" : std::string(1, letter);
    return out + "'";
}

std::string where(const WheelCandidate& candidate) {
    return printable(candidate.location.empty() ? candidate.name : candidate.location, 2000);
}

bool is_address(const std::string& location) {
    return location.find("://") != std::string::npos;
}

std::string reasons_text(const JudgedWheel& wheel) {
    return join_texts(wheel.misfits, "; ", [](const Misfit& misfit) { return printable(misfit.text); });
}

std::string questions_text(const JudgedWheel& wheel) {
    return join_texts(wheel.open, "; ", [](const OpenQuestion& question) { return printable(question.text); });
}

std::string count_text(std::size_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string pick_text(const JudgedWheel& wheel, const WheelCandidate& candidate, const WheelEnvironment& environment) {
    // pip would replace torch by the release that the METADATA of a row's wheel asks for
    const std::string options = wheel.against_name ? "--no-deps " : "";
    const std::string known = describe_environment(environment);
    std::string text = "✔ " + printable(candidate.name) + "\n";
    text += "  fits " + (known.empty() ? "as far as nothing is known" : known) + "\n";
    if (wheel.against_name) text += "  works, but is named for " + wheel.named_for + "\n";
    if (candidate.yanked) text += "  was yanked by its publisher\n";
    for (const OpenQuestion& question : wheel.open)
        text += "  depends on `" + std::string(question.depends_on) + "`: " + printable(question.text) + "\n";
    text += "  pip install " + options + quoted(where(candidate)) + "\n";
    text += "  uv pip install " + options + quoted(where(candidate)) + "\n";
    return text + "  requirements: " + render_requirement(candidate) + "\n";
}

std::string runners_up_text(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates, std::size_t begin, bool all) {
    const std::size_t count = selection.acceptable.size() - begin;
    if (count == 0) return "";
    std::string text = count_text(count, "other fits", "others fit") + ", best first:\n";
    for (std::size_t index = begin; index < selection.acceptable.size(); ++index) {
        if (!all && index - begin == shown_runners_up && count > shown_runners_up + 1) {
            text += "  and " + std::to_string(count - shown_runners_up) + " more      --all lists them\n";
            break;
        }
        const JudgedWheel& wheel = selection.acceptable[index];
        text += "  " + printable(candidates[wheel.candidate].name);
        if (wheel.against_name) text += ": works, but is named for " + wheel.named_for;
        if (!wheel.open.empty()) text += ": " + questions_text(wheel);
        text += "\n";
    }
    return text;
}

std::string rejected_text(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates, bool all) {
    if (selection.rejected.empty()) return "";
    const std::size_t count = selection.rejected.size();
    const std::string others =
        count_text(count, selection.acceptable.empty() ? "wheel" : "other", selection.acceptable.empty() ? "wheels" : "others");
    if (!all) {
        const JudgedWheel& nearest = selection.rejected.front();
        return "✘ " + others + (count == 1 ? ": " : "; nearest: ") + printable(candidates[nearest.candidate].name) + " " +
               reasons_text(nearest) + (count == 1 ? "\n" : "      --all lists them\n");
    }
    std::string text = "✘ " + others + (count == 1 ? ":\n" : ", nearest first:\n");
    for (const JudgedWheel& wheel : selection.rejected) {
        text += "  " + printable(candidates[wheel.candidate].name) + "\n";
        for (const Misfit& misfit : wheel.misfits)
            text += "    " + std::string(category_name(misfit.category)) + ": " + printable(misfit.text) + "\n";
    }
    return text;
}

}  // namespace

std::string describe_environment(const WheelEnvironment& environment) {
    std::vector<std::string> facts;
    if (environment.python)
        facts.push_back((environment.free_threaded == true ? "free-threaded Python " : "Python ") + environment.python->to_string());
    if (environment.torch) {
        std::string torch = "torch " + environment.torch->to_string();
        if (environment.torch_cuda) torch += " with CUDA " + environment.torch_cuda->prefix(2).to_string();
        if (environment.torch_is_cpu) torch += " without CUDA";
        facts.push_back(torch);
    }
    if (environment.driver) facts.push_back("driver " + environment.driver->to_string());
    if (environment.sm) facts.push_back(environment.sm->empty() ? "no GPU" : "GPU " + join_values(*environment.sm, " and "));
    const std::string system = environment.os ? system_text(*environment.os) : "";
    if (!system.empty() || environment.arch) {
        facts.push_back(system + (system.empty() || !environment.arch ? "" : " ") + printable(environment.arch.value_or(""), 80));
    }
    if (environment.glibc) facts.push_back("glibc " + environment.glibc->to_string());
    return join_texts(facts, ", ", [](const std::string& fact) { return fact; });
}

std::string render_requirement(const WheelCandidate& candidate) {
    std::string line;
    if (is_address(candidate.location)) {
        const auto name = parse_wheel_name(candidate.name);
        line = (name ? normalise_project(name->distribution) + " @ " : "") + where(candidate);
    } else {
        const std::string path = where(candidate);
        line = path.find('/') == std::string::npos ? "./" + path : path;
    }
    return line + (candidate.sha256.empty() ? "" : " --hash=sha256:" + candidate.sha256);
}

std::string render_selection(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates,
                             const WheelEnvironment& environment, bool all) {
    std::string text;
    const JudgedWheel* pick = selection.pick();
    if (pick != nullptr) text += pick_text(*pick, candidates[pick->candidate], environment);
    text += runners_up_text(selection, candidates, pick != nullptr ? 1 : 0, all);
    return text + rejected_text(selection, candidates, all);
}

std::string render_wheel_facts(const std::string& file, const Compat& compat) {
    const auto name = parse_wheel_name(file);
    if (!name) return render_diagnostics(name.errors());
    const WheelFacts facts = read_wheel_facts(*name, compat);
    std::vector<std::string> says;
    if (!facts.torch_text.empty()) {
        says.push_back((facts.is_container ? "the torch of NVIDIA's container " : "torch ") + facts.torch_text +
                       (facts.torch_or_later ? " and later" : ""));
    }
    if (facts.cuda) says.push_back("CUDA " + facts.cuda->to_string());
    if (facts.backend != "cuda" && !facts.backend.empty()) says.push_back(facts.backend);
    if (facts.cxx11_abi) says.push_back(*facts.cxx11_abi ? "the new C++ ABI" : "the old C++ ABI");
    if (!facts.archs.empty()) says.push_back("GPUs of " + join_values(facts.archs));
    std::string text = printable(file) + "\n  project    " + name->distribution + " " + name->version + "\n";
    if (!name->build.empty()) text += "  build tag  " + name->build + "\n";
    text += "  tags       " + join_texts(name->tags(), " ", [](const std::string& tag) { return tag; }) + "\n";
    const std::string named = join_texts(says, ", ", [](const std::string& fact) { return fact; });
    return text + "  named for  " + (named.empty() ? "nothing that a naming scheme reads" : named + "   (scheme " + facts.scheme + ")") +
           "\n";
}

}  // namespace sagebuild
