"""What an accredited agency may state, in each format: `claim_not_accredited`."""

import pytest

from credentials.issuer_judgement import judge_issuer
from credentials.model import Format
from credentials.trust import Accreditation
from tests.credentials.judged_papers import DAY, agency, credential, question, told
from tests.credentials.workshop import NOW, PERMIT_VCT

PASSED = ("passed", None, None)
REFUSED = ("failed", "issuer_not_authorised_for_type", "claim_not_accredited")
ISO = "org.iso.18013.5.1"


def limited(*claims, of=(PERMIT_VCT,)):
    return Accreditation(frozenset(of), NOW - 100 * DAY, None, claims=frozenset(claims))


def issued(*accreditations, **changes):
    issuer = agency(accreditations=accreditations)
    check = judge_issuer(credential(**changes), issuer, question(issuer))
    assert check.name == "issuer"
    return told(check)


@pytest.mark.parametrize("format", [Format.DC_SD_JWT, Format.CWT])
def test_a_flat_credential_states_its_claims_by_name(format):
    def states(*names):
        claims = {name: {"inner": 1} for name in names}
        return issued(limited("plate", "zone"), format=format, claims=claims)

    assert states() == states("plate") == states("plate", "zone") == PASSED
    assert states("plate", "colour") == states("id") == REFUSED


def test_an_mdoc_states_elements_of_namespaces():
    def states(claims):
        given = limited(f"{ISO}/family_name", f"{ISO}/portrait", "org.example/")
        return issued(given, format=Format.MSO_MDOC, claims=claims)

    assert states({}) == PASSED
    assert states({ISO: {"family_name": "Sok", "portrait": "AA"}}) == PASSED
    assert states({ISO: {"family_name": "Sok", "sex": 1}}) == REFUSED
    assert states({"org.iso.18013.5.1.KH": {"family_name": "Sok"}}) == REFUSED
    assert states({ISO: {}, "org.example": "no elements"}) == PASSED
    assert states({ISO: "no elements"}) == REFUSED


@pytest.mark.parametrize("format", [Format.VC_JWT, Format.LDP_VC, Format.JWT_VC_JSON])
def test_a_w3c_credential_states_members_of_its_subject_beside_what_it_is_called(format):
    def states(**claims):
        return issued(limited("plate"), format=format, claims=claims)

    called = {"id": "did:example:1", "type": "Driver", "@context": {}}
    assert states(plate="2A-4417", **called) == states(**called) == PASSED
    assert states(plate="2A-4417", colour="red") == REFUSED


def test_of_several_subjects_each_is_looked_at():
    def states(*subjects, document=None):
        shown = list(subjects)
        return issued(
            limited("plate"),
            format=Format.LDP_VC,
            claims={"credentialSubject": shown},
            document={"credentialSubject": shown if document is None else document},
        )

    one, other = {"id": "urn:a", "plate": "2A-4417"}, {"id": "urn:b", "colour": "red"}
    assert states(one, one) == PASSED
    assert states(one, other) == states(other, one) == REFUSED
    assert states(one, "text") == REFUSED
    # One subject with a claim of this name is not several.
    assert (
        states(one)
        == states(one, one, document={})
        == states(one, one, document=[one])
        == (REFUSED)
    )
    named = limited("credentialSubject")
    text = {"format": Format.LDP_VC, "claims": {"credentialSubject": ["urn:a", "urn:b"]}}
    assert issued(named, document=text["claims"], **text) == PASSED
    assert issued(named, document=None, **text) == PASSED


def test_several_accreditations_add_up_and_one_without_a_limit_limits_nothing():
    def states(*accreditations):
        return issued(*accreditations, claims={"plate": "2A-4417", "zone": "A"})

    free = Accreditation(frozenset({PERMIT_VCT}), NOW - 100 * DAY, None)
    ended = Accreditation(frozenset({PERMIT_VCT}), NOW - 100 * DAY, NOW - 2 * DAY)
    assert states(limited("plate")) == REFUSED
    assert states(limited("plate"), limited("zone")) == PASSED
    assert states(limited("plate"), free) == states(free, limited("plate")) == PASSED
    assert states(limited("plate"), ended) == REFUSED
    assert states(limited("plate"), limited("zone", of=("other",))) == REFUSED
