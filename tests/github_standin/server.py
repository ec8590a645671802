"""The four hosts of GitHub that a release needs, on loopback: API, uploads, web (browser downloads), objects (where downloads are redirected to)."""

import http.server
import json
import re
import secrets
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from typing import NamedTuple

from . import answers
from .description import API, UPLOADS, Violation, load_description
from .faults import Faults, error_body, fault_answer
from .repository import Account, Refused

JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGES = {"get-release-asset": "/releases/assets#get-a-release-asset", "upload-release-asset": "/releases/assets#upload-a-release-asset",
         "create-release": "/releases/releases#create-a-release", "update-release": "/releases/releases#update-a-release"}


class Places(NamedTuple):
    api: str
    uploads: str
    web: str
    objects: str


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes = b""


class Broken(Exception):
    """The connection ends without an answer."""


class Window:
    """At most `limit` events in `seconds`; GitHub's windows are fixed, not sliding."""

    def __init__(self, limit, seconds):
        self.limit, self.seconds, self.used, self.reset, self._lock = limit, seconds, 0, 0.0, threading.Lock()

    def take(self):
        with self._lock:
            if time.time() >= self.reset:
                self.used, self.reset = 0, time.time() + self.seconds
            self.used += 1
            return self.used <= self.limit

    def headers(self):
        return {"x-ratelimit-limit": str(self.limit), "x-ratelimit-remaining": str(max(0, self.limit - self.used)),
                "x-ratelimit-used": str(min(self.used, self.limit)), "x-ratelimit-reset": str(int(self.reset) + 1), "x-ratelimit-resource": "core"}


class Handler(http.server.BaseHTTPRequestHandler):
    """What all hosts share: keeping a record, sending, breaking off."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, *_):
        pass

    @property
    def standin(self):
        return self.server.standin

    def serve(self):
        self.record = {"host": self.server.role, "method": self.command, "target": self.path, "authorized": bool(self.headers["Authorization"]),
                       "status": None, "faults": [], "begin": time.monotonic()}
        self.standin.requests.append(self.record)
        self.body_left = int(self.headers.get("Content-Length", 0))
        try:
            self.answer()
        except Broken:
            self.close_connection = True
        except OSError:  # the client is gone
            self.close_connection = True
        self.record["seconds"] = time.monotonic() - self.record["begin"]

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = serve

    def pieces(self, size=None):
        """The rest of the request's body, or `size` bytes of it."""
        until = 0 if size is None else self.body_left - size
        while self.body_left > until:
            piece = self.rfile.read(min(self.body_left - until, 1 << 18))
            if not piece:
                raise Broken
            self.body_left -= len(piece)
            yield piece

    def drain(self):
        for _ in self.pieces():
            pass

    def send(self, answer, cut=None):
        """`cut`: only half of the body goes out, then the connection is `closed` or `reset`."""
        self.record["status"] = answer.status
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        if cut == "reset":
            self.reset()
        if cut:
            raise Broken

    def reset(self):
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        raise Broken

    def violation(self, text):
        self.standin.violations.append(f"{self.command} {self.path}: {text}")
        self.record["violation"] = text
        self.drain()
        self.send(Answer(500, JSON, json.dumps({"message": f"stand-in: {text}"}).encode()))


class DescribedHandler(Handler):
    """API and uploads: each request and each answer that is no fault obeys the description."""

    def answer(self):
        if self.path == "/_standin" and self.server.role == "api":
            return self.send(Answer(200, JSON, json.dumps({"violations": self.standin.violations, "requests": self.standin.requests}).encode()))
        call = self.standin.description.find_call(API if self.server.role == "api" else UPLOADS, self.command, self.path)
        if call is None:
            return self.violation("the description has no such operation")
        self.call, self.operation = call, call.operation.name
        try:
            repository = self.standin.account.find(call.path.get("owner", ""), call.path.get("repo", "")) if "owner" in call.path else None
        except Refused as refused:
            return self.drain() or self.send(self.refusal(refused))
        number, faults = self.standin.faults_of(repository).take(self.operation)
        self.record |= {"repository": repository and repository.full_name, "operation": self.operation, "number": number,
                        "faults": [item.what for item in faults]}
        try:
            return self.answer_described(call, repository, faults)
        except Violation as violation:
            return self.violation(str(violation))

    def answer_described(self, call, repository, faults):
        if any(self.break_before(fault, repository, call) for fault in faults if not fault.is_after):
            return None
        if not self.headers["User-Agent"]:
            raise Violation("GitHub refuses requests without `User-Agent`")
        if self.headers.get("X-GitHub-Api-Version", "2022-11-28") not in ("2022-11-28", "2026-03-10"):
            raise Violation(f"no API version is called {self.headers['X-GitHub-Api-Version']}")
        is_upload = self.operation == "upload-release-asset"
        if is_upload and not self.headers["Content-Length"]:
            raise Violation("an upload states its Content-Length")
        body = b"" if is_upload else b"".join(self.pieces())
        self.standin.description.check_request(call, body, self.headers.get_content_type())
        answer = self.limited(repository) or self.permitted(call, repository, body)
        self.standin.description.check_answer(call, answer.status, answer.headers, answer.body)
        for fault in faults:
            if fault.is_after:
                return self.break_after(fault, repository, answer)
        return self.send(answer)

    def break_before(self, fault, repository, call):
        """Whether the request is answered by that."""
        if fault.what == "latency":
            time.sleep(fault.value or 0)
            return False
        if fault.what == "kill":
            self.standin.on_kill(repository.full_name)
        elif fault.what == "reset":
            self.reset()
        elif fault.status:
            is_early = fault.what.startswith("early-")
            if not is_early:
                self.drain()
            self.send(Answer(*fault_answer(fault.status, fault.value)))
            if not is_early:
                return True
        elif fault.what != "close" and self.operation == "upload-release-asset":
            return self.break_upload(fault, repository, call)
        raise Broken

    def break_upload(self, fault, repository, call):
        """In the middle of the body; what was begun stays behind as `starter`."""
        try:
            self.begin(repository, call)
        except Refused as refused:
            self.drain()
            self.send(self.refusal(refused))
            return True
        if fault.what == "starter-502":
            self.drain()
            self.send(Answer(*fault_answer("502", None)))
            return True
        for _ in self.pieces(self.body_left // 2):
            pass
        if fault.what == "kill-body":
            self.standin.on_kill(repository.full_name)
        elif fault.what == "reset-body":
            self.reset()
        raise Broken

    def break_after(self, fault, repository, answer):
        if fault.what == "kill-after":
            self.standin.on_kill(repository.full_name)
        elif fault.what == "reset-after":
            self.reset()
        elif fault.what == "truncate":
            self.send(answer, cut="closed")
        elif fault.what == "reset-answer":
            self.send(answer, cut="reset")
        elif fault.status:
            return self.send(Answer(*fault_answer(fault.status, fault.value)))
        raise Broken

    def refusal(self, refused):
        return Answer(refused.status, JSON, error_body(refused.message, refused.status, PAGES.get(getattr(self, "operation", ""), ""), refused.errors))

    def limited(self, repository):
        """The answer where a limit is reached, None otherwise."""
        rate, content = self.standin.limits_of(repository)
        if not rate.take():
            status, headers, body = fault_answer("403-rate", rate.reset - time.time())
            self.drain()
            return Answer(status, rate.headers() | headers, body)
        if content and self.command in ("POST", "PATCH") and not content.take():
            self.drain()
            return Answer(*fault_answer("403-secondary", max(1, round(content.reset - time.time() + 0.5))))
        return None

    def permitted(self, call, repository, body):
        try:
            self.has_token = self.check_token()
            if self.command != "GET" and not self.has_token:
                raise Refused(401, "Requires authentication")
            answer = getattr(self, "do_" + self.operation.replace("-", "_").replace("/", "_"))(repository, call, body)
        except Refused as refused:
            self.drain()
            answer = self.refusal(refused)
        return answer._replace(headers=self.standin.limits_of(repository)[0].headers() | answer.headers)

    def check_token(self):
        """Whether the right token came; a wrong one is refused even where none is needed."""
        given = self.headers["Authorization"]
        if given is None:
            return False
        if not re.fullmatch(r"(?i:bearer|token) +" + re.escape(self.standin.token), given):
            raise Refused(401, "Bad credentials")
        return True

    # The operations

    def json(self, status, data, **headers):
        return Answer(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(data).encode())

    def release_json(self, status, repository, release, **headers):
        with repository.lock:
            return self.json(status, answers.release(self.standin.places, repository, release), **headers)

    def page(self, call, items, render):
        """A page and its `Link` («Using pagination in the REST API»)."""
        size, number = min(int(call.query.get("per_page", 30)) or 30, 100), max(int(call.query.get("page", 1)), 1)
        last = max(-(-len(items) // size), 1)
        base = self.standin.places.api + self.path.partition("?")[0]
        near = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = [name for name, to in near.items() if (name in ("prev", "first") and number > 1) or (name in ("next", "last") and number < last)]
        link = ", ".join(f'<{base}?{urllib.parse.urlencode(call.query | {"page": near[name]})}>; rel="{name}"' for name in wanted)
        return self.json(200, [render(item) for item in items[(number - 1) * size:number * size]], **({"Link": link} if link else {}))

    def do_list_releases(self, repository, call, _):
        with repository.lock:
            return self.page(call, repository.list_releases(self.has_token), lambda item: answers.release(self.standin.places, repository, item))

    def do_create_release(self, repository, _, body):
        release = repository.create_release(json.loads(body))
        return self.release_json(201, repository, release, Location=f"{self.standin.places.api}/repos/{repository.full_name}/releases/{release.id}")

    def do_get_release(self, repository, call, _):
        return self.release_json(200, repository, repository.release(call.path["release_id"], self.has_token))

    def do_get_release_by_tag(self, repository, call, _):
        return self.release_json(200, repository, repository.release_by_tag(call.path["tag"]))

    def do_get_latest_release(self, repository, *_):
        return self.release_json(200, repository, repository.latest_release())

    def do_update_release(self, repository, call, body):
        return self.release_json(200, repository, repository.update_release(call.path["release_id"], json.loads(body or b"{}")))

    def do_delete_release(self, repository, call, _):
        repository.delete_release(call.path["release_id"])
        return Answer(204, {})

    def do_list_release_assets(self, repository, call, _):
        with repository.lock:
            release = repository.release(call.path["release_id"], self.has_token)
            return self.page(call, list(release.assets.values()), lambda item: answers.asset(self.standin.places, repository, release, item))

    def begin(self, repository, call):
        return repository.begin_asset(call.path["release_id"], call.query["name"], call.query.get("label"), self.headers.get_content_type(), self.body_left)

    def do_upload_release_asset(self, repository, call, _):
        asset = self.begin(repository, call)
        asset, release = repository.finish_asset(asset.id, *repository.blobs.store(self.pieces()))
        return self.json(201, answers.asset(self.standin.places, repository, release, asset))

    def do_get_release_asset(self, repository, call, _):
        asset, release = repository.asset(call.path["asset_id"], self.has_token)
        if "application/octet-stream" in self.headers.get("Accept", ""):
            return Answer(302, {"Location": self.standin.object_url(repository, asset)})
        return self.json(200, answers.asset(self.standin.places, repository, release, asset))

    def do_update_release_asset(self, repository, call, body):
        asset, release = repository.update_asset(call.path["asset_id"], json.loads(body or b"{}"))
        return self.json(200, answers.asset(self.standin.places, repository, release, asset))

    def do_delete_release_asset(self, repository, call, _):
        repository.delete_asset(call.path["asset_id"])
        return Answer(204, {})

    def do_git_get_ref(self, repository, call, _):
        found = answers.reference(self.standin.places, repository, call.path["ref"])
        if not found:
            raise Refused(404, "Not Found")
        return self.json(200, found)

    def do_rate_limit_get(self, *_):
        rate = self.standin.limits_of(None)[0]
        state = {"limit": rate.limit, "remaining": max(0, rate.limit - rate.used), "reset": int(rate.reset) + 1, "used": min(rate.used, rate.limit)}
        return self.json(200, {"resources": {"core": state, "search": state}, "rate": state})


class DownloadHandler(Handler):
    """The web host redirects, the objects host gives bytes to whoever has the signed address, and to nobody who shows a token."""

    def answer(self):
        self.drain()
        if self.server.role == "objects":
            if self.headers["Authorization"]:
                return self.violation("a token was sent to the host that a redirect names")
            signed = self.standin.signed.get(self.path)
            if signed is None:
                return self.send(Answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>AuthenticationFailed</Code></Error>"))
            return self.send_object(*signed)
        found = re.fullmatch("/([^/]+)/([^/]+)/releases/download/(.+)/([^/]+)", self.path)
        try:
            owner, name, tag, file = map(urllib.parse.unquote, found.groups() if found else ("", "", "", ""))
            repository = self.standin.account.find(owner, name)
            asset = next((item for item in repository.release_by_tag(tag).assets.values() if item.name == file and item.state == "uploaded"), None)
            if asset is None:
                raise Refused(404, "Not Found")
        except Refused:
            return self.send(Answer(404, {"Content-Type": "text/plain"}, b"Not Found"))
        self.record["repository"] = repository.full_name
        return self.send(Answer(302, {"Location": self.standin.object_url(repository, asset)}))

    def send_object(self, repository, asset):
        number, faults = self.standin.faults_of(repository).take("download")
        self.record |= {"repository": repository.full_name, "operation": "download", "number": number, "faults": [item.what for item in faults]}
        answer = Answer(200, {"Content-Type": "application/octet-stream"}, repository.blobs.load(asset.sha256))
        asset.downloads += 1
        for fault in faults:
            if fault.what == "latency":
                time.sleep(fault.value or 0)
            elif fault.what in ("truncate", "reset-answer"):
                return self.send(answer, cut="reset" if fault.what == "reset-answer" else "closed")
            elif fault.what in ("kill", "kill-after"):
                self.standin.on_kill(repository.full_name)
                raise Broken
            elif fault.what in ("reset", "reset-after"):
                self.reset()
            elif fault.status:
                answer = Answer(*fault_answer(fault.status, fault.value))
            else:
                raise Broken
        return self.send(answer)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, standin, role, address, handler, certificate):
        super().__init__(address, handler)
        self.standin, self.role = standin, role
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # The handshake happens at the first read, in the connection's thread: a client that refuses us blocks nobody.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{self.server_address[0]}:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, *_):
        """Clients that break off are what is tested here."""


class Standin:
    """All hosts, running. `faults`: texts as faults.py describes, for each repository that `set_faults` gave no own; `rate_limit` and
    `content_limit`: (requests, seconds) for each repository; `certificate`: (file, key) makes all hosts speak TLS alone; `discard`: assets'
    bytes are hashed and dropped."""

    def __init__(self, port=0, token="token-of-the-test", certificate=None, state_dir=None, faults=(), rate_limit=(5000, 3600), content_limit=None,
                 discard=False):
        self.token, self.account, self.description = token, Account(state_dir, discard), load_description()
        self.requests, self.violations, self.signed = [], [], {}
        self.on_kill = lambda full_name: None
        self._fault_texts, self._faults = list(faults), {}
        self._limits, self._limit_values, self._lock = {}, (rate_limit, content_limit), threading.Lock()
        # Objects live on another host, as at GitHub.
        roles = [("api", "127.0.0.1", port, DescribedHandler), ("uploads", "127.0.0.1", 0, DescribedHandler), ("web", "127.0.0.1", 0, DownloadHandler),
                 ("objects", "127.0.0.2", 0, DownloadHandler)]
        self._servers = [Server(self, role, (host, number), handler, certificate) for role, host, number, handler in roles]
        self.places = Places(*(server.url for server in self._servers))

    def repository(self, full_name):
        return self.account.add(full_name)

    def faults_of(self, repository):
        key = repository and repository.full_name
        with self._lock:
            return self._faults.setdefault(key, Faults(self._fault_texts)) if key not in self._faults else self._faults[key]

    def set_faults(self, full_name, texts=()):
        """New faults; counting begins anew."""
        with self._lock:
            self._faults[full_name] = Faults(texts)

    def limits_of(self, repository):
        key = repository and repository.full_name
        with self._lock:
            if key not in self._limits:
                self._limits[key] = tuple(values and Window(*values) for values in self._limit_values)
            return self._limits[key]

    def object_url(self, repository, asset):
        """A signed address, as GitHub's redirects have."""
        target = f"/assets/{asset.id}?sig={secrets.token_hex(16)}"
        self.signed[target] = (repository, asset)
        return self.places.objects + target

    def close(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()
