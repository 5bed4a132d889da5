"""Public keys and raw signatures (S-002, S-004, S-019)."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.errors import Malformed
from credentials.keys import (
    SoftwareSigner,
    build_public_key,
    parse_jwk,
    verify_signature,
)
from encoding import base64url
from tests.credentials.workshop import AGENCY, DRIVER, ed25519_signer, public_key

EC_JWK = dict(AGENCY.public_jwk)
OKP_JWK = dict(ed25519_signer("clerk").public_jwk)


def test_the_thumbprint_is_that_of_rfc_8037_appendix_a():
    key = parse_jwk(
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    )

    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key.algorithm == "EdDSA"


def test_a_key_keeps_only_its_required_members():
    key = parse_jwk({**EC_JWK, "kid": "mine", "use": "sig", "alg": "ES256", "x5t": "…"})

    assert key.jwk == EC_JWK
    assert key == parse_jwk(EC_JWK)
    assert hash(key) == hash(parse_jwk(EC_JWK))


@pytest.mark.parametrize("signer", [AGENCY, ed25519_signer("clerk")])
def test_a_signature_verifies_with_its_own_key_and_no_other(signer):
    signature = signer.sign(b"2A-4417")

    assert verify_signature(public_key(signer), b"2A-4417", signature)
    assert not verify_signature(public_key(signer), b"2A-4418", signature)
    assert not verify_signature(public_key(DRIVER), b"2A-4417", signature)
    assert not verify_signature(public_key(signer), b"2A-4417", signature[:-1])
    assert not verify_signature(public_key(signer), b"2A-4417", signature + b"\0")
    assert not verify_signature(public_key(signer), b"2A-4417", bytes(64))


@pytest.mark.parametrize(
    ("jwk", "detail"),
    [
        (None, "invalid_key"),
        ([EC_JWK], "invalid_key"),
        ({**EC_JWK, "d": "AAAA"}, "private_key_in_jwk"),
        ({**OKP_JWK, "d": "AAAA"}, "private_key_in_jwk"),
        ({"kty": "oct", "k": "AAAA"}, "private_key_in_jwk"),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "unsupported_key"),
        ({**EC_JWK, "crv": "P-224"}, "unsupported_key"),
        ({**EC_JWK, "crv": "P-384"}, "invalid_key"),
        ({**EC_JWK, "crv": ["P-256"]}, "unsupported_key"),
        ({**OKP_JWK, "crv": "X25519"}, "unsupported_key"),
        ({name: EC_JWK[name] for name in ("kty", "crv", "x")}, "invalid_key"),
        ({**EC_JWK, "x": 7}, "invalid_key"),
        ({**EC_JWK, "x": EC_JWK["x"] + "="}, "invalid_key"),
        ({**EC_JWK, "x": EC_JWK["x"][:-2]}, "invalid_key"),
        ({**EC_JWK, "x": base64url.encode(bytes(31))}, "invalid_key"),
        ({**EC_JWK, "y": EC_JWK["x"]}, "invalid_key"),
        (
            {**EC_JWK, "x": base64url.encode(bytes(32)), "y": base64url.encode(bytes(32))},
            "invalid_key",
        ),
        ({**EC_JWK, "alg": "ES384"}, "invalid_key"),
        ({**EC_JWK, "alg": ["ES256"]}, "invalid_key"),
        ({**EC_JWK, "use": "enc"}, "invalid_key"),
        ({**EC_JWK, "key_ops": ["sign"]}, "invalid_key"),
        ({**EC_JWK, "key_ops": "verify"}, "invalid_key"),
    ],
)
def test_s_019_what_is_not_plainly_a_public_signature_key_is_refused(jwk, detail):
    with pytest.raises(Malformed) as fault:
        parse_jwk(jwk)

    assert fault.value.detail == detail
    assert "AAAA" not in str(fault.value)


def test_an_ed25519_key_may_use_its_newer_name():
    assert parse_jwk({**OKP_JWK, "alg": "Ed25519", "key_ops": ["verify"]}).algorithm == "EdDSA"


def test_a_key_object_and_its_jwk_are_the_same_key():
    for signer in (AGENCY, ed25519_signer("clerk")):
        assert build_public_key(public_key(signer).key_object) == public_key(signer)


def test_a_key_of_another_curve_has_no_public_key_here():
    other = ec.generate_private_key(ec.SECP224R1()).public_key()

    with pytest.raises(Malformed, match="unknown kind or curve"):
        build_public_key(other)


@pytest.mark.parametrize(
    ("curve", "algorithm", "size"),
    [
        (ec.SECP256R1(), "ES256", 64),
        (ec.SECP384R1(), "ES384", 96),
        (ec.SECP521R1(), "ES512", 132),
        (ec.SECP256K1(), "ES256K", 64),
    ],
)
def test_s_185_each_curve_signs_with_its_one_algorithm(curve, algorithm, size):
    signer = SoftwareSigner(ec.generate_private_key(curve))
    key = parse_jwk(dict(signer.public_jwk))
    signature = signer.sign(b"2A-4417")

    assert (key.algorithm, signer.algorithm, len(signature)) == (algorithm, algorithm, size)
    assert verify_signature(key, b"2A-4417", signature)
    assert not verify_signature(key, b"2A-4418", signature)
    assert not verify_signature(key, b"2A-4417", signature[:-1])
    assert build_public_key(key.key_object) == key


def test_a_signer_never_shows_its_key():
    assert "private" not in repr(AGENCY)


@pytest.mark.parametrize("name", ["ecdsa_secp256r1_sha256_p1363_test.json", "ed25519_test.json"])
def test_s_004_wycheproof_finds_no_false_answer(vectors, name):
    groups = json.loads((vectors / "wycheproof" / name).read_text())["testGroups"]
    wrong, seen = [], 0
    for group in groups:
        key = parse_jwk(_jwk_of(group))
        for case in group["tests"]:
            seen += 1
            is_good = verify_signature(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            if is_good != (case["result"] == "valid"):
                wrong.append(case["tcId"])

    assert seen > 100
    assert wrong == []


def _jwk_of(group):
    if "publicKeyJwk" in group:
        jwk = dict(group["publicKeyJwk"])
        return {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
    key = group["publicKey"]
    if "wx" in key:
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _coordinate(key["wx"]),
            "y": _coordinate(key["wy"]),
        }
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes.fromhex(key["pk"]))}


def _coordinate(text):
    return base64url.encode(int(text, 16).to_bytes(32, "big"))


SMALL_ORDER = {
    "order 1": (1).to_bytes(32, "little"),
    "order 2": (2**255 - 20).to_bytes(32, "little"),
    "order 4": bytes(32),
    "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
}


@pytest.mark.parametrize("point", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_s_004_a_point_of_small_order_signs_nothing(point):
    # With such a key R = 1, S = 0 is a "signature" over one message of `order`, or over every one.
    key = parse_jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(point)})
    signature = (1).to_bytes(32, "little") + bytes(32)

    assert not any(verify_signature(key, bytes([each]), signature) for each in range(64))
