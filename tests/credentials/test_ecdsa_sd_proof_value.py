"""The proof value of ecdsa-sd-2023: one header, one shape, bounded, and nothing around it."""

import pytest

from credentials.errors import Malformed
from credentials.selective_disclosure import MAX_STATEMENTS
from credentials.selective_proof_value import ECDSA_BASE, ECDSA_DERIVED, parse_proof_value
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.credentials.selective import (
    altered,
    issue_ecdsa,
    issue_unlinkable,
    read,
    show,
    with_parts,
)

# The base point of secp256k1, whose multikeys have the same length.
ON_SECP256K1 = b"\xe7\x01" + bytes.fromhex(
    "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
)


@pytest.fixture(scope="module")
def shown():
    return show(issue_ecdsa())


def parts_of(document):
    return parse_proof_value(document["proof"], tag=ECDSA_DERIVED, count=5)


def index_list(value):
    return lambda parts: parts.__setitem__(4, value)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (index_list([0, 0]), "invalid_indexes"),
        (index_list([1, 0]), "invalid_indexes"),
        (index_list([0, 400]), "index_out_of_range"),
        (index_list([-1]), "index_out_of_range"),
        (index_list([True]), "index_out_of_range"),
        (index_list([MAX_STATEMENTS]), "index_out_of_range"),
        (index_list(["0"]), "index_out_of_range"),
        (index_list({}), "invalid_proof_value"),
        (index_list(list(range(MAX_STATEMENTS + 1))), "too_many_statements"),
        (lambda parts: parts.__setitem__(0, bytes(63)), "invalid_proof_value"),
        (lambda parts: parts.__setitem__(0, "text"), "invalid_proof_value"),
        (lambda parts: parts.__setitem__(1, bytes(36)), "invalid_proof_value"),
        (lambda parts: parts.__setitem__(1, bytes(35)), "unsupported_key"),
        (lambda parts: parts.__setitem__(1, b"\x80\x24\x02" + b"\xff" * 32), "invalid_key"),
        (lambda parts: parts.__setitem__(1, ON_SECP256K1), "unsupported_key"),
        (lambda parts: parts.__setitem__(2, [bytes(63)]), "invalid_proof_value"),
        (
            lambda parts: parts.__setitem__(2, [bytes(64)] * (MAX_STATEMENTS + 1)),
            "too_many_statements",
        ),
        (lambda parts: parts.__setitem__(3, []), "invalid_proof_value"),
        (lambda parts: parts.__setitem__(3, {"a": bytes(32)}), "index_out_of_range"),
        (lambda parts: parts.__setitem__(3, {0: bytes(31)}), "invalid_proof_value"),
        (lambda parts: parts.__setitem__(3, {-1: bytes(32)}), "index_out_of_range"),
        (
            lambda parts: parts.__setitem__(3, {n: bytes(32) for n in range(MAX_STATEMENTS + 1)}),
            "invalid_proof_value",
        ),
    ],
)
def test_a_proof_value_of_another_shape_is_malformed(shown, change, detail):
    with pytest.raises(Malformed) as refusal:
        read(with_parts(shown, ECDSA_DERIVED, change))

    assert refusal.value.detail == detail


def encoded(data):
    return "u" + base64url.encode(data)


def test_headers_and_bytes_around_a_proof_value_are_strict(shown):
    whole = build_cbor(Tagged(ECDSA_DERIVED, parts_of(shown)))
    cases = {
        "z" + encoded(whole)[1:]: "invalid_proof_value",
        "": "invalid_proof_value",
        encoded(b""): "invalid_cbor",
        encoded(whole + b"\x00"): "trailing_data",
        encoded(whole[:-1]): "invalid_cbor",
        encoded(whole[3:]): "invalid_proof_value",
        encoded(b"\xd9\x5d\x05" + whole[3:]): "invalid_proof_value",
        encoded(b"\xd9\x5d\x03" + whole[3:]): "invalid_proof_value",
        encoded(b"\xd9\x5d\x02" + whole[3:]): "base_proof",
        encoded(b"\xd9\x5d\x01\x84" + whole[4:]): "trailing_data",
        encoded(build_cbor(Tagged(ECDSA_DERIVED, [b""]))): "invalid_proof_value",
        encoded(build_cbor(Tagged(ECDSA_DERIVED, {}))): "invalid_proof_value",
        encoded(b"\xd9\x5d\x01\x9f\xff"): "indefinite_length",
        encoded(whole) + "=": "invalid_base64url",
    }

    assert whole[:3] == b"\xd9\x5d\x01"
    for text, detail in cases.items():
        with pytest.raises(Malformed) as refusal:
            read(altered(shown, ("proof", "proofValue"), text))
        assert refusal.value.detail == detail, text[:12]
    with pytest.raises(Malformed):
        read(altered(shown, ("proof", "proofValue"), 7))


def test_the_proofs_of_the_two_suites_are_not_taken_for_each_other(shown):
    with pytest.raises(Malformed) as refusal:
        read(altered(shown, ("proof", "cryptosuite"), "bbs-2023"))
    assert refusal.value.detail == "invalid_proof_value"

    with pytest.raises(Malformed):
        read(altered(show(issue_unlinkable()), ("proof", "cryptosuite"), "ecdsa-sd-2023"))


def test_the_pointers_in_a_base_proof_are_texts():
    def spoil(parts):
        parts[4] = [7]

    with pytest.raises(Malformed) as refusal:
        show(with_parts(issue_ecdsa(), ECDSA_BASE, spoil))

    assert refusal.value.detail == "invalid_proof_value"
