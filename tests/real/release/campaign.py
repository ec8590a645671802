"""Uploads that are broken in every way that the stand-in knows, with the real binary.

    campaign.py SAGEBUILD MAKE_EXAMPLE_WHEELS [--only TEXT] [--processes N] [--jobs N]

Each run has a repository of its own, with an older release in it. One upload meets faults, is killed, or meets another uploader; then one without
faults must complete the release. What must hold after either:

- the older release is as it was,
- one release of the tag is published at most, and it is complete: every wheel and document once, in state `uploaded`, with the right bytes,
- exit code 0 means exactly that,
- after the second upload the release is published and no draft of the tag is left,
- nothing violated GitHub's description.

SAGEBUILD_SEED repeats the random part.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import github_standin  # noqa: E402
from uploader import TAG, Uploader, digests  # noqa: E402
from wheels import make_wheels  # noqa: E402

ANYWHERE = ["latency=0.3", "close", "reset", "close-after", "reset-after", "truncate", "reset-answer", "401", "403", "403-rate", "403-secondary", "404",
            "409", "422", "429", "429-rate", "500", "502", "503", "after-502", "kill", "kill-after"]
UPLOADS = ["reset-body", "close-body", "kill-body", "starter-502", "early-422", "early-502"]
RANDOM_RUNS, PAIRS, TIME_LIMIT = 40, 40, 180


class Run:
    """One scenario: its faults, how many uploaders, whether remains lie in the repository, whether releases are immutable there, and whether the
    server states digests (without them the uploader has to download what it compares)."""

    def __init__(self, name, faults, uploaders=1, remains=False, immutable=False, digests=True):
        self.name, self.faults, self.uploaders = name, faults, uploaders
        self.remains, self.immutable, self.digests = remains, immutable, digests

    @property
    def is_troubled(self):
        return any("latency" not in fault for fault in self.faults)

    def __str__(self):
        kinds = {"remains": self.remains, "immutable": self.immutable, "no digests": not self.digests}
        return f"{self.name} {self.faults} {', '.join(kind for kind, is_so in kinds.items() if is_so)}"


class Campaign:
    def __init__(self, standin, uploader, seed):
        self.standin, self.uploader, self.seed = standin, uploader, seed
        self.processes, self.lock = {}, threading.Lock()
        self.wheels = digests(uploader.wheels)
        self.expected = None
        standin.on_kill = self.kill

    def kill(self, full_name):
        """SIGKILL to one uploader of the repository that still runs."""
        with self.lock:
            for process in self.processes.get(full_name, []):
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    return

    def upload(self, full_name, count):
        """Exit codes and what was said."""
        with self.lock:
            started = self.processes[full_name] = [self.uploader.start(full_name) for _ in range(count)]
        outputs = []
        for process in started:
            try:
                outputs.append((process.communicate(timeout=TIME_LIMIT)[0], process.returncode))
            except subprocess.TimeoutExpired:
                process.kill()
                outputs.append((process.communicate()[0] + f"\nnot done after {TIME_LIMIT} s", None))
        return outputs

    def published(self, repository):
        return [item for item in repository.releases.values() if item.tag == TAG and not item.draft]

    def problems(self, repository, older, outputs, run=None):
        """What does not hold."""
        found = []
        if repository.releases.get(older["id"]) is None or dataclasses.asdict(repository.releases[older["id"]]) != older:
            found.append("the older release changed")
        published = self.published(repository)
        if len(published) > 1:
            found.append(f"{len(published)} releases of the tag are published")
        for release in published:
            names = [item.name for item in release.assets.values()]
            if len(names) != len(set(names)):
                found.append(f"assets twice: {sorted(names)}")
            if (here := {item.name: item.sha256 for item in release.assets.values()}) != (self.expected or here):
                found.append(f"published with {sorted(here)}, which are not the expected assets or bytes")
            if wrong := [name for name, digest in self.wheels.items() if here.get(name) != digest]:
                found.append(f"published without {wrong}")
            if starters := [item.name for item in release.assets.values() if item.state != "uploaded"]:
                found.append(f"published with starters {starters}")
        codes = [code for _, code in outputs]
        if 0 in codes and not published:
            found.append("exit code 0, and nothing is published")
        if None in codes:
            found.append("an upload hung")
        if run:
            if codes != [0]:
                found.append(f"the last upload ended with {codes[0]}")
            drafts = [item for item in repository.releases.values() if item.tag == TAG and item.draft]
            if run.uploaders > 1 and run.is_troubled:  # what a broken rival made besides is empty, and nobody else may take it away
                drafts = [item for item in drafts if item.assets]
            if drafts:
                found.append(f"drafts {[item.id for item in drafts]} are left")
        return found

    def execute(self, run):
        full_name = f"owner/{secrets.token_hex(6)}"
        repository = self.standin.repository(full_name)
        repository.immutable_releases = run.immutable
        older = dataclasses.asdict(repository.add_release("v0.9", {"demo-0.9-py3-none-any.whl": b"old"}))
        repository.states_digests = run.digests
        if run.remains:
            leave_remains(repository, self.uploader.wheels)
        self.standin.set_faults(full_name, run.faults)
        first = self.upload(full_name, run.uploaders)
        problems = self.problems(repository, older, first)
        between = describe(repository)
        self.standin.set_faults(full_name)
        second = self.upload(full_name, 1)
        problems += self.problems(repository, older, second, run)
        if not problems:
            return None
        log = [f"  {item['host']} {item['method']} {item['target']} -> {item['status']} {item['faults'] or ''}" for item in list(self.standin.requests)
               if item.get("repository") == full_name]
        outputs = [f"exit {code}: {text}" for text, code in first + second]
        return "\n".join([f"FAILED {run}", *(f"  ! {item}" for item in problems), "  between:", *between, "  end:",
                          *describe(repository), *log, *outputs])

    def learn(self):
        """An upload without faults: the operations that it asks for, and the assets that it leaves."""
        repository = self.standin.repository("owner/model")
        outputs = self.upload("owner/model", 1)
        if outputs[0][1] != 0:
            sys.exit(f"the upload without faults failed\n{outputs[0][0]}")
        (release,) = self.published(repository)
        self.expected = {item.name: item.sha256 for item in release.assets.values()}
        return [item["operation"] for item in self.standin.requests if item.get("repository") == "owner/model"]

    def runs(self, operations):
        chance = random.Random(self.seed)
        for number, operation in enumerate(operations, 1):
            for index, what in enumerate(ANYWHERE + (UPLOADS if operation == "upload-release-asset" else [])):
                yield Run(f"request {number} ({operation})", [f"n={number}:{what}"], immutable=bool((number + index) % 2))
            yield Run(f"silence from request {number} on", [f"n={number}-9999:reset"])
            yield Run(f"kill at request {number}", [f"n={number}:kill"], remains=True, digests=False)
        for number in range(RANDOM_RUNS):
            places = chance.sample(range(1, len(operations) + 6), chance.randint(2, 5))
            yield Run(f"random {number}", [f"n={place}:{chance.choice(ANYWHERE + UPLOADS)}" for place in places],
                      remains=chance.random() < 0.5, immutable=bool(number % 2), digests=chance.random() < 0.7)
        for number in range(PAIRS):
            shuffle = [f"n={place}:latency={chance.uniform(0, 0.05):.3f}" for place in range(1, 3 * len(operations))]
            trouble = [f"n={chance.randint(1, 2 * len(operations))}:{chance.choice(ANYWHERE + UPLOADS)}"] if number % 2 else []
            yield Run(f"two uploaders {number}", shuffle + trouble, uploaders=2, immutable=number % 4 > 1)


def leave_remains(repository, wheels):
    """A draft of the tag, as a broken upload leaves it: one wheel whole, one begun."""
    whole, begun = sorted(wheels.iterdir())[:2]
    draft = repository.add_release(TAG, {whole.name: whole.read_bytes()}, draft=True)
    repository.begin_asset(draft.id, begun.name, "", "application/octet-stream", 1)


def describe(repository):
    return [f"  {item.id} {item.tag} {'draft' if item.draft else 'published'} {sorted((asset.name, asset.state) for asset in item.assets.values())}"
            for item in repository.releases.values()]


def run_share(options, seed, index):
    """One process's part, with a stand-in of its own: how many runs, requests and faults, and how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sagebuild-release-") as name, github_standin.running() as standin:
        home, wheels = Path(name, "home"), Path(name, "dist")
        home.mkdir()
        wheels.mkdir()
        make_wheels(options.make_example_wheels, wheels, 2)
        campaign = Campaign(standin, Uploader(options.sagebuild, standin, wheels, home), seed)
        operations = campaign.learn()
        if index == 0:
            print(f"without faults: {' '.join(operations)}", flush=True)
        runs = [run for run in campaign.runs(operations) if options.only in str(run)][index::options.processes]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for failure in filter(None, pool.map(campaign.execute, runs)):
                failed += 1
                print(failure, flush=True)
        return len(runs), len(standin.requests), sum(bool(item["faults"]) for item in standin.requests), failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sagebuild", type=lambda text: Path(text).resolve())
    parser.add_argument("make_example_wheels", type=lambda text: Path(text).resolve())
    parser.add_argument("--only", default="", help="only runs whose name or faults hold this text")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--jobs", type=int, default=4, help="runs at a time of each process")
    options = parser.parse_args()
    seed = int(os.environ.get("SAGEBUILD_SEED") or random.SystemRandom().randrange(1 << 31))
    print(f"SAGEBUILD_SEED={seed}", flush=True)

    begin = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(options.processes) as pool:
        shares = list(pool.map(run_share, *zip(*((options, seed, index) for index in range(options.processes)))))
    runs, requests, faults, failed = map(sum, zip(*shares))
    print(f"{runs} runs, {requests} requests, {faults} of them with faults, {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
