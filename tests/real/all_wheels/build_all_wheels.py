"""Builds every wheel of sageattention into dist/ with the real toolchains and checks what the issue of building once promises.

usage: build_all_wheels.py SAGEBUILD    (run in the project root; .sagebuild/ and dist/ may hold an earlier build)

11 wheels; one compile step per (toolkit, unit, arch); a second run starts no step and changes no byte.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys

SELECTION = ["sage2-all", "universal"]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"error: `{' '.join(command)}` ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    return done


def digests(paths):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def require(condition, text):
    if not condition:
        sys.exit(f"error: {text}")


def main():
    sagebuild = sys.argv[1]
    targets = json.loads(run(sagebuild, "matrix", "list", *SELECTION, "--format", "json").stdout)["targets"]
    names = sorted(target["wheel"] for target in targets)
    require(len(names) == 11, f"expected 11 wheels, the matrix lists {len(names)}")

    # Every compile step is another (toolkit, unit, arch), and together they are all that the targets list.
    plan = run(sagebuild, "build", *SELECTION, "--engine", "local", "--out", "dist", "--dry-run").stdout
    compiled = re.findall(r"^(?:run|keep) +image (\S+) (\S+) (\S+) ", plan, re.MULTILINE)
    require(len(compiled) == len(set(compiled)) > 0, f"{len(compiled)} compile steps, {len(set(compiled))} different ones")
    listed = {(f"cuda-{target['cuda']}", arch) for target in targets for arch in target["archs"]}
    # A target lists capabilities; the image of one may be for that chip alone (`9.0a`) or its family (`12.0f`).
    require({(toolkit, arch.rstrip("af")) for _, toolkit, arch in compiled} == listed, "the steps' archs are not those of the targets")

    run(sagebuild, "build", *SELECTION, "--engine", "local", "--out", "dist")
    wheels = [pathlib.Path("dist") / name for name in names]
    for wheel in wheels:
        require(wheel.is_file(), f"{wheel} is missing")
    run(sagebuild, "wheel", "verify", *map(str, wheels))
    built = digests(wheels)

    again = run(sagebuild, "build", *SELECTION, "--engine", "local", "--out", "dist")
    require(not re.search(r"^\[ *\d+/\d+\]", again.stderr, re.MULTILINE), f"the second run started steps:\n{again.stderr}")
    require(digests(wheels) == built, "the second run changed wheels")
    print(f"{len(wheels)} wheels from {len(compiled)} compile steps, each (toolkit, unit, arch) once; the second run started none")


if __name__ == "__main__":
    main()
