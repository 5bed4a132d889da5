"""The catalog: nine documents as files, and the lint before the signature (S-105)."""

import base64
import json
from pathlib import Path

import pytest

import credentials
from credentials.catalog import (
    Catalog,
    NoSuchType,
    parse_credential_type,
    validate_claims,
    vct,
)
from credentials.errors import Malformed

FOLDER = Path(credentials.__file__).parent / "types"
WEBP = "data:image/webp;base64," + base64.b64encode(b"RIFF....WEBP").decode()


@pytest.fixture(scope="module")
def catalog():
    return Catalog(
        tuple(parse_credential_type(file.read_bytes()) for file in sorted(FOLDER.glob("*.json")))
    )


def test_the_city_issues_seven_documents_and_two_views(catalog):
    assert [each.name for each in catalog.types if not each.is_view] == [
        "business-licence",
        "driving-licence",
        "insurance-certificate",
        "property-title",
        "residency",
        "taxi-permit",
        "vehicle-registration",
    ]
    assert [each.name for each in catalog.types if each.is_view] == ["over-18", "taxi-inspection"]


def test_a_file_has_the_name_of_its_type():
    for file in FOLDER.glob("*.json"):
        assert parse_credential_type(file.read_bytes()).name == file.stem


def test_every_example_may_be_issued(catalog):
    for each in catalog.types:
        assert validate_claims(each, each.example) == (), each.name


def test_the_examples_are_of_one_driver_and_one_car(catalog):
    example = {each.name: each.example for each in catalog.types}
    permit = example["taxi-permit"]

    assert permit["driver_number"] == example["driving-licence"]["driver_number"]
    assert permit["family_name"] == example["driving-licence"]["family_name"]
    assert permit["plate"] == "2A-4417"
    assert example["vehicle-registration"]["plate"] == permit["plate"]
    assert example["insurance-certificate"]["plate"] == permit["plate"]
    assert example["taxi-inspection"]["plate"] == permit["plate"]
    assert example["taxi-inspection"]["until"] == permit["valid_until"]
    assert example["residency"]["birth_date"] == example["driving-licence"]["birth_date"]


def test_a_view_hides_nothing_and_is_small(catalog):
    view = catalog.by_name("taxi-inspection")

    assert view.disclosable_paths == ()
    assert len(json.dumps(dict(view.example))) < 120
    assert dict(catalog.by_name("over-18").example) == {"age_over_18": True}


def test_an_address_can_be_shown_in_part(catalog):
    paths = catalog.by_name("residency").disclosable_paths

    assert ("address",) in paths
    assert ("address", "khan") in paths


def test_a_type_is_found_by_name_vct_and_vcdm_type(catalog):
    permit = catalog.by_name("taxi-permit")

    assert vct("taxi-permit", "https://c.example") == "https://c.example/types/taxi-permit"
    assert catalog.by_identifier("https://c.example/types/taxi-permit") is permit
    assert catalog.by_identifier("TaxiPermit") is permit
    assert catalog.by_identifier("https://c.example/types/dog-licence") is None
    with pytest.raises(NoSuchType):
        catalog.by_name("dog-licence")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"plate": None}, "plate: missing"),
        ({"wheels": 4}, "wheels: unknown claim"),
        ({"plate": 4417}, "plate: must be text of 1 to 300 plain characters"),
        ({"plate": ""}, "plate: must be text of 1 to 300 plain characters"),
        ({"plate": " 2A-4417"}, "plate: must be text of 1 to 300 plain characters"),
        ({"plate": "2A\n4417"}, "plate: must be text of 1 to 300 plain characters"),
        ({"plate": "2A\u202e4417"}, "plate: must be text of 1 to 300 plain characters"),
        ({"plate": "x" * 301}, "plate: must be text of 1 to 300 plain characters"),
        ({"valid_until": "30.06.2027"}, "valid_until: must be a date such as 2026-11-22"),
        ({"valid_until": "2027-02-30"}, "valid_until: must be a date such as 2026-11-22"),
        ({"valid_until": 20270630}, "valid_until: must be a date such as 2026-11-22"),
    ],
)
def test_s_105_claims_that_do_not_fit_are_named(catalog, changes, problem):
    permit = catalog.by_name("taxi-permit")
    claims = {**permit.example, **changes}

    assert validate_claims(
        permit, {name: value for name, value in claims.items() if value is not None}
    ) == (problem,)


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        ("vehicle-registration", {"seats": "5"}, "seats: must be a whole number"),
        ("vehicle-registration", {"seats": True}, "seats: must be a whole number"),
        ("vehicle-registration", {"seats": 5.0}, "seats: must be a whole number"),
        ("residency", {"age_over_18": 1}, "age_over_18: must be true or false"),
        ("residency", {"address": "Phnom Penh"}, "address: must be an object"),
        ("driving-licence", {"categories": []}, "categories: must have 1 to 50 elements"),
        ("driving-licence", {"categories": "B"}, "categories: must be an array"),
        (
            "driving-licence",
            {"categories": ["B", 7]},
            "categories: each element must be text of 1 to 300 plain characters",
        ),
        (
            "driving-licence",
            {"portrait": "data:image/svg+xml;base64,AAAA"},
            "portrait: must be a small JPEG, PNG or WebP as a data URL",
        ),
    ],
)
def test_every_kind_of_claim_is_checked(catalog, name, changes, problem):
    kind = catalog.by_name(name)

    assert validate_claims(kind, {**kind.example, **changes}) == (problem,)


def test_claims_inside_an_object_are_checked_too(catalog):
    residency = catalog.by_name("residency")
    address = {**residency.example["address"], "planet": "Earth"}
    del address["khan"]

    assert set(validate_claims(residency, {**residency.example, "address": address})) == {
        "address.planet: unknown claim",
        "address.khan: missing",
    }


@pytest.mark.parametrize(
    ("portrait", "is_fine"),
    [
        (WEBP, True),
        ("data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), True),
        ("data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff").decode(), True),
        ("data:image/png;base64," + base64.b64encode(b"GIF89a").decode(), False),
        ("data:image/webp;base64,!!!!", False),
        ("data:image/webp;base64," + "A" * 40_000, False),
        ("https://evil.example/face.png", False),
        (7, False),
    ],
)
def test_s_051_a_portrait_is_a_small_image_and_nothing_else(catalog, portrait, is_fine):
    licence = catalog.by_name("driving-licence")

    assert (validate_claims(licence, {**licence.example, "portrait": portrait}) == ()) is is_fine


# A new agency document is a file.


LABELS = {"en": "Dog", "km": "ឆ្កែ", "zh-Hans": "犬"}
CLAIM = {"path": ["name"], "kind": "string", "labels": LABELS, "example": "Rex"}
DOG = {
    "name": "dog-licence",
    "vcdm_type": "DogLicence",
    "labels": LABELS,
    "validity_days": 365,
    "views": [],
    "claims": [CLAIM],
}


def parse(**changes):
    members = {**DOG, **changes}
    present = {name: value for name, value in members.items() if value is not ...}
    return parse_credential_type(json.dumps(present).encode())


def test_a_dog_licence_needs_no_code():
    dog = parse()

    assert dict(dog.example) == {"name": "Rex"}
    assert dog.disclosable_paths == (("name",),)
    assert dog.validity.days == 365
    assert dog.labels["km"] == "ឆ្កែ"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ...}, "name is missing"),
        ({"colour": "red"}, "colour is not known"),
        ({"name": ""}, "name must be text"),
        ({"labels": {"en": "Dog"}}, "labels must be in en, km, zh-Hans"),
        ({"labels": {**LABELS, "km": ""}}, "a label must be text"),
        ({"validity_days": 0}, "validity_days must be a number of days"),
        ({"validity_days": True}, "validity_days must be a number of days"),
        ({"views": "none"}, "views must be an array"),
        ({"is_view": 1}, "is_view must be true or false"),
        ({"is_view": True}, "a view's claims are always visible"),
        ({"claims": []}, "claims must be there, each path once"),
        ({"claims": [CLAIM, CLAIM]}, "claims must be there, each path once"),
        ({"claims": ["name"]}, "a claim must be an object"),
        ({"claims": [{**CLAIM, "path": []}]}, "a claim's path must hold names"),
        ({"claims": [{**CLAIM, "path": [7]}]}, "a claim's path must hold names"),
        ({"claims": [{**CLAIM, "kind": "colour"}]}, "kind must be one of"),
        ({"claims": [{**CLAIM, "kind": ["string"]}]}, "kind must be one of"),
        ({"claims": [{**CLAIM, "kind": "array"}]}, "items must name the kind"),
        ({"claims": [{**CLAIM, "items": "string"}]}, "items must name the kind"),
        ({"claims": [{**CLAIM, "example": 7}]}, "dog-licence.name: example must be text"),
        ({"claims": [{**CLAIM, "example": None}]}, "the example does not fit: name: missing"),
        ({"claims": [CLAIM, {**CLAIM, "path": ["owner", "name"]}]}, "its parent must be a claim"),
        ({"claims": [{**CLAIM, "path": ["name", "first"]}, CLAIM]}, "its parent must be a claim"),
    ],
)
def test_a_faulty_type_file_says_what_is_wrong(changes, message):
    with pytest.raises(Malformed) as fault:
        parse(**changes)

    assert message in str(fault.value)
    assert fault.value.detail == "invalid_type_file"


def test_a_type_file_that_is_not_strict_json_is_refused():
    with pytest.raises(Malformed) as fault:
        parse_credential_type(b'{"name":"a","name":"b"}')
    assert fault.value.detail == "duplicate_member"


def test_two_types_do_not_share_a_name_and_views_must_exist():
    for types, detail in (
        ((parse(), parse()), "duplicate_type"),
        ((parse(), parse(name="cat-licence")), "duplicate_type"),
        ((parse(views=["dog-view"]),), "unknown_view"),
    ):
        with pytest.raises(Malformed) as fault:
            Catalog(types)
        assert fault.value.detail == detail
