"""
Publishes status lists: builds, signs, puts in place, hands to the register.

Level-triggered: the store says which lists are behind, whoever notices first brings them up to
date, and doing it twice does no harm. A version is put in place by compare-and-swap on the one
before, so versions only rise whatever runs beside this (I5). `iat` rises with every version, by
which the register tells newer from older; a burst may run some seconds ahead of the clock, then
changes gather for the next tick. When the machine's clock falls back, `iat` does not follow it.
The bytes that the public gets are made here and only read afterwards.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from credentials.model import StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
    read_status_list,
)
from encoding.compression import Effort
from issuer.agencies import LIST_SIZE, agency_did, status_key
from issuer.decoys import CANDIDATES, plan_moves
from issuer.errors import NoSuchAgency, PublicationContended
from issuer.office import Office
from issuer.register_door import Handover, Submission
from issuer.store import status_lists as store
from issuer.store.agencies import Agency, load_agency
from issuer.store.decoys import keep_decoys, load_decoys, load_held
from runtime.failpoints import failpoint

ATTEMPTS = 20
LIST_LIFE = timedelta(days=1)
RENEWAL = timedelta(hours=12)
"""A list is signed anew this long before it runs out."""
MAX_LEAD = timedelta(seconds=30)
"""How far `iat` may run ahead; others allow 60 s of skew."""
CLOCK_FELL = timedelta(minutes=5)
"""A lead beyond this is no burst: the clock is wrong, and the last `iat` goes before it."""


def publish_list(office: Office, agency: str, number: int) -> int | None:
    """
    Publish one list as its credentials stand now, and hand it to the register if it is up; the
    epoch that takes it, where the register said so.
    """
    for _ in range(ATTEMPTS):
        publication = _publish_once(office, agency, number)
        if publication is not None:
            if office.register.is_resting:
                return None
            return push_list(office, publication).epoch
    raise PublicationContended("the list is being published by others")


def publish_lists(office: Office, agency: str, numbers: Sequence[int]) -> int | None:
    """Publish several lists of one agency; the epoch that has all of them, where it is known."""
    epochs = [publish_list(office, agency, number) for number in numbers]
    known = [epoch for epoch in epochs if epoch is not None]
    return max(known) if known and len(known) == len(epochs) else None


def publish_agency(office: Office, agency: str) -> tuple[store.ListState, ...]:
    """Bring every list of an agency up to date and hand it to the register."""
    with office.database.reading() as session:
        lists = store.load_lists(session, agency)
    for place in lists:
        if place.published_change < place.change:
            publish_list(office, agency, place.number)
    push_due(office)
    with office.database.reading() as session:
        return store.load_lists(session, agency)


def publish_due(office: Office) -> int:
    """Publish every list that is behind or soon runs out; how many were published."""
    with office.database.reading() as session:
        due = store.load_due(session, renew_before=office.clock() + RENEWAL)
    published = 0
    for agency, number in due:
        try:
            publish_list(office, agency, number)
        except PublicationContended:
            continue  # it stays due, and the other lists do not wait for it
        published += 1
    return published


def push_due(office: Office) -> int:
    """Hand over every list that the register has not taken; how many it took."""
    with office.database.reading() as session:
        waiting = [
            publication
            for agency, number in store.load_unpushed(session)
            if (publication := store.load_publication(session, agency, number)) is not None
        ]
    handed = [push_list(office, publication).submission for publication in waiting]
    return handed.count(Submission.TAKEN)


def push_list(office: Office, publication: store.Publication) -> Handover:
    """Hand over one list in its three forms, and remember what came of it."""
    forms = (publication.token, publication.revocation, publication.suspension)
    with failpoint("issuer.push"):
        handover = office.register.submit_all(forms)
    if handover.submission is Submission.NOT_TAKEN:
        return handover
    with failpoint("issuer.record_push"), office.database.writing() as session:
        if handover.submission is Submission.TAKEN:
            store.record_pushed(session, publication)
        else:
            # The register knows a newer list: ours is old, or from before a restored backup.
            store.mark_outdated(session, publication)
    return handover


def ensure_room(office: Office, agency: str, *, count: int) -> None:
    """Open and publish a further list when none has room for `count` more indices."""
    with failpoint("issuer.open_list"), office.database.writing() as session:
        has_room = store.load_open_list(session, agency, count=count) is not None
        lists = store.load_lists(session, agency)
        waits = [place.number for place in lists if place.version == 0]
        if not has_room and not waits:
            number = max((place.number for place in lists), default=0) + 1
            store.add_list(session, agency=agency, number=number, size=LIST_SIZE)
            waits = [number]
    if not has_room:
        publish_lists(office, agency, waits)


def _publish_once(office: Office, agency: str, number: int) -> store.Publication | None:
    """1. read one state; 2. sign it in three forms; 3. put it in place, unless outrun."""
    with office.database.reading() as session:
        issuer = load_agency(session, agency)
        before = store.load_list(session, agency, number)
        entries = store.load_entries(session, agency, number)
        decoys = load_decoys(session, agency, number)
        last = store.load_publication(session, agency, number)
        if issuer is None or before is None:
            raise NoSuchAgency("no such agency")
        drawn = secrets.SystemRandom().sample(range(before.size), min(CANDIDATES, before.size))
        held = load_held(session, agency, number, drawn)
    issued_at = _next_issue_time(office.clock(), before)
    real = {entry.index: entry.status for entry in entries}
    array = StatusArray.all_valid(before.size).with_statuses({**decoys, **real})
    fresh = [index for index in drawn if index not in held and index not in decoys]
    moves = plan_moves(
        before=_read(last, array), now=array, decoys=decoys, fresh=fresh, draw=secrets.randbelow
    )
    array = array.with_statuses(moves)
    with failpoint("issuer.sign_list"):
        publication = _sign(office, issuer, before, array=array, issued_at=issued_at)
    with failpoint("issuer.publish"), office.database.writing() as session:
        # A credential may have got one of the indices meanwhile: then it is all drawn again.
        is_published = not load_held(session, agency, number, moves) and store.record_published(
            session,
            before,
            publication,
            issued_at=issued_at,
            expires_at=issued_at + LIST_LIFE,
        )
        if is_published:
            keep_decoys(session, agency, number, moves)
    return publication if is_published else None


def _read(last: store.Publication | None, array: StatusArray) -> StatusArray:
    """What the last version showed; before the first one all entries were valid."""
    if last is None:
        return StatusArray.all_valid(array.size)
    return StatusArray(array.size, read_status_list(last.token).entries)


def _sign(
    office: Office,
    agency: Agency,
    before: store.ListState,
    *,
    array: StatusArray,
    issued_at: datetime,
) -> store.Publication:
    # A change is to be public at once; a list that is only renewed has time to become small.
    effort = Effort.QUICK if before.published_change < before.change else Effort.THOROUGH
    uri = office.status_list_url(agency.name, before.number)
    token = build_status_list_token(
        array,
        uri=uri,
        issued_at=issued_at,
        expires_at=issued_at + LIST_LIFE,
        ttl=_time_to_live(office),
        signer=office.status_signer(agency.name),
        x5c=agency.status_x5c,
        key_id=status_key(office, agency.name).thumbprint,
        effort=effort,
    )
    revocation, suspension = (
        _sign_bitstring(
            office, agency, array, uri=uri, purpose=purpose, issued_at=issued_at, effort=effort
        )
        for purpose in (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
    )
    return store.Publication(
        agency.name, before.number, before.version + 1, token, revocation, suspension
    )


def _sign_bitstring(
    office: Office,
    agency: Agency,
    array: StatusArray,
    *,
    uri: str,
    purpose: StatusPurpose,
    issued_at: datetime,
    effort: Effort,
) -> str:
    did = agency_did(office, agency.name)
    return build_bitstring_credential(
        array,
        purpose=purpose,
        uri=f"{uri}/{purpose.value}",
        issuer=did,
        valid_from=issued_at,
        valid_until=issued_at + LIST_LIFE,
        ttl=_time_to_live(office),
        signer=office.status_signer(agency.name),
        key_id=f"{did}#{status_key(office, agency.name).thumbprint}",
        effort=effort,
    )


def _time_to_live(office: Office) -> timedelta:
    """How long others may keep a list without asking again: one epoch."""
    return timedelta(seconds=office.settings.epoch_seconds)


def _next_issue_time(now: datetime, before: store.ListState) -> datetime:
    """Now in whole seconds, and always later than the version before."""
    now = now.astimezone(UTC).replace(microsecond=0)
    earliest = before.issued_at + timedelta(seconds=1)
    if MAX_LEAD < earliest - now < CLOCK_FELL:
        raise PublicationContended("the list was published too often just now")
    return max(now, earliest)
