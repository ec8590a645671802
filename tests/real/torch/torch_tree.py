"""Real torch wheels, made small enough to have many of them on a machine without a GPU.

`make_torch_tree` downloads a CUDA build of torch with pip, unpacks what `import torch`, the dispatcher and `torch.compile` need, and
frees the disk blocks of its device code (the ELF section `.nv_fatbin`, most of the file): nothing can run it here. The libraries of
NVIDIA that torch links against are replaced by generated ones (stub_libraries.py).
"""

import csv
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from elftools.elf.elffile import ELFFile

FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE = 1, 2  # linux/falloc.h

# Not needed to import torch and to call operators: headers, static archives, and a library that torch opens for linear algebra on a GPU.
UNUSED_DIRECTORIES = ("torch/include/", "torch/share/", "torch/test/")
UNUSED_FILES = ("libtorch_cuda_linalg.so",)

# Built from the same sources for each Python and equal but for build identifiers; where the sizes agree, one copy serves all Pythons.
SAME_FOR_EVERY_PYTHON = ("torch/lib/libtorch_cpu.so", "torch/lib/libtorch_cuda.so")


def is_needed(name):
    if name.startswith("torch/bin/"):
        return name.endswith("torch_shm_manager")  # `import torch` looks for this file
    return not (name.startswith(UNUSED_DIRECTORIES) or name.endswith(".a") or os.path.basename(name) in UNUSED_FILES)


def free_device_code(path):
    """Punches a hole over the section .nv_fatbin; reading it gives zeros, the file keeps its size."""
    with open(path, "r+b") as file:
        section = ELFFile(file).get_section_by_name(".nv_fatbin")
        if section is None:
            return
        fallocate = ctypes.CDLL(None, use_errno=True).fallocate
        fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
        status = fallocate(file.fileno(), FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, section["sh_offset"], section["sh_size"])
        if status != 0:
            print(f"note: {path} keeps its device code on disk: {os.strerror(ctypes.get_errno())}", file=sys.stderr)


def download_torch(version, python, directory):
    """The wheel of torch for that Python, by the machine's own pip settings."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
               "--python-version", python, "--dest", str(directory), f"torch=={version}"]
    subprocess.run(command, check=True)
    (wheel,) = Path(directory).glob("torch-*.whl")
    return wheel


def read_record(files):
    """Path -> hash, from the text of a wheel's RECORD."""
    return {row[0]: row[1] for row in csv.reader(files.splitlines()) if row}


class Sibling:
    """The unpacked torch of the same version for another Python; what is equal there is linked instead of unpacked."""

    def __init__(self, tree):
        self.tree = tree
        (record,) = tree.glob("torch-*.dist-info/RECORD")
        self.hashes = read_record(record.read_text())

    def find(self, member, digest):
        path = self.tree / member.filename
        if member.is_dir() or not path.is_file():
            return None
        if member.filename in SAME_FOR_EVERY_PYTHON:
            return path if path.stat().st_size == member.file_size else None
        return path if digest and self.hashes.get(member.filename) == digest else None


def unpack(wheel, tree, siblings):
    with zipfile.ZipFile(wheel) as archive:
        (record,) = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
        hashes = read_record(archive.read(record).decode())
        for member in archive.infolist():
            if not is_needed(member.filename):
                continue
            twins = [twin for sibling in siblings if (twin := sibling.find(member, hashes.get(member.filename)))]
            if twins:
                path = tree / member.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(twins[0], path)
                continue
            path = Path(archive.extract(member, tree))
            if path.parent.name == "lib" and ".so" in path.name:
                free_device_code(path)
            if path.name == "torch_shm_manager":
                path.chmod(0o755)


def make_torch_tree(version, python, cache):
    """The directory to put on sys.path for `torch == version` in that Python (`3.12`); made once, complete or absent. The first of a
    version takes about 0.6 GB, each further Python 0.1 GB."""
    tree = Path(cache) / "torch" / f"{version}-cp{python.replace('.', '')}"
    if tree.is_dir():
        return tree
    tree.parent.mkdir(parents=True, exist_ok=True)
    siblings = [Sibling(path) for path in sorted(tree.parent.glob(f"{version}-cp*")) if "." not in path.name[len(version):]]
    scratch = Path(tempfile.mkdtemp(prefix=tree.name + ".", dir=tree.parent))
    try:
        unpack(download_torch(version, python, scratch), scratch / "tree", siblings)
        (scratch / "tree").replace(tree)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return tree
