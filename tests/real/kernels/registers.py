#!/usr/bin/env python3
"""No kernel keeps anything on a stack: register spills and arrays indexed at run time would cost more than any tuning brings.

    python3 registers.py DIST            (cuobjdump beside this Python)

Reads the host library of every wheel in the folder. The Hopper attention is compiled to the most registers at entry that its threads
leave (640 threads for d 64, 512 for d 128), and reallocates them.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import zipfile

CUOBJDUMP = glob.glob(os.path.join(sys.prefix, "lib/python3*/site-packages/nvidia/cu13/bin/cuobjdump"))
AT_ENTRY = {"sage_attend_sm90_d64": 96, "sage_attend_sm90_d128": 128}


def usage(library):
    """(kernel, registers, bytes of stack, bytes of local memory) of every image in the library."""
    listed = subprocess.run([CUOBJDUMP[0], "-res-usage", library], capture_output=True, text=True, check=True).stdout
    pattern = re.compile(r"Function (sage_\w+):\s+REG:(\d+) STACK:(\d+) .*?LOCAL:(\d+)")
    return [(name, *map(int, figures)) for name, *figures in pattern.findall(listed)]


def main():
    if not CUOBJDUMP:
        print("skipped: nvidia-cuda-cuobjdump is not installed beside this Python")
        return 77
    seen, faults = set(), []
    wheels = sorted(glob.glob(os.path.join(sys.argv[1], "*.whl")))
    for wheel in wheels:
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if name.endswith("_native.so"))
            found = usage(archive.extract(member, folder))
        if not found:
            faults.append(f"{os.path.basename(wheel)}: no kernel found")
        for name, registers, stack, local in found:
            seen.add(name)
            if stack or local:
                faults.append(f"{os.path.basename(wheel)}: {name} has {stack} bytes of stack and {local} of local memory")
            if registers != AT_ENTRY.get(name, registers):
                faults.append(f"{os.path.basename(wheel)}: {name} starts with {registers} registers instead of {AT_ENTRY[name]}")
    if not any(name.startswith("sage_attend_sm90") for name in seen):
        faults.append("no wheel has the Hopper attention")
    print("\n".join(faults) or f"{len(seen)} kernels in {len(wheels)} wheels, none with a stack")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
