#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan.hpp"
#include "core/recipe.hpp"

namespace sagebuild {

/// What a step's key is the digest of: `name: value` lines, values on one line.
class KeyText {
  public:
    explicit KeyText(StepKind kind) { add("step", std::string(step_kind_name(kind))); }
    void add(const std::string& name, const std::string& value);
    const std::string& text() const { return m_text; }

  private:
    std::string m_text;
};

std::string join_words(const std::vector<std::string>& words, std::string_view separator);

/// `8.9`, `9.0+ptx`: what is compiled of a unit.
std::vector<std::string> image_names(const TargetUnit& unit);

/// All that a wheel depends on but the files it holds, which the caller adds.
KeyText wheel_key_text(const WheelRecipe& recipe, const std::string& library_key, const std::string& toolchain_key);

}  // namespace sagebuild
