"""`sagebuild build` with the real ninja, NVRTC and zig. The toolchains come from the package index once and stay in the cache
(`$XDG_CACHE_HOME/sagebuild`). Usage: build_test.py SAGEBUILD [unittest arguments]; SAGEBUILD_SEED repeats the moments of the kills."""

import hashlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from tiny_project import ROOT, make_tiny_project

SAGEBUILD = pathlib.Path("build/release/bin/sagebuild")
SEED = int(os.environ.get("SAGEBUILD_SEED") or random.SystemRandom().randrange(2**32))
STEP = re.compile(r"^\[ *\d+/\d+\] (.*)$", re.MULTILINE)


def digests(directory: pathlib.Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.glob("*.whl"))}


class Project:
    """A tiny project in a directory of its own."""

    def __init__(self, test: unittest.TestCase, name: str = "project"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sagebuild-test-"))
        test.addCleanup(shutil.rmtree, self.directory, True)
        self.path = make_tiny_project(self.directory / name)

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [SAGEBUILD, "build", *arguments],
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def build(self, *arguments: str, code: int = 0, **variables: str) -> tuple[list[str], str]:
        """The steps that ran, and all output."""
        environment = {**os.environ, **variables}
        run = subprocess.run([SAGEBUILD, "build", *arguments], cwd=self.path, env=environment, capture_output=True, text=True)
        output = run.stdout + run.stderr
        if run.returncode != code:
            raise AssertionError(f"exit code {run.returncode}, not {code}:\n{output}")
        return STEP.findall(run.stderr), output

    def edit(self, name: str, text: str) -> None:
        with open(self.path / name, "a") as file:
            file.write(text)

    def wheels(self) -> dict[str, str]:
        return digests(self.path / "dist")

    def temporaries(self) -> list[str]:
        known = re.compile(r"[0-9a-f]{32}(\.cubin|\.ptx|\.fatbin|\.so|\.json)?|.*\.whl")
        folders = ("images", "fatbins", "libraries", "recipes", "wheels")
        paths = [path for folder in folders for path in (self.path / ".sagebuild" / folder).rglob("*")]
        return sorted(str(path) for path in paths if not known.fullmatch(path.name))


class BuildTest(unittest.TestCase):
    def test_one_row_then_nothing_then_edits(self):
        project = Project(self)
        steps, output = project.build()
        self.assertEqual(sum(step.startswith("unit ") for step in steps), 5, output)
        self.assertEqual(list(project.wheels()), ["tiny-1.0.0-280.129-cp312-cp312-linux_x86_64.whl"])
        wheel = next((project.path / "dist").glob("*.whl"))
        verify = subprocess.run([SAGEBUILD, "wheel", "verify", wheel], cwd=project.path, capture_output=True, text=True)
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)

        begin = time.monotonic()
        steps, output = project.build()
        self.assertEqual(steps, [])
        self.assertLess(time.monotonic() - begin, 1.0)
        self.assertIn("nothing to do", output)

        steps, _ = project.build("*")
        self.assertEqual(steps, ["wheel linux-tiny-pytorch28-cu129-python311"], "a Python row costs one wheel")

        project.edit("kernels/tiny/python/tiny/__init__.py", "x = 1\n")
        steps, _ = project.build()
        self.assertEqual(steps, ["wheel linux-tiny-pytorch28-cu129-python312"])

        project.edit("kernels/tiny/include/tiny/two.cuh", "// the same number\n")
        steps, output = project.build("--explain")
        self.assertEqual(sorted(step for step in steps if step.startswith("unit ")),
                         ["unit add_two · cuda-12.9.1 · 8.0", "unit add_two · cuda-12.9.1 · 9.0"], output)
        self.assertIn("source kernels/tiny/include/tiny/two.cuh changed", output)

        project.edit("kernels/tiny/units/add_one.cu", "\n")
        steps, _ = project.build()
        self.assertEqual(sum(step.startswith("unit add_one ") for step in steps), 3)
        self.assertEqual(sum(step.startswith("unit add_two ") for step in steps), 0)

        project.edit("kernels/tiny/host/tiny.c", "\n")
        steps, _ = project.build()
        self.assertEqual([step.split()[0] for step in steps], ["library", "wheel"])

    def test_two_directories_give_the_same_bytes(self):
        first, second = Project(self, "one"), Project(self, "another place, with spaces & 'quotes'")
        first.build("*")
        second.build("*", "--jobs", "1")
        self.assertEqual(len(first.wheels()), 2)
        self.assertEqual(first.wheels(), second.wheels())

    def test_kill_at_random_moments_then_rerun(self):
        reference = Project(self)
        begin = time.monotonic()
        reference.build("*")
        duration = time.monotonic() - begin
        choose = random.Random(SEED)
        print(f"SAGEBUILD_SEED={SEED}, a whole build takes {duration:.1f} s", file=sys.stderr)
        kills = 0
        for attempt in range(60):
            if kills == 10:
                break
            project = Project(self)
            moment = choose.uniform(0.0, duration)
            build = project.start("*")
            time.sleep(moment)
            if build.poll() is None:
                kills += 1
                if attempt % 2 == 1:
                    build.kill()  # ninja and its steps go on for a moment
                else:
                    os.killpg(build.pid, signal.SIGKILL)
            build.communicate()
            project.build("*")
            self.assertEqual(project.wheels(), reference.wheels(), f"killed after {moment:.2f} s")
            self.assertEqual(project.build("*")[0], [])
        self.assertEqual(kills, 10)

    def test_two_builds_at_once(self):
        project = Project(self)
        builds = [project.start("*"), project.start("*")]
        outputs = [build.communicate()[1] for build in builds]
        self.assertEqual([build.returncode for build in builds], [0, 0], outputs)
        self.assertEqual(sum("waiting for another build in" in output for output in outputs), 1, outputs)
        self.assertEqual(sum("nothing to do" in output for output in outputs), 1, outputs)
        self.assertEqual(len(project.wheels()), 2)
        self.assertEqual(project.temporaries(), [])

    def test_interrupt_ends_with_130_and_a_rerun_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                project = Project(self)
                build = project.start("*", "--jobs", "1")
                lines = [build.stderr.readline() for _ in range(3)]
                self.assertTrue(all(line.startswith("[") for line in lines), lines)
                os.kill(build.pid, number)
                _, rest = build.communicate(timeout=60)
                self.assertEqual(build.returncode, 130, rest)
                self.assertIn("interrupted", rest)
                self.assertFalse((project.path / "dist").exists())
                done = set(STEP.findall("".join(lines)))
                steps, _ = project.build("*")
                self.assertTrue(steps)
                self.assertFalse(done & set(steps), "finished steps ran again")

    def test_the_first_error_of_the_compiler_is_quoted(self):
        project = Project(self)
        project.edit("kernels/tiny/units/add_two.cu", "int broken = nothing;\n")
        _, output = project.build("--jobs", "1", code=1)
        self.assertIn("error[SB0304]: unit `add_two` does not compile for arch 8.0 with cuda-12.9.1\n"
                      "  --> kernels/tiny/units/add_two.cu:3\n"
                      'caused by: identifier "nothing" is undefined\n', output)

    def test_dry_run_tells_who_shares_what(self):
        project = Project(self)
        steps, output = project.build("*", "--dry-run", XDG_CACHE_HOME=str(project.directory))
        self.assertEqual(steps, [])
        self.assertFalse((project.path / ".sagebuild").exists())
        self.assertRegex(output, r"run   image tiny/add_one cuda-12\.9\.1 8\.9 +shared by 2 targets\n")
        self.assertIn("12 of 12 steps would run: 2 toolchains, 5 images, 2 fatbins, 1 library, 2 wheels\n", output)

    def test_the_real_package_compiles_each_image_once(self):
        """Of all 11 wheels: the plan of the project itself."""
        run = subprocess.run([SAGEBUILD, "build", "sage2-all", "universal", "--dry-run"], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        ids = [re.split(r"  +", line)[1] for line in run.stdout.splitlines()]
        images = [step for step in ids if step.startswith("image ")]
        self.assertEqual(len(images), len(set(images)))
        self.assertEqual(sum("smxx_preparation" in image for image in images), 7 + 9 + 10)
        self.assertEqual(sum(step.startswith("wheel ") for step in ids), 11)


if __name__ == "__main__":
    SAGEBUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
