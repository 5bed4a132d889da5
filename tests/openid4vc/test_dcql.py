"""Queries are read strictly and written as they were read (OpenID4VP 1.0 section 6)."""

import json

import pytest

from openid4vc.dcql import build_query, find_required_ids, parse_query
from openid4vc.errors import InvalidRequest

LICENCE = {
    "id": "licence",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": ["https://city.example/types/driving-licence"]},
}


def query(*credentials, **members):
    return {"credentials": list(credentials), **members}


def changed(**members):
    return {**LICENCE, **members}


def test_the_published_malformed_queries_are_refused(vectors):
    suite = json.loads((vectors / "authored" / "dcql.json").read_text())
    bad = [case for case in suite["cases"] if case["expect"] == "invalid_request"]
    accepted = []
    for case in bad:
        try:
            parse_query(case["dcql_query"])
        except InvalidRequest:
            continue
        accepted.append(case["id"])

    assert len(bad) == 10
    assert accepted == []


def test_the_examples_of_the_specification_survive_reading_and_writing(vectors):
    folder = vectors / "openid4vp" / "examples"
    files = sorted(
        [*(folder / "query_lang").glob("*.json"), *(folder / "request").glob("dcql_*.json")]
    )
    read = [parse_query(json.loads(file.read_text())) for file in files]

    assert len(read) == 9
    assert [parse_query(build_query(item)) for item in read] == read


def test_everything_a_query_may_say_survives_writing():
    full = query(
        changed(
            multiple=True,
            require_cryptographic_holder_binding=False,
            claims=[
                {"id": "a", "path": ["name"]},
                {"id": "b", "path": ["categories", None], "values": ["B", 3, True]},
            ],
            claim_sets=[["a", "b"], ["a"]],
            trusted_authorities=[{"type": "aki", "values": ["s9tIpP"]}],
        ),
        {"id": "pass", "format": "vc+jwt", "meta": {"type_values": [["Residency", "Pass"]]}},
        {"id": "mdl", "format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"}},
        {"id": "odd", "format": "ac_vp", "meta": {}},
        credential_sets=[
            {"options": [["licence"], ["pass"]], "required": True},
            {"options": [["mdl"]], "required": False},
        ],
    )

    assert build_query(parse_query(full)) == full


def test_unknown_members_are_ignored():
    """OpenID4VP 1.0 section 6: unknown properties must be ignored."""
    read = parse_query(query(changed(x_future=1), y_future={}))

    assert read == parse_query(query(LICENCE))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        query(),
        query("licence"),
        query(LICENCE, LICENCE),
        query(*({**LICENCE, "id": f"c{number}"} for number in range(17))),
        query(changed(id="")),
        query(changed(id=7)),
        query(changed(id="é")),
        query(changed(format=None)),
        query(changed(meta=[])),
        query(changed(meta={"vct_values": "https://city.example"})),
        query(changed(meta={"vct_values": [1]})),
        query(changed(format="vc+jwt", meta={})),
        query(changed(format="vc+jwt", meta={"type_values": ["Residency"]})),
        query(changed(format="mso_mdoc", meta={})),
        query(changed(multiple="true")),
        query(changed(require_cryptographic_holder_binding=1)),
        query(changed(claims=[])),
        query(changed(claims=[{"path": ["a"]}] * 65)),
        query(changed(claims=[{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}])),
        query(changed(claims=[{"path": ["a"], "values": [1.5]}])),
        query(changed(claims=[{"path": ["a"], "values": [None]}])),
        query(changed(claims=[{"path": ["a"], "values": [1] * 65}])),
        query(changed(claims=[{"id": "a b", "path": ["a"]}])),
        query(changed(claims=[{"path": ["a"]}], claim_sets=[["a"]])),
        query(changed(claims=[{"id": "a", "path": ["a"]}], claim_sets=[[]])),
        query(changed(trusted_authorities=[{"type": "aki"}])),
        query(changed(trusted_authorities=["aki"])),
        query(LICENCE, credential_sets=[]),
        query(LICENCE, credential_sets=[{"options": []}]),
        query(LICENCE, credential_sets=[{"options": [[]]}]),
        query(LICENCE, credential_sets=[{"options": [["licence"]], "required": 1}]),
    ],
)
def test_a_malformed_query_is_refused(value):
    with pytest.raises(InvalidRequest):
        parse_query(value)


def test_sixteen_credentials_may_be_asked_for():
    read = parse_query(query(*({**LICENCE, "id": f"c{number}"} for number in range(16))))

    assert len(read.credentials) == 16


def test_required_sets_take_their_first_option_that_can_be_had():
    read = parse_query(
        query(
            *({**LICENCE, "id": name} for name in "abcd"),
            credential_sets=[
                {"options": [["a", "b"], ["c"]]},
                {"options": [["c"]]},
                {"options": [["d"]], "required": False},
            ],
        )
    )

    assert find_required_ids(read, frozenset("abc")) == ("a", "b", "c")
    assert find_required_ids(read, frozenset("acd")) == ("c",)
    assert find_required_ids(read, frozenset("abd")) is None
