"""
An EVM chain from its entry in `ledgers.json`: keys from their files, nodes over the city's HTTP.

Imports eth-account only when a chain is really built, since a city without chains lacks it.
"""

from ledger.chain import Chain
from ledger.errors import ChainUnavailable, Malformed
from ledger.evm import EvmChain, EvmPlace
from ledger.json_rpc import MAX_ANSWER_BYTES, Node, Transport
from ledger.ledgers_file import LedgerEntry
from runtime.errors import FetchError, UnsafeUrl
from runtime.fetch import Fetcher

NAMESPACE = "eip155"


def build_evm_chain(entry: LedgerEntry, *, origin: str, transport: Transport) -> Chain:
    """The driver; `Malformed` when the extra or a key is missing."""
    try:
        from ledger.evm_signer import load_key
    except ImportError as error:
        raise Malformed(
            "EVM chains need the extra citywallet[evm]", detail="evm_not_installed"
        ) from error
    if not entry.reference.isdecimal():
        raise Malformed("an EVM chain is named by its number", detail="malformed_ledgers")
    place = EvmPlace(
        chain_id=int(entry.reference),
        contract=entry.contract,
        governor=entry.governor,
        origin=origin,
        finality=entry.finality,
        cadence=entry.cadence,
        max_fee=entry.max_fee,
    )
    return EvmChain(
        place=place,
        nodes=tuple(Node(url, transport) for url in entry.nodes),
        threshold=entry.agree,
        ledger_key=load_key(entry.ledger_key),
        relayer=load_key(entry.relayer_key),
    )


def build_transport(fetcher: Fetcher) -> Transport:
    """JSON-RPC through the one door for outgoing HTTP."""

    def post(url: str, body: bytes) -> bytes:
        try:
            answer = fetcher.post(url, body, "application/json", max_bytes=MAX_ANSWER_BYTES)
        except (FetchError, UnsafeUrl) as error:
            raise ChainUnavailable("a node does not answer") from error
        if not answer.body:
            raise ChainUnavailable(f"a node answered {answer.status}")
        return answer.body

    return post
