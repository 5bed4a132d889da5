"""
Group commit: pieces of work that wait for the disk at the same time wait for it once.

Whoever comes first takes every piece that waits, runs them in one transaction and commits; the
others find theirs done. While that commit waits for the disk, the next ones gather. Nobody is
answered before the transaction that holds their work is committed.

A transaction of several pieces that fails is undone as a whole, and its pieces are done again one
by one. So a piece fails by its own fault only, and what it tells is its own error. Where the
database is away, they all hear so.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from sqlalchemy.orm import Session

from runtime.errors import DatabaseUnavailable

T = TypeVar("T")

MAX_PIECES: Final = 64
"""What one transaction takes along, so that the first in it does not wait for too many."""


class Piece(Generic[T]):
    """One piece of work, and what came of it."""

    __slots__ = ("_result", "_work", "error", "is_done")

    def __init__(self, work: Callable[[Session], T]) -> None:
        self._work = work
        self._result: list[T] = []
        self.error: BaseException | None = None
        self.is_done = False

    def run(self, session: Session) -> None:
        """Do the work; what an earlier, undone attempt gave is forgotten."""
        self._result = [self._work(session)]

    def result(self) -> T:
        """What the work gave, or its error."""
        if self.error is not None:
            raise self.error
        return self._result[0]


class SharedWrites:
    """Owns the pieces that wait. `write_all` runs some in one transaction, all or nothing."""

    def __init__(self, write_all: Callable[[list[Piece[Any]]], None]) -> None:
        self._write_all = write_all
        self._waiting: deque[Piece[Any]] = deque()
        self._turn = threading.Lock()

    def do(self, work: Callable[[Session], T]) -> T:
        """Returns, or raises, when the work is committed or undone."""
        piece = Piece(work)
        self._waiting.append(piece)
        while not piece.is_done:
            with self._turn:
                # Whoever had the turn before has mostly done it along with its own.
                if not piece.is_done:
                    self._write([*self._take()])
        return piece.result()

    def _take(self) -> list[Piece[Any]]:
        count = min(len(self._waiting), MAX_PIECES)
        return [self._waiting.popleft() for _ in range(count)]

    def _write(self, pieces: list[Piece[Any]]) -> None:
        try:
            self._write_all(pieces)
        except DatabaseUnavailable as error:
            for piece in pieces:
                piece.error = DatabaseUnavailable(str(error))
        except Exception as error:
            if len(pieces) == 1:
                pieces[0].error = error
            else:
                for piece in pieces:
                    self._write([piece])
        except BaseException:
            for piece in pieces:
                piece.error = DatabaseUnavailable("database was left while it wrote")
            raise
        finally:
            for piece in pieces:
                piece.is_done = True
