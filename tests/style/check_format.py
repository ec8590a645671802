"""Fails if clang-format (pinned in tests/requirements.txt) would change a C++ file of the project; prints the command that mends it."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG_FORMAT = pathlib.Path(sys.executable).with_name("clang-format")


def main() -> int:
    files = sorted(
        str(path.relative_to(ROOT))
        for folder in ("src", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".cpp", ".hpp") and "golden" not in path.parts
    )
    result = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    if result.returncode != 0:
        sys.stderr.write(result.stderr[:4000])
        sys.stderr.write("error: files are not formatted\nhint: build/venv/bin/clang-format -i $(git ls-files '*.cpp' '*.hpp')\n")
        return 1
    print(f"{len(files)} files are formatted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
