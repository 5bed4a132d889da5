"""
Staples and epoch heads as bytes: deterministic CBOR, each value in one form, read strictly. Pure.

    staple = [1, epoch, entry, trust]  or  [1, epoch, entry, trust, head]
    entry  = [chunk, chunk path, version, bits, size, token digest, place, list path]
    trust  = [statement, place]  or  [statement, place, count, path]
    head   = [time, lists, ahead, log path, log signatures, cosignatures, cosignature times]

    epoch head = [1, epoch, lists root, trust root, head, trust leaf hashes]

A path is its hashes in one byte string. A signature is the four bytes of its key id and the 64 of
the signature, all of a kind in one byte string; the time of a cosignature is told from the epoch's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Final

from encoding.cbor import CborValue, build_cbor, parse_cbor
from encoding.errors import Malformed as EncodingMalformed
from ledger.epoch import CHUNK_BYTES, EpochLeaf
from ledger.epoch_proof import MAX_PATH, EpochProof
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES
from ledger.note import (
    MAX_SIGNATURES,
    MAX_SIZE,
    Checkpoint,
    QuorumPolicy,
    SignedNote,
    build_checkpoint_text,
    parse_checkpoint_text,
    parse_note,
)
from ledger.staple import (
    EntryPath,
    EpochHead,
    Staple,
    StapledHead,
    StapledSignature,
    TrustPath,
    rebuild_note,
)

MAX_STAPLE_BYTES: Final = 16 * 1024
MAX_HEAD_BYTES: Final = 1 << 20
MEDIA_TYPE: Final = "application/cbor"
_FORMAT = 1
_SIGNATURE_BYTES = 4 + 64
_MAX_TIME = 253_402_300_799
_MAX_STATEMENT = 4096


def build_staple(staple: Staple) -> bytes:
    """The bytes of a staple."""
    entry, trust = staple.entry, staple.trust
    parts: list[object] = [
        _FORMAT,
        staple.epoch,
        (
            entry.data,
            b"".join(entry.chunk_path),
            entry.version,
            entry.bits,
            entry.size,
            entry.token_digest,
            entry.place,
            b"".join(entry.list_path),
        ),
        (trust.statement, trust.place)
        if trust.path is None
        else (trust.statement, trust.place, trust.count, b"".join(trust.path)),
    ]
    if staple.head is not None:
        parts.append(_build_head(staple.head))
    return build_cbor(parts)


def parse_staple(data: bytes) -> Staple:
    """A staple from its bytes; nothing is verified."""
    parts = _parse(data, max_bytes=MAX_STAPLE_BYTES)
    if len(parts) not in (4, 5) or _number(parts[0]) != _FORMAT:
        raise _fault("a staple has four or five parts")
    epoch = _number(parts[1], least=1)
    staple = Staple(
        epoch=epoch,
        entry=_parse_entry(_items(parts[2], 8)),
        trust=_parse_trust(_items(parts[3], 2, 4)),
        head=_parse_head(_items(parts[4], 7), epoch) if len(parts) == 5 else None,
    )
    if staple.head is not None and staple.trust.path is None:
        raise _fault("a staple with its head has the path of its trust leaf")
    return staple


def build_epoch_head(head: EpochHead) -> bytes:
    """The bytes of an epoch's head."""
    leaf = head.proof.leaf
    return build_cbor(
        (
            _FORMAT,
            leaf.epoch,
            leaf.lists_root,
            leaf.trust_root,
            _build_head(staple_head(head.proof)),
            b"".join(head.trust),
        )
    )


def parse_epoch_head(data: bytes, *, policy: QuorumPolicy) -> EpochHead:
    """An epoch's head from its bytes, names by this policy; AnchorError if no log of it signed."""
    parts = _parse(data, max_bytes=MAX_HEAD_BYTES)
    if len(parts) != 6 or _number(parts[0]) != _FORMAT:
        raise _fault("the head of an epoch has six parts")
    epoch = _number(parts[1], least=1)
    head = _parse_head(_items(parts[4], 7), epoch)
    leaf = EpochLeaf(
        epoch=epoch,
        time=datetime.fromtimestamp(head.seconds, UTC),
        lists=head.lists,
        lists_root=_bytes(parts[2], HASH_BYTES),
        trust_root=_bytes(parts[3], HASH_BYTES),
    )
    note = rebuild_note(leaf, head, policy)
    proof = EpochProof(leaf=leaf, index=epoch - 1, path=head.path, checkpoint=note)
    return EpochHead(proof=proof, trust=_split(parts[5], HASH_BYTES, most=MAX_HEAD_BYTES))


def staple_head(proof: EpochProof) -> StapledHead:
    """The compact form of the way from an epoch to a cosigned checkpoint."""
    note = parse_note(proof.checkpoint)
    checkpoint = parse_checkpoint_text(note.text)
    if build_checkpoint_text(Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root)) != (
        note.text
    ):
        raise _fault("a checkpoint with extension lines has no compact form")
    return StapledHead(
        seconds=int(proof.leaf.time.timestamp()),
        lists=proof.leaf.lists,
        ahead=checkpoint.size - proof.leaf.epoch,
        path=proof.path,
        signatures=_read_signatures(note),
    )


def _read_signatures(note: SignedNote) -> tuple[StapledSignature, ...]:
    """Those of Ed25519: the log's first, then cosignatures; others are no part of a staple."""
    own = [
        StapledSignature(line.key_id, line.signature, None)
        for line in note.signatures
        if len(line.signature) == 64
    ]
    seen = [
        StapledSignature(line.key_id, line.signature[8:], int.from_bytes(line.signature[:8], "big"))
        for line in note.signatures
        if len(line.signature) == 8 + 64
    ]
    return (*own, *seen)


def _build_head(head: StapledHead) -> tuple[object, ...]:
    own = [each for each in head.signatures if each.seconds is None]
    seen = [each for each in head.signatures if each.seconds is not None]
    return (
        head.seconds,
        head.lists,
        head.ahead,
        b"".join(head.path),
        b"".join(each.key_id + each.signature for each in own),
        b"".join(each.key_id + each.signature for each in seen),
        [each.seconds - head.seconds for each in seen if each.seconds is not None],
    )


def _parse_head(items: Sequence[CborValue], epoch: int) -> StapledHead:
    seconds = _number(items[0], most=_MAX_TIME)
    own = _split(items[4], _SIGNATURE_BYTES, most=MAX_SIGNATURES)
    seen = _split(items[5], _SIGNATURE_BYTES, most=MAX_SIGNATURES)
    times = _items(items[6], len(seen))
    return StapledHead(
        seconds=seconds,
        lists=_number(items[1]),
        ahead=_number(items[2], most=MAX_SIZE - epoch),
        path=_split(items[3], HASH_BYTES),
        signatures=(
            *map(_signature, own, repeat(None)),
            *(
                _signature(each, seconds + _number(time, least=-seconds, most=_MAX_TIME - seconds))
                for each, time in zip(seen, times, strict=True)
            ),
        ),
    )


def _signature(data: bytes, seconds: int | None) -> StapledSignature:
    return StapledSignature(data[:4], data[4:], seconds)


def _parse_entry(items: Sequence[CborValue]) -> EntryPath:
    data, bits = items[0], _number(items[3])
    if not isinstance(data, bytes) or not 0 < len(data) <= CHUNK_BYTES:
        raise _fault("a chunk has 1 to 64 bytes")
    if bits not in (1, 2, 4, 8):
        raise _fault("an entry has 1, 2, 4 or 8 bits")
    return EntryPath(
        data=data,
        chunk_path=_split(items[1], HASH_BYTES),
        version=_number(items[2]),
        bits=bits,
        size=_number(items[4]),
        token_digest=_bytes(items[5], HASH_BYTES),
        place=_number(items[6]),
        list_path=_split(items[7], HASH_BYTES),
    )


def _parse_trust(items: Sequence[CborValue]) -> TrustPath:
    statement = items[0]
    if not isinstance(statement, bytes) or len(statement) > _MAX_STATEMENT:
        raise _fault("the statement of a trust leaf is bytes")
    return TrustPath(
        statement=statement,
        place=_number(items[1]),
        count=_number(items[2]) if len(items) == 4 else 0,
        path=_split(items[3], HASH_BYTES) if len(items) == 4 else None,
    )


def _parse(data: bytes, *, max_bytes: int) -> list[CborValue]:
    try:
        value = parse_cbor(data, max_bytes=max_bytes, max_depth=4)
    except EncodingMalformed as error:
        raise _fault("the staple cannot be read") from error
    if not isinstance(value, list):
        raise _fault("a staple is an array")
    return value


def _items(value: CborValue, *counts: int) -> list[CborValue]:
    if not isinstance(value, list) or len(value) not in counts:
        raise _fault("a part of the staple has the wrong length")
    return value


def _number(value: CborValue, *, least: int = 0, most: int = MAX_SIZE) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _fault("a number of the staple is out of range")
    return value


def _bytes(value: CborValue, size: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise _fault("a digest of the staple is not 32 bytes")
    return value


def _split(value: CborValue, width: int, *, most: int = MAX_PATH) -> tuple[bytes, ...]:
    """Pieces of one width in one byte string."""
    if not isinstance(value, bytes) or len(value) % width or len(value) > most * width:
        raise _fault("a path or signature of the staple has the wrong length")
    return tuple(value[start : start + width] for start in range(0, len(value), width))


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_staple")
