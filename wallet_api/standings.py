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
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.model import Status, StatusPurpose
from credentials.status_lists import StatusList, is_signed_by, read_status_list, status_at
from credentials.trust import KeyUse, TrustedIssuer
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.errors import RuntimeServiceError
from runtime.fetch import Fetcher
from wallet_api.errors import NotFound, Unreachable, WalletError
from wallet_api.issued import find_issuer
from wallet_api.trust_feed import TrustFeed

FRESH = timedelta(seconds=60)
MAX_LIST_BYTES = 8 << 20
"""security.md, Limits: status token."""
MAX_LISTS = 256
PATIENCE_SECONDS = 3.0
LIST_TYPES = "application/statuslist+jwt, application/vc+jwt"
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
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="standings")

    def refresh(self, faces: Iterable[Mapping[str, JsonValue]]) -> None:
        """
        Fetch the lists that these cards need and that are not fresh, side by side. Who does not
        answer in time is not waited for; the answer serves the next one who asks.
        """
        now = self._clock()
        due: dict[str, Mapping[str, JsonValue]] = {}
        for face in faces:
            for uri, _, _ in _references(face):
                kept = self._lists.get(uri)
                if kept is None or now - kept.fetched_at >= FRESH:
                    due.setdefault(uri, face)
        fetches = [self._pool.submit(self._fetch, uri, face, now) for uri, face in due.items()]
        wait(fetches, timeout=PATIENCE_SECONDS)

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

    def _fetch(self, uri: str, face: Mapping[str, JsonValue], now: datetime) -> None:
        """Keep the list, or that it could not be had: it is not asked again at once."""
        kept = self._lists.get(uri)
        if kept is not None and kept.fetched_at >= now:
            return  # somebody else was faster
        found: StatusList | None
        try:
            found = self._read(uri, face)
        except (RuntimeServiceError, WalletError, CredentialError) as error:
            logger.warning("a status list could not be had: %s", type(error).__name__)
            found = kept.list if kept is not None else None
        with self._lock:
            if uri not in self._lists and len(self._lists) >= MAX_LISTS:
                self._lists.pop(next(iter(self._lists)))
            self._lists[uri] = _Kept(fetched_at=now, list=found)

    def _read(self, uri: str, face: Mapping[str, JsonValue]) -> StatusList:
        issuer = self._find_issuer(face)
        answer = self._fetcher.get(uri, accept=LIST_TYPES, max_bytes=MAX_LIST_BYTES)
        if answer.status != 200:
            raise Unreachable(f"the list answered {answer.status}")
        found = read_status_list(answer.body.decode("ascii", "replace").strip())
        keys = [one.key for one in issuer.keys if one.use is KeyUse.STATUS]
        if found.uri != uri or not any(is_signed_by(found, key) for key in keys):
            raise Unreachable("the list is not authentic")
        return found

    def _find_issuer(self, face: Mapping[str, JsonValue]) -> TrustedIssuer:
        party = face.get("issuer")
        identifier = party.get("id") if isinstance(party, dict) else None
        issuer = find_issuer(self._trust.current(), str(identifier))
        if issuer is None:
            raise NotFound("the trust registry does not know this issuer any more")
        return issuer


def _references(face: Mapping[str, JsonValue]) -> list[tuple[str, int, StatusPurpose]]:
    """The status references of a stored face."""
    statuses = face.get("statuses")
    if not isinstance(statuses, list):
        return []
    return [
        (str(one["uri"]), int(str(one["index"])), StatusPurpose(str(one["purpose"])))
        for one in statuses
        if isinstance(one, dict)
    ]
