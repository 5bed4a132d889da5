"""
The invariants of kept receipts, as `./city fsck` checks them: each is the text that was signed, by
its agency's status key, about copies of its own record; none promises what the record never was.

Each breach is one sentence without personal data. A change whose receipt was lost in a crash is no
breach: nobody saw that receipt.
"""

import base64
import binascii
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.errors import CredentialError
from credentials.jose import verify_jws
from credentials.keys import PublicKey
from credentials.model import Status
from credentials.receipt import Receipt, SignedReceipt, parse_receipt
from credentials.x509 import parse_leaf_key
from issuer.store.agencies import load_agencies
from issuer.store.receipts import digest_receipt
from issuer.store.rows import CredentialRow, ReceiptRow
from issuer.store.status_lists import load_references
from runtime.database import Database


def check_receipts(database: Database) -> list[str]:
    """Every breach, in words; nothing when all is well."""
    with database.reading() as session:
        return list(_breaches(session))


def _breaches(session: Session) -> Iterator[str]:
    certified = {agency.name for agency in load_agencies(session) if agency.status_x5c}
    records = {row.id: row for row in session.scalars(select(CredentialRow))}
    newest: dict[str, Receipt] = {}
    statement = select(ReceiptRow).order_by(col(ReceiptRow.issued_at), col(ReceiptRow.digest))
    for row in session.scalars(statement):
        name = f"receipt {row.digest[:12]}"
        record = records.get(row.credential)
        if record is None or record.agency != row.agency:
            yield f"{name} is about a record of no or another agency"
            continue
        if digest_receipt(row.text) != row.digest:
            yield f"{name} is not the text that was kept"
            continue
        try:
            signed = parse_receipt(row.text)
        except CredentialError as error:
            yield f"{name} cannot be read: {error}"
            continue
        yield from _check_content(session, row, signed.receipt, name=name)
        if row.agency in certified and not _is_signed(signed):
            yield f"{name} has a signature that does not hold"
        newest[row.credential] = signed.receipt
    yield from _check_newest(newest, records)


def _check_content(
    session: Session, row: ReceiptRow, receipt: Receipt, *, name: str
) -> Iterator[str]:
    if not receipt.issuer.endswith(f"/agencies/{row.agency}"):
        yield f"{name} speaks for another agency"
    if int(receipt.issued_at.timestamp()) != row.issued_at:
        yield f"{name} was issued at another time than is known"
    own = {
        (f"{receipt.issuer}/status/{number}", index)
        for number, index in load_references(session, row.credential)
    }
    if not {(entry.uri, entry.index) for entry in receipt.entries} <= own:
        yield f"{name} promises entries that are not its record's"


def _check_newest(newest: dict[str, Receipt], records: dict[str, CredentialRow]) -> Iterator[str]:
    """A promise of revocation is final, whatever came after it."""
    for credential, receipt in sorted(newest.items()):
        status = records[credential].status
        if receipt.status is Status.REVOKED and status != Status.REVOKED:
            yield f"credential {credential} was promised to be revoked and is {status}"


def _is_signed(signed: SignedReceipt) -> bool:
    key = _leaf_key(signed)
    return key is not None and verify_jws(signed.jws, key)


def _leaf_key(signed: SignedReceipt) -> PublicKey | None:
    """The key that the receipt itself names: which one was the agency's then, the trust tells."""
    chain = signed.jws.header.get("x5c")
    if not isinstance(chain, list) or not chain:
        return None
    try:
        return parse_leaf_key(base64.b64decode(str(chain[0]), validate=True))
    except (CredentialError, binascii.Error, ValueError):
        return None
