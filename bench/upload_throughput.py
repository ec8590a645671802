"""Bandwidth of `sagebuild release upload` against curl's into the same sink in the same run: 100 wheels of 50 MB, the stand-in of tests/github_standin
with 20 ms of latency per request. Bandwidth is bytes over the time from the sink's first upload request to the end of its last, so that hashing and
listing before it do not count; the whole command's time is written beside it. Writes bench/results/upload-throughput.json and fails outside the bounds.

usage: upload_throughput.py SAGEBUILD MAKE_EXAMPLE_WHEELS [--jobs N] [--rounds N] [--wheels N]    (the tests' Python: build/venv/bin/python)
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from host import processor

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULT = ROOT / "bench" / "results" / "upload-throughput.json"
WHEEL_BYTES = 50_000_000
RATIO_BOUND, SINK_BOUND, MEMORY_BOUND = 0.8, 500, 64  # of curl; MB/s; MB
sys.path.insert(0, str(ROOT / "tests" / "real" / "release"))

from wheels import make_wheels  # noqa: E402


class Sink:
    """The stand-in in a process of its own."""

    def __init__(self, repositories: list[str]):
        command = [sys.executable, "-m", "github_standin", "--discard", "--faults", "*:latency=0.02"]
        self.process = subprocess.Popen([*command, *(word for name in repositories for word in ("--repository", name))], cwd=ROOT / "tests",
                                        stdout=subprocess.PIPE, text=True)
        self.places = json.loads(self.process.stdout.readline())

    def ask(self, path: str, data: dict | None = None):
        request = urllib.request.Request(self.places["api"] + path, json.dumps(data).encode() if data else None,
                                         {"Authorization": f"Bearer {self.places['token']}", "Content-Type": "application/json", "User-Agent": "bench"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def upload_seconds(self, repository: str, count: int) -> float:
        """Time of the uploads of wheels, as the sink saw it."""
        uploads = [item for item in self.ask("/_standin")["requests"] if item.get("repository") == repository
                   and item["operation"] == "upload-release-asset" and ".whl" in item["target"]]
        assert [item["status"] for item in uploads] == [201] * count, uploads
        return max(item["begin"] + item["seconds"] for item in uploads) - min(item["begin"] for item in uploads)


def run_curl(sink: Sink, repository: str, wheels: list[pathlib.Path], jobs: int, scratch: pathlib.Path) -> float:
    """As many curls at once as the tool has uploads; each keeps its connection for all of its wheels."""
    release = sink.ask(f"/repos/{repository}/releases", {"tag_name": "v1.0", "draft": True})["id"]
    header = scratch / "header"
    header.write_text(f"Authorization: Bearer {sink.places['token']}\n")
    processes = []
    for job in range(jobs):
        parts = []
        for wheel in wheels[job::jobs]:
            target = f"{sink.places['uploads']}/repos/{repository}/releases/{release}/assets?name={wheel.name}"
            parts += [*(["--next"] if parts else []), "-sS", "-f", "--noproxy", "*", "-o", os.devnull, "-X", "POST", "-H", f"@{header}", "-H", "Expect:",
                      "-H", "Content-Type: application/octet-stream", "-T", str(wheel), target]
        processes.append(subprocess.Popen(["curl", *parts]))
    assert [process.wait() for process in processes] == [0] * len(processes)
    return sink.upload_seconds(repository, len(wheels))


def run_tool(sagebuild: pathlib.Path, sink: Sink, repository: str, wheels: list[pathlib.Path], jobs: int, scratch: pathlib.Path):
    """Seconds of the uploads, seconds of the whole command, peak memory in MB."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "GITHUB_TOKEN": sink.places["token"]}
    command = [sagebuild, "release", "upload", "--repository", repository, "--tag", "v1.0", "--api", sink.places["api"], "--from", wheels[0].parent,
               "--jobs", str(jobs), "--per-minute", "0", "--per-hour", "0"]
    begin = time.monotonic()
    process = subprocess.Popen([*map(str, command)], env=environment, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        status = pathlib.Path(f"/proc/{process.pid}/status")
        while not done.wait(0.02):
            lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            peak = max([peak, *(int(line.split()[1]) for line in lines)])

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = process.stdout.read()
    done.set()
    watcher.join()
    if process.wait() != 0:
        sys.exit(f"error: {command} ended with {process.returncode}\n{output[-4000:]}")
    return sink.upload_seconds(repository, len(wheels)), time.monotonic() - begin, peak / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sagebuild", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("make_example_wheels", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wheels", type=int, default=100)
    arguments = parser.parse_args()

    rounds = []
    with tempfile.TemporaryDirectory(prefix="upload-throughput-", dir="/dev/shm") as name:
        scratch = pathlib.Path(name)
        (scratch / "dist").mkdir()
        wheels = make_wheels(arguments.make_example_wheels, scratch / "dist", arguments.wheels, os.urandom(WHEEL_BYTES))
        megabytes = sum(wheel.stat().st_size for wheel in wheels) / 1e6
        sink = Sink([f"{who}/round{number}" for number in range(arguments.rounds) for who in ("curl", "tool")])
        for number in range(arguments.rounds):
            curl = megabytes / run_curl(sink, f"curl/round{number}", wheels, arguments.jobs, scratch)
            seconds, whole, peak = run_tool(arguments.sagebuild, sink, f"tool/round{number}", wheels, arguments.jobs, scratch)
            rounds.append({"curl_mb_per_s": round(curl), "tool_mb_per_s": round(megabytes / seconds), "ratio": round(megabytes / seconds / curl, 3),
                           "command_seconds": round(whole, 1), "peak_mb": round(peak, 1), "load_average": round(os.getloadavg()[0], 1)})
            print(json.dumps(rounds[-1]), flush=True)
        sink.process.terminate()
        assert sink.process.wait() == 0, "the description was violated"

    def version(*command: object) -> str:
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout.splitlines()[0]

    result = {
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "sagebuild": version(arguments.sagebuild, "--version"),
        "curl": " ".join(version("curl", "--version").split()[:2]),
        "date": datetime.date.today().isoformat(),
        "wheels": arguments.wheels,
        "megabytes": round(megabytes),
        "jobs": arguments.jobs,
        "latency_ms": 20,
        "ratio": statistics.median(item["ratio"] for item in rounds),
        "ratio_bound": RATIO_BOUND,
        "sink_mb_per_s": max(item["curl_mb_per_s"] for item in rounds),
        "sink_bound": SINK_BOUND,
        "peak_mb": max(item["peak_mb"] for item in rounds),
        "peak_bound": MEMORY_BOUND,
        "rounds": rounds,
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["ratio"] >= RATIO_BOUND and result["sink_mb_per_s"] >= SINK_BOUND and result["peak_mb"] <= MEMORY_BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
