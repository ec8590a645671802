"""Environments and wheels at random, and what `select` and the page answer about them."""

import json
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = [line for line in (ROOT / "tests/data/wheel-names.txt").read_text().splitlines() if line and not line.startswith("#")]
OWN = [f"sageattention-2.2.0-{torch}.{cuda}-cp{python}-cp{python}-linux_x86_64.whl"
       for torch, cuda in (("260", "126"), ("270", "128"), ("280", "129"), ("281", "129")) for python in ("39", "310", "312", "313")]
UNIVERSAL = [f"sageattention-2.2.0-py3-none-manylinux_2_17_{cpu}.manylinux2014_{cpu}.whl" for cpu in ("x86_64", "aarch64")]
ODD = [
    "sageattention-2.2.0.whl", "sageattention-2.2.0-py2.py3-none-any.whl", "sageattention-2.3.0rc1-cp313-cp313t-win_amd64.whl",
    "sageattention-2.2.0-cp310-abi3-manylinux_2_28_x86_64.whl", "sageattention-2.2.0-cp310-abi3-musllinux_1_2_x86_64.whl",
    "sageattention-2.2.0-cp312-cp312-macosx_14_0_arm64.whl", "sageattention-2.2.0-cp312-cp312.none-linux_x86_64.any.whl",
    "torch-2.8.0-cp312-cp312-manylinux_2_28_x86_64.whl", "sageattention-2.2.0-cp312-cp312-linux_ppc64le.whl",
    "sageattention-2.2.0-cp313.cp314-abi3t.none-manylinux_2_34_aarch64.manylinux_2_39_aarch64.whl",
]
IMAGES = [["8.0", "8.6", "8.9", "9.0a", "12.0+PTX"], ["7.5"], ["9.0", "10.0a", "12.0f"], ["8.0+PTX"], ["8.7", "11.0"], []]


def random_wheel(rng: random.Random, name: str) -> str:
    """A line of a names file."""
    wheel = {"name": name}
    if rng.random() < 0.5:
        wheel["sm"] = rng.choice(IMAGES)
    if rng.random() < 0.3:
        wheel["dispatch"] = rng.sample(["7.5", "8.0", "8.6", "8.9", "9.0", "12.0"], 3)
    if rng.random() < 0.4:
        wheel["toolkit"] = rng.choice(["12.6.3", "12.8.1", "12.9.1", "13.0.2", "12.0"])
    if rng.random() < 0.3:
        wheel["any_torch"] = True
    if rng.random() < 0.3:
        wheel["requires_python"] = rng.choice([">=3.9", ">=3.10,<3.13", "!=3.12.*", "==3.11.*", "not a specifier"])
    if rng.random() < 0.1:
        wheel["yanked"] = True
    if rng.random() < 0.8:
        wheel["url"] = "https://example.org/wheels/" + name.replace("+", "%2B")
        wheel["sha256"] = f"{rng.getrandbits(256):064x}"
    return json.dumps(wheel)


def random_wheels(rng: random.Random) -> str:
    """A names file: one project or several, some opened, some known by name alone."""
    names = rng.sample(OWN, 8) + UNIVERSAL + rng.sample(ODD, 4)
    project = rng.choice(["flash_attn", "sageattention", "spas_sage_attn", "nunchaku"])
    alike = [name for name in NAMES if name.lower().startswith(project)]
    names += rng.sample(alike, min(len(alike), rng.choice([0, 20]))) + rng.sample(NAMES, rng.choice([0, 20]))
    return "".join((random_wheel(rng, name) if rng.random() < 0.6 else name) + "\n" for name in dict.fromkeys(names))


def random_environment(rng: random.Random) -> dict:
    """Facts of every kind, each also unknown; and often those of a usual machine, where much fits."""
    if rng.random() < 0.35:
        return {"python": rng.choice(["3.10", "3.12", "3.13"]), "free_threaded": False, "torch": rng.choice(["2.6.0", "2.7.1", "2.8.0", "2.8.1", "2.11.0"]),
                "torch_cuda": rng.choice(["12.6", "12.8", "12.9", "13.0"]), "driver": rng.choice(["525.60.13", "560.94", "575.57.08", "580.159.04"]),
                "os": rng.choice(["linux", "linux", "windows"]), "arch": "x86_64", "glibc": rng.choice(["2.28", "2.35", "2.39"]),
                "sm": [rng.choice(["7.5", "8.0", "8.6", "8.9", "9.0", "12.0"])], "torch_cxx11_abi": rng.choice([None, True])}
    python = rng.choice([None, "3.9", "3.10", "3.12", "3.13", "3.14"])
    return {
        "python": python,
        "free_threaded": rng.choice([None, False, False, True]) if python else None,
        "torch": rng.choice([None, "2.4.1", "2.5.0", "2.6", "2.6.0", "2.7.1", "2.8.0", "2.8.1", "2.8.7", "2.9.1", "2.15.0"]),
        "torch_cuda": rng.choice([None, "cpu", "11.8", "12.1", "12.6", "12.8", "12.9", "13.0"]),
        "torch_cxx11_abi": rng.choice([None, None, True, False]),
        "driver": rng.choice([None, "440.33", "525.60.13", "527.41", "550.54.15", "560.94", "570.124.06", "575.57.08", "580.159.04", "610.43.02"]),
        "os": rng.choice([None, "linux", "linux", "linux", "windows", "macos"]),
        "arch": rng.choice([None, "x86_64", "x86_64", "aarch64", "AMD64", "arm64", "ppc64le", "riscv64"]),
        "glibc": rng.choice([None, "2.17", "2.27", "2.28", "2.35", "2.36", "2.39", "2.41"]),
        "sm": rng.choice([None, [], ["8.9"], ["9.0"], ["12.0"], ["12.1"], ["8.6", "12.0"], ["9.0", "8.9", "7.5"], ["11.0"], ["10.1"], ["6.1"], ["8.7"]]),
    }


def address_of(environment: dict, project: str) -> str:
    """The page's fragment for an environment."""
    from urllib.parse import urlencode
    python = environment["python"]
    if python and environment["free_threaded"] is not False:
        python += "t" if environment["free_threaded"] else "?"
    abi = environment["torch_cxx11_abi"]
    values = {"package": project, "os": environment["os"], "cpu": environment["arch"], "glibc": environment["glibc"], "python": python,
              "torch": environment["torch"], "cuda": environment["torch_cuda"], "abi": None if abi is None else "new" if abi else "old",
              "gpu": None if environment["sm"] is None else ", ".join(environment["sm"]) or "none", "driver": environment["driver"]}
    return urlencode({key: value for key, value in values.items() if value})


def ask_select(sagebuild: pathlib.Path, directory: pathlib.Path, names: pathlib.Path, environment: dict, project: str, with_lines: bool) -> dict:
    """The JSON of `select` as the page tells it, with the lines that install the pick."""
    file = directory / "environment.json"
    file.write_text(json.dumps(environment))
    command = [sagebuild, "select", "--names", names, "--environment", file, *(["--project", project] if project else [])]
    answer = json.loads(subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True).stdout)
    conditions = {}
    for condition in answer["conditions"]:
        conditions.setdefault(condition["name"], []).append([condition["depends_on"], condition["text"]])
    against = {wheel["name"]: wheel["named_for"] for wheel in answer["against_name"]}
    lines = None
    if with_lines and answer["pick"]:
        text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
        lines = re.findall(r"^  (pip install .*|uv pip install .*)$", text, re.MULTILINE) + re.findall(r"^  requirements: (.*)$", text, re.MULTILINE)
    return {
        "pick": answer["pick"],
        "lines": lines,
        "acceptable": [[name, conditions.get(name, []), against.get(name)] for name in answer["acceptable"]],
        "rejected": [[wheel["name"], [[reason["category"], reason["text"]] for reason in wheel["reasons"]]] for wheel in answer["rejected"]],
    }


READ_PAGE = """(() => {
  const texts = (element, key) => [...element.querySelectorAll(':scope > ul > li')].map((item) => [item.dataset[key], item.firstChild.textContent]);
  const list = (id, item) => {
    const box = document.getElementById(id).parentElement;
    box.open = true;
    box.dispatchEvent(new Event('toggle'));
    const more = box.querySelector('.more');
    while (!more.hidden) more.click();
    return [...document.getElementById(id).children].map(item);
  };
  const name = (item) => item.querySelector('.wheel').textContent;
  const named = (item) => item.querySelector('.named')?.textContent.replace('works, but is named for ', '') ?? null;
  const lines = [...document.querySelectorAll('#about .line code')].map((code) => code.textContent);
  return {
    pick: lines.length > 0 ? document.querySelector('#about .wheel').textContent : null,
    lines,
    acceptable: list('acceptable', (item) => [name(item), texts(item, 'dependsOn'), named(item)]),
    rejected: list('rejected', (item) => [name(item), texts(item, 'category')]),
  };
})()"""
