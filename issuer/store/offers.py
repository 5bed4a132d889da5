"""
The life of an offer, stored as named transitions.

    offered -> redeemed -> issuing -> issued        the wallet's way
    offered -> locked                               too many wrong transaction codes
    offered | redeemed | issuing -> withdrawn       the officer took it back
    offered | locked | redeemed -> offered          the officer made a new link

Each transition is one UPDATE that names the state it leaves; zero rows means somebody else was
faster. `issuing` carries an intention with an end: a crash in the middle frees the offer by itself.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.model import Link, StatusReference
from encoding.strict_json import JsonValue
from issuer.store.rows import OfferRow
from issuer.store.statements import (
    build_seconds,
    count_changed,
    parse_optional_seconds,
    parse_seconds,
)


class OfferState(StrEnum):
    """Where an offer stands."""

    OFFERED = "offered"
    REDEEMED = "redeemed"
    ISSUING = "issuing"
    ISSUED = "issued"
    LOCKED = "locked"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offer:
    """
    `claims` are kept until the credential is made. `links`: what a view stands for.
    `holder_keys`: thumbprints of which the wallet must prove one; empty asks for none in
    particular. `valid_until` caps the validity.
    """

    id: str
    agency: str
    credential: str
    state: OfferState
    claims: dict[str, JsonValue]
    links: tuple[Link, ...]
    holder_keys: tuple[str, ...]
    valid_until: datetime | None
    expires_at: datetime
    code_digest: str
    tx_code_digest: str | None
    token_expires_at: datetime | None
    token_thumbprint: str | None
    token_client_id: str | None
    names_credential: bool
    """Whether the token response named the credential, so that the wallet must as well."""


def add_offer(session: Session, offer: Offer) -> None:
    """Keep a new offer."""
    session.execute(
        insert(OfferRow).values(
            id=offer.id,
            agency=offer.agency,
            credential=offer.credential,
            state=offer.state.value,
            claims=json.dumps(offer.claims, ensure_ascii=False),
            links=_build_links(offer.links),
            holder_keys=json.dumps(offer.holder_keys),
            valid_until=None if offer.valid_until is None else build_seconds(offer.valid_until),
            expires_at=build_seconds(offer.expires_at),
            code_digest=offer.code_digest,
            tx_code_digest=offer.tx_code_digest,
            tx_code_tries=0,
            names_credential=False,
        )
    )


def load_offer(session: Session, agency: str, offer: str) -> Offer | None:
    """The offer of this agency by its id."""
    return _load_one(session, agency, col(OfferRow.id) == offer)


def load_offer_of(session: Session, agency: str, credential: str) -> Offer | None:
    """The offer that leads to this credential."""
    return _load_one(session, agency, col(OfferRow.credential) == credential)


def load_offer_by_code(session: Session, agency: str, code_digest: str) -> Offer | None:
    """The offer that this pre-authorised code belongs to."""
    return _load_one(session, agency, col(OfferRow.code_digest) == code_digest)


def load_offer_by_token(session: Session, agency: str, token_digest: str) -> Offer | None:
    """The offer that this access token belongs to."""
    return _load_one(session, agency, col(OfferRow.token_digest) == token_digest)


def renew_offer(session: Session, *, credential: str, renewed: Offer, now: datetime) -> bool:
    """
    Whatever was not issued or withdrawn -> offered under a new secret; the old link, code and
    token are dead. While a wallet is being served right now it stays as it is.
    """
    waiting = [OfferState.OFFERED.value, OfferState.LOCKED.value, OfferState.REDEEMED.value]
    is_open = or_(col(OfferRow.state).in_(waiting), _is_lapsed(now))
    statement = (
        update(OfferRow)
        .where(col(OfferRow.credential) == credential, is_open)
        .values(
            id=renewed.id,
            state=OfferState.OFFERED.value,
            code_digest=renewed.code_digest,
            tx_code_digest=renewed.tx_code_digest,
            tx_code_tries=0,
            expires_at=build_seconds(renewed.expires_at),
            token_digest=None,
            token_expires_at=None,
            intention=None,
            intention_until=None,
        )
    )
    return count_changed(session, statement) == 1


def count_wrong_tx_code(session: Session, offer: Offer, *, limit: int) -> None:
    """One more wrong try; at the limit offered -> locked (VCI-I-17)."""
    tries = col(OfferRow.tx_code_tries)
    session.execute(
        update(OfferRow).where(col(OfferRow.id) == offer.id).values(tx_code_tries=tries + 1),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(OfferRow)
        .where(
            col(OfferRow.id) == offer.id,
            col(OfferRow.state) == OfferState.OFFERED.value,
            tries >= limit,
        )
        .values(state=OfferState.LOCKED.value),
        execution_options={"synchronize_session": False},
    )


def record_redeemed(
    session: Session,
    offer: Offer,
    *,
    token_digest: str,
    token_thumbprint: str | None,
    token_client_id: str | None,
    token_expires_at: datetime,
    names_credential: bool,
) -> bool:
    """Offered -> redeemed, for exactly one of all who try (S-095)."""
    statement = (
        update(OfferRow)
        .where(col(OfferRow.id) == offer.id, col(OfferRow.state) == OfferState.OFFERED.value)
        .values(
            state=OfferState.REDEEMED.value,
            token_digest=token_digest,
            token_thumbprint=token_thumbprint,
            token_client_id=token_client_id,
            token_expires_at=build_seconds(token_expires_at),
            names_credential=names_credential,
        )
    )
    return count_changed(session, statement) == 1


def record_promised(
    session: Session, offer: Offer, *, intention: str, until: datetime, now: datetime
) -> bool:
    """Redeemed -> issuing, or issuing -> issuing when the last intention has run out."""
    is_free = or_(col(OfferRow.state) == OfferState.REDEEMED.value, _is_lapsed(now))
    statement = (
        update(OfferRow)
        .where(col(OfferRow.id) == offer.id, is_free)
        .values(
            state=OfferState.ISSUING.value,
            intention=intention,
            intention_until=build_seconds(until),
        )
    )
    return count_changed(session, statement) == 1


def record_abandoned(session: Session, offer: Offer, *, intention: str) -> None:
    """Issuing -> redeemed: nothing was signed, the wallet may try again at once."""
    session.execute(
        update(OfferRow)
        .where(
            col(OfferRow.id) == offer.id,
            col(OfferRow.state) == OfferState.ISSUING.value,
            col(OfferRow.intention) == intention,
        )
        .values(state=OfferState.REDEEMED.value, intention=None, intention_until=None),
        execution_options={"synchronize_session": False},
    )


def record_kept(session: Session, offer: Offer, *, intention: str) -> bool:
    """Issuing -> issued, and the claims are forgotten. False: withdrawn or taken over meanwhile."""
    statement = (
        update(OfferRow)
        .where(
            col(OfferRow.id) == offer.id,
            col(OfferRow.state) == OfferState.ISSUING.value,
            col(OfferRow.intention) == intention,
        )
        .values(state=OfferState.ISSUED.value, claims=None, intention_until=None)
    )
    return count_changed(session, statement) == 1


def record_offer_withdrawn(session: Session, credential: str) -> bool:
    """Whatever was not issued yet -> withdrawn, and the claims are forgotten."""
    statement = (
        update(OfferRow)
        .where(
            col(OfferRow.credential) == credential,
            col(OfferRow.state).not_in([OfferState.ISSUED.value, OfferState.WITHDRAWN.value]),
        )
        .values(state=OfferState.WITHDRAWN.value, claims=None)
    )
    return count_changed(session, statement) == 1


def load_expired_offers(session: Session, *, now: datetime, limit: int) -> tuple[str, ...]:
    """Credentials whose offer ran out before a wallet came, oldest first."""
    is_over = or_(
        col(OfferRow.state).in_([OfferState.OFFERED.value, OfferState.LOCKED.value])
        & (col(OfferRow.expires_at) <= build_seconds(now)),
        col(OfferRow.state).in_([OfferState.REDEEMED.value, OfferState.ISSUING.value])
        & (col(OfferRow.token_expires_at) <= build_seconds(now)),
    )
    statement = select(col(OfferRow.credential)).where(is_over).order_by(col(OfferRow.expires_at))
    return tuple(session.scalars(statement.limit(limit)))


def _is_lapsed(now: datetime) -> ColumnElement[bool]:
    """Issuing, but whoever was at it has not come back in time."""
    return (col(OfferRow.state) == OfferState.ISSUING.value) & (
        col(OfferRow.intention_until) <= build_seconds(now)
    )


def _load_one(session: Session, agency: str, condition: ColumnElement[bool]) -> Offer | None:
    statement = select(OfferRow).where(condition, col(OfferRow.agency) == agency)
    row = session.scalars(statement).one_or_none()
    return None if row is None else _parse_offer(row)


def _parse_offer(row: OfferRow) -> Offer:
    return Offer(
        id=row.id,
        agency=row.agency,
        credential=row.credential,
        state=OfferState(row.state),
        claims=json.loads(row.claims or "{}"),
        links=_parse_links(row.links),
        holder_keys=tuple(json.loads(row.holder_keys or "[]")),
        valid_until=parse_optional_seconds(row.valid_until),
        expires_at=parse_seconds(row.expires_at),
        code_digest=row.code_digest,
        tx_code_digest=row.tx_code_digest,
        token_expires_at=parse_optional_seconds(row.token_expires_at),
        token_thumbprint=row.token_thumbprint,
        token_client_id=row.token_client_id,
        names_credential=row.names_credential,
    )


def _build_links(links: tuple[Link, ...]) -> str:
    return json.dumps([[link.type, link.reference.uri, link.reference.index] for link in links])


def _parse_links(text: str | None) -> tuple[Link, ...]:
    return tuple(
        Link(name, StatusReference(uri, index)) for name, uri, index in json.loads(text or "[]")
    )
