"""
Whom the city trusts: the register's signed trust registry, kept fresh and never rolled back.

Fetched when it is older than `FRESH`, believed only when its signature holds and its version is
not lower than what was believed before (I5). The register's keys are believed on first sight and
never replaced after. A register that is away changes nothing while the last registry has not
expired.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from credentials.trust import RegisteredVerifier, TrustRegistry
from credentials.trust_document import read_trust_registry
from encoding.errors import EncodingError
from encoding.strict_json import parse_object
from runtime.clock import Clock
from runtime.errors import RuntimeServiceError
from runtime.fetch import Fetcher
from wallet_api.errors import Unreachable
from wallet_api.store.trust import KeptTrust, TrustStore

FRESH = timedelta(seconds=60)
RETRY_AFTER = timedelta(seconds=5)
MAX_REGISTRY_BYTES = 1_048_576
ANY_TYPE = "*/*"
_UNUSABLE = (RuntimeServiceError, CredentialError, EncodingError, UnicodeDecodeError, Unreachable)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Believed:
    """A registry, the keys that it is checked with, and when it was fetched."""

    keys: str
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
        clock: Clock,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._url = f"{register_url}/trust"
        self._clock = clock
        self._lock = threading.Lock()
        self._believed: Believed | None = None
        self._asked_at: datetime | None = None

    def current(self) -> TrustRegistry:
        """The registry as believed now, or Unreachable when there is none that has not expired."""
        now = self._clock()
        # Whoever finds a registry at hand never waits for the one who renews it.
        if self._is_due(now) and self._lock.acquire(blocking=self._believed is None):
            try:
                self._believed = self._believed or self._load()
                if self._is_due(now):
                    self._refresh(now)
            finally:
                self._lock.release()
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
            registry = read_trust_registry(kept.text, keys=_parse_keys(kept.keys))
            return Believed(kept.keys, registry, kept.fetched_at)
        except (CredentialError, EncodingError):
            logger.warning("the kept trust registry cannot be read any more")
            return None

    def _refresh(self, now: datetime) -> None:
        self._asked_at = now
        known = self._believed
        try:
            keys = known.keys if known is not None else self._get(f"{self._url}/keys")
            text = self._get(self._url)
            registry = read_trust_registry(text, keys=_parse_keys(keys))
        except _UNUSABLE as error:
            logger.warning("the trust registry was not renewed: %s", type(error).__name__)
            return
        if known is not None and registry.version < known.registry.version:
            logger.warning("the register served an older trust registry")
            return
        if known is None or registry != known.registry:
            kept = KeptTrust(version=registry.version, text=text, keys=keys, fetched_at=now)
            self._store.keep(kept)
        self._believed = Believed(keys, registry, now)

    def _get(self, url: str) -> str:
        answer = self._fetcher.get(url, accept=ANY_TYPE, max_bytes=MAX_REGISTRY_BYTES)
        if answer.status != 200:
            raise Unreachable(f"the register answered {answer.status}")
        return answer.body.decode("ascii").strip()


def _parse_keys(text: str) -> tuple[PublicKey, ...]:
    """The register's keys; none at all is refused, because nothing would then be checked."""
    items = parse_object(text).get("keys")
    if not isinstance(items, list) or not items:
        raise Unreachable("the register names no key for its trust registry")
    return tuple(parse_jwk(item) for item in items)
