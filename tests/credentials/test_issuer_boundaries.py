"""Whose signature counts, at exact times and one reason at a time: gaps that mutation showed."""

from dataclasses import replace

import pytest

from credentials.did_key import build_did_key
from credentials.issuer_judgement import (
    find_issuer_of,
    find_signing_key,
    judge_issuer,
    judge_signature,
)
from credentials.model import Format, Signed
from credentials.signature_memory import SignatureMemory
from credentials.trust import Accreditation, KeyUse, TrustedBbsKey
from tests.credentials import mdoc_workshop, selective
from tests.credentials.judged_papers import (
    CONTENT,
    DAY,
    SECOND,
    SKEW,
    agency,
    credential,
    hint,
    listed,
    question,
    registry,
    told,
)
from tests.credentials.workshop import (
    AGENCY,
    ISSUER,
    NOW,
    PERMIT_VCT,
    STRANGER,
    ed25519_signer,
    public_key,
    signer,
)

PASSED = ("passed", None, None)
NOT_LISTED = ("failed", "issuer_not_trusted", "no_key_listed")
BAD = ("failed", "bad_signature", "bad_issuer_signature")


def issuer_check(paper=None, *, issuer=None, **changes):
    issuer = issuer or agency()
    check = judge_issuer(paper or credential(), issuer, question(issuer, **changes))
    assert check.name == "issuer"
    return told(check)


def signature_check(paper=None, *, issuer=None, **changes):
    issuer = issuer or agency()
    check = judge_signature(paper or credential(), issuer, question(issuer, **changes))
    assert check.name == "signature"
    return told(check)


def test_s_025_an_issuer_that_nobody_knows_is_not_trusted():
    assert told(judge_issuer(credential(), None, question())) == (
        "failed",
        "issuer_not_trusted",
        "unknown_issuer",
    )
    assert told(judge_signature(credential(), None, question())) == (
        "indeterminate",
        "issuer_not_trusted",
        "no_key_listed",
    )


def test_s_026_an_issuer_is_found_by_its_name_or_by_certificate_where_it_has_none():
    asked = question(agency(), mdoc_workshop.agency(identifiers=("https://other.example",)))
    certified = hint(x5c=(mdoc_workshop.LEAF_DER,))

    assert find_issuer_of(credential(), asked) == asked.trust.issuers[0]
    assert find_issuer_of(credential(issuer="https://nobody.example"), asked) is None
    assert find_issuer_of(credential(issuer="", key_hint=hint()), asked) is None
    only = question(mdoc_workshop.agency())
    nameless = credential(issuer="", key_hint=certified)
    mdoc = replace(nameless, format=Format.MSO_MDOC)
    assert find_issuer_of(mdoc, only) == only.trust.issuers[0]
    assert find_issuer_of(nameless, only) is None
    expired = replace(only, now=NOW + 4000 * DAY)
    assert find_issuer_of(mdoc, expired) is None


@pytest.mark.parametrize(
    ("times", "until", "accredited"),
    [
        ({"issued_at": NOW - DAY}, NOW - DAY + SECOND, True),
        ({"issued_at": NOW - DAY}, NOW - DAY, False),
        ({"issued_at": None, "valid_from": NOW - DAY}, NOW - DAY + SECOND, True),
        ({"issued_at": None, "valid_from": NOW - DAY}, NOW - DAY, False),
        ({"issued_at": NOW - DAY, "valid_from": NOW + DAY}, NOW, True),
        ({"issued_at": None, "valid_from": None}, NOW + SECOND, True),
        ({"issued_at": None, "valid_from": None}, NOW, False),
    ],
)
def test_s_025_an_issuer_was_accredited_when_it_issued_or_began_or_is_now(times, until, accredited):
    given = Accreditation(frozenset({PERMIT_VCT}), NOW - 100 * DAY, until)

    found = issuer_check(credential(**times), issuer=agency(accreditations=(given,)))

    assert found == (
        PASSED if accredited else ("failed", "issuer_not_authorised_for_type", "not_accredited")
    )


def test_s_025_an_accreditation_may_begin_a_skew_after_the_issuance():
    def begins(time):
        given = Accreditation(frozenset({PERMIT_VCT}), time, None)
        return issuer_check(credential(issued_at=NOW), issuer=agency(accreditations=(given,)))

    assert begins(NOW + SKEW) == PASSED
    assert begins(NOW + SKEW + SECOND)[2] == "not_accredited"


def test_a_registry_counts_until_it_expires_and_not_before_it_was_made():
    expired = ("indeterminate", "issuer_not_trusted", "trust_registry_expired")
    future = ("indeterminate", "issuer_not_trusted", "trust_registry_in_the_future")

    assert issuer_check(trust=registry(expires_at=NOW + SECOND)) == PASSED
    assert issuer_check(trust=registry(expires_at=NOW)) == expired
    assert issuer_check(trust=registry(issued_at=NOW + SKEW)) == PASSED
    assert issuer_check(trust=registry(issued_at=NOW + SKEW + SECOND)) == future


def test_a_signature_of_a_listed_key_holds_and_no_other():
    assert signature_check() == PASSED
    assert signature_check(credential(signature=STRANGER.sign(CONTENT))) == BAD
    assert signature_check(credential(signing_input=CONTENT + b"!")) == BAD
    assert signature_check(credential(key_hint=hint(algorithm="EdDSA"))) == NOT_LISTED
    assert signature_check(credential(alteration="altered_claim")) == (
        "failed",
        "bad_signature",
        "altered_claim",
    )


def test_a_signature_may_be_of_the_second_key_that_is_listed():
    two = agency(listed(STRANGER), listed())

    assert signature_check(issuer=two) == PASSED


def test_a_remembered_signature_is_asked_for_and_a_wrong_one_stays_wrong():
    memory = SignatureMemory()

    assert signature_check(signatures=memory) == PASSED
    assert len(memory) == 1
    assert signature_check(credential(signature=bytes(64)), signatures=memory) == BAD


def test_di_05_every_signature_beside_the_first_must_hold():
    other = b"the same, signed again"
    good = Signed(other, AGENCY.sign(other), hint())
    bad = Signed(other, STRANGER.sign(other), hint())

    assert signature_check(credential(co_signatures=(good,))) == PASSED
    assert signature_check(credential(co_signatures=(good, bad))) == BAD
    assert signature_check(credential(co_signatures=(bad, good))) == BAD
    assert signature_check(credential(co_signatures=(good,), signature=bytes(64))) == BAD


def test_s_188_s_191_a_key_is_believed_for_credentials_in_its_time_and_before_a_theft():
    def of(**changes):
        return signature_check(issuer=agency(listed(**changes)))

    assert of(compromised_at=NOW) == ("failed", "key_compromised", "key_compromised")
    assert of(compromised_at=NOW + SECOND) == PASSED
    assert of(use=KeyUse.STATUS) == ("failed", "issuer_not_trusted", "key_of_another_use")
    assert of(use=KeyUse.STATUS, compromised_at=NOW)[1] == "key_compromised"
    assert of(valid_from=NOW + SKEW) == PASSED
    assert of(valid_from=NOW + SKEW + SECOND)[1:] == ("issuer_not_trusted", "key_not_yet_valid")
    assert of(valid_until=NOW)[1:] == ("issuer_not_trusted", "key_no_longer_valid")
    assert of(valid_until=NOW + SECOND) == PASSED


def test_a_key_that_had_stopped_signing_did_not_sign_this():
    stopped = agency(listed(sign_until=NOW - 2 * DAY))

    assert signature_check(credential(issued_at=NOW - 3 * DAY), issuer=stopped) == PASSED
    assert signature_check(credential(issued_at=NOW), issuer=stopped)[0] == "failed"


METHOD = build_did_key(public_key(AGENCY))
DID_URL = f"{METHOD}#{METHOD.removeprefix('did:key:')}"


def external(key_id=DID_URL, **changes):
    return credential(
        external_proof="p", key_hint=hint(key_id, algorithm="external"), signature=b"", **changes
    )


def test_a_proof_that_a_child_process_judged_counts_for_a_listed_key():
    assert signature_check(external(), proofs={"p": True}) == PASSED
    assert signature_check(external(), proofs={"p": False}) == BAD
    assert signature_check(external(), proofs={"q": True}) == (
        "indeterminate",
        "bad_signature",
        "proof_not_judged",
    )
    assert signature_check(external(), proofs={"p": True}, issuer=agency(listed(STRANGER))) == (
        NOT_LISTED
    )
    for key_id in (None, "", "did:web:issuer.example#key-1"):
        assert signature_check(external(key_id), proofs={"p": True}) == NOT_LISTED


def test_s_188_a_proof_that_a_child_process_judged_is_of_no_use_for_a_stolen_key():
    second = agency(listed(STRANGER), listed(compromised_at=NOW))
    other_use = agency(listed(use=KeyUse.STATUS))

    assert signature_check(external(), proofs={"p": True}, issuer=second)[1] == "key_compromised"
    assert signature_check(external(), proofs={"p": True}, issuer=other_use)[2] == (
        "key_of_another_use"
    )


def unlinkable():
    proof = selective.read(selective.show(selective.issue_unlinkable())).unlinkable
    return credential(issuer=selective.ISSUER, unlinkable_proof=proof, signature=b"")


def bbs_agency(*keys):
    return agency(identifiers=(selective.ISSUER,), bbs_keys=keys)


def test_a_bbs_proof_counts_for_a_listed_key_alone():
    paper, right = unlinkable(), selective.LISTED
    wrong = TrustedBbsKey(
        selective.derive_secret_key(b"the BBS key of a stranger in the city").public_key,
        *selective.TIMES,
    )

    assert signature_check(paper, issuer=bbs_agency()) == NOT_LISTED
    assert signature_check(paper, issuer=bbs_agency(wrong)) == BAD
    assert signature_check(paper, issuer=bbs_agency(wrong, right)) == PASSED
    stolen = replace(right, compromised_at=NOW)
    assert signature_check(paper, issuer=bbs_agency(stolen))[1] == "key_compromised"
    changed = replace(paper.unlinkable_proof, presentation_header=b"another session")
    assert (
        signature_check(replace(paper, unlinkable_proof=changed), issuer=bbs_agency(right)) == BAD
    )
    changed = replace(paper.unlinkable_proof, header=b"another header")
    assert (
        signature_check(replace(paper, unlinkable_proof=changed), issuer=bbs_agency(right)) == BAD
    )


def licence(**changes):
    """An mdoc, whose issuer only a certificate names, which is valid since ten days."""
    certified = hint(x5c=(mdoc_workshop.LEAF_DER,))
    members = {"format": Format.MSO_MDOC, "issuer": "", "key_hint": certified}
    return credential(**(members | changes))


def licence_check(paper):
    return signature_check(paper, issuer=mdoc_workshop.agency())


def test_s_044_a_certificate_was_valid_when_it_signed_give_or_take_the_skew():
    outside = ("failed", "issuer_not_trusted", "signed_outside_of_certificate")
    begin, end = NOW - 10 * DAY, NOW + 355 * DAY

    assert licence_check(licence(issued_at=begin - SKEW)) == PASSED
    assert licence_check(licence(issued_at=begin - SKEW - SECOND)) == outside
    assert licence_check(licence(issued_at=end + SKEW)) == PASSED
    assert licence_check(licence(issued_at=end + SKEW + SECOND)) == outside
    assert licence_check(licence(issued_at=None)) == PASSED


def test_s_044_a_licence_is_of_the_country_of_its_certificate():
    def of(country):
        return licence_check(licence(claims={mdoc_workshop.ISO: {"issuing_country": country}}))

    assert of("KH") == PASSED
    assert of("TH") == ("failed", "issuer_not_trusted", "wrong_country")
    assert licence_check(licence(claims={mdoc_workshop.ISO: {}})) == PASSED
    assert licence_check(licence(claims={mdoc_workshop.ISO: ["TH"]})) == PASSED
    assert licence_check(licence(claims={"org.example": {"issuing_country": "TH"}})) == PASSED


def test_s_044_what_is_no_certificate_has_its_code():
    found = licence_check(licence(key_hint=hint(x5c=(b"no certificate",))))

    assert found[:2] == ("failed", "issuer_not_trusted")
    assert found[2] == "invalid_certificate"


def test_a_certified_key_signs_with_its_own_algorithm():
    assert licence_check(licence()) == PASSED
    for algorithm in ("EdDSA", "ES384"):
        named = hint(algorithm=algorithm, x5c=(mdoc_workshop.LEAF_DER,))
        assert licence_check(licence(key_hint=named)) == BAD


def test_s_044_only_an_mdoc_is_asked_what_iso_asks():
    paper = licence(format=Format.DC_SD_JWT, issued_at=NOW - 50 * DAY)

    assert licence_check(paper) == PASSED
    assert licence_check(replace(paper, format=Format.MSO_MDOC))[2] == (
        "signed_outside_of_certificate"
    )


def test_the_key_that_signed_is_given_where_issuer_and_signature_hold():
    edwards = ed25519_signer("second key")
    two = agency(listed(signer("first key")), listed(edwards), listed())

    assert find_signing_key(credential(), question(two)) == public_key(AGENCY)
    other = credential(signature=edwards.sign(CONTENT), key_hint=hint(algorithm="EdDSA"))
    assert find_signing_key(other, question(two)) == public_key(edwards)
    certified = question(mdoc_workshop.agency())
    assert find_signing_key(licence(types=(mdoc_workshop.MDL,)), certified) == public_key(AGENCY)


def test_no_key_is_given_where_anything_is_open():
    expired = question(trust=registry(expires_at=NOW))

    assert find_signing_key(credential(issuer="https://nobody.example"), question()) is None
    assert find_signing_key(credential(), expired) is None
    assert find_signing_key(credential(signature=bytes(64)), question()) is None
    assert find_signing_key(credential(types=("other",)), question()) is None
    assert find_signing_key(external(), question(proofs={"p": True})) is None
    judged = credential(external_proof="p", key_hint=hint(DID_URL))
    assert signature_check(judged, proofs={"p": True}) == PASSED
    assert find_signing_key(judged, question(proofs={"p": True})) is None
    shown = replace(unlinkable(), types=(PERMIT_VCT,))
    assert judge_issuer(shown, bbs_agency(selective.LISTED), question()).outcome == "passed"
    assert find_signing_key(shown, question(bbs_agency(selective.LISTED))) is None


def test_an_issuer_is_one_of_many_names():
    several = agency(identifiers=("did:web:issuer.city.example", ISSUER))

    assert find_issuer_of(credential(), question(several)) == several
