"""
Presentation sessions: one question to one wallet, moved from state to state by compare-and-swap.

The result, with its claims, is kept until the session is forgotten (S-233).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import delete, insert, select, update

from encoding.strict_json import JsonValue, build_json, parse_json
from runtime.database import Session
from verifier.store.rows import SESSIONS
from verifier.store.statements import changed_rows, to_instant, to_seconds


class SessionState(StrEnum):
    """Requested -> Fetched -> Answered | Declined | Expired."""

    REQUESTED = "requested"
    FETCHED = "fetched"
    ANSWERED = "answered"
    DECLINED = "declined"
    EXPIRED = "expired"


OPEN_STATES = (SessionState.REQUESTED, SessionState.FETCHED)


@dataclass(frozen=True, slots=True)
class PresentationSession:
    """One question to one wallet. `result` is there once it was answered."""

    id: str
    request_id: str
    purpose: str
    starter: str
    is_same_device: bool
    client_id: str
    nonce: str
    wallet_state: str
    state: SessionState
    created_at: datetime
    expires_at: datetime
    result: Mapping[str, JsonValue] | None
    response_code_hash: str | None
    is_released: bool


def add_session(session: Session, started: PresentationSession) -> None:
    """Keep a new session."""
    session.execute(
        insert(SESSIONS).values(
            id=started.id,
            request_id=started.request_id,
            purpose=started.purpose,
            starter=started.starter,
            is_same_device=started.is_same_device,
            client_id=started.client_id,
            nonce=started.nonce,
            wallet_state=started.wallet_state,
            state=started.state.value,
            created_at=to_seconds(started.created_at),
            expires_at=to_seconds(started.expires_at),
            is_released=started.is_released,
        )
    )


def load_session(session: Session, session_id: str) -> PresentationSession | None:
    """The session of this id, as its starter knows it."""
    row = session.execute(select(SESSIONS).where(SESSIONS.c.id == session_id)).first()
    return _read_session(row._mapping) if row is not None else None


def load_session_by_request(session: Session, request_id: str) -> PresentationSession | None:
    """The session of this request id, as a wallet knows it."""
    row = session.execute(select(SESSIONS).where(SESSIONS.c.request_id == request_id)).first()
    return _read_session(row._mapping) if row is not None else None


def move_session(
    session: Session,
    session_id: str,
    *,
    old: tuple[SessionState, ...],
    new: SessionState,
    result: Mapping[str, JsonValue] | None = None,
    response_code_hash: str | None = None,
) -> bool:
    """Compare-and-swap of the state. False when it was not in one of the old states."""
    values: dict[str, Any] = {"state": new.value}
    if result is not None:
        values["result"] = build_json(dict(result)).decode()
    if response_code_hash is not None:
        values["response_code_hash"] = response_code_hash
    moved = session.execute(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.state.in_([state.value for state in old]))
        .values(**values)
    )
    return changed_rows(moved) == 1


def release_session(session: Session, session_id: str, *, response_code_hash: str) -> bool:
    """Spend the response code. False when it is wrong or was spent."""
    moved = session.execute(
        update(SESSIONS)
        .where(
            SESSIONS.c.id == session_id,
            SESSIONS.c.response_code_hash == response_code_hash,
        )
        .values(is_released=True, response_code_hash=None)
    )
    return changed_rows(moved) == 1


def forget_sessions(session: Session, *, before: datetime) -> int:
    """Delete what expired before: the claims of its verdict go with it (S-233)."""
    return changed_rows(
        session.execute(delete(SESSIONS).where(SESSIONS.c.expires_at < to_seconds(before)))
    )


def _read_session(row: Mapping[Any, Any]) -> PresentationSession:
    return PresentationSession(
        id=row["id"],
        request_id=row["request_id"],
        purpose=row["purpose"],
        starter=row["starter"],
        is_same_device=bool(row["is_same_device"]),
        client_id=row["client_id"],
        nonce=row["nonce"],
        wallet_state=row["wallet_state"],
        state=SessionState(row["state"]),
        created_at=to_instant(row["created_at"]),
        expires_at=to_instant(row["expires_at"]),
        result=cast("dict[str, JsonValue]", parse_json(row["result"], max_bytes=1 << 20))
        if row["result"] is not None
        else None,
        response_code_hash=row["response_code_hash"],
        is_released=bool(row["is_released"]),
    )
