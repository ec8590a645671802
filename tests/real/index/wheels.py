"""Small wheels that say which they are once installed: `identity` holds the file name."""

import base64
import hashlib
import json
import pathlib
import zipfile

MANIFEST = {"schema": 1, "package": "sageattention", "version": "2.2.0", "module": "sageattention", "target": "universal", "kind": "universal",
            "row": {"torch": None, "cuda": "12.9.1", "python": None}, "toolkit": {"release": "12.9.1", "components": {}},
            "compiler": {"name": "nvrtc", "version": "12.9.86", "flags": []}, "host_compiler": "zig-0.15.2", "library": "sageattention/_native.so",
            "units": [], "covered": [], "dropped": [], "source_digest": "sha256:" + "0" * 64, "generator": "test"}


def make_wheel(directory: pathlib.Path, name: str, metadata: str = "", manifest: dict | None = None) -> pathlib.Path:
    distribution, version, *build, python, abi, platform = name.removesuffix(".whl").split("-")
    info = f"{distribution}-{version}.dist-info"
    tags = "".join(f"Tag: {p}-{a}-{o}\n" for p in python.split(".") for a in abi.split(".") for o in platform.split("."))
    files = {f"{distribution}/identity": name,
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\nRequires-Python: >=3.9\n{metadata}",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n" + "".join(f"Build: {tag}\n" for tag in build) + tags}
    if manifest:
        files[f"{info}/sagebuild.json"] = json.dumps({**manifest, "version": version})
    record = "".join(f"{path},sha256={digest(text)},{len(text)}\n" for path, text in files.items())
    with zipfile.ZipFile(directory / name, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
    return directory / name


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
