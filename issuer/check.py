"""
What `./city fsck` asks of this counter: its invariants, and what it says it has published.

The second lets the operator compare with the register: both must tell the same of each list.
"""

from dataclasses import dataclass

from credentials.status_lists import read_status_list
from issuer.store import check
from issuer.store.receipt_check import check_receipts
from issuer.store.status_lists import load_publications
from ledger.epoch import token_digest
from runtime.database import Database

__all__ = ["PublishedList", "check", "check_receipts", "published_lists"]


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as the public gets it: its time of issue in seconds, and the digest of its bytes."""

    version: int
    digest: bytes


def published_lists(database: Database) -> dict[str, PublishedList]:
    """Every published list, in each of its three forms, by its address."""
    with database.reading() as session:
        publications = load_publications(session)
    found: dict[str, PublishedList] = {}
    for publication in publications:
        for text in (publication.token, publication.revocation, publication.suspension):
            token = read_status_list(text)
            found[token.uri] = PublishedList(
                version=int(token.issued_at.timestamp()),
                digest=token_digest(text.encode()),
            )
    return found
