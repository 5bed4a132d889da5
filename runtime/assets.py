"""
Files for browsers, served as they lie in the folder: no build, no copy.

A mount is a URL path and a folder or a single file. Only known kinds of files are served, nothing
hidden, nothing outside the folder. Every answer has a strong ETag of its content and must be
revalidated, so that a phone never mixes two versions. `build_manifest` lists the same files with
their hashes, for a service worker that keeps them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request

from encoding.strict_json import canonical_json

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def register_assets(app: Flask, mounts: Mapping[str, Path]) -> None:
    """Serve every mount. A folder answers its bare URL with its `index.html`, if there is one."""
    for number, (prefix, path) in enumerate(sorted(mounts.items())):
        name = f"assets_{number}_{prefix}".replace(".", "_")
        if path.is_file():
            app.add_url_rule(prefix, name, _file_view(path))
            continue
        base = prefix.rstrip("/")
        app.add_url_rule(f"{base}/", f"{name}_index", _file_view(path / "index.html"))
        app.add_url_rule(f"{base}/<path:name>", name, _folder_view(path))


def build_manifest(mounts: Mapping[str, Path]) -> dict[str, str]:
    """The URL of every file that the mounts serve, with the SHA-256 of its content."""
    manifest: dict[str, str] = {}
    for prefix, path in mounts.items():
        if path.is_file():
            manifest[prefix] = _hash(path.read_bytes())
            continue
        for file in _files(path):
            url = f"{prefix.rstrip('/')}/{file.relative_to(path).as_posix()}"
            manifest[url] = _hash(file.read_bytes())
    return dict(sorted(manifest.items()))


def manifest_version(manifest: Mapping[str, str]) -> str:
    """One short name for exactly these files."""
    return hashlib.sha256(canonical_json(dict(manifest))).hexdigest()[:16]


def find_asset(folder: Path, name: str) -> Path | None:
    """The file of that name inside the folder, if it may be served."""
    parts = name.split("/")
    if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    file = folder.joinpath(*parts)
    if file.suffix not in MEDIA_TYPES or not file.is_file():
        return None
    # A link may not lead out of the folder either.
    return file if file.resolve().is_relative_to(folder.resolve()) else None


def build_asset_response(content: bytes, *, suffix: str) -> Response:
    """An answer with its ETag, or 304 when the browser has these bytes already."""
    response = Response(content, content_type=MEDIA_TYPES[suffix])
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(_hash(content))
    response.make_conditional(request.environ, accept_ranges=False)
    return response


class _file_view:  # noqa: N801 - a view function with a file
    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> Response:
        if not self._file.is_file() or self._file.suffix not in MEDIA_TYPES:
            abort(404)
        return build_asset_response(self._file.read_bytes(), suffix=self._file.suffix)


class _folder_view:  # noqa: N801 - a view function with a folder
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> Response:
        file = find_asset(self._folder, name)
        if file is None:
            abort(404)
        return build_asset_response(file.read_bytes(), suffix=file.suffix)


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if find_asset(folder, name) is not None:
            yield file


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
