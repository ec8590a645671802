# Writes OUTPUT, a C++ source with the page's STYLE and SCRIPT as raw string literals.
file(READ ${STYLE} style)
file(READ ${SCRIPT} script)
file(WRITE ${OUTPUT} "#include \"text/coverage_page_parts.hpp\"\n\nnamespace sagebuild {\n
std::string_view coverage_page_style() {\n    return R\"sagebuild(${style})sagebuild\";\n}\n
std::string_view coverage_page_script() {\n    return R\"sagebuild(${script})sagebuild\";\n}\n
}  // namespace sagebuild\n")
