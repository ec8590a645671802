"""Real pip and uv over the indexes of `sagebuild index build`: which wheel ends up installed.

    run.py SAGEBUILD [unittest arguments]

nginx serves the site at its root, below a path and with JSON; `file://` does without. Without nginx the test skips (77): `apt install nginx-light`.
"""

import concurrent.futures
import hashlib
import html.parser
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request
import zipfile

import mousebender.simple
from variantlib.constants import VALIDATION_WHEEL_NAME_REGEX
from variantlib.models.variant import VariantProperty
from variantlib.resolver.lib import sort_and_filter_supported_variants
from variantlib.variant_dist_info import VariantDistInfo
from variantlib.variants_json import VariantsJson

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[2])]
import github_standin  # noqa: E402
from nginx import Nginx  # noqa: E402
from wheels import MANIFEST, make_wheel  # noqa: E402

SAGEBUILD = pathlib.Path(sys.argv[1]).resolve()
TOOLS = pathlib.Path(sys.executable).parent
PAIRS = {"torch2.6-cu126": "260.126", "torch2.7-cu128": "270.128", "torch2.8-cu129": "280.129", "torch2.10-cu130": "2100.130"}
PYTHONS = ["3.10", "3.12", "3.13"]
# name of the platform for pip, for uv, and in the wheels
PLATFORMS = {"linux": ("linux_x86_64", "x86_64-manylinux_2_28", "linux_x86_64"), "windows": ("win_amd64", "x86_64-pc-windows-msvc", "win_amd64"),
             "arm": ("linux_aarch64", "aarch64-manylinux_2_28", "linux_aarch64")}
UNIVERSAL = "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


def row_wheel(tag: str, python: str, platform: str, version: str = "2.2.0") -> str:
    cp = "cp" + python.replace(".", "")
    return f"sageattention-{version}-{tag}-{cp}-{cp}-{PLATFORMS[platform][2]}.whl"


def is_built(pair: str, python: str, platform: str) -> bool:
    """No wheel for 3.13 with torch 2.6, none for Arm before torch 2.8: what is not there must not be replaced by something else."""
    return (pair, python) != ("torch2.6-cu126", "3.13") and (platform != "arm" or pair in ("torch2.8-cu129", "torch2.10-cu130"))


def make_wheels(directory: pathlib.Path) -> None:
    directory.mkdir()
    for (pair, tag), python, platform in itertools.product(PAIRS.items(), PYTHONS, PLATFORMS):
        if is_built(pair, python, platform):
            make_wheel(directory, row_wheel(tag, python, platform), "Requires-Dist: torch\n")
            make_wheel(directory, row_wheel(tag, python, platform, "2.1.1"))
    make_wheel(directory, UNIVERSAL, manifest=MANIFEST)
    # another publisher's: the C++ ABI keeps two wheels of one torch apart, and a project without a universal wheel is not in the root
    for abi in ("TRUE", "FALSE"):
        make_wheel(directory, f"flash_attn-2.8.2+cu12torch2.6cxx11abi{abi}-cp312-cp312-linux_x86_64.whl")
    make_wheel(directory, "flash_attn-2.8.3-cp312-cp312-linux_x86_64.whl")


def build(site: pathlib.Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([SAGEBUILD, "index", "build", "--out", site, *map(str, arguments)], capture_output=True, text=True)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.scratch.name)
        make_wheels(cls.root / "dist")
        cls.site = cls.root / "site"
        done = build(cls.site, "--from", cls.root / "dist")
        assert done.returncode == 0, done.stderr
        cls.told = done.stderr
        cls.nginx = Nginx(cls.site, cls.root / "nginx")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.nginx.stop()
        cls.scratch.cleanup()

    def install(self, installer: str, index: str, python: str, platform: str, requirement: str) -> str:
        """File name of the wheel that was installed, or the last words of a failure."""
        target = tempfile.mkdtemp(dir=self.root)
        pip, uv, _ = PLATFORMS[platform]
        if installer == "pip":
            command = [TOOLS / "python", "-m", "pip", "--isolated", "install", "--disable-pip-version-check", "--no-cache-dir", "--platform", pip, "--implementation",
                       "cp", "--abi", "cp" + python.replace(".", ""), "--abi", "none"]
            if platform == "linux":
                command += ["--platform", "manylinux_2_17_x86_64"]
        else:
            command = [TOOLS / "uv", "pip", "install", "--no-config", "--no-cache", "--python", sys.executable, "--python-platform", uv]
        command += ["--python-version", python, "--only-binary", ":all:", "--no-deps", "--target", target, "--index-url", index, requirement]
        done = subprocess.run(command, capture_output=True, text=True)
        found = [path.read_text() for path in pathlib.Path(target).glob("*/identity")]
        shutil.rmtree(target)
        return found[0] if done.returncode == 0 and len(found) == 1 else "none: " + (done.stdout + done.stderr)[-600:]

    def check(self, cases: list[tuple]) -> None:
        """Cases of (installer, index, python, platform, requirement, expected name or None)."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda case: self.install(*case[:5]), cases))
        for case, answer in zip(cases, answers, strict=True):
            with self.subTest(case=case[:5]):
                if case[5] is None:
                    self.assertRegex(answer, "(?s)^none: .*([Nn]o matching distribution|[Nn]o solution found)")
                else:
                    self.assertEqual(answer, case[5])
        print(f"{len(cases)} combinations", file=sys.stderr)

    def test_each_pair_gives_its_own_wheel(self) -> None:
        """Over HTTP at the root: each (pair, Python, system), by pip and by uv."""
        self.check([(installer, f"{self.nginx.plain}/{pair}/", python, platform, "sageattention",
                     row_wheel(tag, python, platform) if is_built(pair, python, platform) else None)
                    for installer, (pair, tag), python, platform in itertools.product(("pip", "uv"), PAIRS.items(), PYTHONS, PLATFORMS)])

    def test_paths_files_and_json(self) -> None:
        """The same site below a path, without a server, and in JSON; an older version where it is asked for."""
        bases = [f"{self.nginx.plain}/whl/v1", self.site.as_uri(), self.nginx.negotiating]
        cases = []
        for installer, base, (pair, tag) in itertools.product(("pip", "uv"), bases, PAIRS.items()):
            cases.append((installer, f"{base}/{pair}/", "3.12", "linux", "sageattention", row_wheel(tag, "3.12", "linux")))
        for installer, base in itertools.product(("pip", "uv"), bases):
            cases.append((installer, f"{base}/torch2.8-cu129/", "3.12", "linux", "sageattention==2.1.1", row_wheel("280.129", "3.12", "linux", "2.1.1")))
        self.check(cases)

    def test_the_root_never_gives_a_wrong_wheel(self) -> None:
        """What is not universal is not there: failing beats a wheel for another torch."""
        cases = []
        for installer, python in itertools.product(("pip", "uv"), PYTHONS):
            for base in (f"{self.nginx.plain}/simple/", f"{self.nginx.plain}/universal/"):
                cases.append((installer, base, python, "linux", "sageattention", UNIVERSAL))
            for platform in ("windows", "arm"):
                cases.append((installer, f"{self.nginx.plain}/simple/", python, platform, "sageattention", None))
        for installer in ("pip", "uv"):
            cases.append((installer, f"{self.nginx.plain}/simple/", "3.12", "linux", "flash-attn", None))
            cases.append((installer, f"{self.nginx.plain}/simple/", "3.12", "linux", "sageattention==2.1.1", None))
            for base in (f"{self.nginx.plain}/whl/v1/simple/", f"{self.site.as_uri()}/simple/", f"{self.nginx.negotiating}/simple/"):
                cases.append((installer, base, "3.12", "linux", "sageattention", UNIVERSAL))
        self.check(cases)

    def test_local_versions_of_other_publishers(self) -> None:
        cases = []
        for installer, (number, abi) in itertools.product(("pip", "uv"), (("1", "TRUE"), ("0", "FALSE"))):
            cases.append((installer, f"{self.nginx.plain}/torch2.6-cu12-cxx11abi{number}/", "3.12", "linux", "flash-attn",
                          f"flash_attn-2.8.2+cu12torch2.6cxx11abi{abi}-cp312-cp312-linux_x86_64.whl"))
        self.check(cases)
        self.assertIn("`flash_attn-2.8.3-cp312-cp312-linux_x86_64.whl` says neither by its name nor by what is inside which torch and CUDA", self.told)

    def test_pip_asks_for_metadata_alone(self) -> None:
        """PEP 658: what pip resolves it does not download."""
        before = len(self.nginx.requests())
        subprocess.run([TOOLS / "python", "-m", "pip", "--isolated", "install", "--dry-run", "--no-cache-dir", "--no-deps", "--platform", "linux_x86_64", "--python-version",
                        "3.12", "--abi", "cp312", "--only-binary", ":all:", "--target", self.root / "nowhere", "--report", self.root / "report.json", "--index-url",
                        f"{self.nginx.plain}/torch2.8-cu129/", "sageattention"], check=True, capture_output=True)
        asked = [line.split('"')[1].split()[1] for line in self.nginx.requests()[before:]]
        self.assertTrue(any(path.endswith(".whl.metadata") for path in asked), asked)
        self.assertFalse([path for path in asked if path.endswith(".whl")], asked)
        item = json.loads((self.root / "report.json").read_text())["install"][0]
        self.assertEqual(item["metadata"]["requires_python"], ">=3.9")
        self.assertIn("sha256", item["download_info"]["archive_info"]["hashes"])

    def test_a_withdrawn_wheel_is_taken_only_by_its_version(self) -> None:
        """PEP 592, and a rerun that changes pages only."""
        yanks = self.root / "yanked.yaml"
        yanks.write_text('"sageattention-2.2.0-280.129-*": wrong results for "head dim" 64 & <96>\n')
        site = self.root / "withdrawn"
        self.assertEqual(build(site, "--from", self.root / "dist", "--yanked", yanks).returncode, 0)
        index = f"{site.as_uri()}/torch2.8-cu129/"
        self.check([(installer, index, "3.12", "linux", requirement, row_wheel("280.129", "3.12", "linux", version)) for installer in ("pip", "uv")
                    for requirement, version in (("sageattention", "2.1.1"), ("sageattention==2.2.0", "2.2.0"))])

    def test_another_reader_understands_every_page(self) -> None:
        """mousebender, the reader of a packaging maintainer: HTML and JSON say the same, and every link leads to its bytes."""
        pages = 0
        for page in self.site.glob("*/*/index.html"):
            if page.relative_to(self.site).parts[0] == "files":
                continue
            name = page.parent.name
            from_html = mousebender.simple.from_project_details_html(page.read_text(), name)
            text = page.with_name("index.json").read_text()
            from_json = mousebender.simple.parse_project_details(text, "application/vnd.pypi.simple.v1+json", name)
            self.assertEqual(from_json["meta"]["api-version"], "1.1")
            self.assertEqual(len(from_html["files"]), len(from_json["files"]))
            for one, other in zip(from_html["files"], from_json["files"], strict=True):
                for key in ("filename", "url", "hashes", "requires-python", "core-metadata"):
                    self.assertEqual(one.get(key), other.get(key), key)
                wheel = (page.parent / urllib.parse.unquote(other["url"])).resolve()
                self.assertEqual(wheel.stat().st_size, other["size"])
                self.assertTrue(wheel.with_name(wheel.name + ".metadata").is_file())
            pages += 1
        self.assertGreaterEqual(pages, len(PAIRS) + 4)
        listed = mousebender.simple.from_project_index_html((self.site / "simple/index.html").read_text())
        self.assertEqual([project["name"] for project in listed["projects"]], ["sageattention"])

    def test_variantlib_reads_and_chooses_variants(self) -> None:
        """The draft of PEP 825 in its authors' library; pip and uv, which know no variants, take the universal wheel from the same index."""
        site = self.root / "variants"
        done = build(site, "--variants", "--from", self.root / "dist")
        self.assertEqual(done.returncode, 0, done.stderr)
        page = mousebender.simple.parse_project_details((site / "variants/sageattention/index.json").read_text(), "application/vnd.pypi.simple.v1+json", "sageattention")
        files = {file["filename"]: file for file in page["files"]}
        document = site / "variants/sageattention/sageattention-2.2.0-variants.json"
        self.assertEqual(files[document.name]["hashes"]["sha256"], hashlib.sha256(document.read_bytes()).hexdigest())
        listed = VariantsJson(json.loads(document.read_text()))
        self.assertEqual(set(listed.variants), {"torch2.6_cu126", "torch2.7_cu128", "torch2.8_cu129", "torch2.10_cu130"})
        labels = set()
        for name, file in files.items():
            match = VALIDATION_WHEEL_NAME_REGEX.fullmatch(name)
            if not match or not match["variant_label"]:
                continue
            with zipfile.ZipFile((document.parent / urllib.parse.unquote(file["url"])).resolve()) as wheel:
                own = VariantDistInfo(wheel.read(f"{match['namever']}.dist-info/variant.json"), match["variant_label"])
                record = wheel.read(f"{match['namever']}.dist-info/RECORD").decode()
            self.assertIn("/variant.json,sha256=", record)
            if match["ver"] == "2.2.0":
                self.assertEqual(own.variant_desc, listed.variants[own.variant_label])
            labels.add(own.variant_label)
        self.assertEqual(labels, set(listed.variants))
        for torch, cuda, expected in (("2.8.0", ["12.9", "12.8", "12.6"], "torch2.8_cu129"), ("2.7.1", ["12.8", "12.6"], "torch2.7_cu128"), ("2.10.0", ["13.0", "12.9"], "torch2.10_cu130"),
                                      ("2.10.0", ["12.9"], "null"), ("2.9.0", ["13.0", "12.9"], "null")):
            os.environ["VARIANT_ABI_DEPENDENCY"] = f"torch=={torch}"
            here = [VariantProperty("nvidia", "cuda_version_lower_bound", value) for value in cuda]
            best = sort_and_filter_supported_variants(list(listed.variants.values()), here, namespace_priorities=["nvidia"])[0]
            self.assertEqual("null" if best.is_null_variant() else best.label, expected, (torch, cuda))
        self.check([(installer, f"{site.as_uri()}/variants/", "3.12", "linux", "sageattention", UNIVERSAL) for installer in ("pip", "uv")])

    def test_the_page_for_people_links_to_every_index(self) -> None:
        links: list[str] = []
        parser = html.parser.HTMLParser()
        parser.handle_starttag = lambda tag, attributes: links.append(dict(attributes)["href"]) if tag == "a" else None
        parser.feed((self.site / "index.html").read_text())
        for pair in [*PAIRS, "universal", "simple"]:
            self.assertIn(f"{pair}/", links)
        for link in links:
            self.assertTrue((self.site / link / "index.html").is_file(), link)


    def test_the_finder_page_leads_to_wheels(self) -> None:
        """The page as any host serves it, and its addresses as it completes them."""
        name = row_wheel("280.129", "3.12", "linux")
        for address in (f"{self.nginx.plain}/finder/", f"{self.nginx.plain}/whl/v1/finder/", f"{self.site.as_uri()}/finder/index.html"):
            with urllib.request.urlopen(address) as answer:
                page = answer.read().decode()
            data = json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])
            listed = {wheel[0]: wheel for wheel in data["wheels"]}
            self.assertEqual(set(listed), {path.name for path in (self.root / "dist").iterdir()} - {"flash_attn-2.8.3-cp312-cp312-linux_x86_64.whl"})
            for each in (name, UNIVERSAL, "flash_attn-2.8.2+cu12torch2.6cxx11abiTRUE-cp312-cp312-linux_x86_64.whl"):
                place = listed[each][1]
                # below 0: the address has `%2B` for `+`
                relative = data["bases"][-1 - place] + each.replace("+", "%2B") if place < 0 else data["bases"][place] + each
                self.assertTrue(relative.startswith("../files/"))
                with urllib.request.urlopen(urllib.parse.urljoin(address, relative)) as answer:
                    self.assertEqual(hashlib.sha256(answer.read()).hexdigest(), listed[each][2], f"{each} of {address}")


class Released(unittest.TestCase):
    """Wheels of releases, from the stand-in for GitHub that its published description makes."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.dist, self.site = self.root / "dist", self.root / "site"
        self.dist.mkdir()

    def wheel(self, name: str, **more: object) -> bytes:
        return make_wheel(self.dist, name, **more).read_bytes()

    def metadata(self, wheel: str) -> bytes:
        with zipfile.ZipFile(self.dist / wheel) as archive:
            return next(archive.read(name) for name in archive.namelist() if name.endswith("/METADATA"))

    def build(self, standin: object, *sources: str) -> subprocess.CompletedProcess:
        return build(self.site, "--api", standin.places.api, *(word for source in sources for word in ("--from", source)))

    def page(self, index: str) -> dict:
        return {file["filename"]: file for file in json.loads((self.site / index / "sageattention/index.json").read_text())["files"]}

    def test_several_repositories_each_wheel_downloaded_once(self) -> None:
        row, other = row_wheel("280.129", "3.12", "linux"), row_wheel("280.129", "3.13", "linux")
        universal = self.wheel(UNIVERSAL, manifest=MANIFEST)
        row_bytes, other_bytes = self.wheel(row), self.wheel(other)
        with github_standin.running() as standin:
            standin.repository("owner/one").add_release("v1", {row: row_bytes, row + ".metadata": self.metadata(row), "SHA256SUMS": b""})
            standin.repository("owner/one").add_release("v2", {UNIVERSAL: universal})
            standin.repository("owner/two").add_release("nightly", {other: other_bytes, other + ".metadata": b"not its METADATA", "notes.whl": b"?"})
            done = self.build(standin, "owner/one", "owner/two@nightly")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("warning[SB0660]: `notes.whl` is not a wheel file name, and is in no index", done.stderr)
            listed = self.page("torch2.8-cu129")
            self.assertEqual(sorted(listed), [row, other])
            self.assertIn("core-metadata", listed[row])
            self.assertNotIn("core-metadata", listed[other], "only what is really served may be promised")
            self.assertRegex(listed[row]["upload-time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertEqual(list(self.page("simple")), [UNIVERSAL])
            before = {path: path.stat().st_mtime_ns for path in self.site.rglob("*") if path.is_file()}
            for asset in standin.repository("owner/one").releases.values():
                for each in asset.assets.values():
                    each.downloads = 0
            again = self.build(standin, "owner/one", "owner/two@nightly")
            self.assertIn("0 files written", again.stderr)
            self.assertEqual(before, {path: path.stat().st_mtime_ns for path in self.site.rglob("*") if path.is_file()})
            self.assertEqual([each.downloads for release in standin.repository("owner/one").releases.values() for each in release.assets.values()], [0, 0, 0, 0])
            target = self.root / "target"
            subprocess.run([TOOLS / "python", "-m", "pip", "--isolated", "install", "--no-cache-dir", "--no-deps", "--platform", "linux_x86_64", "--python-version", "3.12",
                            "--abi", "cp312", "--only-binary", ":all:", "--target", target, "--index-url", f"{self.site.as_uri()}/torch2.8-cu129/", "sageattention"],
                           check=True, capture_output=True)
            self.assertEqual((target / "sageattention/identity").read_text(), row)

    def test_tampered_and_missing(self) -> None:
        row = row_wheel("280.129", "3.12", "linux")
        whole = self.wheel(row)
        with github_standin.running() as standin:
            release = standin.repository("owner/one").add_release("v1", {row: whole})
            digest = hashlib.sha256(whole).hexdigest()
            tampered = whole[:-1] + bytes([whole[-1] ^ 1])
            standin.repository("owner/one").blobs._bytes[digest] = tampered
            done = self.build(standin, "owner/one@v1")
            self.assertEqual((done.returncode, done.stderr),
                             (1, f"error[SB0667]: `{row}` is not the published one\nnote: its release states sha256 {digest}\n"
                                 f"note: downloaded were bytes of sha256 {hashlib.sha256(tampered).hexdigest()}\n"))
            self.assertFalse((self.site / "index.html").exists())
            self.assertIn("error[SB0609]", self.build(standin, "owner/one@v9").stderr)
            self.assertEqual(release.tag, "v1")


if __name__ == "__main__":
    if not (shutil.which("nginx") or pathlib.Path("/usr/sbin/nginx").exists()):
        print("skipped: nginx is not installed (apt install nginx-light)")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
