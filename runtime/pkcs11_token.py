"""
One PKCS#11 token, and the one thread that speaks with its module.

The library initialises a module for a single thread, so a process has one clerk for each module,
and every call goes through it. A module is foreign code that may hang, lose its sessions or answer
nonsense (S-190): whoever waits longer than the deadline goes on with `KeystoreUnavailable`, and
while the clerk hangs nobody else waits at all. A lost session is opened anew once. A PIN that was
refused is not tried again: tokens lock themselves after a few wrong ones. The PIN is read when it
is needed, and kept and logged nowhere.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11 import exceptions

from runtime.errors import KeystoreUnavailable

_logger: Final = logging.getLogger("city.keystore")
DEADLINE_SECONDS: Final = 2.0
"""S-190: a token that takes longer than this is down."""
MAX_WAITING: Final = 256

_LOST: Final = (
    exceptions.SessionClosed,
    exceptions.SessionHandleInvalid,
    exceptions.UserNotLoggedIn,
    exceptions.ObjectHandleInvalid,
    exceptions.KeyHandleInvalid,
    exceptions.OperationActive,
    exceptions.DeviceError,
    exceptions.DeviceRemoved,
    exceptions.TokenNotPresent,
    exceptions.GeneralError,
)
_PIN_REFUSED: Final = (
    exceptions.PinIncorrect,
    exceptions.PinLenRange,
    exceptions.PinInvalid,
    exceptions.PinLocked,
    exceptions.PinExpired,
)

R = TypeVar("R")
Session = Any  # pkcs11.Session; its types do not tell private from public keys


class Clerk:
    """A thread that does one piece of work after the other. It keeps no process from ending."""

    def __init__(self, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._process = os.getpid()
        self._busy_since: float | None = None
        self._waiting: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue(MAX_WAITING)
        threading.Thread(target=self._serve, name="pkcs11", daemon=True).start()

    def do(self, work: Callable[[], R]) -> R:
        """What the work gives or raises; KeystoreUnavailable when that takes too long."""
        if os.getpid() != self._process:
            raise unavailable("a token does not survive a fork", detail="token_forked")
        since = self._busy_since
        if since is not None and time.monotonic() - since > self._deadline:
            raise unavailable("the token does not answer", detail="token_slow")
        answer: Future[R] = Future()
        try:
            self._waiting.put_nowait((work, answer))
            return answer.result(timeout=self._deadline)
        except (queue.Full, TimeoutError) as error:
            # What has not begun never will: nobody waits for it any more.
            answer.cancel()
            raise unavailable("the token does not answer", detail="token_slow") from error

    def _serve(self) -> None:
        while True:
            work, answer = self._waiting.get()
            if not answer.set_running_or_notify_cancel():
                continue
            self._busy_since = time.monotonic()
            try:
                result = work()
            except Exception as error:
                answer.set_exception(error)
            else:
                answer.set_result(result)
            finally:
                self._busy_since = None


class Pkcs11Token:
    """A token with its session. `log_in` opens one; everything happens in the clerk's thread."""

    def __init__(self, clerk: Clerk, log_in: Callable[[], Session]) -> None:
        self._clerk = clerk
        self._log_in = log_in
        self._session: Session = None
        self._is_pin_refused = False

    def run(self, work: Callable[[Session], R]) -> R:
        """What `work` makes of the session; a token that fails is KeystoreUnavailable."""
        return self._clerk.do(lambda: self._run(work))

    def _run(self, work: Callable[[Session], R]) -> R:
        try:
            return work(self._open())
        except _LOST as error:
            _logger.warning("token session lost", extra={"reason": type(error).__name__})
            self._drop()
        except exceptions.PKCS11Error as error:
            raise unavailable("the token refused the work", detail="token_error") from error
        try:
            return work(self._open())
        except exceptions.PKCS11Error as error:
            self._drop()
            raise unavailable("the token lost its session", detail="token_lost") from error

    def _open(self) -> Session:
        if self._session is not None:
            return self._session
        if self._is_pin_refused:
            raise unavailable("the token refused the PIN", detail="wrong_pin")
        try:
            self._session = self._log_in()
        except _PIN_REFUSED as error:
            self._is_pin_refused = True
            raise unavailable("the token refused the PIN", detail="wrong_pin") from error
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(exceptions.PKCS11Error):
                session.close()


def open_token(*, module: str, label: str, read_pin: Callable[[], str]) -> Pkcs11Token:
    """The token of this label behind this module. Nothing is touched before the first work."""
    return Pkcs11Token(_clerk_of(module), lambda: _log_in(module, label, read_pin))


@lru_cache
def _clerk_of(_module: str) -> Clerk:
    return Clerk()


def _log_in(module: str, label: str, read_pin: Callable[[], str]) -> Session:
    try:
        library = pkcs11.lib(module)
    except (RuntimeError, OSError) as error:
        raise unavailable("the PKCS#11 module cannot be used", detail="module_missing") from error
    try:
        found = [token for token in library.get_tokens() if token.label == label]
    except exceptions.PKCS11Error as error:
        raise unavailable("the module shows no tokens", detail="token_missing") from error
    if len(found) != 1:
        raise unavailable("there is not one token of this label", detail="token_missing")
    try:
        return found[0].open(rw=True, user_pin=read_pin())
    except exceptions.UserAlreadyLoggedIn:
        # A log-in counts for all sessions of a process: another keystore was here before.
        return found[0].open(rw=True)


def unavailable(message: str, *, detail: str) -> KeystoreUnavailable:
    """The refusal, written to the log as well."""
    _logger.error("keystore unavailable", extra={"reason": detail})
    return KeystoreUnavailable(message, detail=detail)
