#!/usr/bin/env python3
"""Hands wheels of sagebuild to the tools that users have, and wheels of other writers to `sagebuild wheel verify`.

    run.py SAGEBUILD WHEEL...                      these wheels; of a directory, all that are in it
    run.py SAGEBUILD --examples MAKE_EXAMPLES      the two that MAKE_EXAMPLES writes into a directory

The interpreter needs what tests/requirements.txt pins: packaging, pip, uv, auditwheel, cuobjdump.
"""

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from packaging.metadata import Metadata
from packaging.tags import parse_tag
from packaging.utils import parse_wheel_filename

SAGEBUILD = Path(sys.argv[1]).resolve()
WHEELS = []
EXAMPLES = "--examples" in sys.argv


def run(*command, **options):
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def find_tool(name):
    """A console script beside this interpreter, or in a package that ships a program."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return beside
    for directory in sys.path:
        found = sorted(Path(directory).glob(f"nvidia/*/bin/{name}")) if directory else []
        if found:
            return found[-1]
    return shutil.which(name)


def dist_info(archive):
    return next(name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name)


def platform_arguments(wheel):
    """What makes an installer on any machine take a wheel for one Python on one platform."""
    _, _, build, tags = parse_wheel_filename(wheel.name)
    tag = sorted(tags, key=str)[0]
    if tag.interpreter == "py3":
        return [], []
    version = f"{tag.interpreter[2]}.{tag.interpreter[3:]}"
    pip = ["--python-version", version, "--implementation", "cp", "--abi", tag.abi, "--platform", tag.platform, "--only-binary=:all:"]
    return pip, ["--python-version", version, "--python-platform", "x86_64-unknown-linux-gnu"]


class WheelContract(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    def each_wheel(self):
        for wheel in WHEELS:
            with zipfile.ZipFile(wheel) as archive:
                yield wheel, archive

    def succeed(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}")
        return done.stdout

    def test_python_reads_the_archive(self):
        for _, archive in self.each_wheel():
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist()[-1], dist_info(archive) + "/RECORD")
            self.assertEqual({entry.date_time for entry in archive.infolist()}, {(1980, 1, 1, 0, 0, 0)})
            for entry in archive.infolist():
                self.assertEqual(entry.compress_type, zipfile.ZIP_DEFLATED)
                self.assertEqual(entry.external_attr >> 16, stat.S_IFREG | (0o755 if entry.filename.endswith(".so") else 0o644))

    def test_packaging_reads_name_tags_and_metadata(self):
        for wheel, archive in self.each_wheel():
            name, version, build, tags = parse_wheel_filename(wheel.name)
            info = dist_info(archive)
            metadata = Metadata.from_email(archive.read(f"{info}/METADATA"), validate=True)
            self.assertEqual((metadata.name, metadata.version), (name, version))
            self.assertEqual(metadata.metadata_version, "2.4")
            self.assertEqual(metadata.license_expression, "Apache-2.0")
            self.assertEqual([requirement.name for requirement in metadata.requires_dist], ["torch"])
            for license_file in metadata.license_files:
                archive.getinfo(f"{info}/licenses/{license_file}")
            lines = [line.split(": ", 1) for line in archive.read(f"{info}/WHEEL").decode().splitlines()]
            stated = frozenset(tag for key, value in lines if key == "Tag" for tag in parse_tag(value))
            self.assertEqual(stated, tags)
            self.assertEqual([value for key, value in lines if key == "Build"], ["%d%s" % build] if build else [])

    def test_record_holds_what_hashlib_computes(self):
        for _, archive in self.each_wheel():
            record = list(csv.reader(io.StringIO(archive.read(f"{dist_info(archive)}/RECORD").decode(), newline="")))
            self.assertEqual(sorted(row[0] for row in record), sorted(archive.namelist()))
            for path, digest, size in record[:-1]:
                content = archive.read(path)
                expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                self.assertEqual((digest, size), (f"sha256={expected}", str(len(content))))

    def check_installed(self, target, archive):
        for name in archive.namelist():
            if not name.endswith("RECORD"):
                self.assertEqual((target / name).read_bytes(), archive.read(name))
        library = next(name for name in archive.namelist() if name.endswith(".so"))
        self.assertTrue(os.access(target / library, os.X_OK))
        names = self.succeed(sys.executable, "-c", "import runpy, sys; facts = runpy.run_path(sys.argv[1]); print(facts['VERSION'], type(facts['ARCHS']).__name__)",
                             target / Path(library).parent / "_build.py").split()
        self.assertEqual(names[1], "tuple")

    def test_pip_installs(self):
        for wheel, archive in self.each_wheel():
            target = self.directory / "pip" / wheel.stem
            pip_arguments, _ = platform_arguments(wheel)
            self.succeed(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--no-deps", "--no-compile", "--target", target, *pip_arguments, wheel)
            self.check_installed(target, archive)

    def test_uv_installs(self):
        for wheel, archive in self.each_wheel():
            target = self.directory / "uv" / wheel.stem
            _, uv_arguments = platform_arguments(wheel)
            self.succeed(find_tool("uv"), "pip", "install", "--no-index", "--no-deps", "--target", target, "--cache-dir", self.directory / "uv-cache", "--python", sys.executable,
                         *uv_arguments, wheel)
            self.check_installed(target, archive)

    def test_auditwheel_agrees_with_the_platform_tag(self):
        for wheel, _ in self.each_wheel():
            if "manylinux" not in wheel.name:
                continue
            shown = self.succeed(find_tool("auditwheel"), "show", wheel)
            self.assertIn('"manylinux_2_17_x86_64"', " ".join(shown.split()))

    def test_cuobjdump_lists_the_archs_of_the_manifest(self):
        for _, archive in self.each_wheel():
            manifest = json.loads(archive.read(f"{dist_info(archive)}/sagebuild.json"))
            library = Path(archive.extract(manifest["library"], self.directory))
            for kind, option in (("archs", "--list-elf"), ("ptx", "--list-ptx")):
                text = run(find_tool("cuobjdump"), option, library).stdout
                listed = [line.split(".")[-2].removeprefix("sm_") for line in text.splitlines() if line.startswith(("ELF file", "PTX file"))]
                stated = [arch.replace(".", "") for unit in manifest["units"] for arch in unit[kind]]
                if kind == "archs":
                    stated = [arch.removesuffix("f") for arch in stated]  # cuobjdump does not show `f` of a cubin
                self.assertEqual(sorted(listed), sorted(stated))

    def test_sagebuild_verifies_what_python_packed_again(self):
        for wheel, archive in self.each_wheel():
            again = self.directory / wheel.name
            with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as other:
                other.mkdir("sageattention")
                for entry in archive.infolist():
                    with other.open(entry.filename, "w") as stream:
                        stream.write(archive.read(entry))
            shown = self.succeed(SAGEBUILD, "wheel", "verify", again, cwd=self.directory)
            self.assertTrue(shown.endswith("  verified\n"), shown)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as examples:
        if EXAMPLES:
            subprocess.run([sys.argv[3], examples], check=True)
            WHEELS = sorted(Path(examples).glob("*.whl"))
        else:
            given = [Path(argument).resolve() for argument in sys.argv[2:]]
            WHEELS = [wheel for path in given for wheel in ([path] if path.suffix == ".whl" else sorted(path.glob("*.whl")))]
        if not WHEELS:
            print(f"skipped: no wheels in {' '.join(sys.argv[2:])}; ./bootstrap builds one")
            sys.exit(77)
        unittest.main(argv=[sys.argv[0]], verbosity=2)
