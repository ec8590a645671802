"""Where figures come from: every results file begins with these facts."""

import datetime
import hashlib
import os
import platform
import re
import subprocess

import torch


def driver_version():
    try:
        found = subprocess.run(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], capture_output=True, text=True)
        return found.stdout.split("\n")[0].strip() or "unknown"
    except OSError:
        return "unknown"


def describe_library(path):
    """The target that an installed wheel was built for (its _build.py), else the file's name; and the file's SHA-256."""
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    build = os.path.join(os.path.dirname(path), "_build.py")
    name = os.path.basename(path)
    if os.path.exists(build):
        with open(build, encoding="utf-8") as file:
            found = re.search(r"^TARGET = [\"']([\w.-]+)[\"']", file.read(), re.MULTILINE)
        name = found.group(1) if found else name
    return {"built_for": name, "sha256": digest}


def describe_machine(library):
    return {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "gpu": torch.cuda.get_device_name(0),
        "capability": ".".join(map(str, torch.cuda.get_device_capability(0))),
        "driver": driver_version(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "library": describe_library(library.path),
        "images": library.images().split("\n"),
    }
