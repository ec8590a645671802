"""How long `sagebuild select` takes to judge and order 10,000 wheels, measured inside the binary (`--verbose` says it). Names are those of
tests/data/wheel-names.txt with other versions. Writes bench/results/select.json and fails above the bound.

usage: select_wheels.py SAGEBUILD
"""

import datetime
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from host import processor

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULT = ROOT / "bench" / "results" / "select.json"
BOUND_MS = 50
COUNT = 10_000
ENVIRONMENT = {"python": "3.12", "free_threaded": False, "torch": "2.8.0", "torch_cuda": "12.9", "torch_cxx11_abi": True, "driver": "575.57.08",
               "toolkit": None, "os": "linux", "arch": "x86_64", "glibc": "2.39", "sm": ["8.9"]}


def make_names() -> list[str]:
    real = [line for line in (ROOT / "tests/data/wheel-names.txt").read_text().splitlines() if line and not line.startswith("#")]
    names = []
    for index in range(COUNT):
        distribution, version, rest = real[index % len(real)].split("-", 2)
        release, plus, local = version.partition("+")
        names.append(f"{distribution}-{release if index < len(real) else f'{index // len(real)}.{index % 100}'}{plus}{local}-{rest}")
    return list(dict.fromkeys(names))


def main() -> int:
    sagebuild = pathlib.Path(sys.argv[1]).resolve()
    names = make_names()
    times = []
    with tempfile.TemporaryDirectory() as scratch:
        environment, listing = pathlib.Path(scratch, "environment.json"), pathlib.Path(scratch, "names.txt")
        environment.write_text(json.dumps(ENVIRONMENT))
        listing.write_text("\n".join(names) + "\n")
        for _ in range(15):
            done = subprocess.run([sagebuild, "--verbose", "select", "--environment", environment, "--names", listing, "--json"], capture_output=True, text=True, cwd=ROOT)
            times.append(float(re.search(r"judged and ordered in ([0-9.]+) ms", done.stderr).group(1)))
    version = subprocess.run([sagebuild, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    result = {"wheels": len(names), "median_ms": round(statistics.median(times), 1), "best_ms": min(times), "worst_ms": max(times), "bound_ms": BOUND_MS, "runs": len(times),
              "machine": processor(), "sagebuild": version, "date": datetime.date.today().isoformat()}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))
    return 0 if result["median_ms"] <= BOUND_MS else 1


if __name__ == "__main__":
    sys.exit(main())
