"""Bake targets that stand in for `python:3.12-slim-bookworm`: a CPython of this machine, with a real torch that needs no download any more.

torch is the one of PyPI for that Python (tests/real/torch/torch_tree.py); what it needs of NVIDIA's libraries is generated, and
distributions that are absent but required stand as empty ones, so that `pip install torch==VERSION` and `pip check` have nothing to do.
A target hands its result to the test stage inside the engine: exported as an image it would take minutes.
"""

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "torch"))

from interpreters import find_interpreter  # noqa: E402
from run import Lab  # noqa: E402

DOCKERFILE = """\
FROM system
RUN apt-get update && apt-get install -y --no-install-recommends libbz2-1.0 libffi8 liblzma5 libncursesw6 libreadline8 libsqlite3-0 \\
    libssl3 libstdc++6 zlib1g && rm -rf /var/lib/apt/lists/*
COPY --from=python / {prefix}/
COPY --from=packages / {site}/
COPY --from=torch / {site}/
COPY --from=stand-ins / {site}/
COPY --from=stubs / /opt/stubs/
ENV PATH={prefix}/bin:$PATH LD_LIBRARY_PATH=/opt/stubs
"""


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(*directories):
    return {normalized(path.name.split("-")[0]) for directory in directories for path in Path(directory).glob("*.dist-info")}


def write_stand_ins(tree, packages, python, directory):
    """Empty distributions for what torch requires exactly and nothing here provides."""
    (metadata,) = tree.glob("torch-*.dist-info/METADATA")
    environment = {"python_version": python, "python_full_version": f"{python}.0", "platform_system": "Linux", "platform_machine": "x86_64",
                   "extra": ""}
    present = distributions(tree, packages)
    for line in re.findall(r"^Requires-Dist: (.*)$", metadata.read_text(), re.MULTILINE):
        requirement = Requirement(line)
        if normalized(requirement.name) in present or (requirement.marker and not requirement.marker.evaluate(environment)):
            continue
        (version,) = [item.version for item in requirement.specifier if item.operator == "=="]
        info = directory / f"{requirement.name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {requirement.name}\nVersion: {version}\n")


def find_python(python):
    """(interpreter, prefix, site-packages) of a CPython that lies in a directory of its own, else None."""
    interpreter = find_interpreter(python)
    if interpreter is None:
        return None
    script = "import sys, sysconfig; print(sys.prefix, sysconfig.get_path('platlib'), sep='\\n')"
    prefix, site = subprocess.run([interpreter, "-c", script], capture_output=True, text=True, check=True).stdout.split("\n")[:2]
    return None if prefix in ("/usr", "/usr/local") else (interpreter, prefix, site)


def describe_torch(system, python, torch, cache, scratch):
    """The bake target of a CPython with a torch, or None if there is no such CPython to copy."""
    found = find_python(python)
    if found is None:
        return None
    interpreter, prefix, site = found
    lab = Lab(Path(cache))
    tree, stubs = lab.torch(torch, python)
    packages = lab.packages(python, interpreter)
    stand_ins = Path(scratch) / f"{python}-{torch}"
    stand_ins.mkdir()
    write_stand_ins(tree, packages, python, stand_ins)
    contexts = {"python": prefix, "packages": packages, "torch": tree, "stubs": stubs, "stand-ins": stand_ins}
    return {"context": ".", "dockerfile-inline": DOCKERFILE.format(prefix=prefix, site=site),
            "contexts": {"system": f"docker-image://{system}", **{key: str(path) for key, path in contexts.items()}}}
