"""
Gather what a judgement needs, keep it fresh, and remember the newest that was believed.

Three public documents come from the register: the trust registry, the log policy and the snapshot
of all status lists with their anchor proofs. They are checked when they arrive, kept in the
database and never replaced by older ones, so that a restart or a register that is away changes
no verdict. A fourth, the newest copy of a list, comes from its issuer (`status_lists.py`).

No URL inside a credential is fetched unless the register's snapshot names it, or the caller has
seen that a trusted issuer signed the credential (S-141).
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from credentials.material import ListCopy, Material
from credentials.trust import TrustRegistry
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from ledger.anchor import parse_anchor_proof, verify_anchor
from ledger.errors import LedgerError
from ledger.note import QuorumPolicy
from runtime.clock import Clock
from runtime.database import Database
from runtime.fetch import Fetcher, FetchError, UnsafeUrl
from verifier import store
from verifier.errors import MaterialUnavailable
from verifier.status_lists import HTTP_OK, NewestLists

RETRY_AFTER = timedelta(seconds=5)
"""A register that did not help is not asked again at once."""
MAX_DOCUMENT_BYTES = 1 << 20
MAX_SNAPSHOT_BYTES = 32 << 20
MAX_SNAPSHOT_MEMBERS = 1_000_000

logger = logging.getLogger(__name__)


class _Unusable(Exception):
    """A document of the register that cannot be believed; the older copy stays."""

    kind: ClassVar[str] = "unavailable"
    code: ClassVar[str] = "material_unavailable"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All lists of one epoch, each with a proof that was checked."""

    epoch: int
    time: datetime
    lists: Mapping[str, ListCopy]
    text: str


@dataclass(frozen=True, slots=True)
class Believed:
    """What is believed at the moment. Replaced as a whole, never changed."""

    trust: TrustRegistry
    trust_text: str
    log: QuorumPolicy
    log_text: str
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class Readers:
    """How the register's documents are read; each raises when they cannot be believed."""

    read_trust: Callable[[str], TrustRegistry]
    read_log_policy: Callable[[str], QuorumPolicy]


class Gatherer:
    """Owns the believed material of this process."""

    def __init__(
        self,
        *,
        database: Database,
        fetcher: Fetcher,
        clock: Clock,
        register_url: str,
        readers: Readers,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._register_url = register_url
        self._readers = readers
        self._newest = NewestLists(fetcher, clock=clock)
        self._lock = threading.Lock()
        self._believed: Believed | None = None
        self._asked_at: datetime | None = None

    def believe(self, *, max_age: timedelta | None) -> Believed:
        """What is believed now; the register is asked first when the snapshot is too old."""
        believed = self._believed or self._load()
        if believed is None or self._is_too_old(believed, max_age):
            self._refresh_if_due()
            believed = self._believed
        if believed is None:
            raise MaterialUnavailable("the register has not said whom to trust")
        return believed

    def gather(
        self,
        believed: Believed,
        uris: Collection[str],
        *,
        fetchable: Collection[str],
        is_replayed: bool,
    ) -> Material:
        """The material for a judgement on credentials with these lists."""
        newest = self._newest.fetch([uri for uri in uris if uri in fetchable])
        anchored = believed.snapshot.lists if believed.snapshot else {}
        lists = {uri: _copies(anchored.get(uri), newest.get(uri)) for uri in uris}
        return Material(
            trust=believed.trust, lists=lists, log=believed.log, is_replayed=is_replayed
        )

    def refresh(self) -> None:
        """Ask the register for everything; what cannot be believed changes nothing."""
        self._asked_at = self._clock()
        known = self._believed or self._load()
        log_text = known.log_text if known else self._get("/policy", MAX_DOCUMENT_BYTES)
        trust_text = self._get("/trust", MAX_DOCUMENT_BYTES).strip()
        log = self._readers.read_log_policy(log_text)
        trust = self._readers.read_trust(trust_text)
        if known is not None and trust.version < known.trust.version:
            logger.warning("the register served an older trust registry")
            trust, trust_text = known.trust, known.trust_text
        believed = Believed(trust, trust_text, log, log_text, known.snapshot if known else None)
        believed = self._with_snapshot(believed)
        self._save(believed, known)
        self._believed = believed

    def _with_snapshot(self, believed: Believed) -> Believed:
        known = believed.snapshot
        try:
            text = self._get("/snapshot", MAX_SNAPSHOT_BYTES)
            if known is not None and text == known.text:
                return believed
            snapshot = read_snapshot(text, log=believed.log)
        except (_Unusable, LedgerError, EncodingError) as error:
            logger.warning("the snapshot is not usable: %s", error)
            return believed
        if known is not None and snapshot.epoch < known.epoch:
            logger.warning("the register served an older snapshot")
            return believed
        return Believed(
            believed.trust, believed.trust_text, believed.log, believed.log_text, snapshot
        )

    def _is_too_old(self, believed: Believed, max_age: timedelta | None) -> bool:
        now = self._clock()
        if now >= believed.trust.expires_at or believed.snapshot is None:
            return True
        return max_age is not None and now - believed.snapshot.time > max_age

    def _refresh_if_due(self) -> None:
        with self._lock:
            asked_at, now = self._asked_at, self._clock()
            if asked_at is not None and now - asked_at < RETRY_AFTER:
                return
            try:
                self.refresh()
            except (_Unusable, LedgerError, EncodingError) as error:
                logger.warning("the register did not help: %s", error)

    def _get(self, path: str, max_bytes: int) -> str:
        try:
            answer = self._fetcher.get(self._register_url + path, accept="*/*", max_bytes=max_bytes)
        except (FetchError, UnsafeUrl) as error:
            raise _Unusable(f"the register did not answer {path}") from error
        if answer.status != HTTP_OK:
            raise _Unusable(f"the register answered {answer.status} to {path}")
        return answer.body.decode("utf-8", errors="strict")

    def _load(self) -> Believed | None:
        with self._database.reading() as session:
            found = {
                kind: store.load_material(session, kind) for kind in ("log", "trust", "snapshot")
            }
        log, trust, snapshot = found["log"], found["trust"], found["snapshot"]
        if log is None or trust is None:
            return None
        policy = self._readers.read_log_policy(log.text)
        self._believed = Believed(
            self._readers.read_trust(trust.text),
            trust.text,
            policy,
            log.text,
            read_snapshot(snapshot.text, log=policy) if snapshot else None,
        )
        return self._believed

    def _save(self, believed: Believed, known: Believed | None) -> None:
        if known == believed:
            return
        now = self._clock()
        with self._database.writing() as session:
            store.save_material(session, "log", version=1, text=believed.log_text, now=now)
            store.save_material(
                session,
                "trust",
                version=believed.trust.version,
                text=believed.trust_text,
                now=now,
            )
            if believed.snapshot is not None:
                store.save_material(
                    session,
                    "snapshot",
                    version=believed.snapshot.epoch,
                    text=believed.snapshot.text,
                    now=now,
                )


def read_snapshot(text: str, *, log: QuorumPolicy) -> Snapshot:
    """A snapshot in which every list is anchored in the epoch that it claims."""
    document = parse_object(text, max_bytes=MAX_SNAPSHOT_BYTES, max_members=MAX_SNAPSHOT_MEMBERS)
    epoch, time, items = document.get("epoch"), document.get("time"), document.get("lists")
    if not isinstance(epoch, int) or not isinstance(items, list):
        raise _Unusable("a snapshot has an epoch and lists")
    lists: dict[str, ListCopy] = {}
    for item in items:
        uri, copy = _read_list(item, log=log, epoch=epoch)
        lists[uri] = copy
    return Snapshot(epoch=epoch, time=_read_time(time), lists=lists, text=text)


def _read_list(item: JsonValue, *, log: QuorumPolicy, epoch: int) -> tuple[str, ListCopy]:
    if not isinstance(item, dict):
        raise _Unusable("a list of a snapshot is an object")
    uri, token = item.get("uri"), item.get("token")
    if not isinstance(uri, str) or not isinstance(token, str):
        raise _Unusable("a list of a snapshot has a uri and a token")
    proof = parse_anchor_proof(item.get("proof"))
    anchor = verify_anchor(proof, policy=log, uri=uri, token=token.encode())
    if anchor.epoch != epoch:
        raise _Unusable("a list is anchored in another epoch than its snapshot")
    return uri, ListCopy(token=token, proof=proof)


def _read_time(time: JsonValue) -> datetime:
    if isinstance(time, bool) or not isinstance(time, int):
        raise _Unusable("the time of a snapshot is in unix seconds")
    return datetime.fromtimestamp(time, tz=UTC)


def _copies(anchored: ListCopy | None, newest: str | None) -> tuple[ListCopy, ...]:
    copies = (anchored,) if anchored is not None else ()
    if newest is None or (anchored is not None and anchored.token == newest):
        return copies
    return (*copies, ListCopy(token=newest, proof=None))
