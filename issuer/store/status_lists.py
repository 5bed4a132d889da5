"""
Status lists: which indices were given away, and how far each list is published.

An index is drawn at random by the caller and inserted under a primary key, so that no two
processes and no two years ever give the same one twice (S-063, S-065). What stands in a list is
derived from the credentials' records each time; nothing else remembers a status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.model import Status
from issuer.store.decoys import free_of_decoys
from issuer.store.rows import CredentialRow, PublicationRow, StatusEntryRow, StatusListRow
from issuer.store.statements import (
    build_insert,
    build_seconds,
    count_changed,
    parse_seconds,
)


@dataclass(frozen=True, slots=True)
class ListState:
    """A list and how far its publication has come; see `StatusListRow`."""

    agency: str
    number: int
    size: int
    allocated: int
    change: int
    published_change: int
    version: int
    pushed_version: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """The signed bytes of one version of a list, in its three forms."""

    agency: str
    number: int
    version: int
    token: str
    revocation: str
    suspension: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One given index of a list and the status of the credential that holds it."""

    index: int
    status: Status


def add_list(session: Session, *, agency: str, number: int, size: int) -> None:
    """Open a list; it is published before an index of it is given away."""
    session.execute(
        insert(StatusListRow).values(
            agency=agency,
            number=number,
            size=size,
            allocated=0,
            change=1,
            published_change=0,
            version=0,
            pushed_version=0,
            issued_at=0,
            expires_at=0,
        )
    )


def load_list(session: Session, agency: str, number: int) -> ListState | None:
    """One list, or None."""
    row = session.get(StatusListRow, (agency, number))
    return None if row is None else _parse_list(row)


def load_lists(session: Session, agency: str) -> tuple[ListState, ...]:
    """The lists of one agency, oldest first."""
    statement = select(StatusListRow).where(col(StatusListRow.agency) == agency)
    return tuple(
        _parse_list(row) for row in session.scalars(statement.order_by(col(StatusListRow.number)))
    )


def load_open_list(session: Session, agency: str, *, count: int) -> ListState | None:
    """The first published list with room for `count` more while half of it stays free."""
    has_room = col(StatusListRow.allocated) + count <= col(StatusListRow.size) / 2
    statement = (
        select(StatusListRow)
        .where(col(StatusListRow.agency) == agency, col(StatusListRow.version) > 0, has_room)
        .order_by(col(StatusListRow.number))
        .limit(1)
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else _parse_list(row)


def reserve_indices(
    session: Session, place: ListState, *, credential: str, intention: str, drawn: Sequence[int]
) -> tuple[int, ...]:
    """Insert those of the drawn indices that nobody has and no decoy is; answer which."""
    free = free_of_decoys(session, place.agency, place.number, drawn)
    if not free:
        return ()
    rows = [
        {
            "agency": place.agency,
            "number": place.number,
            "list_index": index,
            "credential": credential,
            "intention": intention,
            "is_issued": False,
        }
        for index in free
    ]
    statement = build_insert(session, StatusEntryRow).values(rows).on_conflict_do_nothing()
    taken = session.execute(statement.returning(col(StatusEntryRow.list_index)))
    return tuple(taken.scalars())


def count_allocated(session: Session, place: ListState, *, count: int, is_visible: bool) -> None:
    """Add to the tally of given indices; a visible status makes the list due for publication."""
    change = col(StatusListRow.change)
    session.execute(
        update(StatusListRow)
        .where(col(StatusListRow.agency) == place.agency, col(StatusListRow.number) == place.number)
        .values(
            allocated=col(StatusListRow.allocated) + count,
            change=change + 1 if is_visible else change,
        ),
        execution_options={"synchronize_session": False},
    )


def record_entries_issued(session: Session, *, credential: str, intention: str) -> int:
    """Promised -> issued; answers how many copies there are."""
    statement = (
        update(StatusEntryRow)
        .where(
            col(StatusEntryRow.credential) == credential,
            col(StatusEntryRow.intention) == intention,
        )
        .values(is_issued=True)
    )
    return count_changed(session, statement)


def load_references(session: Session, credential: str) -> tuple[tuple[int, int], ...]:
    """(list number, index) of every copy of a credential, burnt ones too."""
    statement = (
        select(col(StatusEntryRow.number), col(StatusEntryRow.list_index))
        .where(col(StatusEntryRow.credential) == credential)
        .order_by(col(StatusEntryRow.is_issued).desc(), col(StatusEntryRow.list_index))
    )
    return tuple((number, index) for number, index in session.execute(statement))


def mark_changed(session: Session, *, agency: str, credential: str) -> int:
    """Make every list that holds a copy of this credential due for publication."""
    holding = select(col(StatusEntryRow.number)).where(
        col(StatusEntryRow.agency) == agency, col(StatusEntryRow.credential) == credential
    )
    statement = (
        update(StatusListRow)
        .where(col(StatusListRow.agency) == agency, col(StatusListRow.number).in_(holding))
        .values(change=col(StatusListRow.change) + 1)
    )
    return count_changed(session, statement)


def mark_agency_changed(session: Session, agency: str) -> None:
    """Make every list of an agency due: its certificates are new."""
    session.execute(
        update(StatusListRow)
        .where(col(StatusListRow.agency) == agency)
        .values(change=col(StatusListRow.change) + 1),
        execution_options={"synchronize_session": False},
    )


def load_due(session: Session, *, renew_before: datetime) -> tuple[tuple[str, int], ...]:
    """(agency, number) of each list whose publication is behind, or soon runs out."""
    is_due = or_(
        col(StatusListRow.published_change) < col(StatusListRow.change),
        col(StatusListRow.expires_at) <= build_seconds(renew_before),
    )
    statement = select(col(StatusListRow.agency), col(StatusListRow.number)).where(is_due)
    return tuple((agency, number) for agency, number in session.execute(statement))


def load_unpushed(session: Session) -> tuple[tuple[str, int], ...]:
    """(agency, number) of each published list that the register has not taken yet."""
    statement = select(col(StatusListRow.agency), col(StatusListRow.number)).where(
        col(StatusListRow.pushed_version) < col(StatusListRow.version)
    )
    return tuple((agency, number) for agency, number in session.execute(statement))


def load_entries(session: Session, agency: str, number: int) -> tuple[Entry, ...]:
    """The indices whose credential is not valid; all others read as valid."""
    statement = (
        select(col(StatusEntryRow.list_index), col(CredentialRow.status))
        .join(CredentialRow, col(CredentialRow.id) == col(StatusEntryRow.credential))
        .where(
            col(StatusEntryRow.agency) == agency,
            col(StatusEntryRow.number) == number,
            col(CredentialRow.status) != Status.VALID.value,
        )
    )
    return tuple(Entry(index, Status(status)) for index, status in session.execute(statement))


def record_published(
    session: Session,
    before: ListState,
    publication: Publication,
    *,
    issued_at: datetime,
    expires_at: datetime,
) -> bool:
    """Version n -> n + 1 by compare-and-swap; False when somebody else published meanwhile."""
    here = (
        col(StatusListRow.agency) == before.agency,
        col(StatusListRow.number) == before.number,
        col(StatusListRow.version) == before.version,
    )
    statement = (
        update(StatusListRow)
        .where(*here)
        .values(
            version=publication.version,
            published_change=before.change,
            issued_at=build_seconds(issued_at),
            expires_at=build_seconds(expires_at),
        )
    )
    if count_changed(session, statement) != 1:
        return False
    _put_publication(session, publication)
    return True


def _put_publication(session: Session, publication: Publication) -> None:
    values = {
        "version": publication.version,
        "token": publication.token,
        "revocation": publication.revocation,
        "suspension": publication.suspension,
    }
    statement = build_insert(session, PublicationRow).values(
        agency=publication.agency, number=publication.number, **values
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[col(PublicationRow.agency), col(PublicationRow.number)], set_=values
        )
    )


def record_pushed(session: Session, publication: Publication) -> None:
    """The register has taken this version."""
    session.execute(
        update(StatusListRow)
        .where(
            col(StatusListRow.agency) == publication.agency,
            col(StatusListRow.number) == publication.number,
            col(StatusListRow.pushed_version) < publication.version,
        )
        .values(pushed_version=publication.version),
        execution_options={"synchronize_session": False},
    )


def mark_outdated(session: Session, publication: Publication) -> None:
    """Make the list due for a new version, if this one is still the current one."""
    session.execute(
        update(StatusListRow)
        .where(
            col(StatusListRow.agency) == publication.agency,
            col(StatusListRow.number) == publication.number,
            col(StatusListRow.version) == publication.version,
        )
        .values(change=col(StatusListRow.change) + 1),
        execution_options={"synchronize_session": False},
    )


def load_publication(session: Session, agency: str, number: int) -> Publication | None:
    """The current bytes of a list, or None while it was never published."""
    row = session.get(PublicationRow, (agency, number))
    return None if row is None else _parse_publication(row)


def load_publications(session: Session) -> tuple[Publication, ...]:
    """The current bytes of every list."""
    return tuple(_parse_publication(row) for row in session.scalars(select(PublicationRow)))


def _parse_publication(row: PublicationRow) -> Publication:
    return Publication(
        row.agency, row.number, row.version, row.token, row.revocation, row.suspension
    )


def _parse_list(row: StatusListRow) -> ListState:
    return ListState(
        agency=row.agency,
        number=row.number,
        size=row.size,
        allocated=row.allocated,
        change=row.change,
        published_change=row.published_change,
        version=row.version,
        pushed_version=row.pushed_version,
        issued_at=parse_seconds(row.issued_at),
        expires_at=parse_seconds(row.expires_at),
    )
