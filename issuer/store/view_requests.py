"""Residents' requests for a view: waiting -> offered | refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding.strict_json import JsonValue
from issuer.store.rows import ViewRequestRow
from issuer.store.statements import build_seconds, count_changed, parse_seconds


class ViewState(StrEnum):
    """Where a request for a view stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """`id` is the digest of what the wallet holds; `session` is the verifier's."""

    id: str
    agency: str
    view: str
    session: str
    state: ViewState
    verdict: Mapping[str, JsonValue] | None
    expires_at: datetime


def add_view_request(session: Session, request: ViewRequest) -> None:
    """Keep a new request."""
    session.execute(
        insert(ViewRequestRow).values(
            id=request.id,
            agency=request.agency,
            view=request.view,
            session=request.session,
            state=request.state.value,
            expires_at=build_seconds(request.expires_at),
        )
    )


def load_view_request(session: Session, agency: str, request: str) -> ViewRequest | None:
    """The request, or None."""
    statement = select(ViewRequestRow).where(
        col(ViewRequestRow.id) == request, col(ViewRequestRow.agency) == agency
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        return None
    return ViewRequest(
        id=row.id,
        agency=row.agency,
        view=row.view,
        session=row.session,
        state=ViewState(row.state),
        verdict=None if row.verdict is None else json.loads(row.verdict),
        expires_at=parse_seconds(row.expires_at),
    )


def record_view_answered(
    session: Session, request: ViewRequest, *, to: ViewState, verdict: Mapping[str, JsonValue]
) -> bool:
    """Waiting -> offered | refused, for exactly one of all who poll."""
    statement = (
        update(ViewRequestRow)
        .where(
            col(ViewRequestRow.id) == request.id,
            col(ViewRequestRow.state) == ViewState.WAITING.value,
        )
        .values(state=to.value, verdict=json.dumps(dict(verdict), ensure_ascii=False))
    )
    return count_changed(session, statement) == 1
