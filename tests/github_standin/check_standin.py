"""Tests of the stand-in: each operation of the description that it has, what GitHub documents about releases, and each fault.

usage: check_standin.py [unittest arguments]
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import github_standin  # noqa: E402
from github_standin.faults import parse_fault  # noqa: E402
from github_standin.repository import MOST_ASSETS, stored_name  # noqa: E402

RELEASES = "/repos/owner/demo/releases"


class Reply:
    def __init__(self, answer, body):
        self.status, self.headers, self.body = answer.status, answer.headers, body

    @property
    def json(self):
        return json.loads(self.body)


def ask(base, method, path, body=None, token="token-of-the-test", **headers):
    """One request on a connection of its own."""
    place = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    given = {"User-Agent": "check", "Accept": "application/vnd.github+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    if isinstance(body, (dict, list)):
        body, given["Content-Type"] = json.dumps(body), "application/json"
    try:
        connection.request(method, path, body, given | {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Reply(answer, answer.read())
    finally:
        connection.close()


class StandinTest(unittest.TestCase):
    options = {}
    may_violate = False

    def setUp(self):
        self.standin = github_standin.Standin(**self.options)
        self.repository = self.standin.repository("owner/demo")

    def tearDown(self):
        self.standin.close()
        if not self.may_violate:
            self.assertEqual(self.standin.violations, [])

    def api(self, method, path, body=None, **headers):
        return ask(self.standin.places.api, method, path, body, **headers)

    def upload(self, release_id, name, content, **headers):
        return ask(self.standin.places.uploads, "POST", f"{RELEASES}/{release_id}/assets?name={urllib.parse.quote(name)}", content,
                   **{"Content_Type": "application/octet-stream"} | headers)

    def draft(self, tag="v1"):
        answer = self.api("POST", RELEASES, {"tag_name": tag, "draft": True})
        self.assertEqual(answer.status, 201)
        return answer.json["id"]

    def states(self, release_id):
        return {item["name"]: item["state"] for item in self.api("GET", f"{RELEASES}/{release_id}/assets").json}


class Operations(StandinTest):
    def test_a_release_from_draft_to_latest(self):
        created = self.api("POST", RELEASES, {"tag_name": "v1", "name": "one", "body": "text", "draft": True, "target_commitish": "main"})
        self.assertEqual((created.status, created.json["draft"], created.json["published_at"]), (201, True, None))
        release = created.json["id"]
        self.assertEqual(created.headers["Location"], f"{self.standin.places.api}{RELEASES}/{release}")
        self.assertEqual(created.json["upload_url"], f"{self.standin.places.uploads}{RELEASES}/{release}/assets{{?name,label}}")
        uploaded = self.upload(release, "a.whl", b"bytes")
        self.assertEqual(uploaded.status, 201)
        self.assertEqual(uploaded.json["digest"], "sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9")
        self.assertEqual((uploaded.json["state"], uploaded.json["size"]), ("uploaded", 5))
        asset = uploaded.json["id"]
        self.assertGreater(asset, release)
        self.assertEqual(self.api("GET", f"{RELEASES}/assets/{asset}").json, uploaded.json)
        self.assertEqual(self.api("PATCH", f"{RELEASES}/assets/{asset}", {"label": "A"}).json["label"], "A")
        self.assertEqual(self.api("GET", f"{RELEASES}/latest").status, 404)
        self.assertEqual(self.api("GET", "/repos/owner/demo/git/ref/tags/v1").status, 404)
        self.assertEqual(self.api("PATCH", f"{RELEASES}/{release}", {"draft": False}).status, 200)
        self.assertEqual(self.api("GET", f"{RELEASES}/latest").json["id"], release)
        self.assertEqual(self.api("GET", f"{RELEASES}/{release}").json["assets"][0]["name"], "a.whl")
        self.assertEqual(self.api("GET", "/repos/owner/demo/git/ref/tags/v1").json["ref"], "refs/tags/v1")
        self.assertEqual(self.api("DELETE", f"{RELEASES}/assets/{asset}").status, 204)
        self.assertEqual(self.api("DELETE", f"{RELEASES}/assets/{asset}").status, 404)
        self.assertEqual(self.api("DELETE", f"{RELEASES}/{release}").status, 204)
        self.assertEqual(self.api("GET", f"{RELEASES}/{release}").status, 404)
        self.assertEqual(self.api("GET", "/rate_limit").json["rate"]["limit"], 5000)

    def test_by_tag_shows_published_releases_only(self):
        release = self.draft("v1/with-slash")
        path = f"{RELEASES}/tags/v1%2Fwith-slash"
        self.assertEqual(self.api("GET", path).status, 404)
        self.api("PATCH", f"{RELEASES}/{release}", {"draft": False})
        self.assertEqual(self.api("GET", path).json["id"], release)
        self.assertEqual(self.api("GET", f"{RELEASES}/tags/v1/with-slash").json["id"], release)

    def test_drafts_are_listed_for_a_token_only(self):
        release = self.draft()
        self.assertEqual([item["id"] for item in self.api("GET", RELEASES).json], [release])
        self.assertEqual(self.api("GET", RELEASES, token=None).json, [])
        self.assertEqual(self.api("GET", f"{RELEASES}/{release}", token=None).status, 404)

    def test_drafts_share_a_tag_and_published_releases_do_not(self):
        first, second = self.draft(), self.draft()
        self.assertLess(first, second)
        self.assertEqual(self.api("PATCH", f"{RELEASES}/{second}", {"draft": False}).status, 200)
        refused = self.api("PATCH", f"{RELEASES}/{first}", {"draft": False})
        self.assertEqual(refused.status, 422)
        self.assertEqual(refused.json["errors"], [{"resource": "Release", "code": "already_exists", "field": "tag_name"}])
        self.assertEqual(self.api("POST", RELEASES, {"tag_name": "v1"}).status, 422)

    def test_duplicates_are_refused(self):
        release = self.draft()
        self.upload(release, "a.whl", b"one")
        refused = self.upload(release, "a.whl", b"two")
        self.assertEqual((refused.status, refused.json["message"]), (422, "Validation Failed"))
        self.assertEqual(refused.json["errors"], [{"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}])
        other = self.upload(release, "b.whl", b"two").json["id"]
        self.assertEqual(self.api("PATCH", f"{RELEASES}/assets/{other}", {"name": "a.whl"}).status, 422)

    def test_old_servers_state_no_digests(self):
        self.repository.states_digests = False
        self.assertIsNone(self.upload(self.draft(), "a.whl", b"bytes").json["digest"])

    def test_pages_have_links(self):
        release = self.repository.add_release("v1", {f"{number}.whl": b"" for number in range(45)}).id
        path = f"{RELEASES}/{release}/assets"
        first = self.api("GET", path)
        self.assertEqual(len(first.json), 30)
        base = self.standin.places.api + path
        self.assertEqual(first.headers["Link"], f'<{base}?page=2>; rel="next", <{base}?page=2>; rel="last"')
        last = self.api("GET", f"{path}?per_page=20&page=3")
        self.assertEqual([item["name"] for item in last.json], [f"{number}.whl" for number in range(40, 45)])
        self.assertEqual(last.headers["Link"], f'<{base}?per_page=20&page=2>; rel="prev", <{base}?per_page=20&page=1>; rel="first"')
        self.assertIsNone(self.api("GET", f"{path}?per_page=100").headers["Link"])

    def test_most_assets(self):
        release = self.repository.add_release("v1", {f"{number}.whl": b"" for number in range(MOST_ASSETS)}, draft=True).id
        refused = self.upload(release, "more.whl", b"1")
        self.assertEqual(refused.json["errors"][0]["message"], "file_count limited to 1000 assets per release")

    def test_names_are_changed(self):
        self.assertEqual(stored_name("a b(1)~.whl"), "a.b.1.whl")
        self.assertEqual(stored_name(".a-1.0+cu128@x_64.whl."), "a-1.0+cu128@x_64.whl")
        self.assertEqual(self.upload(self.draft(), "a b.whl", b"1").json["name"], "a.b.whl")

    def test_immutable_releases(self):
        self.repository.immutable_releases = True
        release = self.draft()
        asset = self.upload(release, "a.whl", b"1").json["id"]
        self.assertTrue(self.api("PATCH", f"{RELEASES}/{release}", {"draft": False}).json["immutable"])
        self.assertEqual(self.upload(release, "b.whl", b"1").json["message"], "Cannot upload assets to an immutable release.")
        self.assertEqual(self.api("DELETE", f"{RELEASES}/assets/{asset}").status, 422)
        self.assertEqual(self.api("PATCH", f"{RELEASES}/{release}", {"tag_name": "v2"}).status, 422)
        self.assertEqual(self.api("PATCH", f"{RELEASES}/{release}", {"body": "notes"}).status, 200)
        self.assertEqual(self.api("DELETE", f"{RELEASES}/{release}").status, 204)
        self.assertEqual(self.api("POST", RELEASES, {"tag_name": "v1"}).json["errors"][0]["message"], "tag_name was used by an immutable release")

    def test_tokens(self):
        self.assertEqual(self.api("GET", RELEASES, token="wrong").json["message"], "Bad credentials")
        self.assertEqual(self.api("POST", RELEASES, {"tag_name": "v1"}, token=None).status, 401)
        self.assertEqual(ask(self.standin.places.api, "GET", "/repos/owner/none/releases").status, 404)

    def test_downloads_are_redirected_to_another_host(self):
        asset = self.upload(self.draft(), "a.whl", b"bytes").json
        moved = self.api("GET", f"{RELEASES}/assets/{asset['id']}", Accept="application/octet-stream")
        self.assertEqual(moved.status, 302)
        self.assertTrue(moved.headers["Location"].startswith(self.standin.places.objects))
        signed = moved.headers["Location"].removeprefix(self.standin.places.objects)
        self.assertEqual(ask(self.standin.places.objects, "GET", signed, token=None).body, b"bytes")
        self.assertEqual(ask(self.standin.places.objects, "GET", f"/assets/{asset['id']}?sig=guess", token=None).status, 403)

    def test_browser_downloads_are_public_once_published(self):
        release = self.draft()
        asset = self.upload(release, "a+b.whl", b"bytes").json
        path = urllib.parse.urlsplit(asset["browser_download_url"]).path
        self.assertEqual(ask(self.standin.places.web, "GET", path, token=None).status, 404)
        self.api("PATCH", f"{RELEASES}/{release}", {"draft": False})
        path = urllib.parse.urlsplit(self.api("GET", f"{RELEASES}/assets/{asset['id']}").json["browser_download_url"]).path
        self.assertEqual(path, "/owner/demo/releases/download/v1/a%2Bb.whl")
        self.assertEqual(ask(self.standin.places.web, "GET", path, token=None).status, 302)

    def test_a_broken_upload_leaves_a_starter_that_blocks_its_name(self):
        self.standin.set_faults("owner/demo", ["upload-release-asset#1:reset-body"])
        release = self.draft()
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.upload(release, "a.whl", bytes(10_000_000))
        self.assertEqual(self.states(release), {"a.whl": "starter"})
        self.assertEqual(self.upload(release, "a.whl", b"1").json["errors"][0]["code"], "already_exists")
        (asset,) = self.api("GET", f"{RELEASES}/{release}/assets").json
        self.assertEqual((asset["size"], asset["digest"]), (0, None))
        self.api("DELETE", f"{RELEASES}/assets/{asset['id']}")
        self.assertEqual(self.upload(release, "a.whl", b"1").status, 201)

    def test_a_client_that_dies_leaves_a_starter(self):
        release = self.draft()
        place = urllib.parse.urlsplit(self.standin.places.uploads)
        connection = http.client.HTTPConnection(place.hostname, place.port)
        connection.putrequest("POST", f"{RELEASES}/{release}/assets?name=a.whl")
        for name, value in {"User-Agent": "check", "Authorization": "Bearer token-of-the-test", "Content-Length": "100"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"ten bytes.")
        while not self.states(release):
            pass
        connection.close()
        self.assertEqual(self.states(release), {"a.whl": "starter"})

    def test_state_outlives_the_process(self):
        with tempfile.TemporaryDirectory() as directory:
            with github_standin.running(state_dir=directory) as first:
                kept = first.repository("owner/kept").add_release("v1", {"a.whl": b"bytes"})
            with github_standin.running(state_dir=directory) as second:
                self.assertEqual(second.repository("owner/kept").release_by_tag("v1"), kept)
                self.assertGreater(second.repository("owner/kept").add_release("v2", {}).id, max(kept.assets))
                path = f"/repos/owner/kept/releases/assets/{max(kept.assets)}"
                moved = ask(second.places.api, "GET", path, Accept="application/octet-stream").headers["Location"]
                self.assertEqual(ask(second.places.objects, "GET", moved.removeprefix(second.places.objects), token=None).body, b"bytes")


class RateLimits(StandinTest):
    options = {"rate_limit": (3, 3600), "content_limit": (1, 3600)}

    def test_content(self):
        self.draft()
        refused = self.api("POST", RELEASES, {"tag_name": "v2"})
        self.assertEqual((refused.status, "secondary" in refused.json["message"]), (403, True))
        self.assertGreater(int(refused.headers["Retry-After"]), 3000)

    def test_requests(self):
        self.assertEqual([self.api("GET", RELEASES).headers["x-ratelimit-remaining"] for _ in range(3)], ["2", "1", "0"])
        refused = self.api("GET", RELEASES)
        self.assertEqual((refused.status, refused.headers["x-ratelimit-remaining"]), (403, "0"))
        self.assertGreater(int(refused.headers["x-ratelimit-reset"]), time.time() + 3000)


class Violations(StandinTest):
    may_violate = True

    def refused(self, reply, text):
        self.assertEqual(reply.status, 500)
        self.assertEqual(reply.json["message"], f"stand-in: {text}")
        self.assertTrue(self.standin.violations[-1].endswith(text))

    def test_requests_that_the_description_forbids(self):
        self.refused(self.api("GET", "/repos/owner/demo/tags"), "the description has no such operation")
        self.refused(self.api("GET", f"{RELEASES}?pages=2"), "list-releases: no query parameter is called ['pages']")
        self.refused(self.api("POST", RELEASES, {"tag": "v1"}), "create-release: no property is called ['tag']")
        self.refused(self.api("POST", RELEASES, {"tag_name": 1}), "create-release: tag_name: 1 is not of type 'string'")
        self.refused(self.api("POST", RELEASES, {"draft": True}), "create-release: : 'tag_name' is a required property")
        self.refused(self.api("POST", RELEASES, "{", Content_Type="application/json"),
                     "create-release: the body is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
        self.refused(self.api("GET", f"{RELEASES}/one"), "get-release: invalid literal for int() with base 10: 'one'")
        self.refused(self.api("DELETE", f"{RELEASES}/1", b"x"), "delete-release: takes no body")
        self.refused(self.api("GET", RELEASES, X_GitHub_Api_Version="2020-01-01"), "no API version is called 2020-01-01")

    def test_answers_that_the_description_forbids(self):
        release = self.draft()
        self.repository.releases[release].name = 5
        self.refused(self.api("GET", f"{RELEASES}/{release}"), "get-release: answer 200: name: 5 is not of type 'string'")

    def test_a_token_at_the_redirects_host(self):
        self.refused(ask(self.standin.places.objects, "GET", "/assets/1?sig=x"), "a token was sent to the host that a redirect names")
        with self.assertRaisesRegex(AssertionError, "a token was sent"), github_standin.running() as other:
            ask(other.places.objects, "GET", "/assets/1")


class FaultsTest(StandinTest):
    def faults(self, *texts):
        self.standin.set_faults("owner/demo", texts)

    def test_forms(self):
        for text in ("n=3:nothing", "list-releases", "n=:close", "list-releases#x:close"):
            with self.assertRaisesRegex(ValueError, "is no fault"):
                parse_fault(text)

    def test_which_request(self):
        self.faults("n=2:503", "list-releases#3-4:502", "get-latest-release:500")
        self.assertEqual([self.api("GET", RELEASES).status for _ in range(5)], [200, 503, 502, 502, 200])
        self.assertEqual([self.api("GET", f"{RELEASES}/latest").status for _ in range(2)], [500, 500])

    def test_statuses(self):
        for status in ("401", "403", "404", "409", "422", "429", "500", "502", "503"):
            self.faults(f"*:{status}", "*:latency=0.001")
            self.assertEqual(self.api("POST", RELEASES, {"tag_name": "v1"}).status, int(status))
            self.assertEqual(self.repository.releases, {})
        self.faults("*:after-502")
        self.assertEqual(self.api("POST", RELEASES, {"tag_name": "v1"}).status, 502)
        self.assertEqual(len(self.repository.releases), 1)

    def test_limits_as_documented(self):
        self.faults("n=1:403-rate=60", "n=2:429-rate", "n=3:403-secondary=7", "n=4:429=0.5")
        replies = [self.api("GET", RELEASES) for _ in range(4)]
        self.assertEqual([reply.status for reply in replies], [403, 429, 403, 429])
        self.assertEqual(replies[0].headers["x-ratelimit-remaining"], "0")
        self.assertGreaterEqual(int(replies[0].headers["x-ratelimit-reset"]), time.time() + 58)
        self.assertEqual([reply.headers["Retry-After"] for reply in replies], [None, None, "7", "0.5"])
        self.assertEqual(replies[3].json["message"], "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")

    def test_connections_that_end(self):
        for what, done in {"close": 0, "reset": 0, "close-after": 1, "reset-after": 1, "truncate": 1, "reset-answer": 1, "kill": 0, "kill-after": 1}.items():
            with self.subTest(what):
                self.faults(f"*:{what}")
                self.repository.releases.clear()
                killed = []
                self.standin.on_kill = killed.append
                with self.assertRaises((ConnectionError, http.client.HTTPException)):
                    self.api("POST", RELEASES, {"tag_name": "v1"})
                self.assertEqual(len(self.repository.releases), done)
                self.assertEqual(killed, ["owner/demo"] if what.startswith("kill") else [])

    def test_uploads_that_break(self):
        for what, state in {"reset-body": "starter", "close-body": "starter", "kill-body": "starter", "reset-after": "uploaded"}.items():
            with self.subTest(what):
                self.faults(f"upload-release-asset:{what}")
                release = self.draft(what)
                with self.assertRaises((ConnectionError, http.client.HTTPException)):
                    self.upload(release, "a.whl", bytes(5_000_000))
                self.assertEqual(self.states(release), {"a.whl": state})
        self.faults("upload-release-asset:starter-502")
        release = self.draft()
        self.assertEqual(self.upload(release, "a.whl", b"1").status, 502)
        self.assertEqual(self.states(release), {"a.whl": "starter"})
        self.faults("upload-release-asset:early-503")
        self.assertEqual(self.upload(release, "b.whl", b"1").status, 503)

    def test_downloads_that_break(self):
        asset = self.upload(self.draft(), "a.whl", bytes(100_000)).json["id"]
        self.faults("download#1:truncate", "download#2:reset-answer", "download#3:503")

        def download():
            moved = self.api("GET", f"{RELEASES}/assets/{asset}", Accept="application/octet-stream").headers["Location"]
            return ask(self.standin.places.objects, "GET", moved.removeprefix(self.standin.places.objects), token=None)

        for _ in range(2):
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                download()
        self.assertEqual(download().status, 503)
        self.assertEqual(download().body, bytes(100_000))


class Program(unittest.TestCase):
    def test_it_says_where_it_is_and_ends_with_what_was_violated(self):
        for path, code in ((RELEASES, 0), ("/nothing", 1)):
            with tempfile.TemporaryDirectory() as name:
                Path(name, "a.whl").write_bytes(b"bytes")
                process = subprocess.Popen([sys.executable, "-m", "github_standin", "--release", f"owner/demo@v1={name}", "--faults", "n=2:503"],
                                           cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                place = json.loads(process.stdout.readline())
                reply = ask(place["api"], "GET", path)
                self.assertEqual(reply.status, 500 if code else 200)
                if not code:
                    self.assertEqual(reply.json[0]["assets"][0]["name"], "a.whl")
                    self.assertEqual(ask(place["api"], "GET", path).status, 503)
                self.assertEqual(len(ask(place["api"], "GET", "/_standin").json["violations"]), code)
                process.terminate()
                self.assertEqual(process.communicate()[1], "violation: GET /nothing: the description has no such operation\n" if code else "")
                self.assertEqual(process.returncode, code)


if __name__ == "__main__":
    unittest.main()
