"""Agencies as they are kept: name, labels, accredited types and certificates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding import base64url
from issuer.store.rows import AgencyRow
from issuer.store.statements import build_seconds, count_changed, parse_seconds


@dataclass(frozen=True, slots=True)
class Agency:
    """
    An office that issues. `label` maps language to its name on screens; `types` are the names of
    the types it is accredited for. Without certificates it cannot issue.
    """

    name: str
    label: Mapping[str, str]
    types: tuple[str, ...]
    credential_x5c: tuple[bytes, ...]
    status_x5c: tuple[bytes, ...]
    revision: int
    created_at: datetime

    @property
    def is_certified(self) -> bool:
        """Whether the register has vouched for both keys."""
        return bool(self.credential_x5c) and bool(self.status_x5c)


def add_agency(
    session: Session, *, name: str, label: Mapping[str, str], types: tuple[str, ...], now: datetime
) -> None:
    """Keep a new agency. The caller has made sure that the name is free."""
    session.execute(
        insert(AgencyRow).values(
            id=name,
            label=json.dumps(dict(label), ensure_ascii=False),
            types=json.dumps(types),
            revision=1,
            created_at=build_seconds(now),
        )
    )


def load_agency(session: Session, name: str) -> Agency | None:
    """The agency, or None."""
    row = session.get(AgencyRow, name)
    return None if row is None else _parse_agency(row)


def load_agencies(session: Session) -> tuple[Agency, ...]:
    """Every agency, by name."""
    rows = session.scalars(select(AgencyRow).order_by(col(AgencyRow.id)))
    return tuple(_parse_agency(row) for row in rows)


def record_certificates(
    session: Session, name: str, *, credential_x5c: tuple[bytes, ...], status_x5c: tuple[bytes, ...]
) -> bool:
    """Keep both certificate chains; False when there is no such agency."""
    statement = (
        update(AgencyRow)
        .where(col(AgencyRow.id) == name)
        .values(
            credential_x5c=_build_chain(credential_x5c),
            status_x5c=_build_chain(status_x5c),
            revision=col(AgencyRow.revision) + 1,
        )
    )
    return count_changed(session, statement) == 1


def _parse_agency(row: AgencyRow) -> Agency:
    return Agency(
        name=row.id,
        label=json.loads(row.label),
        types=tuple(json.loads(row.types)),
        credential_x5c=_parse_chain(row.credential_x5c),
        status_x5c=_parse_chain(row.status_x5c),
        revision=row.revision,
        created_at=parse_seconds(row.created_at),
    )


def _build_chain(chain: tuple[bytes, ...]) -> str:
    return json.dumps([base64url.encode(certificate) for certificate in chain])


def _parse_chain(text: str | None) -> tuple[bytes, ...]:
    return tuple(base64url.decode(part) for part in json.loads(text or "[]"))
