"""Browsers get the files that are meant for them, and no other."""

import hashlib

import pytest
from flask import Flask

from runtime.assets import (
    MEDIA_TYPES,
    build_manifest,
    find_asset,
    manifest_version,
    register_assets,
)

FILES = {
    "app.js": ("export {}", "text/javascript; charset=utf-8"),
    "index.html": ("<p>", "text/html; charset=utf-8"),
    "style.css": ("p{}", "text/css; charset=utf-8"),
    "icon.svg": ("<svg/>", "image/svg+xml"),
    "words.json": ("{}", "application/json"),
    "city.webmanifest": ("{}", "application/manifest+json"),
    "reader.wasm": ("\0asm", "application/wasm"),
    "face.png": ("x", "image/png"),
    "text.woff2": ("x", "font/woff2"),
    "deep/part.js": ("1", "text/javascript; charset=utf-8"),
}
NEVER = ["secret.py", "notes.txt", ".env", ".git/config.json", "app.js.map", "keys.pem", "none"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "inspector"
    for name in [*FILES, *NEVER]:
        file = made / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(FILES.get(name, ("secret", ""))[0])
    (tmp_path / "outside.js").write_text("secret")
    (made / "link.js").symlink_to(tmp_path / "outside.js")
    return made


@pytest.fixture
def mounts(folder, tmp_path):
    single = tmp_path / "browser.js"
    single.write_text("export const zip = 1")
    return {"/modules/inspector": folder, "/modules/node_modules/fflate/browser.js": single}


@pytest.fixture
def client(mounts):
    app = Flask("counter", static_folder=None)
    register_assets(app, mounts)
    return app.test_client()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_comes_with_its_kind_and_a_strong_etag(client, name):
    content, content_type = FILES[name]
    response = client.get(f"/modules/inspector/{name}")

    assert response.data == content.encode()
    assert response.content_type == content_type
    assert response.headers["ETag"] == f'"{hashlib.sha256(content.encode()).hexdigest()}"'
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        *NEVER,
        "link.js",
        "deep",
        "deep/",
        "../outside.js",
        "%2e%2e/outside.js",
        "..%2foutside.js",
        "deep/../../outside.js",
        "deep//part.js",
        "./app.js",
        "deep\\part.js",
        "app.js%00.png",
        "/etc/passwd.json",
    ],
)
def test_nothing_else_is_served(client, folder, path):
    assert client.get(f"/modules/inspector/{path}").status_code in (404, 308)
    assert find_asset(folder, path) is None


def test_a_browser_that_has_the_file_is_told_so(client):
    first = client.get("/modules/inspector/app.js")
    same = client.get("/modules/inspector/app.js", headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]


def test_a_changed_file_is_served_at_once(client, folder):
    old = client.get("/modules/inspector/app.js").headers["ETag"]
    (folder / "app.js").write_text("export const a = 1")
    response = client.get("/modules/inspector/app.js", headers={"If-None-Match": old})

    assert (response.status_code, response.data) == (200, b"export const a = 1")


def test_a_single_file_is_served_and_its_neighbours_are_not(client):
    assert client.get("/modules/node_modules/fflate/browser.js").data == b"export const zip = 1"
    assert client.get("/modules/node_modules/fflate/package.json").status_code == 404


def test_a_folder_answers_with_its_index(client):
    assert client.get("/modules/inspector/").data == b"<p>"


def test_the_manifest_lists_exactly_what_is_served(client, mounts):
    manifest = build_manifest(mounts)

    assert len(manifest) == len(FILES) + 1
    for url, digest in manifest.items():
        assert hashlib.sha256(client.get(url).data).hexdigest() == digest


def test_another_content_is_another_version(mounts, folder):
    version = manifest_version(build_manifest(mounts))
    (folder / "app.js").write_text("export const a = 1")

    assert manifest_version(build_manifest(mounts)) != version


def test_only_known_kinds_have_a_media_type():
    assert set(MEDIA_TYPES) >= {".js", ".wasm", ".css", ".svg", ".json", ".png", ".woff2"}
    assert ".py" not in MEDIA_TYPES
