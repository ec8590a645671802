"""A real Docker engine for the lane, and base images made here, because not every machine reaches an image registry.

An engine that answers is used as it is. Else, as root on Debian, the engine comes from Debian's packages (testing has the first one with
the image store and the buildx that the lane wants, and nothing but the engine is taken from there), and `dockerd` runs until the lane ends.
Base images are Debian's minimal system and, on top, nvcc from the Python package index; both reach apt and pip as this machine does.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "containerd")
SUITES = ("testing", "unstable", "trixie")
SOCKET = "/var/run/docker.sock"
PREFIX = "sagebuild-test"  # repository of all images that are made here
SECONDS_TO_START = 60
# Variables by which pip and apt in a RUN step reach what they reach here.
CARRIED = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
           "http_proxy", "https_proxy", "no_proxy")
CERTIFICATES = Path("/usr/local/share/ca-certificates")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Unavailable(Exception):
    """Why there can be no engine here."""


def output_of(command, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"$ {' '.join(map(str, command))}\nexit status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def docker(*arguments, **options):
    return output_of(["docker", *arguments], **options)


def answers():
    if shutil.which("docker") is None:
        return False
    return all(subprocess.run(command, capture_output=True).returncode == 0
               for command in (["docker", "version"], ["docker", "buildx", "version"]))


# ---- packages ------------------------------------------------------------------------------------------------------------------------


def release():
    """VERSION_CODENAME and so on of /etc/os-release."""
    text = Path("/etc/os-release").read_text()
    return dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))


def apt_sources():
    """(address, suite) of each source of this machine's apt, whatever the format of its lists."""
    own = release().get("VERSION_CODENAME", "")
    lines = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True).stdout
    found = re.findall(r"^'(.*)/dists/([^/]*)/InRelease'", lines, re.MULTILINE)
    return [(address, re.sub(r"^(old)*stable(?=-|$)", own, suite)) for address, suite in found]


def apt_install(packages, environment=None):
    """Installs without starting services: the only daemon is the one that the lane starts."""
    policy = Path("/usr/sbin/policy-rc.d")
    made = not policy.exists()
    if made:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        output_of(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages],
                  env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", **(environment or {})})
    finally:
        if made:
            policy.unlink()


def foreign_apt(directory, suite):
    """An apt configuration with this machine's sources and one more suite, of which only the engine's packages may be taken: priority -1
    keeps its C library and everything else out (apt_preferences(5))."""
    main = [address for address, name in apt_sources() if name == release().get("VERSION_CODENAME")]
    if not main:
        raise Unavailable("apt has no source for this system")
    for name in ("lists/partial", "cache/archives/partial", "sources.d", "preferences.d"):
        (directory / name).mkdir(parents=True)
    own = Path("/etc/apt/sources.list.d")
    for path in [Path("/etc/apt/sources.list"), *own.glob("*.list"), *own.glob("*.sources")]:
        if path.is_file():
            name = "main.list" if path.name == "sources.list" else path.name
            shutil.copy(path, directory / "sources.d" / name)
    key = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"Signed-By: {key}\n" if key.exists() else ""
    (directory / "sources.d" / "engine.sources").write_text(
        f"Types: deb\nURIs: {main[0]}\nSuites: {suite}\nComponents: main\n{signed}")
    pins = "".join(f"Package: {names}\nPin: release {kind}={suite}\nPin-Priority: {priority}\n\n"
                   for kind in "an" for names, priority in (("*", -1), (" ".join((*PACKAGES, "tini-static")), 995)))
    (directory / "preferences.d" / "engine").write_text(pins)
    (directory / "apt.conf").write_text(
        f'Dir::State::lists "{directory}/lists";\nDir::Cache "{directory}/cache";\nDir::Etc::sourcelist "/dev/null";\n'
        f'Dir::Etc::sourceparts "{directory}/sources.d";\nDir::Etc::preferencesparts "{directory}/preferences.d";\n')
    return {"APT_CONFIG": str(directory / "apt.conf")}


def install_engine():
    failures = []
    for suite in SUITES:
        with tempfile.TemporaryDirectory(prefix="engine-apt-") as name:
            directory = Path(name)
            directory.chmod(0o755)  # apt drops its rights to download
            try:
                environment = foreign_apt(directory, suite)
                output_of(["apt-get", "update", "-qq"], env={**os.environ, **environment})
                apt_install(PACKAGES, environment)
                return
            except RuntimeError as failure:
                failures.append(f"{suite}: {str(failure).splitlines()[-1]}")
    raise Unavailable("Debian's engine does not install: " + "; ".join(failures))


# ---- the daemon ----------------------------------------------------------------------------------------------------------------------


def route_mtu():
    """The packet size that the way out of this machine takes; containers must not send larger ones."""
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        device, destination = line.split()[:2]
        if destination == "00000000":
            return min(1500, int(Path(f"/sys/class/net/{device}/mtu").read_text()))
    return 1500


class Engine:
    """An engine while it is used: `with Engine(state) as engine`."""

    def __init__(self, state):
        self.state = Path(state)
        self.process = None

    def __enter__(self):
        if answers():
            return self
        if os.geteuid() != 0 or shutil.which("apt-get") is None or release().get("ID") != "debian":
            raise Unavailable("no engine answers, and only root on Debian can install one here")
        if shutil.which("dockerd") is None or not shutil.which("docker"):
            install_engine()
        self.start()
        return self

    def start(self):
        self.state.mkdir(parents=True, exist_ok=True)
        settings, log = self.state / "daemon.json", self.state / "dockerd.log"
        # The containerd image store gives the driver `docker` what buildx' own builders have.
        settings.write_text(json.dumps({"features": {"containerd-snapshotter": True}, "mtu": route_mtu(), "log-level": "warn"}))
        with open(log, "w") as out:
            self.process = subprocess.Popen(["dockerd", "--config-file", settings, "--pidfile", self.state / "dockerd.pid", "-H",
                                             f"unix://{SOCKET}"], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        deadline = time.monotonic() + SECONDS_TO_START
        while not answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(f"dockerd does not run here: {log.read_text().strip().splitlines()[-1:]}")
            time.sleep(0.2)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __exit__(self, *_):
        try:
            remove_images()
        finally:
            self.stop()


def remove_images():
    names = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"{PREFIX}/*").split()
    if names:
        docker("image", "rm", "--force", *names)


# ---- base images ---------------------------------------------------------------------------------------------------------------------


def carried_environment():
    values = {name: os.environ[name] for name in CARRIED if os.environ.get(name)}
    # Programs with certificates of their own must take the system's, which hold the local ones.
    return {**values, **{name: BUNDLE for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}}


def make_debian(suite):
    """Debian's minimal system with this machine's mirror, certificates and pip settings."""
    image = f"{PREFIX}/debian:{suite}"
    if shutil.which("mmdebstrap") is None:
        output_of(["apt-get", "update", "-qq"])
        apt_install(["mmdebstrap"])
    own = release().get("VERSION_CODENAME")
    sources = "".join(f"deb {address} {name.replace(own, suite)} main\n" for address, name in dict.fromkeys(apt_sources())
                      if name in (own, f"{own}-updates", f"{own}-security"))
    settings = output_of(["apt-config", "dump"]).splitlines()
    options = [f"--aptopt={line}" for line in settings if re.match(r'Acquire::(Check-|Retries|https?::|ForceIPv).*[^"]";', line)]
    with tempfile.TemporaryDirectory(prefix="base-") as name:
        certificates = Path(name) / "ca-certificates"
        certificates.mkdir()
        for path in CERTIFICATES.glob("*.crt"):
            shutil.copy(path, certificates)
        hooks = [f"--customize-hook=copy-in {certificates} /usr/local/share",
                 '--customize-hook=chroot "$1" update-ca-certificates >/dev/null']
        if Path("/etc/pip.conf").exists():
            hooks.append("--customize-hook=copy-in /etc/pip.conf /etc")
        archive = Path(name) / "root.tar"
        # A fixed time makes the archive the same while the mirror is, and so the cache of what is built on it.
        # As in Debian's own images, dpkg does not wait for the disk, here and in the steps that start from this image.
        output_of(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=ca-certificates", "--dpkgopt=force-unsafe-io",
                   *hooks, *options, suite, archive, "-"],
                  input=sources, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        changes = ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 'CMD ["bash"]']
        changes += [f'ENV {key}="{value}"' for key, value in carried_environment().items()]
        docker("import", *(word for change in changes for word in ("--change", change)), archive, image)
    return image


NVCC = """\
FROM {system} AS toolkit
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
RUN python3 -m pip install --no-cache-dir --target /wheels "cuda-toolkit[nvcc,nvvm,crt,cudart,cccl]=={release}"
FROM {system}
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
COPY --from=toolkit /wheels/nvidia/cu13 /usr/local/cuda
RUN ln -s lib /usr/local/cuda/lib64
ENV PATH=/usr/local/cuda/bin:$PATH
RUN nvcc --version
"""


def make_cuda(system, toolkit):
    """nvcc of one CUDA 13 release, laid out as NVIDIA's images have it."""
    image = f"{PREFIX}/cuda:{toolkit}-devel"
    docker("build", "--tag", image, "-", input=NVCC.format(system=system, release=toolkit))
    return image

