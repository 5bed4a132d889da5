"""
What must always hold in the wallet's tables; `./city fsck` prints one line for each breach.

Without the key file it sees shapes only: that every ciphertext is one, that no nonce and no
wrapped key occurs twice (S-174), that every row belongs to a resident and every copy to a card of
the same resident. With the key it also opens everything, which finds a value that was moved,
exchanged or changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import LargeBinary, cast, select
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding.errors import EncodingError
from runtime.database import Database
from wallet_api.encryption import (
    KeyEncryptionKey,
    ResidentCipher,
    SealBroken,
    is_sealed,
    nonce_of,
)
from wallet_api.model import ErrandKind, OfferState, RequestState, ViewState
from wallet_api.store.sealing import open_json
from wallet_api.store.tables import (
    CardRow,
    CopyRow,
    DeviceRow,
    ErrandRow,
    HistoryRow,
    ResidentRow,
)

_STATES: Mapping[str, frozenset[str]] = {
    ErrandKind.OFFER: frozenset(OfferState),
    ErrandKind.REQUEST: frozenset(RequestState),
    ErrandKind.VIEW: frozenset(ViewState),
}


@dataclass(frozen=True, slots=True)
class _Resident:
    id: str
    wrapped_key: bytes
    display_name_sealed: bytes | None


@dataclass(frozen=True, slots=True)
class _Sealed:
    resident: str
    table: str
    row: str
    column: str
    value: bytes


def check(database: Database, key: KeyEncryptionKey | None = None) -> list[str]:
    """Every breach, one sentence each; empty when all is well."""
    with database.reading() as session:
        residents = [
            _Resident(*row)
            for row in session.execute(
                select(
                    col(ResidentRow.id),
                    cast(col(ResidentRow.wrapped_key), LargeBinary),
                    cast(col(ResidentRow.display_name_sealed), LargeBinary),
                )
            )
        ]
        known = frozenset(row.id for row in residents)
        sealed = list(_sealed_values(session))
        breaches = [
            *_check_residents(residents),
            *_check_belonging(session, known),
            *_check_states(session),
            *_check_nonces(residents, sealed),
        ]
        if key is not None:
            breaches += _check_opening(key, residents, sealed)
    return breaches


def _sealed_values(session: Session) -> Iterator[_Sealed]:
    """Every ciphertext beside the residents' own, read as bytes whatever was put there."""
    columns = (
        (CardRow, "face", col(CardRow.face_sealed)),
        (CopyRow, "text", col(CopyRow.text_sealed)),
        (ErrandRow, "detail", col(ErrandRow.detail_sealed)),
        (HistoryRow, "detail", col(HistoryRow.detail_sealed)),
    )
    for table, name, column in columns:
        rows = select(col(table.id), col(table.resident_id), cast(column, LargeBinary))
        for row_id, resident, value in session.execute(rows):
            yield _Sealed(resident, str(table.__tablename__), row_id, name, value or b"")


def _check_residents(residents: Sequence[_Resident]) -> Iterator[str]:
    for row in residents:
        if not is_sealed(row.wrapped_key):
            yield f"wallet_resident {row.id}: wrapped_key is not a ciphertext"
        if row.display_name_sealed is not None and not is_sealed(row.display_name_sealed):
            yield f"wallet_resident {row.id}: display_name is not a ciphertext"


def _check_belonging(session: Session, known: frozenset[str]) -> Iterator[str]:
    owner_of_card: dict[str, str] = {}
    for card_id, resident in session.execute(select(col(CardRow.id), col(CardRow.resident_id))):
        owner_of_card[card_id] = resident
        if resident not in known:
            yield f"wallet_card {card_id}: its resident does not exist"
    copied = set()
    copies = select(
        col(CopyRow.id), col(CopyRow.card_id), col(CopyRow.resident_id), col(CopyRow.uses)
    )
    for copy_id, card_id, resident, uses in session.execute(copies):
        copied.add(card_id)
        if owner_of_card.get(card_id) != resident:
            yield f"wallet_copy {copy_id}: its card is not its resident's"
        if uses < 0:
            yield f"wallet_copy {copy_id}: uses is negative"
    for card_id in owner_of_card:
        if card_id not in copied:
            yield f"wallet_card {card_id}: has no copy"
    for table in (DeviceRow, ErrandRow, HistoryRow):
        for row_id, resident in session.execute(select(col(table.id), col(table.resident_id))):
            if resident not in known:
                yield f"{table.__tablename__} {row_id}: its resident does not exist"


def _check_states(session: Session) -> Iterator[str]:
    errands = select(col(ErrandRow.id), col(ErrandRow.kind), col(ErrandRow.state))
    for errand_id, kind, state in session.execute(errands):
        if state not in _STATES.get(kind, frozenset()):
            yield f"wallet_errand {errand_id}: state {state} does not exist for {kind}"


def _check_nonces(residents: Sequence[_Resident], sealed: Sequence[_Sealed]) -> Iterator[str]:
    """A nonce may occur once for each key: here once at all, which random nonces keep."""
    seen: dict[bytes, str] = {}
    names = [
        *((f"wallet_resident {row.id}: wrapped_key", row.wrapped_key) for row in residents),
        *(
            (f"wallet_resident {row.id}: display_name", row.display_name_sealed)
            for row in residents
            if row.display_name_sealed is not None
        ),
        *((f"{one.table} {one.row}: {one.column}", one.value) for one in sealed),
    ]
    for name, value in names:
        if not is_sealed(value):
            continue  # reported for residents above, for the others below
        if nonce_of(value) in seen:
            yield f"{name} uses the nonce of {seen[nonce_of(value)]}"
        seen[nonce_of(value)] = name
    for one in sealed:
        if not is_sealed(one.value):
            yield f"{one.table} {one.row}: {one.column} is not a ciphertext"


def _check_opening(
    key: KeyEncryptionKey, residents: Sequence[_Resident], sealed: Sequence[_Sealed]
) -> Iterator[str]:
    ciphers: dict[str, ResidentCipher] = {}
    for row in residents:
        try:
            ciphers[row.id] = key.unwrap(row.wrapped_key, resident=row.id)
            if row.display_name_sealed is not None:
                ciphers[row.id].open(row.display_name_sealed, row=row.id, column="display_name")
        except SealBroken:
            yield f"wallet_resident {row.id}: does not open with the key file"
    for one in sealed:
        cipher = ciphers.get(one.resident)
        if cipher is None:
            continue  # reported as a resident's breach
        try:
            open_json(cipher, one.value, row=one.row, column=one.column)
        except (SealBroken, EncodingError):
            yield f"{one.table} {one.row}: {one.column} does not open"
