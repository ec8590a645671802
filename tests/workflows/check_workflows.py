"""The workflows and the action of this repository: pinned as .github/actions.lock says, clean under zizmor, actionlint and shellcheck,
reading only what `matrix export` prints, calling only what sagebuild has, and doing what they should as far as steps run without Actions.

usage: check_workflows.py SAGEBUILD [unittest arguments]
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "real" / "build"))

from tiny_project import make_tiny_project  # noqa: E402
from workflow_steps import Runner, parse_jobs  # noqa: E402

TOOLS = pathlib.Path(sys.executable).parent
SAGEBUILD = pathlib.Path("build/release/bin/sagebuild")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
PAGE = ROOT / "docs" / "github-actions.md"
# The only jobs that may do more than read the sources.
WRITERS = {
    ("release.yml", "attest"): {"id-token": "write", "attestations": "write"},
    ("release.yml", "publish"): {"contents": "write"},
    ("release.yml", "pages"): {"pages": "write", "id-token": "write"},
    ("watch.yml", "propose"): {"contents": "write", "pull-requests": "write"},
}
USES = re.compile(r"^\s*(?:- )?uses:\s*(\S+)(?:\s+#\s*(\S+))?", re.MULTILINE)


def read(path: pathlib.Path) -> dict:
    return yaml.safe_load(path.read_text())


def steps_of(path: pathlib.Path) -> list[dict]:
    document = read(path)
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


def scripts() -> list[tuple[str, str]]:
    return [(f"{path.name}: {step['name']}", step["run"]) for path in [*WORKFLOWS, ACTION] for step in steps_of(path) if "run" in step]


def tool(*command: str | pathlib.Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)


def exported(*arguments: str) -> str:
    run = tool(SAGEBUILD, "matrix", "export", *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


class Pins(unittest.TestCase):
    def test_every_action_is_pinned_as_the_lock_says(self):
        lock = {}
        for line in (ROOT / ".github" / "actions.lock").read_text().splitlines():
            if not line.startswith("#"):
                name, tag, commit = line.split(" ")
                self.assertRegex(commit, r"^[0-9a-f]{40}$", name)
                lock[name] = (tag, commit)
        self.assertEqual(list(lock), sorted(lock), "the lock is sorted")
        used = set()
        for path in [*WORKFLOWS, ACTION, PAGE]:
            for reference, tag in USES.findall(path.read_text()):
                name, _, commit = reference.partition("@")
                if reference == "./" or name.startswith(("OWNER/", "$/")):
                    continue
                used.add(name)
                self.assertEqual(lock.get(name), (tag, commit), f"{path.name} uses {reference} # {tag}")
        self.assertEqual(used, set(lock), "the lock lists what is used")


class Lint(unittest.TestCase):
    def test_zizmor_finds_nothing(self):
        run = tool(TOOLS / "zizmor", "--offline", "--no-progress", "--persona", "auditor", *WORKFLOWS, ACTION)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_actionlint_finds_nothing(self):
        run = tool(TOOLS / "actionlint", "-no-color", "-shellcheck", TOOLS / "shellcheck", "-pyflakes=", *WORKFLOWS)
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)

    def test_shellcheck_finds_nothing(self):
        for name, script in scripts():
            with self.subTest(name):
                # SC2153: values come from `env:`, under the names that the script then uses in lower case
                run = tool(TOOLS / "shellcheck", "--exclude=SC2153", "-", input="#!/usr/bin/bash -e\n" + script)
                self.assertEqual((run.returncode, run.stdout), (0, ""))

    def test_no_expression_stands_in_a_script(self):
        for name, script in scripts():
            self.assertNotIn("${{", script, f"{name}: values reach scripts through env alone")

    def test_jobs_have_permissions_and_timeouts(self):
        for path in WORKFLOWS:
            document = read(path)
            self.assertEqual(document["permissions"], {}, path.name)
            self.assertIn("concurrency", document, path.name)
            for name, job in document["jobs"].items():
                allowed = WRITERS.get((path.name, name), {"contents": "read"})
                self.assertLessEqual(set(job["permissions"].items()), set(allowed.items()), f"{path.name}: {name}")
                if "steps" in job:
                    self.assertLess(job["timeout-minutes"], 360, f"{path.name}: {name}")


class Contract(unittest.TestCase):
    def test_wheels_reads_only_what_the_export_has(self):
        text = (ROOT / ".github" / "workflows" / "wheels.yml").read_text()
        names = set(re.findall(r"\bmatrix\.([\w.*]+)", text))
        fields = re.search(r"jq -r '\.\[\] \| \[(.*?)\] \| @tsv' <<<\"\$WHEELS\"", text)[1].replace(" ", "").split(",")
        self.assertGreaterEqual(names, {"name", "targets", "wheels", "wheels.*.wheel"})
        for shard_by in ("target", "cuda"):
            for job in parse_jobs(exported("--format", "gha", "--shard-by", shard_by)):
                for name in names:
                    first, *rest = name.split(".")
                    self.assertIn(first, job)
                    for wheel in job[first] if rest else []:
                        self.assertIn(rest[-1], wheel)
                for wheel in job["wheels"]:
                    self.assertLessEqual({field.lstrip(".") for field in fields}, set(wheel))

    def test_every_call_of_the_tool_is_one_that_it_has(self):
        called = set()
        for name, script in scripts():
            for command, rest in re.findall(r'sagebuild"? ((?:matrix|wheel|release|index) [a-z]+|bake|build)\b(.*)', script):
                called.add(command)
                page = tool(SAGEBUILD, *command.split(), "--help").stdout
                self.assertIn(f"sagebuild {command} [OPTIONS]", page, name)
                for flag in re.findall(r"--[a-z][a-z-]*", rest):
                    self.assertIn(flag, page, f"{name}: sagebuild {command}{rest}")
        self.assertEqual(called, {"bake", "build", "index build", "matrix export", "matrix watch", "release plan", "release upload",
                                  "release verify", "wheel name", "wheel verify"})

    def test_inputs_of_both_ways_to_start_agree(self):
        for workflow, optional in (("wheels.yml", ("engine", "shard-by", "matrix", "artifact")),
                                   ("release.yml", ("engine", "shard-by", "matrix", "attest", "index"))):
            triggers = read(ROOT / ".github" / "workflows" / workflow)[True]  # YAML 1.1 reads `on` as true
            dispatch, call = triggers["workflow_dispatch"]["inputs"], triggers["workflow_call"]["inputs"]
            self.assertEqual(list(dispatch), list(call))
            for name in optional:
                self.assertEqual(dispatch[name]["default"], call[name]["default"], name)

    def test_a_release_hands_on_what_wheels_takes(self):
        wheels = read(ROOT / ".github" / "workflows" / "wheels.yml")[True]["workflow_call"]
        job = read(ROOT / ".github" / "workflows" / "release.yml")["jobs"]["wheels"]
        self.assertLessEqual(set(job["with"]), set(wheels["inputs"]))
        self.assertIn("artifact", wheels["outputs"])
        # a pushed tag has no inputs: each expression names what the other ways to start have as their default
        defaults = read(ROOT / ".github" / "workflows" / "release.yml")[True]["workflow_dispatch"]["inputs"]
        for name, expression in job["with"].items():
            self.assertEqual(expression, f"${{{{ inputs.{name} || '{defaults[name]['default']}' }}}}")


class Steps(unittest.TestCase):
    """The steps of the plan, of a build without Docker, and of the action, over a tiny project with the real toolchains."""

    def setUp(self):
        self.workspace = pathlib.Path(tempfile.mkdtemp(prefix="sagebuild-workflow-"))
        self.addCleanup(shutil.rmtree, self.workspace, True)
        make_tiny_project(self.workspace / "project")
        # the checkout of sagebuild: the tool is built, so its bootstrap only notes what it is asked for
        checkout = self.workspace / "sagebuild"
        (checkout / "build" / "release").mkdir(parents=True)
        (checkout / "build" / "release" / "bin").symlink_to(SAGEBUILD.parent)
        (checkout / "bootstrap").write_text('#!/bin/sh\necho "bootstrap $*"\n')
        (checkout / "bootstrap").chmod(0o755)
        self.variables = {"GITHUB_ACTION_PATH": str(checkout)}
        self.jobs = read(ROOT / ".github" / "workflows" / "wheels.yml")["jobs"]

    def plan(self, selector: str, shard_by: str) -> Runner:
        inputs = {"selector": selector, "engine": "local", "shard-by": shard_by, "matrix": "matrix", "artifact": "wheels"}
        runner = Runner(self.workspace, self.variables, inputs=inputs)
        self.assertEqual(runner.run(self.jobs["plan"]["steps"]), ["Build the tool", "Plan"])
        self.assertTrue(runner.log.startswith("bootstrap tool\n"))
        return runner

    def test_bootstrap_knows_where_to_stop(self):
        run = tool(ROOT / "bootstrap", "everything")
        self.assertEqual((run.returncode, run.stderr), (2, "usage: ./bootstrap [packages|tool]\n"))

    def test_the_plan_feeds_the_jobs(self):
        target = "linux-tiny-pytorch28-cu129-python312"
        plan = self.plan("default", "target")
        outputs = plan.outputs("plan")
        self.assertEqual(outputs["matrix"], exported("--matrix", str(self.workspace / "project" / "matrix"), "--format", "gha", "default")[:-1])
        self.assertEqual(outputs["wheels"], "tiny-1.0.0-280.129-cp312-cp312-linux_x86_64.whl")
        self.assertIn(f"| `{target}` | 3.12 |", plan.summary)

        (job,) = parse_jobs(outputs["matrix"])
        build = Runner(self.workspace, self.variables, inputs=plan.contexts["inputs"], matrix=job)
        ran = build.run(self.jobs["build"]["steps"])
        self.assertEqual(ran, ["Install the packages that the tool needs", "Make the tool executable", "Build", "Verify"])
        self.assertTrue(build.log.startswith("bootstrap packages\n"))
        self.assertIn("  verified\n", build.log)

        shutil.copytree(self.workspace / "project" / "dist", self.workspace / "dist")
        collect = Runner(self.workspace, self.variables, needs={"plan": {"outputs": outputs}})
        self.assertEqual(collect.run(self.jobs["collect"]["steps"]), ["Compare with the plan"])
        self.assertRegex((self.workspace / "dist" / "SHA256SUMS").read_text(), r"^[0-9a-f]{64}  tiny-1\.0\.0-\S+\.whl\n$")

    def test_several_words_and_shards_pass_through(self):
        (job,) = parse_jobs(self.plan("python=3.11\npython=3.12", "cuda").outputs("plan")["matrix"])
        self.assertEqual((job["name"], len(job["targets"])), ("cuda-12.9.1", 2))

    def test_words_of_a_selector_stay_words(self):
        witness = self.workspace / "witness"
        for selector in (f"$(touch {witness})", f"`touch {witness}`", f"; touch {witness}", "--version", "--matrix=/", "*"):
            with self.subTest(selector):
                if selector == "*":
                    self.assertEqual(len(parse_jobs(self.plan(selector, "target").outputs("plan")["matrix"])), 2)
                    continue
                with self.assertRaisesRegex(AssertionError, r"step `Plan` ended with 1:\nerror\[SB022"):
                    self.plan(selector, "target")
        self.assertFalse(witness.exists())

    def test_the_action_builds_and_verifies(self):
        inputs = {"matrix": "matrix", "selector": "python=3.12\n", "engine": "local", "output": "out"}
        runner = Runner(self.workspace / "project", self.variables, inputs=inputs)
        self.assertEqual(runner.run(steps_of(ACTION)), ["Build the tool", "Build", "Verify"])
        self.assertTrue(runner.log.startswith("bootstrap tool\n"))
        self.assertEqual(runner.outputs("verify"), {"wheels": "out/tiny-1.0.0-280.129-cp312-cp312-linux_x86_64.whl"})
        self.assertTrue((self.workspace / "project" / runner.outputs("verify")["wheels"]).is_file())


if __name__ == "__main__":
    SAGEBUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    os.chdir(ROOT)
    unittest.main()
