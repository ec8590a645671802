"""The page of `matrix coverage --html` in a real browser: filters, keyboard, screen reader, dark mode, 320 px, and its security policy.

usage: check_coverage_page.py SAGEBUILD [--screenshots DIRECTORY] [unittest arguments]
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from chromium import Chromium, contrast  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAGEBUILD = pathlib.Path("build/release/bin/sagebuild")
SCREENSHOTS = None


def coverage(*words: str) -> str:
    run = subprocess.run([SAGEBUILD, "matrix", "coverage", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout


class CoveragePage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="sagebuild-page-")
        cls.page = pathlib.Path(cls.directory.name) / "coverage.html"
        coverage("--html", str(cls.page))
        cls.browser = Chromium(shutil.which("chromium"))

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.directory.cleanup()

    def setUp(self):
        self.browser.prefer(prefers_color_scheme="light")
        self.browser.resize(1280, 900)
        self.browser.open(self.page.as_uri())

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def screenshot(self, name: str) -> None:
        if SCREENSHOTS:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            self.browser.screenshot(SCREENSHOTS / f"{name}.png")

    def choose(self, **values: str) -> None:
        for name, value in values.items():
            self.browser.run(f"""(() => {{ const field = document.getElementById('{name}'); field.value = '{value}';
                if (field.value !== '{value}') throw new Error('no such choice'); field.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")

    def cells(self) -> dict[str, str]:
        """`torch 2.8, CUDA 12.9` -> `66 of 66 covered`, as a screen reader says it."""
        names = self.browser.run("[...document.querySelectorAll('td button')].map((button) => button.getAttribute('aria-label'))")
        return dict(name.rsplit(": ", 1) for name in names)

    def focused(self) -> str:
        return self.browser.run("document.activeElement.getAttribute('aria-label')")

    def test_it_needs_nothing_else(self):
        self.assertEqual(self.browser.requested(), [self.page.as_uri()])
        text = self.page.read_text()
        self.assertIn("default-src 'none'; style-src 'sha256-", text)
        self.assertNotIn("unsafe", text)
        self.assertNotIn("http://", text)
        self.assertNotIn("https://", text)
        # the policy is in force: a script that is not the page's own does not run
        self.browser.run("(() => { const script = document.createElement('script'); script.textContent = 'window.intruder = 1'; document.body.append(script); })()")
        self.assertIsNone(self.browser.run("window.intruder"))
        self.browser.send("Runtime.evaluate", expression="1")
        self.assertTrue(any("Content Security Policy" in text for text in self.browser.complaints()))
        self.browser.events = []

    def test_it_says_what_the_terminal_says(self):
        for kind in ("", "row", "universal"):
            for platform in ("linux-x86_64", "linux-aarch64", "windows-x86_64"):
                self.choose(kind=kind, platform=platform)
                system, cpu = platform.split("-")
                table = coverage(f"os={system}", f"cpu={cpu}", *([f"kind={kind}"] if kind else []))
                header, *rows = [line.split() for line in table.splitlines() if re.match(r"TORCH|\d+\.\d+ ", line)]
                cudas = [word for word in header[1:] if word != "CUDA"]
                expected = {f"torch {torch}, CUDA {cuda}": text for torch, *texts in rows for cuda, text in zip(cudas, texts, strict=True)}
                for name, spoken in self.cells().items():
                    found = spoken.replace(" of ", "/").replace(" covered", "") if "covered" in spoken else "-"
                    self.assertEqual(found, expected.pop(name), f"{name} on {platform}, wheels {kind or 'all'}")
                self.assertEqual({text for text in expected.values()} - {"-"}, set(), "what is hidden is what torch does not ship")
        self.screenshot("windows-universal")

    def test_filters_narrow(self):
        self.choose(arch="8.9", python="3.13", kind="row")
        self.assertEqual(self.cells()["torch 2.8, CUDA 12.9"], "0 of 1 covered")
        self.choose(python="3.12")
        self.assertEqual(self.cells()["torch 2.8, CUDA 12.9"], "1 of 1 covered")
        self.choose(rows="python", columns="arch", python="", arch="", torch="2.8", cuda="12.9", kind="")
        self.assertIn("Python 3.13t, GPU 9.0 H100", self.cells())
        self.screenshot("python-by-gpu")
        self.choose(platform="windows-x86_64", torch="2.15", cuda="12.6")
        self.assertEqual(self.cells(), {})
        self.assertEqual(self.browser.run("document.querySelector('caption').textContent"), "Nothing that torch ships is left by these filters.")
        self.browser.run("(() => { const box = document.getElementById('shipped'); box.click(); })()")
        self.assertIn("not shipped by torch", self.cells().values())
        # the address keeps the filters
        address = self.browser.run("location.href")
        self.assertIn("torch=2.15", address)
        self.browser.open(address)
        self.assertEqual(self.browser.run("document.getElementById('torch').value"), "2.15")
        self.browser.run("document.getElementById('reset').click()")
        self.assertIn("torch 2.8, CUDA 12.9", self.cells())

    def test_an_empty_cell_has_its_reason_and_its_line(self):
        self.choose(kind="row", python="3.13", torch="2.9", cuda="13.0")
        self.browser.run("document.querySelector('td button').click()")
        details = self.browser.run("document.getElementById('details').innerText")
        self.assertIn("no row for torch 2.9 and CUDA 13.0", details)
        self.assertIn('- {torch: "2.9.0", cuda: "13.0.2", python: ["3.10", "3.11", "3.12", "3.13", "3.14"], archs: extended}', details)
        self.assertIn("in matrix/sageattention.yaml, rows:", details)
        self.assertIn("machines with a GPU of 12.1 are 64-bit Arm", details)
        self.assertIn("none for 7.0", details)
        self.screenshot("details")

    def test_the_keyboard_is_enough(self):
        first, *_ = self.cells()
        self.browser.run("document.getElementById('reset').focus()")
        self.browser.press("Tab")
        # the scrolling region may take the focus of its own before the cells do
        if self.focused() is None:
            self.browser.press("Tab")
        self.assertEqual(self.focused(), f"{first}: {self.cells()[first]}")
        self.browser.press("ArrowDown")
        self.browser.press("End")
        self.assertTrue(self.focused().startswith("torch 2.7, CUDA 13.2: "), self.focused())
        self.browser.press("ArrowRight")
        self.assertTrue(self.focused().startswith("torch 2.7, CUDA 13.2: "), "the edge holds")
        self.browser.press("Home")
        self.browser.press("ArrowUp")
        self.assertEqual(self.focused(), f"{first}: {self.cells()[first]}")
        self.browser.press("Enter", "\r")
        self.assertEqual(self.browser.run("document.querySelector('#details h2').textContent"), first)
        self.assertEqual(self.browser.run("document.activeElement.getAttribute('aria-pressed')"), "true")
        self.browser.press("Escape")
        self.assertTrue(self.browser.run("document.getElementById('details').hidden"))
        self.assertEqual(self.browser.run("document.querySelectorAll('td button[tabindex=\"0\"]').length"), 1, "one stop of the tabulator")

    def test_a_screen_reader_hears_all_of_it(self):
        self.assertEqual(self.browser.names("heading"), ["Coverage of sageattention"])
        controls = self.browser.names("combobox")
        self.assertEqual(controls, ["Rows", "Columns", "torch", "CUDA", "Python", "Platform", "GPU", "Wheels"])
        self.assertEqual(self.browser.names("checkbox"), ["Only what torch ships"])
        self.assertIn("torch 2.8, CUDA 12.9: 66 of 66 covered", self.browser.names("button"))
        self.assertIn("2.8", self.browser.names("rowheader"))
        self.assertIn("12.9", self.browser.names("columnheader"))
        self.assertTrue(any(name.startswith("Covered of possible combinations") for name in self.browser.names("table")))

    def test_colours_have_contrast_in_both_schemes(self):
        pages = set()
        for scheme in ("light", "dark"):
            self.browser.prefer(prefers_color_scheme=scheme)
            for choices in ({"kind": "row"}, {"kind": ""}):
                self.choose(**choices)
                pairs = self.browser.run("""[...document.querySelectorAll('td button, th, label, caption, h1, p, .legend li')].map((element) => {
                    let behind = element;
                    while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
                    return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor, element.textContent]; })""")
                self.assertGreater(len(pairs), 20)
                for text, behind, what in pairs:
                    self.assertGreaterEqual(contrast(text, behind), 4.5, f"{what}: {text} on {behind}, {scheme}")
                self.screenshot(f"{scheme}-{choices['kind'] or 'all'}")
            pages.add(self.browser.run("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(pages), 2)

    def test_a_phone_shows_it(self):
        self.browser.resize(320, 640)
        self.browser.open(self.page.as_uri())
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 320, "the page does not scroll sideways")
        self.assertGreater(self.browser.run("(() => { const box = document.querySelector('.scroll'); return box.scrollWidth - box.clientWidth; })()"), 0)
        small = self.browser.run("""[...document.querySelectorAll('button, select')].filter((element) => {
            const box = element.getBoundingClientRect(); return box.height < 24 || box.width < 24; }).length""")
        self.assertEqual(small, 0, "targets are 24 px at least (WCAG 2.2, 2.5.8)")
        self.screenshot("phone-top")
        self.browser.run("(() => { document.querySelector('td button').click(); document.querySelector('.scroll').scrollIntoView(); })()")
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 320)
        self.screenshot("phone-table")


if __name__ == "__main__":
    SAGEBUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    if "--screenshots" in sys.argv:
        at = sys.argv.index("--screenshots")
        SCREENSHOTS = pathlib.Path(sys.argv[at + 1]).resolve()
        del sys.argv[at:at + 2]
    if shutil.which("chromium") is None:
        print("skipped: no chromium here (tests/coverage_page/prepare installs it)")
        sys.exit(77)
    os.chdir(ROOT)
    unittest.main()
