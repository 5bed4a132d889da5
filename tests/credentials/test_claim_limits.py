"""What an agency may state: the claims that an accreditation names, and nothing beside them."""

from datetime import timedelta

import pytest

from credentials.issuer_judgement import judge_issuer
from credentials.model import Format
from credentials.reading import read_presentation
from credentials.trust import Accreditation, claim_limit
from credentials.trust_document import build_trust_registry_json, parse_trust_registry
from tests.credentials.judged_papers import DAY, SKEW, agency, credential, question, registry, told
from tests.credentials.workshop import ISSUER, NOW, PERMIT_VCT, sign_raw

PASSED = ("passed", None, None)
BEYOND = ("failed", "issuer_not_authorised_for_type", "claim_not_accredited")
OTHER = "urn:city:other"


def accredited(*claims, types=(PERMIT_VCT,), since=NOW - 9 * DAY, until=None):
    limit = frozenset(claims) if claims != (None,) else None
    return Accreditation(frozenset(types), since, until, limit)


def limited(*accreditations):
    return agency(accreditations=accreditations)


def judged(paper, *accreditations):
    issuer = limited(*accreditations)
    return told(judge_issuer(paper, issuer, question(issuer)))


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"plate": "2A-4417"}, PASSED),
        ({}, PASSED),
        ({"plate": "2A-4417", "name": "Sok Dara"}, BEYOND),
        ({"Plate": "2A-4417"}, BEYOND),
        ({"plate ": "2A-4417"}, BEYOND),
        ({"credentialSubject": [{"plate": "2A-4417"}]}, BEYOND),
    ],
)
def test_an_agency_states_what_it_is_accredited_for_and_no_more(claims, expected):
    assert judged(credential(claims=claims), accredited("plate")) == expected


def test_without_a_limit_any_claim_may_be_stated():
    assert judged(credential(claims={"anything": 1}), accredited(None)) == PASSED


def test_an_empty_limit_leaves_nothing_to_state():
    issuer = limited(accredited())

    assert claim_limit(issuer, (PERMIT_VCT,), at=NOW, skew=SKEW) == frozenset()
    assert judged(credential(), accredited()) == BEYOND


def test_accreditations_of_one_type_add_up():
    both = {"plate": "2A-4417", "name": "Sok Dara"}

    assert judged(credential(claims=both), accredited("plate"), accredited("name")) == PASSED
    assert judged(credential(claims=both), accredited("plate"), accredited(None)) == PASSED


def test_an_accreditation_that_is_over_lends_no_claim():
    over = accredited("name", until=NOW - 2 * DAY)
    paper = credential(claims={"name": "Sok Dara"})

    assert judged(paper, accredited("plate"), over) == BEYOND
    assert judged(paper, accredited("plate"), accredited("name", since=NOW + DAY)) == BEYOND


def test_of_several_types_each_must_allow_a_claim():
    paper = credential(types=(PERMIT_VCT, OTHER), claims={"plate": "2A-4417"})

    assert judged(paper, accredited("plate"), accredited("name", types=(OTHER,))) == BEYOND
    assert judged(paper, accredited("plate"), accredited(None, types=(OTHER,))) == PASSED
    assert judged(paper, accredited("plate", types=(PERMIT_VCT, OTHER))) == PASSED


def test_a_subject_of_a_w3c_credential_has_a_name_beside_its_claims():
    subject = {"id": "did:example:1", "type": "Person", "plate": "2A-4417"}
    words = {"format": Format.VC_JWT, "document": {"credentialSubject": subject}}

    assert judged(credential(claims=subject, **words), accredited("plate")) == PASSED
    assert judged(credential(claims=subject, **words), accredited("name")) == BEYOND
    assert judged(credential(claims=subject), accredited("plate")) == BEYOND


@pytest.mark.parametrize("name", ["type", "id"])
def test_what_a_subject_is_called_holds_no_claim(name):
    subject = {"plate": "2A-4417", name: {"income": 4000}}
    paper = credential(claims=subject, format=Format.JWT_VC_JSON, document={})

    assert judged(paper, accredited("plate")) == BEYOND
    assert judged(paper, accredited("plate", name)) == PASSED


def test_an_inner_context_of_a_jwt_vc_is_no_claim():
    subject = {"plate": "2A-4417", "@context": {"income": 4000}}
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "Permit"],
        "credentialSubject": subject,
    }
    [read] = read_presentation(sign_raw({"iss": ISSUER, "nbf": 1, "vc": document}, type="JWT"))

    assert read.claims == {"plate": "2A-4417"}


def test_several_subjects_hide_no_claim():
    subjects = [{"id": "did:example:1", "plate": "2A-4417"}, {"name": "Sok Dara"}]
    claims = {"credentialSubject": subjects}
    paper = credential(claims=claims, format=Format.LDP_VC, document=claims)
    one = credential(claims=claims, format=Format.LDP_VC, document={"credentialSubject": claims})

    assert judged(paper, accredited("plate", "name")) == PASSED
    assert judged(paper, accredited("plate")) == BEYOND
    assert judged(one, accredited("plate", "name")) == BEYOND


def test_an_element_of_an_mdoc_is_named_with_its_namespace():
    paper = credential(format=Format.MSO_MDOC, claims={"org.city": {"plate": "2A-4417"}})

    assert judged(paper, accredited("org.city/plate")) == PASSED
    assert judged(paper, accredited("plate")) == BEYOND


def test_limits_of_agencies_and_verifiers_survive_the_document():
    before = build_trust_registry_json(registry(limited(accredited("b", "a"), accredited())))
    before["verifiers"] = [
        {"client_id": "x509_hash:1", "name": {}, "purposes": [], "may_ask": {PERMIT_VCT: ["name"]}},
        {"client_id": "x509_hash:2", "name": {}, "purposes": []},
    ]
    read = parse_trust_registry(before)

    assert build_trust_registry_json(read) == before
    assert [each.claims for each in read.issuers[0].accreditations] == [{"a", "b"}, frozenset()]
    assert [each.may_ask for each in read.verifiers] == [{PERMIT_VCT: {"name"}}, None]
    assert claim_limit(read.issuers[0], ("urn:x",), at=NOW, skew=timedelta(0)) == frozenset()
