"""
A pool of child processes for libraries that are not trusted to stay alive.

Each child serves one request at a time, under limits of time and memory. A child that crashes,
hangs or answers nonsense is ended and replaced; the request that met it is a `ChildFailed`, and no
other request notices. Children are started when first needed and end with their parent.
"""

import contextlib
import os
import queue
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_object
from runtime.child_main import LENGTH_BYTES, MAX_DEPTH, MAX_FRAME
from runtime.errors import ChildFailed

MEMORY_BYTES: Final = 2 * 1024**3
_PROJECT: Final = Path(__file__).resolve().parent.parent
_KEPT_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV")


class ChildPool:
    """Up to `size` children that all run the same module."""

    def __init__(
        self, module: str, *, size: int, timeout: float, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._module = module
        self._timeout = timeout
        self._memory_bytes = memory_bytes
        self._is_closed = False
        # None is a place whose child is yet to be started.
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)

    def ask(self, request: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The module's answer, or `ChildFailed` within about the pool's time limit."""
        deadline = time.monotonic() + self._timeout
        try:
            child = self._places.get(timeout=self._timeout)
        except queue.Empty as error:
            raise ChildFailed("all children are busy") from error
        survivor: _Child | None = None
        try:
            if self._is_closed:
                raise ChildFailed("children are closed")
            child = child or _Child(self._module, self._memory_bytes)
            frame = child.ask(request, deadline)
            if not self._is_closed:
                survivor, child = child, None
        except (OSError, EncodingError) as error:
            raise ChildFailed("child failed") from error
        finally:
            if child is not None:
                child.end()
            self._places.put(survivor)
        return _read_answer(frame)

    def close(self) -> None:
        """End every child, those at work when their request is done, and refuse new requests."""
        self._is_closed = True
        resting: list[_Child | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                resting.append(self._places.get_nowait())
        for child in resting:
            if child is not None:
                child.end()
            self._places.put(None)


class _Child:
    """One process and its two pipes."""

    def __init__(self, module: str, memory_bytes: int) -> None:
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runtime.child_main", module, str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": str(_PROJECT)},
            bufsize=0,
        )
        self._stdin = _descriptor(self._process.stdin)
        self._stdout = _descriptor(self._process.stdout)

    def ask(self, request: Mapping[str, JsonValue], deadline: float) -> dict[str, JsonValue]:
        """Send a frame and wait for one."""
        body = build_json(request)
        self._send(len(body).to_bytes(LENGTH_BYTES, "big") + body, deadline)
        length = int.from_bytes(self._receive(LENGTH_BYTES, deadline), "big")
        if length > MAX_FRAME:
            raise ChildFailed("child answered too much")
        answer = self._receive(length, deadline)
        return parse_object(answer, max_bytes=MAX_FRAME, max_depth=MAX_DEPTH, max_members=MAX_FRAME)

    def _send(self, data: bytes, deadline: float) -> None:
        """Not blocking: a child that hangs does not empty its pipe."""
        remaining = memoryview(data)
        while remaining:
            _wait(self._stdin, select.POLLOUT, deadline)
            remaining = remaining[os.write(self._stdin, remaining[: select.PIPE_BUF]) :]

    def _receive(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            _wait(self._stdout, select.POLLIN, deadline)
            chunk = os.read(self._stdout, size - len(data))
            if not chunk:
                raise ChildFailed("child ended")
            data += chunk
        return bytes(data)

    def end(self) -> None:
        """Kill and bury it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _descriptor(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise ChildFailed("child has no pipe")
    return pipe.fileno()


def _wait(descriptor: int, what: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, what)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise ChildFailed("child took too long")


def _read_answer(frame: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    answer = frame.get("answer")
    if not isinstance(answer, dict):
        raise ChildFailed(f"child could not answer: {frame.get('error', 'no answer')}")
    return answer
