"""Credentials as they are after reading, made by hand to be judged: one fact changed at a time."""

from datetime import timedelta

from credentials.issuer_judgement import IssuerQuestion
from credentials.model import Credential, Format, IssuerKeyHint, KeyBinding
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
    NONCE,
    NOW,
    PERMIT_VCT,
    VERIFIER,
    public_key,
)

SECOND = timedelta(seconds=1)
SKEW = timedelta(minutes=1)
DAY = timedelta(days=1)
CONTENT = b"what the agency signed"
PROOF = b"what the driver's phone signed"


def hint(key_id=None, *, algorithm="ES256", x5c=()):
    return IssuerKeyHint(algorithm=algorithm, key_id=key_id, x5c=x5c)


def credential(**changes):
    """A permit of the agency with a signature that holds, issued a day ago; nobody shows it."""
    members = {
        "format": Format.DC_SD_JWT,
        "issuer": ISSUER,
        "types": (PERMIT_VCT,),
        "claims": {"plate": "2A-4417"},
        "issued_at": NOW - DAY,
        "valid_from": None,
        "valid_until": None,
        "statuses": (),
        "links": (),
        "holder_key": public_key(DRIVER),
        "key_hint": hint(),
        "signing_input": CONTENT,
        "signature": AGENCY.sign(CONTENT),
        "key_binding": None,
    }
    return Credential(**(members | changes))


def binding(*, by=DRIVER, **changes):
    """A proof that the driver's phone made just now, for us."""
    members = {
        "audience": VERIFIER,
        "nonce": NONCE,
        "issued_at": NOW,
        "signing_input": PROOF,
        "signature": by.sign(PROOF),
        "algorithm": "ES256",
        "covers_presentation": True,
        "digest": "digest",
    }
    return KeyBinding(**(members | changes))


def listed(key=AGENCY, *, use=KeyUse.CREDENTIAL, **changes):
    times = {"valid_from": NOW - 100 * DAY, "valid_until": None, "compromised_at": None}
    return TrustedKey(key=public_key(key), use=use, **(times | changes))


def agency(*keys, **changes):
    members = {
        "identifiers": (ISSUER,),
        "name": {"en": "Transport agency"},
        "keys": keys or (listed(),),
        "x5c_anchors": (),
        "accreditations": (Accreditation(frozenset({PERMIT_VCT}), NOW - 100 * DAY, None),),
    }
    return TrustedIssuer(**(members | changes))


def registry(*issuers, issued_at=NOW - DAY, expires_at=NOW + DAY):
    return TrustRegistry(1, issued_at, expires_at, issuers or (agency(),), ())


def question(*issuers, trust=None, **changes):
    members = {"trust": trust or registry(*issuers), "now": NOW, "skew": SKEW, "proofs": {}}
    return IssuerQuestion(**(members | changes))


def told(check):
    """What a check says, as words."""
    return check.outcome.value, check.reason.value if check.reason else None, check.detail
