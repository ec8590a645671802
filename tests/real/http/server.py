"""Web servers on loopback that answer well, badly or not at all."""

import gzip
import hashlib
import http.server
import json
import socket
import ssl
import struct
import subprocess
import threading
import urllib.parse

WHEELS = [f"demo-1.{number}-py3-none-any.whl" for number in range(150)]
GONE = threading.Event()  # set at the end, so that no handler waits on


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, kind="text/plain", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, to, status=302):
        self.answer(b"elsewhere", status, Location=to)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        page = getattr(self, "page_" + url.path.strip("/").split("/")[0].replace("-", "_"), None)
        if page is None:
            self.answer(b"no such page", 404)
        else:
            page(query)

    def page_hello(self, _):
        self.answer(b"hello", X_Kind="greeting")

    def page_headers(self, _):
        self.answer(json.dumps(dict(self.headers.items())).encode(), kind="application/json")

    def page_redirect(self, query):
        self.redirect(query["to"], int(query.get("status", 302)))

    def page_loop(self, _):
        self.redirect("/loop")

    def page_silent(self, _):
        GONE.wait(60)
        self.close_connection = True

    def page_stalled(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"begin")
        self.wfile.flush()
        self.page_silent(None)

    def page_big(self, query):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(int(query["kilobytes"])):
            self.wfile.write(b"400\r\n" + bytes(1024) + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def page_packed(self, query):
        self.answer(gzip.compress(bytes(int(query["kilobytes"]) * 1024)), Content_Encoding="gzip")

    def page_short(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")
        self.close_connection = True

    def page_reset(self, _):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def page_garbage(self, _):
        self.wfile.write(b"SMTP ready\r\n\r\n")
        self.close_connection = True

    def page_flood(self, _):
        self.send_response(200)
        for number in range(400):
            self.send_header(f"X-{number}", "x" * 1000)
        self.end_headers()

    def page_refused(self, query):
        self.answer(json.dumps({"message": "no\x1b[2J entry"}).encode(), int(query["status"]), "application/json")

    # An index below /index/ (JSON for who asks for it, /moved/ is its old place) and the releases of one repository.

    def page_moved(self, _):
        self.redirect(self.path.replace("/moved/", "/index/"), 301)

    def page_index(self, _):
        if self.path not in ("/index/html/demo/", "/index/json/demo/"):
            return self.answer(b"no such page", 404)
        if self.path.startswith("/index/json/") and "application/vnd.pypi.simple.v1+json" in self.headers["Accept"]:
            files = [{"filename": name, "url": f"../../../files/{name}", "hashes": {"sha256": "ab" * 32}, "yanked": False} for name in WHEELS[:2]]
            page = json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": files})
            return self.answer(page.encode(), kind="application/vnd.pypi.simple.v1+json")
        links = "".join(f'<a href="../../../files/{name}#sha256={"ab" * 32}" data-requires-python="&gt;=3.9">{name}</a>' for name in WHEELS[:2])
        return self.answer(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), kind="text/html")

    def page_repos(self, query):
        path = self.path.partition("?")[0]
        if self.headers["Authorization"] != "Bearer token-of-the-test":
            return self.answer(b'{"message": "Requires authentication"}', 401, "application/json")
        if path == "/repos/owner/demo/releases/latest":
            return self.answer(b'{"id": 1, "tag_name": "v1"}', kind="application/json")
        if path != "/repos/owner/demo/releases/1/assets":
            return self.answer(b'{"message": "Not Found"}', 404, "application/json")
        page, size = int(query["page"]), int(query["per_page"])
        assets = [{"id": 7, "name": name, "state": "uploaded", "size": 1, "digest": "sha256:" + "cd" * 32,
                   "browser_download_url": f"https://files.example/{name}"} for name in WHEELS[(page - 1) * size:page * size]]
        more = {"Link": f'<http://x/?page={page + 1}>; rel="next"'} if page * size < len(WHEELS) else {}
        return self.answer(json.dumps(assets).encode(), kind="application/json", **more)

    def take(self):
        digest, size = hashlib.sha256(), int(self.headers.get("Content-Length", 0))
        left = size
        while left > 0:
            piece = self.rfile.read(min(left, 1 << 16))
            digest.update(piece)
            left -= len(piece)
        self.answer(f"{self.command} {size} {digest.hexdigest()}".encode())

    def do_PUT(self):
        if self.path == "/hangs-up":
            self.page_reset(None)
        else:
            self.take()

    do_POST = do_PATCH = do_DELETE = take


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that break off are what is tested here."""


def start(handler=Handler, certificate=None):
    """A running server on a free port of 127.0.0.1; `certificate` is a (certificate, key) pair of files."""
    server = Server(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        # The handshake happens at the first read, in the thread of the connection: a client that refuses us blocks nobody.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def url_of(server, scheme="http", host="127.0.0.1"):
    return f"{scheme}://{host}:{server.server_address[1]}"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_authority(directory):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-keyout", directory / "authority.key", "-out", directory / "authority.pem")
    return directory / "authority.pem"


def make_certificate(directory, name, names):
    """(certificate, key) for the alternative names, `DNS:localhost,IP:127.0.0.1`, signed by the authority."""
    files = directory / f"{name}.pem", directory / f"{name}.key"
    request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
    extensions.write_text(f"subjectAltName={names}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-keyout", files[1], "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", directory / "authority.pem", "-CAkey", directory / "authority.key", "-days", "2",
            "-extfile", extensions, "-out", files[0])
    return files
