"""A stand-in for GitHub's REST API of releases, derived from its published OpenAPI description (tests/data/github-releases-openapi.json).

Every request, and every answer but injected faults, is validated against the description. A violation is answered by 500 with the reason, kept in
the stand-in's list, and makes the program end with 1. So does a token that reaches the host to which downloads are redirected.

As a program (from tests/, or with tests/ in PYTHONPATH):

    python -m github_standin --port 0 [--token TOKEN] [--tls-dir DIR] [--state DIR] [--faults FILE|SPEC,SPEC…] [--repository OWNER/NAME]…
                             [--release OWNER/NAME@TAG=DIR]… [--immutable] [--rate-limit N/SECONDS] [--content-limit N/SECONDS]
                             [--discard]

It prints one JSON line, `{"api": URL, "uploads": URL, "web": URL, "objects": URL, "token": …}`, and runs until SIGTERM or SIGINT.

    --port      of the API; the other hosts take free ones
    --token     that gives push access (default `token-of-the-test`); without a token published releases can be read, another one is 401
    --tls-dir   makes an authority and a certificate there (`authority.pem` is what clients trust, needs openssl); all hosts speak TLS alone
    --state     keeps repositories there, so that they outlive the process
    --faults    github_standin/faults.py says how they are written; a file holds a JSON list of them. Each repository counts for itself
    --repository  exists from the start (default `owner/demo`)
    --release   publishes the files of DIR under TAG
    --immutable   what is published cannot change («Immutable releases»)
    --discard   assets' bytes are hashed and dropped: a fast sink; downloads are empty
    --rate-limit, --content-limit   per repository; GitHub: 5000/3600, and about 80/60 requests that create content

`GET {api}/_standin` answers `{"violations": […], "requests": […]}`. In a test's own process:

    with github_standin.running(faults=["upload-release-asset#2:reset-body"]) as standin:
        repository = standin.repository("owner/demo")      # tests look into repository.releases
        repository.add_release("v1", {"a.whl": b"…"})
        …  --api standin.places.api
    # leaving it raises AssertionError if the description was violated

`on_kill(full_name)` of the stand-in is what the `kill` faults call. `set_faults(full_name, […])` gives a repository its own.
"""

import contextlib

from .server import Standin


@contextlib.contextmanager
def running(**options):
    """A stand-in; at the end the description must not have been violated."""
    standin = Standin(**options)
    try:
        yield standin
    finally:
        standin.close()
    assert not standin.violations, "\n".join(standin.violations)
