"""Compact JWS: what is refused before any key is looked up, and tokens of our own services."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from credentials.errors import Malformed, TokenRefused
from credentials.jose import (
    build_signing_input,
    decode_token,
    encode_token,
    join_signature,
    parse_jws,
    peek_type,
    sign_jws,
    verify_jws,
)
from encoding import base64url
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    NOW,
    STRANGER,
    ed25519_signer,
    public_key,
)

TYPES = frozenset({"vc+jwt"})
ALL_TYPES = (
    "dc+sd-jwt",
    "kb+jwt",
    "vc+jwt",
    "vp+jwt",
    "statuslist+jwt",
    "oauth-authz-req+jwt",
    "openid4vci-proof+jwt",
    "dpop+jwt",
    "at+jwt",
    "oauth-client-attestation+jwt",
    "oauth-client-attestation-pop+jwt",
    "key-attestation+jwt",
    "openidvci-issuer-metadata+jwt",
)


def token(header, payload='{"plate":"2A-4417"}', signature=bytes(64)):
    """A token with exactly this header, written as it is."""
    text = header if isinstance(header, str) else json.dumps(header)
    parts = (text.encode(), payload.encode(), signature)
    return ".".join(base64url.encode(part) for part in parts)


def refusal(text, types=TYPES, **limits):
    with pytest.raises(Malformed) as fault:
        parse_jws(text, types=types, **limits)
    return fault.value.detail


@pytest.mark.parametrize("signer", [AGENCY, ed25519_signer("clerk")])
def test_a_signed_token_reads_back_and_verifies(signer):
    text = sign_jws({"plate": "2A-4417"}, type="vc+jwt", signer=signer, header={"kid": "k1"})
    jws = parse_jws(text, types=TYPES)

    assert jws.payload == {"plate": "2A-4417"}
    assert (jws.key_id, jws.type, jws.algorithm) == ("k1", "vc+jwt", signer.algorithm)
    assert verify_jws(jws, public_key(signer))
    assert not verify_jws(jws, public_key(STRANGER))


@pytest.mark.parametrize(
    "algorithm",
    [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        None,
        7,
        ["ES256"],
        {},
        "HS256",
        "RS256",
        "ES256K",
        "es256",
    ],
)
def test_s_001_only_the_listed_asymmetric_algorithms_exist(algorithm):
    assert refusal(token({"alg": algorithm, "typ": "vc+jwt"})) == "invalid_signature_alg"


def test_s_001_a_missing_algorithm_is_refused_in_the_same_way():
    assert refusal(token({"typ": "vc+jwt"})) == "invalid_signature_alg"


def test_s_002_a_mac_with_the_public_key_as_secret_is_refused():
    secrets = [
        json.dumps(dict(AGENCY.public_jwk)).encode(),
        base64url.decode(AGENCY.public_jwk["x"]),
        b"",
    ]
    for secret in secrets:
        unsigned = token({"alg": "HS256", "typ": "vc+jwt"}).rpartition(".")[0]
        mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256)

        assert refusal(f"{unsigned}.{base64url.encode(mac)}") == "invalid_signature_alg"


def test_the_key_decides_the_algorithm_and_not_the_header():
    text = sign_jws({}, type="vc+jwt", signer=AGENCY)
    _, payload, signature = text.split(".")
    header = base64url.encode(b'{"alg":"EdDSA","typ":"vc+jwt"}')
    jws = parse_jws(f"{header}.{payload}.{signature}", types=TYPES)

    assert not verify_jws(jws, public_key(AGENCY))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "kid"])
def test_s_007_a_header_never_brings_its_own_key(name):
    values = {"jwk": dict(STRANGER.public_jwk), "x5c": ["MIIB"]}
    header = {name: values.get(name, "https://evil.example/keys")}
    jws = parse_jws(sign_jws({}, type="vc+jwt", signer=STRANGER, header=header), types=TYPES)

    assert not verify_jws(jws, public_key(AGENCY))


@pytest.mark.parametrize("critical", [["exp"], [], "b64", ["b64"], None, ["alg"]])
def test_s_009_critical_headers_are_refused(critical):
    header = {"alg": "ES256", "typ": "vc+jwt", "crit": critical}

    assert refusal(token(header)) == "unsupported_crit"


@pytest.mark.parametrize("value", [True, False])
def test_s_009_unencoded_payloads_are_refused(value):
    assert refusal(token({"alg": "ES256", "typ": "vc+jwt", "b64": value})) == "unsupported_b64"


def test_s_010_only_the_diagonal_of_the_type_matrix_accepts():
    accepted = []
    for sent in ALL_TYPES:
        text = sign_jws({}, type=sent, signer=AGENCY)
        for expected in ALL_TYPES:
            try:
                parse_jws(text, types=frozenset({expected}))
            except Malformed:
                continue
            accepted.append((sent, expected))

    assert accepted == [(name, name) for name in ALL_TYPES]


@pytest.mark.parametrize("value", ["VC+JWT", "application/vc+jwt", "JWT", "", 7, None, ["vc+jwt"]])
def test_s_010_another_spelling_of_a_type_is_another_type(value):
    assert refusal(token({"alg": "ES256", "typ": value})) == "invalid_typ"


def test_s_010_a_missing_type_is_refused():
    assert refusal(token({"alg": "ES256"})) == "invalid_typ"
    assert peek_type(token({"alg": "ES256"})) == ""


def test_s_012_a_member_that_stands_twice_is_refused():
    twice = '{"alg":"ES256","typ":"vc+jwt","typ":"vc+jwt"}'

    assert refusal(token(twice)) == "duplicate_member"
    assert (
        refusal(token({"alg": "ES256", "typ": "vc+jwt"}, payload='{"iss":"a","iss":"b"}'))
        == "duplicate_member"
    )


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "not_a_jws"),
        ("a.b", "not_a_jws"),
        ("a.b.c.d", "not_a_jws"),
        ("..", "invalid_json"),
        ("e30=.e30.AA", "invalid_base64url"),
        ("e30\n.e30.AA", "invalid_base64url"),
        ("é.e30.AA", "invalid_base64url"),
        (token("[1]"), "not_an_object"),
        (token({"alg": "ES256", "typ": "vc+jwt"}, payload="7"), "not_an_object"),
        (token({"alg": "ES256", "typ": "vc+jwt", "kid": 7}), "invalid_kid"),
        (token({"alg": "ES256", "typ": "vc+jwt"}) + "==", "invalid_base64url"),
        (token({"alg": "ES256", "typ": "vc+jwt", "x": "y" * 9000}), "too_large"),
        (token({"alg": "ES256", "typ": "vc+jwt", "x": "y" * 20000}), "too_large"),
    ],
)
def test_what_is_not_a_strict_compact_token_is_refused(text, detail):
    assert refusal(text) == detail


def test_s_014_a_token_above_its_limit_is_refused_and_one_at_it_is_read():
    text = sign_jws({"photo": "x" * 1000}, type="vc+jwt", signer=AGENCY)

    assert parse_jws(text, types=TYPES, max_bytes=len(text)).type == "vc+jwt"
    assert refusal(text, max_bytes=len(text) - 1) == "too_large"


def test_a_device_can_sign_what_the_wallet_service_prepared():
    signing_input = build_signing_input({"nonce": "n"}, type="kb+jwt", algorithm="ES256")
    text = join_signature(signing_input, DRIVER.sign(signing_input.encode()))

    assert verify_jws(parse_jws(text, types=frozenset({"kb+jwt"})), public_key(DRIVER))


def test_nothing_is_built_for_an_algorithm_or_a_signature_that_does_not_exist():
    with pytest.raises(Malformed, match="algorithm"):
        build_signing_input({}, type="kb+jwt", algorithm="HS256")
    with pytest.raises(Malformed, match="impossible length"):
        join_signature("e30.e30", b"short")


# Tokens of our own services.


def service_token(**changes):
    seconds = int(NOW.timestamp())
    claims = {"iss": "city", "aud": "https://issuer.city.example", "exp": seconds + 300}
    members = {**claims, "iat": seconds, **changes}
    present = {name: value for name, value in members.items() if value is not ...}
    return encode_token(present, type="at+jwt", signer=AGENCY, key_id="operator")


def decode(text, **changes):
    expected = {
        "type": "at+jwt",
        "keys": [public_key(STRANGER), public_key(ed25519_signer("x")), public_key(AGENCY)],
        "audience": "https://issuer.city.example",
        "issuer": "city",
        "now": NOW,
    }
    return decode_token(text, **{**expected, **changes})


def test_a_service_token_gives_its_claims():
    assert decode(service_token())["iss"] == "city"
    assert decode(service_token(iss="anybody"), issuer=None)["iss"] == "anybody"


@pytest.mark.parametrize(
    ("changes", "expected", "detail"),
    [
        ({}, {"keys": [public_key(STRANGER)]}, "bad_signature"),
        ({}, {"keys": []}, "bad_signature"),
        ({}, {"audience": "https://wallet.city.example"}, "wrong_audience"),
        ({"aud": ["https://issuer.city.example"]}, {}, "wrong_audience"),
        ({"aud": ...}, {}, "invalid_claims"),
        ({}, {"issuer": "other"}, "wrong_issuer"),
        ({"exp": ...}, {}, "invalid_claims"),
        ({"exp": "soon"}, {}, "invalid_claims"),
        ({"exp": True}, {}, "invalid_claims"),
        ({}, {"now": NOW + timedelta(seconds=360)}, "expired"),
        ({"nbf": int(NOW.timestamp()) + 61}, {}, "not_yet_valid"),
        ({}, {"now": NOW - timedelta(seconds=61)}, "not_yet_valid"),
    ],
)
def test_a_service_token_that_may_not_be_used_is_refused(changes, expected, detail):
    with pytest.raises(TokenRefused) as refused:
        decode(service_token(**changes), **expected)

    assert refused.value.detail == detail
    assert (refused.value.kind, refused.value.code) == ("refused", "invalid_token")


def test_a_minute_of_skew_is_allowed_on_both_sides():
    assert decode(service_token(), now=NOW + timedelta(seconds=359))
    assert decode(service_token(), now=NOW - timedelta(seconds=60))


def test_the_clock_of_this_machine_plays_no_part():
    far = NOW.replace(year=2090)
    seconds = int(far.timestamp())

    assert decode(service_token(exp=seconds + 9, iat=seconds, nbf=seconds), now=far)
