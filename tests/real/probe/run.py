#!/usr/bin/env python3
"""`sagebuild doctor --json` in real virtual environments with real torches, beside driver programs that answer, fail or hang.

    run.py SAGEBUILD [--cache DIR]

Interpreters come from PATH or pyenv; torches are those that the real-torch tests keep in the cache. What is absent is a printed skip; no
interpreter at all is a failure.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "torch"))

from interpreters import find_interpreter  # noqa: E402

ANSWERS = 'echo "580.159.04, 9.0, NVIDIA H200"'
FAILS = 'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9'
HANGS = "sleep 600"
LAST_OLD_ABI = (2, 6)  # PyPI's torch: -D_GLIBCXX_USE_CXX11_ABI=0 up to 2.6 (release notes of 2.7)


def write_program(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def doctor(sagebuild, home, *directories):
    """The answer in an environment that has these directories on PATH and nothing else."""
    environment = {"HOME": str(home), "PATH": ":".join(map(str, directories))}
    done = subprocess.run([sagebuild, "doctor", "--json"], env=environment, cwd=home, stdout=subprocess.PIPE, check=True, timeout=200)
    return json.loads(done.stdout)


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"FAILED {what}: {found!r} instead of {wanted!r}")


def found_of(report, subject):
    return [check["found"] for check in report["checks"] if check["subject"] == subject]


def check_interpreter(sagebuild, version, interpreter, trees, home):
    venv = home / f"venv-{version}"
    subprocess.run([interpreter, "-m", "venv", "--without-pip", venv], check=True)
    smi = home / "answers"
    report = doctor(sagebuild, home, venv / "bin", smi)
    environment = report["environment"]
    expect("python", environment["python"], version)
    expect("free-threaded", environment["free_threaded"], False)
    expect("torch", environment["torch"], None)
    expect("arch", environment["arch"], platform.machine())
    expect("glibc", environment["glibc"], os.confstr("CS_GNU_LIBC_VERSION").split()[1])
    expect("driver", (environment["driver"], environment["sm"]), ("580.159.04", ["9.0"]))
    for tree in trees:
        (site,) = venv.glob("lib/python*/site-packages")
        (site / "torch.pth").write_text(f"{tree}\n")
        (metadata,) = tree.glob("torch-*.dist-info/METADATA")
        torch = next(line.split()[1] for line in metadata.read_text().splitlines() if line.startswith("Version: "))
        environment = doctor(sagebuild, home, venv / "bin", smi)["environment"]
        expect("torch", environment["torch"], torch.partition("+")[0])
        cuda = next(line.split("'")[1] for line in (tree / "torch" / "version.py").read_text().splitlines() if line.startswith("cuda"))
        expect("torch's CUDA", environment["torch_cuda"], cuda)
        expect("torch's ABI", environment["torch_cxx11_abi"], tuple(map(int, torch.split(".")[:2])) > LAST_OLD_ABI)
        print(f"python {version} torch {torch}: CUDA {cuda}, C++11 ABI {environment['torch_cxx11_abi']}", flush=True)
    return venv


def check_drivers(sagebuild, venv, home):
    report = doctor(sagebuild, home, venv / "bin", home / "fails", "/bin")
    expect("a driver that fails", (report["environment"]["sm"], report["runs_kernels"]), (None, False))
    report = doctor(sagebuild, home, venv / "bin", home / "hangs", "/bin")
    expect("a driver that hangs", report["environment"]["sm"], None)
    broken = home / "broken"
    write_program(broken / "python3", "echo broken >&2; exit 1")
    report = doctor(sagebuild, home, broken, home / "answers", "/bin")
    expect("a broken Python", (report["environment"]["python"], report["environment"]["driver"]), (None, "580.159.04"))
    expect("its reason", found_of(report, "python")[0].endswith("is no working Python: it ended with exit code 1: broken"), True)
    report = doctor(sagebuild, home)
    expect("an empty PATH", report["builds_locally"], False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagebuild-tests"
    parser.add_argument("sagebuild")
    parser.add_argument("--cache", type=Path, default=default, help="of the real-torch tests (default: %(default)s)")
    arguments = parser.parse_args()
    if Path("/proc/driver/nvidia/version").exists():
        print("SKIPPED: this machine has a driver of its own")
        return 77
    with tempfile.TemporaryDirectory(prefix="sagebuild-probe-") as name:
        home = Path(name)
        for directory, script in (("answers", ANSWERS), ("fails", FAILS), ("hangs", HANGS)):
            write_program(home / directory / "nvidia-smi", script)
        venvs = []
        for version in ("3.9", "3.10", "3.11", "3.12", "3.13"):
            interpreter = find_interpreter(version)
            if interpreter is None:
                print(f"SKIPPED python {version}: not on PATH or under pyenv")
                continue
            trees = sorted(arguments.cache.glob(f"torch/*-cp{version.replace('.', '')}"))
            if not trees:
                print(f"SKIPPED torch for python {version}: none in the cache of the real-torch tests")
            venvs.append(check_interpreter(arguments.sagebuild, version, interpreter, trees, home))
        if not venvs:
            print("FAILED: no interpreter is found")
            return 1
        check_drivers(arguments.sagebuild, venvs[-1], home)
    print(f"{len(venvs)} interpreters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
