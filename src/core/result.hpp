#pragma once

#include <utility>
#include <variant>

#include "core/diagnostic.hpp"

namespace sagebuild {

struct Unit {};

/// A value, or the diagnostics that explain why there is none (never empty).
template <typename Value = Unit>
class [[nodiscard]] Result {
  public:
    Result(Value value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Diagnostic error) : m_state(std::in_place_index<1>, Diagnostics{std::move(error)}) {}
    Result(Diagnostics errors) : m_state(std::in_place_index<1>, std::move(errors)) {}

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    const Value& value() const& { return std::get<0>(m_state); }
    Value& value() & { return std::get<0>(m_state); }
    Value&& value() && { return std::get<0>(std::move(m_state)); }
    const Value& operator*() const& { return value(); }
    Value& operator*() & { return value(); }
    const Value* operator->() const { return &value(); }
    Value* operator->() { return &value(); }

    const Diagnostics& errors() const& { return std::get<1>(m_state); }
    Diagnostics&& errors() && { return std::get<1>(std::move(m_state)); }

  private:
    std::variant<Value, Diagnostics> m_state;
};

}  // namespace sagebuild

#define SAGEBUILD_CONCAT_INNER(a, b) a##b
#define SAGEBUILD_CONCAT(a, b) SAGEBUILD_CONCAT_INNER(a, b)

/// `SAGEBUILD_TRY(auto name, expression);` returns the expression's errors from the calling function, or binds its value.
#define SAGEBUILD_TRY(declaration, expression) SAGEBUILD_TRY_INNER(SAGEBUILD_CONCAT(result_, __LINE__), declaration, expression)
#define SAGEBUILD_TRY_INNER(result, declaration, expression) \
    auto result = (expression);                              \
    if (!(result)) return std::move(result).errors();        \
    declaration = std::move(result).value()

/// The same for a result whose value does not matter.
#define SAGEBUILD_CHECK(expression) SAGEBUILD_CHECK_INNER(SAGEBUILD_CONCAT(result_, __LINE__), expression)
#define SAGEBUILD_CHECK_INNER(result, expression) \
    if (auto result = (expression); !(result)) return std::move(result).errors()
