#!/usr/bin/env python3
"""What `sagebuild select --image` reads of a container image with a real torch, against what that container's own Python says.

    select_image.py SAGEBUILD

By hand, not in a lane: writing, running and reading an image of 1.4 GB takes a minute on an idle machine. The image is that of the lane's test
stages: a CPython of this machine, torch of PyPI, stubs for NVIDIA's libraries.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from engine import PREFIX, Engine, docker, make_debian
from project import CACHE, check, run, step
from torch_image import describe_torch

TORCH = "2.8.0"
IMAGE = f"{PREFIX}/torch:{TORCH}"
# One that fits every torch, so that the answer tells the whole environment.
WHEEL = "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
FACTS = """
import json, platform, torch
release = torch.__version__.partition("+")[0]
print(json.dumps({"Python": ".".join(platform.python_version_tuple()[:2]), "torch": f"{release} with CUDA {torch.version.cuda}",
                  "glibc": platform.libc_ver()[1]}))
"""


def main():
    sagebuild = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name, Engine(CACHE / "docker"):
        directory = Path(name)
        with step("image"):
            target = describe_torch(make_debian("bookworm"), "3.12", TORCH, CACHE, directory)
            check(target, "no CPython 3.12 on PATH or under pyenv")
            (directory / "docker-bake.json").write_text(json.dumps({"target": {"torch": target}}))
            # uncompressed: gzip over all of torch would take minutes
            run(["docker", "buildx", "bake", "torch", "--set", f"torch.output=type=docker,name={IMAGE},compression=uncompressed"], cwd=name,
                env={**os.environ, "BUILDX_BAKE_ENTITLEMENTS_FS": "0"})
        with step("the container's own Python"):
            facts = json.loads(docker("run", "--rm", "--network=none", IMAGE, "python3", "-c", FACTS).splitlines()[-1])
        with step("sagebuild select --image"):
            (directory / "names").write_text(f"{WHEEL}\n")
            said = run([sagebuild, "select", "--image", IMAGE, "--names", "names"], cwd=name)
        print(json.dumps(facts), said, sep="\n")
        for subject, value in facts.items():
            check(f"{subject} {value}" in said, f"select does not say {subject} {value}")


if __name__ == "__main__":
    sys.exit(main())
