"""DPoP and attested clients: the tokens of RFC 9449 and of the attestation draft."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from credentials.jose import Jws, parse_jws, verify_jws
from credentials.keys import parse_jwk
from encoding import base64url
from openid4vc.dpop import verify_dpop

_TYPES = frozenset({"oauth-client-attestation+jwt", "oauth-client-attestation-pop+jwt"})
_HEADER = re.compile(r"^DPoP: ([^\s\\]+(?:\\\n [^\s\\]+)*)", re.MULTILINE)
_REQUEST = re.compile(r"^(GET|POST) (\S+) HTTP/1.1\nHost: (\S+)", re.MULTILINE)
_TOKEN = re.compile(r"^Authorization: DPoP (\S+)", re.MULTILINE)


def _parts(text: str) -> tuple[Any, Any]:
    """Header and payload as printed, one above the other."""
    header, _, payload = text.partition("\n.\n")
    return json.loads(header), json.loads(payload)


def _proof_of(text: str) -> str:
    found = _HEADER.search(text)
    if found is None:
        raise ValueError("there is no DPoP header")
    return re.sub(r"\\\n ", "", found[1])


def _printed_proof(shelf: Shelf) -> tuple[Any, Any]:
    return _parts(shelf.text(shelf.one("spec-blocks/003-*")))


def _check_proof(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "proof", partial(_is_proof, shelf, path))


def _is_proof(shelf: Shelf, path: Path) -> bool:
    """With the request around it, where it is printed; else with what its payload says."""
    text = shelf.text(path)
    header, printed = _printed_proof(shelf)
    request, token = _REQUEST.search(text), _TOKEN.search(text)
    method, url = (
        (request[1], f"https://{request[3]}{request[2]}")
        if request
        else (printed["htm"], printed["htu"])
    )
    thumbprint, proof = parse_jwk(header["jwk"]).thumbprint, _proof_of(text)
    verified = verify_dpop(
        [proof],
        method=method,
        url=url,
        # At the moment that it was made at: how old it may be is not for an example to say.
        now=datetime.fromtimestamp(json.loads(base64url.decode(proof.split(".")[1]))["iat"], UTC),
        window=timedelta(seconds=5),
        access_token=token[1] if token else None,
        bound_to=thumbprint if token else None,
        nonce_rule=None,
        claim=lambda _: True,
    )
    # The first two are printed in parts as well.
    is_same = path.name[:3] not in {"001", "004"} or verified.token_id == printed["jti"]
    return verified.thumbprint == thumbprint and is_same


def _check_confirmation(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "thumbprint", partial(_is_confirmed, shelf, path))


def _is_confirmed(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path)
    claims = json.loads(text[text.index("{") :])
    header, _ = _printed_proof(shelf)
    return bool(parse_jwk(header["jwk"]).thumbprint == claims["cnf"]["jkt"])


def _check_content(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "content", partial(_is_content, shelf, path))


def _is_content(shelf: Shelf, path: Path) -> bool:
    printed = _parts(shelf.text(shelf.one(f"spec-blocks/{int(path.name[:3]) - 1:03}-*")))
    jws = _read_token(shelf.text(path))
    return (dict(jws.header), dict(jws.payload)) == printed


def _check_possession(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield from _check_content(shelf, path)
    yield shelf.judge(path, "signature", partial(_is_possession, shelf, path))


def _is_possession(shelf: Shelf, path: Path) -> bool:
    """Signed with the key that the attestation names."""
    attestation: Any = _read_token(shelf.text(shelf.one("spec-blocks/002-*"))).payload
    key = parse_jwk({name: attestation["cnf"]["jwk"][name] for name in ("kty", "crv", "x", "y")})
    return verify_jws(_read_token(shelf.text(path)), key)


def _read_token(text: str) -> Jws:
    return parse_jws(re.sub(r"\s", "", text.partition(":")[2]), types=_TYPES)


DPOP: Checks = (
    ("spec-blocks/001-*", _check_proof),
    ("spec-blocks/004-*", _check_proof),
    ("spec-blocks/006-*", _check_proof),
    ("spec-blocks/008-*", _check_confirmation),
    ("spec-blocks/010-*", _check_confirmation),
    ("spec-blocks/012-*", _check_proof),
    ("spec-blocks/007-*", explain("the key of its signature is not printed")),
    ("spec-blocks/011-*", explain("illustration: a grammar")),
)
ATTESTATION: Checks = (
    ("spec-blocks/002-*", _check_content),
    ("spec-blocks/005-*", _check_possession),
    ("spec-blocks/00[89]-*", explain("illustration: parts of a token without its signature")),
)
