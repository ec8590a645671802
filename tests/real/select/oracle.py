#!/usr/bin/env python3
"""`sagebuild select` against what pip and uv do: on everything that these look at, the answers are the same.

    oracle.py SAGEBUILD

packaging: the tags of many random environments, on all names of tests/data/wheel-names.txt. Seed: SAGEBUILD_SEED.
pip and uv: dry runs on generated wheels without content, each of which fits by its tags or not.
"""

import base64
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

from packaging import _manylinux, tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAGEBUILD = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
SEED = int(os.environ.get("SAGEBUILD_SEED", random.SystemRandom().randrange(1 << 32)))
NAMES = [line for line in (ROOT / "tests/data/wheel-names.txt").read_text().splitlines() if line and not line.startswith("#")]
# our own words for reasons that pip and uv know: the C++ ABI is none of them
TAG_CATEGORIES = {"python", "platform", "abi"}


def select(environment: dict, names: list[str]) -> dict:
    with tempfile.TemporaryDirectory() as scratch:
        environment_file, names_file = pathlib.Path(scratch, "environment.json"), pathlib.Path(scratch, "names.txt")
        environment_file.write_text(json.dumps(environment))
        names_file.write_text("\n".join(names) + "\n")
        done = subprocess.run([SAGEBUILD, "select", "--environment", environment_file, "--names", names_file, "--json"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode not in (0, 1) or not done.stdout:
        raise AssertionError(f"exit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def refused_by_tags(answer: dict) -> set[str]:
    """Wheels that are refused for what an installer looks at."""
    return {wheel["name"] for wheel in answer["rejected"]
            if any(reason["category"] in TAG_CATEGORIES and "C++" not in reason["text"] for reason in wheel["reasons"])}


def judged_by_tags(answer: dict) -> set[str]:
    """Wheels whose tags were looked at: the name is one, and the package inside is the project's."""
    other = {wheel["name"] for wheel in answer["rejected"] if any(reason["category"] in ("name", "unparseable") for reason in wheel["reasons"])}
    return {wheel["name"] for wheel in answer["rejected"]} - other | set(answer["acceptable"])


def packaging_tags(environment: dict) -> set[tags.Tag]:
    python = tuple(int(part) for part in environment["python"].split("."))
    own = f"cp{python[0]}{python[1]}"
    if environment["os"] == "windows":
        platforms = ["win_amd64" if environment["arch"] == "x86_64" else "win_arm64"]
    else:
        glibc = _manylinux._GLibCVersion(*(int(part) for part in environment["glibc"].split(".")))
        with unittest.mock.patch.object(_manylinux, "_get_glibc_version", return_value=glibc), \
                unittest.mock.patch.object(_manylinux, "_have_compatible_abi", return_value=True):
            platforms = [*_manylinux.platform_tags([environment["arch"]]), f"linux_{environment['arch']}"]
    abi = own + ("t" if environment["free_threaded"] else "m" if python < (3, 8) else "")
    return {*tags.cpython_tags(python, [abi], platforms), *tags.compatible_tags(python, own, platforms)}


def random_environment(source: random.Random) -> dict:
    minor = source.randint(7, 15)
    return {"python": f"3.{minor}", "free_threaded": minor >= 13 and source.random() < 0.4, "os": source.choice(["linux", "linux", "windows"]),
            "arch": source.choice(["x86_64", "aarch64"]), "glibc": f"2.{source.randint(5, 42)}"}


def make_wheel(directory: pathlib.Path, name: str) -> None:
    """A wheel of one module and honest metadata, whatever its tags promise."""
    distribution, version, *build, python, abi, platform = name.removesuffix(".whl").split("-")
    info = f"{distribution}-{version}.dist-info"
    lines = "".join(f"Tag: {p}-{a}-{o}\n" for p in python.split(".") for a in abi.split(".") for o in platform.split("."))
    files = {f"{distribution}.py": "", f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n" + "".join(f"Build: {tag}\n" for tag in build) + lines}
    record = "".join("{},sha256={},{}\n".format(path, base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode(), len(text))
                     for path, text in files.items())
    with zipfile.ZipFile(directory / name, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)


# each alone in a directory; fits on CPython 3.12 with glibc 2.28 on x86-64, or not
DRY_RUNS = [
    "alone-1.0-py3-none-any.whl",
    "alone-1.0-cp312-cp312-linux_x86_64.whl",
    "alone-1.0-280.129-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "alone-1.0+cu128torch2.8-cp312-cp312-manylinux_2_28_x86_64.whl",
    "alone-1.0-cp312-cp312-manylinux_2_31_x86_64.whl",
    "alone-1.0-cp39-abi3-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "alone-1.0-cp313-abi3-manylinux_2_28_x86_64.whl",
    "alone-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    "alone-1.0-cp312-cp312-manylinux_2_28_aarch64.whl",
    "alone-1.0-cp312-cp312-win_amd64.whl",
    "alone-1.0-cp312-none-manylinux1_x86_64.whl",
    "alone-1.0-cp311-none-any.whl",
    "alone-1.0-py311-none-manylinux2010_x86_64.whl",
    "alone-1.0-py313-none-any.whl",
    "alone-1.0-pp310-pypy310_pp73-manylinux_2_17_x86_64.whl",
    "alone-1.0-py3-none-musllinux_1_2_x86_64.whl",
]
DRY_RUN_ENVIRONMENT = {"python": "3.12", "free_threaded": False, "os": "linux", "arch": "x86_64", "glibc": "2.28"}


class SelectOracle(unittest.TestCase):
    def test_packaging_accepts_the_same_tags(self):
        source = random.Random(SEED)
        for _ in range(60):
            environment = random_environment(source)
            names = source.sample(NAMES, 400)
            answer = select(environment, names)
            known = packaging_tags(environment)
            refused = refused_by_tags(answer)
            for name in judged_by_tags(answer):
                fits = not known.isdisjoint(parse_wheel_filename(name)[3])
                self.assertEqual(fits, name not in refused, f"{name} in {environment}, SAGEBUILD_SEED={SEED}")

    def test_packaging_refuses_the_same_names(self):
        unparseable = {wheel["name"] for wheel in select(DRY_RUN_ENVIRONMENT, NAMES)["rejected"]
                       if wheel["reasons"][0]["category"] == "unparseable"}
        expected = set()
        for name in NAMES:
            try:
                parse_wheel_filename(name)
            except InvalidWheelFilename:
                expected.add(name)
        self.assertEqual(unparseable, expected)

    def test_pip_and_uv_take_the_same_wheels(self):
        for name in DRY_RUNS:
            answer = select(DRY_RUN_ENVIRONMENT, [name])
            with tempfile.TemporaryDirectory() as scratch:
                wheels = pathlib.Path(scratch, "wheels")
                wheels.mkdir()
                make_wheel(wheels, name)
                # pip adds older manylinux tags only to those that it is told: name all of them, as a real interpreter would
                platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)] + ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
                options = [option for platform in platforms for option in ("--platform", platform)]
                pip = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-index", "--no-deps", "--find-links", wheels,
                                      "--dest", scratch, "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.12", "--abi", "cp312", "--abi", "abi3", "--abi", "none", *options, "alone"],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                requirements = pathlib.Path(scratch, "requirements.in")
                requirements.write_text("alone\n")
                uv = subprocess.run([shutil.which("uv", path=str(pathlib.Path(sys.executable).parent)) or "uv", "pip", "compile", "--no-index", "--find-links", wheels, "--offline",
                                     "--only-binary", ":all:", "--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_28", "--cache-dir", f"{scratch}/cache", "-q", requirements],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            fits = answer["pick"] == name
            self.assertEqual(fits, pip.returncode == 0, f"{name}\n{pip.stdout}")
            # uv targets manylinux and never takes the plain linux tag for another platform than its own
            if "-linux_" not in name:
                self.assertEqual(fits, uv.returncode == 0, f"{name}\n{uv.stdout}")


if __name__ == "__main__":
    print(f"SAGEBUILD_SEED={SEED}", flush=True)
    unittest.main(argv=[sys.argv[0]], verbosity=2)
