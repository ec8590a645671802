"""Real pip and uv accept what `sagebuild requirements update` writes: the updated files install the picked wheel, the old ones did not.

usage: run.py SAGEBUILD
"""

import functools
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import zipfile

TOOLS = pathlib.Path(sys.executable).parent
TAG = f"cp3{sys.version_info.minor}"
PYTHON = f"3.{sys.version_info.minor}"


def make_wheel(directory: pathlib.Path, name: str, version: str, build: str) -> pathlib.Path:
    """A wheel without code: enough for installers to resolve it."""
    tag = f"{TAG}-{TAG}-linux_x86_64"
    path = directory / f"{name}-{version}{'-' + build if build else ''}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n" + (f"Build: {build}\n" if build else ""),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{inner},,\n" for inner in [*files, f"{info}/RECORD"]))
    return path


def run(*command: object, ok: bool = True) -> str:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if ok != (result.returncode == 0):
        raise SystemExit(f"{command} ended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def check_installers(requirements: pathlib.Path, wheel: pathlib.Path, url: str) -> None:
    plan = json.loads(run(TOOLS / "python", "-m", "pip", "install", "--dry-run", "--no-index", "--ignore-installed", "--no-deps", "--quiet",
                          "--report", "-", "-r", requirements))
    urls = [item["download_info"]["url"] for item in plan["install"]]
    assert urls == [url + wheel.name], urls
    compiled = run(TOOLS / "uv", "pip", "compile", "--no-index", "--no-header", "--generate-hashes", "--python-version", PYTHON, requirements)
    assert url + wheel.name in compiled and digest(wheel) in compiled, compiled


def main() -> int:
    sagebuild = sys.argv[1]
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=root))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        old = make_wheel(root, "sageattention", "2.2.0", "280.129")
        new = make_wheel(root, "sageattention", "2.2.0", "290.129")
        names = root / "release.names"
        names.write_text("".join(json.dumps({"name": wheel.name, "url": url + wheel.name, "sha256": digest(wheel)}) + "\n" for wheel in (old, new)))
        given = ("--names", names, "--python", PYTHON, "--torch", "2.9.1+cu129")
        cases = {
            "fragment.txt": f"# torch 2.8\r\nsageattention @ {url}{old.name}#sha256={digest(old)}",
            "hash.txt": f"sageattention @ {url}{old.name} \\\n    --hash=sha256:{digest(old)}\n",
            "url.txt": f"{url}{old.name}#sha256={digest(old)}  # cu129, torch 2.8\n",
        }
        for name, text in cases.items():
            requirements = root / name
            requirements.write_bytes(text.encode())
            check_installers(requirements, old, url)
            run(sagebuild, "requirements", "update", *given, requirements)
            check_installers(requirements, new, url)
            run(sagebuild, "requirements", "check", *given, requirements)

        # A digest of the wrong wheel is what both installers refuse, and what `check` tells before.
        stale = root / "stale.txt"
        stale.write_text(f"sageattention @ {url}{new.name}#sha256={digest(old)}\n")
        run(TOOLS / "python", "-m", "pip", "install", "--dry-run", "--no-index", "--ignore-installed", "--no-deps", "-r", stale, ok=False)
        assert "SB0449" in run(sagebuild, "requirements", "check", *given, stale, ok=False)

        # uv locks the project, the lock is updated without uv, and uv finds nothing to change in it.
        project = root / "project"
        project.mkdir()
        text = f'[project]\nname = "x"\nversion = "1.0"\nrequires-python = "=={PYTHON}.*"\ndependencies = ["sageattention @ {url}{old.name}"]\n'
        (project / "pyproject.toml").write_text(text)
        run(TOOLS / "uv", "lock", "--no-index", "--project", project)
        run(sagebuild, "requirements", "update", *given, project / "pyproject.toml", project / "uv.lock")
        assert new.name in (project / "uv.lock").read_text() and old.name not in (project / "uv.lock").read_text()
        run(TOOLS / "uv", "lock", "--no-index", "--check", "--project", project)
        server.shutdown()
    print(f"{len(cases)} requirements files and a lock are accepted by pip and uv before and after the update")
    return 0


if __name__ == "__main__":
    sys.exit(main())
