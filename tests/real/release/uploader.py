"""`sagebuild release upload` as tests start it: nothing of the caller's environment, waits a hundred times shorter."""

import hashlib
import os
import subprocess

TAG = "v1.0"


class Uploader:
    def __init__(self, sagebuild, standin, wheels, home):
        self.sagebuild, self.standin, self.wheels, self.home = sagebuild, standin, wheels, home

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "GITHUB_TOKEN": self.standin.token, "SAGEBUILD_RETRY_SECONDS": "0.01"} | more

    def command(self, full_name):
        return [str(self.sagebuild), "release", "upload", "--repository", full_name, "--tag", TAG, "--api", self.standin.places.api,
                "--from", str(self.wheels)]

    def start(self, full_name):
        return subprocess.Popen(self.command(full_name), env=self.environment(), cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)


def digests(directory):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}
