"""
Bitcoin as a ledger, by OpenTimestamps: the SHA-256 of a checkpoint's text, attested hours later.

A head is handed to public calendars, which fold many digests into one transaction; their answers
are pending until they name the block. A block counts only by its header: enough work, linked to
the headers above it, and the Merkle root that the proof leads to. The calendars need not be
trusted for that. What was stamped lies on a shelf that is handed in; nothing else is remembered.
Bitcoin knows nothing of our log: a rollback is refused here and found by whoever reads all proofs.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Final, Protocol

from ledger.bitcoin import BlockHeader, displayed, parse_header
from ledger.chain import At, ChainHead, Finality, FinalityKind, LogHead, Prepared, check_caip2
from ledger.errors import ChainUnavailable, ForeignChain, Malformed
from ledger.note import (
    Checkpoint,
    build_checkpoint_text,
    parse_checkpoint_text,
    parse_size,
)
from ledger.timestamp_proof import (
    InBitcoin,
    Path,
    Pending,
    TimestampProof,
    build_proof,
    parse_proof,
    parse_timestamp,
)
from ledger.transport import HttpRequest, Transport

MAX_OPEN_STAMPS: Final = 8
"""Pending stamps that are asked for again; older ones are covered by newer heads."""
_MEDIA_TYPE: Final = "application/octet-stream"
_NO_BLOCK: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A head and its proof, as the `.ots` file."""

    head: LogHead
    proof: bytes


class Shelf(Protocol):
    """Where stamps are kept. Writing one is durable before it returns."""

    def stamps(self) -> Sequence[Stamp]:
        """All of them, the newest head last."""

    def put(self, stamp: Stamp) -> None:
        """Add it, or take the place of the one of the same head."""


Headers = Callable[[int], bytes | None]
"""The 80 bytes of the block at a height; None while it is not known."""


@dataclass(frozen=True, slots=True)
class TimestampSettings:
    """Which chain, whose calendars, and when a block is deep enough."""

    caip2: str
    origin: str
    calendars: tuple[str, ...]
    quorum: int
    """How many calendars must have taken a digest."""
    confirmations: int
    """Blocks above the one that attests."""
    easiest_target: int
    """A header that names an easier one is no header."""
    cadence: timedelta


@dataclass(frozen=True, slots=True)
class OpenTimestamps:
    """The driver."""

    settings: TimestampSettings
    shelf: Shelf
    headers: Headers
    transport: Transport
    finality: Finality = field(default=Finality(FinalityKind.ATTESTED), init=False)

    def __post_init__(self) -> None:
        check_caip2(self.settings.caip2)
        if not 0 < self.settings.quorum <= len(self.settings.calendars):
            raise Malformed("a quorum of calendars is of them", detail="malformed_settings")

    @property
    def caip2(self) -> str:
        """bip122 and the first half of the hash of the chain's first block."""
        return self.settings.caip2

    @property
    def cadence(self) -> timedelta:
        """As configured; a day is usual."""
        return self.settings.cadence

    @property
    def enforces_append_only(self) -> bool:
        """Bitcoin sees a Merkle root and nothing of ours."""
        return False

    def head(self, *, at: At) -> ChainHead | None:
        """`latest`: stamped. `final`: in a block that is deep enough; asks the calendars first."""
        self._check_chain()
        stamps = self.shelf.stamps()
        _check_grows(stamps)
        if at == "latest":
            return ChainHead(stamps[-1].head, 0, _NO_BLOCK) if stamps else None
        self.upgrade()
        for stamp in reversed(self.shelf.stamps()):
            found = self.attested(stamp)
            if found is not None:
                return found
        return None

    def next_nonce(self) -> int:
        """How many heads were stamped."""
        return len(self.shelf.stamps())

    def suggested_fee(self) -> int:
        """Calendars take none."""
        return 0

    def prepare(
        self,
        head: LogHead,
        *,
        since: LogHead | None,
        proof: Sequence[bytes],  # noqa: ARG002 - nothing on that chain could check it
        nonce: int,
        fee: int,
    ) -> Prepared:
        """The checkpoint's text and its digest. A head that does not extend `since` is refused."""
        if since is not None and not (head.epoch > since.epoch and head.size > since.size):
            raise ForeignChain("this head does not extend the chain's", detail="rollback_refused")
        text = checkpoint_text(self.settings.origin, head)
        digest = hashlib.sha256(text.encode()).digest()
        return Prepared(nonce, fee, f"{head.epoch}\n{text}".encode(), digest)

    def broadcast(self, prepared: Prepared) -> None:
        """Hand the digest to the calendars and keep their answers, if enough of them took it."""
        head = _read_prepared(prepared.raw, self.settings.origin)
        if any(stamp.head == head for stamp in self.shelf.stamps()):
            return
        paths: list[Path] = []
        taken = 0
        for calendar in self.settings.calendars:
            answer = self._submit(calendar, prepared.digest)
            taken += bool(answer)
            paths += [path for path in answer if path not in paths]
        if taken < self.settings.quorum:
            raise ChainUnavailable(f"{taken} calendars took the digest")
        self.shelf.put(Stamp(head, build_proof(TimestampProof(prepared.digest, tuple(paths)))))

    def upgrade(self) -> None:
        """Ask the calendars for the blocks of what is still pending."""
        waiting = [each for each in self.shelf.stamps() if not self._blocks(each)]
        for stamp in waiting[-MAX_OPEN_STAMPS:]:
            proof = self._read_stamp(stamp)
            more = [path for each in proof.paths for path in self._ask_again(each)]
            fresh = [path for path in dict.fromkeys(more) if path not in proof.paths]
            if fresh:
                paths = (*proof.paths, *fresh)
                self.shelf.put(Stamp(stamp.head, build_proof(TimestampProof(proof.digest, paths))))

    def attested(self, stamp: Stamp) -> ChainHead | None:
        """The block that holds this head, when one is deep enough; None when none is yet."""
        for path in self._read_stamp(stamp).paths:
            if not isinstance(path.attestation, InBitcoin):
                continue
            height = path.attestation.height
            header = self._deep_header(height)
            if header is not None:
                check_attestation(path, header)
                return ChainHead(stamp.head, height, header.digest)
        return None

    def _check_chain(self) -> None:
        first = self._header(0)
        if first is None or not displayed(first.digest).startswith(_reference(self.caip2)):
            raise ForeignChain(f"these headers are not of {self.caip2}", detail="foreign_chain_id")

    def _header(self, height: int) -> BlockHeader | None:
        raw = self.headers(height)
        # The first block is known by its name; its work is from an easier time.
        easiest = self.settings.easiest_target if height else 1 << 256
        return None if raw is None else parse_header(raw, easiest_target=easiest)

    def _deep_header(self, height: int) -> BlockHeader | None:
        found = previous = self._header(height)
        for above in range(height + 1, height + 1 + self.settings.confirmations):
            header = self._header(above)
            if header is None or previous is None:
                return None
            if header.previous != previous.digest:
                raise ForeignChain("the headers are no chain", detail="broken_header_chain")
            previous = header
        return found

    def _read_stamp(self, stamp: Stamp) -> TimestampProof:
        proof = parse_proof(stamp.proof)
        text = checkpoint_text(self.settings.origin, stamp.head)
        if proof.digest != hashlib.sha256(text.encode()).digest():
            raise ForeignChain("the proof is of another head", detail="foreign_timestamp")
        return proof

    def _blocks(self, stamp: Stamp) -> bool:
        paths = self._read_stamp(stamp).paths
        return any(isinstance(path.attestation, InBitcoin) for path in paths)

    def _submit(self, calendar: str, digest: bytes) -> tuple[Path, ...]:
        """Its paths; none when it did not take the digest or made no sense."""
        request = HttpRequest("POST", f"{calendar}/digest", digest, _MEDIA_TYPE)
        return self._paths(request, digest)

    def _ask_again(self, path: Path) -> list[Path]:
        """Paths from a pending one to blocks whose headers are known and agree."""
        attestation = path.attestation
        if not isinstance(attestation, Pending):
            return []
        if attestation.address not in self.settings.calendars:
            return []
        address = f"{attestation.address}/timestamp/{path.message.hex()}"
        answer = self._paths(HttpRequest("GET", address), path.message)
        return [
            Path((*path.operations, *each.operations), each.message, each.attestation)
            for each in answer
            if isinstance(each.attestation, InBitcoin) and self._agrees(each, each.attestation)
        ]

    def _agrees(self, path: Path, attestation: InBitcoin) -> bool:
        header = self._header(attestation.height)
        return header is not None and header.merkle_root == path.message

    def _paths(self, request: HttpRequest, message: bytes) -> tuple[Path, ...]:
        try:
            answer = self.transport(request)
            return parse_timestamp(answer.body, message) if answer.status == 200 else ()
        except (ChainUnavailable, Malformed):
            return ()


def checkpoint_text(origin: str, head: LogHead) -> str:
    """The text that is stamped: a checkpoint, which anyone can fetch from the log."""
    return build_checkpoint_text(Checkpoint(origin, head.size, head.root))


def check_attestation(path: Path, header: BlockHeader) -> None:
    """Whether the path leads to this header's Merkle root."""
    if path.message != header.merkle_root:
        raise ForeignChain("the block does not hold this", detail="attestation_mismatch")


def _reference(caip2: str) -> str:
    return caip2.partition(":")[2]


def _check_grows(stamps: Sequence[Stamp]) -> None:
    heads = [stamp.head for stamp in stamps]
    for older, newer in pairwise(heads):
        if newer.epoch <= older.epoch or newer.size <= older.size:
            raise ForeignChain("a stamped head does not extend the last", detail="rolled_back")


def _read_prepared(raw: bytes, origin: str) -> LogHead:
    epoch, _, text = raw.decode("utf-8", "replace").partition("\n")
    checkpoint = parse_checkpoint_text(text)
    head = LogHead(parse_size(epoch), checkpoint.size, checkpoint.root)
    if checkpoint_text(origin, head) != text:
        raise Malformed("this was prepared for another log", detail="malformed_head")
    return head
