"""
A pool of processes for much work of one kind: same results, same order, all cores.

`WorkPool.run` hands out chunks, never more than a few ahead of what was taken, and gives results in
the order of the items. Children are started fresh (no fork, so no lock is copied), get the pool's
setting once, and end with the pool, or with the parent however that ends. A child that dies takes
no result along: its chunks are done once more by new children; dying again is a `ChildFailed`.
"""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from runtime.errors import ChildFailed

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

AHEAD: Final = 2
"""Chunks in hand for each process, so that none waits for the parent."""
_ATTEMPTS: Final = 2


@dataclass(slots=True)
class _Chunk(Generic[T, R]):
    items: Sequence[T]
    future: "Future[Sequence[R]]"
    attempts: int = 1


class WorkPool(Generic[S, T, R]):
    """
    Runs `work(setting, items)` in `processes` children. `work` is a function of a module, and
    setting, items and results can be pickled; what `work` raises comes out of `run`.
    """

    def __init__(
        self, work: Callable[[S, Sequence[T]], Sequence[R]], *, setting: S, processes: int
    ) -> None:
        self._work = work
        self._setting = setting
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def run(self, items: Iterable[T], *, chunk: int) -> Iterator[R]:
        """The results of all items. One run at a time."""
        remaining = iter(items)
        pending: deque[_Chunk[T, R]] = deque()
        while True:
            while len(pending) < self._processes * AHEAD and (
                taken := list(islice(remaining, chunk))
            ):
                pending.append(_Chunk(taken, self._submit(taken)))
            if not pending:
                return
            yield from self._finish(pending)
            pending.popleft()

    def close(self) -> None:
        """End the children, those at work when their chunk is done."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def __enter__(self) -> "WorkPool[S, T, R]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _finish(self, pending: "deque[_Chunk[T, R]]") -> Sequence[R]:
        first = pending[0]
        while True:
            try:
                return first.future.result()
            except BrokenProcessPool as error:
                self.close()
                if first.attempts == _ATTEMPTS:
                    raise ChildFailed("a child ended twice on the same work") from error
                first.attempts += 1
                for each in pending:
                    each.future = self._submit(each.items)

    def _submit(self, items: Sequence[T]) -> "Future[Sequence[R]]":
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._work, self._setting),
            )
        try:
            return self._executor.submit(_do, items)
        except BrokenProcessPool as error:
            broken: Future[Sequence[R]] = Future()
            broken.set_exception(error)
            return broken


def available_processes() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_begun: list[tuple[Callable[[Any, Any], Any], Any]] = []


def _begin(work: Callable[[Any, Any], Any], setting: object) -> None:
    """In a child, first."""
    _begun.append((work, setting))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _do(items: Any) -> Any:
    """In a child, for each chunk."""
    work, setting = _begun[0]
    return work(setting, items)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
