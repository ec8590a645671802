"""Faults that a test asks for: which request, and what goes wrong with it.

A fault is `WHERE:WHAT` or `WHERE:WHAT=NUMBER`. WHERE:

    n=5, n=5-7                   the fifth (to seventh) request to the repository, counted from 1, of whatever kind
    upload-release-asset         each request of the operation (operationId of the description without `repos/`)
    upload-release-asset#2       its second one; #2-4 its second to fourth
    *                            each request

WHAT happens before the request is processed:

    latency=SECONDS              it waits; other faults may come on top
    close, reset                 the connection ends, orderly or by RST
    401 403 404 409 422 500 502 503   that answer; uploads are read to the end first
    403-rate=S, 429-rate=S       primary rate limit: `x-ratelimit-remaining: 0`, `x-ratelimit-reset` in S seconds (default 1)
    403-secondary=S, 429=S       secondary rate limit: `retry-after: S` (default 1)
    early-422, early-502 …       an upload's answer before its body is read, then the connection ends
    reset-body, close-body       an upload breaks in the middle of its body and leaves an asset in state `starter`
    starter-502                  an upload's answer is 502 and an asset in state `starter` stays, as the upload operation documents
    kill                         the hook `on_kill` of the stand-in is called and the connection ends
    kill-body                    the same in the middle of an upload's body

or after it was processed:

    after-502 …                  that answer, though the request was processed
    close-after, reset-after     no answer
    truncate, reset-answer       half of the answer's body, then the connection ends, orderly or by RST
    kill-after                   the hook is called instead of an answer

Bodies are those that GitHub's documentation shows («Rate limits for the REST API», «Troubleshooting the REST API», the upload operation).
"""

import json
import re
import threading
import time
from typing import NamedTuple

DOCUMENTATION = "https://docs.github.com/rest"
STATUSES = {"401", "403", "404", "409", "422", "429", "500", "502", "503", "403-rate", "429-rate", "403-secondary"}
BEFORE = {"latency", "close", "reset", "reset-body", "close-body", "starter-502", "kill", "kill-body"}
AFTER = {"close-after", "reset-after", "truncate", "reset-answer", "kill-after"}
FORM = re.compile(r"(?:n=(?P<n>\d+)(?:-(?P<n_end>\d+))?|(?P<operation>[a-z/-]+|\*)(?:#(?P<k>\d+)(?:-(?P<k_end>\d+))?)?)"
                  r":(?P<what>[a-z0-9-]+)(?:=(?P<value>[\d.]+))?")


class Fault(NamedTuple):
    first: int | None
    last: int | None
    operation: str | None  # None: counted over all requests
    what: str
    value: float | None

    @property
    def status(self):
        """The answer that it makes, if it makes one: `502` of `after-502`."""
        name = self.what.removeprefix("after-").removeprefix("early-")
        return name if name in STATUSES else None

    @property
    def is_after(self):
        return self.what in AFTER or self.what.startswith("after-")


def parse_fault(text):
    found = FORM.fullmatch(text.strip())
    if not found or not (found["what"] in BEFORE | AFTER or re.sub("^(after|early)-", "", found["what"]) in STATUSES):
        raise ValueError(f"`{text}` is no fault")
    first, last = found["n"] or found["k"], found["n_end"] or found["k_end"]
    return Fault(int(first) if first else None, int(last or first) if first else None, found["operation"] if not found["n"] else None,
                 found["what"], float(found["value"]) if found["value"] else None)


class Faults:
    """The faults of one repository, and the counters that say whose turn it is."""

    def __init__(self, texts=()):
        self._faults = [parse_fault(text) for text in texts]
        self._total, self._counts, self._lock = 0, {}, threading.Lock()

    def take(self, operation):
        """Number of this request, and the faults that meet it: latencies first."""
        with self._lock:
            self._total += 1
            self._counts[operation] = count = self._counts.get(operation, 0) + 1
            met = [item for item in self._faults if self._meets(item, operation, count)]
            return self._total, sorted(met, key=lambda item: item.what != "latency")

    def _meets(self, fault, operation, count):
        if fault.operation not in (None, "*", operation):
            return False
        number = count if fault.operation == operation else self._total
        return fault.first is None or fault.first <= number <= fault.last


def error_body(message, status, page="", errors=None):
    body = {"message": message} | ({"errors": errors} if errors else {})
    return json.dumps(body | {"documentation_url": DOCUMENTATION + page, "status": str(status)}).encode()


def fault_answer(name, value):
    """Status, headers and body of an answer that is a fault."""
    status, seconds = int(name[:3]), 1 if value is None else value
    limits, headers = "/using-the-rest-api/rate-limits-for-the-rest-api", {"Content-Type": "application/json; charset=utf-8"}
    if name.endswith("-rate"):
        # Whole seconds, and a moment later than asked for rather than earlier.
        headers |= {"x-ratelimit-remaining": "0", "x-ratelimit-used": "5000", "x-ratelimit-reset": str(int(time.time() + seconds + 0.999))}
        return status, headers, error_body("API rate limit exceeded for user ID 1.", status, f"{limits}#about-primary-rate-limits")
    if name in ("429", "403-secondary"):
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return status, headers | {"Retry-After": f"{seconds:g}"}, error_body(message, status, f"{limits}#about-secondary-rate-limits")
    if name == "422":
        return status, headers, error_body("Validation Failed", status, errors=[{"resource": "Release", "code": "custom", "message": "refused"}])
    if name in ("500", "503"):
        return status, {"Content-Type": "text/html; charset=utf-8"}, b"<!DOCTYPE html><html><body><p>We had issues producing the response.</p></body></html>"
    if name == "502":
        return status, headers, b'{"message": "Server Error"}'
    messages = {"401": "Bad credentials", "403": "Resource not accessible by integration", "404": "Not Found", "409": "Conflict"}
    return status, headers, error_body(messages[name], status)
