# Writes OUTPUT, a C++ source with the content of FILES as raw string literals.
set(source "#include \"text/compat_yaml.hpp\"\n\nnamespace sagebuild {\n\nstd::map<std::string, std::string> embedded_compat_files() {\n    return {\n")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME)
    file(READ ${file} content)
    string(APPEND source "        {\"<built-in>/compat/${name}\", R\"sagebuild(${content})sagebuild\"},\n")
endforeach()
string(APPEND source "    };\n}\n\n}  // namespace sagebuild\n")
file(WRITE ${OUTPUT} "${source}")
