"""Lists of others are read strictly; what they do not say is no statement (S-052, S-054)."""

import pytest

from credentials.bitstring_entries import parse_bitstring_entry
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.model import Status
from credentials.status import (
    read_status_list,
    status_at,
)
from credentials.status_lists import (
    read_bitstring,
)
from encoding import base64url, compression
from tests.credentials.status_papers import (
    BITSTRING,
    BOTH,
    REVOCATION,
    SIGNER,
    SUSPENSION,
    bitstring_payload,
    list_payload,
    signed,
)

BAD_PAYLOADS = [
    ("no sub", {"sub": ...}),
    ("sub is a number", {"sub": 1}),
    ("no list", {"status_list": ...}),
    ("list is text", {"status_list": "eNo"}),
    ("no iat", {"iat": ...}),
    ("iat is text", {"iat": "now"}),
    ("exp is text", {"exp": "never"}),
    ("no ttl to speak of", {"ttl": 0}),
    ("ttl is negative", {"ttl": -5}),
    ("ttl is text", {"ttl": "300"}),
    ("ttl is true", {"ttl": True}),
    *[
        (f"bits {bits!r}", {"status_list": {"bits": bits, "lst": "eNo76fITAAPfAgc"}})
        for bits in (0, 3, 5, 16, "1", 1.5, True, None)
    ],
    *[
        (f"lst {name}", {"status_list": {"bits": 2, "lst": lst}})
        for name, lst in (
            ("missing", None),
            ("a number", 5),
            ("padded", "eNo76fITAAPfAgc="),
            ("gzip", base64url.encode(compression.deflate_gzip(b"\xc9\x44\xf9"))),
            ("raw deflate", base64url.encode(compression.deflate_raw(b"\xc9\x44\xf9"))),
            ("truncated", base64url.encode(compression.deflate_zlib(bytes(99))[:-5])),
            ("wrong adler", base64url.encode(compression.deflate_zlib(b"abc")[:-1] + b"\0")),
            ("trailing", base64url.encode(compression.deflate_zlib(b"abc") + b"\0")),
            ("bomb", base64url.encode(compression.deflate_zlib(bytes((16 << 20) + 1)))),
        )
    ],
]


@pytest.mark.parametrize("changes", [case[1] for case in BAD_PAYLOADS], ids=lambda _: "")
def test_a_list_that_is_not_one_is_refused(changes):
    """S-052"""
    assert read_status_list(signed(list_payload())).size == 12

    with pytest.raises(Malformed):
        read_status_list(signed(list_payload(**changes)))


@pytest.mark.parametrize("type", ["jwt", "dc+sd-jwt", "statuslist+cwt", "STATUSLIST+JWT"])
def test_a_list_of_another_type_is_refused(type):
    with pytest.raises(Malformed) as caught:
        read_status_list(signed(list_payload(), type=type))

    assert caught.value.detail == "invalid_typ"


def test_a_jwt_that_is_no_list_of_the_older_kind_is_refused():
    with pytest.raises(Malformed) as caught:
        read_status_list(signed(list_payload(), type="JWT"))

    assert caught.value.detail == "another_token"


def test_a_list_whose_certificates_are_not_base64_is_refused():
    for chain in ("text", ["%"], ["AA=="] * 5, [5.5]):
        with pytest.raises(Malformed):
            read_status_list(
                sign_jws(
                    list_payload(), type="statuslist+jwt", signer=SIGNER, header={"x5c": chain}
                )
            )


def test_a_bitstring_credential_of_others_is_read():
    listed = read_status_list(signed(bitstring_payload(), type="vc+jwt"))
    several = {"subject": {"statusPurpose": ["suspension", "revocation"]}, "validFrom": ...}

    assert listed.issuer == "did:web:issuer.example"
    assert listed.expires_at is None
    assert status_at(
        read_status_list(signed(bitstring_payload(**several), type="vc+jwt")), 9, REVOCATION
    ) is (Status.VALID)


BAD_BITSTRINGS = [
    ({"type": ["VerifiableCredential"]}, "status_verification_error"),
    ({"type": ...}, "status_verification_error"),
    ({"id": ...}, "status_verification_error"),
    ({"credentialSubject": ...}, "status_verification_error"),
    ({"subject": {"type": "Bits"}}, "status_verification_error"),
    ({"subject": {"statusPurpose": 5}}, "status_verification_error"),
    ({"subject": {"statusPurpose": []}}, "status_verification_error"),
    ({"subject": {"encodedList": None}}, "malformed_value_error"),
    ({"subject": {"encodedList": BITSTRING[1:]}}, "malformed_value_error"),
    ({"subject": {"encodedList": BITSTRING + "="}}, "malformed_value_error"),
    ({"subject": {"ttl": -1}}, "malformed_status_list"),
    ({"validFrom": "2026-11-22"}, "invalid_time"),
    ({"validUntil": "2026-11-22"}, "invalid_time"),
]


@pytest.mark.parametrize(("changes", "detail"), BAD_BITSTRINGS)
def test_a_bitstring_credential_that_is_not_one_is_refused(changes, detail):
    """BSL-02, BSL-03, BSL-06"""
    with pytest.raises(Malformed) as caught:
        read_status_list(signed(bitstring_payload(**changes), type="vc+jwt"))

    assert caught.value.detail == detail


def test_a_bitstring_bomb_is_refused():
    bomb = "u" + base64url.encode(compression.deflate_gzip(bytes((16 << 20) + 1)))

    with pytest.raises(Malformed) as caught:
        read_bitstring(bomb, status_size=1)

    assert caught.value.detail == "too_large"


@pytest.mark.parametrize("index", [-1, 12, 10**30])
def test_an_index_outside_of_the_list_is_no_statement(index):
    """S-054, TSL-V-04"""
    listed = read_status_list(signed(list_payload()))

    with pytest.raises(Malformed) as caught:
        status_at(listed, index, BOTH)

    assert caught.value.detail == "range_error"


def test_an_unknown_status_is_never_valid():
    """TSL-V-05: entry 3 of the list of the specification is application specific."""
    listed = read_status_list(signed(list_payload()))

    with pytest.raises(Malformed) as caught:
        status_at(listed, 3, BOTH)

    assert caught.value.detail == "unknown_status_value"


def test_a_list_of_one_purpose_says_nothing_of_another():
    listed = read_status_list(signed(bitstring_payload(), type="vc+jwt"))

    for purpose in (BOTH, SUSPENSION):
        with pytest.raises(Malformed) as caught:
            status_at(listed, 0, purpose)
        assert caught.value.detail == "status_verification_error"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Other"},
        {"statusPurpose": None},
        {"statusListCredential": 5},
        {"id": "https://issuer.example/status/3"},
        {"statusListIndex": "-1"},
        {"statusListIndex": "007"},
        {"statusListIndex": ""},
        {"statusListIndex": "1\n"},
        {"statusListIndex": "٣"},
        {"statusSize": 0},
        {"statusSize": True},
        {"statusSize": 9},
        {"statusSize": 2},
        {"statusMessage": "ok"},
        {"statusSize": 1, "statusMessage": [{"status": "0x0", "message": "a"}, "b"]},
        {"statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x0", "message": "b"}]},
    ],
)
def test_an_entry_that_is_not_one_is_refused(changes):
    """BSL-01, BSL-07"""
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://issuer.example/status/3",
    }
    assert parse_bitstring_entry(entry).index == 5

    with pytest.raises(Malformed) as caught:
        parse_bitstring_entry(entry | changes)

    assert caught.value.detail == "malformed_value_error"
