"""What sharing device code saves: CPU seconds of the group `sage2-all` against its targets built one by one, each with an empty build
directory; then the same with `images: newest`. Toolchains and zig's caches are warm. Writes bench/results/build-sharing.json and fails
above the bounds.

usage: build_sharing.py SAGEBUILD [--jobs N]    (about 25 CPU minutes; other load on the machine changes CPU seconds little)
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

from host import processor

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULT = ROOT / "bench" / "results" / "build-sharing.json"
GROUP = "sage2-all"
BOUNDS = {"row": 0.36, "newest": 0.15}


def make_project(directory: pathlib.Path, images: str) -> pathlib.Path:
    """A copy of the sources whose matrix has the images policy."""
    for name in ("matrix", "kernels"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "LICENSE", directory / "LICENSE")
    matrix = directory / "matrix" / "sageattention.yaml"
    text, count = re.subn(r"^  images: \w+$", f"  images: {images}", matrix.read_text(), flags=re.MULTILINE)
    assert count == 1, "the matrix states no images policy"
    matrix.write_text(text)
    return directory


def run(command: list, project: pathlib.Path) -> str:
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {command} ended with {done.returncode}\n{done.stderr[-4000:]}")
    return done.stdout


def count_images(sagebuild: pathlib.Path, project: pathlib.Path, selector: str) -> dict[str, int]:
    """Device images of the plan by kernel unit."""
    counts: dict[str, int] = {}
    for unit in re.findall(r"^(?:run|keep) +image (\S+) ", run([sagebuild, "build", selector, "--dry-run"], project), re.MULTILINE):
        counts[unit] = counts.get(unit, 0) + 1
    return counts


def build(sagebuild: pathlib.Path, project: pathlib.Path, selector: str, jobs: int) -> float:
    """CPU seconds, user and system, of a build and all programs that it starts, with an empty build directory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(dir=project) as scratch:
        command = [sagebuild, "build", selector, "--engine", "local", "--build-dir", f"{scratch}/build", "--out", f"{scratch}/dist", "--jobs", str(jobs)]
        run(command, project)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"  {selector:45} {seconds:8.1f} CPU s", flush=True)
    return round(seconds, 1)


def measure(sagebuild: pathlib.Path, images: str, jobs: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="build-sharing-") as scratch:
        project = make_project(pathlib.Path(scratch) / "project", images)
        targets = run([sagebuild, "matrix", "list", GROUP, "--format", "names"], project).split()
        shared = count_images(sagebuild, project, GROUP)
        alone: dict[str, int] = {}
        for target in targets:
            for unit, count in count_images(sagebuild, project, target).items():
                alone[unit] = alone.get(unit, 0) + count
        print(f"images: {images}; warming the caches, then {GROUP} and {len(targets)} targets", flush=True)
        build(sagebuild, project, GROUP, jobs)
        group_seconds = build(sagebuild, project, GROUP, jobs)
        target_seconds = {target: build(sagebuild, project, target, jobs) for target in targets}
    ratio = group_seconds / sum(target_seconds.values())
    floor = sum(shared.values()) / sum(alone.values())
    result = {
        "ratio": round(ratio, 3),
        "bound": BOUNDS[images],
        "floor": round(floor, 3),
        "images": {unit: {"shared": shared[unit], "one_by_one": alone[unit], "floor": round(shared[unit] / alone[unit], 3)} for unit in shared},
        "cpu_seconds": {GROUP: group_seconds, "one_by_one": round(sum(target_seconds.values()), 1), "targets": target_seconds},
    }
    print(f"  ratio {ratio:.3f} (bound {BOUNDS[images]}); floor by images {floor:.3f} = {sum(shared.values())}/{sum(alone.values())}", flush=True)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sagebuild", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    result = {
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "sagebuild": run([arguments.sagebuild, "--version"], ROOT).strip(),
        "date": datetime.date.today().isoformat(),
    }
    for images in BOUNDS:
        result[images] = measure(arguments.sagebuild, images, arguments.jobs)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if all(result[images]["ratio"] <= bound for images, bound in BOUNDS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
