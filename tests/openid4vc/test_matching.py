"""Wallet and verifier hold the same query against credentials (OpenID4VP 1.0 section 6.4)."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.keys import SoftwareSigner, parse_jwk
from credentials.model import Credential, Format, IssuerKeyHint
from credentials.verdict import Outcome, Reason
from openid4vc.dcql import parse_query
from openid4vc.matching import Holding, build_holding, match_query, verify_answer

VCT = "https://city.example/types/driving-licence"
HOLDER = parse_jwk(dict(SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1())).public_jwk))
LICENCE = Holding(
    id="licence",
    format="dc+sd-jwt",
    types=frozenset({VCT}),
    claims={
        "iss": "https://issuer.example",
        "name": "Sok Dara",
        "age": 41,
        "active": True,
        "address": {"street": "Street 178", "city": {"name": "Phnom Penh", "code": "12"}},
        "categories": ["A", "B"],
    },
    disclosable=frozenset(
        {
            ("name",),
            ("age",),
            ("active",),
            ("address",),
            ("address", "street"),
            ("address", "city"),
            ("address", "city", "name"),
            ("categories", 0),
            ("categories", 1),
        }
    ),
    authority_key_ids=frozenset({"city-root"}),
    is_holder_bound=True,
)


def asking(**members):
    credential = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **members}
    return parse_query({"credentials": [credential]})


def disclosed(query, holding=LICENCE):
    [candidate] = match_query(query, [holding]).candidates["q"]
    return set(candidate.disclose)


def leaf_paths(value, path=()):
    """Every claim that is no object, as a pointer."""
    if not isinstance(value, dict):
        return {path}
    return {found for name, item in value.items() for found in leaf_paths(item, (*path, name))}


def read_holding(item):
    disclosable = leaf_paths(item["claims"]) if "claims" in item else set()
    document = {
        **item.get("claims", item.get("namespaces", {})),
        **item.get("always_disclosed", {}),
    }
    return Holding(
        id=item["wid"],
        format=item["format"],
        types=frozenset(item.get("types") or [item.get("vct") or item["doctype"]]),
        claims=document,
        disclosable=frozenset(disclosable),
        authority_key_ids=frozenset({item["aki"]} if "aki" in item else set()),
        is_holder_bound=item["holder_binding"],
    )


def read_outcome(match, expected):
    """Only those facts that the vector speaks of."""
    if match.required_ids is None:
        return {"no_match": True}
    facts = {
        "candidates": {
            name: [candidate.holding.id for candidate in found]
            for name, found in match.candidates.items()
        },
        "disclose": {
            name: sorted(".".join(path) for path in found[0].disclose)
            for name, found in match.candidates.items()
            if found
        },
        "return_ids": list(match.required_ids),
        "absent_ids": [name for name, found in match.candidates.items() if not found],
    }
    return {name: facts[name] for name in expected}


def test_the_published_wallet_answers_as_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "dcql.json").read_text())
    wallet = [read_holding(item) for item in suite["wallet"]]
    cases = [case for case in suite["cases"] if case["expect"] != "invalid_request"]
    outcomes = [
        (
            case["id"],
            read_outcome(match_query(parse_query(case["dcql_query"]), wallet), case["expect"]),
        )
        for case in cases
    ]

    assert len(cases) == 16
    assert outcomes == [(case["id"], case["expect"]) for case in cases]


def test_without_claims_nothing_that_can_be_hidden_is_shown():
    """VP-W-04: `claims` absent means no selectively disclosable claims."""
    assert disclosed(asking()) == set()


def test_a_claim_brings_its_parents_and_nothing_else():
    assert disclosed(asking(claims=[{"path": ["address", "city", "name"]}])) == {
        ("address",),
        ("address", "city"),
        ("address", "city", "name"),
    }


def test_a_claim_that_is_an_object_is_shown_whole():
    assert disclosed(asking(claims=[{"path": ["address"]}])) == {
        ("address",),
        ("address", "street"),
        ("address", "city"),
        ("address", "city", "name"),
    }


def test_of_an_array_only_the_items_with_a_wanted_value_are_shown():
    assert disclosed(asking(claims=[{"path": ["categories", None], "values": ["B"]}])) == {
        ("categories", 1)
    }


@pytest.mark.parametrize(
    "claim",
    [
        {"path": ["height"]},
        {"path": ["age"], "values": ["41"]},
        {"path": ["age"], "values": [True]},
        {"path": ["active"], "values": [1]},
        {"path": ["address"], "values": ["Street 178"]},
        {"path": ["name", "first"]},
        {"path": ["categories", 2]},
    ],
)
def test_a_claim_that_is_not_there_or_has_another_value_is_not_met(claim):
    """VP-W-04: values match in kind and value; a required claim is there or nothing is."""
    assert match_query(asking(claims=[claim]), [LICENCE]).required_ids is None


def test_the_first_claim_set_that_can_be_met_is_taken():
    query = asking(
        claims=[
            {"id": "height", "path": ["height"]},
            {"id": "age", "path": ["age"]},
            {"id": "name", "path": ["name"]},
        ],
        claim_sets=[["height", "age"], ["age"], ["name"]],
    )
    [candidate] = match_query(query, [LICENCE]).candidates["q"]

    assert candidate.requested == (("age",),)
    assert candidate.disclose == {("age",)}


def test_a_credential_without_a_key_answers_only_who_wants_no_binding():
    """VP-W-05."""
    unbound = replace(LICENCE, is_holder_bound=False)

    assert match_query(asking(), [unbound]).required_ids is None
    assert match_query(
        asking(require_cryptographic_holder_binding=False), [unbound]
    ).required_ids == ("q",)


def test_a_trusted_authority_of_an_unknown_kind_is_never_met():
    """HAIP-06: `aki` is known, others are not."""
    other = [{"type": "openid_federation", "values": ["city-root"]}]
    both = [*other, {"type": "aki", "values": ["x", "city-root"]}]

    assert match_query(asking(trusted_authorities=other), [LICENCE]).required_ids is None
    assert match_query(asking(trusted_authorities=both), [LICENCE]).required_ids == ("q",)


def test_a_format_that_nobody_knows_is_never_met():
    query = parse_query({"credentials": [{"id": "q", "format": "ac_vp", "meta": {}}]})

    assert match_query(query, [replace(LICENCE, format="ac_vp")]).required_ids is None


def test_an_mdoc_claim_names_namespace_and_element():
    mdl = Holding(
        id="mdl",
        format="mso_mdoc",
        types=frozenset({"org.iso.18013.5.1.mDL"}),
        claims={"org.iso.18013.5.1": {"age_over_21": True}},
        disclosable=frozenset({("org.iso.18013.5.1", "age_over_21")}),
        authority_key_ids=frozenset(),
        is_holder_bound=True,
    )
    credential = {
        "id": "q",
        "format": "mso_mdoc",
        "meta": {"doctype_value": "org.iso.18013.5.1.mDL"},
        "claims": [{"path": ["org.iso.18013.5.1", "age_over_21"]}],
    }
    bad = {**credential, "claims": [{"path": ["org.iso.18013.5.1"]}]}

    assert disclosed(parse_query({"credentials": [credential]}), mdl) == {
        ("org.iso.18013.5.1", "age_over_21")
    }
    assert match_query(parse_query({"credentials": [bad]}), [mdl]).required_ids is None


def sets(*credential_sets):
    names = {name for item in credential_sets for option in item["options"] for name in option}
    known = [
        {
            "id": name,
            "format": "dc+sd-jwt",
            "meta": {"vct_values": [VCT if name != "x" else "none"]},
        }
        for name in sorted(names)
    ]
    return parse_query({"credentials": known, "credential_sets": list(credential_sets)})


def test_optional_sets_may_be_added_and_never_have_to_be():
    query = sets(
        {"options": [["a"]]},
        {"options": [["a", "b"]], "required": False},
        {"options": [["x"]], "required": False},
    )
    match = match_query(query, [LICENCE])

    assert match.required_ids == ("a",)
    assert match.optional_ids == ("b",)


def test_a_query_of_optional_sets_only_is_not_answered_with_nothing():
    """VP-W-04: an empty vp_token is never sent."""
    impossible = match_query(sets({"options": [["x"]], "required": False}), [LICENCE])
    possible = match_query(sets({"options": [["a"]], "required": False}), [LICENCE])

    assert impossible.required_ids is None
    assert possible.required_ids == ()
    assert possible.optional_ids == ("a",)


def outcomes(checks):
    return [(check.credential, check.outcome, check.reason, check.detail) for check in checks]


def test_the_verifier_accepts_what_it_asked_for():
    checks = verify_answer(asking(claims=[{"path": ["name"]}]), {"q": [LICENCE]})

    assert outcomes(checks) == [("q", Outcome.PASSED, None, None)]


@pytest.mark.parametrize(
    ("members", "change", "reason", "detail"),
    [
        ({}, {"format": "vc+jwt"}, Reason.TYPE_NOT_ACCEPTED, "format_not_requested"),
        ({}, {"types": frozenset({"other"})}, Reason.TYPE_NOT_ACCEPTED, "type_not_requested"),
        ({}, {"is_holder_bound": False}, Reason.HOLDER_NOT_BOUND, "no_holder_key"),
        (
            {"trusted_authorities": [{"type": "aki", "values": ["other"]}]},
            {},
            Reason.ISSUER_NOT_TRUSTED,
            "authority_not_requested",
        ),
        (
            {"claims": [{"path": ["height"]}]},
            {},
            Reason.CLAIM_MISSING,
            "requested_claims_missing",
        ),
        (
            {"claims": [{"path": ["age"], "values": [40]}]},
            {},
            Reason.CLAIM_MISSING,
            "requested_claims_missing",
        ),
    ],
)
def test_the_verifier_never_trusts_the_wallets_filtering(members, change, reason, detail):
    """VP-V-13: the query is evaluated again on what came back."""
    checks = verify_answer(asking(**members), {"q": [replace(LICENCE, **change)]})

    assert outcomes(checks) == [("q", Outcome.FAILED, reason, detail)]


def test_an_answer_with_nothing_or_too_little_fails():
    two = parse_query(
        {
            "credentials": [
                {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}} for name in "ab"
            ]
        }
    )
    missing = (None, Outcome.FAILED, Reason.CLAIM_MISSING, "required_credential_missing")

    assert outcomes(verify_answer(two, {})) == [missing]
    assert outcomes(verify_answer(two, {"a": [LICENCE]})) == [
        ("a", Outcome.PASSED, None, None),
        missing,
    ]


def test_an_answer_with_too_much_fails():
    unexpected = (Outcome.FAILED, Reason.MALFORMED, "unexpected_presentation")

    assert outcomes(verify_answer(asking(), {"q": [LICENCE, LICENCE]})) == [("q", *unexpected)]
    assert outcomes(verify_answer(asking(), {"q": []})) == [("q", *unexpected)]
    assert outcomes(verify_answer(asking(), {"q": [LICENCE], "z": [LICENCE]})) == [
        ("q", Outcome.PASSED, None, None),
        ("z", *unexpected),
    ]
    assert outcomes(verify_answer(asking(multiple=True), {"q": [LICENCE, LICENCE]})) == [
        ("q", Outcome.PASSED, None, None),
        ("q", Outcome.PASSED, None, None),
    ]


def credential(**members):
    values = {
        "format": Format.DC_SD_JWT,
        "issuer": "https://issuer.example",
        "types": (VCT,),
        "claims": {"name": "Sok Dara"},
        "issued_at": None,
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
        "valid_until": datetime(2027, 1, 1, tzinfo=UTC),
        "statuses": (),
        "links": (),
        "holder_key": HOLDER,
        "key_hint": IssuerKeyHint(algorithm="ES256", key_id=None, x5c=()),
        "signing_input": b"",
        "signature": b"",
        "key_binding": None,
    }
    return Credential(**{**values, **members})


def test_a_read_sd_jwt_vc_becomes_a_holding_with_its_registered_members():
    holding = build_holding(
        credential(valid_from=None),
        id="mine",
        disclosable=[("name",)],
        authority_key_ids=["city-root"],
        also_types=["urn:other-name"],
    )

    assert holding == Holding(
        id="mine",
        format="dc+sd-jwt",
        types=frozenset({VCT, "urn:other-name"}),
        claims={
            "name": "Sok Dara",
            "iss": "https://issuer.example",
            "vct": VCT,
            "exp": 1798761600,
        },
        disclosable=frozenset({("name",)}),
        authority_key_ids=frozenset({"city-root"}),
        is_holder_bound=True,
    )


def test_a_read_w3c_credential_becomes_a_holding_of_its_own_shape():
    holding = build_holding(
        credential(
            format=Format.VC_JWT, types=("DrivingLicence",), issuer="did:web:i", holder_key=None
        ),
        id="mine",
    )

    assert holding.claims == {
        "issuer": "did:web:i",
        "type": ["VerifiableCredential", "DrivingLicence"],
        "credentialSubject": {"name": "Sok Dara"},
    }
    assert not holding.is_holder_bound
    assert holding.disclosable == frozenset()
