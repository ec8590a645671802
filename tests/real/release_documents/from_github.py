"""`sagebuild release verify` and `release notes` against the stand-in for GitHub: whole, damaged and missing releases.

usage: from_github.py SAGEBUILD MAKE_EXAMPLE_WHEELS
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

import github_standin  # noqa: E402

NAME = "example/wheels"


def problems(report: dict) -> list[tuple[str, str]]:
    return [(problem["code"], problem["what"]) for problem in report["problems"]]


def main() -> int:
    sagebuild, make_examples = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as temporary, github_standin.running() as standin:
        directory = pathlib.Path(temporary) / "dist"
        directory.mkdir()
        subprocess.run([make_examples, directory], check=True)
        environment = {key: value for key, value in os.environ.items() if key.upper() not in ("GITHUB_TOKEN", "GH_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
        environment |= {"SAGEBUILD_RETRY_SECONDS": "0", "GITHUB_API_URL": standin.places.api}

        def run(code: int, *words: object) -> subprocess.CompletedProcess:
            result = subprocess.run([sagebuild, "release", *map(str, words)], cwd=temporary, env=environment, capture_output=True, text=True)
            assert result.returncode == code, f"{words} ended with {result.returncode}\n{result.stdout}{result.stderr}"
            return result

        def verify(code: int, tag: str) -> dict:
            return json.loads(run(code, "verify", "--repository", NAME, "--tag", tag, "--json").stdout)

        run(0, "documents")
        files = {path.name: path.read_bytes() for path in directory.iterdir()}
        row = next(name for name in files if "cp312" in name)
        repository = standin.repository(NAME)
        repository.add_release("v1", files)

        # Anonymous, as on a clean machine.
        text = run(0, "verify", "--repository", NAME, "--tag", "v1").stdout
        assert text.startswith(f"{NAME}@v1\n  files       5\n") and text.endswith(f"gh attestation verify FILE --repo {NAME}\n  verified\n"), text
        whole = verify(0, "v1")
        assert whole["verified"] and whole["release"] == f"{NAME}@v1" and whole["attestation_command"].endswith(NAME)
        assert {file["name"]: file["size"] for file in whole["files"]} == {name: len(data) for name, data in files.items()}

        # Another file under a known name; one that nobody knows; one that is gone.
        repository.add_release("v2", files | {row: files[row] + b"x", "extra.txt": b""})
        assert {"SB0645", "SB0646", "SB0647", "SB0648"} <= {problem["code"] for problem in verify(1, "v2")["problems"]}
        repository.add_release("v3", {name: data for name, data in files.items() if name != row})
        assert [problem["code"] for problem in verify(1, "v3")["problems"]] == ["SB0644", "SB0647", "SB0648"]

        # Not what the server itself says: an upload that never ended, other bytes, fewer bytes.
        draft = repository.add_release("v4", files, draft=True)
        repository.begin_asset(draft.id, "late.whl", "", "application/octet-stream", 1)
        repository.update_release(draft.id, {"draft": False})
        assert problems(verify(1, "v4")) == [("SB0644", "the upload of `late.whl` never ended")]
        other = files["SHA256SUMS"].replace(b"a", b"b")
        for name, served in (("v5", other), ("v6", other[:-1])):
            release = repository.add_release(name, files)
            asset = next(asset for asset in release.assets.values() if asset.name == "SHA256SUMS")
            repository.blobs._bytes["f" * 64], asset.sha256 = served, "f" * 64
            report = problems(verify(1, name))
            expected = f"`SHA256SUMS` came with {len(other) - 1} bytes; the server states {len(other)}"
            if served is other:
                expected = f"`SHA256SUMS` has the SHA-256 `{hashlib.sha256(other).hexdigest()}`, the server states `{'f' * 64}`"
            assert report == [("SB0646", expected), ("SB0649", "the release has no `SHA256SUMS`")], report

        missing = run(1, "verify", "--repository", NAME, "--tag", "v11")
        assert missing.stderr.startswith(f"error[SB0652]: `{NAME}` has no release `v11`\nnearest: v1"), missing.stderr
        assert run(2, "verify", "--tag", "v1").stderr.startswith("error: --tag requires --repository\n")

        # What changed is read off the earlier release's list of files, or off its checksums: the same text.
        repository.add_release("v0", {name: data for name, data in files.items() if name != row})
        notes = run(0, "notes", "--repository", NAME, "--tag", "v1", "--since", "v0").stdout
        assert "Since `v0`: 1 new, 0 built anew, 0 gone, 1 the same byte for byte." in notes, notes
        assert f"- new: `{row}`" in notes and f"https://github.com/{NAME}/releases/download/v1/{row}" in notes, notes
        for since in ("dist", "dist/SHA256SUMS"):
            unchanged = run(0, "notes", "--repository", NAME, "--tag", "v1", "--since", since).stdout
            assert f"Since `{since}`: 0 new, 0 built anew, 0 gone, 2 the same byte for byte." in unchanged, unchanged
        assert run(1, "notes", "--repository", NAME, "--tag", "v1", "--since", "v9").stderr.startswith("error[SB0652]")
    print("releases of the stand-in are verified, and notes compare with them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
