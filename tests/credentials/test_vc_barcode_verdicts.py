"""A card with a barcode at the inspector's desk: one verdict like on any other paper (BAR-01)."""

from datetime import timedelta

import pytest

from credentials.keys import parse_jwk
from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import read_presentation
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verdict import Outcome, Reason
from credentials.verification import verify
from tests.credentials.barcode_workshop import REGISTRY_OFFICE, ZONE, card, code, sign
from tests.credentials.ldp_workshop import did_of, signer_of
from tests.credentials.workshop import NOW

DAY = timedelta(days=1)
TYPE = "OpticalBarcodeCredential"


def registry():
    key = TrustedKey(
        key=parse_jwk(dict(REGISTRY_OFFICE.public_jwk)),
        use=KeyUse.CREDENTIAL,
        valid_from=NOW - DAY,
        valid_until=None,
        compromised_at=None,
    )
    entry = TrustedIssuer(
        identifiers=(did_of(REGISTRY_OFFICE),),
        name={"en": "Registry office"},
        keys=(key,),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset({TYPE}), NOW - DAY, None),),
    )
    return TrustRegistry(1, NOW - DAY, NOW + DAY, (entry,), ())


def judge(document, *, optical=ZONE, status=StatusRule.IGNORE, now=NOW):
    shown = read_presentation(code(document), optical=optical)
    return verify(
        {"card": shown},
        Material(registry(), {}, None, is_replayed=False),
        Policy(
            credentials=(CredentialRule("card", frozenset({TYPE}), ()),),
            joins=(),
            status=StatusPolicy(status, None, require_anchor=False),
            require_holder_binding=False,
            freshness=timedelta(minutes=5),
            skew=timedelta(seconds=60),
        ),
        now=now,
        audience="",
        nonce=None,
    )


def test_bar_01_a_card_passes_with_its_own_lines():
    assert judge(sign(card())).outcome is Outcome.PASSED


def test_bar_01_a_card_with_another_name_does_not_pass():
    verdict = judge(sign(card()), optical=ZONE.replace("SMITH", "SMYTH"))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.reasons == (Reason.BAD_SIGNATURE,)


def test_bar_01_a_card_of_somebody_else_or_past_its_time_does_not_pass():
    forged = sign(card(), by=signer_of("ES256", "forger"))
    forged["proof"]["verificationMethod"] = sign(card())["proof"]["verificationMethod"]

    assert judge(forged).reasons == (Reason.BAD_SIGNATURE,)
    assert judge(sign(card()), now=NOW + 400 * DAY).outcome is Outcome.FAILED


@pytest.mark.parametrize("rule", [StatusRule.IF_PRESENT, StatusRule.REQUIRED])
def test_bar_01_a_terse_status_that_cannot_be_looked_up_is_unknown(rule):
    verdict = judge(sign(card()), status=rule)

    assert verdict.outcome is not Outcome.PASSED
    assert Reason.STATUS_UNKNOWN in verdict.reasons


def test_bar_01_both_lists_of_a_terse_entry_are_asked():
    (credential,) = read_presentation(code(sign(card())), optical=ZONE)
    purposes = {each.purpose for each in credential.statuses}

    assert len(purposes) == len(credential.statuses) == 2
