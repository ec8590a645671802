"""Runs clang-tidy (pinned in tests/requirements.txt, checks in .clang-tidy) over src/; fails on any finding.

usage: check_tidy.py BUILD_DIRECTORY [FILE…]    (the directory holds compile_commands.json; without files: all of src/)
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG_TIDY = pathlib.Path(sys.executable).with_name("clang-tidy")


def tidy(build: str, builtin_headers: str, path: pathlib.Path) -> str:
    """Findings of one file, empty if there are none. The wheel carries no compiler headers, so g++'s stand in. Warnings are g++'s matter (-w)."""
    command = [CLANG_TIDY, "-p", build, "--quiet", f"--extra-arg=-isystem{builtin_headers}", "--extra-arg=-w", path]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def main() -> int:
    build = sys.argv[1]
    headers = subprocess.run(["g++", "-print-file-name=include"], check=True, capture_output=True, text=True).stdout.strip()
    files = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or sorted((ROOT / "src").rglob("*.cpp"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lambda path: tidy(build, headers, path), files) if text]
    sys.stderr.write("\n".join(findings)[:20000])
    print(f"clang-tidy: {len(files)} files, {len(findings)} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
