"""Forms from credential types, and claims from what officers type."""

from pathlib import Path

import pytest

import credentials
from credentials.catalog import parse_credential_type, validate_claims
from issuer.console_form import build_groups, fill_with_example, parse_form
from runtime.i18n import LANGUAGES, Catalog

TYPES = Path(credentials.__file__).parent / "types"
LOCALES = Path(__file__).resolve().parents[2] / "issuer/locales"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def read_type(name):
    return parse_credential_type((TYPES / f"{name}.json").read_bytes())


def parse(name, **more):
    credential_type = read_type(name)
    texts = {**fill_with_example(credential_type).texts, **more}
    return parse_form(credential_type, texts, {})


@pytest.mark.parametrize("file", sorted(TYPES.glob("*.json")), ids=lambda file: file.stem)
def test_every_types_example_survives_its_form(file):
    credential_type = parse_credential_type(file.read_bytes())
    filled = parse_form(credential_type, fill_with_example(credential_type).texts, {})

    assert filled.faults == {}
    assert filled.claims == credential_type.example
    assert validate_claims(credential_type, filled.claims) == ()


def test_each_claim_has_one_field_and_objects_are_groups():
    residency = read_type("residency")
    groups = build_groups(residency, fill_with_example(residency))

    assert [group.claim.path if group.claim else None for group in groups] == [None, ("address",)]
    names = [field.name for group in groups for field in group.fields]
    assert "claim.address.street" in names
    assert len(names) == len(set(names)) == len(residency.claims) - 1


@pytest.mark.parametrize(
    ("name", "claim", "text", "fault"),
    [
        ("vehicle-registration", "claim.year", "two thousand", "integer"),
        ("vehicle-registration", "claim.year", "", "missing"),
        ("vehicle-registration", "claim.plate", "x" * 301, "string"),
        ("taxi-permit", "claim.valid_until", "2027-02-30", "date"),
        ("residency", "claim.age_over_18", "maybe", "boolean"),
        ("residency", "claim.address.street", " ", "missing"),
        ("residency", "claim.portrait", "data:image/svg+xml,<svg/>", "image"),
        ("driving-licence", "claim.categories", "\n \n", "missing"),
        ("driving-licence", "claim.categories", "x\n" * 51, "array"),
    ],
)
def test_a_fault_stands_at_its_field(name, claim, text, fault):
    filled = parse(name, **{claim: text})

    assert filled.faults == {claim: fault}
    assert filled.texts[claim] == text.strip()


def test_what_is_optional_may_be_left_out():
    filled = parse("residency", **{"claim.name_khmer": "", "claim.address.house": ""})

    assert filled.faults == {}
    assert "name_khmer" not in filled.claims
    assert "house" not in filled.claims["address"]


def test_lists_are_lines_and_numbers_may_be_khmer_digits():
    assert parse("driving-licence", **{"claim.categories": " A1 \r\n\r\nB"}).claims[
        "categories"
    ] == ["A1", "B"]
    assert parse("vehicle-registration", **{"claim.year": "២០១៤"}).claims["year"] == 2014


def test_an_image_is_what_its_first_bytes_say():
    licence = read_type("driving-licence")
    texts = fill_with_example(licence).texts
    chosen = parse_form(licence, texts, {"claim.portrait": PNG})
    pretended = parse_form(licence, texts, {"claim.portrait": b"<svg onload=alert(1)>"})
    too_large = parse_form(licence, texts, {"claim.portrait": PNG + bytes(30_000)})

    assert chosen.claims["portrait"].startswith("data:image/png;base64,")
    assert pretended.faults == too_large.faults == {"claim.portrait": "image"}
    kept = parse_form(licence, {**texts, "claim.portrait": chosen.texts["claim.portrait"]}, {})
    assert kept.claims["portrait"] == chosen.claims["portrait"]


def test_the_portal_speaks_every_language():
    assert Catalog(LOCALES).missing() == {}
    assert len(LANGUAGES) == 3
