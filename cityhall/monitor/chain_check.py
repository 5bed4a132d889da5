"""
Chains that carry the log's head: whether what is final there is ours, and how far it is behind.

A head of a size that the log has must have the log's root of that size, by its tiles; a head that
is larger than the log was made by somebody else, or this register lost epochs.
"""

from collections.abc import Sequence
from pathlib import Path

from cityhall.monitor.findings import Report
from cityhall.monitor.log_check import Head
from cityhall.monitor.public_log import PublicLog
from cityhall.monitor.seen import keep_evidence
from ledger.chain import Chain, ChainHead
from ledger.errors import ChainUnavailable, ForeignChain
from ledger.merkle import root_at


def check_chains(
    log: PublicLog, head: Head, chains: Sequence[Chain], report: Report, *, evidence: Path
) -> None:
    """Ask every chain for its final head."""
    for chain in chains:
        try:
            final = chain.head(at="final")
        except ChainUnavailable as error:
            report.note("ledger_away", f"{chain.caip2} cannot be asked: {error}")
            continue
        except ForeignChain as error:
            report.breach("ledger_foreign", f"{chain.caip2} is not what it should be: {error}")
            continue
        report.lags[chain.caip2] = head.checkpoint.size - (final.head.size if final else 0)
        if final is not None and not _is_ours(log, head, final):
            name = keep_evidence(evidence, "ledger_fork", head.note, _describe(chain, final))
            report.breach(
                "ledger_fork",
                f"{chain.caip2} holds a head of {final.head.size} epochs that is not the log's:"
                f" both are in {name}",
            )


def _is_ours(log: PublicLog, head: Head, final: ChainHead) -> bool:
    size = final.head.size
    if not 0 < size <= head.checkpoint.size:
        return False
    return root_at(log.nodes(head.checkpoint.size), size) == final.head.root


def _describe(chain: Chain, final: ChainHead) -> str:
    return (
        f"{chain.caip2} block {final.height} {final.block_hash.hex()}:"
        f" epoch {final.head.epoch} size {final.head.size} root {final.head.root.hex()}\n"
    )
