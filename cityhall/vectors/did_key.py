"""did:key: keys, documents and derived keys of the method's own vectors (KEY-01)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf
from credentials.did_document import RELATIONSHIPS, parse_did_document
from credentials.did_key import derive_x25519
from credentials.dids import build_did_key, parse_key_did, resolve_key_did
from credentials.multikey import build_multikey
from encoding import multibase

UNREGISTERED = (
    'DID Core 5.2: "the verification method type SHOULD be registered"; P256Key2021 never was, '
    "so the method is passed over"
)


def _check_documents(shelf: Shelf, path: Path) -> Iterator[Result]:
    for did, case in shelf.json(path).items():
        yield shelf.judge(path, f"{did} key", partial(_is_its_key, did, case))
        yield shelf.judge(path, f"{did} document", partial(_is_its_document, did, case))
        if "publicKeyBase58" in case.get("keyAgreementKeyPair", {}):
            yield shelf.judge(path, f"{did} key agreement", partial(_is_its_twin, did, case))


def _is_its_key(did: str, case: Any) -> bool:
    key = parse_key_did(did)
    pair = case.get("verificationKeyPair") or case.get("verificationMethod")
    raw = multibase.decode_multicodec(multibase.decode_multibase(build_multikey(key)))[1]
    is_same = [pair["publicKeyJwk"] == key.jwk] if "publicKeyJwk" in pair else []
    if "publicKeyBase58" in pair:
        is_same.append(multibase.decode_base58btc(pair["publicKeyBase58"]) == raw)
    return build_did_key(key) == did and bool(is_same) and all(is_same)


def _is_its_document(did: str, case: Any) -> bool:
    document = case["didDocument"]
    kind = document["verificationMethod"][0]["type"]
    if kind == "JsonWebKey2020":
        built = resolve_key_did(did, method_type=kind, with_key_agreement=True)
        return bool(document == built)
    read = [
        list(parse_did_document(document, did=did, relationship=relationship).values())
        for relationship in RELATIONSHIPS - {"keyAgreement"}
    ]
    if kind == "P256Key2021" and not any(read):
        raise Differs(UNREGISTERED)
    return all(keys == [parse_key_did(did)] for keys in read)


def _is_its_twin(did: str, case: Any) -> bool:
    twin = derive_x25519(multibase.decode_multicodec(multibase.decode_multibase(did[8:]))[1])
    return bool(multibase.encode_base58btc(twin) == case["keyAgreementKeyPair"]["publicKeyBase58"])


CHECKS: Checks = (("*.json", _check_documents),)
