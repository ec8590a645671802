"""The token goes into TLS and nowhere else: a release is uploaded under strace and read back for comparison, with the token from the environment
and from a file.

    token_test.py SAGEBUILD MAKE_EXAMPLE_WHEELS

Every argument, opened path, written or sent byte of the program and its children is in the trace; the token must not be, nor its Base64 form, nor may
it be in any file that is left, in what is printed, in an address that the stand-in saw, or at the host that downloads are redirected to. Core dumps must
be off. A plain curl under the same strace shows that the trace would hold a leak. Exit code 77: strace or openssl is missing, or may not trace.
"""

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "http")]

import github_standin  # noqa: E402
import server  # noqa: E402
from uploader import TAG, Uploader  # noqa: E402
from wheels import make_wheels  # noqa: E402

SAGEBUILD, MAKE_EXAMPLE_WHEELS = Path(sys.argv.pop(1)).resolve(), Path(sys.argv.pop(1)).resolve()
CALLS = "write,writev,pwrite64,pwritev,send,sendto,sendmsg,sendmmsg,execve,openat,rename,renameat,prctl,setrlimit,prlimit64"
TOKEN = "ghp_" + secrets.token_hex(18)
FORMS = [TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()[20:-4], TOKEN[::-1]]


def trace(file, command, **options):
    """The command under strace, with every byte of its strings."""
    return subprocess.run(["strace", "-f", "-qq", "-s", str(1 << 24), "-e", f"trace={CALLS}", "-o", file, *map(str, command)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


class TokenTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="sagebuild-token-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.home, self.wheels, self.traces = (self.directory / name for name in ("home", "dist", "traces"))
        for path in (self.home, self.wheels, self.traces):
            path.mkdir()
        make_wheels(MAKE_EXAMPLE_WHEELS, self.wheels, 2)
        authority = server.make_authority(self.directory)
        standin = github_standin.running(token=TOKEN, certificate=server.make_certificate(self.directory, "good", "IP:127.0.0.1,IP:127.0.0.2"))
        self.standin = self.enterContext(standin)
        self.uploader = Uploader(SAGEBUILD, self.standin, self.wheels, self.home)
        self.variables = {"SSL_CERT_FILE": str(authority), "TMPDIR": str(self.home)}

    def leaks(self, text):
        return [form for form in FORMS if form in text]

    def run_traced(self, name, command, environment):
        """What was printed and the trace, after looking for the token in both, and for core dumps being off."""
        file = self.traces / name
        done = trace(file, command, env=environment, cwd=self.home)
        self.assertEqual(done.returncode, 0, done.stdout)
        text = file.read_text(errors="replace")
        self.assertEqual(self.leaks(text), [], f"the trace of {name} holds the token")
        self.assertEqual(self.leaks(done.stdout), [], f"{name} prints the token")
        self.assertRegex(text, r"(?:setrlimit\(RLIMIT_CORE, |prlimit64\(0, RLIMIT_CORE, )\{rlim_cur=0, rlim_max=0\}.* = 0", "core dumps are on")
        self.assertRegex(text, r"prctl\(PR_SET_DUMPABLE, (?:0|SUID_DUMP_DISABLE)\) += 0", "the memory can be read by other programs of the user")

    def check(self, options, environment):
        full_name = f"owner/{secrets.token_hex(4)}"
        repository = self.standin.repository(full_name)
        repository.states_digests = False  # what is uploaded has to be downloaded then, through the redirect
        program, *arguments = self.uploader.command(full_name)
        self.run_traced("upload", [program, "--verbose", *arguments, *options], environment)
        self.assertIsNotNone(repository.release_by_tag(TAG))

        requests = [item for item in self.standin.requests if item.get("repository") == full_name]
        self.assertTrue(all(item["authorized"] for item in requests if item["operation"] == "upload-release-asset"))
        self.assertIn("objects", {item["host"] for item in requests}, "nothing was downloaded, so that no redirect was tried")
        self.assertEqual([item["target"] for item in requests if item["host"] in ("objects", "web") and item["authorized"]], [])
        self.assertEqual([item["target"] for item in self.standin.requests if self.leaks(item["target"])], [])
        found = [path for path in self.directory.rglob("*") if path.is_file() and path.name != "token" and self.leaks(path.read_bytes().decode("latin-1"))]
        self.assertEqual(found, [], "files hold the token")

    def test_from_the_environment(self):
        self.check([], self.uploader.environment(**self.variables))

    def test_from_a_file(self):
        file = self.directory / "token"
        file.write_text(TOKEN + "\n")
        file.chmod(0o600)
        self.check(["--token-file", str(file)], self.uploader.environment(**self.variables, GITHUB_TOKEN=""))

    def test_the_trace_would_show_it(self):
        with github_standin.running(token=TOKEN) as plain:
            plain.repository("owner/demo")
            file = self.traces / "curl"
            config = self.directory / "token"
            config.write_text(f'header = "Authorization: Bearer {TOKEN}"\n')
            trace(file, ["curl", "-s", "--noproxy", "*", "-K", config, f"{plain.places.api}/repos/owner/demo/releases"], env={"PATH": os.environ["PATH"]})
            self.assertEqual(self.leaks(file.read_text(errors="replace")), [TOKEN])


if __name__ == "__main__":
    for program in ("strace", "openssl", "curl"):
        if not shutil.which(program):
            print(f"SKIPPED: no `{program}` on PATH")
            sys.exit(77)
    if subprocess.run(["strace", "-qq", "-o", os.devnull, "true"]).returncode != 0:
        print("SKIPPED: strace may not trace here")
        sys.exit(77)
    unittest.main()
