"""
How the resident's cards stand, so that nobody is surprised at the kerb.

Whole status lists are fetched, never single entries, at most once a minute each whoever asks, so
an issuer learns nothing about anybody (TSL 12.1). A list counts only when it is authentic: signed
by a status key of the very issuer that signed the card. Whatever cannot be had is `unknown`; this
is a courtesy to the holder and never a verdict.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.model import Status, StatusPurpose
from credentials.status import StatusList, read_status_list, status_at
from credentials.trust import KeyUse, TrustedIssuer
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.errors import RuntimeServiceError
from runtime.fetch import Fetcher
from wallet_api.errors import WalletError
from wallet_api.issued import find_issuer
from wallet_api.trust_feed import TrustFeed

FRESH = timedelta(seconds=60)
MAX_LIST_BYTES = 8 << 20
"""security.md, Limits: status token."""
MAX_LISTS = 256
UNKNOWN = "unknown"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A status word and when the list said so."""

    status: str
    as_of: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    fetched_at: datetime
    list: StatusList | None


class Standings:
    """Keeps the lists of this process."""

    def __init__(self, *, fetcher: Fetcher, trust: TrustFeed, clock: Clock) -> None:
        self._fetcher = fetcher
        self._trust = trust
        self._clock = clock
        self._lock = threading.Lock()
        self._lists: dict[str, _Kept] = {}

    def refresh(self, faces: Iterable[Mapping[str, JsonValue]]) -> None:
        """Fetch the lists that these cards need and that are not fresh."""
        now = self._clock()
        for face in faces:
            for uri, _, _ in _references(face):
                kept = self._lists.get(uri)
                if kept is None or now - kept.fetched_at >= FRESH:
                    self._fetch(uri, face, now=now)

    def of(self, face: Mapping[str, JsonValue]) -> Standing:
        """The worst that any of the card's lists says; unknown when one of them is missing."""
        references = _references(face)
        if not references:
            return Standing(status=Status.VALID.value, as_of=None)
        worst, as_of = Status.VALID, None
        for uri, index, purpose in references:
            kept = self._lists.get(uri)
            if kept is None or kept.list is None:
                return Standing(status=UNKNOWN, as_of=None)
            try:
                found = status_at(kept.list, index, purpose)
            except CredentialError:
                return Standing(status=UNKNOWN, as_of=None)
            as_of = format_instant(kept.list.issued_at)
            if found is Status.REVOKED or worst is Status.VALID:
                worst = found
        return Standing(status=worst.value, as_of=as_of)
