"""
The resident's PWA and the wallet's https links, served as files beside the API.

`/offer` and `/authorize` answer with the PWA whatever parameter they carry: the parameter stays
in the browser, which hands it to the API only after the resident has seen whose it is (VCI-W-01).
The service worker is the folder's own file with the list of what to keep put before it.
`/install` explains to a phone how to trust a demo city's own authority; it exists only where such
an authority is set.
"""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, abort

import credentials
from encoding.strict_json import build_json
from runtime.assets import (
    build_asset_response,
    build_manifest,
    manifest_version,
    register_assets,
)
from runtime.settings import Settings

LINKS = ("/offer", "/authorize")
WORKER = "service-worker.js"
CONFIGURATION = "/wallet.json"
_PROJECT = Path(credentials.__file__).parent.parent
_PARTS = (
    "encoding/js",
    "credentials/js",
    "node_modules/fflate/esm/browser.js",
    "node_modules/lean-qr/index.mjs",
    "node_modules/zxing-wasm/dist/es/reader/index.js",
    "node_modules/zxing-wasm/dist/es/share.js",
    "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm",
)
"""The shared rooms in JavaScript and the parts from npm that the PWA needs, and no others."""


def build_pages(app: Flask, settings: Settings) -> None:
    """Serve the PWA, its parts, its links and its service worker."""
    folder = settings.wallet_pwa_dir
    parts = {f"/modules/{part}": _PROJECT / part for part in _PARTS}
    register_assets(app, {"/": folder, **parts})

    def index() -> Response:
        return _serve(folder / "index.html")

    def worker() -> Response:
        return build_asset_response(build_worker(folder, parts), suffix=".js")

    def configuration() -> Response:
        told = build_json({"city": settings.city_name, "api": settings.base_url})
        return build_asset_response(told, suffix=".json")

    def authority() -> Response:
        if settings.ca_file is None:
            abort(404)
        # Phones offer to install a certificate only under this media type.
        return Response(settings.ca_file.read_bytes(), content_type="application/x-x509-ca-cert")

    for link in LINKS:
        app.add_url_rule(link, f"link_{link[1:]}", index)
    app.add_url_rule(f"/{WORKER}", "service_worker", worker)
    app.add_url_rule(CONFIGURATION, "configuration", configuration)
    app.add_url_rule("/ca.pem", "authority", authority)
    if settings.ca_file is not None:
        install = folder / "install.html"
        app.add_url_rule("/install", "install", lambda: _serve(install))


def _serve(page: Path) -> Response:
    return build_asset_response(page.read_bytes(), suffix=".html")


def build_worker(folder: Path, parts: Mapping[str, Path]) -> bytes:
    """The service worker: which files make up this version, then what it does with them."""
    manifest = build_manifest({"/": folder, **parts})
    manifest.pop(f"/{WORKER}", None)
    version = manifest_version(manifest)
    files = build_json(sorted({"/", *manifest, CONFIGURATION} - {"/index.html"})).decode()
    head = f'const VERSION = "{version}";\nconst FILES = {files};\n'
    return head.encode() + (folder / WORKER).read_bytes()
