"""
Gather what a judgement needs, keep it fresh, and remember the newest that was believed.

From the register come its keys (pinned on first sight), the trust registry, and the snapshot of all
status lists with their anchor proofs. They are checked when they arrive, kept in the database and
never replaced by older ones, so that a restart or a register that is away changes no verdict. The
newest copy of a list comes from its issuer (`status_lists.py`).

No URL inside a credential is fetched unless the register's snapshot names it, or the caller has
seen that a trusted issuer signed the credential (S-141).
"""

import hashlib
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from credentials.material import Documents, ListCopy, Material, Memory
from credentials.signature_memory import SignatureMemory
from credentials.trust import TrustRegistry
from credentials.trust_document import read_trust_registry
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from ledger.anchor import parse_anchor_proof, verify_anchor
from ledger.epoch import build_epoch_leaf
from ledger.errors import LedgerError
from ledger.note import QuorumPolicy
from ledger.quorum import parse_policy
from runtime.clock import Clock
from runtime.database import Database
from runtime.failpoints import failpoint
from runtime.fetch import Fetcher, FetchError
from verifier.errors import MaterialUnavailable, VerifierError
from verifier.status_lists import HTTP_OK, NewestLists
from verifier.store.material import load_material, save_material

RETRY_AFTER = timedelta(seconds=1)
"""A register that just answered has nothing newer to say."""
PAUSE_AFTER_FAILURE = timedelta(seconds=15)
"""A register that hangs holds up one request in this time, not every one."""
REMEMBERED_EPOCHS = 1440
"""A day of epochs of a minute."""
MAX_DOCUMENT_BYTES = 1 << 20
MAX_SNAPSHOT_BYTES = 32 << 20
MAX_SNAPSHOT_MEMBERS = 1_000_000

logger = logging.getLogger(__name__)


class Unusable(VerifierError):
    """A document of the register that cannot be believed; the older copy stays."""

    kind = "unavailable"
    code = "material_unavailable"


KINDS = ("log", "trust_keys", "trust", "snapshot")
_UNUSABLE = (Unusable, CredentialError, LedgerError, EncodingError)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All lists of one epoch, each with a proof that was checked."""

    epoch: int
    time: datetime
    lists: Mapping[str, ListCopy]
    text: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The keys of the register: of its log with its witnesses, and of its trust registry."""

    log: QuorumPolicy
    log_text: str
    trust_keys: tuple[PublicKey, ...]
    trust_keys_text: str


@dataclass(frozen=True, slots=True)
class Believed:
    """What is believed at the moment. Replaced as a whole, never changed."""

    pins: Pins
    trust: TrustRegistry
    trust_text: str
    snapshot: Snapshot | None
    memory: Memory

    @property
    def log(self) -> QuorumPolicy:
        """Which log and witnesses count."""
        return self.pins.log


class Gatherer:
    """Owns the believed material of this process."""

    def __init__(
        self,
        *,
        database: Database,
        fetcher: Fetcher,
        clock: Clock,
        register_url: str,
        documents: Documents,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._register_url = register_url
        self._documents = documents
        self._newest = NewestLists(fetcher, clock=clock)
        self._signatures = SignatureMemory()
        self._lock = threading.Lock()
        self._believed: Believed | None = None
        self._quiet_until: datetime | None = None

    def believe(self, *, max_age: timedelta | None) -> Believed:
        """What is believed now; the register is asked first when the snapshot is too old."""
        believed = self._believed or self._load()
        if believed is None or self._is_too_old(believed, max_age):
            self._refresh_if_due()
            believed = self._believed
        if believed is None:
            raise MaterialUnavailable("the register has not said whom to trust")
        return believed

    def look_again(self, believed: Believed) -> Believed:
        """The newest that can be had, for a question that what is believed does not answer."""
        self._refresh_if_due()
        return self._believed or believed

    def gather(
        self,
        believed: Believed,
        uris: Collection[str],
        *,
        fetchable: Collection[str],
        is_replayed: bool,
        proofs: Mapping[str, bool],
    ) -> Material:
        """The material for a judgement on credentials with these lists and external proofs."""
        newest = self._newest.fetch([uri for uri in uris if uri in fetchable])
        anchored = believed.snapshot.lists if believed.snapshot else {}
        lists = {uri: _copies(anchored.get(uri), newest.get(uri)) for uri in uris}
        return Material(
            trust=believed.trust,
            lists=lists,
            log=believed.log,
            is_replayed=is_replayed,
            memory=believed.memory,
            proofs=proofs,
            signatures=self._signatures,
            documents=self._documents,
        )

    def refresh(self) -> None:
        """Ask the register for everything; what cannot be believed changes nothing."""
        self._quiet_until = self._clock() + RETRY_AFTER
        known = self._believed or self._load()
        pins = known.pins if known else self._fetch_pins()
        trust_text = self._get("/trust", MAX_DOCUMENT_BYTES).strip()
        trust = read_trust_registry(trust_text, keys=pins.trust_keys)
        if known is not None and trust.version < known.trust.version:
            logger.warning("the register served an older trust registry")
            trust, trust_text = known.trust, known.trust_text
        snapshot = self._fetch_snapshot(pins.log, known.snapshot if known else None)
        memory = remember(known.memory if known else Memory(), snapshot)
        believed = Believed(pins, trust, trust_text, snapshot, memory)
        if believed != known:
            self._save(believed)
        self._believed = believed

    def _fetch_pins(self) -> Pins:
        """The keys of register and witnesses, believed on first sight and never replaced after."""
        return read_pins(
            log_text=self._get("/policy", MAX_DOCUMENT_BYTES),
            trust_keys_text=self._get("/trust/keys", MAX_DOCUMENT_BYTES),
        )

    def _fetch_snapshot(self, log: QuorumPolicy, known: Snapshot | None) -> Snapshot | None:
        try:
            text = self._get("/snapshot", MAX_SNAPSHOT_BYTES)
            if known is not None and text == known.text:
                return known
            snapshot = read_snapshot(text, log=log)
        except _UNUSABLE as error:
            logger.warning("the snapshot is not usable: %s", error)
            return known
        if known is not None and snapshot.epoch < known.epoch:
            logger.warning("the register served an older snapshot")
            return known
        return snapshot

    def _is_too_old(self, believed: Believed, max_age: timedelta | None) -> bool:
        now = self._clock()
        if now >= believed.trust.expires_at or believed.snapshot is None:
            return True
        return max_age is not None and now - believed.snapshot.time > max_age

    def _refresh_if_due(self) -> None:
        """Ask the register, unless somebody does or just did; who has something does not wait."""
        if not self._lock.acquire(blocking=self._believed is None):
            return
        try:
            if self._quiet_until is None or self._clock() >= self._quiet_until:
                self.refresh()
        except _UNUSABLE as error:
            pause = PAUSE_AFTER_FAILURE if self._believed is not None else RETRY_AFTER
            self._quiet_until = self._clock() + pause
            logger.warning("the register did not help: %s", error)
        finally:
            self._lock.release()

    def _get(self, path: str, max_bytes: int) -> str:
        try:
            answer = self._fetcher.get(self._register_url + path, accept="*/*", max_bytes=max_bytes)
            if answer.status != HTTP_OK:
                raise Unusable(f"the register answered {answer.status} to {path}")
            return answer.body.decode()
        except (FetchError, UnicodeDecodeError) as error:
            raise Unusable(f"the register did not answer {path}") from error

    def _load(self) -> Believed | None:
        """What this counter believed before it was started."""
        with self._database.reading() as session:
            texts = {kind: load_material(session, kind) for kind in KINDS}
        log, keys, trust, snapshot = (texts[kind] for kind in KINDS)
        if log is None or keys is None or trust is None:
            return None
        pins = read_pins(log_text=log.text, trust_keys_text=keys.text)
        shown = read_snapshot(snapshot.text, log=pins.log) if snapshot else None
        self._believed = Believed(
            pins,
            read_trust_registry(trust.text, keys=pins.trust_keys),
            trust.text,
            shown,
            remember(Memory(), shown),
        )
        return self._believed

    def _save(self, believed: Believed) -> None:
        snapshot, now = believed.snapshot, self._clock()
        documents = [
            ("log", 1, believed.pins.log_text),
            ("trust_keys", 1, believed.pins.trust_keys_text),
            ("trust", believed.trust.version, believed.trust_text),
        ]
        if snapshot is not None:
            documents.append(("snapshot", snapshot.epoch, snapshot.text))
        with failpoint("verifier.save_material"), self._database.writing() as session:
            for kind, version, text in documents:
                save_material(session, kind, version=version, text=text, now=now)


def read_pins(*, log_text: str, trust_keys_text: str) -> Pins:
    """The keys that everything else is checked against. No trust key at all is refused."""
    items = parse_object(trust_keys_text).get("keys")
    if not isinstance(items, list) or not items:
        raise Unusable("the register names no key for its trust registry")
    return Pins(
        log=parse_policy(log_text),
        log_text=log_text,
        trust_keys=tuple(parse_jwk(item) for item in items),
        trust_keys_text=trust_keys_text,
    )


def remember(memory: Memory, snapshot: Snapshot | None) -> Memory:
    """The memory with this snapshot in it: a register that rewrites its past is found out."""
    if snapshot is None:
        return memory
    epochs, versions = dict(memory.epochs), dict(memory.versions)
    for uri, copy in snapshot.lists.items():
        if copy.proof is None:
            continue
        leaf = copy.proof.epoch_leaf
        epochs.setdefault(leaf.epoch, hashlib.sha256(build_epoch_leaf(leaf)).digest())
        versions[uri] = max(versions.get(uri, 0), copy.proof.list_leaf.version)
    newest = sorted(epochs)[-REMEMBERED_EPOCHS:]
    return Memory(epochs={epoch: epochs[epoch] for epoch in newest}, versions=versions)


def read_snapshot(text: str, *, log: QuorumPolicy) -> Snapshot:
    """A snapshot in which every list is anchored in the epoch that it claims."""
    document = parse_object(text, max_bytes=MAX_SNAPSHOT_BYTES, max_members=MAX_SNAPSHOT_MEMBERS)
    epoch, time, items = document.get("epoch"), document.get("time"), document.get("lists")
    if not isinstance(epoch, int) or not isinstance(items, list):
        raise Unusable("a snapshot has an epoch and lists")
    lists: dict[str, ListCopy] = {}
    for item in items:
        if isinstance(item, dict) and item.get("token") is None:
            continue  # the register has only the proof left; the issuer still has the list
        uri, copy = _read_list(item, log=log, epoch=epoch)
        lists[uri] = copy
    return Snapshot(epoch=epoch, time=_read_time(time), lists=lists, text=text)


def _read_list(item: JsonValue, *, log: QuorumPolicy, epoch: int) -> tuple[str, ListCopy]:
    if not isinstance(item, dict):
        raise Unusable("a list of a snapshot is an object")
    uri, token = item.get("uri"), item.get("token")
    if not isinstance(uri, str) or not isinstance(token, str):
        raise Unusable("a list of a snapshot has a uri and a token")
    proof = parse_anchor_proof(item.get("proof"))
    anchor = verify_anchor(proof, policy=log, uri=uri, token=token.encode())
    if anchor.epoch != epoch:
        raise Unusable("a list is anchored in another epoch than its snapshot")
    return uri, ListCopy(token=token, proof=proof)


def _read_time(time: JsonValue) -> datetime:
    if isinstance(time, bool) or not isinstance(time, int):
        raise Unusable("the time of a snapshot is in unix seconds")
    return datetime.fromtimestamp(time, tz=UTC)


def _copies(anchored: ListCopy | None, newest: str | None) -> tuple[ListCopy, ...]:
    copies = (anchored,) if anchored is not None else ()
    if newest is None or (anchored is not None and anchored.token == newest):
        return copies
    return (*copies, ListCopy(token=newest, proof=None))
