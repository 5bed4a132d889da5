"""Verifiable Credential Barcodes: `VC1-R`, and a card that the credential vouches for (BAR-01)."""

import copy

import pytest

from credentials.aamva import MANDATORY, parse_pdf417
from credentials.cbor_ld import encode_cbor_ld
from credentials.dids import parse_key_did
from credentials.errors import Malformed
from credentials.keys import verify_signature
from credentials.model import StatusPurpose
from credentials.optical_data import canonical_optical_data, canonical_zone, read_index
from credentials.reading import read_credential, read_presentation
from credentials.terse_status import build_terse_entry, expand_terse_entry
from credentials.vc_barcode import (
    MAX_LENGTH,
    build_barcode,
    parse_barcode,
    parse_pdf417_barcode,
    read_barcode_document,
)
from encoding import base45, base64url
from tests.credentials.barcode_workshop import (
    ELEMENTS,
    ENTRY,
    STATUSES,
    ZONE,
    card,
    code,
    licence_barcode,
    sign,
)

LICENCE = {"type": "AamvaDriversLicenseScannableInformation", "protectedComponentIndex": "uggAg"}
"""DAC, DAQ and DCS are protected."""


def detail_of(read, *arguments, **options):
    with pytest.raises(Malformed) as caught:
        read(*arguments, **options)
    return caught.value.detail


def is_signed(credential):
    key = parse_key_did(credential.issuer)
    return verify_signature(key, credential.signing_input, credential.signature)


def test_bar_01_a_code_is_the_prefix_and_base45_of_cbor_ld():
    document = sign(card())
    text = code(document)

    assert text == "VC1-R" + base45.encode(encode_cbor_ld(document, entry=ENTRY))
    assert parse_barcode(text) == document


@pytest.mark.parametrize("subject", [None, LICENCE])
def test_bar_01_the_proof_covers_what_the_card_says(subject):
    optical = licence_barcode() if subject else ZONE
    text = code(sign(card(subject), optical=optical))
    (credential,) = read_presentation(f"{text}\n", optical=optical)

    assert is_signed(credential)
    for old, new in [("SMITH", "SMYTH"), ("X1234", "X1235")]:
        altered = optical.replace(old, new)
        if altered != optical:
            assert not is_signed(read_presentation(text, optical=altered)[0])


def test_bar_01_elements_that_are_not_protected_are_not_vouched_for():
    optical = licence_barcode()
    text = code(sign(card(LICENCE), optical=optical))
    other = licence_barcode([each.replace("DAYBRO", "DAYBLU") for each in ELEMENTS])

    assert is_signed(read_presentation(text, optical=other)[0])


def test_bar_01_without_the_card_an_optical_credential_is_not_read():
    text = code(sign(card()))

    assert detail_of(read_presentation, text) == "missing_extra_information"
    assert detail_of(read_credential, text) == "missing_extra_information"


def test_bar_01_a_proof_that_does_not_cover_the_card_is_refused():
    plain = sign(card(), optical=None, suite="ecdsa-rdfc-2019")

    assert detail_of(read_presentation, code(plain), optical=ZONE) == "uncovered_extra_information"
    both = sign(sign(card(), optical=None, suite="ecdsa-rdfc-2019"))
    assert detail_of(read_presentation, code(both), optical=ZONE) == "uncovered_extra_information"


def test_bar_01_a_card_beside_anything_else_is_refused():
    alone = card({"id": "urn:x:y"}, type=["VerifiableCredential"])
    text = code(sign(alone, optical=None, suite="ecdsa-rdfc-2019"))

    assert is_signed(read_presentation(text)[0])
    assert is_signed(read_credential(text))
    assert detail_of(read_presentation, text, optical=ZONE) == "uncovered_extra_information"
    for other in ["{}", "a.b.c", "a~"]:
        assert detail_of(read_presentation, other, optical=ZONE) == "uncovered_extra_information"


def test_bar_01_the_suite_is_of_no_use_without_what_it_covers():
    document = card({"id": "urn:x:y"}, type=["VerifiableCredential"])
    signed = sign(document, optical=None, suite="ecdsa-rdfc-2019")
    signed["proof"]["cryptosuite"] = "ecdsa-xi-2023"

    assert detail_of(read_presentation, code(signed)) == "missing_extra_information"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("VC1-R", "VC1-Z"),
        lambda text: text.replace("VC1-R", "VC2-R"),
        lambda text: text.lower(),
        lambda text: " " + text,
        lambda text: text + "A" * MAX_LENGTH,
    ],
)
def test_bar_01_anything_but_vc1_r_is_an_error(change):
    assert detail_of(parse_barcode, change(code(sign(card())))) == "invalid_barcode"


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda text: text + "0000", "invalid_base45"),
        (lambda text: text[:-3] + "ab0", "invalid_base45"),
        (lambda text: text[:-3], "invalid_cbor"),
        (lambda text: text + "000", "trailing_data"),
    ],
)
def test_bar_01_a_damaged_code_is_refused(change, detail):
    codes = [code(sign(card(name="x" * length))) for length in (1, 2)]
    (text,) = [each for each in codes if len(each.removeprefix("VC1-R")) % 3 == 0]

    assert detail_of(parse_barcode, change(text)) == detail


def test_bar_01_a_code_holds_one_credential_and_is_no_larger_than_a_code():
    several = build_barcode([sign(card())], entry=ENTRY)

    assert detail_of(parse_barcode, several) == "invalid_barcode"
    large = card(name="x" * 3_000)
    assert detail_of(build_barcode, large, entry=ENTRY) == "too_large"


def test_bar_01_a_terse_entry_stands_for_one_place_in_the_list_of_every_purpose():
    text = code(sign(card()))
    (credential,) = read_presentation(text, optical=ZONE)

    assert [(each.uri, each.index, each.purpose) for each in credential.statuses] == [
        (f"{STATUSES}/revocation/3", 41, StatusPurpose.REVOCATION),
        (f"{STATUSES}/suspension/3", 41, StatusPurpose.SUSPENSION),
    ]


@pytest.mark.parametrize(
    ("index", "number", "place"),
    [(0, 0, 0), (2**26 - 1, 0, 2**26 - 1), (2**26, 1, 0), (2**32 - 1, 63, 2**26 - 1)],
)
def test_bar_01_lists_have_2_to_the_26_entries_and_there_are_64(index, number, place):
    entry = build_terse_entry(STATUSES, number=number, place=place)

    assert entry["terseStatusListIndex"] == index
    assert expand_terse_entry(entry, purpose="revocation") == {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListCredential": f"{STATUSES}/revocation/{number}",
        "statusListIndex": str(place),
    }


@pytest.mark.parametrize(
    "change",
    [
        {"terseStatusListIndex": 2**32},
        {"terseStatusListIndex": -1},
        {"terseStatusListIndex": "41"},
        {"terseStatusListIndex": True},
        {"terseStatusListIndex": 1.5},
        {"terseStatusListBaseUrl": "issuer.city.example/lists"},
        {"terseStatusListBaseUrl": None},
        {"terseStatusListBaseUrl": f"https://x.example/{'x' * 2_048}"},
        {"type": "BitstringStatusListEntry"},
    ],
)
def test_bar_01_a_malformed_terse_entry_is_refused(change):
    entry = {**build_terse_entry(STATUSES, number=1, place=1), **change}
    assert detail_of(expand_terse_entry, entry, purpose="x") == "invalid_status_reference"


def test_bar_01_there_is_no_65th_list():
    for number, place in [(64, 0), (-1, 0), (0, 2**26), (0, -1)]:
        detail = detail_of(build_terse_entry, STATUSES, number=number, place=place)
        assert detail == "invalid_status_reference"


@pytest.mark.parametrize(
    ("index", "names"),
    [
        ("uggAg", ("DAC", "DAQ", "DCS")),
        ("u___8", MANDATORY),
        ("ugAAA", ("DAC",)),
        ("uAAAE", ("DDG",)),
        ("uAAAA", ()),
    ],
)
def test_bar_01_a_bit_stands_for_a_mandatory_element_by_name(index, names):
    assert read_index(index) == names


@pytest.mark.parametrize(
    "index", [None, 5, "ggAg", "zggAg", "uggA", "uggAgAA", "u___9", "u___-", "u____", "uggA="]
)
def test_bar_01_an_index_has_22_bits_and_no_padding_set(index):
    assert detail_of(read_index, index) == "invalid_protected_components"


@pytest.mark.parametrize(
    "zone",
    [
        "",
        ZONE.lower(),
        ZONE[:-1],
        ZONE + "\n\n",
        ZONE.replace("\n", "\r\n"),
        ZONE.replace("<", " "),
        "A" * 30,
        "A" * 36 + "\n" + "A" * 44,
    ],
)
def test_bar_01_what_is_no_machine_readable_zone_is_refused(zone):
    assert detail_of(canonical_zone, zone) == "invalid_optical_data"


@pytest.mark.parametrize(("lines", "width"), [(3, 30), (2, 36), (2, 44)])
def test_bar_01_all_lines_of_a_zone_are_protected(lines, width):
    zone = "\n".join(["A" * width] * lines)

    assert canonical_zone(zone) == canonical_zone(f"{zone}\n") == f"{zone}\n"


@pytest.mark.parametrize(
    ("subject", "detail"),
    [
        ({"type": "Elsewhere"}, "invalid_protected_components"),
        ({}, "invalid_protected_components"),
        (
            {"type": "MachineReadableZone", "protectedComponentIndex": "uggAg"},
            "invalid_protected_components",
        ),
        ({"type": LICENCE["type"]}, "invalid_optical_data"),
    ],
)
def test_bar_01_a_subject_says_what_is_protected(subject, detail):
    assert detail_of(canonical_optical_data, subject, ZONE) == detail


def test_bar_01_several_subjects_protect_no_card():
    document = sign(card())
    document["credentialSubject"] = [copy.deepcopy(document["credentialSubject"])] * 2

    found = detail_of(read_barcode_document, document, optical=ZONE)
    assert found == "uncovered_extra_information"


BARCODE = licence_barcode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        BARCODE[1:],
        BARCODE + "\r",
        BARCODE[:-1],
        BARCODE.replace("DL0041", "DL0042"),
        BARCODE.replace("DL0041", "XX0041"),
        BARCODE.replace("ANSI 000000090002", "ANSI 000000090003"),
        licence_barcode([*ELEMENTS, "DAQX1234"]),
        licence_barcode(["daqX1234"]),
        licence_barcode(["DAQ\x07"]),
        licence_barcode(["DAQ" + "x" * 3_000]),
    ],
)
def test_bar_01_a_malformed_pdf417_is_refused(text):
    assert detail_of(parse_pdf417, text) == "invalid_optical_data"


def test_bar_01_a_protected_element_must_be_there():
    text = licence_barcode(ELEMENTS[1:])
    assert detail_of(canonical_optical_data, LICENCE, text) == "invalid_optical_data"


def test_bar_01_a_barcode_has_one_licence():
    text = BARCODE.replace("DL0041", "XX0041").replace("DLDAQ", "XXDAQ")

    assert parse_pdf417(text).element("DAQ") == "X1234"
    for name in ("DAX", "ZZZ"):
        assert detail_of(parse_pdf417(text).element, name) == "invalid_optical_data"
    assert detail_of(lambda: parse_pdf417(text).licence) == "invalid_optical_data"


def test_bar_01_a_licence_carries_its_credential():
    document = sign(card(LICENCE), optical=licence_barcode())
    data = encode_cbor_ld(document, entry=ENTRY)
    text = licence_barcode(jurisdiction=f"ZZA{base64url.encode(data)}")
    found = parse_pdf417_barcode(text, element="ZZA")

    assert found == document
    assert is_signed(read_barcode_document(found, optical=text)[0])
    for wrong in ["Zg==x", "Zh==", "Z", "?"]:
        text = licence_barcode(jurisdiction=f"ZZA{wrong}")
        assert detail_of(parse_pdf417_barcode, text, element="ZZA") == "invalid_barcode"
