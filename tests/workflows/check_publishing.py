"""The steps of release.yml against the stand-in of GitHub's API, and those of watch.yml against package indexes and a git host of its own.

usage: check_publishing.py SAGEBUILD [unittest arguments]
"""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "real" / "build")]

import github_standin  # noqa: E402
from tiny_project import make_tiny_project  # noqa: E402
from workflow_steps import Runner  # noqa: E402

SAGEBUILD = pathlib.Path("build/release/bin/sagebuild")
WHEEL = "tiny-1.0.0-280.129-cp312-cp312-linux_x86_64.whl"
TOKEN = "token-of-the-test"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def jobs_of(workflow: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / workflow).read_text())["jobs"]


def run(*command, **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def make_workspace(test: unittest.TestCase) -> pathlib.Path:
    """A directory with the checkout of sagebuild: the tool is built, so its bootstrap only notes what it is asked for."""
    workspace = pathlib.Path(tempfile.mkdtemp(prefix="sagebuild-publishing-"))
    test.addCleanup(shutil.rmtree, workspace, True)
    (workspace / "sagebuild" / "build" / "release").mkdir(parents=True)
    (workspace / "sagebuild" / "build" / "release" / "bin").symlink_to(SAGEBUILD.parent)
    (workspace / "sagebuild" / "bootstrap").write_text('#!/bin/sh\necho "bootstrap $*"\n')
    (workspace / "sagebuild" / "bootstrap").chmod(0o755)
    return workspace


@contextlib.contextmanager
def github():
    with github_standin.running(token=TOKEN) as standin:
        standin.repository("owner/demo")
        yield standin


class Release(unittest.TestCase):
    """The shell steps of the jobs `publish`, `verify` and `index`, as a pushed tag and as a call start them."""

    @classmethod
    def setUpClass(cls):
        cls.project = pathlib.Path(tempfile.mkdtemp(prefix="sagebuild-publishing-"))
        cls.addClassCleanup(shutil.rmtree, cls.project, True)
        make_tiny_project(cls.project)
        run(SAGEBUILD, "build", "default", "--engine", "local", cwd=cls.project)

    def runner(self, standin, inputs: dict[str, str], **context) -> Runner:
        workspace = make_workspace(self)
        shutil.copytree(self.project / "dist", workspace / "dist")
        (workspace / "dist" / "SHA256SUMS").write_text("of the job `collect`\n")  # the release has its own
        variables = {"GITHUB_API_URL": standin.places.api, "GITHUB_REPOSITORY": "owner/demo", "GITHUB_SHA": COMMIT}
        return Runner(workspace, variables, inputs=inputs, github={"token": TOKEN, **context})

    def test_a_release_is_published_verified_and_indexed(self):
        jobs = jobs_of("release.yml")
        with github() as standin:
            for inputs, context, tag in (({"tag": "v1.0.0"}, {"ref_name": "main"}, "v1.0.0"), ({}, {"ref_name": "v1.0.1"}, "v1.0.1")):
                publish = self.runner(standin, inputs, **context)
                self.assertEqual(publish.run(jobs["publish"]["steps"]),
                                 ["Install the packages that the tool needs", "Make the tool executable", "Plan", "Publish"])
                self.assertNotIn(TOKEN, publish.log)
                (release,) = [item for item in standin.repository("owner/demo").list_releases(True) if item.tag == tag]
                self.assertEqual((release.draft, release.target), (False, COMMIT))
                names = {asset.name for asset in release.assets.values()}
                self.assertLessEqual({WHEEL, "SHA256SUMS"}, names)

                verify = self.runner(standin, inputs, **context)
                self.assertEqual(verify.run(jobs["verify"]["steps"])[-1], "Verify")
                index = self.runner(standin, inputs, **context)
                self.assertEqual(index.run(jobs["index"]["steps"])[-1], "Make the index")
                pages = [path.relative_to(index.workspace / "site").as_posix() for path in (index.workspace / "site").rglob("index.html")]
                self.assertTrue(any(page.endswith("/tiny/index.html") for page in pages), pages)
                self.assertIn("tiny", index.summary)

    def test_a_second_run_uploads_nothing(self):
        jobs = jobs_of("release.yml")
        with github() as standin:
            self.runner(standin, {"tag": "v1"}).run(jobs["publish"]["steps"])
            before = [(asset.name, asset.id) for asset in standin.repository("owner/demo").list_releases(True)[0].assets.values()]
            self.runner(standin, {"tag": "v1"}).run(jobs["publish"]["steps"])
            self.assertEqual([(asset.name, asset.id) for asset in standin.repository("owner/demo").list_releases(True)[0].assets.values()], before)

    def test_the_action_publishes_if_it_is_given_a_tag(self):
        steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
        inputs = {"matrix": "matrix", "selector": "default", "engine": "local", "output": "out", "token": TOKEN}
        with github() as standin:
            for tag, last in (("", "Verify"), ("v2", "Publish")):
                runner = self.runner(standin, {})
                workspace = runner.workspace / "project"
                shutil.copytree(self.project, workspace)
                runner = Runner(workspace, {**runner.variables, "GITHUB_ACTION_PATH": str(runner.workspace / "sagebuild")}, inputs={**inputs, "tag": tag})
                self.assertEqual(runner.run(steps)[-1], last)
                self.assertEqual([item.tag for item in standin.repository("owner/demo").list_releases(True)], [tag] if tag else [])

    def test_names_of_tags_stay_names(self):
        witness = pathlib.Path(tempfile.gettempdir()) / "sagebuild-witness"
        jobs = jobs_of("release.yml")
        with github() as standin:
            for tag in (f"$(touch {witness})", f"; touch {witness}", "--api=https://elsewhere.example"):
                with self.subTest(tag), self.assertRaisesRegex(AssertionError, "step `Plan` ended with"):
                    self.runner(standin, {"tag": tag}).run(jobs["publish"]["steps"])
        self.assertFalse(witness.exists())


def wheels(version: str, pythons: tuple[str, ...]) -> str:
    names = [f"torch-{version}-cp{python}-cp{python}-manylinux_2_28_x86_64.whl" for python in pythons]
    return "".join(f'<a href="{name.replace("+", "%2B")}">{name}</a><br/>\n' for name in names)


@contextlib.contextmanager
def package_indexes(pages: dict[str, str]):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path)
            self.send_response(200 if body is not None else 403)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


# What `gh` is asked for; `pr list` answers with the file of that name.
GH = """#!/bin/sh
printf '%s\\n' "$*" >>"$GH_RECORD/asked"
[ -n "$GH_TOKEN" ] || exit 4
if [ "$1 $2" = "pr list" ]; then cat "$GH_RECORD/open" 2>/dev/null; fi
while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cp "$2" "$GH_RECORD/body"; fi
    shift
done
exit 0
"""


class Watch(unittest.TestCase):
    def setUp(self):
        self.workspace = make_workspace(self)
        self.record = self.workspace / "record"
        self.programs = self.workspace / "programs"
        for directory in (self.record, self.programs):
            directory.mkdir()
        (self.programs / "gh").write_text(GH)
        (self.programs / "gh").chmod(0o755)
        self.variables = {"PATH": f"{self.programs}:{os.environ['PATH']}", "GH_RECORD": str(self.record), "PIP_FIND_LINKS": "", "PIP_RETRIES": "0",
                          "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}

    def serve(self, address: str) -> None:
        """A project on a git host, whose data names the indexes of this test."""
        source = make_tiny_project(self.workspace / "source")
        torch = source / "matrix" / "compat" / "torch.yaml"
        torch.write_text(torch.read_text().replace("https://download.pytorch.org/whl/", f"{address}/whl/"))
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", source]
        run("git", "init", "-q", "-b", "main", source)
        run(*git, "add", ".")
        run(*git, "commit", "-q", "-m", "start")
        run("git", "clone", "-q", "--bare", source, self.workspace / "host.git")
        self.variables["PIP_INDEX_URL"] = f"{address}/simple"

    def job(self, name: str) -> Runner:
        shutil.rmtree(self.workspace / "project", True)
        run("git", "clone", "-q", self.workspace / "host.git", self.workspace / "project")
        runner = Runner(self.workspace, self.variables, inputs={}, github={"token": TOKEN, "ref_name": "main"})
        runner.ran = runner.run(jobs_of("watch.yml")[name]["steps"])
        self.assertNotIn(TOKEN, runner.log)
        return runner

    def test_nothing_new_opens_nothing(self):
        with package_indexes({"/simple/torch/": "", "/simple/cuda-toolkit/": ""}) as address:
            self.serve(address)
            look = self.job("look")
        self.assertEqual(look.ran, ["Build the tool", "Pin the toolchains of new CUDA releases", "Add the lines", "Describe"])
        self.assertEqual(look.outputs("describe"), {"changed": "false"})

    def test_a_new_torch_is_proposed_in_one_line(self):
        pages = {"/simple/torch/": wheels("99.1.0", ("312", "313")), "/simple/cuda-toolkit/": "",
                 "/whl/cu130/torch/": wheels("99.1.0+cu130", ("312", "313"))}
        with package_indexes(pages) as address:
            self.serve(address)
            look = self.job("look")
            self.assertEqual(look.outputs("describe"), {"changed": "true"})
            self.assertIn("torch 99.1.0 is new: CUDA 13.0, Python 3.12 3.13", look.summary)
            propose = self.job("propose")
        self.assertEqual(propose.ran, ["Open a pull request"])
        host = ["git", "--git-dir", self.workspace / "host.git"]
        self.assertEqual(run(*host, "log", "-1", "--format=%an: %s", "sagebuild-watch"),
                         "github-actions[bot]: matrix: torch 99.1.0 is new: CUDA 13.0, Python 3.12 3.13\n")
        changed = run(*host, "diff", "--unified=0", "main", "sagebuild-watch", "--", "matrix/tiny.yaml").splitlines()[4:]
        self.assertEqual(changed[1:], ['+  - {torch: "99.1.0", cuda: "13.0.2", python: ["3.12", "3.13"], archs: few}'])
        added = run(*host, "diff", "--stat", "main", "sagebuild-watch")
        self.assertIn(" 2 files changed, 8 insertions(+)", added)
        title = "matrix: torch 99.1.0 is new: CUDA 13.0, Python 3.12 3.13"
        asked = (self.record / "asked").read_text().splitlines()
        self.assertEqual(asked, ["auth setup-git",
                                 "pr list --head sagebuild-watch --base main --state open --json number --jq .[0].number // empty",
                                 f"pr create --head sagebuild-watch --base main --title {title} --body-file ../news/body.md"])
        self.assertIn("- torch 99.1.0 is new", (self.record / "body").read_text())

    def test_an_open_pull_request_is_brought_up_to_date(self):
        pages = {"/simple/torch/": "", "/simple/cuda-toolkit/": "", "/whl/cu130/torch/": wheels("99.1.0+cu130", ("312",))}
        with package_indexes(pages) as address:
            self.serve(address)
            self.job("look")
            self.job("propose")
            (self.record / "open").write_text("7\n")
            shutil.rmtree(self.workspace / "news")
            pages["/whl/cu130/torch/"] = wheels("99.1.0+cu130", ("312", "313"))
            self.job("look")
            self.job("propose")
        self.assertRegex((self.record / "asked").read_text().splitlines()[-1], r"^pr edit 7 --title matrix: torch 99\.1\.0 .* 3\.13 --body-file")
        text = run("git", "--git-dir", self.workspace / "host.git", "show", "sagebuild-watch:matrix/tiny.yaml")
        self.assertIn('python: ["3.12", "3.13"], archs: few}\n', text)

    def test_what_cannot_be_pinned_is_left_to_people(self):
        toolkit = '<a href="cuda_toolkit-13.2.2-py2.py3-none-any.whl">cuda_toolkit-13.2.2-py2.py3-none-any.whl</a>'
        pages = {"/simple/torch/": "", "/simple/cuda-toolkit/": toolkit, "/whl/cu132/torch/": wheels("99.1.0+cu132", ("312",))}
        with package_indexes(pages) as address:
            self.serve(address)
            toolchains = self.workspace / "source" / "matrix" / "compat" / "toolchains.yaml"
            if '"13.2.2"' in toolchains.read_text():
                self.skipTest("CUDA 13.2.2 is pinned by now")
            look = self.job("look")
        self.assertIn("::warning::CUDA 13.2.2 has no toolchain that can be pinned", look.log)
        self.assertIn("Left to do by hand:\n\n- torch 99.1 for CUDA 13.2 gets a row when a toolchain is pinned", look.summary)
        self.assertNotIn("tiny.yaml", (self.workspace / "news" / "news.patch").read_text())
        self.assertEqual(json.loads((self.workspace / "news" / "news.json").read_text())["pin"], ["13.2.2"])


if __name__ == "__main__":
    SAGEBUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    os.chdir(ROOT)
    unittest.main()
