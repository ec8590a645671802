#!/usr/bin/env python3
"""Runs the HTTP tests against real servers on loopback, with and without TLS.

    run.py TEST_PROGRAM [ARGUMENT...]

Needs `openssl` for the certificates. The program finds the servers in SAGEBUILD_TEST_* variables.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import server  # noqa: E402


def main():
    if not shutil.which("openssl"):
        print("SKIPPED: no `openssl` on PATH")
        return 77
    with tempfile.TemporaryDirectory(prefix="sagebuild-http-") as name:
        directory = Path(name)
        authority = server.make_authority(directory)
        good = server.make_certificate(directory, "good", "DNS:localhost,IP:127.0.0.1")
        wrong = server.make_certificate(directory, "wrong", "DNS:elsewhere.test")
        proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        environment = {key: value for key, value in os.environ.items() if key.lower() not in proxies}
        environment.update(
            SAGEBUILD_TEST_PLAIN=server.url_of(server.start()),
            SAGEBUILD_TEST_OTHER=server.url_of(server.start()),
            SAGEBUILD_TEST_TLS=server.url_of(server.start(certificate=good), "https"),
            SAGEBUILD_TEST_WRONG_NAME=server.url_of(server.start(certificate=wrong), "https"),
            SAGEBUILD_TEST_AUTHORITY=str(authority),
        )
        try:
            return subprocess.run(sys.argv[1:], env=environment).returncode
        finally:
            server.GONE.set()


if __name__ == "__main__":
    sys.exit(main())
