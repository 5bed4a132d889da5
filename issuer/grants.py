"""
Grants: a pre-authorised code becomes an access token, once (OpenID4VCI 1.0 section 6).

Exactly one of all who try gets the token (S-095). Five wrong transaction codes lock the offer
(VCI-I-17). The token is a ticket of five minutes, known here by its digest; with a DPoP proof it
is bound to the wallet's key (RFC 9449), and then worth nothing without it.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from encoding.strict_json import JsonValue
from issuer.offers import digest_tx_code, is_open
from issuer.office import TOKEN_LIFE, Office
from issuer.store import credentials as records
from issuer.store import offers as store
from issuer.tickets import digest_ticket, draw_ticket
from openid4vc.dpop import DpopProof, verify_dpop
from openid4vc.errors import InvalidGrant, InvalidRequest, InvalidToken
from openid4vc.grants import TokenRequest, build_token_response, check_tx_code, parse_token_request
from openid4vc.oauth import Authorization
from runtime.database import Session
from runtime.failpoints import failpoint

TX_CODE_TRIES = 5
DPOP_WINDOW = timedelta(seconds=60)  # security.md "Limits"


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens: one offer and the record behind it."""

    offer: store.Offer
    record: records.CredentialRecord

    @property
    def configuration(self) -> str:
        """The credential configuration that was offered."""
        return f"{self.record.type}.{self.record.format}"


def redeem(
    office: Office, *, agency: str, form: Mapping[str, str], dpop: Sequence[str]
) -> dict[str, JsonValue]:
    """
    Exchange a pre-authorised code.

    1. read the request, and the DPoP proof if there is one
    2. in one transaction: find the offer, check the transaction code, offered -> redeemed
    3. answer
    """
    now = office.clock()
    request = parse_token_request(form)
    url = f"{office.credential_issuer(agency)}/token"
    proof = _verify_dpop(office, dpop, url=url, now=now) if dpop else None
    token = draw_ticket()
    with failpoint("issuer.redeem"), office.database.writing() as session:
        access = _find_open(session, agency=agency, code=request.code, now=now)
        check_tx_code(is_expected=access.offer.tx_code_digest is not None, given=request.tx_code)
        if set(request.configuration_ids) - {access.configuration}:
            raise InvalidRequest("authorization_details ask for what was not offered")
        is_right = _is_right_tx_code(access.offer, request)
        if is_right:
            _give_token(session, access, request, token=token, proof=proof, now=now)
        else:
            store.count_wrong_tx_code(session, access.offer, limit=TX_CODE_TRIES)
    if not is_right:
        # Raised only after the commit: a wrong try stays counted.
        raise InvalidGrant("the tx_code is wrong")
    identifiers = {access.configuration: (access.record.id,)} if request.configuration_ids else None
    return build_token_response(
        access_token=token,
        token_type="DPoP" if proof else "Bearer",
        lifetime=TOKEN_LIFE,
        identifiers=identifiers,
    )


def open_access(
    office: Office, session: Session, *, agency: str, authorization: Authorization
) -> Access:
    """What this token opens at this agency, or `invalid_token` (S-101)."""
    now = office.clock()
    offer = store.load_offer_by_token(session, agency, digest_ticket(authorization.token))
    record = records.load_credential(session, agency, offer.credential) if offer else None
    if offer is None or record is None or offer.token_expires_at is None:
        raise InvalidToken("the access token is unknown")
    if offer.token_expires_at <= now:
        raise InvalidToken("the access token has expired")
    return Access(offer, record)


def verify_sender(
    office: Office,
    access: Access,
    *,
    authorization: Authorization,
    dpop: Sequence[str],
    url: str,
) -> None:
    """A bound token needs a proof by its key; as Bearer it is refused (DPOP-05, DPOP-07)."""
    thumbprint = access.offer.token_thumbprint
    if (authorization.scheme == "DPoP") != (thumbprint is not None):
        raise InvalidToken("the access token is used with another scheme than it was issued for")
    if thumbprint is not None:
        verify_dpop(
            dpop,
            method="POST",
            url=url,
            now=office.clock(),
            window=DPOP_WINDOW,
            access_token=authorization.token,
            bound_to=thumbprint,
            nonce_rule=None,
            claim=lambda proof: _claim_proof(office, proof),
        )


def _find_open(session: Session, *, agency: str, code: str, now: datetime) -> Access:
    offer = store.load_offer_by_code(session, agency, digest_ticket(code))
    record = records.load_credential(session, agency, offer.credential) if offer else None
    if offer is None or record is None or not is_open(offer, now=now):
        raise InvalidGrant("the pre-authorized code is unknown, used or over")
    return Access(offer, record)


def _give_token(
    session: Session,
    access: Access,
    request: TokenRequest,
    *,
    token: str,
    proof: DpopProof | None,
    now: datetime,
) -> None:
    store.record_redeemed(
        session,
        access.offer,
        token_digest=digest_ticket(token),
        token_thumbprint=proof.thumbprint if proof else None,
        token_client_id=request.client_id,
        token_expires_at=now + TOKEN_LIFE,
        names_credential=bool(request.configuration_ids),
    )


def _is_right_tx_code(offer: store.Offer, request: TokenRequest) -> bool:
    if offer.tx_code_digest is None:
        return True
    given = digest_tx_code(request.code, request.tx_code or "")
    return hmac.compare_digest(given, offer.tx_code_digest)


def _verify_dpop(office: Office, dpop: Sequence[str], *, url: str, now: datetime) -> DpopProof:
    return verify_dpop(
        dpop,
        method="POST",
        url=url,
        now=now,
        window=DPOP_WINDOW,
        access_token=None,
        bound_to=None,
        nonce_rule=None,
        claim=lambda proof: _claim_proof(office, proof),
    )


def _claim_proof(office: Office, proof: DpopProof) -> bool:
    until = proof.issued_at + 2 * DPOP_WINDOW
    return office.once.claim("dpop", proof.replay_key, until=until)
