# Writes OUTPUT, a C++ source with a page's STYLE and SCRIPTS (`;` between them, one behind the other) as raw string literals: NAME_style()
# and NAME_script(), which text/NAME_parts.hpp declares.
file(READ ${STYLE} style)
set(script "")
foreach(file IN LISTS SCRIPTS)
    file(READ ${file} text)
    string(APPEND script "${text}")
endforeach()
file(WRITE ${OUTPUT} "#include \"text/${NAME}_parts.hpp\"\n\nnamespace sagebuild {\n
std::string_view ${NAME}_style() {\n    return R\"sagebuild(${style})sagebuild\";\n}\n
std::string_view ${NAME}_script() {\n    return R\"sagebuild(${script})sagebuild\";\n}\n
}  // namespace sagebuild\n")
