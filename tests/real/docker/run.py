#!/usr/bin/env python3
"""Real container builds with a real engine: the committed files in the hands of buildx, and the wheels that come out.

    run.py SAGEBUILD

A copy of the project gets the documented row for torch 2.9 and CUDA 13.0 and a short arch list, so that the compilers have little to do.
Base images are made here (engine.py) and put in the place of those that the files name. Exit status 77: no engine can run here.
"""

import difflib
import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "workflows")]

import yaml  # noqa: E402

from engine import Engine, Unavailable, docker  # noqa: E402
from project import CACHE, NVCC, ROOT, ROW, Project, check, data_of, run, step  # noqa: E402
from torch_image import describe_torch  # noqa: E402
from workflow_steps import Runner  # noqa: E402

SAGEBUILD = Path(sys.argv[1]).resolve()
OLDER = {"linux-sage2-pytorch27-cu128-python312": "2.7.0", "linux-sage2-pytorch28-cu129-python312": "2.8.0"}
# nvcc and NVRTC are two front ends of one compiler: names and memory must be the same, registers nearly.
REGISTER_BOUND = 8


class Lane(Project):
    # ---- the committed files ----

    def print_as_buildx(self):
        selections = ((), ("pytorch28",), ("sage2-all", "default"), ("linux-sage2-pytorch26-cu126-python39", "pytorch26"))
        cases = [(names, {}) for names in selections]
        environments = [{"TORCH_CUDA_ARCH_LIST": "8.9"}, {"TORCH_CUDA_ARCH_LIST_EXTENDED": "8.9;12.0", "DEVICE_COMPILER": ""},
                        {"CUDA_REPOSITORY": "mirror.example/a&b<c>", "TORCH_INDEX_URL": "https://x/$y", "SOURCE_DATE_EPOCH": "1"}]
        for names, variables in cases + [(("test-all",), variables) for variables in environments]:
            environment = {**os.environ, **variables}
            theirs = data_of(["docker", "buildx", "bake", "--print", *names], cwd=self.project, env=environment)
            ours = data_of([SAGEBUILD, "bake", "--print", *names], cwd=self.project, env=environment)
            difference = difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "buildx", "sagebuild", lineterm="")
            check(ours == theirs, f"--print {names} with {variables}:\n" + "\n".join(difference))

    def accepted_by_buildx(self):
        listed = set(data_of(["docker", "buildx", "bake", "--list=targets"], cwd=self.project).split("\n"))
        names = {line.split("\t")[0] for line in listed}
        expected = set(self.sagebuild("matrix", "list", "package=sageattention", "--format", "names").split())
        check(expected | {f"test-{name}" for name in expected} | {"default", "test-all", "stable"} <= names, f"--list=targets: {names}")
        variables = data_of(["docker", "buildx", "bake", "--list=variables"], cwd=self.project)
        for name in ("TORCH_CUDA_ARCH_LIST", "TORCH_CUDA_ARCH_LIST_EXTENDED", "TORCH_CUDA_ARCH_LIST_BLACKWELL"):
            check(re.search(rf"^{name}\t", variables, re.MULTILINE), f"--list=variables lacks {name}")
        said = run(["docker", "buildx", "bake", "--check", f"{NVCC}312", *self.set_arguments()], cwd=self.project)
        check("Check complete, no warnings found." in said, f"--check:\n{said}")

    def hand_edits_are_seen(self):
        self.sagebuild("bake", "--check")
        for name in ("docker-bake.hcl", "dockerfiles/dockerfile.builder.linux", "dockerfiles/device/sageattention-12.9.1.plan"):
            path = self.project / name
            text = path.read_bytes()
            path.write_bytes(text.replace(b"12.9.1", b"12.9.0", 1))
            said = self.sagebuild("bake", "--check", status=1)
            check("error[SB0308]" in said and f"`{name}` differs in line" in said, said)
            path.write_bytes(text)
        self.sagebuild("bake", "--check")

    # ---- builds ----

    def use_torch(self, system, scratch):
        """Puts a Python with torch into each test stage, in a second file that buildx reads too; targets whose Python is not here are told
        and left out."""
        self.tested, targets = [], {}
        for target, python, torch in [(f"{NVCC}312", "3.12", "2.9.0"), (f"{NVCC}313", "3.13", "2.9.0"),
                                      *((target, "3.12", torch) for target, torch in OLDER.items())]:
            name = f"torch-{target}"
            targets[name] = describe_torch(system, python, torch, CACHE, scratch)
            if targets[name] is None:
                print(f"skip  test-{target}: no CPython {python} on PATH or under pyenv", flush=True)
                del targets[name]
                continue
            targets[f"test-{target}"] = {"contexts": {f"python:{python}-slim-bookworm": f"target:{name}"}}
            self.tested.append((target, torch))
        (self.project / "docker-bake.override.json").write_text(json.dumps({"target": targets}, indent=1))
        check(self.tested or "CI" not in os.environ, "no CPython for any test stage")

    def tests_of(self, *targets):
        return [f"test-{target}" for target, _ in self.tested if target in targets]

    def check_tests(self, log, *targets):
        for target, torch in self.tested:
            if target in targets:
                said = re.search(rf"^#\d+ [\d.]+ torch {torch}\S* sageattention 2\.2\.0 ", log.text, re.MULTILINE)
                check(said, f"test-{target} said nothing")

    def two_pythons_compile_once(self):
        targets = (f"{NVCC}312", f"{NVCC}313")
        log = self.bake(*targets, *self.tests_of(*targets))
        check(log.ran("compile-device nvcc") == 1, f"the device stage ran {log.ran('compile-device nvcc')} times\n{log.text[-3000:]}")
        check(log.ran("compile-device nvrtc") == 0 and not log.numbers("fetch-toolchain"), "nvrtc was used where nvcc was asked for")
        self.check_tests(log, *targets)
        for wheel in self.wheels("dist", "290.130"):
            manifest = self.manifest(wheel)
            check(manifest["compiler"] == {"name": "nvcc", "version": "13.0.88", "flags": ["-std=c++17"]}, str(manifest["compiler"]))
            self.sagebuild("wheel", "verify", wheel)
        check(len(self.wheels("dist", "290.130")) == 2, "two Pythons, two wheels")

    def cached_after(self, name, change):
        change()
        log = self.bake("pytorch29")
        check(log.numbers("compile-device nvcc") and log.ran("compile-device nvcc") == 0,
              f"after {name} the device stage ran again\n{log.text[-3000:]}")

    def edits_keep_the_device_stage(self):
        self.cached_after("an edit of README", lambda: (self.project / "README.md").write_text("changed\n"))
        package = self.project / "kernels/sageattention/python/sageattention/__init__.py"
        self.cached_after("an edit of a Python file", lambda: package.write_text(package.read_text() + "# x\n"))

        def add_row():
            self.edit("matrix/sageattention.yaml", ROW, ROW + ROW.replace('"3.12", "3.13"', '"3.11"'))
            self.sagebuild("bake", "--emit")

        self.cached_after("a new row", add_row)
        check(len(self.wheels("dist", "290.130")) == 3, "the new row has no wheel")
        self.cached_after("an edit of src/cli",
                          lambda: self.edit("src/cli/explain.cpp", "namespace sagebuild {", "\nnamespace sagebuild {"))

    def a_device_header_recompiles(self):
        header = self.device_header()
        text = header.read_text()
        header.write_text(text + "// x\n")
        log = self.bake(f"{NVCC}312", TORCH_CUDA_ARCH_LIST="7.5")
        check(log.ran("compile-device nvcc") == 1, "an edited header did not reach the device stage")
        archs = {arch for unit in self.manifest(*self.wheels("dist", "290.130-cp312"))["units"] for arch in unit["archs"]}
        check(archs == {"7.5"}, f"TORCH_CUDA_ARCH_LIST=7.5 gave images for {archs}")
        header.write_text(text)

    def nvrtc_wheels(self):
        log = self.bake(*OLDER, f"{NVCC}312", *self.tests_of(*OLDER), sets=["linux-*.output=type=local,dest=./dist-nvrtc"],
                        DEVICE_COMPILER="nvrtc")
        check(log.ran("compile-device nvrtc") == 3, f"three toolkits, {log.ran('compile-device nvrtc')} device stages")
        self.check_tests(log, *OLDER)

    def bake_and_build_agree(self):
        self.sagebuild("build", *OLDER, f"{NVCC}312", "--engine", "local", "--out", "dist-local")
        check(len(self.wheels("dist-local")) == 3, "three wheels")
        for wheel in self.wheels("dist-local"):
            other = self.project / "dist-nvrtc" / wheel.name
            check(wheel.read_bytes() == other.read_bytes(), f"{wheel.name} of `bake` and of `build` differ")

    def resources(self, wheel):
        """Registers and shared memory of each kernel, by (arch, kernel), as NVIDIA's own tool reads them."""
        (tool, *_) = [path for directory in sys.path if directory for path in Path(directory).glob("nvidia/*/bin/cuobjdump")]
        with tempfile.TemporaryDirectory() as directory, zipfile.ZipFile(wheel) as archive:
            text = run([tool, "-res-usage", archive.extract("sageattention/_native.so", directory)])
        found, arch = {}, ""
        for line in text.splitlines():
            arch = line.split()[-1] if line.startswith("arch = ") else arch
            kernel = re.match(r" Function (\S+):", line)
            name = kernel[1] if kernel else locals().get("name", "")
            if usage := re.match(r"  REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)", line):
                found[arch, name] = tuple(map(int, usage.groups()))
        return found

    def compilers_agree(self):
        by_nvcc = self.resources(*self.wheels("dist-nvcc", "cp312"))
        by_nvrtc = self.resources(*self.wheels("dist-nvrtc", "290.130"))
        check(by_nvcc and by_nvcc.keys() == by_nvrtc.keys(), f"kernels differ: {by_nvcc.keys() ^ by_nvrtc.keys()}")
        widest = 0
        for key, (registers, *memory) in by_nvcc.items():
            others, *other_memory = by_nvrtc[key]
            check(memory == other_memory, f"{key}: stack, shared and local bytes are {memory} by nvcc, {other_memory} by NVRTC")
            widest = max(widest, abs(registers - others))
        check(widest <= REGISTER_BOUND, f"registers differ by {widest}")
        print(f"      {len(by_nvcc)} kernels, registers differ by at most {widest}", flush=True)

    def refusals(self):
        def refused(*texts, sets=(), **variables):
            more = [word for value in sets for word in ("--set", value)]
            said = self.sagebuild("bake", f"{NVCC}312", *self.set_arguments(), *more, status=3, **variables)
            for text in texts:
                check(text in said, f"no {text!r} in\n{said[-3000:]}")

        refused("error[SB0516]: `clang` is no device compiler", DEVICE_COMPILER="clang")
        refused("compile-device: TORCH_CUDA_ARCH_LIST holds `8.9+PTX`", TORCH_CUDA_ARCH_LIST="8.9+PTX")
        refused("compile-device: `ada` of TORCH_CUDA_ARCH_LIST is not an arch", TORCH_CUDA_ARCH_LIST="ada")
        refused("compiles no unit for TORCH_CUDA_ARCH_LIST=\"5.0\"", TORCH_CUDA_ARCH_LIST="5.0")
        refused("error[SB0514]: image `registry.invalid/cuda:", CUDA_REPOSITORY="registry.invalid/cuda")
        refused("the build argument PYTHON_VERSION is `3.10`", sets=["linux-*.args.PYTHON_VERSION=3.10"])
        said = self.sagebuild("bake", status=3, DOCKER_HOST="unix:///nonexistent.sock")
        check("error[SB0511]: no engine answers behind the builder" in said, said)

    def the_workflows_step_bakes(self):
        """The steps `Build` and `Verify` of wheels.yml with `engine: docker`, as a runner runs them."""
        workspace, target = self.project.parent, f"{NVCC}312"
        programs = workspace / "sagebuild/build/release"
        programs.mkdir(parents=True)
        (programs / "bin").symlink_to(SAGEBUILD.parent)
        docker("tag", "sagebuild-test/debian:bookworm", "sagebuild-test/system:1")
        shutil.rmtree(self.project / "dist")
        (wheel,) = self.sagebuild("wheel", "name", target).split()
        runner = Runner(workspace, {"SYSTEM_IMAGE": "sagebuild-test/system:1", "DEVICE_COMPILER": "nvrtc"},
                        inputs={"engine": "docker", "matrix": "matrix"}, matrix={"targets": [target], "wheels": [{"wheel": wheel}]})
        steps = yaml.safe_load((ROOT / ".github/workflows/wheels.yml").read_text())["jobs"]["build"]["steps"]
        runner.run([step for step in steps if step["name"] in ("Build", "Verify")])
        check("caches: the store of builder `default` is on; gha is off" in runner.log and "  verified\n" in runner.log, runner.log[-3000:])

    def build_with_the_engine(self):
        """`auto` stays away where it would have to pull, and writes where it is told."""
        said = self.sagebuild("build", f"{NVCC}312", "--engine", "auto", "--out", "dist-auto", DEVICE_COMPILER="nvrtc")
        check("engine: local, since the engine does not hold" in said, said)
        said = self.sagebuild("build", f"{NVCC}312", "--engine", "auto", "--out", "dist-auto", DEVICE_COMPILER="nvrtc",
                              SYSTEM_IMAGE="sagebuild-test/system:1")
        check("caches: the store of builder `default` is on; gha is off" in said, said)
        check(len(self.wheels("dist-auto")) == 1, "one wheel")


def main():
    try:
        with tempfile.TemporaryDirectory(prefix="sagebuild-docker-") as name, Engine(CACHE / "docker") as engine:
            scratch = Path(name) / "scratch"
            scratch.mkdir()
            print(f"engine {docker('version', '--format', '{{.Server.Version}}').strip()}, {docker('buildx', 'version').split()[1]}"
                  f"{', started here' if engine.process else ''}", flush=True)
            lane = Lane(SAGEBUILD, Path(name))
            with step("sagebuild bake --print is what buildx resolves"):
                lane.print_as_buildx()
            with step("bake --check sees hand edits"):
                lane.hand_edits_are_seen()
            lane.prepare()
            with step("base images"):
                system = lane.use_images()
            with step("buildx lists and checks the files"):
                lane.accepted_by_buildx()
            with step("torch for the test stages"):
                lane.use_torch(system, scratch)
            with step("torch 2.9 + CUDA 13.0 with nvcc: two Pythons, device code once, tests"):
                lane.two_pythons_compile_once()
            shutil.copytree(lane.project / "dist", lane.project / "dist-nvcc")
            with step("torch 2.7 + CUDA 12.8 and 2.8 + 12.9 with NVRTC, tests"):
                lane.nvrtc_wheels()
            with step("wheels of bake and of build are the same bytes"):
                lane.bake_and_build_agree()
            with step("nvcc and NVRTC agree on kernels, shared memory and registers"):
                lane.compilers_agree()
            with step("README, Python, a row, src/cli: the device stage is CACHED"):
                lane.edits_keep_the_device_stage()
            with step("a device header and an arch list are not"):
                lane.a_device_header_recompiles()
            with step("refusals"):
                lane.refusals()
            with step("the step of wheels.yml"):
                lane.the_workflows_step_bakes()
            with step("build --engine auto"):
                lane.build_with_the_engine()
    except Unavailable as reason:
        print(f"skip: {reason}")
        return 77
    except AssertionError as failure:
        print(f"FAILED  {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
