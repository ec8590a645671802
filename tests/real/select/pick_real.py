#!/usr/bin/env python3
"""`sagebuild select --probe` in virtual environments with real torches picks the right one of our real wheels.

    pick_real.py SAGEBUILD WHEELS

The environments are those of tests/real/torch/plan.json, with torches of the same cache; the driver and the GPU, which a machine of the tests
has not, are given. A row made for that Python and torch is picked, else the universal wheel; a row of another torch works, against its name, last.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "torch"))

from interpreters import find_interpreter  # noqa: E402
from torch_tree import make_torch_tree  # noqa: E402

UNIVERSAL = "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


def row_of(torch: str, python: str) -> tuple[str, str]:
    """Start and end of the name that a row of this torch and Python has, whatever its CUDA."""
    return f"sageattention-2.2.0-{torch.replace('.', '')}.", f"-cp{python.replace('.', '')}-cp{python.replace('.', '')}-linux_x86_64.whl"


def main() -> int:
    sagebuild, wheels = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    names = {path.name for path in wheels.glob("*.whl")}
    if UNIVERSAL not in names:
        print(f"skipped: no universal wheel in {wheels}; ./bootstrap builds it")
        return 77
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagebuild-tests"
    plan = json.loads((HERE.parent / "torch" / "plan.json").read_text())
    failures, passed = [], 0
    for torch, python in sorted({(case["torch"], case["python"]) for case in plan}):
        interpreter = find_interpreter(python)
        if interpreter is None:
            print(f"SKIPPED torch {torch} python {python}: no such interpreter on PATH or under pyenv")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run([interpreter, "-m", "venv", "--without-pip", f"{scratch}/venv"], check=True)
            (site,) = Path(scratch, "venv").glob("lib/python*/site-packages")
            (site / "torch.pth").write_text(f"{make_torch_tree(torch, python, cache)}\n")
            done = subprocess.run([sagebuild, "select", "--probe", f"{scratch}/venv/bin/python", "--driver", "580.95.05", "--gpu", "9.0", "--from", wheels, "--project", "sageattention", "--json"],
                                  capture_output=True, text=True)
        answer = json.loads(done.stdout) if done.returncode == 0 else {"pick": None, "rejected": done.stderr, "acceptable": [], "against_name": []}
        head, tail = row_of(torch, python)
        expected = next((name for name in sorted(names) if name.startswith(head) and name.endswith(tail)), UNIVERSAL)
        against = {entry["name"] for entry in answer["against_name"]}
        last_ones = answer["acceptable"][len(answer["acceptable"]) - len(against):]
        if answer["pick"] != expected or set(last_ones) != against:
            failures.append(f"torch {torch} python {python}: {answer['pick']}, not {expected}\n{json.dumps(answer, indent=1)[:2000]}\n{done.stderr}")
        else:
            passed += 1
            print(f"passed torch {torch} python {python}: {expected}", flush=True)
    print("\n".join(failures) + f"\n{passed} passed, {len(failures)} failed")
    return 1 if failures or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
