"""What is no mdoc is malformed, and never anything else (ISO 18013-5, S-021, S-044)."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.mdoc import read_device_response, read_issuer_signed
from credentials.mdoc_values import build_json
from credentials.model import DeviceBinding, Format, StatusReference
from encoding.cbor import Tagged, build_cbor
from tests.credentials.mdoc_workshop import (
    DAY,
    ISO,
    LEAF_DER,
    MDL,
    changed,
    document_of,
    embedded,
    issue,
    present,
    resigned,
)
from tests.credentials.workshop import DRIVER, NOW, public_key

ISSUED = issue(status=StatusReference(uri="https://status.city.example/1", index=7))
RESPONSE = present(ISSUED, ("family_name", "birth_date"))


def detail_of(data, read=read_device_response):
    with pytest.raises(Malformed) as caught:
        read(data)
    return caught.value.detail


def test_an_issued_licence_is_read():
    (credential,) = read_issuer_signed(ISSUED)

    assert credential.format is Format.MSO_MDOC
    assert (credential.issuer, credential.types) == ("", (MDL,))
    assert credential.issued_at == credential.valid_from == NOW - DAY
    assert credential.valid_until == NOW + 30 * DAY
    assert credential.holder_key == public_key(DRIVER)
    assert credential.key_hint.x5c == (LEAF_DER,)
    assert credential.statuses == (StatusReference(uri="https://status.city.example/1", index=7),)
    assert credential.key_binding is None
    assert credential.alteration is None
    assert credential.claims == {
        ISO: {
            "family_name": "Sok",
            "given_name": "Dara",
            "birth_date": "1990-04-12",
            "document_number": "PP-0712345",
            "portrait": "_9j_4A",
            "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2026-01-15"}],
            "age_over_18": True,
        }
    }


def test_a_shown_licence_is_read():
    (credential,) = read_device_response(RESPONSE)

    assert credential.claims == {ISO: {"family_name": "Sok", "birth_date": "1990-04-12"}}
    assert isinstance(credential.key_binding, DeviceBinding)
    assert credential.key_binding.doc_type == MDL


def test_a_licence_may_show_no_element_at_all():
    (credential,) = read_device_response(present(ISSUED, ()))

    assert credential.claims == {}


def test_several_documents_are_read_one_by_one():
    def double(response):
        response["documents"].append(document_of(ISSUED, ("given_name",)))

    credentials = read_device_response(changed(RESPONSE, double))

    assert [list(each.claims[ISO]) for each in credentials] == [
        ["family_name", "birth_date"],
        ["given_name"],
    ]


def test_keys_of_a_foreign_mdoc_stand_in_any_order():
    reordered = bytes.fromhex("a3") + b"".join(
        [
            build_cbor("version") + build_cbor("1.0"),
            build_cbor("documents") + build_cbor([document_of(ISSUED)]),
            build_cbor("status") + build_cbor(0),
        ]
    )

    assert read_device_response(reordered)[0].claims == {ISO: {"family_name": "Sok"}}


def test_each_session_has_a_digest_of_its_own_that_a_second_spelling_shares():
    """(r, s) and (r, -s) are one proof; two proofs are two."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

    def negate(response):
        device = response["documents"][0]["deviceSigned"]["deviceAuth"]["deviceSignature"]
        s = order - int.from_bytes(device[3][32:], "big")
        device[3] = device[3][:32] + s.to_bytes(32, "big")

    def digest(data):
        return read_device_response(data)[0].key_binding.digest

    assert digest(RESPONSE) == digest(changed(RESPONSE, negate))
    assert digest(RESPONSE) != digest(present(ISSUED, nonce="another"))


def in_response(**members):
    def change(response):
        for name, value in members.items():
            if value is None:
                del response[name]
            else:
                response[name] = value

    return change


def in_document(*path, to):
    """Set (or, with None, remove) what is at this path of the document."""

    def change(response):
        place = response["documents"][0]
        for step in path[:-1]:
            place = place[step]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return change


ITEM = ("issuerSigned", "nameSpaces", ISO, 0)
AUTH = ("issuerSigned", "issuerAuth")
DEVICE = ("deviceSigned", "deviceAuth")
SIGNATURE = (*DEVICE, "deviceSignature")


def item(**members):
    whole = {
        "digestID": 0,
        "random": bytes(16),
        "elementIdentifier": "family_name",
        "elementValue": "Sok",
    }
    return embedded({name: value for name, value in {**whole, **members}.items() if value != ...})


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (in_response(version=None), "unsupported_version"),
        (in_response(version="2.0"), "unsupported_version"),
        (in_response(version=1), "unsupported_version"),
        (in_response(status=None), "response_status"),
        (in_response(status=10), "response_status"),
        (in_response(status=False), "response_status"),
        (in_response(documents=None), "empty_presentation"),
        (in_response(documents=[]), "empty_presentation"),
        (in_response(documents={}), "empty_presentation"),
        (in_response(documents=[{}] * 17), "empty_presentation"),
        (in_response(documents=[0]), "invalid_mdoc"),
        (in_document("docType", to=None), "invalid_mdoc"),
        (in_document("docType", to=""), "invalid_mdoc"),
        (in_document("docType", to="org.iso.23220.photoid.1"), "doctype_mismatch"),
        (in_document("issuerSigned", to=None), "invalid_mdoc"),
        (in_document("issuerSigned", "nameSpaces", to=[]), "invalid_mdoc"),
        (in_document("issuerSigned", "nameSpaces", ISO, to=[]), "invalid_mdoc"),
        (in_document(*ITEM, to=b"bytes"), "invalid_mdoc"),
        (in_document(*ITEM, to=Tagged(25, b"\xa0")), "invalid_mdoc"),
        (in_document(*ITEM, to=Tagged(24, "text")), "invalid_mdoc"),
        (in_document(*ITEM, to=embedded({})), "invalid_item"),
        (in_document(*ITEM, to=embedded([])), "invalid_item"),
        (in_document(*ITEM, to=item(digestID=...)), "invalid_item"),
        (in_document(*ITEM, to=item(digestID=-1)), "invalid_item"),
        (in_document(*ITEM, to=item(digestID=True)), "invalid_item"),
        (in_document(*ITEM, to=item(digestID=Tagged(2, b"\1"))), "invalid_item"),
        (in_document(*ITEM, to=item(elementIdentifier=5)), "invalid_item"),
        (in_document(*ITEM, to=item(elementIdentifier="")), "invalid_item"),
        (in_document(*ITEM, to=item(more=1)), "invalid_item"),
        (in_document(*ITEM, to=item(random=bytes(15))), "weak_salt"),
        (in_document(*ITEM, to=item(random="a" * 16)), "weak_salt"),
        (in_document(*ITEM, to=item(elementIdentifier="birth_date")), "duplicate_element"),
        (in_document(*ITEM, to=item(elementValue=Tagged(1004, "12.4.1990"))), "invalid_time"),
        (in_document(*ITEM, to=item(elementValue=Tagged(1004, "1990-02-30"))), "invalid_time"),
        (in_document(*ITEM, to=item(elementValue=Tagged(1004, 9))), "invalid_time"),
        (in_document(*ITEM, to=item(elementValue=Tagged(0, "1990-04-12"))), "invalid_time"),
        (in_document(*ITEM, to=item(elementValue={1: 1, "1": 2})), "duplicate_member"),
        (in_document(*ITEM, to=Tagged(24, b"\xbf\xff")), "indefinite_length"),
        (in_document(*ITEM, to=Tagged(24, b"\xa0\x00")), "trailing_data"),
        (in_document(*ITEM, to=Tagged(24, b"\xa2\x61a\1\x61a\2")), "duplicate_member"),
        (in_document(*ITEM, to=Tagged(24, b"\x81" * 65 + b"\0")), "too_deep"),
        (in_document(*AUTH, to=None), "invalid_cose"),
        (in_document(*AUTH, 1, to={}), "missing_x5chain"),
        (in_document(*AUTH, 1, to={33: [LEAF_DER]}), "invalid_x5c"),
        (in_document(*AUTH, 1, to={33: []}), "invalid_x5c"),
        (in_document(*AUTH, 1, to={33: [LEAF_DER] * 5}), "invalid_x5c"),
        (in_document(*AUTH, 1, to={33: b""}), "invalid_x5c"),
        (in_document(*AUTH, 2, to=b"\xa0"), "invalid_mdoc"),
        (in_document("deviceSigned", to=None), "invalid_mdoc"),
        (in_document("deviceSigned", "nameSpaces", to=None), "invalid_mdoc"),
        (in_document("deviceSigned", "nameSpaces", to={}), "invalid_mdoc"),
        (in_document(*DEVICE, to=None), "invalid_mdoc"),
        (in_document(*SIGNATURE, to=None), "invalid_cose"),
        (in_document(*SIGNATURE, 2, to=b"payload"), "invalid_mdoc"),
        (in_document(*SIGNATURE, 3, to=bytes(63)), "invalid_signature"),
        (in_document("errors", to={ISO: {"family_name": 0}}), "invalid_errors"),
        (in_document("errors", to={ISO: {"portrait": "no"}}), "invalid_errors"),
        (in_document("errors", to=[]), "invalid_mdoc"),
        (
            in_document(*DEVICE, to={"deviceMac": [b"\xa1\x01\x05", {}, None, bytes(32)]}),
            "device_mac_not_accepted",
        ),
        (
            in_document("deviceSigned", "nameSpaces", to=embedded({ISO: {"age_over_21": True}})),
            "unauthorised_element",
        ),
    ],
)
def test_s_044_what_is_no_response_is_refused(change, detail):
    assert detail_of(changed(RESPONSE, change)) == detail


def test_one_digest_id_is_one_element():
    def twice(response):
        items = response["documents"][0]["issuerSigned"]["nameSpaces"][ISO]
        items[:] = [item(), item(elementIdentifier="given_name")]

    assert detail_of(changed(RESPONSE, twice)) == "duplicate_element"


def test_an_error_of_an_element_that_is_not_shown_is_passed_over():
    change = in_document("errors", to={ISO: {"portrait": 0}})

    assert read_device_response(changed(RESPONSE, change))


def test_a_detached_issuer_signature_is_refused():
    def detach(response):
        response["documents"][0]["issuerSigned"]["issuerAuth"][2] = None

    assert detail_of(changed(RESPONSE, detach)) == "invalid_mdoc"


def in_object(*path, to):
    def change(mso):
        place = mso
        for step in path[:-1]:
            place = place[step]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (in_object("version", to="2.0"), "unsupported_version"),
        (in_object("version", to=None), "unsupported_version"),
        (in_object("digestAlgorithm", to="SHA-1"), "unsupported_digest"),
        (in_object("digestAlgorithm", to="sha-256"), "unsupported_digest"),
        (in_object("digestAlgorithm", to=None), "unsupported_digest"),
        (in_object("digestAlgorithm", to=[]), "unsupported_digest"),
        (in_object("docType", to=None), "invalid_mdoc"),
        (in_object("valueDigests", to=None), "invalid_mdoc"),
        (in_object("valueDigests", to={1: {}}), "invalid_mdoc"),
        (in_object("deviceKeyInfo", to=None), "invalid_mdoc"),
        (in_object("deviceKeyInfo", "deviceKey", to=None), "invalid_key"),
        (in_object("deviceKeyInfo", "keyAuthorizations", to=[]), "invalid_mdoc"),
        (in_object("deviceKeyInfo", "keyAuthorizations", to={"nameSpaces": ISO}), "invalid_mdoc"),
        (in_object("validityInfo", to=None), "invalid_mdoc"),
        (in_object("validityInfo", "signed", to=None), "invalid_time"),
        (in_object("validityInfo", "signed", to="2026-11-22T09:00:00Z"), "invalid_time"),
        (in_object("validityInfo", "validFrom", to=Tagged(1, 0)), "invalid_time"),
        (in_object("validityInfo", "validUntil", to=Tagged(1004, "2027-01-01")), "invalid_time"),
        *(
            (in_object("validityInfo", "validUntil", to=Tagged(0, text)), "invalid_time")
            for text in (
                "2026-11-22T09:00:00.5Z",
                "2026-11-22T09:00:00+00:00",
                "2026-11-22T09:00:00",
                "2026-11-22 09:00:00Z",
                "2026-11-22T09:00:00Z\n",
                "2026-02-30T09:00:00Z",
                "2026-W47-7T09:00:00Z",
                "٢٠٢٦-11-22T09:00:00Z",
            )
        ),
        (in_object("status", to={}), "invalid_status_reference"),
        (in_object("status", "status_list", "idx", to=-1), "invalid_status_reference"),
        (in_object("status", "status_list", "uri", to=None), "invalid_status_reference"),
    ],
)
def test_s_044_an_object_that_is_signed_but_no_mso_is_refused(change, detail):
    assert detail_of(resigned(ISSUED, change), read_issuer_signed) == detail


@pytest.mark.parametrize("name", ["SHA-384", "SHA-512"])
def test_a_longer_digest_is_known_and_compared(name):
    (credential,) = read_issuer_signed(resigned(ISSUED, in_object("digestAlgorithm", to=name)))

    assert credential.alteration == "digest_mismatch"


@pytest.mark.parametrize(
    "allowed",
    [{"nameSpaces": ["org.example"]}, {"dataElements": {"org.example": ["mood"]}}],
    ids=["namespace", "element"],
)
def test_a_device_signs_what_the_issuer_lets_it_and_that_is_no_claim(allowed):
    issued = resigned(ISSUED, in_object("deviceKeyInfo", "keyAuthorizations", to=allowed))
    may = in_document("deviceSigned", "nameSpaces", to=embedded({"org.example": {"mood": "fine"}}))
    may_not = in_document("deviceSigned", "nameSpaces", to=embedded({ISO: {"family_name": "Chan"}}))

    assert read_device_response(changed(present(issued), may))[0].claims == {
        ISO: {"family_name": "Sok"}
    }
    assert detail_of(changed(present(issued), may_not)) == "unauthorised_element"


def test_an_unknown_kind_of_status_is_a_reference_that_no_list_answers():
    issued = resigned(ISSUED, in_object("status", to={"identifier_list": {"id": b"\1"}}))
    (credential,) = read_issuer_signed(issued)

    assert [each.uri for each in credential.statuses] == ["unsupported:identifier_list"]


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (Tagged(0, "2026-11-22T09:00:00Z"), "2026-11-22T09:00:00Z"),
        (Tagged(1004, "2026-11-22"), "2026-11-22"),
        (Tagged(37, b"\0"), "AA"),
        ([None, 1.5, {1: b""}], [None, 1.5, {"1": ""}]),
    ],
)
def test_values_of_elements_have_a_json_form(value, json):
    assert build_json(value) == json


def test_times_are_read_in_utc():
    assert read_issuer_signed(ISSUED)[0].issued_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_mdoc_or_malformed(data):
    for read in (read_device_response, read_issuer_signed):
        with pytest.raises(Malformed):
            read(data)


def test_a_changed_byte_is_malformed_or_changes_what_is_read():
    """Every byte of a response matters, or it is one that nothing signs and nothing reads."""
    whole = read_device_response(RESPONSE)
    rolls = random.Random(5)
    unchanged = 0
    for _ in range(600):
        place = rolls.randrange(len(RESPONSE))
        flipped = RESPONSE[place] ^ (1 << rolls.randrange(8))
        try:
            read = read_device_response(RESPONSE[:place] + bytes([flipped]) + RESPONSE[place + 1 :])
        except Malformed:
            continue
        unchanged += read == whole

    assert unchanged == 0


@pytest.mark.parametrize("size", [1, 10, 100, 1000])
def test_a_cut_response_is_malformed(size):
    with pytest.raises(Malformed):
        read_device_response(RESPONSE[:-size])
