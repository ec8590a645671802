"""The wheel finder page in a real browser: equal to `select`, pasted facts, keyboard, screen reader, dark mode, 320 px, security policy.

usage: check_finder_page.py SAGEBUILD MAKE_FINDER_PAGE MAKE_EXAMPLE_WHEELS [--screenshots DIRECTORY] [unittest arguments]
"""

import functools
import hashlib
import http.server
import importlib.util
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import equality  # noqa: E402
from chromium import Chromium, contrast  # noqa: E402

SEED = int(os.environ.get("SAGEBUILD_SEED", random.SystemRandom().randrange(1 << 32)))
SCREENSHOTS = None


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="sagebuild-page-")
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.browser = Chromium(shutil.which("chromium"))

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.temporary.cleanup()

    def make(self, names: str, name: str = "finder") -> pathlib.Path:
        (self.directory / f"{name}.txt").write_text(names)
        page = self.directory / f"{name}.html"
        subprocess.run([MAKE_FINDER_PAGE, self.directory / f"{name}.txt", page], check=True)
        return page


class Equality(Page):
    def test_it_answers_as_select_does(self):
        rng = random.Random(SEED)
        cases = picks = 0
        for number in range(13):
            names = equality.random_wheels(rng)
            page = self.make(names)
            self.browser.open(page.as_uri())
            projects = self.browser.run("[...document.querySelectorAll('#package option')].map((option) => option.value)") or [""]
            for _ in range(40):
                environment = equality.random_environment(rng)
                project = rng.choice([rng.choice(projects), "sageattention" if "sageattention" in projects else ""])
                expected = equality.ask_select(SAGEBUILD, self.directory, self.directory / "finder.txt", environment, project, cases % 4 == 0)
                self.browser.run(f"location.hash = {json.dumps(equality.address_of(environment, project))}; new Promise((done) => setTimeout(done, 0))")
                found = self.browser.run(equality.READ_PAGE)
                if expected["lines"] is None:
                    found["lines"] = None
                self.maxDiff = 5000
                self.assertEqual(found, expected, f"SAGEBUILD_SEED={SEED}, set {number}, project `{project}`, {environment}\n{names}")
                cases += 1
                picks += expected["pick"] is not None
        print(f"{cases} answers equal those of select, {picks} with a pick (SAGEBUILD_SEED={SEED})")
        self.assertGreaterEqual(cases, 500)
        self.assertGreater(picks, cases // 10)


OWN = """
{"name": "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", "sm": ["8.0", "8.6", "8.9", "9.0"], "any_torch": true, "toolkit": "12.9.1", "url": "https://example.org/v2/sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", "sha256": "c09a4ad021a9613f1980836f44522843fce7b116792124127c43a8af137f543d"}
{"name": "sageattention-2.2.0-260.126-cp312-cp312-linux_x86_64.whl", "sm": ["8.0", "8.6", "8.9", "9.0"], "any_torch": true, "toolkit": "12.6.3", "url": "https://example.org/v2/sageattention-2.2.0-260.126-cp312-cp312-linux_x86_64.whl"}
{"name": "sageattention-2.2.0-260.126-cp311-cp311-linux_x86_64.whl", "sm": ["8.0", "8.6", "8.9", "9.0"], "any_torch": true, "toolkit": "12.6.3", "yanked": true}
{"name": "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "sm": ["9.0", "12.0+PTX"], "any_torch": true, "toolkit": "12.9.1", "url": "wheels/sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"}
sageattention-2.2.0+cu128torch2.7.1cxx11abiTRUE-cp312-cp312-win_amd64.whl
"""
FITTING = "os=linux&cpu=x86_64&glibc=2.36&python=3.12&torch=2.8.0&cuda=12.9&gpu=8.9&driver=575.57.08"
SCENES = {"fits": FITTING, "open": "os=linux&python=3.12", "none": FITTING.replace("linux", "macos"), "start": "", "wrong": "gpu=Voodoo+2&driver=new&torch=1.13.1",
          "against": FITTING.replace("2.8.0", "2.6.0").replace("12.9", "13.0"), "yanked": FITTING.replace("3.12", "3.11")}


class UserInterface(Page):
    def setUp(self):
        self.page = self.make(OWN)
        self.browser.prefer(prefers_color_scheme="light")
        self.browser.resize(1280, 900)
        self.open()

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def open(self, fragment: str = "") -> None:
        self.browser.open(self.page.as_uri() + (f"#{fragment}" if fragment else ""))

    def text(self, selector: str) -> str:
        return self.browser.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def values(self) -> dict[str, str]:
        return self.browser.run("Object.fromEntries([...document.querySelectorAll('#facts select, #facts input')].map(({id, value}) => [id, value]))")

    def paste(self, text: str) -> str:
        self.browser.run(f"""(() => {{ document.getElementById('paste').open = true; const box = document.getElementById('pasted');
            box.value = {json.dumps(text)}; box.dispatchEvent(new Event('input', {{bubbles: true}})); }})()""")
        return self.text("#pasted-note")

    def screenshot(self, name: str) -> None:
        if SCREENSHOTS:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            self.browser.screenshot(SCREENSHOTS / f"{name}.png")

    def focused(self) -> str:
        return self.browser.run("document.activeElement.id || document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")

    def test_it_needs_nothing_else(self):
        self.open(FITTING)
        self.assertEqual(self.browser.requested(), [self.page.as_uri()])
        text = self.page.read_text()
        self.assertIn("default-src 'none'; style-src 'sha256-", text)
        self.assertNotIn("unsafe", text)
        # the policy is in force: a script that is not the page's own does not run
        self.browser.run("(() => { const script = document.createElement('script'); script.textContent = 'window.intruder = 1'; document.body.append(script); })()")
        self.assertIsNone(self.browser.run("window.intruder"))
        self.assertTrue(any("Content Security Policy" in text for text in self.browser.complaints()))
        self.browser.events = []

    def test_foreign_names_are_text(self):
        names = ["sageattention-1.0-py3-none-any.whl", "</script><img src=x onerror=alert(1)>.whl",
                 "<b>b</b>-1-py3-none-any.whl", "sage\u202eattention-1.0-py3-none-any.whl"]
        url = "javascript:alert(1)//'$(touch x)`"
        page = self.make("".join(json.dumps({"name": name, "url": url, "requires_python": "<i>3"}) + "\n" for name in names), "hostile")
        self.browser.open(page.as_uri())
        found = self.browser.run(equality.READ_PAGE)
        self.assertEqual(self.browser.run("document.querySelectorAll('#result img, #others img, #others b, i').length"), 0)
        self.assertIn("</script><img src=x onerror=alert(1)>.whl", [wheel[0] for wheel in found["rejected"]])
        self.assertNotIn("\u202e", json.dumps(found, ensure_ascii=False))
        self.assertEqual(self.browser.run("document.querySelectorAll('a').length"), 0, "no address becomes a link")
        self.open("package=sageattention&gpu=%3Cimg%20src%3Dx%3E&torch=%3Cb%3E&cpu=%22%3E%3Cb%3E")
        self.assertEqual(self.browser.run("document.querySelectorAll('#facts img, #facts b').length"), 0)

    def test_the_command_is_for_a_shell(self):
        self.open(FITTING.replace("=8.9", "=12.0"))
        line = self.text("#about .line code")
        self.assertEqual(line, "pip install " + (self.page.parent / "wheels/sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").as_uri())
        page = self.make('{"name": "a-1-py3-none-any.whl", "url": "https://example.org/it\'s $(here)/a-1-py3-none-any.whl"}\n', "shell")
        self.browser.open(page.as_uri())
        self.assertEqual(self.text("#about .line code"), "pip install 'https://example.org/it'\\''s $(here)/a-1-py3-none-any.whl'")

    def test_pasted_environments(self):
        environment = {"python": "3.12.3", "free_threaded": False, "torch": "2.8.0+cu129", "torch_cuda": "12.9", "torch_cxx11_abi": True, "driver": "575.57.08",
                       "toolkit": None, "os": "linux", "arch": "AMD64", "glibc": "2.37", "sm": ["8.9", "8.6"]}
        expected = {"os": "linux", "cpu": "x86_64", "glibc": "2.37", "python": "3.12", "torch": "2.8.0", "cuda": "12.9", "abi": "new", "gpu": "8.9, 8.6", "driver": "575.57.08"}
        note = self.paste(json.dumps(environment))
        self.assertEqual(note, "Read: System, CPU, glibc, Python, torch, CUDA of torch, C++ ABI of torch, GPU, Driver.")
        self.assertEqual(self.values(), expected)
        self.assertEqual(self.text("#answer"), "This wheel fits")
        run = subprocess.run([SAGEBUILD, "doctor", "--json"], capture_output=True, text=True, check=True)
        here = json.loads(run.stdout)["environment"]
        self.assertTrue(self.paste(run.stdout).startswith("Read: "))
        self.assertEqual(self.values()["glibc"], here["glibc"] or "")
        self.assertEqual(self.values()["python"], here["python"] and ".".join(here["python"].split(".")[:2]) + ("t" if here["free_threaded"] else ""))
        self.assertEqual(self.values()["driver"], here["driver"] or "")
        linux = (ROOT / "tests/finder_page/collect_env_linux.txt").read_text()
        self.assertEqual(self.paste(linux), "Read: System, CPU, glibc, Python, torch, CUDA of torch, GPU, Driver.")
        self.assertEqual(self.values(), {**expected, "glibc": "2.36", "abi": "", "gpu": "8.9, 8.6"})
        self.paste((ROOT / "tests/finder_page/collect_env_windows.txt").read_text())
        self.assertEqual(self.values(), {"os": "windows", "cpu": "x86_64", "glibc": "", "python": "3.13t", "torch": "2.9.0", "cuda": "13.0", "abi": "", "gpu": "12.0", "driver": "581.29"})
        self.assertIn("GPU Matrox G400 is not known here", self.paste(linux.replace("NVIDIA GeForce RTX 3090", "Matrox G400")))
        self.assertEqual(self.values()["gpu"], "", "what is not known is not guessed")
        self.paste(linux.replace("2.8.0+cu129", "2.8.0+cpu").replace("PyTorch: 12.9", "PyTorch: Could not collect"))
        self.assertEqual(self.values()["cuda"], "cpu")

    def test_what_is_not_understood_is_told(self):
        for text, note in {
            "hello": "Not read: this is neither JSON of sagebuild nor the output of torch.utils.collect_env.",
            '{"python": ': "The JSON is damaged or cut off.",
            '{"python": 3}': "Not read: `python` is not understood.",
            '{"torch": "<b>"}': "Not read: `torch` is not understood.",
            '{"sm": ["9.0", {}]}': "Not read: `sm` is not understood.",
            "{}": "Not read: the JSON says nothing of a machine.",
            '{"environment": []}': "Not read: the JSON is not an object.",
        }.items():
            self.assertEqual(self.paste(text), note)
        self.open(SCENES["wrong"])
        self.assertEqual(self.text("#gpu-note"), "“Voodoo 2” is not a known GPU; write its compute capability, such as 8.9")
        self.assertEqual(self.text("#driver-note"), "is no version such as 575.57.08")
        self.assertEqual(self.text("#torch-note"), "is not in the tables of this page and counts as not known")
        self.assertEqual(self.browser.run("[...document.querySelectorAll('[aria-invalid]')].map(({id}) => id)"), ["torch", "gpu", "driver"])

    def test_gpus_have_the_names_that_select_knows(self):
        names = ["RTX 4090", "NVIDIA GeForce RTX4090 Laptop GPU", "NVIDIA H100 80GB HBM3", "A100-SXM4-40GB", "Tesla T4", "Quadro RTX 6000", "RTX 6000 Ada Generation",
                 "NVIDIA RTX A6000", "NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "NVIDIA GB10", "Jetson AGX Orin", "GTX 1080 Ti", "TITAN RTX", "TITAN Xp",
                 "Tesla V100-PCIE-16GB", "L40S", "H200", "B200", "B300", "RTX 5090", "rtx3060ti", "8.9", "12.1", "Voodoo 2", "RTX", "GeForce"]
        for name in names:
            run = subprocess.run([SAGEBUILD, "select", "--gpu", name, "--names", self.directory / "finder.txt", "--all"], cwd=ROOT, capture_output=True, text=True)
            self.open("gpu=" + name.replace(" ", "+"))
            note = self.text("#gpu-note")
            if "SB0423" in run.stderr:
                self.assertIn("is not a known GPU", note, name)
                continue
            said = re.search(r"fits GPU (\d+\.\d)", run.stdout + run.stderr)[1]
            self.assertTrue(note.startswith(f"compute capability {said}"), f"{name}: {note}, select says {said}")

    def test_answers_of_each_kind(self):
        self.open(SCENES["against"])
        self.assertIn("--no-deps", self.text("#about .line code"))
        self.assertIn("named for CUDA 12.6", self.text("#about"))
        self.open(SCENES["yanked"])
        self.assertIn("fits", self.text("#answer"))
        self.open(SCENES["none"])
        self.assertEqual(self.text("#answer"), "None of 5 wheels fits")
        self.assertIn("is for Linux, here is macOS", self.text("#about"))
        self.open(SCENES["open"])
        self.assertEqual(self.text("#answer"), "This wheel fits as far as is known")
        self.browser.run("document.querySelector('.open .link').click()")
        self.assertEqual(self.focused(), "cpu")
        two = self.make(OWN + "other-1.0-py3-none-any.whl\n", "two")
        self.browser.open(two.as_uri() + "#" + FITTING)
        self.assertEqual(self.text("#answer"), "Wheels of 2 packages fit: choose one")
        self.browser.run("document.querySelectorAll('.choice')[1].click()")
        self.assertEqual(self.text("#answer"), "This wheel fits")
        self.assertIn("package=sageattention", self.browser.run("location.hash"))
        self.browser.open(self.make("", "empty").as_uri())
        self.assertEqual(self.text("#answer"), "There are no wheels to choose from")

    def test_a_link_keeps_the_choices(self):
        self.browser.run("(() => { const field = document.getElementById('python'); field.value = '3.12'; field.dispatchEvent(new Event('input', {bubbles: true})); })()")
        self.assertEqual(self.browser.run("location.hash"), "#python=3.12")
        self.open(FITTING)
        self.assertEqual(self.values()["torch"], "2.8.0")
        self.browser.run("document.getElementById('reset').click()")
        self.assertEqual(set(self.values().values()), {""})
        self.assertEqual(self.browser.run("location.hash"), "")

    def test_copying(self):
        self.browser.send("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.browser.send("Emulation.setFocusEmulationEnabled", enabled=True)
        self.open(FITTING)
        self.browser.run("document.querySelector('.copy').click()")
        self.browser.run("new Promise((done) => setTimeout(done, 100))")
        self.assertEqual(self.text(".copy"), "Copied")
        self.assertEqual(self.browser.run("navigator.clipboard.readText()"), self.text("#about .line code"))

    def test_the_keyboard_is_enough(self):
        order = []
        for _ in range(11):
            self.browser.press("Tab")
            order.append(self.focused())
        self.assertEqual(order, ["Paste what a tool prints", "os", "cpu", "glibc", "python", "torch", "cuda", "abi", "gpu", "driver", "reset"])
        self.open(FITTING)
        self.browser.run("document.getElementById('driver').focus()")
        after = []
        for _ in range(6):
            self.browser.press("Tab")
            after.append(self.focused())
        self.assertEqual(after, ["reset", "Copy the line for pip", "Copy the line for uv", "Copy the line for a requirements file", "2 wheels fit, best first", "3 do not, nearest first"])
        self.browser.press("Enter", "\r")
        self.browser.run("new Promise((done) => setTimeout(done, 100))")  # the event `toggle` comes later
        self.assertTrue(self.browser.run("document.getElementById('rejected').children.length"))

    def test_a_screen_reader_hears_all_of_it(self):
        self.open(FITTING)
        self.assertEqual(self.browser.names("combobox"), ["System", "CPU", "glibc", "Python", "torch", "CUDA of torch", "C++ ABI of torch", "GPU"])
        self.assertEqual(self.browser.names("textbox"), ["Driver"])
        self.assertEqual(self.browser.names("heading"), ["Which wheel of sageattention fits?", "This wheel fits", "pip", "uv", "a requirements file"])
        self.assertEqual(self.browser.run("document.getElementById('answer').parentElement.getAttribute('role')"), "status")

    def test_axe_finds_nothing(self):
        axe = pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).parent / "axe.min.js"
        for scheme in ("light", "dark"):
            self.browser.prefer(prefers_color_scheme=scheme)
            for name, fragment in SCENES.items():
                self.open(fragment)
                self.browser.run("document.querySelectorAll('details:not([hidden])').forEach((box) => { box.open = true; })")
                self.browser.run(axe.read_text() + "; 0")
                found = self.browser.run("axe.run().then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(' ')}`))")
                self.assertEqual(found, [], f"{name}, {scheme}")
                self.screenshot(f"{scheme}-{name}")

    def test_colours_have_contrast_in_both_schemes(self):
        pages = set()
        for scheme in ("light", "dark"):
            self.browser.prefer(prefers_color_scheme=scheme)
            for name, fragment in SCENES.items():
                self.open(fragment)
                self.browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
                pairs = self.browser.run("""[...document.querySelectorAll('h1, h2, h3, p, label, li, code, button, select, input, summary, .note, .wheel')].map((element) => {
                    let behind = element;
                    while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
                    return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor, element.textContent]; })""")
                self.assertGreater(len(pairs), 20)
                for text, behind, what in pairs:
                    self.assertGreaterEqual(contrast(text, behind), 4.5, f"{what}: {text} on {behind}, {scheme}, {name}")
                edge, behind = self.browser.run("(() => { const style = getComputedStyle(document.getElementById('os')); return [style.borderTopColor, style.backgroundColor]; })()")
                self.assertGreaterEqual(contrast(edge, behind), 3, "edges of fields (WCAG 2.2, 1.4.11)")
            pages.add(self.browser.run("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(pages), 2)

    def test_a_phone_shows_it(self):
        self.browser.resize(320, 900)
        for name, fragment in SCENES.items():
            self.open(fragment)
            self.browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 320, f"{name} does not scroll sideways")
            small = self.browser.run("""[...document.querySelectorAll('button, select, input, summary')].filter((element) => {
                const box = element.getBoundingClientRect(); return box.width > 0 && (box.height < 24 || box.width < 24); }).map(({outerHTML}) => outerHTML)""")
            self.assertEqual(small, [], "targets are 24 px at least (WCAG 2.2, 2.5.8)")
            self.browser.run("document.getElementById('result').scrollIntoView()")
            self.screenshot(f"phone-{name}")

    def test_size_and_speed(self):
        rng = random.Random(SEED)
        dozens = self.make("".join(equality.random_wheel(rng, name) + "\n" for name in rng.sample(equality.NAMES, 40)), "dozens")
        self.assertLess(dozens.stat().st_size, 300_000)
        many = "".join(f"sageattention-{major}.{minor}.0+cu{cuda}torch{torch}-cp{python}-cp{python}-manylinux_2_28_x86_64.whl\n"
                       for major in range(10) for minor in range(10) for cuda in (118, 121, 124, 126, 128, 129, 130) for torch in ("2.6.0", "2.7.0", "2.8.0")
                       for python in (39, 310, 311, 312, 313))
        page = self.make(many, "many")
        self.browser.open(page.as_uri())
        seconds = self.browser.run("""(() => { const begin = performance.now();
            location.hash = ''; document.getElementById('facts').dispatchEvent(new Event('input')); return (performance.now() - begin) / 1000; })()""")
        print(f"40 wheels: {dozens.stat().st_size / 1e3:.0f} KB; {many.count(chr(10))} wheels: {page.stat().st_size / 1e6:.1f} MB, an answer in {seconds * 1e3:.0f} ms")
        self.assertLess(page.stat().st_size, 5_000_000)


class Site(Page):
    """The page of `index build`, from disk and from a server below a path: what it prints leads to the wheel's bytes."""

    def test_printed_addresses_lead_to_wheels(self):
        dist, site = self.directory / "dist", self.directory / "the site"
        dist.mkdir()
        subprocess.run([MAKE_EXAMPLE_WHEELS, dist], check=True)
        row, universal = sorted(path.name for path in dist.iterdir())
        # a `+` in a name is `%2B` in its address
        added = "other-1.0+cu129torch2.8-cp312-cp312-linux_x86_64.whl"
        with zipfile.ZipFile(dist / added, "w") as wheel:
            wheel.writestr("other-1.0+cu129torch2.8.dist-info/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 1.0+cu129torch2.8\n")
        subprocess.run([SAGEBUILD, "index", "build", "--out", site, "--from", dist], check=True, capture_output=True)
        handler = functools.partial(QuietHandler, directory=self.directory)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for base in (f"{site.as_uri()}/finder/index.html", f"http://127.0.0.1:{server.server_port}/the%20site/finder/"):
            self.browser.open(base.replace("finder/index.html", "index.html") if base.startswith("file") else urllib.parse.urljoin(base, "../"))
            self.assertEqual(self.browser.run("document.querySelector('a[href=\"finder/\"]').href"), urllib.parse.urljoin(base, "./"))
            for package, gpu, expected in (("sageattention", "8.9", row), ("sageattention", "", row), ("other", "8.9", added)):
                self.browser.open(f"{base}#package={package}&{FITTING.replace('gpu=8.9', 'gpu=' + gpu)}")
                found = self.browser.run(equality.READ_PAGE)
                self.assertEqual(found["pick"], expected, f"{base} {package}")
                address = found["lines"][0].split()[-1].strip("'")
                self.assertEqual(found["lines"][1].split()[-1].strip("'"), address)
                requirement, digest = found["lines"][2].split(" --hash=sha256:")
                self.assertEqual(requirement, f"{package} @ {address}")
                self.assertTrue(address.startswith(base.split("finder/")[0] + "files/"), address)
                with urllib.request.urlopen(address) as answer:
                    self.assertEqual(answer.read(), (dist / expected).read_bytes())
                self.assertEqual(hashlib.sha256((dist / expected).read_bytes()).hexdigest(), digest)
        self.assertEqual(self.browser.complaints(), [])


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    SAGEBUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    MAKE_FINDER_PAGE = pathlib.Path(sys.argv.pop(1)).resolve()
    MAKE_EXAMPLE_WHEELS = pathlib.Path(sys.argv.pop(1)).resolve()
    if "--screenshots" in sys.argv:
        at = sys.argv.index("--screenshots")
        SCREENSHOTS = pathlib.Path(sys.argv[at + 1]).resolve()
        del sys.argv[at:at + 2]
    if shutil.which("chromium") is None:
        print("skipped: no chromium here (tests/coverage_page/prepare installs it)")
        sys.exit(77)
    os.chdir(ROOT)
    unittest.main()
