"""COSE_Sign1 and COSE keys: RFC 9052, 9053, 9360 and 9864."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from credentials.cose import (
    build_cose_key,
    build_cose_sign1,
    build_protected,
    build_value,
    parse_cose_key,
    parse_cose_sign1,
    parse_value,
    read_key_id,
    read_x5chain,
    sig_structure,
)
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner, parse_jwk, verify_signature
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.credentials.workshop import AGENCY, ed25519_signer, public_key, signer

P384 = SoftwareSigner(ec.derive_private_key(7, ec.SECP384R1()))
P521 = SoftwareSigner(ec.derive_private_key(7, ec.SECP521R1()))
SECP256K1 = SoftwareSigner(ec.derive_private_key(7, ec.SECP256K1()))
SIGNERS = [AGENCY, P384, P521, ed25519_signer("agency")]
PROTECTED = build_protected("ES256", {})
SIGNATURE = bytes(64)

# RFC 9052 appendix C.2.1, and the key "11" of its appendix C.7.1.
EXAMPLE = bytes.fromhex(
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34"
    "cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c3"
    "45cacb36"
)
EXAMPLE_KEY = {
    1: 2,
    2: b"11",
    -1: 1,
    -2: base64url.decode("usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8"),
    -3: base64url.decode("IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4"),
}


def detail_of(call, *values, **options):
    with pytest.raises(Malformed) as caught:
        call(*values, **options)
    return caught.value.detail


def test_the_example_of_rfc_9052_verifies():
    message = parse_cose_sign1(parse_value(EXAMPLE), tagged=True)

    assert message.algorithm == "ES256"
    assert message.payload == b"This is the content."
    assert read_key_id(message) == b"11"
    assert verify_signature(
        parse_cose_key(EXAMPLE_KEY),
        sig_structure(message.protected, message.payload),
        message.signature,
    )


@pytest.mark.parametrize("by", SIGNERS, ids=lambda each: each.algorithm)
@pytest.mark.parametrize("tagged", [True, False])
def test_what_was_signed_verifies(by, tagged):
    data = build_cose_sign1(
        b"content", signer=by, protected={16: "x"}, unprotected={4: b"k"}, tagged=tagged
    )
    message = parse_cose_sign1(parse_value(data), tagged=tagged)
    signed = sig_structure(message.protected, b"content")

    assert message.protected_header[16] == "x"
    assert message.algorithm == by.algorithm
    assert verify_signature(public_key(by), signed, message.signature)
    assert not verify_signature(public_key(by), signed + b"x", message.signature)


def test_a_detached_payload_is_signed_but_not_sent():
    data = build_cose_sign1(
        b"content",
        signer=AGENCY,
        protected={},
        unprotected={},
        tagged=False,
        detached=True,
        external_aad=b"aad",
    )
    message = parse_cose_sign1(parse_value(data), tagged=False)
    signed = sig_structure(message.protected, b"content", external_aad=b"aad")

    assert message.payload is None
    assert verify_signature(public_key(AGENCY), signed, message.signature)


def test_the_structure_that_is_signed_is_that_of_rfc_9052():
    assert sig_structure(b"\xa1\x01\x26", b"pay", external_aad=b"").hex() == (
        "846a5369676e61747572653143a10126404370" + "6179"
    )


@pytest.mark.parametrize(("number", "name"), [(-9, "ES256"), (-51, "ES384"), (-52, "ES512")])
def test_rfc_9864_numbers_name_the_same_algorithms(number, name):
    size = {"ES256": 64, "ES384": 96, "ES512": 132}[name]
    message = [build_cbor({1: number}), {}, b"", bytes(size)]

    assert parse_cose_sign1(message, tagged=False).algorithm == name


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ([PROTECTED, {}, b"", SIGNATURE, 1], "invalid_cose"),
        ([PROTECTED, {}, b""], "invalid_cose"),
        ([PROTECTED, {}, "text", SIGNATURE], "invalid_cose"),
        ([PROTECTED, [], b"", SIGNATURE], "invalid_cose"),
        ([{1: -7}, {}, b"", SIGNATURE], "invalid_cose"),
        ({}, "invalid_cose"),
        (None, "invalid_cose"),
        (Tagged(17, [PROTECTED, {}, b"", SIGNATURE]), "invalid_cose"),
        (Tagged(18, Tagged(18, [PROTECTED, {}, b"", SIGNATURE])), "invalid_cose"),
        ([b"", {}, b"", SIGNATURE], "invalid_signature_alg"),
        ([b"", {1: -7}, b"", SIGNATURE], "unprotected_header"),
        ([PROTECTED, {1: -7}, b"", SIGNATURE], "unprotected_header"),
        ([PROTECTED, {2: [33]}, b"", SIGNATURE], "unprotected_header"),
        ([build_cbor({1: -7, 4: b"a"}), {4: b"b"}, b"", SIGNATURE], "duplicate_header"),
        ([build_cbor({1: -7, 2: [99]}), {}, b"", SIGNATURE], "unsupported_crit"),
        ([build_cbor([-7]), {}, b"", SIGNATURE], "invalid_cose"),
        ([bytes.fromhex("a201260126"), {}, b"", SIGNATURE], "duplicate_member"),
        ([bytes.fromhex("bf0126ff"), {}, b"", SIGNATURE], "indefinite_length"),
        ([bytes.fromhex("a1013806"), {}, b"", SIGNATURE], "not_deterministic"),
        ([bytes.fromhex("a1012600"), {}, b"", SIGNATURE], "trailing_data"),
        *(
            ([build_cbor({1: alg}), {}, b"", SIGNATURE], "invalid_signature_alg")
            for alg in (-47, -257, 4, 5, 0, True, "ES256", None, -7.5)
        ),
        ([PROTECTED, {}, b"", bytes(63)], "invalid_signature"),
        ([PROTECTED, {}, b"", bytes(96)], "invalid_signature"),
        ([PROTECTED, {}, b"", b""], "invalid_signature"),
    ],
)
def test_s_001_what_is_not_plainly_a_signature_is_refused(value, detail):
    assert detail_of(parse_cose_sign1, value, tagged=None) == detail


@pytest.mark.parametrize("tagged", [True, False])
def test_the_tag_is_there_or_not_as_the_format_says(tagged):
    message = [PROTECTED, {}, b"", SIGNATURE]
    other = message if tagged else Tagged(18, message)

    assert detail_of(parse_cose_sign1, other, tagged=tagged) == "invalid_cose"
    assert parse_cose_sign1(other, tagged=None)


def test_certificates_stand_in_either_header():
    protected = [build_protected("ES256", {33: b"leaf"}), {}, b"", SIGNATURE]
    unprotected = [PROTECTED, {33: [b"leaf", b"middle"]}, b"", SIGNATURE]

    assert read_x5chain(parse_cose_sign1(protected, tagged=False)) == (b"leaf",)
    assert read_x5chain(parse_cose_sign1(unprotected, tagged=False)) == (b"leaf", b"middle")
    assert read_x5chain(parse_cose_sign1([PROTECTED, {}, b"", SIGNATURE], tagged=False)) == ()


@pytest.mark.parametrize("chain", [[], [b"a"], [b"a"] * 5, ["a", b"b"], "a", b"", {}])
def test_what_is_no_chain_is_refused(chain):
    message = parse_cose_sign1([PROTECTED, {33: chain}, b"", SIGNATURE], tagged=False)

    assert detail_of(read_x5chain, message) == "invalid_x5c"


def test_a_key_id_is_bytes():
    message = parse_cose_sign1([PROTECTED, {4: "11"}, b"", SIGNATURE], tagged=False)

    assert detail_of(read_key_id, message) == "invalid_kid"


@pytest.mark.parametrize("by", SIGNERS, ids=lambda each: each.algorithm)
def test_a_key_that_was_written_is_read_again(by):
    key = public_key(by)

    assert parse_cose_key(parse_value(build_value(build_cose_key(key)))) == key


def test_a_compressed_point_is_the_same_key():
    for name in ("one", "two", "three", "four"):
        key = public_key(signer(name))
        whole = build_cose_key(key)
        sign = bool(whole[-3][-1] & 1)

        assert parse_cose_key({**whole, -3: sign}) == key
        assert parse_cose_key({**whole, -3: not sign}) != key


OWN = build_cose_key(public_key(AGENCY))


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ([], "invalid_key"),
        ({}, "invalid_key"),
        ({**OWN, -4: bytes(32)}, "private_key_in_jwk"),
        ({**OWN, 1: 4}, "unsupported_key"),
        ({**OWN, 1: True}, "invalid_key"),
        ({**OWN, 1: 2.0}, "invalid_key"),
        ({**OWN, -1: 8}, "unsupported_key"),
        ({**OWN, -1: 4}, "unsupported_key"),
        ({**OWN, -1: "P-256"}, "invalid_key"),
        ({**OWN, -2: bytes(32)}, "invalid_key"),
        ({**OWN, -2: bytes(31)}, "invalid_key"),
        ({**OWN, -2: b"\0" + OWN[-2]}, "invalid_key"),
        ({**OWN, -2: "x"}, "invalid_key"),
        ({**OWN, -3: None}, "invalid_key"),
        ({**OWN, -2: bytes(3), -3: True}, "invalid_key"),
        ({**OWN, 3: -8}, "invalid_key"),
        ({**OWN, 3: True}, "invalid_key"),
        ({**OWN, 4: [1]}, "invalid_key"),
        ({**OWN, 4: 2}, "invalid_key"),
        ({1: 1, -1: 6, -2: bytes(31)}, "invalid_key"),
    ],
)
def test_s_019_what_is_not_plainly_a_public_key_is_refused(value, detail):
    assert detail_of(parse_cose_key, value) == detail


def test_a_key_may_say_what_it_is_for():
    assert parse_cose_key({**OWN, 2: b"id", 3: -7, 4: [2]}) == public_key(AGENCY)


def test_secp256k1_signs_no_cose_here():
    key = parse_jwk(dict(SECP256K1.public_jwk))

    assert detail_of(build_cose_key, key) == "unsupported_key"
    assert detail_of(build_protected, "ES256K", {}) == "invalid_signature_alg"


@given(st.binary(max_size=80))
def test_any_bytes_are_a_message_or_malformed(data):
    with pytest.raises(Malformed):
        parse_cose_sign1(parse_value(data), tagged=None)
