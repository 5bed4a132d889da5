"""did:key and multikeys: every vector of the method, its errors, its documents (KEY-01)."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from credentials.did_document import RELATIONSHIPS, parse_did_document
from credentials.did_key import derive_x25519
from credentials.dids import (
    build_did_key,
    name_resolution_error,
    parse_key_did,
    parse_key_did_url,
    resolve_key_did,
)
from credentials.errors import Malformed
from credentials.keys import build_public_key
from credentials.multikey import build_multikey, parse_multikey
from encoding import multibase

CURVES = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
    "ES256K": ec.SECP256K1(),
}
KEYS = [build_public_key(ec.derive_private_key(7, curve).public_key()) for curve in CURVES.values()]
KEYS.append(build_public_key(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()))


def did_of(codec, data):
    return "did:key:" + multibase.encode_multibase(multibase.encode_multicodec(codec, data))


def load_cases(vectors):
    for name in ("ed25519-x25519.json", "nist-curves.json"):
        yield from json.loads((vectors / "did-key" / name).read_text()).items()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
def test_key_01_each_known_kind_of_key_comes_back(key):
    did = build_did_key(key)

    assert parse_key_did(did) == key
    assert parse_key_did(did).algorithm == key.algorithm
    assert parse_key_did_url(f"{did}#{did.removeprefix('did:key:')}") == key
    assert build_multikey(parse_multikey(build_multikey(key))) == build_multikey(key)


def test_key_01_every_vector_gives_the_key_of_its_document(vectors):
    algorithms = []
    for did, case in load_cases(vectors):
        key = parse_key_did(did)
        algorithms.append(key.algorithm)
        pair = case.get("verificationKeyPair") or case.get("verificationMethod") or {}

        assert build_did_key(key) == did
        assert pair.get("publicKeyJwk", key.jwk) == key.jwk
        if "publicKeyBase58" in pair:
            raw = multibase.decode_multicodec(multibase.decode_multibase(build_multikey(key)))[1]

            assert multibase.decode_base58btc(pair["publicKeyBase58"]) == raw

    assert sorted(algorithms) == ["ES256"] * 3 + ["ES384"] * 2 + ["ES512"] * 2 + ["EdDSA"] * 5


def test_key_01_every_document_with_json_web_keys_is_built_as_published(vectors):
    built = 0
    for did, case in load_cases(vectors):
        methods = case["didDocument"]["verificationMethod"]
        if methods[0]["type"] == "JsonWebKey2020":
            built += 1

            assert case["didDocument"] == resolve_key_did(
                did, method_type="JsonWebKey2020", with_key_agreement=True
            )

    assert built == 7


def test_key_01_every_document_of_the_vectors_is_read(vectors):
    read = 0
    for did, case in load_cases(vectors):
        document = case["didDocument"]
        for relationship in RELATIONSHIPS - {"keyAgreement"}:
            keys = parse_did_document(document, did=did, relationship=relationship)
            # P256Key2021 was never a registered kind; methods of such kinds are passed over.
            if document["verificationMethod"][0]["type"] != "P256Key2021":
                assert list(keys.values()) == [parse_key_did(did)]
                read += 1

    assert read == 44


def test_key_01_the_derived_keys_for_encryption_are_those_of_the_vectors(vectors):
    for did, case in load_cases(vectors):
        pair = case.get("keyAgreementKeyPair", {})
        if "publicKeyBase58" in pair:
            twin = derive_x25519(parse_key_did(did).key_object.public_bytes_raw())

            assert multibase.encode_base58btc(twin) == pair["publicKeyBase58"]


def test_key_01_a_document_of_multikeys_has_the_four_relationships():
    did = build_did_key(KEYS[0])
    text = did.removeprefix("did:key:")

    assert resolve_key_did(did) == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{text}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": text,
            }
        ],
        "authentication": [f"{did}#{text}"],
        "assertionMethod": [f"{did}#{text}"],
        "capabilityInvocation": [f"{did}#{text}"],
        "capabilityDelegation": [f"{did}#{text}"],
    }


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
@pytest.mark.parametrize("method_type", ["Multikey", "JsonWebKey", "JsonWebKey2020"])
def test_key_01_a_built_document_gives_its_key_back(key, method_type):
    did = build_did_key(key)
    document = resolve_key_did(did, method_type=method_type, with_key_agreement=True)

    assert list(parse_did_document(document, did=did).values()) == [key]


@pytest.mark.parametrize(
    ("did", "detail", "error"),
    [
        (did_of(0xEC, bytes(32)), "unsupported_key", "unsupportedPublicKeyType"),
        (did_of(0xEB, bytes(96)), "unsupported_key", "unsupportedPublicKeyType"),
        (did_of(0x1205, bytes(270)), "unsupported_key", "unsupportedPublicKeyType"),
        (did_of(0xED, bytes(31)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0xED, bytes(33)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0x1200, b"\x02" + bytes(31)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0x1200, b"\x04" + bytes(64)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0x1201, b"\x02" + bytes(32)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0xE7, b"\x02" + bytes(31)), "invalid_key_length", "invalidPublicKeyLength"),
        (did_of(0x1200, b"\x05" + bytes(32)), "invalid_key", "invalidPublicKey"),
        (did_of(0xE7, b"\x02" + b"\xff" * 32), "invalid_key", "invalidPublicKey"),
        (did_of(0x1202, b"\x02" + b"\xff" * 66), "invalid_key", "invalidPublicKey"),
        ("did:key:z", "invalid_did", "invalidDid"),
        ("did:key:z0OIl", "invalid_did", "invalidDid"),
        ("did:key:z" + "2" * 1500, "invalid_did", "invalidDid"),
        ("did:key:z" + "2" * 2500, "invalid_did", "invalidDid"),
        ("did:key:uAA", "unsupported_did", "methodNotSupported"),
        ("did:key:1.1:z6Mk", "unsupported_did", "methodNotSupported"),
    ],
)
def test_key_01_each_fault_has_its_error(did, detail, error):
    with pytest.raises(Malformed) as fault:
        parse_key_did(did)

    assert fault.value.detail == detail
    assert name_resolution_error(fault.value) == error


def test_key_01_a_fragment_that_names_another_key_is_refused():
    one, other = build_did_key(KEYS[0]), build_did_key(KEYS[1])

    with pytest.raises(Malformed) as fault:
        parse_key_did_url(f"{one}#{other.removeprefix('did:key:')}")

    assert fault.value.detail == "invalid_did"


def test_an_unknown_kind_of_method_is_not_built():
    with pytest.raises(Malformed) as fault:
        resolve_key_did(build_did_key(KEYS[0]), method_type="RsaVerificationKey2018")

    assert fault.value.detail == "unsupported_key"


def test_a_key_of_small_order_without_a_twin_is_refused():
    with pytest.raises(Malformed) as fault:
        derive_x25519((1).to_bytes(32, "little"))

    assert fault.value.detail == "invalid_key"


@given(st.binary(max_size=80))
def test_any_other_bytes_are_refused_or_are_exactly_the_key_that_they_make(data):
    text = multibase.encode_multibase(data)
    try:
        key = parse_multikey(text)
    except Malformed:
        return
    assert build_multikey(key) == text
