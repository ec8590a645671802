"""A copy of the project for real bakes: the documented row for torch 2.9 and CUDA 13.0, an arch list that is quick to compile, and base
images made here (engine.py) in the place of those that the files name."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from engine import make_cuda, make_debian

ROOT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sagebuild-tests"
# What a container build and `sagebuild build` read.
PROJECT = (".dockerignore", "CMakeLists.txt", "LICENSE", "README.md", "bootstrap", "cmake", "docker-bake.hcl", "dockerfiles", "kernels",
           "matrix", "src")
TOOLKIT = "13.0.2"  # of the base image's nvcc; the row's 13.0.0 is a superseded patch
ARCHS = ["7.5", "8.9"]
ROW = '  - {torch: "2.9.0", cuda: "13.0.0", python: ["3.12", "3.13"], archs: extended}\n'
NVCC = "linux-sage2-pytorch29-cu130-python"


def run(command, status=0, **options):
    """Output of a command that must end with `status`; stderr after stdout."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != status:
        raise AssertionError(f"$ {' '.join(map(str, command))}\nexit status {done.returncode}, not {status}\n{done.stdout[-6000:]}")
    return done.stdout


def data_of(command, **options):
    """stdout alone."""
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
                          **options).stdout


def check(condition, text):
    if not condition:
        raise AssertionError(text)


@contextlib.contextmanager
def step(name):
    start = time.monotonic()
    yield
    print(f"ok  {name}  ({time.monotonic() - start:.0f} s)", flush=True)


class Log:
    """What buildx said about one build."""

    def __init__(self, text):
        self.text = text
        self.names = {}
        for number, name in re.findall(r"^#(\d+) (\[.*)$", text, re.MULTILINE):
            self.names.setdefault(number, name)
        self.cached = set(re.findall(r"^#(\d+) CACHED$", text, re.MULTILINE))

    def numbers(self, part):
        return [number for number, name in self.names.items() if part in name]

    def ran(self, part):
        """How many steps whose command holds `part` were run, not taken from the cache."""
        return len([number for number in self.numbers(part) if number not in self.cached])


def system_image():
    """The image that the stages without nvcc and Python start from."""
    text = (ROOT / "dockerfiles" / "dockerfile.builder.linux.in").read_text()
    return re.search(r"^ARG SYSTEM_IMAGE=(.*)$", text, re.MULTILINE)[1]


class Project:
    def __init__(self, sagebuild, directory):
        self.sagebuild_path = sagebuild
        self.project = directory / "project"
        self.project.mkdir()
        for name in PROJECT:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.project / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, self.project / name)
        self.sets = []

    def sagebuild(self, *arguments, status=0, **variables):
        return run([self.sagebuild_path, *arguments], status, cwd=self.project, env={**os.environ, **variables})

    def bake(self, *names, status=0, sets=(), **variables):
        """`docker buildx bake` on the files alone, without sagebuild."""
        command = ["docker", "buildx", "bake", "--progress=plain", *names]
        for value in (*self.sets, *sets):
            command += ["--set", value]
        # Contexts of the override file lie outside the project; buildx would ask for each.
        environment = {**os.environ, "BUILDX_BAKE_ENTITLEMENTS_FS": "0", **variables}
        return Log(run(command, status, cwd=self.project, env=environment))

    def edit(self, name, old, new):
        path = self.project / name
        text = path.read_text()
        check(old in text, f"{name} does not hold {old!r}")
        path.write_text(text.replace(old, new, 1))

    def wheels(self, directory, part=""):
        return sorted(path for path in (self.project / directory).glob("*.whl") if part in path.name)

    def set_arguments(self):
        return [word for value in self.sets for word in ("--set", value)]

    def prepare(self, archs=ARCHS):
        """The row of the documentation, and few archs."""
        self.edit("matrix/sageattention.yaml", "\nrows:\n", "\nrows:\n" + ROW)
        text = (self.project / "matrix" / "sageattention.yaml").read_text()
        listed = ", ".join(f'"{arch}"' for arch in archs)
        (self.project / "matrix" / "sageattention.yaml").write_text(re.sub(r"(?m)^  extended: .*$", f"  extended: [{listed}]", text))
        # What an earlier run left in the engine's cache must not answer for this one.
        header = self.device_header()
        header.write_text(header.read_text() + f"// {time.time_ns()}\n")
        self.sagebuild("bake", "--emit")

    def device_header(self):
        return sorted((self.project / "kernels" / "sageattention" / "include").rglob("*.cuh"))[0]

    def use_images(self):
        """Puts the images that are made here in the place of those that the files name."""
        system = make_debian("bookworm")
        self.sets = [f"*.contexts.{system_image()}=docker-image://{system}"]
        (cuda,) = set(re.findall(r'"(13\.0\.[^"]*-devel-[^"]*)"', (self.project / "docker-bake.hcl").read_text()))
        self.sets.append(f"*.contexts.nvidia/cuda:{cuda}=docker-image://{make_cuda(system, TOOLKIT)}")
        return system

    def manifest(self, wheel):
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/sagebuild.json")]
            return json.loads(archive.read(name))
