"""
The pages: the inspector's app, the business counter, the door, and the modules they run on.

Files are served as they lie in the folder: no build, no copy. The service worker learns from
`files.json` which files belong to the app and which version they are, so that a phone has all of
them or keeps the old ones.
"""

from pathlib import Path

from flask import Flask, Response, redirect

import credentials
import encoding
import ledger
from encoding.strict_json import build_json
from runtime.assets import build_manifest, manifest_version, register_assets

CAMERA_PATHS = ("/inspect/", "/inspect/index.html")
_HERE = Path(__file__).resolve().parent / "inspector"
_PROJECT = Path(credentials.__file__).resolve().parent.parent
_PARTS = _PROJECT / "node_modules"


def register_pages(app: Flask) -> None:
    """Serve every page and module."""
    offline = offline_mounts()
    register_assets(app, {**offline, **online_mounts()})
    api_description = (Path(__file__).resolve().parent / "openapi.json").read_bytes()

    @app.get("/")
    def home() -> Response:
        return redirect("/inspect/")  # type: ignore[return-value]

    @app.get("/inspect/files.json")
    def files() -> Response:
        manifest = build_manifest(offline)
        body = build_json({"version": manifest_version(manifest), "files": [*manifest]})
        answer = Response(body, content_type="application/json")
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    @app.get("/openapi.json")
    def openapi() -> Response:
        return Response(api_description, content_type="application/json")


def offline_mounts() -> dict[str, Path]:
    """What the inspector's app needs without signal."""
    return {
        "/inspect": _HERE,
        "/modules/credentials/js": Path(credentials.__file__).resolve().parent / "js",
        "/modules/encoding/js": Path(encoding.__file__).resolve().parent / "js",
        "/modules/ledger/js": Path(ledger.__file__).resolve().parent / "js",
        "/modules/node_modules/fflate/esm/browser.js": _PARTS / "fflate/esm/browser.js",
        "/modules/node_modules/zxing-wasm/dist/es/share.js": (
            _PARTS / "zxing-wasm/dist/es/share.js"
        ),
        "/modules/node_modules/zxing-wasm/dist/es/reader": _PARTS / "zxing-wasm/dist/es/reader",
        "/modules/node_modules/zxing-wasm/dist/es/bindings": (
            _PARTS / "zxing-wasm/dist/es/bindings"
        ),
        "/modules/node_modules/zxing-wasm/dist/reader": _PARTS / "zxing-wasm/dist/reader",
    }


def online_mounts() -> dict[str, Path]:
    """What only the pages with signal need."""
    pages = Path(__file__).resolve().parent / "pages"
    return {
        "/business": pages / "business",
        "/enrol": pages / "enrol",
        "/modules/node_modules/lean-qr": _PARTS / "lean-qr",
        "/modules/node_modules/@simplewebauthn/browser/esm": (
            _PARTS / "@simplewebauthn/browser/esm"
        ),
    }
