"""Status lists in CBOR say what those in JSON say, and are read as strictly (S-052, S-054)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.cose import parse_value
from credentials.cwt import read_cwt
from credentials.cwt_issuance import sign_cwt
from credentials.errors import Malformed
from credentials.material import ListCopy
from credentials.model import Status
from credentials.status import StatusArray, build_status_list_token
from credentials.status_lists import (
    is_signed_by,
    read_status_list,
    read_status_list_cwt,
    status_at,
)
from credentials.verdict import Outcome, Reason
from encoding import base64url, compression
from encoding.cbor import Tagged, build_cbor
from tests.credentials import cwt_workshop as workshop
from tests.credentials.status_papers import BOTH
from tests.vectors.small_city import HOUR, MINUTE, NOW, STRANGER, TRANSPORT, public, seconds

SIGNER = TRANSPORT.status
TYPE = "application/statuslist+cwt"
LST = compression.deflate_zlib(bytes(16))


def claims(**changes):
    found = {
        2: TRANSPORT.list,
        4: seconds(NOW + HOUR),
        6: seconds(NOW - 10 * MINUTE),
        65533: {"bits": 2, "lst": LST},
        65534: 300,
    }
    found |= {int(name.removeprefix("c")): value for name, value in changes.items()}
    return {name: value for name, value in found.items() if value is not ...}


def signed(*, type=TYPE, by=SIGNER, **changes):
    return sign_cwt(claims(**changes), type=type, signer=by)


def refusal(data):
    with pytest.raises(Malformed) as caught:
        read_status_list_cwt(data)
    return caught.value.detail


def judge_with(*copies):
    """The verdict on a view whose own list comes in these copies."""
    texts = [each if isinstance(each, str) else base64url.encode(each) for each in copies]
    lists = {TRANSPORT.list: tuple(ListCopy(token=text, proof=None) for text in texts)}
    return workshop.judge(workshop.view(), lists=lists)


def test_a_list_in_cbor_says_what_its_issuer_wrote():
    """TSL-I-02"""
    data = workshop.list_cwt(TRANSPORT, {7: Status.REVOKED}, aggregation_uri="https://a.example")
    listed = read_status_list_cwt(data)

    assert (listed.uri, listed.bits, listed.purposes) == (TRANSPORT.list, 2, (BOTH,))
    assert (listed.issued_at, listed.expires_at) == (NOW - 10 * MINUTE, NOW + HOUR)
    assert listed.ttl == 5 * MINUTE
    assert listed.type == "statuslist+cwt"
    assert listed.key_hint.key_id == public(SIGNER).thumbprint
    assert is_signed_by(listed, public(SIGNER))
    assert not is_signed_by(listed, public(STRANGER))


def test_it_is_a_tagged_cose_message_with_the_claims_of_the_draft():
    """TSL-I-02: tag 18, no CWT tag, typ in the protected header."""
    value = parse_value(workshop.list_cwt(TRANSPORT, aggregation_uri="https://a.example"))

    assert isinstance(value, Tagged)
    assert value.tag == 18
    protected, unprotected, payload, signature = value.value
    assert parse_value(protected)[16] == "application/statuslist+cwt"
    assert unprotected == {}
    assert len(signature) == 64
    found = parse_value(payload)
    assert set(found) == {2, 4, 6, 65533, 65534}
    assert set(found[65533]) == {"bits", "lst", "aggregation_uri"}


@given(st.dictionaries(st.integers(0, 63), st.sampled_from(list(Status))))
@settings(max_examples=60, deadline=None)
def test_the_forms_of_a_list_agree(statuses):
    array = StatusArray.all_valid(64).with_statuses(statuses)
    words = {
        "uri": TRANSPORT.list,
        "issued_at": NOW,
        "expires_at": NOW + HOUR,
        "ttl": MINUTE,
        "signer": SIGNER,
    }

    in_json = read_status_list(build_status_list_token(array, **words))
    in_cbor = read_status_list_cwt(workshop.list_cwt(TRANSPORT, statuses))

    assert in_json.entries == in_cbor.entries == array.packed
    assert all(status_at(in_cbor, index, BOTH) is array.status(index) for index in range(64))


def test_a_list_in_cbor_is_believed_like_one_in_json():
    verdict = judge_with(workshop.list_cwt(TRANSPORT))

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.status_as_of == NOW - 10 * MINUTE


JUDGED = {
    "revoked": (
        lambda: workshop.list_cwt(TRANSPORT, {3: Status.REVOKED}),
        Reason.REVOKED,
        "revoked",
    ),
    "suspended": (
        lambda: workshop.list_cwt(TRANSPORT, {3: Status.SUSPENDED}),
        Reason.SUSPENDED,
        "suspended",
    ),
    "another key (S-052)": (
        lambda: workshop.list_cwt(TRANSPORT, by=STRANGER, key_id="x"),
        Reason.STATUS_UNKNOWN,
        "status_list_not_authentic",
    ),
    "another list (S-052)": (
        lambda: workshop.list_cwt(TRANSPORT, uri=f"{TRANSPORT.iss}/status/2"),
        Reason.STATUS_UNKNOWN,
        "wrong_list_named",
    ),
    "expired (S-052)": (
        lambda: workshop.list_cwt(TRANSPORT, expires_at=NOW),
        Reason.STATUS_STALE,
        "status_list_expired",
    ),
    "from the future (S-052)": (
        lambda: workshop.list_cwt(TRANSPORT, issued_at=NOW + HOUR, expires_at=NOW + 2 * HOUR),
        Reason.STATUS_UNKNOWN,
        "status_list_not_yet_valid",
    ),
    "too old": (
        lambda: workshop.list_cwt(TRANSPORT, issued_at=NOW - 2 * HOUR),
        Reason.STATUS_STALE,
        "list_too_old",
    ),
    "too short (S-054)": (
        lambda: signed(c65533={"bits": 8, "lst": compression.deflate_zlib(bytes(3))}),
        Reason.STATUS_UNKNOWN,
        "range_error",
    ),
    "a reserved value (TSL-V-05)": (
        lambda: signed(c65533={"bits": 2, "lst": compression.deflate_zlib(b"\xff" * 16)}),
        Reason.STATUS_UNKNOWN,
        "unknown_status_value",
    ),
    "no list at all": (lambda: "0oQ", Reason.STATUS_UNKNOWN, "invalid_cbor"),
}


@pytest.mark.parametrize("name", JUDGED)
def test_a_list_that_does_not_say_valid_is_never_valid(name):
    """TSL-V-08"""
    make, reason, detail = JUDGED[name]

    verdict = judge_with(make())

    assert verdict.outcome is not Outcome.PASSED
    assert (reason, detail) in {(each.reason, each.detail) for each in verdict.checks}


def test_bad_news_counts_in_either_form():
    array = StatusArray.all_valid(64)
    in_json = build_status_list_token(
        array,
        uri=TRANSPORT.list,
        issued_at=NOW,
        expires_at=NOW + HOUR,
        ttl=MINUTE,
        signer=SIGNER,
        key_id=public(SIGNER).thumbprint,
    )

    verdict = judge_with(in_json, workshop.list_cwt(TRANSPORT, {3: Status.REVOKED}))

    assert Reason.REVOKED in verdict.reasons


def test_an_altered_list_is_not_authentic():
    def change(parts):
        parts[2] = parts[2].replace(LST, compression.deflate_zlib(b"\x80" + bytes(15)))

    verdict = judge_with(workshop.edit(signed(), change))

    assert verdict.outcome is not Outcome.PASSED


REFUSED = {
    "no sub": (signed(c2=...), "malformed_status_list"),
    "no iat (TSL)": (signed(c6=...), "invalid_time"),
    "iat is text": (signed(c6="now"), "invalid_time"),
    "exp is null": (signed(c4=None), "invalid_time"),
    "no list (S-052)": (signed(c65533=...), "malformed_status_list"),
    "a list that is bytes": (signed(c65533=LST), "malformed_status_list"),
    "no lst (S-052)": (signed(c65533={"bits": 1}), "malformed_status_list"),
    "lst is base64url": (
        signed(c65533={"bits": 1, "lst": base64url.encode(LST)}),
        "malformed_status_list",
    ),
    "gzip (S-052)": (
        signed(c65533={"bits": 1, "lst": compression.deflate_gzip(bytes(16))}),
        "invalid_compression",
    ),
    "raw DEFLATE": (
        signed(c65533={"bits": 1, "lst": compression.deflate_raw(bytes(16))}),
        "invalid_compression",
    ),
    "cut zlib (S-052)": (signed(c65533={"bits": 1, "lst": LST[:-1]}), "invalid_compression"),
    "bad adler (S-052)": (
        signed(c65533={"bits": 1, "lst": LST[:-1] + bytes([LST[-1] ^ 1])}),
        "invalid_compression",
    ),
    "a bomb (TSL-V-06)": (
        signed(c65533={"bits": 1, "lst": compression.deflate_zlib(bytes(17 << 20))}),
        "too_large",
    ),
    "ttl 0": (signed(c65534=0), "malformed_status_list"),
    "ttl is true": (signed(c65534=True), "malformed_status_list"),
    "ttl is text": (signed(c65534="300"), "malformed_status_list"),
    "no typ (S-052)": (
        workshop.edit(signed(), lambda parts: parts.__setitem__(0, b"\xa1\x01\x26")),
        "invalid_typ",
    ),
    "typ of a credential (S-010)": (signed(type=61), "invalid_typ"),
    "typ without application": (signed(type="statuslist+cwt"), "invalid_typ"),
    "a CWT tag (TSL-I-02)": (build_cbor(Tagged(61, parse_value(signed()))), "not_a_jws"),
    "no tag (TSL-I-02)": (build_cbor(parse_value(signed()).value), "not_a_jws"),
    "bytes behind it": (signed() + b"\x00", "trailing_data"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_list_that_is_not_clear_is_refused(name):
    data, detail = REFUSED[name]

    assert refusal(data) == detail


@pytest.mark.parametrize("bits", [0, 3, 5, 16, -1, "1", 1.5, True, None, [1]])
def test_a_list_has_one_two_four_or_eight_bits(bits):
    """S-052"""
    assert refusal(signed(c65533={"bits": bits, "lst": LST})) == "malformed_status_list"


def test_a_list_is_no_credential_and_a_credential_no_list():
    """S-010"""
    assert refusal(workshop.issue()) == "invalid_typ"
    with pytest.raises(Malformed) as caught:
        read_cwt(signed())
    assert caught.value.detail == "invalid_typ"
