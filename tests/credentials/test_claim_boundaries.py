"""Claims that are needed, and claims that must be equal: gaps that mutation showed."""

import pytest

from credentials.claim_judgement import judge_claims, judge_join, select
from credentials.policy import CredentialRule, Join
from tests.credentials.judged_papers import told

CLAIMS = {
    "plate": "2A-4417",
    "nothing": None,
    "zones": [{"code": "A"}, {"code": "B"}, "C"],
    "owner": {"name": "Dara", "age": 1},
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ((), []),
        (("plate",), ["2A-4417"]),
        (("nothing",), [None]),
        (("missing",), []),
        (("owner", "name"), ["Dara"]),
        (("owner", "missing"), []),
        (("plate", "name"), []),
        (("zones", 0, "code"), ["A"]),
        (("zones", 1, "code"), ["B"]),
        (("zones", 2), ["C"]),
        (("zones", 3), []),
        (("zones", -1), []),
        (("zones", None, "code"), ["A", "B"]),
        (("owner", None), []),
        (("owner", 0), []),
        ((0,), []),
        ((None,), []),
    ],
)
def test_a_path_leads_to_these_values(path, values):
    """OpenID4VP 1.0 section 7."""
    assert select(CLAIMS, path) == values


def test_the_first_claim_that_is_missing_is_named():
    def of(*paths):
        return told(judge_claims(CredentialRule("permit", frozenset(), paths), CLAIMS))

    assert of() == ("passed", None, None)
    assert of(("plate",), ("nothing",)) == ("passed", None, None)
    missing = ("failed", "claim_missing")
    assert of(("plate",), ("zones", None, "name"), ("b",)) == (*missing, "missing: zones/*/name")
    assert of(("zones", 3)) == (*missing, "missing: zones/3")
    check = judge_claims(CredentialRule("permit", frozenset(), (("b",),)), CLAIMS)
    assert (check.name, check.credential) == ("claims", "permit")
    check = judge_claims(CredentialRule("permit", frozenset(), ()), CLAIMS)
    assert (check.name, check.credential) == ("claims", "permit")


def join(*sides, claims):
    return judge_join(Join("same driver", sides), claims)


SIDES = (("permit", ("driver",)), ("licence", ("number",)), ("view", ("driver",)))


def test_all_sides_of_a_join_are_compared_with_the_first():
    claims = {"permit": {"driver": 7}, "licence": {"number": 7}, "view": {"driver": 7}}

    found = join(*SIDES, claims=claims)
    assert (*told(found), found.name) == ("passed", None, "same driver", "join")
    different = join(*SIDES, claims=claims | {"view": {"driver": 8}})
    assert (*told(different), different.credential, different.name) == (
        "failed",
        "join_failed",
        "same driver: permit and view differ",
        "view",
        "join",
    )
    empty = join(*SIDES, claims=claims | {"licence": {}})
    assert (*told(empty), empty.credential, empty.name) == (
        "failed",
        "join_failed",
        "same driver: licence has no number",
        "licence",
        "join",
    )


def test_a_join_of_one_side_and_of_what_nobody_showed_is_none():
    one = join(SIDES[0], claims={"permit": {"driver": 7}})
    assert (*told(one), one.name) == (
        "failed",
        "join_failed",
        "same driver: nothing to compare",
        "join",
    )
    assert told(join(*SIDES[:2], claims={"permit": {"driver": 7}}))[0] == "failed"
    nobody = join(*SIDES[:2], claims={})
    assert (*told(nobody)[1:], nobody.credential) == (
        "join_failed",
        "same driver: permit has no driver",
        "permit",
    )
    assert (
        told(join(*SIDES[:2], claims={"permit": {"driver": 7}, "licence": {"number": 7}}))[0]
        == "passed"
    )


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, True, False),
        (1, 1.0, False),
        (1, "1", False),
        (0, None, False),
        ("a", "a", True),
        (None, None, True),
        ([], {}, False),
        ([1, 2], [1, 2], True),
        ([1, 2], [1, 2, 3], False),
        ([1, 2], [2, 1], False),
        ([1, 2], [1, True], False),
        ([[1]], [[True]], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": [1]}, {"a": [1.0]}, False),
    ],
)
def test_equal_is_equal_in_type_and_value(left, right, same):
    sides = (("one", ("it",)), ("other", ("it",)))

    found = join(*sides, claims={"one": {"it": left}, "other": {"it": right}})

    assert (told(found)[0] == "passed") is same
