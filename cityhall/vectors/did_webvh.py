"""did:webvh: logs of five implementations resolve to the results they published (WVH-01 to 08)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf, explain
from credentials.did_webvh import resolve_did_webvh

LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""The logs are of the past; their rules do not depend on the day."""
IMPLICIT = ("#files", "#whois")
COMPARED = ("versionId", "versionNumber", "versionTime", "created", "scid", "portable")
DEACTIVATED = 'didwebvh 1.0, deactivation: "A resolver MUST NOT return the DIDDoc"; it is printed'
QUERY = "didwebvh 1.0, Read (Resolve): versionNumber names the version; printed is the newest"


def _check_result(shelf: Shelf, path: Path) -> Iterator[Result]:
    expected = shelf.json(path)
    log = shelf.data(path.parent / "did.jsonl")
    yield shelf.judge(path, "resolution", partial(_resolves, path, expected, log))


def _resolves(path: Path, expected: Any, log: bytes) -> bool:
    did, published = expected["didDocument"]["id"], expected["didDocumentMetadata"]
    number = path.name.split(".")[1]
    query = f"?versionNumber={number}" if number.isdigit() else ""
    found = resolve_did_webvh(did + query, log=log, witness_proofs=None, now=LATER)
    if found.document is None:
        if _agrees(found.metadata, published) and _last_state(log) == expected["didDocument"]["id"]:
            raise Differs(DEACTIVATED)
        return False
    if query and published["versionNumber"] != int(number):
        newest = resolve_did_webvh(did, log=log, witness_proofs=None, now=LATER)
        if _agrees(newest.metadata, published) and _is_same(newest.document, expected):
            raise Differs(QUERY)
        return False
    return _agrees(found.metadata, published) and _is_same(found.document, expected)


def _agrees(ours: Any, published: Any) -> bool:
    named = [name for name in COMPARED if name in published]
    return bool(named) and all(published[name] == ours[name] for name in named)


def _is_same(document: Any, expected: Any) -> bool:
    """Each implementation writes the implicit services in its own way: they are left out."""
    published = dict(expected["didDocument"])
    services = [s for s in published.pop("service", []) if not s["id"].endswith(IMPLICIT)]
    return bool(document == ({**published, "service": services} if services else published))


def _last_state(log: bytes) -> object:
    return json.loads(log.strip().rpartition(b"\n")[2])["state"]["id"]


CHECKS: Checks = (
    ("*/resolutionResult*.json", _check_result),
    ("*/script.yaml", explain("illustration: how the logs beside it were made")),
    ("*.md", explain("illustration: a description of logs that are not published")),
    ("*.schema.json", explain("a schema, and no JSON Schema validator among our parts")),
)
