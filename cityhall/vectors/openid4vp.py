"""OpenID4VP 1.0: queries and the SD-JWT VC of its examples (VP-R, DCQL)."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.sd_jwt_cases import TYPES, check_case
from cityhall.vectors.sd_jwts import ISSUER_KEY
from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from credentials.disclosures import digest_text
from credentials.jose import verify_jws
from credentials.keys import parse_jwk
from credentials.sd_jwt import SdJwt, parse_sd_jwt, processed_claims
from openid4vc.dcql import build_query, parse_query
from openid4vc.errors import parse_error_response

_FOLDER = "examples/sd_jwt_vcld/*"
_DISCLOSED = re.compile(r"Hash: `([^`]+)`\n \* Disclosure:\\\n((?:`[^`]+`\\?\n)+)")


def _check_query(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "query", partial(_is_query, shelf, path))


def _is_query(shelf: Shelf, path: Path) -> bool:
    """Read, and written again as it was; defaults may be left out (section 6.2)."""
    printed = shelf.json(path)
    written: Any = build_query(parse_query(shelf.json(path)))
    for query in (written, printed):
        for each in query.get("credential_sets", []):
            each.setdefault("required", True)
    return bool(written == printed)


def _check_error(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "error", partial(_is_error, shelf, path))


def _is_error(shelf: Shelf, path: Path) -> bool:
    error = parse_error_response(shelf.data(path))
    return error is not None and bool(error.error == shelf.json(path)["error"])


def _joined(text: str) -> str:
    return re.sub(r"\s", "", text)


def _presented(shelf: Shelf, path: Path) -> SdJwt:
    return parse_sd_jwt(_joined(shelf.text(path.parent / "sd_jwt_presentation.txt")), types=TYPES)


def _check_part(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, path.stem, partial(_is_part, shelf, path))


def _is_part(shelf: Shelf, path: Path) -> bool:
    shown = _presented(shelf, path)
    binding = shown.key_binding
    if binding is None or not verify_jws(shown.jws, ISSUER_KEY):
        return False
    if path.name == "verified_contents.json":
        return bool(processed_claims(shown) == shelf.json(path))
    if path.name == "kb_jwt_header.json":
        return bool(dict(binding.header) == shelf.json(path))
    if path.name == "kb_jwt_payload.json":
        is_hash = shelf.json(path)["sd_hash"] == shown.sd_hash
        return bool(is_hash and dict(binding.payload) == shelf.json(path))
    return bool(dict(shown.jws.payload) == shelf.json(path))


def _check_text(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, path.stem, partial(_is_text, shelf, path))


def _is_text(shelf: Shelf, path: Path) -> bool:
    text, shown = _joined(shelf.text(path)), _presented(shelf, path)
    if path.name == "kb_jwt_serialized.txt":
        claims = processed_claims(shown)
        confirmation = claims["cnf"]
        key = parse_jwk(confirmation["jwk"] if isinstance(confirmation, dict) else None)
        binding = shown.key_binding
        return binding is not None and binding.text == text and verify_jws(binding, key)
    if path.name == "sd_jwt_jws_part.txt":
        return shown.jws.text == text and verify_jws(shown.jws, ISSUER_KEY)
    issued = text if path.name == "sd_jwt_issuance.txt" else None
    if issued is None:
        return verify_jws(shown.jws, ISSUER_KEY) and shown.key_binding is not None
    claims = processed_claims(parse_sd_jwt(issued, types=TYPES))
    printed = shelf.json(path.parent / "user_claims.json")
    return verify_jws(shown.jws, ISSUER_KEY) and bool(printed.items() <= claims.items())


def _check_disclosures(shelf: Shelf, path: Path) -> Iterator[Result]:
    payload = json.dumps(shelf.json(path.parent / "sd_jwt_payload.json"))
    for digest, lines in _DISCLOSED.findall(shelf.text(path)):
        disclosure = re.sub(r"[`\\\n]", "", lines)
        yield shelf.judge(path, digest, partial(_is_digest, digest, disclosure, payload))


def _is_digest(digest: str, disclosure: str, payload: str) -> bool:
    return digest_text(disclosure, hash_name="sha-256") == digest and f'"{digest}"' in payload


CHECKS: Checks = (
    ("examples/query_lang/*.json", _check_query),
    ("examples/request/dcql_*.json", _check_query),
    (f"{_FOLDER}/specification.yml", check_case),
    (f"{_FOLDER}/disclosures.md", _check_disclosures),
    (f"{_FOLDER}/verified_contents.json", _check_part),
    (f"{_FOLDER}/kb_jwt_header.json", _check_part),
    (f"{_FOLDER}/kb_jwt_payload.json", _check_part),
    (f"{_FOLDER}/sd_jwt_payload.json", _check_part),
    (f"{_FOLDER}/*.txt", _check_text),
    ("examples/client_metadata/*", explain("illustration: a part of a verifier's metadata")),
    ("examples/credentials/*", explain("illustration: claims without a signature")),
    ("examples/digital_credentials_api/error_*.json", _check_error),
    ("examples/digital_credentials_api/*", explain("illustration: parts are left out")),
    ("examples/request/*", explain("illustration: parts are left out")),
    ("examples/response/*", explain("illustration: an answer without its signature")),
)
