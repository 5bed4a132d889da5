"""Status lists of both kinds say of each entry what the array says (TSL-I-01, BSL-04, S-054)."""

from datetime import timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credentials.jose import sign_jws
from credentials.model import Status, StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_cwt,
    build_status_list_token,
    read_status_list,
    status_at,
)
from credentials.status_lists import is_signed_by, read_status_list_cwt, value_at
from encoding import base64url, compression
from tests.properties.edits import JSON_VALUES, detail_of, edited_bytes, edited_text, refused
from tests.vectors.small_city import HOUR, MINUTE, NOW, TRANSPORT, public, seconds

SIGNER = TRANSPORT.status
LEAST = 131_072
STATUSES = st.sampled_from(list(Status))
ARRAYS = st.integers(1, 40).flatmap(
    lambda eighth: st.tuples(
        st.just(8 * eighth), st.dictionaries(st.integers(0, 8 * eighth - 1), STATUSES, max_size=20)
    )
)
SPARSE = st.dictionaries(st.integers(0, LEAST - 1), STATUSES, max_size=20)


def token(array):
    return build_status_list_token(
        array,
        uri=TRANSPORT.list,
        issued_at=NOW,
        expires_at=NOW + HOUR,
        ttl=5 * MINUTE,
        signer=SIGNER,
    )


def cwt(array):
    return build_status_list_cwt(
        array,
        uri=TRANSPORT.list,
        issued_at=NOW,
        expires_at=NOW + HOUR,
        ttl=5 * MINUTE,
        signer=SIGNER,
    )


def bitstring(array, purpose):
    return build_bitstring_credential(
        array,
        purpose=purpose,
        uri=f"{TRANSPORT.list}/{purpose}",
        issuer=TRANSPORT.did,
        valid_from=NOW,
        valid_until=NOW + HOUR,
        ttl=5 * MINUTE,
        signer=SIGNER,
    )


def foreign(packed, width, **changes):
    """A list that somebody else made, of any width."""
    listed = {"bits": width, "lst": base64url.encode(compression.deflate_zlib(packed))}
    payload = {"sub": "urn:list", "iat": seconds(NOW), "status_list": listed | changes}
    return sign_jws(payload, type="statuslist+jwt", signer=SIGNER)


@given(ARRAYS)
def test_an_array_says_what_was_set_and_else_valid(drawn):
    size, statuses = drawn
    array = StatusArray.all_valid(size).with_statuses(statuses)

    assert [array.status(index) for index in range(size)] == [
        statuses.get(index, Status.VALID) for index in range(size)
    ]
    for status in Status:
        bits = "".join(f"{byte:08b}" for byte in array.bitstring(status))
        assert [bit == "1" for bit in bits] == [
            statuses.get(index, Status.VALID) is status for index in range(size)
        ]
    assert array.with_statuses(dict.fromkeys(range(size), Status.VALID)) == (
        StatusArray.all_valid(size)
    )


@given(ARRAYS)
def test_a_token_list_in_both_notations_says_what_the_array_says(drawn):
    size, statuses = drawn
    array = StatusArray.all_valid(size).with_statuses(statuses)
    for found in (read_status_list(token(array)), read_status_list_cwt(cwt(array))):
        assert found.size == size
        assert found.entries == array.packed
        assert found.issued_at == NOW
        assert found.expires_at == NOW + HOUR
        assert found.ttl == timedelta(minutes=5)
        assert is_signed_by(found, public(SIGNER))
        for index in range(size):
            assert status_at(found, index, StatusPurpose.BOTH) is array.status(index)
        for index in (-1, size):
            assert detail_of(status_at, found, index, StatusPurpose.BOTH) == "range_error"
        assert refused(status_at, found, 0, StatusPurpose.REVOCATION)


@pytest.mark.parametrize("purpose", [StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION])
@given(statuses=SPARSE)
def test_a_bitstring_says_what_the_array_says(purpose, statuses):
    meant = {"revocation": Status.REVOKED, "suspension": Status.SUSPENDED}[purpose]
    array = StatusArray.all_valid(LEAST).with_statuses(statuses)
    found = read_status_list(bitstring(array, purpose))

    assert found.size == LEAST
    assert is_signed_by(found, public(SIGNER))
    for index in {0, 1, 7, 8, LEAST - 1, *statuses}:
        is_set = statuses.get(index, Status.VALID) is meant
        assert status_at(found, index, purpose) is (meant if is_set else Status.VALID)
    assert refused(status_at, found, LEAST, purpose)


@given(st.sampled_from([1, 2, 4, 8]), st.binary(min_size=1, max_size=20))
def test_every_width_starts_at_the_least_significant_bit(bits, packed):
    found = read_status_list(foreign(packed, bits))
    number = int.from_bytes(packed, "little")

    assert found.size == len(packed) * 8 // bits
    for index in range(found.size):
        assert value_at(found, index) == number >> index * bits & (1 << bits) - 1


@given(st.integers(-1, 300), st.binary(min_size=1, max_size=8))
def test_widths_that_are_not_known_are_refused(bits, packed):
    assert refused(read_status_list, foreign(packed, bits)) == (bits not in {1, 2, 4, 8})


@given(st.sampled_from(["bits", "lst"]), JSON_VALUES)
@example("bits", True)
@example("bits", 2.0)
@example("lst", "")
@example("lst", [])
def test_a_list_of_another_shape_is_refused(name, value):
    assume(value not in (1, 2, 4, 8) or isinstance(value, bool | float))

    assert refused(read_status_list, foreign(b"\x00", 2, **{name: value}))


@given(edited_bytes(st.binary(max_size=30).map(compression.deflate_zlib)))
def test_a_damaged_list_is_refused_or_whole(packed):
    text = foreign(b"", 2, lst=base64url.encode(packed))
    if not refused(read_status_list, text):
        assert read_status_list(text).entries == compression.inflate_zlib(packed, max_bytes=99)


@given(edited_text(st.just(token(StatusArray.all_valid(64)))))
def test_a_changed_token_is_refused_or_unsigned(text):
    if not refused(read_status_list, text) and text != token(StatusArray.all_valid(64)):
        assert not is_signed_by(read_status_list(text), public(SIGNER)) or text == (
            read_status_list(text).text
        )


@given(edited_bytes(st.just(cwt(StatusArray.all_valid(64)))))
def test_a_changed_list_in_cbor_says_the_same_or_is_not_signed(data):
    if refused(read_status_list_cwt, data):
        return
    found = read_status_list_cwt(data)

    assert not is_signed_by(found, public(SIGNER)) or found.entries == bytes(16)


@given(st.integers(-8, 40))
def test_the_size_of_an_array_is_a_multiple_of_eight(size):
    assert refused(StatusArray.all_valid, size) == (size <= 0 or size % 8 != 0)
