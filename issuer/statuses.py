"""
Changes the status of a credential: valid <-> suspended, either -> revoked, which is final.

1. one transaction: the status of the record, which all its copies share, and the audit row
2. the lists that hold a copy are built, signed and published; the change is visible at once
3. the officer gets a signed receipt: list, index, status, and the time of the epoch by which the
   change must be public. A monitor that holds the receipt can prove that it is not (ledger 7).

Acknowledged means that step 1 is on disk. If step 2 fails, the next tick of the publisher does it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.jose import sign_jws
from credentials.model import Status, StatusReference
from credentials.status import build_key_header
from encoding.strict_json import JsonValue
from issuer.actors import Actor, require_officer
from issuer.agencies import status_key
from issuer.errors import BadRequest, IssuerError, NoSuchCredential, StatusIsFinal
from issuer.office import Office
from issuer.status_publisher import publish_lists
from issuer.store import agencies, credentials, offers, status_lists
from issuer.store.credentials import CredentialRecord
from runtime import audit
from runtime.errors import RuntimeServiceError
from runtime.failpoints import failpoint

RECEIPT_TYPE = "revocation-receipt+jwt"
MAX_REASON = 300
DUE_EPOCHS = 2
"""The epoch that is open now may be closing already; the one after it must hold the change."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the officer holds in hand. `references`: every copy, the issued ones first."""

    text: str
    record: CredentialRecord
    references: tuple[StatusReference, ...]
    due_at: datetime
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
    is_published = _publish(office, agency, sorted({number for number, _ in entries}))
    return _sign_receipt(office, record, entries=entries, is_published=is_published)


def _publish(office: Office, agency: str, numbers: list[int]) -> bool:
    """Publish now if it can be done; if not, the lists stay due and the publisher's tick does."""
    try:
        publish_lists(office, agency, numbers)
    except (RuntimeServiceError, IssuerError):
        return False
    return True


def _sign_receipt(
    office: Office,
    record: CredentialRecord,
    *,
    entries: tuple[tuple[int, int], ...],
    is_published: bool,
) -> Receipt:
    now = office.clock()
    due_at = now + timedelta(seconds=DUE_EPOCHS * office.settings.epoch_seconds)
    references = tuple(
        StatusReference(office.status_list_url(record.agency, number), index)
        for number, index in entries
    )
    first = references[0] if references else None
    claims: dict[str, JsonValue] = {
        "iss": office.credential_issuer(record.agency),
        "iat": int(now.timestamp()),
        "status": record.status.value,
        "list": first.uri if first else None,
        "index": first.index if first else None,
        "entries": [{"list": each.uri, "index": each.index} for each in references],
        "due_epoch_time": int(due_at.timestamp()),
    }
    with office.database.reading() as session:
        agency = agencies.load_agency(session, record.agency)
    chain = agency.status_x5c if agency else ()
    text = sign_jws(
        claims,
        type=RECEIPT_TYPE,
        signer=office.status_signer(record.agency),
        header=build_key_header(x5c=chain, key_id=status_key(office, record.agency).thumbprint),
    )
    return Receipt(text, record, references, due_at, is_published)
