"""
The resident's PWA and the wallet's https links, served as files beside the API.

`/offer` and `/authorize` answer with the PWA whatever parameter they carry: the parameter stays
in the browser, which hands it to the API only after the resident has seen whose it is (VCI-W-01).
The service worker is the folder's own file with the list of what to keep put before it.
"""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response

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
        return build_asset_response((folder / "index.html").read_bytes(), suffix=".html")

    def worker() -> Response:
        return build_asset_response(build_worker(folder, parts), suffix=".js")

    def configuration() -> Response:
        told = build_json({"city": settings.city_name, "api": settings.base_url})
        return build_asset_response(told, suffix=".json")

    for link in LINKS:
        app.add_url_rule(link, f"link_{link[1:]}", index)
    app.add_url_rule(f"/{WORKER}", "service_worker", worker)
    app.add_url_rule(CONFIGURATION, "configuration", configuration)


def build_worker(folder: Path, parts: Mapping[str, Path]) -> bytes:
    """The service worker: which files make up this version, then what it does with them."""
    manifest = build_manifest({"/": folder, **parts})
    manifest.pop(f"/{WORKER}", None)
    version = manifest_version(manifest)
    files = build_json(sorted({"/", *manifest, CONFIGURATION} - {"/index.html"})).decode()
    head = f'const VERSION = "{version}";\nconst FILES = {files};\n'
    return head.encode() + (folder / WORKER).read_bytes()
