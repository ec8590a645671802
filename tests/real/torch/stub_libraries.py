"""Libraries that stand in for NVIDIA's, so that a CUDA build of torch imports on a machine without them.

Every library of NVIDIA that torch's own libraries name in DT_NEEDED is generated from what they import: each function returns
`cudaErrorNoDevice`, except those of fake_cuda.c, which can pretend that there are GPUs whose memory is host memory. Symbol versions
are kept (the loader refuses a library that lacks a version somebody needs).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from elftools.elf.elffile import ELFFile

NVIDIA_LIBRARY = re.compile(r"lib(cu|nv|nccl)")
NVIDIA_SYMBOL = re.compile(r"_*(cu|nv|nccl)")
UNVERSIONED = "libsage_stub_unversioned.so"
DRIVER = "libcuda.so.1"
LAZY_LIBRARY = "libcaffe2_nvrtc.so"  # torch opens it with the first GPU


class Imports:
    """What a set of ELF libraries needs and defines."""

    def __init__(self):
        self.libraries = set()
        self.versioned = defaultdict(lambda: defaultdict(set))  # library -> version -> symbols
        self.unversioned = set()
        self.defined = set()

    def read(self, path):
        with open(path, "rb") as file:
            elf = ELFFile(file)
            for tag in elf.get_section_by_name(".dynamic").iter_tags("DT_NEEDED"):
                self.libraries.add(tag.needed)
            owners = {}
            needs = elf.get_section_by_name(".gnu.version_r")
            if needs is not None:
                for library, versions in needs.iter_versions():
                    for version in versions:
                        owners[version["vna_other"]] = (library.name, version.name)
            indexes = elf.get_section_by_name(".gnu.version")
            for position, symbol in enumerate(elf.get_section_by_name(".dynsym").iter_symbols()):
                if not symbol.name:
                    continue
                if symbol["st_shndx"] != "SHN_UNDEF":
                    self.defined.add(symbol.name)
                    continue
                index = indexes.get_symbol(position)["ndx"] if indexes is not None else None
                if index in owners:
                    library, version = owners[index]
                    self.versioned[library][version].add(symbol.name)
                elif symbol["st_info"]["bind"] != "STB_WEAK":
                    self.unversioned.add(symbol.name)


def functions_of(source):
    """The functions that a C file of this folder defines; each stands on a line that starts with `EXPORT`."""
    return set(re.findall(r"^EXPORT .*?\b(\w+)\(", Path(source).read_text(), re.MULTILINE))


def compile_library(directory, soname, sources, versions, extra):
    command = [os.environ.get("CC", "cc"), "-w", "-O1", "-fno-builtin", "-shared", "-fPIC", "-o", str(directory / soname),
               *map(str, sources), f"-Wl,-soname,{soname}", *extra]
    if versions:
        script = directory / f"{soname}.map"
        script.write_text("".join(f"{version} {{ global: {' '.join(f'{name};' for name in sorted(names))} }};\n"
                                  for version, names in sorted(versions.items())))
        command.append(f"-Wl,--version-script={script}")
    subprocess.run(command, check=True)


def write_stubs(path, names):
    path.write_text("".join(f"int {name}(void) {{ return 100; }}\n" for name in sorted(names)))
    return path


def driver_functions(libraries):
    """The driver functions that torch looks up by name (c10/cuda/driver_api.h), found as strings in libc10_cuda.so."""
    data = (libraries / "libc10_cuda.so").read_bytes()
    return {match.decode() for match in re.findall(rb"\0(cu[A-Z][A-Za-z0-9_]+)(?=\0)", data)}


def make_stub_libraries(tree, directory):
    """Fills `directory` with the NVIDIA libraries that the torch in `tree` wants, and `directory`/driver with a fake libcuda.so.1 that
    belongs on the path only when fake GPUs are wanted; made once, complete or absent."""
    tree, directory = Path(tree), Path(directory)
    if directory.is_dir():
        return directory
    here, libraries = Path(__file__).parent, tree / "torch" / "lib"
    imports, lazy, own = Imports(), Imports(), set()
    for path in sorted(libraries.glob("*.so*")):
        own.add(path.name)
        (lazy if path.name == LAZY_LIBRARY else imports).read(path)
    wanted = {name: imports.versioned.get(name, {}) for name in imports.libraries - own if NVIDIA_LIBRARY.match(name)}
    wanted.update((name, lazy.versioned[name]) for name in lazy.libraries if name.startswith("libnvrtc"))
    unversioned = {name for name in imports.unversioned - imports.defined if NVIDIA_SYMBOL.match(name)}

    directory.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=directory.name + ".", dir=directory.parent))
    try:
        compile_library(scratch, UNVERSIONED, [write_stubs(scratch / "unversioned.c", unversioned)], {}, ())
        for soname, versions in sorted(wanted.items()):
            runtime = [here / "fake_cuda.c"] if soname.startswith("libcudart.so") else []
            names = set().union(*versions.values()) - set().union(*map(functions_of, runtime))
            compile_library(scratch, soname, [write_stubs(scratch / f"{soname}.c", names), *runtime], versions,
                            ("-Wl,--no-as-needed", str(scratch / UNVERSIONED), "-Wl,-rpath,$ORIGIN"))
        (scratch / "driver").mkdir()
        names = driver_functions(libraries) | {name for name in lazy.unversioned if name.startswith("cu")}
        sources = [write_stubs(scratch / "driver.c", names - functions_of(here / "fake_driver.c")), here / "fake_driver.c"]
        compile_library(scratch / "driver", DRIVER, sources, {}, ("-ldl",))
        for path in [*scratch.glob("*.c"), *scratch.glob("*.map")]:
            path.unlink()
        os.rename(scratch, directory)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return directory
