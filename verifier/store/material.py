"""
The newest signed documents that were believed, and the verifier's own certificate.

Versions only rise: an older document never replaces a newer one, whoever serves it (I5).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from runtime.database import Session
from verifier.store.rows import MATERIAL
from verifier.store.statements import changed_rows, to_instant, to_seconds


@dataclass(frozen=True, slots=True)
class StoredMaterial:
    """A signed document as last believed."""

    version: int
    text: str
    fetched_at: datetime


def save_material(session: Session, kind: str, *, version: int, text: str, now: datetime) -> bool:
    """Keep a document unless a newer one is kept already. False for an older version."""
    values = {"version": version, "text": text, "fetched_at": to_seconds(now)}
    updated = session.execute(
        update(MATERIAL)
        .where(MATERIAL.c.kind == kind, MATERIAL.c.version <= version)
        .values(**values)
    )
    if changed_rows(updated) == 1:
        return True
    known = session.execute(select(MATERIAL.c.version).where(MATERIAL.c.kind == kind)).first()
    if known is not None:
        return False
    session.execute(insert(MATERIAL).values(kind=kind, **values))
    return True


def load_material(session: Session, kind: str) -> StoredMaterial | None:
    """The newest document of this kind that was believed."""
    row = session.execute(select(MATERIAL).where(MATERIAL.c.kind == kind)).first()
    if row is None:
        return None
    return StoredMaterial(row.version, row.text, to_instant(row.fetched_at))
