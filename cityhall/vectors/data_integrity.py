"""vc-di-eddsa and vc-di-ecdsa: every step of the printed proofs (DI-02, DI-06)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from credentials.data_integrity import (
    build_signing_input,
    list_proofs,
    parse_proof,
    read_signing_input,
)
from credentials.dids import parse_key_did_url
from credentials.json_ld import to_n_quads
from credentials.keys import verify_signature
from credentials.multikey import parse_multikey
from credentials.rdf_canonical import canonicalize
from encoding import multibase
from encoding.strict_json import canonical_json

_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


def _is_rdf(path: Path) -> bool:
    return "-rdfc-" in path.parent.name


def _hash_name(path: Path) -> str:
    return "sha384" if path.parent.name.endswith("p384") else "sha256"


def _canonical(path: Path, document: Any) -> bytes:
    if _is_rdf(path):
        return canonicalize(to_n_quads(document), hash_name=_hash_name(path)).document
    return canonical_json(document)


def _document(shelf: Shelf) -> Any:
    return shelf.json(shelf.root / "unsigned.json")


def _options(shelf: Shelf, path: Path) -> Any:
    return shelf.json(shelf.one(f"{path.parent.name}/proofConfig*.json"))


def _signature(shelf: Shelf, path: Path) -> bytes:
    return bytes.fromhex(shelf.text(shelf.one(f"{path.parent.name}/sigHex*.txt")).strip())


def _signing_input(shelf: Shelf, path: Path) -> bytes:
    algorithm = parse_proof(_signed_proof(shelf, path)).algorithm
    return build_signing_input(_document(shelf), _options(shelf, path), algorithm=algorithm)


def _signed_proof(shelf: Shelf, path: Path) -> Any:
    (proof,) = list_proofs(shelf.json(shelf.one(f"{path.parent.name}/signed*.json")))
    return proof


def _is_canonical_document(shelf: Shelf, path: Path) -> bool:
    return _canonical(path, _document(shelf)) == shelf.data(path)


def _is_canonical_proof(shelf: Shelf, path: Path) -> bool:
    return _canonical(path, _options(shelf, path)) == shelf.data(path)


def _is_half(shelf: Shelf, path: Path, *, start: bool) -> bool:
    data = _signing_input(shelf, path)
    half = _HASHES[_hash_name(path)]().digest_size
    return (data[:half] if start else data[half:]).hex() == shelf.text(path).strip()


def _is_combined(shelf: Shelf, path: Path) -> bool:
    return _signing_input(shelf, path).hex() == shelf.text(path).strip()


def _is_signature(shelf: Shelf, path: Path) -> bool:
    key = parse_multikey(shelf.json(shelf.one("*[kK]eyPair.json"))["publicKeyMultibase"])
    return verify_signature(key, _signing_input(shelf, path), _signature(shelf, path))


def _is_proof_value(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path).strip()
    data = multibase.decode_multibase(text)
    return data == _signature(shelf, path) and multibase.encode_multibase(data) == text


def _is_verified(shelf: Shelf, path: Path) -> bool:
    """The signed document as a whole, with the key that its proof names."""
    document = shelf.json(path)
    proofs = list_proofs(document)
    for members in proofs:
        proof = parse_proof(members)
        key = parse_key_did_url(proof.options.verification_method)
        data = read_signing_input(document, proof, proofs)
        if not (key.algorithm == proof.algorithm and verify_signature(key, data, proof.signature)):
            return False
    unsecured = {name: document[name] for name in document if name != "proof"}
    return bool(unsecured == _document(shelf))


_STEPS: Mapping[str, Callable[[Shelf, Path], bool]] = {
    "canonDoc": _is_canonical_document,
    "proofCanon": _is_canonical_proof,
    "docHash": partial(_is_half, start=False),
    "proofHash": partial(_is_half, start=True),
    "combinedHash": _is_combined,
    "sigHex": _is_signature,
    "sigBTC58": _is_proof_value,
    "signed": _is_verified,
}


def _check_step(shelf: Shelf, path: Path) -> Iterator[Result]:
    step = next(name for name in _STEPS if path.name.startswith(name))
    yield shelf.judge(path, step, partial(_STEPS[step], shelf, path))


CHECKS: Checks = (
    *[(f"*/{step}*", _check_step) for step in _STEPS],
    ("employmentAuth.json", explain("nothing signed is published beside this document")),
)
