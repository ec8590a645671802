#!/usr/bin/env python3
"""Makes wheels of the documented row (torch 2.9, CUDA 13.0) by a bake with nvcc, for a machine with a GPU to test.

    bake_row.py SAGEBUILD OUT [ARCH ...]

As the lane does it: a copy of the project with that row, an engine and base images made here. The lane compiles for cards that are quick to
compile for; this script takes the archs of the card at hand, by default those whose units a GPU of 9.0 runs or can be told to run. OUT gets
the wheel for Python 3.12 and `command`, the bake that made it.
"""

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from engine import Engine
from project import CACHE, NVCC, Project, step

ARCHS = ("8.0", "9.0")  # 9.0 compiles the units written for 9.0a too


def main():
    sagebuild, out, archs = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:] or ARCHS
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sagebuild-docker-") as name, Engine(CACHE / "docker"):
        project = Project(sagebuild, Path(name))
        project.prepare(archs)
        with step("base images"):
            project.use_images()
        target = f"{NVCC}312"
        with step(f"{target} for {' '.join(archs)}"):
            project.bake(target)
        (wheel,) = project.wheels("dist", "290.130")
        print(project.sagebuild("wheel", "verify", wheel), end="")
        compiler, units = (project.manifest(wheel)[key] for key in ("compiler", "units"))
        print(f"{compiler['name']} {compiler['version']}", *(f"{unit['name']}: {' '.join(unit['archs'])}" for unit in units), sep="\n")
        shutil.copy2(wheel, out)
        command = ["docker", "buildx", "bake", target, *project.set_arguments()]
        (out / "command").write_text(f"# extended: {list(archs)} in matrix/sageattention.yaml, {Path(wheel).name}\n{shlex.join(command)}\n")


if __name__ == "__main__":
    sys.exit(main())
