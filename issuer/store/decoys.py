"""
Indices of a list that no credential holds and whose status was flipped all the same.

An index is either a credential's or a decoy, for ever: `load_held` finds what a credential
holds, `free_of_decoys` keeps allocation away from decoys, and both run under the one writer.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.model import Status
from issuer.store.rows import DecoyRow, StatusEntryRow
from issuer.store.statements import build_insert


def load_decoys(session: Session, agency: str, number: int) -> dict[int, Status]:
    """Every decoy of a list with the status that it shows, VALID again for some."""
    statement = select(col(DecoyRow.list_index), col(DecoyRow.status)).where(
        col(DecoyRow.agency) == agency, col(DecoyRow.number) == number
    )
    return {index: Status(status) for index, status in session.execute(statement)}


def free_of_decoys(
    session: Session, agency: str, number: int, drawn: Sequence[int]
) -> tuple[int, ...]:
    """Those of the drawn indices that are no decoys."""
    statement = select(col(DecoyRow.list_index)).where(
        col(DecoyRow.agency) == agency,
        col(DecoyRow.number) == number,
        col(DecoyRow.list_index).in_(drawn),
    )
    taken = set(session.scalars(statement))
    return tuple(index for index in drawn if index not in taken)


def load_held(session: Session, agency: str, number: int, drawn: Collection[int]) -> set[int]:
    """Those of the drawn indices that a credential holds."""
    statement = select(col(StatusEntryRow.list_index)).where(
        col(StatusEntryRow.agency) == agency,
        col(StatusEntryRow.number) == number,
        col(StatusEntryRow.list_index).in_(drawn),
    )
    return set(session.scalars(statement))


def keep_decoys(session: Session, agency: str, number: int, moves: Mapping[int, Status]) -> None:
    """Remember what the decoys show from now on."""
    if not moves:
        return
    rows = [
        {"agency": agency, "number": number, "list_index": index, "status": status.value}
        for index, status in moves.items()
    ]
    statement = build_insert(session, DecoyRow).values(rows)
    key = [col(DecoyRow.agency), col(DecoyRow.number), col(DecoyRow.list_index)]
    session.execute(
        statement.on_conflict_do_update(
            index_elements=key, set_={"status": statement.excluded.status}
        )
    )


def count_held(session: Session, agency: str, number: int) -> int:
    """How many decoys are a credential's index as well; there is never one."""
    statement = (
        select(func.count())
        .select_from(DecoyRow)
        .join(
            StatusEntryRow,
            (col(StatusEntryRow.agency) == col(DecoyRow.agency))
            & (col(StatusEntryRow.number) == col(DecoyRow.number))
            & (col(StatusEntryRow.list_index) == col(DecoyRow.list_index)),
        )
        .where(col(DecoyRow.agency) == agency, col(DecoyRow.number) == number)
    )
    return session.scalar(statement) or 0
