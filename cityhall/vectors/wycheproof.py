"""Wycheproof: signatures that must and must not verify (S-004)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Result, Shelf, Unknown
from credentials.keys import PublicKey, parse_jwk, verify_signature
from encoding import base64url


def _check_groups(shelf: Shelf, path: Path) -> Iterator[Result]:
    for group in shelf.json(path)["testGroups"]:
        key = parse_jwk(_read_jwk(group))
        for case in group["tests"]:
            yield shelf.judge(path, f"tcId {case['tcId']}", partial(_is_as_said, key, case))


def _is_as_said(key: PublicKey, case: Any) -> bool:
    if case["result"] not in {"valid", "invalid"}:
        raise Unknown(f"its result is {case['result']}")
    message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
    return verify_signature(key, message, signature) is bool(case["result"] == "valid")


def _read_jwk(group: Any) -> Any:
    if "publicKeyJwk" in group:
        jwk = group["publicKeyJwk"]
        return {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
    key = group["publicKey"]
    if "wx" in key:
        point = {"x": _coordinate(key["wx"]), "y": _coordinate(key["wy"])}
        return {"kty": "EC", "crv": "P-256", **point}
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes.fromhex(key["pk"]))}


def _coordinate(text: str) -> str:
    return base64url.encode(int(text, 16).to_bytes(32, "big"))


CHECKS: Checks = (
    ("ecdsa_secp256r1_sha256_p1363*.json", _check_groups),
    ("ed25519*.json", _check_groups),
)
