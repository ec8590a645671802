"""What `sagebuild release documents` writes, read by others: coreutils, the in-toto and CycloneDX projects' own schemas, package URLs.

usage: run.py SAGEBUILD (--examples MAKE_EXAMPLE_WHEELS | DIRECTORY)
"""

import hashlib
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

import jsonschema
import referencing
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from packageurl import PackageURL


def run(*command: object) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def cyclonedx_validator() -> jsonschema.Draft7Validator:
    """The schema that cyclonedx-python-lib carries, read as files: the library itself is not needed."""
    package = pathlib.Path(importlib.util.find_spec("cyclonedx").origin).parent / "schema" / "_res"

    def schema(name: str) -> dict:
        return json.loads((package / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))

    resources = [(f"http://cyclonedx.org/schema/{name}.schema.json", schema(name)) for name in ("spdx", "jsf-0.82")]
    resources += [(f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", body) for name, body in zip(("spdx", "jsf-0.82"), (r[1] for r in resources))]
    registry = referencing.Registry().with_resources((uri, referencing.Resource.from_contents(body)) for uri, body in resources)
    return jsonschema.Draft7Validator(schema("bom-1.6"), registry=registry, format_checker=jsonschema.FormatChecker())


def check_checksums(directory: pathlib.Path) -> None:
    listed = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=directory, check=True, capture_output=True, text=True).stdout
    names = sorted(line.removesuffix(": OK") for line in listed.splitlines())
    assert names == sorted(path.name for path in directory.iterdir() if path.name != "SHA256SUMS"), names
    text = (directory / "SHA256SUMS").read_text()
    assert run("sha256sum", *sorted(directory.glob("*[!S]"))).replace(f"{directory}/", "") == text


def check_provenance(path: pathlib.Path, wheels: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    message = json_format.Parse(text, statement_pb2.Statement())
    Statement.copy_from_pb(message).validate()
    assert message.predicate_type == "https://slsa.dev/provenance/v1"
    assert {subject.name: subject.digest["sha256"] for subject in message.subject} == wheels
    predicate = json_format.Parse(json.dumps(json.loads(text)["predicate"]), provenance_pb2.Provenance())
    definition = predicate.build_definition
    assert definition.build_type and predicate.run_details.builder.id
    assert set(definition.external_parameters["wheels"]) == set(wheels)
    for dependency in definition.resolved_dependencies:
        assert dependency.uri or dependency.digest, dependency
        if dependency.uri:
            assert PackageURL.from_string(dependency.uri).to_string() == dependency.uri


def check_bills(path: pathlib.Path, wheels: dict[str, str]) -> None:
    validator = cyclonedx_validator()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{name}.cdx.json" for name in sorted(wheels)]
        bills = {name.removesuffix(".cdx.json"): json.loads(archive.read(name)) for name in archive.namelist()}
    for name, bill in bills.items():
        errors = [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(bill)]
        assert not errors, errors
        component = bill["metadata"]["component"]
        assert component["hashes"] == [{"alg": "SHA-256", "content": wheels[name]}]
        assert PackageURL.from_string(component["purl"]).qualifiers == {"file_name": name}
        references = [component["bom-ref"], *(each["bom-ref"] for each in bill["components"])]
        assert len(set(references)) == len(references) and [each["ref"] for each in bill["dependencies"]] == references
        for each in bill["components"]:
            assert PackageURL.from_string(each["purl"]).to_string() == each["purl"]
        assert any(each["purl"] == "pkg:pypi/torch" and each["scope"] == "required" for each in bill["components"])
    assert len({bill["serialNumber"] for bill in bills.values()}) == len(bills)
    broken = dict(next(iter(bills.values())), bomFormat="SPDX")
    assert list(validator.iter_errors(broken)), "the schema refuses nothing"


def main() -> int:
    sagebuild = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary) / "wheels"
        directory.mkdir()
        if sys.argv[2] == "--examples":
            run(sys.argv[3], directory)
        else:
            for wheel in pathlib.Path(sys.argv[2]).glob("*.whl"):
                shutil.copy(wheel, directory)
        wheels = {path.name: digest(path.read_bytes()) for path in directory.iterdir()}
        if not wheels:
            print(f"skipped: no wheels in {sys.argv[2]}")
            return 77
        run(sagebuild, "release", "documents", "--from", directory)
        check_checksums(directory)
        check_provenance(next(directory.glob("*.provenance.intoto.json")), wheels)
        check_bills(next(directory.glob("*.sbom.zip")), wheels)
        assert json.loads(run(sagebuild, "release", "verify", "--from", directory, "--json"))["verified"]
        before = {path.name: path.read_bytes() for path in directory.iterdir()}
        run(sagebuild, "release", "documents", "--from", directory)
        assert before == {path.name: path.read_bytes() for path in directory.iterdir()}
    print(f"{len(wheels)} wheels: checksums, provenance and bills of materials are what their readers expect")
    return 0


if __name__ == "__main__":
    sys.exit(main())
