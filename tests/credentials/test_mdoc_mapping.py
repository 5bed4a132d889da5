"""The driving licence as `org.iso.18013.5.1.mDL` (ISO 18013-5 section 7.2.1)."""

import base64
import json
from datetime import date
from pathlib import Path

import pytest

from credentials.catalog import parse_credential_type
from credentials.errors import Malformed
from credentials.mdoc import read_issuer_signed
from credentials.mdoc_mapping import MANDATORY, Issuance, build_namespaces
from encoding.cbor import Tagged
from tests.credentials.mdoc_workshop import ISO, MDL, issue

FILE = Path(__file__).parents[2] / "credentials" / "types" / "driving-licence.json"
LICENCE = parse_credential_type(FILE.read_bytes())
FACE = b"\xff\xd8\xff\xe0 a face"
CLAIMS = {
    **LICENCE.example,
    "portrait": "data:image/jpeg;base64," + base64.b64encode(FACE).decode(),
}
ISSUANCE = Issuance(
    on=date(2026, 11, 22), expires=date(2031, 11, 21), country="KH", authority="Transport agency"
)


def built(**changes):
    return build_namespaces(LICENCE.mdoc, {**CLAIMS, **changes}, issuance=ISSUANCE)


def test_a_licence_has_every_element_that_iso_demands():
    assert built() == {
        ISO: {
            "family_name": "Sok",
            "given_name": "Dara",
            "birth_date": Tagged(1004, "1990-04-12"),
            "issue_date": Tagged(1004, "2026-01-15"),
            "expiry_date": Tagged(1004, "2031-11-21"),
            "issuing_country": "KH",
            "issuing_authority": "Transport agency",
            "document_number": "PP-0712345",
            "portrait": FACE,
            "driving_privileges": [
                {"vehicle_category_code": "A1"},
                {"vehicle_category_code": "B"},
            ],
            "un_distinguishing_sign": "K",
            "age_over_18": True,
        },
        "org.iso.18013.5.1.KH": {"driver_number": "D-104417", "name_khmer": "សុខ ដារ៉ា"},
    }
    assert MANDATORY[MDL] < built()[ISO].keys()
    assert LICENCE.mdoc.doc_type == MDL


def test_a_licence_of_the_catalog_is_issued_and_read():
    (credential,) = read_issuer_signed(issue(namespaces=built()))

    assert credential.claims[ISO]["birth_date"] == "1990-04-12"
    assert credential.claims["org.iso.18013.5.1.KH"]["driver_number"] == "D-104417"


@pytest.mark.parametrize(
    ("born", "is_adult"),
    [
        ("2008-11-22", True),
        ("2008-11-23", False),
        ("2008-02-29", True),
        ("2010-01-01", False),
    ],
)
def test_somebody_is_of_age_on_the_eighteenth_birthday(born, is_adult):
    assert built(birth_date=born)[ISO]["age_over_18"] is is_adult


def test_an_optional_claim_that_is_missing_leaves_out_its_element():
    claims = {name: value for name, value in CLAIMS.items() if name != "name_khmer"}
    namespaces = build_namespaces(LICENCE.mdoc, claims, issuance=ISSUANCE)

    assert namespaces["org.iso.18013.5.1.KH"] == {"driver_number": "D-104417"}


def test_a_licence_without_a_face_is_no_mdl():
    with pytest.raises(Malformed) as caught:
        build_namespaces(LICENCE.mdoc, LICENCE.example, issuance=ISSUANCE)

    assert caught.value.detail == "missing_element"


def test_the_face_must_be_a_jpeg():
    with pytest.raises(Malformed) as caught:
        built(portrait="data:image/png;base64,iVBORw0KGgo=")

    assert caught.value.detail == "missing_element"


def parse_with(change):
    members = json.loads(FILE.read_text(encoding="utf-8"))
    change(members["mdoc"])
    return parse_credential_type(json.dumps(members).encode())


def set_element(value, name="height"):
    return lambda mdoc: mdoc["namespaces"][ISO].__setitem__(name, value)


@pytest.mark.parametrize(
    "change",
    [
        lambda mdoc: mdoc.pop("doctype"),
        lambda mdoc: mdoc.update(doctype=5),
        lambda mdoc: mdoc.update(namespaces=[]),
        lambda mdoc: mdoc.update(more=1),
        lambda mdoc: mdoc["namespaces"].update({"org.example": {}}),
        lambda mdoc: mdoc["namespaces"][ISO].pop("portrait"),
        set_element({}),
        set_element("family_name"),
        set_element({"claim": 5}),
        set_element({"claim": "family_name", "value": "K"}),
        set_element({"claim": "height"}),
        set_element({"claim": "family_name", "form": "full-date"}),
        set_element({"claim": "birth_date", "form": "jpeg"}),
        set_element({"claim": "birth_date", "form": "country"}),
        set_element({"form": "full-date"}),
        set_element({"form": "height"}),
        set_element({"value": "K", "more": "x"}),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(change):
    with pytest.raises(Malformed) as caught:
        parse_with(change)

    assert caught.value.detail == "invalid_type_file"


def test_a_further_document_needs_no_elements_of_a_licence():
    def other(mdoc):
        mdoc["doctype"] = "org.city.permit.1"
        mdoc["namespaces"] = {"org.city": {"issued": {"form": "issue-date"}}}

    mapping = parse_with(other).mdoc

    assert build_namespaces(mapping, CLAIMS, issuance=ISSUANCE) == {
        "org.city": {"issued": Tagged(1004, "2026-11-22")}
    }


def test_the_other_documents_of_the_city_are_no_mdocs():
    others = [each for each in FILE.parent.glob("*.json") if each != FILE]

    assert others
    assert all(parse_credential_type(each.read_bytes()).mdoc is None for each in others)
