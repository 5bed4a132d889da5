"""
Changes the status of a credential: valid <-> suspended, either -> revoked, which is final.

1. one transaction: the status of the record, which all its copies share, and the audit row
2. the lists that hold a copy are built, signed and published; the change is visible at once
3. the officer gets a signed receipt, kept before it is shown: list, index, status, and the epoch
   by which the change must be public. A monitor that holds it can prove that it is not (ledger 7).

Acknowledged means that step 1 is on disk. If step 2 fails, the next tick of the publisher does it.
"""

from dataclasses import dataclass
from datetime import datetime

from credentials.model import Status, StatusReference
from issuer.actors import Actor, require_officer
from issuer.errors import BadRequest, IssuerError, NoSuchCredential, StatusIsFinal
from issuer.office import Office
from issuer.receipts import keep_receipt
from issuer.status_publisher import publish_lists
from issuer.store import credentials, offers, status_lists
from issuer.store.credentials import CredentialRecord
from runtime import audit
from runtime.errors import RuntimeServiceError
from runtime.failpoints import failpoint

MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the officer holds in hand. `references`: every copy, the issued ones first."""

    text: str
    record: CredentialRecord
    references: tuple[StatusReference, ...]
    due_at: datetime
    due_epoch: int | None
    is_published: bool


def change_status(
    office: Office, *, actor: Actor, credential: str, to: Status, reason: str
) -> Receipt:
    """Change it and make the change public."""
    agency = require_officer(actor)
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise BadRequest(f"a reason of 1 to {MAX_REASON} characters is needed")
    with failpoint("issuer.status"), office.database.writing() as session:
        if not credentials.record_status(session, agency, credential, to=to, why=reason.strip()):
            if credentials.load_credential(session, agency, credential) is None:
                raise NoSuchCredential("no such credential")
            raise StatusIsFinal("a revoked credential stays revoked")
        if to is Status.REVOKED and offers.record_offer_withdrawn(session, credential):
            credentials.record_withdrawn(session, credential)
        status_lists.mark_changed(session, agency=agency, credential=credential)
        audit.record(
            session,
            clock=office.clock,
            actor=actor.subject,
            action="status",
            subject=credential,
            detail={"status": to.value, "reason": reason.strip()},
        )
        record = credentials.load_credential(session, agency, credential)
        entries = status_lists.load_references(session, credential)
    if record is None:
        raise NoSuchCredential("no such credential")
    is_published, due_epoch = _publish(office, agency, sorted({number for number, _ in entries}))
    references = tuple(
        StatusReference(office.status_list_url(agency, number), index) for number, index in entries
    )
    promise, text = keep_receipt(office, record, entries=references, due_epoch=due_epoch)
    return Receipt(text, record, references, promise.due_at, due_epoch, is_published)


def _publish(office: Office, agency: str, numbers: list[int]) -> tuple[bool, int | None]:
    """
    Publish now if it can be done; if not, the lists stay due and the publisher's tick does. Also
    the epoch that has them, where the register named it.
    """
    try:
        return True, publish_lists(office, agency, numbers)
    except (RuntimeServiceError, IssuerError):
        return False, None
