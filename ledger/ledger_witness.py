"""
A witness that speaks for a chain: it cosigns a checkpoint only when that root is final there.

Its line is a C2SP cosignature (type 0x04) by a key of its own, with this additional statement, so
whoever verifies needs no chain: a policy counts ledgers as it counts witnesses. Beside the chain it
believes its own memory: what it cosigned once must be a prefix of what it cosigns next, also on a
chain that would take anything. Check and memory are one transaction, kept before the line is given.
"""

from collections.abc import Sequence
from datetime import datetime

from ledger import chain_store, log, store
from ledger.chain import Chain, LogHead
from ledger.chain_store import Cosigned
from ledger.errors import Malformed, NoteRefused
from ledger.merkle import verify_consistency
from ledger.note import (
    COSIGNATURE,
    Checkpoint,
    NoteSigner,
    VerifierKey,
    build_cosignature,
    parse_checkpoint_text,
    parse_note,
    verify_note,
)
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint


class LedgerWitness:
    """One chain's voice. `log_keys` are the keys that may sign the log's checkpoints."""

    def __init__(
        self,
        database: Database,
        chain: Chain,
        *,
        key: VerifierKey,
        signer: NoteSigner,
        log_keys: Sequence[VerifierKey],
        clock: Clock,
    ) -> None:
        if key.signature_type != COSIGNATURE:
            raise Malformed("a witness has a key for cosignatures", detail="malformed_vkey")
        self._database = database
        self._chain = chain
        self.key = key
        self._signer = signer
        self._log_keys = tuple(log_keys)
        self._clock = clock

    def cosign(self, note: str, *, proof: Sequence[bytes]) -> str:
        """
        The signature line for this checkpoint. `proof` leads to it from the tree that was cosigned
        last. `NoteRefused` names what is missing: `not_final`, `rollback`, `fork`.
        """
        parsed = parse_note(note)
        verified = verify_note(parsed, keys=self._log_keys)
        head = parse_checkpoint_text(parsed.text)
        if not any(key.name == head.origin for key, _ in verified):
            raise NoteRefused("the log did not sign the checkpoint", detail="no_log_signature")
        final = self._chain.head(at="final")
        if final is None or (final.head.size, final.head.root) != (head.size, head.root):
            raise NoteRefused("the root is not the final one on the chain", detail="not_final")
        return self._keep(parsed.text, head, proof, self._clock())

    def _keep(self, text: str, head: Checkpoint, proof: Sequence[bytes], now: datetime) -> str:
        with failpoint("chain.cosign"), self._database.writing() as session:
            before = chain_store.load_cosigned(session, self.key.vkey)
            if before is not None:
                _check_growth(before, head, proof)
            line = build_cosignature(text, key=self.key, signer=self._signer, now=now)
            kept = Cosigned(size=head.size, root=head.root, line=line)
            chain_store.save_cosigned(session, self.key.vkey, kept)
        return line


def next_to_cosign(
    session: Session, *, witness: VerifierKey, final: LogHead | None
) -> tuple[str, tuple[bytes, ...]] | None:
    """
    The published checkpoint that became final on a chain and that its witness has not cosigned,
    with the proof from the last one; None when there is nothing to do.
    """
    before = chain_store.load_cosigned(session, witness.vkey)
    size = before.size if before else 0
    if final is None or final.size <= size:
        return None
    epoch = store.load_epoch(session, final.size)
    if epoch is None or epoch.witnessed is None:
        return None
    return epoch.witnessed, log.consistency(session, old_size=size, size=final.size)


def _check_growth(before: Cosigned, head: Checkpoint, proof: Sequence[bytes]) -> None:
    if head.size < before.size:
        raise NoteRefused("a larger tree was cosigned already", detail="rollback")
    if not verify_consistency(
        old_size=before.size,
        old_root=before.root,
        size=head.size,
        root=head.root,
        proof=proof,
    ):
        raise NoteRefused("the tree does not grow from the one before", detail="fork")
