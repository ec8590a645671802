"""CPythons of this machine: on PATH and under pyenv."""

import os
import shutil
import subprocess
from pathlib import Path

PROBE = "import sys, ssl, venv, zlib; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"


def _candidates(version):
    found = shutil.which(f"python{version}")
    if found:
        yield found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for directory in sorted(root.glob(f"{version}.*"), key=lambda path: [int(part) for part in path.name.split(".") if part.isdigit()]):
        yield str(directory / "bin" / f"python{version}")


def find_interpreter(version):
    """A working `python3.12`, or None. A pyenv shim of a version that is not selected answers with an error, so each one is tried."""
    for path in _candidates(version):
        try:
            done = subprocess.run([path, "-c", PROBE], capture_output=True, text=True)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.split() == [version, "cpython"]:
            return path
    return None
