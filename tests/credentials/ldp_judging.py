"""The desk that judges papers with Data Integrity proofs in tests."""

from datetime import timedelta

from credentials.keys import parse_jwk
from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verification import verify
from tests.credentials.ldp_workshop import AGENCY, did_of
from tests.credentials.workshop import NONCE, NOW, VERIFIER

DAY = timedelta(days=1)


def registry(issuer=AGENCY):
    key = TrustedKey(
        key=parse_jwk(dict(issuer.public_jwk)),
        use=KeyUse.CREDENTIAL,
        valid_from=NOW - 400 * DAY,
        valid_until=None,
        compromised_at=None,
    )
    entry = TrustedIssuer(
        identifiers=(did_of(issuer),),
        name={"en": "Transport"},
        keys=(key,),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset({"TaxiPermit"}), NOW - 400 * DAY, None),),
    )
    return TrustRegistry(1, NOW - DAY, NOW + DAY, (entry,), ())


def judge(shown, *, issuer=AGENCY, nonce=NONCE, audience=VERIFIER):
    """The verdict on one permit, shown by its holder."""
    return verify(
        {"permit": shown},
        Material(registry(issuer), {}, None, is_replayed=False),
        Policy(
            credentials=(CredentialRule("permit", frozenset({"TaxiPermit"}), ()),),
            joins=(),
            status=StatusPolicy(StatusRule.IF_PRESENT, None, require_anchor=False),
            require_holder_binding=True,
            freshness=timedelta(minutes=5),
            skew=timedelta(seconds=60),
        ),
        now=NOW,
        audience=audience,
        nonce=nonce,
    )


def reasons(shown, **how):
    return [reason.value for reason in judge(shown, **how).reasons]
