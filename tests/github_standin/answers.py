"""Releases, assets and references as GitHub's JSON."""

import base64
import urllib.parse

from .repository import HEAD


def node_id(kind, number):
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def user(places, login="octocat"):
    base = f"{places.api}/users/{login}"
    return {
        "login": login, "id": 1, "node_id": node_id("User", 1), "avatar_url": f"{places.web}/images/{login}.gif", "gravatar_id": "", "url": base,
        "html_url": f"{places.web}/{login}", "followers_url": f"{base}/followers", "following_url": f"{base}/following{{/other_user}}",
        "gists_url": f"{base}/gists{{/gist_id}}", "starred_url": f"{base}/starred{{/owner}}{{/repo}}", "subscriptions_url": f"{base}/subscriptions",
        "organizations_url": f"{base}/orgs", "repos_url": f"{base}/repos", "events_url": f"{base}/events{{/privacy}}",
        "received_events_url": f"{base}/received_events", "type": "User", "site_admin": False,
    }


def shown_tag(release):
    """In addresses a draft has a made-up tag."""
    return urllib.parse.quote(release.untagged if release.draft else release.tag, safe="/")


def asset(places, repository, release, item):
    return {
        "url": f"{places.api}/repos/{repository.full_name}/releases/assets/{item.id}", "id": item.id, "node_id": node_id("Asset", item.id),
        "name": item.name, "label": item.label, "uploader": user(places), "content_type": item.content_type, "state": item.state, "size": item.size,
        "digest": f"sha256:{item.sha256}" if item.sha256 and repository.states_digests else None, "download_count": item.downloads,
        "created_at": item.created_at, "updated_at": item.updated_at,
        "browser_download_url": f"{places.web}/{repository.full_name}/releases/download/{shown_tag(release)}/{urllib.parse.quote(item.name)}",
    }


def release(places, repository, item):
    base, archive = f"{places.api}/repos/{repository.full_name}", urllib.parse.quote(item.tag, safe="/")
    return {
        "url": f"{base}/releases/{item.id}", "assets_url": f"{base}/releases/{item.id}/assets",
        "upload_url": f"{places.uploads}/repos/{repository.full_name}/releases/{item.id}/assets{{?name,label}}",
        "html_url": f"{places.web}/{repository.full_name}/releases/tag/{shown_tag(item)}", "id": item.id, "author": user(places),
        "node_id": node_id("Release", item.id), "tag_name": item.tag, "target_commitish": item.target, "name": item.name, "draft": item.draft,
        "immutable": item.immutable, "prerelease": item.prerelease, "created_at": item.created_at, "published_at": item.published_at,
        "assets": [asset(places, repository, item, each) for each in list(item.assets.values())],
        "tarball_url": None if item.draft else f"{base}/tarball/{archive}", "zipball_url": None if item.draft else f"{base}/zipball/{archive}",
        "body": item.body,
    }


def reference(places, repository, ref):
    base = f"{places.api}/repos/{repository.full_name}/git"
    sha = HEAD if ref == "heads/main" else repository.tags.get(ref.removeprefix("tags/"))
    return sha and {"ref": f"refs/{ref}", "node_id": node_id("Ref", ref), "url": f"{base}/refs/{urllib.parse.quote(ref)}",
                    "object": {"type": "commit", "sha": sha, "url": f"{base}/commits/{sha}"}}
