"""The chains of a `ledgers.json` for somebody who only reads: no key file is opened, none signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cityhall.errors import DeskError
from ledger.chain import Chain, LogHead
from ledger.contract import HeadSignature
from ledger.errors import Malformed
from ledger.evm import EvmChain, EvmPlace
from ledger.evm_ledger import NAMESPACE, build_transport
from ledger.json_rpc import Node
from ledger.ledgers_file import LedgerEntry, load_ledgers
from runtime.fetch import Fetcher


class ReaderSigns(DeskError):
    """A reader was asked to sign; that is a bug."""

    code = "reader_signs"


@dataclass(frozen=True, slots=True)
class NoKey:
    """Stands where the keys of a chain stand."""

    address: bytes = b""

    def sign_head(
        self, head: LogHead, *, origin: str, chain_id: int, contract: bytes
    ) -> HeadSignature:
        """A monitor anchors nothing."""
        del head, origin, chain_id, contract
        raise ReaderSigns("a monitor signs no head")

    def sign_transaction(
        self, *, to: bytes | None, data: bytes, nonce: int, fee: int, gas: int, chain_id: int
    ) -> tuple[bytes, bytes]:
        """A monitor sends nothing."""
        del to, data, nonce, fee, gas, chain_id
        raise ReaderSigns("a monitor signs no transaction")


def load_readers(path: Path | None, *, origin: str, fetcher: Fetcher) -> Sequence[Chain]:
    """Each chain of the file, to be read."""
    if path is None:
        return ()
    try:
        entries = load_ledgers(path, namespaces=(NAMESPACE,))
    except Malformed as error:
        raise DeskError(str(error)) from error
    return [_build(entry, origin=origin, fetcher=fetcher) for entry in entries]


def _build(entry: LedgerEntry, *, origin: str, fetcher: Fetcher) -> Chain:
    transport = build_transport(fetcher)
    return EvmChain(
        place=EvmPlace(
            chain_id=int(entry.reference) if entry.reference.isdecimal() else 0,
            contract=entry.contract,
            governor=entry.governor,
            origin=origin,
            finality=entry.finality,
            cadence=entry.cadence,
            max_fee=entry.max_fee,
        ),
        nodes=tuple(Node(url, transport) for url in entry.nodes),
        threshold=entry.agree,
        ledger_key=NoKey(),
        relayer=NoKey(),
    )
