"""ecdsa-sd-2023: issued whole, shown in parts, and refused when a part is not the issuer's."""

import pytest

from credentials.data_integrity import build_options, sign_document
from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.ldp import read_ldp
from credentials.ldp_issuing import build_ldp_presentation
from credentials.selective_credentials import issue_ecdsa_sd, visible_pointers
from credentials.selective_proof_value import ECDSA_BASE, ECDSA_DERIVED, parse_proof_value
from credentials.verdict import Outcome, Reason
from encoding import base64url
from tests.credentials.selective import (
    CONTEXTS,
    HMAC_KEY,
    METHOD,
    OVER_18,
    altered,
    issue_ecdsa,
    judge,
    permit,
    read,
    show,
    with_parts,
)
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    NONCE,
    NOW,
    STRANGER,
    VERIFIER,
    public_key,
    signer,
)


@pytest.fixture(scope="module")
def secured():
    return issue_ecdsa()


@pytest.fixture(scope="module")
def shown(secured):
    return show(secured)


def parts_of(document, tag=ECDSA_DERIVED):
    return parse_proof_value(document["proof"], tag=tag, count=5)


def signature_check(document):
    """How check 4 went."""
    verdict = judge(read_ldp(document, contexts=CONTEXTS))
    return next(check for check in verdict.checks if check.name == "signature")


def alteration_of(document):
    return read(document).alteration


@pytest.mark.parametrize(
    "pointers",
    [
        OVER_18,
        ("/credentialSubject/permits/1",),
        ("/credentialSubject/permits/0/plate", "/credentialSubject/isOver18"),
        ("/credentialSubject",),
        ("",),
    ],
)
def test_di_06_whatever_the_holder_chooses_is_accepted(secured, pointers):
    verdict = judge(read_ldp(show(secured, pointers), contexts=CONTEXTS), paths=())

    assert verdict.outcome is Outcome.PASSED


def test_the_verifier_sees_what_was_chosen_and_nothing_else(shown):
    text = str(shown)
    verdict = judge(read_ldp(shown, contexts=CONTEXTS))

    assert verdict.claims == {"permit": {"isOver18": True}}
    assert shown["validUntil"] == "2027-11-01T00:00:00Z"
    assert "Dara" not in text
    assert "2A-4417" not in text
    assert base64url.encode(HMAC_KEY) not in text


def test_a_base_proof_is_refused_since_it_gives_everything_away(secured):
    with pytest.raises(Malformed) as refusal:
        read_ldp(secured, contexts=CONTEXTS)

    assert refusal.value.detail == "base_proof"


def test_nobody_can_hide_that_a_permit_has_ended(secured):
    assert visible_pointers(permit()) == ("/issuer", "/validFrom", "/validUntil")
    assert parts_of(secured, ECDSA_BASE)[4] == ["/issuer", "/validFrom", "/validUntil"]
    with pytest.raises(Malformed):
        read_ldp(
            {name: value for name, value in show(secured).items() if name != "issuer"},
            contexts=CONTEXTS,
        )
    hidden = {name: value for name, value in show(secured).items() if name != "validUntil"}
    assert signature_check(hidden).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("validUntil",), "2099-01-01T00:00:00Z"),
        (("validFrom",), "2020-01-01T00:00:00Z"),
        (("credentialSubject", "isOver18"), False),
        (("credentialSubject", "fullName"), "Somebody else"),
        (("credentialSubject", "id"), "did:example:somebody"),
        (("id",), "urn:example:another"),
        (("proof", "created"), "2026-11-20T00:00:00Z"),
    ],
)
def test_s_031_a_changed_or_added_statement_is_found(shown, path, value):
    assert signature_check(shown).outcome is Outcome.PASSED
    check = signature_check(altered(shown, path, value))

    assert (check.outcome, check.reason) == (Outcome.FAILED, Reason.BAD_SIGNATURE)


def test_the_credential_of_another_agencys_key_is_found(secured):
    check = signature_check(show(issue_ecdsa(by=STRANGER)))

    assert (check.reason, check.detail) == (Reason.BAD_SIGNATURE, "bad_issuer_signature")


def swap_signatures(parts):
    parts[2] = parts[2][::-1]


def drop_a_signature(parts):
    parts[2] = parts[2][1:]


def add_a_signature(parts):
    parts[2] = [*parts[2], parts[2][0]]


def claim_a_mandatory_statement(parts):
    parts[4] = [*parts[4], max(parts[4]) + 1]


def forget_a_mandatory_statement(parts):
    parts[4] = parts[4][1:]


def other_key(parts):
    parts[1] = parts_of(show(issue_ecdsa_sd_with_another_key()))[1]


def issue_ecdsa_sd_with_another_key():
    return issue_ecdsa_sd(
        permit(),
        signer=AGENCY,
        verification_method=METHOD,
        mandatory_pointers=(),
        created=NOW,
        proof_signer=signer("another key of one proof"),
        hmac_key=HMAC_KEY,
        contexts=CONTEXTS,
    )


@pytest.mark.parametrize(
    "change",
    [
        swap_signatures,
        drop_a_signature,
        add_a_signature,
        claim_a_mandatory_statement,
        forget_a_mandatory_statement,
        other_key,
    ],
)
def test_statements_and_their_signatures_must_match(secured, change):
    wide = show(secured, ("/credentialSubject",))
    broken = with_parts(wide, ECDSA_DERIVED, change)

    assert alteration_of(wide) is None
    assert alteration_of(broken) == "statement_mismatch"
    assert signature_check(broken).outcome is Outcome.FAILED


def without_a_label(parts):
    parts[3] = dict(list(parts[3].items())[1:])


def with_a_label_more(parts):
    parts[3] = {**parts[3], 9: bytes(32)}


def with_one_label_twice(parts):
    parts[3] = {number: bytes(32) for number in parts[3]}


@pytest.mark.parametrize("change", [without_a_label, with_a_label_more, with_one_label_twice])
def test_the_label_map_names_each_blank_node_once(secured, change):
    wide = show(secured, ("/credentialSubject",))

    assert alteration_of(with_parts(wide, ECDSA_DERIVED, change)) == "label_map_mismatch"


def test_two_permits_cannot_be_exchanged_for_one_another(secured):
    first = show(secured, ("/credentialSubject/permits/0/plate",))
    second = show(secured, ("/credentialSubject/permits/1/plate",))
    mixed = {**first, "proof": second["proof"]}

    assert alteration_of(first) is None
    assert alteration_of(second) is None
    assert alteration_of(mixed) == "statement_mismatch"


def test_a_selective_proof_stands_alone(shown):
    options = build_options(
        permit(),
        cryptosuite="ecdsa-rdfc-2019",
        algorithm="ES256",
        verification_method=METHOD,
        purpose="assertionMethod",
        created=NOW,
    )
    both = sign_document(shown, options, signer=AGENCY, contexts=CONTEXTS)

    assert len(both["proof"]) == 2
    with pytest.raises(Malformed) as refusal:
        read_ldp(both, contexts=CONTEXTS)
    assert refusal.value.detail == "several_proofs"
    with pytest.raises(Malformed):
        read(altered(shown, ("proof", "previousProof"), "urn:example:proof"))


def test_a_base_proof_of_another_document_gives_nothing(secured):
    for changed in (
        altered(secured, ("credentialSubject", "fullName"), "Somebody else"),
        altered(secured, ("credentialSubject", "permits"), []),
        {**secured, "description": "A sentence more"},
    ):
        with pytest.raises(Malformed):
            show(changed)


def test_a_pointer_that_leads_nowhere_shows_nothing(secured):
    with pytest.raises(Malformed) as refusal:
        show(secured, ("/credentialSubject/salary",))

    assert refusal.value.detail == "invalid_pointer"


def test_what_was_shown_cannot_be_derived_from_again(shown):
    with pytest.raises(Malformed):
        show(shown)


def test_presentations_of_one_credential_can_be_linked(secured):
    first, second = show(secured), show(secured, ("/credentialSubject/fullName",))

    assert parts_of(first)[:2] == parts_of(second)[:2]


@pytest.mark.parametrize(
    ("by", "outcome", "detail"),
    [(DRIVER, Outcome.PASSED, None), (STRANGER, Outcome.FAILED, "bad_holder_signature")],
    ids=["holder", "stranger"],
)
def test_s_040_a_derived_credential_is_bound_to_its_holder(by, outcome, detail):
    holder = build_did_jwk(public_key(DRIVER))
    secured = issue_ecdsa(permit(subject=holder))
    presentation = build_ldp_presentation(
        [show(secured)],
        signer=by,
        cryptosuite="ecdsa-rdfc-2019",
        audience=VERIFIER,
        nonce=NONCE,
        created=NOW,
        contexts=CONTEXTS,
    )
    verdict = judge(read_ldp(presentation, contexts=CONTEXTS), holder=True)
    by_holder = next(check for check in verdict.checks if check.name == "holder")

    assert (by_holder.outcome, by_holder.detail) == (outcome, detail)
    assert verdict.outcome is outcome


def test_s_039_a_holder_who_hides_the_key_has_proven_nothing():
    verdict = judge(read_ldp(show(issue_ecdsa()), contexts=CONTEXTS), holder=True)

    assert verdict.outcome is Outcome.FAILED
    assert Reason.HOLDER_NOT_BOUND in verdict.reasons
