"""
Whom the city trusts: the register's signed trust registry, kept fresh and never rolled back.

Fetched when it is older than `FRESH`, believed only when its signature holds and its version is
not lower than what was believed before (I5). A register that is away changes nothing while the
last registry has not expired. How the text is read and verified is handed in.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.trust import RegisteredVerifier, TrustRegistry
from runtime.clock import Clock
from runtime.errors import RuntimeServiceError
from runtime.fetch import Fetcher
from wallet_api.errors import Unreachable
from wallet_api.store.trust import KeptTrust, TrustStore

FRESH = timedelta(seconds=60)
RETRY_AFTER = timedelta(seconds=5)
MAX_REGISTRY_BYTES = 1_048_576
JWT = "application/jwt"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Believed:
    """A registry and when it was fetched."""

    registry: TrustRegistry
    fetched_at: datetime


class TrustFeed:
    """Owns the believed registry of this process."""

    def __init__(
        self,
        *,
        store: TrustStore,
        fetcher: Fetcher,
        register_url: str,
        read: Callable[[str], TrustRegistry],
        clock: Clock,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._url = f"{register_url}/trust"
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._believed: Believed | None = None
        self._asked_at: datetime | None = None

    def current(self) -> TrustRegistry:
        """The registry as believed now, or Unreachable when there is none that has not expired."""
        now = self._clock()
        with self._lock:
            if self._believed is None:
                self._believed = self._load()
            if self._is_due(now):
                self._refresh(now)
            believed = self._believed
        if believed is None or believed.registry.expires_at <= now:
            raise Unreachable("the city's trust registry cannot be had now, try again")
        return believed.registry

    def find_verifier(self, client_id: str) -> RegisteredVerifier | None:
        """The registered verifier with exactly this client identifier."""
        verifiers = self.current().verifiers
        return next((one for one in verifiers if one.client_id == client_id), None)

    def _is_due(self, now: datetime) -> bool:
        if self._asked_at is not None and now - self._asked_at < RETRY_AFTER:
            return False
        return self._believed is None or now - self._believed.fetched_at >= FRESH

    def _load(self) -> Believed | None:
        kept = self._store.load()
        if kept is None:
            return None
        try:
            return Believed(self._read(kept.text), kept.fetched_at)
        except CredentialError:
            logger.warning("the kept trust registry cannot be read any more")
            return None

    def _refresh(self, now: datetime) -> None:
        self._asked_at = now
        try:
            answer = self._fetcher.get(self._url, accept=JWT, max_bytes=MAX_REGISTRY_BYTES)
            if answer.status != 200:
                logger.warning("the register answered %s for its trust registry", answer.status)
                return
            text = answer.body.decode("ascii").strip()
            registry = self._read(text)
        except (RuntimeServiceError, CredentialError, UnicodeDecodeError) as error:
            logger.warning("the trust registry was not renewed: %s", type(error).__name__)
            return
        if self._believed is not None and registry.version < self._believed.registry.version:
            logger.warning("the register served an older trust registry")
            return
        if self._believed is None or registry != self._believed.registry:
            self._store.keep(KeptTrust(version=registry.version, text=text, fetched_at=now))
        self._believed = Believed(registry, now)
