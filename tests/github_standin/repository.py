"""What GitHub keeps of a repository: tags, releases, assets, and the rules that its documentation states for them."""

import datetime
import hashlib
import itertools
import json
import re
import secrets
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

MOST_ASSETS = 1000
LARGEST_ASSET = 2 << 30  # «Each file included in a release must be under 2 GiB»
HEAD = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"


class Refused(Exception):
    """An answer that is no success: status, message, and the entries of a validation error."""

    def __init__(self, status, message, errors=None):
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


def invalid(resource, code, place, message=None):
    entry = {"resource": resource, "code": code, "field": place}
    return Refused(422, "Validation Failed", [entry | ({"message": message} if message else {})])


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored_name(name):
    """«GitHub renames asset filenames that have special characters, non-alphanumeric characters, and leading or trailing periods.»"""
    return re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9._+@-]", ".", name)).strip(".")


@dataclass
class Asset:
    id: int
    name: str
    label: str
    content_type: str
    state: str = "starter"
    size: int = 0
    sha256: str = ""
    downloads: int = 0
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)


@dataclass
class Release:
    id: int
    tag: str
    target: str
    name: str | None
    body: str | None
    draft: bool
    prerelease: bool
    immutable: bool = False
    created_at: str = field(default_factory=now)
    published_at: str | None = None
    untagged: str = field(default_factory=lambda: "untagged-" + secrets.token_hex(10))
    assets: dict[int, Asset] = field(default_factory=dict)


class Blobs:
    """Bytes of assets by digest, in memory or in a directory; `discard`: none, they are only hashed."""

    def __init__(self, directory=None, discard=False):
        self._directory, self._bytes, self._discard = directory, {}, discard
        if directory:
            directory.mkdir(parents=True, exist_ok=True)

    def store(self, pieces):
        """Digest and size of what the iterator gives."""
        digest, kept, size = hashlib.sha256(), [], 0
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            if not self._discard:
                kept.append(piece)
        content, name = b"".join(kept), digest.hexdigest()
        if self._directory and not self._discard:
            temporary = self._directory / f".{secrets.token_hex(8)}"
            temporary.write_bytes(content)
            temporary.rename(self._directory / name)
        else:
            self._bytes[name] = content
        return name, size

    def load(self, name):
        return (self._directory / name).read_bytes() if self._directory else self._bytes[name]


class Repository:
    """Every public method is one step: others see it done or not begun."""

    def __init__(self, owner, name, ids, blobs, state_file=None):
        self.owner, self.name = owner, name
        self.immutable_releases = False  # the repository's setting: what is published from now on cannot change
        self.states_digests = True  # False: an Enterprise server of before June 2025
        self.tags, self.releases, self.burnt_tags = {}, {}, set()
        self.blobs, self._ids, self._file = blobs, ids, state_file
        self.lock = threading.RLock()
        if state_file and state_file.exists():
            self._load()

    @property
    def full_name(self):
        return f"{self.owner}/{self.name}"

    # Releases

    def list_releases(self, with_drafts):
        with self.lock:
            return sorted((item for item in self.releases.values() if with_drafts or not item.draft), key=lambda item: -item.id)

    def release(self, release_id, with_drafts):
        found = self.releases.get(int(release_id))
        if found is None or (found.draft and not with_drafts):
            raise Refused(404, "Not Found")
        return found

    def release_by_tag(self, tag):
        """Published releases only: drafts have no tag yet."""
        with self.lock:
            for item in self.releases.values():
                if item.tag == tag and not item.draft:
                    return item
        raise Refused(404, "Not Found")

    def latest_release(self):
        with self.lock:
            full = [item for item in self.releases.values() if not item.draft and not item.prerelease]
            if not full:
                raise Refused(404, "Not Found")
            return max(full, key=lambda item: (item.created_at, item.id))

    def create_release(self, wanted):
        with self.lock:
            release = Release(next(self._ids), wanted["tag_name"], wanted.get("target_commitish", "main"), wanted.get("name"), wanted.get("body"),
                              True, wanted.get("prerelease", False))
            self._check_tag(release)
            if not wanted.get("draft", False):
                self._publish(release)
            self.releases[release.id] = release
            self._save()
            return release

    def update_release(self, release_id, wanted):
        with self.lock:
            release = self.release(release_id, True)
            if release.immutable and set(wanted) - {"name", "body", "prerelease", "make_latest"}:
                raise invalid("Release", "custom", "tag_name", "Cannot change the tag or the assets of an immutable release.")
            old = release.tag
            release.tag = wanted.get("tag_name", release.tag)
            try:
                self._check_tag(release)
                if wanted.get("draft") is False and release.draft:
                    self._publish(release)
            except Refused:
                release.tag = old
                raise
            release.target = wanted.get("target_commitish", release.target)
            release.name, release.body = wanted.get("name", release.name), wanted.get("body", release.body)
            release.prerelease = wanted.get("prerelease", release.prerelease)
            if wanted.get("draft") is True:
                release.draft, release.published_at = True, None
            self._save()
            return release

    def delete_release(self, release_id):
        with self.lock:
            release = self.release(release_id, True)
            if release.immutable:
                self.burnt_tags.add(release.tag)
            del self.releases[release.id]
            self._save()

    def _check_tag(self, release):
        """Any number of drafts may name a tag, one published release may."""
        if release.tag in self.burnt_tags:
            raise invalid("Release", "custom", "tag_name", "tag_name was used by an immutable release")
        if not release.tag or re.search(r"[\s~^:?*\[\\]|\.\.|^[-/.]|[/.]$", release.tag):
            raise invalid("Release", "custom", "tag_name", "tag_name is not a valid tag")

    def _publish(self, release):
        if any(item.tag == release.tag and not item.draft and item.id != release.id for item in self.releases.values()):
            raise invalid("Release", "already_exists", "tag_name")
        release.draft, release.published_at, release.immutable = False, now(), self.immutable_releases
        self.tags.setdefault(release.tag, HEAD)

    # Assets

    def asset(self, asset_id, with_drafts):
        """The asset and its release."""
        with self.lock:
            for release in self.releases.values():
                if (found := release.assets.get(int(asset_id))) and (with_drafts or not release.draft):
                    return found, release
        raise Refused(404, "Not Found")

    def begin_asset(self, release_id, name, label, content_type, size):
        """An asset in state `starter`: uploaded when its bytes are there, and left so when the upload breaks."""
        with self.lock:
            release = self.release(release_id, True)
            stored = stored_name(name)
            if release.immutable:
                raise Refused(422, "Cannot upload assets to an immutable release.", [])
            if not stored:
                raise invalid("ReleaseAsset", "missing_field", "name")
            if any(item.name == stored for item in release.assets.values()):
                raise invalid("ReleaseAsset", "already_exists", "name")
            if len(release.assets) >= MOST_ASSETS:
                raise invalid("ReleaseAsset", "custom", "file_count", f"file_count limited to {MOST_ASSETS} assets per release")
            if size >= LARGEST_ASSET:
                raise invalid("ReleaseAsset", "custom", "size", f"size must be less than {LARGEST_ASSET}")
            asset = Asset(next(self._ids), stored, label or "", content_type)
            release.assets[asset.id] = asset
            self._save()
            return asset

    def finish_asset(self, asset_id, sha256, size):
        with self.lock:
            asset, release = self.asset(asset_id, True)
            asset.state, asset.sha256, asset.size, asset.updated_at = "uploaded", sha256, size, now()
            self._save()
            return asset, release

    def update_asset(self, asset_id, wanted):
        with self.lock:
            asset, release = self.asset(asset_id, True)
            name = stored_name(wanted.get("name", asset.name))
            if release.immutable:
                raise Refused(422, "Cannot update assets of an immutable release.", [])
            if any(item.name == name and item.id != asset.id for item in release.assets.values()):
                raise invalid("ReleaseAsset", "already_exists", "name")
            asset.name, asset.label, asset.updated_at = name, wanted.get("label", asset.label), now()
            self._save()
            return asset, release

    def delete_asset(self, asset_id):
        with self.lock:
            asset, release = self.asset(asset_id, True)
            if release.immutable:
                raise Refused(422, "Cannot delete assets of an immutable release.", [])
            del release.assets[asset.id]
            self._save()

    # What tests set up

    def add_release(self, tag, files, draft=False, **wanted):
        """A release with the files `{name: bytes}`, as if someone had made it before."""
        release = self.create_release({"tag_name": tag, "name": tag, "draft": True, **wanted})
        for name, content in files.items():
            asset = self.begin_asset(release.id, name, "", "application/octet-stream", len(content))
            self.finish_asset(asset.id, *self.blobs.store([content]))
        return release if draft else self.update_release(release.id, {"draft": False})

    # State that outlives the process

    def _save(self):
        if not self._file:
            return
        state = {"immutable_releases": self.immutable_releases, "tags": self.tags, "burnt_tags": sorted(self.burnt_tags),
                 "releases": [asdict(item) for item in self.releases.values()]}
        temporary = self._file.with_suffix(".tmp")
        temporary.write_text(json.dumps(state, indent=1))
        temporary.rename(self._file)

    def _load(self):
        state = json.loads(self._file.read_text())
        self.immutable_releases, self.tags, self.burnt_tags = state["immutable_releases"], state["tags"], set(state["burnt_tags"])
        for item in state["releases"]:
            assets = {int(key): Asset(**value) for key, value in item.pop("assets").items()}
            self.releases[item["id"]] = Release(**item, assets=assets)

    def highest_id(self):
        return max([0, *(number for item in self.releases.values() for number in (item.id, *item.assets))])


class Account:
    """All repositories, made when first asked for by a test."""

    def __init__(self, state_dir=None, discard=False):
        self._directory = Path(state_dir) if state_dir else None
        self.blobs = Blobs(self._directory / "blobs" if self._directory else None, discard)
        self.repositories, self._lock = {}, threading.Lock()
        files = sorted(self._directory.glob("*/*.json")) if self._directory else []
        self._ids = itertools.count(1001)
        for file in files:
            self.add(f"{file.parent.name}/{file.stem}")
        highest = max([1000, *(item.highest_id() for item in self.repositories.values())])
        self._skip_to(highest)

    def _skip_to(self, highest):
        while next(self._ids) < highest:
            pass

    def add(self, full_name):
        owner, name = full_name.split("/")
        with self._lock:
            if full_name.lower() not in self.repositories:
                file = self._directory / owner / f"{name}.json" if self._directory else None
                if file:
                    file.parent.mkdir(parents=True, exist_ok=True)
                self.repositories[full_name.lower()] = Repository(owner, name, self._ids, self.blobs, file)
            return self.repositories[full_name.lower()]

    def find(self, owner, name):
        """Names are not case sensitive."""
        found = self.repositories.get(f"{owner}/{name}".lower())
        if found is None:
            raise Refused(404, "Not Found")
        return found
