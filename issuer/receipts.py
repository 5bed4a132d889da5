"""
Receipts of status changes: signed, kept, shown, exported, and handed to the register.

A receipt is kept before the officer sees it. The register gets a copy on a later tick, so that its
page and anybody's monitor know what is due; a register that is away loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from credentials.model import StatusReference
from credentials.receipt import Receipt, sign_receipt
from credentials.status import build_key_header
from issuer.actors import Actor, require_officer
from issuer.agencies import status_key
from issuer.office import Office
from issuer.store import agencies, receipts
from issuer.store.credentials import CredentialRecord
from issuer.store.receipts import KeptReceipt
from runtime.failpoints import failpoint

DUE_EPOCHS = 2
"""The epoch that is open now may be closing already; the one after it must hold the change."""
MAX_EXPORT = 1000
MOST_AT_ONCE = 100


def keep_receipt(
    office: Office,
    record: CredentialRecord,
    *,
    entries: Sequence[StatusReference],
    due_epoch: int | None,
) -> tuple[Receipt, str]:
    """Sign what was promised and keep it; the receipt and its text."""
    now = office.clock().replace(microsecond=0)
    receipt = Receipt(
        issuer=office.credential_issuer(record.agency),
        issued_at=now,
        status=record.status,
        entries=tuple(entries),
        due_at=now + timedelta(seconds=DUE_EPOCHS * office.settings.epoch_seconds),
        due_epoch=due_epoch,
    )
    with office.database.reading() as session:
        agency = agencies.load_agency(session, record.agency)
    chain = agency.status_x5c if agency else ()
    text = sign_receipt(
        receipt,
        signer=office.status_signer(record.agency),
        header=build_key_header(x5c=chain, key_id=status_key(office, record.agency).thumbprint),
    )
    with failpoint("issuer.keep_receipt"), office.database.writing() as session:
        receipts.record_receipt(
            session, agency=record.agency, credential=record.id, text=text, issued_at=now
        )
    return receipt, text


def list_receipts(
    office: Office, *, actor: Actor, since: datetime, limit: int = MAX_EXPORT
) -> tuple[KeptReceipt, ...]:
    """The officer's own agency's receipts, oldest first."""
    agency = require_officer(actor)
    with office.database.reading() as session:
        return receipts.load_receipts(
            session, agency=agency, credential=None, since=since, limit=min(limit, MAX_EXPORT)
        )


def newest_receipt(office: Office, *, actor: Actor, credential: str) -> KeptReceipt | None:
    """The receipt of a record's last change."""
    agency = require_officer(actor)
    with office.database.reading() as session:
        return receipts.load_newest_receipt(session, agency=agency, credential=credential)


def hand_over_receipts(office: Office) -> int:
    """Give the register what it does not keep yet; how many it took."""
    with office.database.reading() as session:
        waiting = receipts.load_unhanded(session, limit=MOST_AT_ONCE)
    taken = 0
    for kept in waiting:
        with failpoint("issuer.hand_receipt"):
            if not office.register.submit_receipt(kept.text):
                continue
        with office.database.writing() as session:
            receipts.record_handed(session, kept.digest)
        taken += 1
    return taken
