"""
Is this what was offered, for us, by someone who may? The wallet's check before it stores.

VCI-W-07 and SD-H-01: an issued credential must be well formed, of the offered type and format,
signed by a key of an accredited issuer, the very issuer of the offer, bound to one of the keys
that the device proved, and must carry no key binding yet. A face beside it must be signed for
this very credential. Anything else is refused and nothing is stored.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.face import join_face_texts, read_face, verify_face
from credentials.issuer_judgement import IssuerQuestion, find_signing_key
from credentials.material import Material
from credentials.model import Credential
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import read_credential
from credentials.trust import TrustedIssuer, TrustRegistry
from credentials.verdict import Outcome
from credentials.verification import verify
from wallet_api.details import OfferedCredential
from wallet_api.errors import CredentialRefused

SKEW = timedelta(seconds=60)
_RULE = "received"


@dataclass(frozen=True, slots=True)
class Received:
    """
    A credential that held, and the thumbprint of the key it is bound to. `face`: the QR texts of
    the picture signed beside it.
    """

    text: str
    credential: Credential
    key: str
    face: tuple[str, ...]


def find_issuer(trust: TrustRegistry, identifier: str) -> TrustedIssuer | None:
    """The registered issuer that signs under this identifier."""
    return next((one for one in trust.issuers if identifier in one.identifiers), None)


def verify_issued(
    text: str,
    *,
    face: tuple[str, ...],
    offered: OfferedCredential,
    credential_issuer: str,
    keys: Collection[str],
    trust: TrustRegistry,
    now: datetime,
) -> Received:
    """The credential, or CredentialRefused. It is matched to its key by key, never by position."""
    try:
        credential = read_credential(text)
    except CredentialError as error:
        raise CredentialRefused("the issuer sent something that is no credential") from error
    if credential.format.value != offered.format or not set(credential.types) <= set(offered.types):
        raise CredentialRefused("the issuer sent another kind of credential than it offered")
    issuer = find_issuer(trust, credential.issuer)
    if issuer is None or credential_issuer not in issuer.identifiers:
        raise CredentialRefused("the credential is not of the agency that offered it")
    _check_verdict(text, credential, trust=trust, now=now)
    if credential.holder_key is None or credential.holder_key.thumbprint not in keys:
        raise CredentialRefused("the credential is not bound to a key of this device")
    if face:
        _check_face(face, credential, trust=trust, now=now)
    return Received(
        text=text, credential=credential, key=credential.holder_key.thumbprint, face=face
    )


def _check_face(
    texts: tuple[str, ...], credential: Credential, *, trust: TrustRegistry, now: datetime
) -> None:
    """Signed by the same key for this copy alone: an inspector's phone would refuse any other."""
    question = IssuerQuestion(trust=trust, now=now, skew=SKEW, proofs={})
    key = find_signing_key(credential, question)
    try:
        data = join_face_texts(texts)
        is_signed = (
            data is not None
            and key is not None
            and verify_face(read_face(data), credential=credential, key=key)
        )
    except CredentialError as error:
        raise CredentialRefused("the issuer sent a picture that is none") from error
    if not is_signed:
        raise CredentialRefused("the issuer sent a picture that belongs to something else")


def _check_verdict(
    text: str, credential: Credential, *, trust: TrustRegistry, now: datetime
) -> None:
    """Issuer, type, signature and validity, by the same judge that every verifier uses."""
    verdict = verify(
        {_RULE: text},
        Material(trust=trust, lists={}, log=None, is_replayed=False),
        Policy(
            credentials=(
                CredentialRule(id=_RULE, types=frozenset(credential.types), required_claims=()),
            ),
            joins=(),
            status=StatusPolicy(rule=StatusRule.IGNORE, max_age=None, require_anchor=False),
            require_holder_binding=False,
            freshness=timedelta(0),
            skew=SKEW,
        ),
        now=now,
        audience="",
        nonce=None,
    )
    if verdict.outcome is not Outcome.PASSED:
        reasons = ", ".join(reason.value for reason in verdict.reasons)
        raise CredentialRefused(f"the credential does not hold: {reasons}")
