#!/usr/bin/env python3
"""Installs wheels of sageattention with real pip and real uv beside real torches, and runs the package's tests there. Needs no GPU.

    run.py --wheel W --torch 2.8.0 --python 3.12      one case
    run.py --wheels DIR [--only GLOB]                 the cases of plan.json whose wheel is in DIR

Each case: the torch of PyPI for that Python (torch_tree.py, stub_libraries.py), two fresh virtual environments, `pip install --no-deps`
and `uv pip install --no-deps`, then kernels/sageattention/tests/test_torch_{cpu,arguments,lowlevel}.py and, on fake GPUs,
test_torch_fake_gpu.py once per torch and kind of wheel; where the plan says so also test_clients.py, with the packages of clients.txt.
The interpreter that runs this needs pip, uv and pyelftools; cc and the CPythons of the plan come from PATH or pyenv. An absent
interpreter or wheel is a printed skip, fewer interpreters than --minimum-interpreters a failure.
"""

import argparse
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from interpreters import find_interpreter  # noqa: E402
from stub_libraries import make_stub_libraries  # noqa: E402
from torch_tree import make_torch_tree  # noqa: E402

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[2] / "kernels" / "sageattention" / "tests"
FAKE_GPUS = "2"
OUTPUT_TAIL = 6000
CPU_TESTS = ("test_torch_cpu.py", "test_torch_arguments.py", "test_torch_lowlevel.py")
SMOKE_TESTS = "version or silent or bound or schemas"


class Failed(Exception):
    pass


def run(command, **options):
    """The output; a failing command raises with the command and the end of what it said."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Failed(f"$ {' '.join(str(part) for part in command)}\nexit status {done.returncode}\n{done.stdout[-OUTPUT_TAIL:]}")
    return done.stdout


def find_uv():
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        raise SystemExit("error: no `uv` beside this interpreter or on PATH")
    return found


def hash_files(*names):
    """A key for what is made from files of this folder."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()[:12]


class Lab:
    """The parts that cases share, each made once."""

    def __init__(self, cache):
        self.cache = cache
        self.uv = find_uv()
        self.locks = defaultdict(threading.Lock)
        self.stubs_key = hash_files("stub_libraries.py", "fake_cuda.c", "fake_driver.c")

    def torch(self, version, python):
        with self.locks[version]:
            tree = make_torch_tree(version, python, self.cache)
            return tree, make_stub_libraries(tree, self.cache / "stubs" / f"{version}-{self.stubs_key}")

    def packages(self, python, interpreter, file="requirements.txt"):
        """A directory with the packages that a file of this folder lists."""
        requirements = HERE / file
        target = self.cache / "packages" / f"{python}-{hash_files(requirements.name)}"
        with self.locks[f"packages {python} {file}"]:
            if not target.is_dir():
                scratch = Path(tempfile.mkdtemp(prefix=target.name + ".", dir=self.directory("packages")))
                run([sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet", "--no-deps", "--only-binary=:all:",
                     "--target", scratch / "packages", "-r", requirements])
                (scratch / "packages").replace(target)
                scratch.rmdir()
        return target

    def directory(self, name):
        path = self.cache / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def install(lab, installer, interpreter, directory, paths, wheel):
    """A virtual environment that sees torch and the helper packages, with the wheel installed; returns its interpreter."""
    run([interpreter, "-m", "venv", "--without-pip", directory])
    (site,) = directory.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text("".join(f"{path}\n" for path in paths))
    python = directory / "bin" / "python"
    if installer == "pip":
        run([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel])
    else:
        run([lab.uv, "pip", "install", "--python", python, "--no-deps", "--no-index", wheel])
    return python


def run_tests(python, files, libraries, directory, *options, **environment):
    """pytest's closing line."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "SAGE_FAKE_GPUS")}
    clean.update(environment, LD_LIBRARY_PATH=os.pathsep.join(map(str, libraries)), TORCHINDUCTOR_CACHE_DIR=str(directory / "inductor"))
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", TESTS, "-W", "error::UserWarning", *options,
               *(TESTS / file for file in files)]
    output = run(command, cwd=directory, env=clean)
    return output.strip().splitlines()[-1]


def run_case(lab, wheel, torch, python, fake_gpus, clients, interpreter):
    """Runs one case; returns the lines to print."""
    tree, stubs = lab.torch(torch, python)
    paths = (lab.packages(python, interpreter), tree)
    with tempfile.TemporaryDirectory(prefix="case.", dir=lab.directory("cases")) as name:
        directory = Path(name)
        lines = []
        by_uv = install(lab, "uv", interpreter, directory / "uv", paths, wheel)
        lines.append(f"uv: {run_tests(by_uv, CPU_TESTS[:1], (stubs,), directory, '-k', SMOKE_TESTS)}")
        by_pip = install(lab, "pip", interpreter, directory / "pip", paths, wheel)
        lines.append(f"pip: {run_tests(by_pip, CPU_TESTS, (stubs,), directory)}")
        if fake_gpus:
            result = run_tests(by_pip, ("test_torch_fake_gpu.py",), (stubs, stubs / "driver"), directory, SAGE_FAKE_GPUS=FAKE_GPUS)
            lines.append(f"fake GPUs: {result}")
        if clients:
            packages = lab.packages(python, interpreter, "clients.txt")
            result = run_tests(by_pip, ("test_clients.py",), (stubs,), directory, "-k", "finds", PYTHONPATH=str(packages))
            lines.append(f"clients: {result}")
    return lines


def read_cases(arguments):
    """(wheel path, torch, python, whether the fake GPUs and the clients are tested) of what was asked for. In the plan, a torch that several
    Pythons share is tested on fake GPUs with the newest of them: the library is the same and knows no Python."""
    if arguments.wheel:
        return [(arguments.wheel.resolve(), arguments.torch, arguments.python, True, False)]
    plan = json.loads((HERE / "plan.json").read_text())
    return [(arguments.wheels.resolve() / case["wheel"], case["torch"], case["python"], case["fake_gpus"], case.get("clients", False))
            for case in plan if fnmatch.fnmatch(case["wheel"], arguments.only)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagebuild-tests"
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--wheel", type=Path, help="one wheel; needs --torch and --python")
    what.add_argument("--wheels", type=Path, help="directory with the wheels of plan.json")
    parser.add_argument("--torch", help="version of torch, for instance 2.8.0")
    parser.add_argument("--python", help="version of Python, for instance 3.12")
    parser.add_argument("--only", default="*", metavar="GLOB", help="with --wheels: only the wheels of this name")
    parser.add_argument("--cache", type=Path, default=default, help="where torches and packages are kept (default: %(default)s)")
    parser.add_argument("--minimum-interpreters", type=int, default=int(os.environ.get("SAGEBUILD_MINIMUM_INTERPRETERS", 3)), metavar="N",
                        help="with --wheels: fail if fewer Pythons of the plan are found (default: %(default)s; also by the environment,"
                             " SAGEBUILD_MINIMUM_INTERPRETERS, for machines that can have one only)")
    parser.add_argument("--jobs", type=int, default=2, help="cases at the same time (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.wheel and not (arguments.torch and arguments.python):
        parser.error("--wheel needs --torch and --python")
    return arguments


def main():
    arguments = parse_arguments()
    cases = read_cases(arguments)
    lab = Lab(arguments.cache.resolve())
    interpreters = {python: find_interpreter(python) for python in sorted({case[2] for case in cases})}
    passed = failed = skipped = 0
    found = [python for python, path in interpreters.items() if path]
    if arguments.wheels and len(found) < min(arguments.minimum_interpreters, len(interpreters)):
        print(f"FAILED interpreters: {arguments.minimum_interpreters} are needed, found {', '.join(found) or 'none'}")
        failed += 1
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {}
        for wheel, torch, python, fake_gpus, clients in cases:
            name = f"{wheel.name} torch {torch} python {python}"
            if interpreters[python] is None:
                print(f"SKIPPED {name}: no python{python} on PATH or under pyenv", flush=True)
                skipped += 1
            elif not wheel.is_file():
                print(f"SKIPPED {name}: no such wheel in {wheel.parent}", flush=True)
                skipped += 1
            else:
                running[pool.submit(run_case, lab, wheel, torch, python, fake_gpus, clients, interpreters[python])] = name
        for case in concurrent.futures.as_completed(running):
            try:
                print(f"passed {running[case]}\n" + "".join(f"    {line}\n" for line in case.result()), end="", flush=True)
                passed += 1
            except (Failed, subprocess.CalledProcessError) as reason:
                print(f"FAILED {running[case]}\n{reason}", flush=True)
                failed += 1
    print(f"took {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
