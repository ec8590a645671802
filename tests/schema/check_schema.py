"""The JSON Schemas of matrix/ accept every file of the tree and refuse a table of faults, each for the right place.

The faults are edits of a file that is accepted, so that nothing else can be what the schema refuses.
"""

import copy
import json
import pathlib
import sys

import yaml
from jsonschema import Draft202012Validator

MATRIX = pathlib.Path(__file__).resolve().parents[2] / "matrix"
DELETE = object()

# (file, path to the value, new value, path that the schema must name)
FAULTS = [
    ("sageattention.yaml", ["schema"], 2, ["schema"]),
    ("sageattention.yaml", ["schema"], DELETE, []),
    ("sageattention.yaml", ["pakage"], {}, []),
    ("sageattention.yaml", ["package", "name"], "sage attention", ["package", "name"]),
    ("sageattention.yaml", ["package", "name"], "sageattention-", ["package", "name"]),
    ("sageattention.yaml", ["package", "version"], 2.2, ["package", "version"]),
    ("sageattention.yaml", ["package", "version"], "2.02.0", ["package", "version"]),
    ("sageattention.yaml", ["package", "module"], "sage-attention", ["package", "module"]),
    ("sageattention.yaml", ["package", "short"], "sage.2", ["package", "short"]),
    ("sageattention.yaml", ["package", "summary"], "", ["package", "summary"]),
    ("sageattention.yaml", ["requires", "torch"], "==2.6", ["requires", "torch"]),
    ("sageattention.yaml", ["sources"], DELETE, []),
    ("sageattention.yaml", ["sources", "root"], "../kernels", ["sources", "root"]),
    ("sageattention.yaml", ["sources", "root"], "/kernels", ["sources", "root"]),
    ("sageattention.yaml", ["sources", "root"], "kernels//sageattention", ["sources", "root"]),
    ("sageattention.yaml", ["sources", "host"], [], ["sources", "host"]),
    ("sageattention.yaml", ["sources", "library"], "_native.dll", ["sources", "library"]),
    ("sageattention.yaml", ["units", 0, "archs", 0], "sm_70", ["units", 0, "archs", 0]),
    ("sageattention.yaml", ["units", 0, "archs", 1], "7.0", ["units", 0, "archs"]),
    ("sageattention.yaml", ["units", 0, "name"], "smxx-preparation", ["units", 0, "name"]),
    ("sageattention.yaml", ["arch_lists"], {}, ["arch_lists"]),
    ("sageattention.yaml", ["arch_lists", "standard"], [], ["arch_lists", "standard"]),
    ("sageattention.yaml", ["policies", "images"], "oldest", ["policies", "images"]),
    ("sageattention.yaml", ["rows"], [], ["rows"]),
    ("sageattention.yaml", ["rows", 0, "python"], [3.10], ["rows", 0, "python", 0]),
    ("sageattention.yaml", ["rows", 0, "python"], ["310"], ["rows", 0, "python", 0]),
    ("sageattention.yaml", ["rows", 0, "torch"], "2.6", ["rows", 0, "torch"]),
    ("sageattention.yaml", ["rows", 0, "cuda"], 12.6, ["rows", 0, "cuda"]),
    ("sageattention.yaml", ["rows", 0, "archs"], DELETE, ["rows", 0]),
    ("sageattention.yaml", ["rows", 0, "arch"], "extended", ["rows", 0]),
    ("sageattention.yaml", ["universal", 0, "cpu"], "arm64", ["universal", 0, "cpu"]),
    ("sageattention.yaml", ["universal", 0, "platforms"], ["musllinux_1_2"], ["universal", 0, "platforms", 0]),
    ("sageattention.yaml", ["groups", "test-all"], {}, ["groups"]),
    ("sageattention.yaml", ["groups", "cuda{cuda}"], {}, ["groups"]),
    ("sageattention.yaml", ["groups", "{torch}{python}"], {}, ["groups"]),
    ("sageattention.yaml", ["groups", "stable"], {"per": "torch"}, ["groups", "stable"]),
    ("sageattention.yaml", ["groups", "stable", "newest"], "torch", ["groups", "stable", "newest"]),
    ("sageattn3.yaml", ["rows"], DELETE, []),
    ("compat/cuda.yaml", ["cuda", "12.9", "targets", 0], "8.9", ["cuda", "12.9", "targets", 0]),
    ("compat/cuda.yaml", ["cuda", "12.9.1"], {"source": ["nvcc"], "targets": ["90"]}, ["cuda"]),
    ("compat/torch.yaml", ["torch", "2.8", "pythons"], [3.10], ["torch", "2.8", "pythons", 0]),
    ("compat/torch.yaml", ["torch", "2.8", "variants", "12.9", "linux_x86_64"], "perhaps", ["torch", "2.8", "variants", "12.9", "linux_x86_64"]),
    ("compat/gpus.yaml", ["gpus", "8.7", "integrated"], "yes", ["gpus", "8.7", "integrated"]),
    ("compat/gpus.yaml", ["gpus", "8.9", "names", 0], "RTX 4090", ["gpus", "8.9", "names", 0]),
    ("compat/naming.yaml", ["schemes", 0, "where"], "tag", ["schemes", 0, "where"]),
    ("compat/naming.yaml", ["schemes", 0, "projects"], DELETE, ["schemes", 0]),
    ("compat/naming.yaml", ["schemes", 1, "pattern"], "cu{cudda}", ["schemes", 1, "pattern"]),
    ("compat/naming.yaml", ["schemes", 1, "pattern"], "cu[a[b]]", ["schemes", 1, "pattern"]),
    ("compat/naming.yaml", ["schemes", 1, "examples"], [], ["schemes", 1, "examples"]),
    ("compat/naming.yaml", ["modules", 0, "from"], "three", ["modules", 0, "from"]),
    ("compat/images.yaml", ["images", "12.9.1", "status"], "gone", ["images", "12.9.1", "status"]),
    ("compat/base-images.yaml", ["base_images", 0, "tags", 0], "{cuda}-{flavour}", ["base_images", 0, "tags", 0]),
    ("compat/base-images.yaml", ["systems", "ubuntu24.04", "glibc"], 2.39, ["systems", "ubuntu24.04", "glibc"]),
    ("compat/drivers.yaml", ["minimum", "12", "source"], [], ["minimum", "12", "source"]),
    ("compat/toolchains.yaml", ["host", "wheels", 0, "sha256", "linux-x86_64"], "abc", ["host", "wheels", 0, "sha256", "linux-x86_64"]),
    ("compat/toolchains.yaml", ["host", "wheels", 0, "sha256"], {}, ["host", "wheels", 0, "sha256"]),
]


def edited(document: object, path: list, value: object) -> object:
    changed = copy.deepcopy(document)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    if value is DELETE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed


def main() -> int:
    failures = []
    documents, validators = {}, {}
    for folder in (MATRIX, MATRIX / "compat"):
        schema = json.loads((folder / "schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        for path in sorted(folder.glob("*.yaml")):
            name = path.relative_to(MATRIX).as_posix()
            text = path.read_text()
            if not text.startswith("# yaml-language-server: $schema=schema.json\n"):
                failures.append(f"{name}: the first line does not name the schema for editors")
            documents[name] = yaml.safe_load(text)
            validators[name] = Draft202012Validator(schema)
            failures += [f"{name}: {error.json_path}: {error.message}" for error in validators[name].iter_errors(documents[name])]
    for name, path, value, place in FAULTS:
        errors = [list(error.absolute_path) for error in validators[name].iter_errors(edited(documents[name], path, value))]
        if place not in errors:
            shown = "a deletion" if value is DELETE else repr(value)
            failures.append(f"{name}: {shown} at {path} is not refused at {place}, but at {errors}")
    if failures:
        sys.stderr.write("\n".join(failures) + "\n")
        return 1
    print(f"{len(documents)} files are accepted, {len(FAULTS)} faults are refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
