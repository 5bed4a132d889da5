"""One array, three lists that agree; lists of others are read strictly (S-052, S-054, S-055)."""

import json
import random
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.bitstring_entries import bitstring_value, parse_bitstring_entry
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.model import Status, StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
    read_status_list,
    status_at,
)
from credentials.status_lists import (
    is_signed_by,
    read_bitstring,
    value_at,
)
from encoding import base64url, compression
from encoding.compression import Effort

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URI = "https://issuer.example/agencies/transport/status/1"
SIGNER = SoftwareSigner(ec.derive_private_key(11, ec.SECP256R1()))
BOTH, REVOCATION, SUSPENSION = StatusPurpose


def token_of(array, **changes):
    words = {
        "uri": URI,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "ttl": timedelta(minutes=5),
        "signer": SIGNER,
        "x5c": (b"leaf",),
        "key_id": "key-1",
    }
    return build_status_list_token(array, **(words | changes))


def credential_of(array, purpose, *, effort=Effort.THOROUGH):
    return build_bitstring_credential(
        array,
        purpose=purpose,
        uri=f"{URI}/{purpose.value}",
        issuer="did:web:issuer.example",
        valid_from=NOW,
        valid_until=NOW + timedelta(hours=1),
        ttl=timedelta(minutes=5),
        signer=SIGNER,
        key_id="did:web:issuer.example#key-1",
        effort=effort,
    )


def signed(payload, *, type="statuslist+jwt"):
    return sign_jws(payload, type=type, signer=SIGNER)


def list_payload(**changes):
    payload = {
        "sub": URI,
        "iat": 1795338000,
        "exp": 1795341600,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc"},
    }
    return {name: value for name, value in (payload | changes).items() if value is not ...}


@pytest.mark.parametrize("effort", Effort)
def test_all_three_lists_say_the_same_of_every_entry(effort):
    rng = random.Random(1)
    statuses = {rng.randrange(2**17): rng.choice(list(Status)) for _ in range(2000)}
    array = StatusArray.all_valid(2**17).with_statuses(statuses)

    token = read_status_list(token_of(array, effort=effort))
    revocation = read_status_list(credential_of(array, REVOCATION, effort=effort))
    suspension = read_status_list(credential_of(array, SUSPENSION, effort=effort))

    assert token.size == revocation.size == suspension.size == 2**17
    for index in [*statuses, 0, 1, 2**17 - 1]:
        expected = statuses.get(index, Status.VALID)
        assert array.status(index) is expected
        assert status_at(token, index, BOTH) is expected
        assert (status_at(revocation, index, REVOCATION) is Status.REVOKED) is (
            expected is Status.REVOKED
        )
        assert (status_at(suspension, index, SUSPENSION) is Status.SUSPENDED) is (
            expected is Status.SUSPENDED
        )


def test_a_list_says_what_its_issuer_wrote():
    listed = read_status_list(token_of(StatusArray.all_valid(64)))

    assert (listed.uri, listed.issuer, listed.bits, listed.purposes) == (URI, None, 2, ("both",))
    assert listed.issued_at == NOW
    assert listed.expires_at == NOW + timedelta(hours=1)
    assert listed.ttl == timedelta(minutes=5)
    assert listed.key_hint.x5c == (b"leaf",)
    assert listed.key_hint.key_id == "key-1"
    assert is_signed_by(listed, parse_jwk(dict(SIGNER.public_jwk)))


def test_a_list_may_be_signed_without_a_key_id():
    listed = read_status_list(token_of(StatusArray.all_valid(8), key_id=None, x5c=()))

    assert (listed.key_hint.key_id, listed.key_hint.x5c) == (None, ())


def test_a_bitstring_credential_says_what_its_issuer_wrote():
    """BSL-02, BSL-08"""
    listed = read_status_list(credential_of(StatusArray.all_valid(2**17), SUSPENSION))

    assert listed.uri == f"{URI}/suspension"
    assert listed.issuer == "did:web:issuer.example"
    assert listed.purposes == ("suspension",)
    assert listed.issued_at == NOW
    assert listed.ttl == timedelta(minutes=5)


@given(st.dictionaries(st.integers(0, 63), st.sampled_from(list(Status))))
@settings(max_examples=100, deadline=None)
def test_an_entry_is_what_it_was_set_to_and_nothing_else_changes(statuses):
    array = StatusArray.all_valid(64).with_statuses(statuses)

    assert [array.status(index) for index in range(64)] == [
        statuses.get(index, Status.VALID) for index in range(64)
    ]


def test_a_status_can_be_taken_back_in_the_array():
    array = StatusArray.all_valid(8).with_statuses({3: Status.SUSPENDED})

    assert array.with_statuses({3: Status.VALID}) == StatusArray.all_valid(8)


@pytest.mark.parametrize("index", [-1, 8, 2**40])
def test_an_entry_outside_of_the_array_is_refused(index):
    array = StatusArray.all_valid(8)

    with pytest.raises(Malformed):
        array.with_statuses({index: Status.REVOKED})
    with pytest.raises(Malformed):
        array.status(index)


@pytest.mark.parametrize("size", [0, -8, 7, 12])
def test_an_array_of_an_odd_size_is_refused(size):
    with pytest.raises(Malformed):
        StatusArray.all_valid(size)


def test_a_bitstring_of_few_entries_is_not_made():
    """BSL-05"""
    with pytest.raises(Malformed) as caught:
        credential_of(StatusArray.all_valid(131_064), REVOCATION)

    assert caught.value.detail == "status_list_length_error"


def test_a_million_entries_are_made_into_three_lists_quickly():
    array = StatusArray.all_valid(2**20)
    started = time.perf_counter()

    array = array.with_statuses({5: Status.REVOKED})
    array.bitstring(Status.REVOKED)
    array.bitstring(Status.SUSPENDED)

    assert time.perf_counter() - started < 0.5


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


@pytest.mark.parametrize("type", ["jwt", "JWT", "dc+sd-jwt", "statuslist+cwt", "STATUSLIST+JWT"])
def test_a_list_of_another_type_is_refused(type):
    with pytest.raises(Malformed) as caught:
        read_status_list(signed(list_payload(), type=type))

    assert caught.value.detail == "invalid_typ"


def test_a_list_whose_certificates_are_not_base64_is_refused():
    for chain in ("text", ["%"], ["AA=="] * 5, [5.5]):
        with pytest.raises(Malformed):
            read_status_list(
                sign_jws(
                    list_payload(), type="statuslist+jwt", signer=SIGNER, header={"x5c": chain}
                )
            )


BITSTRING = "u" + base64url.encode(compression.deflate_gzip(bytes(16_384)))


def bitstring_payload(**changes):
    subject = {
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": BITSTRING,
        **changes.pop("subject", {}),
    }
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": URI,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": "did:web:issuer.example"},
        "validFrom": "2026-11-22T09:00:00Z",
        "credentialSubject": subject,
    }
    return {name: value for name, value in (payload | changes).items() if value is not ...}


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


def blocks(folder, pattern):
    found = sorted(folder.glob(pattern))
    assert found
    return found


def spec_list(path):
    """The JSON of a list in the specification, its line breaks taken out."""
    text = path.read_text(encoding="utf-8")
    value = json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))
    return read_status_list(signed(list_payload(status_list=value)))


def spec_table(path):
    lines = re.findall(r"status\[(\d+)\]\s*= 0b([01]+)", path.read_text(encoding="utf-8"))
    return {int(index): int(value, 2) for index, value in lines}


@pytest.mark.parametrize(
    ("encoded", "table"),
    [
        ("status_list_encoding_json.md", "001-compressed-byte-array.txt"),
        ("status_list_encoding2_json.md", "003-compressed-byte-array.txt"),
        ("status_list_encoding1_long_json.md", "016-1-bit-status-list.txt"),
        ("status_list_encoding2_long_json.md", "017-2-bit-status-list.txt"),
    ],
)
def test_the_lists_of_the_specification_decode_to_its_tables(vectors, encoded, table):
    """S-055"""
    folder = vectors / "token-status-list"
    listed = spec_list(folder / "draft-examples" / encoded)
    expected = spec_table(folder / "spec-blocks" / table)

    assert expected
    assert {index: value_at(listed, index) for index in expected} == expected
    if listed.size > 100:
        set_entries = sum(value_at(listed, index) != 0 for index in range(0, listed.size, 1))
        assert set_entries == len(expected)


def test_the_bitstrings_of_the_specification_are_read(vectors):
    folder = vectors / "bitstring-status-list" / "spec-examples"
    for path in blocks(folder, "0[35]-*.json"):
        listed = read_status_list(
            signed(json.loads(path.read_text(encoding="utf-8")), type="vc+jwt")
        )
        assert status_at(listed, 94_567, REVOCATION) is Status.VALID


def judged(case, verifier):
    """The status word of a case of a Token Status List."""
    listed = read_status_list(case["token"])
    reference = case.get("referenced", {}).get("status_list", {"uri": URI})
    key = parse_jwk(verifier["trusted_status_jwk"])
    expired = listed.expires_at is not None and listed.expires_at.timestamp() <= verifier["now"]
    if not is_signed_by(listed, key) or expired or listed.uri != reference["uri"]:
        return "reject"
    words = {Status.VALID: "VALID", Status.REVOKED: "INVALID", Status.SUSPENDED: "SUSPENDED"}
    return words[status_at(listed, reference["idx"], BOTH)]


def test_the_authored_token_lists_are_read_or_refused(vectors):
    path = vectors / "authored" / "token-status-list-cases.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    for case in document["cases"]:
        if case["expect"] == "table":
            listed = read_status_list(case["token"])
            found = [value_at(listed, index) for index in range(len(case["statuses"]))]
            assert found == case["statuses"], case["id"]
            continue
        try:
            found = judged(case, document["verifier"])
        except Malformed as refused:
            unknown = refused.detail == "unknown_status_value"
            found = "APPLICATION_SPECIFIC" if unknown else "reject"
        assert found in case["expect"], case["id"]


def bitstring_answer(case):
    """What a case of a bitstring comes to: a value, or the code of an error."""
    try:
        entry = parse_bitstring_entry(case["entry"])
        entries = read_bitstring(case["list"]["encodedList"], status_size=entry.status_size)
        value = bitstring_value(entries, entry)
    except Malformed as refused:
        return refused.detail.upper()
    message = {"message": entry.messages[value]} if entry.messages else {}
    return {"status": value, "valid": value == 0, **message}


def test_the_authored_bitstrings_are_read_or_refused(vectors):
    path = vectors / "authored" / "bitstring-cases.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    for case in document["cases"]:
        expected = case["expect"]
        accepted = expected.split("|") if isinstance(expected, str) else [expected]
        assert bitstring_answer(case) in accepted, case["id"]


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
