"""
Things that may happen once, or only so often: nonces, replays, rate limits.

Both promises hold across threads and processes, because the database decides: a unique insert,
or one counting statement. Keys are stored as SHA-256. Expired rows are cleared on the way.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.errors import TooManyRequests
from runtime.tables import LIMIT, ONCE

_Insert = sqlite.Insert | postgresql.Insert
_SECOND: Final = 1_000_000


class Once:
    """Remembers keys until a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim(
        self, scope: str, key: str, *, until: datetime, session: Session | None = None
    ) -> bool:
        """
        True for the first who claims this key, False for everyone after until it expires.

        With a `session`, the claim stands or falls with that transaction.
        """
        if session is not None:
            return self._claim(session, scope, key, until)
        return self._database.write_together(lambda shared: self._claim(shared, scope, key, until))

    def _claim(self, session: Session, scope: str, key: str, until: datetime) -> bool:
        now = _microseconds(self._clock())
        connection = session.connection()
        connection.execute(_CLEAR, {"now": now})
        claimed = connection.execute(
            _CLAIM[connection.dialect.name],
            {"scope": scope, "key": _digest(key), "until": _microseconds(until)},
        )
        return claimed.first() is not None


class Limiter:
    """Counts uses of a key in windows that begin with its first use."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def allow(self, scope: str, key: str, *, limit: int, per: timedelta) -> bool:
        """Count one use; False once there were more than `limit` in this window."""
        used, _until = self._use(scope, key, per)
        return used <= limit

    def require(self, scope: str, key: str, *, limit: int, per: timedelta) -> None:
        """Count one use; `TooManyRequests` when the window's limit is used up."""
        used, wait = self._use(scope, key, per)
        if used > limit:
            raise TooManyRequests("too many requests, come back later", retry_after=wait)

    def reset(self, scope: str, key: str) -> None:
        """Forget the uses of a key, as after the right answer."""
        with self._database.writing() as session:
            session.execute(
                delete(LIMIT).where(LIMIT.c.scope == scope, LIMIT.c.key == _digest(key))
            )

    def _use(self, scope: str, key: str, per: timedelta) -> tuple[int, int]:
        """Uses in this window, this one included, and the seconds until the window ends."""
        now = _microseconds(self._clock())
        end = now + per // timedelta(microseconds=1)
        with self._database.writing() as session:
            session.execute(delete(LIMIT).where(LIMIT.c.until <= now))
            insert = _insert_limit(session, scope, _digest(key), end)
            row = session.execute(
                insert.on_conflict_do_update(
                    index_elements=[LIMIT.c.scope, LIMIT.c.key],
                    set_={"used": LIMIT.c.used + 1},
                ).returning(LIMIT.c.used, LIMIT.c.until)
            ).one()
        return row.used, max(1, -(-(row.until - now) // _SECOND))


# Built once: building a statement costs more than running it.
_CLEAR: Final = delete(ONCE).where(ONCE.c.until <= bindparam("now"))
_CLAIM: Final = {
    "sqlite": sqlite.insert(ONCE).on_conflict_do_nothing().returning(ONCE.c.until),
    "postgresql": postgresql.insert(ONCE).on_conflict_do_nothing().returning(ONCE.c.until),
}


def _insert_limit(session: Session, scope: str, key: bytes, until: int) -> _Insert:
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(LIMIT) if dialect == "postgresql" else sqlite.insert(LIMIT)
    return insert.values(scope=scope, key=key, until=until, used=1)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * _SECOND)
