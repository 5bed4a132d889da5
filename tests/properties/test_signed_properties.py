"""Signed envelopes and keys: what is built is read, and no change of one character passes."""

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credentials.cose import (
    build_cose_key,
    build_cose_sign1,
    build_value,
    parse_cose_key,
    parse_cose_sign1,
    parse_value,
    sig_structure,
)
from credentials.did_jwk import build_did_jwk, parse_did_jwk, resolve_did_jwk
from credentials.did_key import build_did_key, parse_did_key, resolve_did_key
from credentials.jose import parse_jws, peek_type, sign_jws, verify_jws
from credentials.keys import parse_jwk, verify_signature
from credentials.multikey import build_multikey, parse_multikey
from encoding import base64url
from tests.properties.edits import (
    JSON_OBJECTS,
    JSON_VALUES,
    REFUSALS,
    TEXTS,
    detail_of,
    edited_bytes,
    edited_text,
    refused,
)
from tests.properties.keys import JOSE, SIGNERS, key_of, signer_of
from tests.properties.test_cbor_properties import VALUES

TYPE = "thing+jwt"
TYPES = frozenset({TYPE})
NAMES = st.text("abcdefghij", min_size=1, max_size=8)
SIGNS = st.sampled_from([SIGNERS[name] for name in JOSE])
LABELS = st.integers(100, 400) | st.text("abc", min_size=1, max_size=4)
HEADERS = st.dictionaries(LABELS, VALUES, max_size=3)
URL_CHARACTERS = st.sampled_from(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=~ "
)
# Members of a JWK that say what a key is for, right and wrong.
USES = st.dictionaries(
    st.sampled_from(["alg", "use", "key_ops", "kid", "d", "k", "kty", "crv", "x", "y", "ext"]),
    st.sampled_from(["sig", "enc", "ES256", "EC", "P-256", ["verify"], ["sign"], None, 1, ""])
    | JSON_VALUES,
    max_size=2,
)


@given(JSON_OBJECTS, SIGNS, st.dictionaries(NAMES, TEXTS, max_size=2))
def test_a_jws_gives_back_its_payload_and_holds(payload, signer, header):
    text = sign_jws(payload, type=TYPE, signer=signer, header=header)
    jws = parse_jws(text, types=TYPES)

    assert jws.payload == payload
    assert jws.header == {"alg": signer.algorithm, "typ": TYPE, **header}
    assert peek_type(text) == TYPE
    assert verify_jws(jws, key_of(signer))
    assert not verify_jws(jws, key_of(signer_of(signer.algorithm, "another")))


@given(st.data())
def test_a_jws_with_another_character_is_refused_or_unsigned(data):
    signer = data.draw(st.sampled_from([SIGNERS["ES256"], SIGNERS["EdDSA"]]))
    text = sign_jws({"iss": "a", "n": [1, {"b": None}]}, type=TYPE, signer=signer)
    changed = data.draw(edited_text(st.just(text), alphabet=URL_CHARACTERS))
    assume(changed != text)
    if not refused(parse_jws, changed, types=TYPES):
        assert not verify_jws(parse_jws(changed, types=TYPES), key_of(signer))


@given(JSON_OBJECTS | JSON_VALUES)
@example({"alg": "none", "typ": TYPE})
@example({"alg": "ES256K", "typ": TYPE})
@example({"alg": "HS256", "typ": TYPE})
@example({"alg": ["ES256"], "typ": TYPE})
@example({"alg": "ES256", "typ": TYPE, "crit": []})
@example({"alg": "ES256", "typ": TYPE, "b64": True})
@example({"alg": "ES256", "typ": [TYPE]})
@example({"alg": "ES256", "typ": TYPE, "kid": 1})
def test_any_other_header_is_refused(header):
    def encoded(value):
        return base64url.encode(json.dumps(value).encode())

    assert refused(parse_jws, f"{encoded(header)}.{encoded({})}.AA", types=TYPES)


@given(VALUES.map(build_value), SIGNS, HEADERS, HEADERS, st.booleans(), st.booleans())
def test_a_cose_message_gives_back_what_it_holds(
    payload, signer, protected, unprotected, tagged, detached
):
    for label in protected:
        unprotected.pop(label, None)
    data = build_cose_sign1(
        payload,
        signer=signer,
        protected=protected,
        unprotected=unprotected,
        tagged=tagged,
        detached=detached,
    )
    message = parse_cose_sign1(parse_value(data), tagged=tagged)

    assert message.payload == (None if detached else payload)
    assert build_value(dict(message.unprotected)) == build_value(unprotected)
    assert verify_signature(
        key_of(signer), sig_structure(message.protected, payload), message.signature
    )
    assert refused(parse_cose_sign1, parse_value(data), tagged=not tagged)


@given(st.data())
def test_a_changed_cose_message_is_refused_or_unsigned(data):
    signer = SIGNERS["EdDSA"]
    whole = build_cose_sign1(
        b"payload", signer=signer, protected={4: b"kid"}, unprotected={33: b"x"}, tagged=True
    )
    changed = data.draw(edited_bytes(st.just(whole)))
    try:
        message = parse_cose_sign1(parse_value(changed), tagged=True)
    except REFUSALS:
        return
    original = parse_cose_sign1(parse_value(whole), tagged=True)
    is_same = (message.protected_header, message.payload, message.signature) == (
        original.protected_header,
        original.payload,
        original.signature,
    )
    signed = sig_structure(message.protected, message.payload or b"")

    assert verify_signature(key_of(signer), signed, message.signature) == is_same


@pytest.mark.parametrize("algorithm", SIGNERS)
@given(name=st.text(max_size=5))
def test_every_notation_of_a_key_is_the_same_key(algorithm, name):
    key = key_of(signer_of(algorithm, name))

    assert parse_jwk(key.jwk) == key
    assert parse_multikey(build_multikey(key)) == key
    assert parse_did_key(build_did_key(key)) == key
    assert parse_did_jwk(build_did_jwk(key)) == key
    if algorithm in JOSE:
        assert parse_cose_key(build_cose_key(key)) == key
        assert parse_cose_key(parse_value(build_value(build_cose_key(key)))) == key


@given(st.sampled_from(list(SIGNERS)), st.data())
def test_another_text_of_a_did_key_is_another_key_or_none(algorithm, data):
    key = key_of(SIGNERS[algorithm])
    did = data.draw(edited_text(st.just(build_did_key(key))))
    if not refused(parse_did_key, did):
        assert build_did_key(parse_did_key(did)) == did
        assert (parse_did_key(did) == key) == (did == build_did_key(key))
        resolve_did_key(did, method_type="Multikey", with_key_agreement=True)
    refused(resolve_did_key, did, method_type="JsonWebKey", with_key_agreement=False)


@given(edited_text(st.sampled_from([build_did_jwk(key_of(each)) for each in SIGNERS.values()])))
def test_another_text_of_a_did_jwk_is_read_or_refused(did):
    refused(parse_did_jwk, did)
    refused(resolve_did_jwk, did)


@given(st.sampled_from(list(SIGNERS)), USES)
@example("ES256", {"alg": ["ES256"]})
@example("ES256", {"use": {}})
@example("EdDSA", {"alg": "Ed25519"})
def test_a_jwk_with_other_members_is_the_same_key_or_none(algorithm, members):
    key = key_of(SIGNERS[algorithm])
    changed = key.jwk | members
    if refused(parse_jwk, changed):
        return
    read = parse_jwk(changed)

    assert {name: changed[name] for name in read.jwk} == read.jwk
    assert "d" not in changed
    assert "k" not in changed


@given(st.sampled_from(JOSE), st.dictionaries(st.integers(-5, 5), VALUES, max_size=2))
@example("ES256", {3: True})
@example("ES256", {-3: True})
@example("EdDSA", {-3: b""})
def test_a_cose_key_with_other_members_is_read_or_refused(algorithm, members):
    changed = build_cose_key(key_of(SIGNERS[algorithm])) | members
    if not refused(parse_cose_key, changed):
        assert -4 not in changed
        assert build_cose_key(parse_cose_key(changed))[-2] == changed[-2]


@given(JSON_VALUES)
def test_whatever_is_no_key_is_refused(value):
    assert refused(parse_jwk, value)


def test_a_cose_key_on_the_curve_of_coins_is_not_built():
    assert detail_of(build_cose_key, key_of(SIGNERS["ES256K"])) == "unsupported_key"
