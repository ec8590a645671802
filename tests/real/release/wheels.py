"""Wheels as sagebuild makes them, as many and as large as a test wants: the example wheel of a row, made out for other Pythons and padded."""

import base64
import hashlib
import subprocess
import tempfile
import zipfile
from pathlib import Path

FIRST_PYTHON = 9  # 3.9


def encoded(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def make_wheels(make_example_wheels, directory, count, padding=b""):
    """`count` wheels with `padding` in each; `make_example_wheels` is the program of tests/real/wheel."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([make_example_wheels, scratch], check=True)
        (example,) = Path(scratch).glob("*-cp312-cp312-*.whl")
        with zipfile.ZipFile(example) as archive:
            files = {item.filename: archive.read(item) for item in archive.infolist()}
    files["sageattention/padding.bin"] = padding
    record = next(name for name in files if name.endswith("/RECORD"))
    del files[record]
    kept = {name: f"{name},sha256={encoded(data)},{len(data)}\n" for name, data in files.items()}
    return [make_wheel(Path(directory), example.name, number, files, kept, record) for number in range(FIRST_PYTHON, FIRST_PYTHON + count)]


def make_wheel(directory, example, number, files, lines, record):
    """The wheel of Python 3.`number`: its name, WHEEL and manifest say so."""
    path = directory / example.replace("cp312", f"cp3{number}")
    changed = {}
    for name in files:
        if name.endswith(("/WHEEL", "/sagebuild.json")):
            text = files[name].decode().replace("cp312", f"cp3{number}").replace('"3.12"', f'"3.{number}"').replace("python312", f"python3{number}")
            changed[name] = text.encode()
    lines = lines | {name: f"{name},sha256={encoded(data)},{len(data)}\n" for name, data in changed.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (files | changed | {record: ("".join(lines.values()) + f"{record},,\n").encode()}).items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return path
