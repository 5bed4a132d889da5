"""How a licence is issued: nothing in it tells more than what is shown."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from credentials.cose import parse_value
from credentials.errors import Malformed
from credentials.mdoc import read_issuer_signed
from credentials.mdoc_presenting import build_document, select_elements
from credentials.model import StatusReference
from encoding.cbor import Tagged, build_cbor
from tests.credentials.mdoc_workshop import DAY, ELEMENTS, ISO, LEAF_DER, ROOT_DER, issue
from tests.credentials.workshop import NOW, salts


def object_of(issued):
    return parse_value(parse_value(parse_value(issued)["issuerAuth"][2]).value)


def items_of(issued):
    return [parse_value(each.value) for each in parse_value(issued)["nameSpaces"][ISO]]


def test_the_signed_object_is_as_the_standard_writes_it():
    issued = issue(status=StatusReference(uri="https://status.city.example/1", index=7))
    mso = object_of(issued)
    device_key = mso.pop("deviceKeyInfo")["deviceKey"]
    digests = mso.pop("valueDigests")[ISO]

    assert mso == {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "docType": "org.iso.18013.5.1.mDL",
        "validityInfo": {
            "signed": Tagged(0, "2026-11-21T09:00:00Z"),
            "validFrom": Tagged(0, "2026-11-21T09:00:00Z"),
            "validUntil": Tagged(0, "2026-12-22T09:00:00Z"),
        },
        "status": {"status_list": {"idx": 7, "uri": "https://status.city.example/1"}},
    }
    assert sorted(digests) == list(range(7))
    assert (device_key[1], device_key[-1]) == (2, 1)
    assert all(len(each) == 32 for each in digests.values())


def test_an_element_is_hashed_with_its_tag():
    issued = issue()
    digests = object_of(issued)["valueDigests"][ISO]
    whole = [build_cbor(each) for each in parse_value(issued)["nameSpaces"][ISO]]

    assert [hashlib.sha256(each).digest() for each in whole] == [
        digests[item["digestID"]] for item in items_of(issued)
    ]


def test_elements_keep_their_order_and_their_digests_another():
    items = items_of(issue())

    assert [item["elementIdentifier"] for item in items] == list(ELEMENTS)
    assert [item["digestID"] for item in items] != list(range(7))


def test_the_order_of_digests_differs_from_licence_to_licence():
    salt = salts()
    orders = {tuple(item["digestID"] for item in items_of(issue(salt=salt))) for _ in range(20)}

    assert len(orders) >= 19


def test_every_element_has_a_salt_of_its_own():
    assert len({item["random"] for item in items_of(issue())}) == 7


@pytest.mark.parametrize("salt", [lambda: bytes(15), lambda: bytes(16)], ids=["short", "same"])
def test_salts_that_hide_nothing_are_refused(salt):
    with pytest.raises(Malformed) as caught:
        issue(salt=salt)

    assert caught.value.detail == "weak_salt"


def test_interop_12_one_certificate_is_a_byte_string_and_several_are_an_array():
    one = parse_value(issue())["issuerAuth"][1]
    several = parse_value(issue(x5chain=(LEAF_DER, ROOT_DER)))["issuerAuth"][1]

    assert one == {33: LEAF_DER}
    assert several == {33: [LEAF_DER, ROOT_DER]}


def test_times_are_written_in_utc_and_whole_seconds():
    late = datetime(2026, 11, 21, 23, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=7)))
    (credential,) = read_issuer_signed(issue(signed=late, valid_from=late))

    assert credential.issued_at == datetime(2026, 11, 21, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"valid_until": NOW - DAY}, "invalid_time"),
        ({"valid_from": NOW - 2 * DAY}, "invalid_time"),
        ({"x5chain": ()}, "invalid_mdoc"),
        ({"namespaces": {}}, "invalid_mdoc"),
        ({"namespaces": {ISO: {}}}, "invalid_mdoc"),
        ({"namespaces": {ISO: {"height": 2**64}}}, "integer_out_of_range"),
    ],
)
def test_what_would_be_no_mdoc_is_not_signed(changes, detail):
    with pytest.raises(Malformed) as caught:
        issue(**changes)

    assert caught.value.detail == detail


@pytest.mark.parametrize(
    "elements", [{ISO: ("height",)}, {"org.example": ("family_name",)}], ids=["name", "namespace"]
)
def test_what_the_licence_does_not_have_cannot_be_selected(elements):
    with pytest.raises(Malformed) as caught:
        select_elements(issue(), elements)

    assert caught.value.detail == "unknown_element"


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\x80", b"\xa1jissuerAuth\xf6"])
def test_what_is_no_mdoc_is_not_shown(data):
    with pytest.raises(Malformed):
        build_document(data, algorithm="ES256", signature=bytes(64))
