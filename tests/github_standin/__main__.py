"""The stand-in as a program; the package's docstring describes it."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

import github_standin

from .server import Standin

# The authority and the certificates of the HTTP tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real" / "http"))

import server as http_server  # noqa: E402


def parse_limit(text):
    number, _, seconds = text.partition("/")
    return int(number), float(seconds)


def load_faults(text):
    return json.loads(Path(text).read_text(encoding="utf-8")) if Path(text).is_file() else [item for item in text.split(",") if item]


def make_certificate(directory):
    directory.mkdir(parents=True, exist_ok=True)
    http_server.make_authority(directory)
    return http_server.make_certificate(directory, "standin", "IP:127.0.0.1,IP:127.0.0.2,DNS:localhost")


def main():
    parser = argparse.ArgumentParser(prog="python -m github_standin", description=github_standin.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="token-of-the-test")
    parser.add_argument("--tls-dir", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--faults", type=load_faults, default=[])
    parser.add_argument("--repository", action="append", default=[])
    parser.add_argument("--release", action="append", default=[], metavar="OWNER/NAME@TAG=DIR")
    parser.add_argument("--immutable", action="store_true")
    parser.add_argument("--rate-limit", type=parse_limit, default=(5000, 3600))
    parser.add_argument("--content-limit", type=parse_limit)
    parser.add_argument("--discard", action="store_true")
    options = parser.parse_args()

    certificate = make_certificate(options.tls_dir) if options.tls_dir else None
    standin = Standin(options.port, options.token, certificate, options.state, options.faults, options.rate_limit, options.content_limit,
                       options.discard)
    releases = [item.partition("=")[::2] for item in options.release]
    for name in options.repository or [place.partition("@")[0] for place, _ in releases] or ["owner/demo"]:
        standin.repository(name).immutable_releases = options.immutable
    for place, directory in releases:
        name, _, tag = place.partition("@")
        if any(item.tag == tag for item in standin.repository(name).list_releases(True)):
            continue  # kept by --state
        standin.repository(name).add_release(tag, {file.name: file.read_bytes() for file in sorted(Path(directory).iterdir()) if file.is_file()})

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    print(json.dumps(standin.places._asdict() | {"token": options.token}), flush=True)
    stopped.wait()
    standin.close()
    for violation in standin.violations:
        print(f"violation: {violation}", file=sys.stderr)
    return 1 if standin.violations else 0


if __name__ == "__main__":
    sys.exit(main())
