"""
Issues credentials: promise, sign, hand over (OpenID4VCI 1.0 section 8).

1. read the request; check token, key proofs and nonces. What is refused here costs no index
2. promise: in one transaction the offer is taken, indices are drawn and kept, the audit log says so
3. sign every copy with its own index, and verify each signature
4. record: in one transaction the copies count as issued and the claims are forgotten
5. hand over

A crash after 2 burns the indices and nothing else: the promise runs out and the wallet may ask
again. The signed credential is not kept (VCI-I-33). Indices are drawn at random and belong to one
credential for ever (S-063, S-065). Times are rounded to the day, so that copies tell nobody when
they were made (S-090).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from credentials.errors import CredentialError
from credentials.model import Format, Status
from encoding.strict_json import JsonValue
from issuer.agencies import check_accredited, require_known
from issuer.copies import Draft, sign_copy
from issuer.errors import IssuerError, OfferBusy
from issuer.grants import Access, open_access, verify_sender
from issuer.office import BATCH_SIZE, NONCE_LIFE, Office
from issuer.publications import PROOF_ALGORITHMS, binding_methods
from issuer.status_publisher import ensure_room
from issuer.store import credentials as records
from issuer.store import nonces, offers, status_lists
from issuer.store.agencies import Agency
from issuer.tickets import digest_ticket, draw_id, draw_ticket
from openid4vc.errors import CredentialRequestDenied, InvalidNotificationId, InvalidProof
from openid4vc.issuance import (
    build_credential_response,
    build_nonce_response,
    parse_credential_request,
    parse_notification,
    resolve_configuration,
)
from openid4vc.key_proof import KeyProof, verify_key_proofs
from openid4vc.oauth import Authorization
from runtime import audit
from runtime.database import Session
from runtime.errors import RuntimeServiceError
from runtime.failpoints import failpoint

PROOF_WINDOW = timedelta(seconds=300)
PROMISE_LIFE = timedelta(seconds=10)
DRAWS = 8


@dataclass(frozen=True, slots=True)
class Caller:
    """The authorisation of a request as it came in: token, DPoP proofs, and the URL they name."""

    authorization: Authorization
    dpop: Sequence[str]
    url: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Indices that were given to these proofs, for one attempt."""

    intention: str
    number: int
    indices: tuple[int, ...]


def give_nonce(office: Office, *, agency: str) -> dict[str, JsonValue]:
    """A nonce for key proofs (section 7)."""
    require_known(office, agency)
    nonce, now = draw_id(), office.clock()
    with failpoint("issuer.nonce"), office.database.writing() as session:
        nonces.add_nonce(
            session,
            agency=agency,
            digest=digest_ticket(nonce),
            expires_at=now + NONCE_LIFE,
            now=now,
        )
    return build_nonce_response(nonce)


def issue(office: Office, *, agency: str, caller: Caller, body: bytes) -> dict[str, JsonValue]:
    """Answer a credential request."""
    access = _authorise(office, agency, caller)
    issuer = require_known(office, agency)
    proofs = _read_request(office, access, body)
    _check_open(office, access, proofs)
    _check_approved(office, issuer, access)
    promise = _promise(office, access, proofs)
    draft = _build_draft(office, issuer, access, number=promise.number)
    try:
        with failpoint("issuer.sign"):
            copies = [
                sign_copy(office, draft, proof=proof, index=index)
                for proof, index in zip(proofs, promise.indices, strict=True)
            ]
    except (RuntimeServiceError, CredentialError, IssuerError):
        _abandon(office, access, promise)
        raise
    notification = _record(office, access, promise, draft)
    return build_credential_response(
        [copy.text for copy in copies],
        faces=[copy.face for copy in copies],
        notification_id=notification,
        nonce=proofs[0].nonce,
    )


def take_notification(office: Office, *, agency: str, caller: Caller, body: bytes) -> None:
    """Remember what became of the credentials in the wallet (section 11); repeats are welcome."""
    access = _authorise(office, agency, caller)
    notification = parse_notification(body)
    with failpoint("issuer.notification"), office.database.writing() as session:
        is_known = records.record_notification(
            session,
            access.record.id,
            digest_ticket(notification.notification_id),
            event=notification.event.value,
        )
    if not is_known:
        raise InvalidNotificationId("the notification_id is unknown")


def _authorise(office: Office, agency: str, caller: Caller) -> Access:
    with office.database.reading() as session:
        access = open_access(office, session, agency=agency, authorization=caller.authorization)
    verify_sender(
        office, access, authorization=caller.authorization, dpop=caller.dpop, url=caller.url
    )
    return access


def _read_request(office: Office, access: Access, body: bytes) -> tuple[KeyProof, ...]:
    """What is asked for must be what was offered, with proofs that hold here and now."""
    request = parse_credential_request(body, tolerate_single_proof=True)
    configuration = resolve_configuration(
        request,
        granted=(access.configuration,),
        identifiers={access.record.id: access.configuration},
        require_identifier=access.offer.names_credential,
    )
    now = office.clock()
    agency = access.record.agency
    known: dict[str, bool] = {}

    def accepts_nonce(nonce: str) -> bool:
        if nonce not in known:
            with office.database.reading() as session:
                known[nonce] = nonces.has_nonce(
                    session, agency=agency, digest=digest_ticket(nonce), now=now
                )
        return known[nonce]

    if not request.proofs:
        raise InvalidProof(f"{configuration} needs key proofs")
    proofs = verify_key_proofs(
        request.proofs,
        audience=office.credential_issuer(agency),
        now=now,
        window=PROOF_WINDOW,
        accepts_nonce=accepts_nonce,
        algorithms=PROOF_ALGORITHMS,
        binding_methods=binding_methods(Format(access.record.format)),
        batch_size=BATCH_SIZE,
        client_id=access.offer.token_client_id,
    )
    wanted = access.offer.holder_keys
    if wanted and not any(proof.holder_key.thumbprint in wanted for proof in proofs):
        raise InvalidProof("no key proof is by a key that presented")
    return proofs


def _check_open(office: Office, access: Access, proofs: Sequence[KeyProof]) -> None:
    """A credential is handed over once; the same request again is called what it is."""
    if access.offer.state in (offers.OfferState.REDEEMED, offers.OfferState.ISSUING):
        return
    with office.database.reading() as session:
        is_replay = nonces.knows_proof(session, [proof.digest for proof in proofs])
    if is_replay:
        raise InvalidProof("a key proof was used before")
    raise CredentialRequestDenied("the credential was already issued or withdrawn")


def _check_approved(office: Office, issuer: Agency, access: Access) -> None:
    """Sign only what was approved (S-104), by an agency that may still issue it."""
    try:
        check_accredited(issuer, access.record.type)
    except IssuerError as error:
        raise CredentialRequestDenied("the agency may not issue this now") from error
    if records.digest_claims(access.record.id, access.offer.claims) != access.record.claims_digest:
        with failpoint("issuer.alarm"), office.database.writing() as session:
            audit.record(
                session,
                clock=office.clock,
                actor="issuer",
                action="claims_changed",
                subject=access.record.id,
                detail={},
            )
        raise CredentialRequestDenied("the claims are not those that were approved")


def _promise(office: Office, access: Access, proofs: Sequence[KeyProof]) -> Promise:
    """Take the offer and draw an index for each copy; makes room first when there is none."""
    for _ in range(2):
        with failpoint("issuer.promise"), office.database.writing() as session:
            place = status_lists.load_open_list(session, access.record.agency, count=len(proofs))
            if place is not None:
                return _promise_at(office, session, access, proofs, place=place)
        ensure_room(office, access.record.agency, count=len(proofs))
    raise OfferBusy("no status list has room, try again")


def _promise_at(
    office: Office,
    session: Session,
    access: Access,
    proofs: Sequence[KeyProof],
    *,
    place: status_lists.ListState,
) -> Promise:
    now, intention = office.clock(), draw_id()
    _take_offer(session, access, intention=intention, now=now)
    digests = [proof.digest for proof in proofs]
    if not nonces.claim_proofs(
        session,
        offer=access.offer.credential,
        digests=digests,
        expires_at=now + NONCE_LIFE,
        now=now,
    ):
        raise InvalidProof("a key proof was used before")
    indices = _draw(session, access, place=place, intention=intention, count=len(proofs))
    record = records.load_credential(session, access.record.agency, access.record.id)
    is_visible = record is None or record.status is not Status.VALID
    status_lists.count_allocated(session, place, count=len(indices), is_visible=is_visible)
    audit.record(
        session,
        clock=office.clock,
        actor="wallet",
        action="promise",
        subject=access.record.id,
        detail={"list": place.number, "copies": len(indices)},
    )
    return Promise(intention, place.number, indices)


def _take_offer(session: Session, access: Access, *, intention: str, now: datetime) -> None:
    if offers.record_promised(
        session, access.offer, intention=intention, until=now + PROMISE_LIFE, now=now
    ):
        return
    offer = offers.load_offer_of(session, access.record.agency, access.record.id)
    if offer is not None and offer.state is offers.OfferState.ISSUING:
        raise OfferBusy("this credential is being issued, try again in a moment")
    raise CredentialRequestDenied("the credential was already issued or withdrawn")


def _draw(
    session: Session,
    access: Access,
    *,
    place: status_lists.ListState,
    intention: str,
    count: int,
) -> tuple[int, ...]:
    """Indices that nobody can foresee. The list is at most half full, so few draws are in vain."""
    chosen: list[int] = []
    for _ in range(DRAWS * count):
        missing = count - len(chosen)
        if not missing:
            break
        drawn = secrets.SystemRandom().sample(range(place.size), missing)
        chosen += status_lists.reserve_indices(
            session, place, credential=access.record.id, intention=intention, drawn=drawn
        )
    if len(chosen) < count:
        raise OfferBusy("no status list has room, try again")
    # The database answers in its own order; the copies must not follow it.
    secrets.SystemRandom().shuffle(chosen)
    return tuple(chosen)


def _build_draft(office: Office, issuer: Agency, access: Access, *, number: int) -> Draft:
    credential_type = office.catalog.by_name(access.record.type)
    issued_at = _start_of_day(office.clock())
    valid_until = issued_at + credential_type.validity
    if access.offer.valid_until is not None:
        valid_until = min(valid_until, access.offer.valid_until)
    return Draft(
        agency=issuer,
        type=credential_type,
        format=Format(access.record.format),
        claims=access.offer.claims,
        links=access.offer.links,
        list_number=number,
        issued_at=issued_at,
        valid_until=valid_until,
    )


def _record(office: Office, access: Access, promise: Promise, draft: Draft) -> str:
    """The copies count as issued; answers the notification id."""
    notification = draw_ticket()
    with failpoint("issuer.record"), office.database.writing() as session:
        if not offers.record_kept(session, access.offer, intention=promise.intention):
            raise CredentialRequestDenied("the offer was withdrawn meanwhile")
        status_lists.record_entries_issued(
            session, credential=access.record.id, intention=promise.intention
        )
        records.record_issued(
            session,
            access.record.id,
            copies=len(promise.indices),
            issued_at=office.clock().replace(minute=0, second=0, microsecond=0),
            valid_until=draft.valid_until,
            notification_digest=digest_ticket(notification),
        )
        audit.record(
            session,
            clock=office.clock,
            actor="issuer",
            action="issue",
            subject=access.record.id,
            detail={"copies": len(promise.indices)},
        )
    return notification


def _abandon(office: Office, access: Access, promise: Promise) -> None:
    """Nothing was signed that anybody saw: the indices are burnt, the wallet may try again."""
    with failpoint("issuer.abandon"), office.database.writing() as session:
        offers.record_abandoned(session, access.offer, intention=promise.intention)


def _start_of_day(instant: datetime) -> datetime:
    return datetime.combine(instant.astimezone(UTC).date(), time.min, tzinfo=UTC)
