"""Claims path pointers select, and refuse to guess (OpenID4VP 1.0 section 7)."""

import json

import pytest

from openid4vc.claims_path import (
    MAX_PATH,
    is_prefix,
    locate_claims,
    parse_claims_path,
    select_claims,
)
from openid4vc.errors import ClaimsPathError, InvalidRequest


def test_the_published_pointers_select_what_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "claims-path-pointer.json").read_text())
    document = suite["credential"]
    outcomes = [
        (case["path"], _outcome(document, case["path"]), case["expect"]) for case in suite["cases"]
    ]

    assert len(outcomes) == 14
    assert [(path, got) for path, got, expected in outcomes if got != expected] == []


def _outcome(document, path):
    try:
        pointer = parse_claims_path(path)
    except InvalidRequest:
        return "invalid-pointer"
    try:
        return list(select_claims(document, pointer))
    except ClaimsPathError:
        return "error"


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        "name",
        [True],
        [1.5],
        [-1],
        [["name"]],
        ["x"] * (MAX_PATH + 1),
    ],
)
def test_what_is_no_pointer_is_refused(value):
    with pytest.raises(InvalidRequest):
        parse_claims_path(value)


def test_a_pointer_of_the_greatest_length_is_read():
    assert parse_claims_path(["x"] * MAX_PATH) == ("x",) * MAX_PATH


def test_null_finds_every_item_and_says_where_it_stands():
    document = {"plates": [{"no": "2A-1"}, {"no": "2A-2"}, {"seats": 4}]}

    assert locate_claims(document, ("plates", None, "no")) == (
        ("plates", 0, "no"),
        ("plates", 1, "no"),
    )


def test_a_pointer_that_multiplies_without_end_is_cut_off():
    document = [[0] * 100] * 100

    with pytest.raises(ClaimsPathError, match="more than 4096"):
        select_claims(document, (None, None))


def test_a_prefix_leads_to_what_lies_in_it():
    assert is_prefix(("address",), of=("address", "street"))
    assert is_prefix(("address",), of=("address",))
    assert not is_prefix(("address", "street"), of=("address",))
    assert not is_prefix(("adress",), of=("address", "street"))
