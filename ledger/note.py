"""
Signed notes, checkpoints, cosignatures and quorum policies, byte for byte as C2SP has them:
signed-note, tlog-checkpoint, tlog-cosignature (Ed25519 and ML-DSA-44) and tlog-policy.

Nothing is believed before a known key signed it: `parse_note` checks shape only,
`verify_checkpoint` says whether a policy's log and quorum stand behind a checkpoint. Pure.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from ledger import ml_dsa
from ledger.errors import Malformed, NoteRefused
from ledger.merkle import HASH_BYTES
from ledger.vkey import (
    COSIGNATURE,
    ED25519,
    MAX_TIMESTAMP,
    ML_DSA_44,
    NoteSigner,
    VerifierKey,
    check_name,
    cosigned_message,
    decode_base64,
    is_signed,
    parse_verifier_key,
)

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "ML_DSA_44",
    "Checkpoint",
    "Cosignature",
    "Group",
    "NoteSignature",
    "NoteSigner",
    "QuorumPolicy",
    "SignedNote",
    "VerifierKey",
    "WitnessedCheckpoint",
    "build_checkpoint_text",
    "build_cosignature",
    "build_note",
    "build_signature_line",
    "cosignature_time",
    "parse_checkpoint_text",
    "parse_note",
    "parse_signature_line",
    "parse_size",
    "parse_verifier_key",
    "sign_note",
    "verify_checkpoint",
    "verify_note",
]

MAX_NOTE_BYTES = 128 * 1024
"""Sixteen signatures of 5 kB in base64 must fit: signed-note, "Format"."""
MAX_SIGNATURES = 64
MAX_SIZE = 2**63 - 1
_DASH = "\N{EM DASH} "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, not verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note as read: its text, ending in a newline, and every signature line."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's statement: at `time` the largest consistent tree I had seen was this one."""

    key: VerifierKey
    time: datetime


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint that the log signed and a quorum cosigned."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of the members, each a witness or another group."""

    threshold: int
    members: "tuple[VerifierKey | Group, ...]"

    def is_met(self, keys: frozenset[VerifierKey]) -> bool:
        """Whether cosignatures of these keys reach the threshold."""
        return self.threshold <= sum(
            member.is_met(keys) if isinstance(member, Group) else member in keys
            for member in self.members
        )


@dataclass(frozen=True, slots=True)
class QuorumPolicy:
    """
    Which log and which witnesses count. Without `group`, `threshold` of `witnesses` must have
    cosigned; `group` states a nested rule in its place. `other_logs`: keys that are accepted
    beside `log` while the log changes its key. A threshold of 0 is the explicit `quorum none`.
    """

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    threshold: int
    group: Group | None = field(default=None)
    other_logs: tuple[VerifierKey, ...] = field(default=())

    def is_met(self, keys: frozenset[VerifierKey]) -> bool:
        """Whether cosignatures of these keys are enough."""
        return (self.group or Group(self.threshold, self.witnesses)).is_met(keys)


def parse_note(text: str) -> SignedNote:
    """The text and signature lines of a note; nothing is verified."""
    _check_note_text(text)
    body, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Malformed("a note ends in a blank line and signatures", detail="malformed_note")
    signature_lines = lines[:-1].split("\n")
    if len(signature_lines) > MAX_SIGNATURES:
        raise Malformed("the note has too many signatures", detail="malformed_note")
    return SignedNote(
        text=body + "\n", signatures=tuple(parse_signature_line(line) for line in signature_lines)
    )


def parse_signature_line(line: str) -> NoteSignature:
    """One signature line, without its newline."""
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise Malformed("a signature line has a dash, name, signature", detail="malformed_note")
    check_name(parts[0])
    decoded = decode_base64(parts[1])
    if len(decoded) < 5:
        raise Malformed("the signature is too short", detail="malformed_note")
    return NoteSignature(name=parts[0], key_id=decoded[:4], signature=decoded[4:])


def build_signature_line(key: VerifierKey, signature: bytes) -> str:
    """A signature line with its newline."""
    return f"{_DASH}{key.name} {base64.b64encode(key.key_id + signature).decode()}\n"


def build_note(text: str, signature_lines: Sequence[str]) -> str:
    """A note from its text and its signature lines."""
    return text + "\n" + "".join(signature_lines)


def sign_note(text: str, *, key: VerifierKey, signer: NoteSigner) -> str:
    """A note with one Ed25519 signature (type 0x01)."""
    return build_note(text, [build_signature_line(key, signer.sign(text.encode()))])


def build_cosignature(text: str, *, key: VerifierKey, signer: NoteSigner, now: datetime) -> str:
    """
    The signature line by which a witness cosigns a checkpoint's text at `now`; with an ML-DSA-44
    key also the line by which a log signs it.
    """
    timestamp = int(now.timestamp())
    if key.signature_type == ML_DSA_44:
        message = _tree_message(text, key, timestamp)
    else:
        message = cosigned_message(text, timestamp)
    signature = signer.sign(message)
    return build_signature_line(key, timestamp.to_bytes(8, "big") + signature)


def verify_note(
    note: SignedNote, *, keys: Sequence[VerifierKey]
) -> tuple[tuple[VerifierKey, NoteSignature], ...]:
    """
    The signatures by known keys, one for each key. A wrong signature of a known key refuses the
    whole note, and so does a note that no known key signed. Unknown keys are ignored.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[VerifierKey, NoteSignature] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not _holds(note.text, key, line.signature):
            raise NoteRefused(f"the signature of {key.name} is wrong", detail="bad_signature")
        verified.setdefault(key, line)
    if not verified:
        raise NoteRefused("no known key signed the note", detail="no_known_signature")
    return tuple(verified.items())


def parse_checkpoint_text(text: str) -> Checkpoint:
    """The text of a checkpoint, without signatures: tlog-checkpoint, "Note text"."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Malformed("a checkpoint has an origin, a size and a root", detail="bad_checkpoint")
    root = decode_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise Malformed("the root is not a SHA-256 hash", detail="bad_checkpoint")
    return Checkpoint(
        origin=lines[0], size=parse_size(lines[1]), root=root, extensions=tuple(lines[3:-1])
    )


def build_checkpoint_text(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    root = base64.b64encode(checkpoint.root).decode()
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    return "".join(line + "\n" for line in lines)


@lru_cache(maxsize=256)
def verify_checkpoint(text: str, policy: QuorumPolicy) -> WitnessedCheckpoint:
    """
    The checkpoint in a signed note, once a log key of the policy signed it, its origin is that
    key's name, and the quorum of witnesses cosigned it. Remembered: a pure function of the bytes.
    """
    note = parse_note(text)
    logs = (policy.log, *policy.other_logs)
    verified = verify_note(note, keys=(*logs, *policy.witnesses))
    checkpoint = parse_checkpoint_text(note.text)
    if not any(key in logs and key.name == checkpoint.origin for key, _ in verified):
        raise NoteRefused("the log did not sign the checkpoint", detail="no_log_signature")
    witnesses = frozenset(policy.witnesses)
    cosignatures = tuple(
        Cosignature(key=key, time=cosignature_time(line))
        for key, line in verified
        if key in witnesses and _states_a_time(key, line)
    )
    if not policy.is_met(frozenset(cosignature.key for cosignature in cosignatures)):
        raise NoteRefused("too few witnesses cosigned the checkpoint", detail="no_quorum")
    return WitnessedCheckpoint(checkpoint=checkpoint, cosignatures=cosignatures)


def cosignature_time(line: NoteSignature) -> datetime:
    """When a cosignature says it was made."""
    timestamp = int.from_bytes(line.signature[:8], "big")
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("the time of a cosignature is out of range") from error


def parse_size(text: str) -> int:
    """A tree size or index: decimal, no sign, no leading zero, within 63 bits."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise Malformed("a size is a decimal number", detail="bad_checkpoint")
    size = int(text)
    if str(size) != text or size > MAX_SIZE:
        raise Malformed("a size is a decimal number", detail="bad_checkpoint")
    return size


def _holds(text: str, key: VerifierKey, signature: bytes) -> bool:
    """Whether this key made this signature on a note's text."""
    if key.signature_type != ML_DSA_44:
        return is_signed(text, key, signature)
    timestamp = int.from_bytes(signature[:8], "big")
    if timestamp > MAX_TIMESTAMP:
        return False
    try:
        message = _tree_message(text, key, timestamp)
    except Malformed:
        return False  # such a key signs trees only
    return ml_dsa.is_signed(message, public_key=key.public_key, signature=signature[8:])


def _tree_message(text: str, key: VerifierKey, timestamp: int) -> bytes:
    head = parse_checkpoint_text(text)
    return ml_dsa.build_tree_message(
        cosigner=key.name,
        timestamp=timestamp,
        origin=head.origin,
        size=head.size,
        root=head.root,
    )


def _states_a_time(key: VerifierKey, line: NoteSignature) -> bool:
    """An ML-DSA-44 cosignature without a time does not say that the tree was the newest."""
    return key.signature_type != ML_DSA_44 or any(line.signature[:8])


def _check_note_text(text: str) -> None:
    if len(text) > MAX_NOTE_BYTES:
        raise Malformed("the note is too large", detail="malformed_note")
    if _CONTROL.search(text):
        raise Malformed("the note holds a control character", detail="malformed_note")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("the note is not Unicode text", detail="malformed_note") from error
