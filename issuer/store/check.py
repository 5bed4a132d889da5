"""
The invariants of this counter's database, as `./city fsck` checks them (S-208).

I2: a record, its offer, its indices and its audit row stand or fall together. I3: an index is
inside its list, belongs to one credential and is counted. I5: what is published is what was signed,
says what the records say, and its version and time are those of the list. The audit chain itself
(I8) is checked by `runtime.audit.verify_chain`. Each breach is one sentence without personal data.
"""

import json
from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.errors import CredentialError
from credentials.model import Status, StatusPurpose
from credentials.status import StatusArray
from credentials.status_lists import StatusList, is_signed_by, read_status_list
from credentials.x509 import parse_leaf_key
from encoding.errors import EncodingError
from issuer.store.agencies import load_agencies
from issuer.store.credentials import RecordState, digest_claims
from issuer.store.decoys import count_held, load_decoys
from issuer.store.offers import OfferState
from issuer.store.rows import (
    AgencyRow,
    CredentialRow,
    OfferRow,
    PublicationRow,
    StatusEntryRow,
    StatusListRow,
)
from issuer.store.status_lists import load_entries
from runtime.database import Database

_FORGOTTEN = (OfferState.ISSUED.value, OfferState.WITHDRAWN.value)


def check(database: Database) -> list[str]:
    """Every breach, in words; nothing when all is well."""
    with database.reading() as session:
        return [
            *_check_records(session),
            *_check_entries(session),
            *_check_audit(session),
            *_check_lists(session),
        ]


def _check_records(session: Session) -> Iterator[str]:
    """I2: record and offer agree, and claims live no longer than the offer."""
    offers = {row.credential: row for row in session.scalars(select(OfferRow))}
    records = {row.id: row for row in session.scalars(select(CredentialRow))}
    agencies = set(session.scalars(select(col(AgencyRow.id))))
    for missing in sorted(set(offers) - set(records)):
        yield f"offer of credential {missing} has no record"
    for credential, record in sorted(records.items()):
        offer = offers.get(credential)
        if record.agency not in agencies:
            yield f"credential {credential} belongs to no agency"
        if offer is None:
            yield f"credential {credential} has no offer"
            continue
        if offer.agency != record.agency:
            yield f"credential {credential} is offered by another agency"
        if (offer.state == OfferState.ISSUED) != (record.state == RecordState.ISSUED):
            yield f"credential {credential} is {record.state}, but its offer is {offer.state}"
        yield from _check_claims(record, offer)


def _check_claims(record: CredentialRow, offer: OfferRow) -> Iterator[str]:
    if offer.state in _FORGOTTEN:
        if offer.claims is not None:
            yield f"credential {record.id} is {offer.state}, but its claims are kept"
        return
    try:
        digest = digest_claims(record.id, json.loads(offer.claims or "null"))
    except (TypeError, ValueError, EncodingError):
        digest = None
    if digest != record.claims_digest:
        yield f"credential {record.id} has other claims than were approved"


def _check_entries(session: Session) -> Iterator[str]:
    """I3, and I2 between records and their copies."""
    counted = session.execute(
        select(col(StatusEntryRow.credential), func.count())
        .where(col(StatusEntryRow.is_issued))
        .group_by(col(StatusEntryRow.credential))
    )
    issued = {credential: count for credential, count in counted}  # noqa: C416 - rows, not pairs
    known = {row.id: row for row in session.scalars(select(CredentialRow))}
    for credential, count in sorted(issued.items()):
        if credential not in known:
            yield f"an index was given to unknown credential {credential}"
        elif known[credential].state != RecordState.ISSUED:
            yield f"credential {credential} has issued copies, but is {known[credential].state}"
        elif known[credential].copies != count:
            yield f"credential {credential} has {count} copies, its record says otherwise"
    for credential, record in sorted(known.items()):
        if record.state == RecordState.ISSUED and credential not in issued:
            yield f"credential {credential} is issued, but has no index"
    strangers = select(col(StatusEntryRow.list_index), col(StatusEntryRow.credential)).where(
        ~select(CredentialRow)
        .where(
            col(CredentialRow.id) == col(StatusEntryRow.credential),
            col(CredentialRow.agency) == col(StatusEntryRow.agency),
        )
        .exists()
    )
    for index, credential in session.execute(strangers):
        yield f"index {index} belongs to credential {credential} of no or another agency"


def _check_audit(session: Session) -> Iterator[str]:
    """I2: nothing was offered, issued or changed without its audit row."""
    statement = text("SELECT DISTINCT action, subject FROM runtime_audit")
    seen = {(action, subject) for action, subject in session.execute(statement)}
    for record in session.scalars(select(CredentialRow).order_by(col(CredentialRow.id))):
        if not {("offer", record.id), ("offer_view", record.id)} & seen:
            yield f"credential {record.id} was offered without an audit row"
        if record.state == RecordState.ISSUED and ("issue", record.id) not in seen:
            yield f"credential {record.id} was issued without an audit row"
        if record.status != Status.VALID and ("status", record.id) not in seen:
            yield f"credential {record.id} is {record.status} without an audit row"


def _check_lists(session: Session) -> Iterator[str]:
    """I3 and I5 of every list."""
    publications = {
        (row.agency, row.number): row for row in session.scalars(select(PublicationRow))
    }
    for place in session.scalars(select(StatusListRow)):
        name = f"list {place.number} of {place.agency}"
        here = (
            col(StatusEntryRow.agency) == place.agency,
            col(StatusEntryRow.number) == place.number,
        )
        given = session.scalar(select(func.count()).select_from(StatusEntryRow).where(*here))
        if given != place.allocated:
            yield f"{name} has given {given} indices, but counts {place.allocated}"
        outside = ~col(StatusEntryRow.list_index).between(0, place.size - 1)
        if session.scalar(select(func.count()).where(*here, outside)):
            yield f"{name} has given an index outside of itself"
        if count_held(session, place.agency, place.number):
            yield f"{name} has a decoy that a credential holds"
        if place.pushed_version > place.version or place.published_change > place.change:
            yield f"{name} was published further than it changed"
        publication = publications.pop((place.agency, place.number), None)
        if publication is not None:
            yield from _check_publication(session, place, publication, name=name)
        elif place.version:
            yield f"{name} has version {place.version}, but nothing is published"
    for agency, number in publications:
        yield f"list {number} of {agency} is published, but unknown"


def _check_publication(
    session: Session, place: StatusListRow, publication: PublicationRow, *, name: str
) -> Iterator[str]:
    if publication.version != place.version:
        yield f"{name} has version {place.version}, but {publication.version} is published"
    try:
        token, revocation, suspension = (
            read_status_list(form)
            for form in (publication.token, publication.revocation, publication.suspension)
        )
    except CredentialError as error:
        yield f"{name} is published in a form that cannot be read: {error}"
        return
    if int(token.issued_at.timestamp()) != place.issued_at:
        yield f"{name} was published at another time than is known"
    if not token.uri.endswith(f"/agencies/{place.agency}/status/{place.number}"):
        yield f"{name} is published under another address"
    yield from _check_signatures(session, place, (token, revocation, suspension), name=name)
    records = {
        entry.index: entry.status for entry in load_entries(session, place.agency, place.number)
    }
    published = StatusArray(token.size, token.entries)
    if token.size != place.size or token.bits != 2:
        yield f"{name} is published with another size"
        return
    if place.published_change == place.change:
        decoys = load_decoys(session, place.agency, place.number)
        expected = StatusArray.all_valid(place.size).with_statuses({**decoys, **records})
        if published.packed != expected.packed:
            yield f"{name} does not say what the records say"
    for bitstring, status, purpose in (
        (revocation, Status.REVOKED, StatusPurpose.REVOCATION),
        (suspension, Status.SUSPENDED, StatusPurpose.SUSPENSION),
    ):
        if bitstring.entries != published.bitstring(status):
            yield f"{name} and its {purpose.value} list disagree"


def _check_signatures(
    session: Session, place: StatusListRow, forms: tuple[StatusList, ...], *, name: str
) -> Iterator[str]:
    """By the certificate that the register gave; before there is one nobody trusts the list."""
    chains = {agency.name: agency.status_x5c for agency in load_agencies(session)}
    chain = chains.get(place.agency, ())
    if chain:
        key = parse_leaf_key(chain[0])
        if not all(is_signed_by(form, key) for form in forms):
            yield f"{name} is published with a signature that does not hold"
