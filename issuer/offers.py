"""
Offers: from an officer's decision to a link that a wallet follows (OpenID4VCI 1.0 section 4).

The link carries a ticket; the pre-authorised code is derived from it, and the database keeps only
digests of both. Nothing is kept that does not fit its type (S-105), and the claims are forgotten
as soon as a wallet has taken them or the offer ran out.

Life of an offer: 1 lint, 2 one transaction with its audit row, 3 answer. See `store.offers` for
the states, `grants` for the exchange of the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from credentials.catalog import CredentialType, validate_claims
from credentials.model import Format, Link, Status
from encoding.strict_json import JsonValue, canonical_json
from issuer.actors import Actor, require_agency, require_officer
from issuer.agencies import require_type
from issuer.errors import ClaimsRefused, NoSuchCredential, NoSuchOffer, OfferIsOver
from issuer.office import OFFER_LIFE, Office
from issuer.store import credentials as records
from issuer.store import offers as store
from issuer.tickets import (
    TX_CODE_DIGITS,
    derive_ticket,
    digest_ticket,
    draw_id,
    draw_ticket,
    draw_tx_code,
)
from openid4vc.offer import (
    CredentialOffer,
    PreAuthorizedGrant,
    TxCode,
    build_offer,
    build_offer_reference_uri,
    build_offer_uri,
)
from runtime import audit
from runtime.database import Session
from runtime.failpoints import failpoint

LABEL_LENGTH = 60
FAULTS_NAMED = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants to be issued, as it came in."""

    agency: str
    type: str
    claims: Mapping[str, JsonValue]
    format: Format
    has_tx_code: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """
    How an offer may be taken: by whoever types the code, by a wallet that proves one of
    `holder_keys`, for a credential that ends at `valid_until` at the latest. `links`: what a view
    stands for.
    """

    ticket: str
    tx_code: str | None = None
    links: tuple[Link, ...] = ()
    holder_keys: tuple[str, ...] = ()
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """What the officer hands over: the links once, the code by another way."""

    credential: str
    offer_uri: str
    offer_uri_by_value: str
    tx_code: str | None
    expires_at: datetime


def make_offer(office: Office, *, actor: Actor, wish: Wish, request_id: str | None) -> MadeOffer:
    """
    Offer one credential. The same `request_id` (Idempotency-Key) finds the same credential and
    gets a fresh link to it; with another wish it is a conflict (S-213).
    """
    require_agency(actor, wish.agency)
    lint_wish(office, wish)
    now = office.clock()
    terms = Terms(draw_ticket(), draw_tx_code() if wish.has_tx_code else None)
    with failpoint("issuer.offer"), office.database.writing() as session:
        credential = _find_request(session, wish, request_id)
        if credential is None:
            credential = add_offered(
                session, wish=wish, terms=terms, now=now, office=office, request_id=request_id
            )
        else:
            _renew(session, wish.agency, credential, terms=terms, now=now)
        audit.record(
            session,
            clock=office.clock,
            actor=actor.subject,
            action="offer",
            subject=credential,
            detail={"type": wish.type, "format": wish.format.value},
        )
    return build_made(office, wish, credential, terms=terms, now=now)


def lint_wish(office: Office, wish: Wish) -> CredentialType:
    """Refuse what must never reach a signer (S-105); answers the type."""
    credential_type = require_type(office, agency=wish.agency, type_name=wish.type)
    faults = validate_claims(credential_type, wish.claims)
    if faults:
        named = "; ".join(faults[:FAULTS_NAMED])
        raise ClaimsRefused(f"claims do not fit type {wish.type}: {named}")
    return credential_type


def add_offered(
    session: Session,
    *,
    office: Office,
    wish: Wish,
    terms: Terms,
    now: datetime,
    request_id: str | None,
) -> str:
    """Keep the record and its offer in the caller's transaction; answers the credential's id."""
    credential = f"{wish.agency}.{draw_id()}"
    has_request = request_id is not None
    record = records.CredentialRecord(
        id=credential,
        agency=wish.agency,
        type=wish.type,
        format=wish.format.value,
        label=_build_label(office.catalog.by_name(wish.type), wish.claims),
        state=records.RecordState.OFFERED,
        status=Status.VALID,
        reason=None,
        claims_digest=records.digest_claims(credential, wish.claims),
        copies=0,
        offered_at=now,
        issued_at=None,
        valid_until=None,
        notification_event=None,
        request_body_digest=_digest_wish(wish) if has_request else None,
    )
    records.add_credential(
        session, record=record, request_digest=_digest_request(wish.agency, request_id)
    )
    store.add_offer(
        session,
        _build_row(wish.agency, credential, claims=wish.claims, terms=terms, now=now),
    )
    return credential


def build_made(
    office: Office, wish: Wish, credential: str, *, terms: Terms, now: datetime
) -> MadeOffer:
    """The links of an offer that was kept."""
    message = _build_message(
        office,
        agency=wish.agency,
        configuration=f"{wish.type}.{wish.format.value}",
        ticket=terms.ticket,
        has_tx_code=terms.tx_code is not None,
    )
    url = f"{office.credential_issuer(wish.agency)}/offers/{terms.ticket}"
    return MadeOffer(
        credential=credential,
        offer_uri=build_offer_reference_uri(url),
        offer_uri_by_value=build_offer_uri(message),
        tx_code=terms.tx_code,
        expires_at=now + OFFER_LIFE,
    )


def read_offer(office: Office, *, agency: str, ticket: str) -> dict[str, JsonValue]:
    """The offer behind a link, while it can still be taken."""
    with office.database.reading() as session:
        offer = store.load_offer(session, agency, digest_ticket(ticket))
        record = records.load_credential(session, agency, offer.credential) if offer else None
    if offer is None or record is None or not is_open(offer, now=office.clock()):
        raise NoSuchOffer("no such offer, or it is over")
    return build_offer(
        _build_message(
            office,
            agency=agency,
            configuration=f"{record.type}.{record.format}",
            ticket=ticket,
            has_tx_code=offer.tx_code_digest is not None,
        )
    )


def renew_link(office: Office, *, actor: Actor, credential: str) -> MadeOffer:
    """A fresh link and code for an offer that nobody took yet; the old ones are dead."""
    agency = require_officer(actor)
    now = office.clock()
    with failpoint("issuer.offer"), office.database.writing() as session:
        record = records.load_credential(session, agency, credential)
        offer = store.load_offer_of(session, agency, credential)
        if record is None or offer is None:
            raise NoSuchCredential("no such credential")
        terms = Terms(draw_ticket(), draw_tx_code() if offer.tx_code_digest else None)
        _renew(session, agency, credential, terms=terms, now=now)
        audit.record(
            session,
            clock=office.clock,
            actor=actor.subject,
            action="offer_renewed",
            subject=credential,
            detail={},
        )
    wish = Wish(agency, record.type, {}, Format(record.format), terms.tx_code is not None)
    return build_made(office, wish, credential, terms=terms, now=now)


def withdraw_expired(office: Office, *, limit: int = 200) -> int:
    """Withdraw offers that ran out, so that their claims are forgotten; how many there were."""
    with office.database.reading() as session:
        expired = store.load_expired_offers(session, now=office.clock(), limit=limit)
    if not expired:
        return 0
    with failpoint("issuer.withdraw"), office.database.writing() as session:
        for credential in expired:
            if store.record_offer_withdrawn(session, credential):
                records.record_withdrawn(session, credential)
                audit.record(
                    session,
                    clock=office.clock,
                    actor="issuer",
                    action="offer_expired",
                    subject=credential,
                    detail={},
                )
    return len(expired)


def is_open(offer: store.Offer, *, now: datetime) -> bool:
    """Whether the code of this offer can still be exchanged."""
    return offer.state is store.OfferState.OFFERED and offer.expires_at > now


def digest_tx_code(code: str, tx_code: str) -> str:
    """Salted with the code, which is not stored: six digits alone would be guessed from a dump."""
    return digest_ticket(derive_ticket(code, purpose=f"tx_code {tx_code}"))


def _renew(session: Session, agency: str, credential: str, *, terms: Terms, now: datetime) -> None:
    renewed = _build_row(agency, credential, claims={}, terms=terms, now=now)
    if not store.renew_offer(session, credential=credential, renewed=renewed, now=now):
        raise OfferIsOver("the offer was taken or withdrawn")


def _find_request(session: Session, wish: Wish, request_id: str | None) -> str | None:
    """The credential that an earlier, equal request made."""
    request_digest = _digest_request(wish.agency, request_id)
    if request_digest is None:
        return None
    record = records.load_credential_by_request(session, wish.agency, request_digest)
    if record is None:
        return None
    if record.request_body_digest != _digest_wish(wish):
        raise OfferIsOver("the Idempotency-Key was used for another offer")
    return record.id


def _derive_code(ticket: str) -> str:
    return derive_ticket(ticket, purpose="pre-authorized_code")


def _digest_request(agency: str, request_id: str | None) -> str | None:
    return None if request_id is None else derive_ticket(request_id, purpose=f"request {agency}")


def _digest_wish(wish: Wish) -> str:
    described: dict[str, JsonValue] = {
        "type": wish.type,
        "format": wish.format.value,
        "claims": dict(wish.claims),
        "tx_code": wish.has_tx_code,
    }
    return digest_ticket(canonical_json(described).decode())


def _build_row(
    agency: str,
    credential: str,
    *,
    claims: Mapping[str, JsonValue],
    terms: Terms,
    now: datetime,
) -> store.Offer:
    code = _derive_code(terms.ticket)
    return store.Offer(
        id=digest_ticket(terms.ticket),
        agency=agency,
        credential=credential,
        state=store.OfferState.OFFERED,
        claims=dict(claims),
        links=terms.links,
        holder_keys=terms.holder_keys,
        valid_until=terms.valid_until,
        expires_at=now + OFFER_LIFE,
        code_digest=digest_ticket(code),
        tx_code_digest=None if terms.tx_code is None else digest_tx_code(code, terms.tx_code),
        token_expires_at=None,
        token_thumbprint=None,
        token_client_id=None,
        names_credential=False,
    )


def _build_message(
    office: Office, *, agency: str, configuration: str, ticket: str, has_tx_code: bool
) -> CredentialOffer:
    tx_code = TxCode(length=TX_CODE_DIGITS) if has_tx_code else None
    return CredentialOffer(
        credential_issuer=office.credential_issuer(agency),
        configuration_ids=(configuration,),
        pre_authorized=PreAuthorizedGrant(_derive_code(ticket), tx_code),
    )


def _build_label(credential_type: CredentialType, claims: Mapping[str, JsonValue]) -> str:
    """The first words of the claims: what officers recognise a record by, and no more."""
    words = [claims.get(str(claim.path[0])) for claim in credential_type.claims]
    texts = [word for word in words if isinstance(word, str)][:2]
    return " ".join(texts)[:LABEL_LENGTH] or credential_type.name
