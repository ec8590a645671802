"""Debian's nginx over a directory, as the current user, on free ports of this machine."""

import pathlib
import shutil
import socket
import subprocess
import time

CONFIG = """\
daemon off;
master_process off;
pid {state}/pid;
error_log {state}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {state}/access.log;
    client_body_temp_path {state}/body; proxy_temp_path {state}/proxy; fastcgi_temp_path {state}/fastcgi; uwsgi_temp_path {state}/uwsgi; scgi_temp_path {state}/scgi;
    types {{ text/html html; application/octet-stream whl metadata; }}
    map $http_accept $page {{ default index.html; "~application/vnd\\.pypi\\.simple\\.v1\\+json" index.json; }}
    server {{
        listen 127.0.0.1:{plain};
        location / {{ root {site}; index index.html; }}
        location /whl/v1/ {{ alias {site}/; index index.html; }}
    }}
    server {{
        listen 127.0.0.1:{negotiating};
        root {site};
        index $page;
        types {{ text/html html; application/vnd.pypi.simple.v1+json json; application/octet-stream whl metadata; }}
    }}
}}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Nginx:
    """`plain` is what every static host does; `negotiating` also has JSON under its own content type (PEP 691)."""

    def __init__(self, site: pathlib.Path, state: pathlib.Path) -> None:
        state.mkdir()
        plain, negotiating = free_ports(2)
        self.plain, self.negotiating = f"http://127.0.0.1:{plain}", f"http://127.0.0.1:{negotiating}"
        self.log = state / "access.log"
        config = state / "nginx.conf"
        config.write_text(CONFIG.format(state=state, site=site, plain=plain, negotiating=negotiating))
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(state), "-c", str(config), "-e", str(state / "error.log")])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", negotiating), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.stop()
        raise SystemExit("nginx does not start:\n" + (state / "error.log").read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def requests(self) -> list[str]:
        return self.log.read_text().splitlines()
