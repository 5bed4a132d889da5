"""VC-JOSE-COSE: the inputs of the W3C suite come out as their names say (JC-01 to 06)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.vectors.shelf import REFUSALS, Checks, Result, Shelf
from credentials.jose import parse_jws, sign_jws, verify_jws
from credentials.keys import PublicKey, SoftwareSigner, parse_jwk, verify_signature
from credentials.reading import read_presentation
from credentials.vcdm_shape import check_credential, check_presentation

_BAD = ("bad-", "-claims")
_SIGNER = SoftwareSigner(ec.derive_private_key(1, ec.SECP256R1()))


def _check_token(shelf: Shelf, path: Path) -> Iterator[Result]:
    keys = [
        parse_jwk(shelf.json(method)["publicKeyJwk"])
        for method in shelf.files("test-suite-input/vm-*.json")
    ]
    is_good = not any(mark in path.name for mark in _BAD)
    kind = "verifies" if is_good else "is refused"
    yield shelf.judge(path, kind, partial(_is_as_named, shelf.text(path), keys, is_good))


def _is_as_named(text: str, keys: list[PublicKey], is_good: bool) -> bool:
    return _verifies(text.strip(), keys) is is_good


def _verifies(text: str, keys: list[PublicKey]) -> bool:
    try:
        credentials = read_presentation(text)
    except REFUSALS:
        return False
    return all(
        any(
            key.algorithm == each.key_hint.algorithm
            and verify_signature(key, each.signing_input, each.signature)
            for key in keys
        )
        for each in credentials
    )


def _check_document(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "is issued", partial(_is_issued, path.name, shelf.json(path)))


def _is_issued(name: str, document: Any) -> bool:
    """Has the shape of its kind, and comes back from a token as it went in."""
    is_presentation = name.startswith("presentation")
    (check_presentation if is_presentation else check_credential)(document)
    kind = "vp+jwt" if is_presentation else "vc+jwt"
    jws = parse_jws(sign_jws(document, type=kind, signer=_SIGNER), types=frozenset({kind}))
    key = parse_jwk(dict(_SIGNER.public_jwk))
    return bool(jws.payload == document) and verify_jws(jws, key)


CHECKS: Checks = (
    ("test-suite-input/*-jose-*.txt", _check_token),
    ("test-suite-input/*-signed.txt", _check_token),
    ("test-suite-input/credential-*.json", _check_document),
    ("test-suite-input/presentation-*.json", _check_document),
)
