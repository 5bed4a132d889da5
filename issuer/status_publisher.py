"""
Publishes status lists: builds, signs, puts in place, hands to the register.

Level-triggered: the store says which lists are behind, whoever notices first brings them up to
date, and doing it twice does no harm. A version is put in place by compare-and-swap on the one
before, so versions only rise whatever runs beside this (I5); `iat` never falls, even when the
machine's clock does. The bytes that the public gets are made here and only read afterwards.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from credentials.model import StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
)
from issuer.agencies import LIST_SIZE, agency_did, status_key
from issuer.errors import NoSuchAgency, PublicationContended
from issuer.office import Office
from issuer.store import status_lists as store
from issuer.store.agencies import Agency, load_agency
from runtime.failpoints import failpoint

ATTEMPTS = 20
LIST_LIFE = timedelta(days=1)
RENEWAL = timedelta(hours=12)
"""A list is signed anew this long before it runs out."""
LEVEL = 6
"""Of the compressor; ledger 3: level 9 costs many times more for some percent of size."""


def publish_list(office: Office, agency: str, number: int) -> store.ListState:
    """Publish one list as its credentials stand now, and hand it to the register if it is up."""
    for _ in range(ATTEMPTS):
        publication = _publish_once(office, agency, number)
        if publication is not None:
            if not office.register.is_resting:
                push_list(office, publication)
            return _load(office, agency, number)
    raise PublicationContended("the list is being published by others")


def publish_lists(office: Office, agency: str, numbers: Sequence[int]) -> None:
    """Publish several lists of one agency."""
    for number in numbers:
        publish_list(office, agency, number)


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
    """Publish every list that is behind or soon runs out; how many there were."""
    with office.database.reading() as session:
        due = store.load_due(session, renew_before=office.clock() + RENEWAL)
    for agency, number in due:
        publish_list(office, agency, number)
    return len(due)


def push_due(office: Office) -> int:
    """Hand over every list that the register has not taken; how many it took."""
    with office.database.reading() as session:
        waiting = [
            publication
            for agency, number in store.load_unpushed(session)
            if (publication := store.load_publication(session, agency, number)) is not None
        ]
    return sum(push_list(office, publication) for publication in waiting)


def push_list(office: Office, publication: store.Publication) -> bool:
    """Hand over one list; False when the register did not take it."""
    with failpoint("issuer.push"):
        is_taken = office.register.submit(publication.token)
    if is_taken:
        with failpoint("issuer.record_push"), office.database.writing() as session:
            store.record_pushed(session, publication)
    return is_taken


def ensure_room(office: Office, agency: str, *, count: int) -> None:
    """Open and publish a further list when none has room for `count` more indices."""
    with office.database.writing() as session:
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
    if issuer is None or before is None:
        raise NoSuchAgency("no such agency")
    issued_at = max(_whole_second(office.clock()), before.issued_at)
    with failpoint("issuer.sign_list"):
        publication = _sign(office, issuer, before, entries=entries, issued_at=issued_at)
    with failpoint("issuer.publish"), office.database.writing() as session:
        is_published = store.record_published(
            session,
            before,
            publication,
            issued_at=issued_at,
            expires_at=issued_at + LIST_LIFE,
        )
    return publication if is_published else None


def _sign(
    office: Office,
    agency: Agency,
    before: store.ListState,
    *,
    entries: Sequence[store.Entry],
    issued_at: datetime,
) -> store.Publication:
    array = StatusArray.all_valid(before.size).with_statuses(
        {entry.index: entry.status for entry in entries}
    )
    url = office.status_list_url(agency.name, before.number)
    did = agency_did(office, agency.name)
    signer = office.status_signer(agency.name)
    expires_at = issued_at + LIST_LIFE
    ttl = timedelta(seconds=office.settings.epoch_seconds)

    def bitstring(purpose: StatusPurpose) -> str:
        return build_bitstring_credential(
            array,
            purpose=purpose,
            uri=f"{url}/{purpose.value}",
            issuer=did,
            valid_from=issued_at,
            valid_until=expires_at,
            ttl=ttl,
            signer=signer,
            key_id=f"{did}#{status_key(office, agency.name).thumbprint}",
            level=LEVEL,
        )

    return store.Publication(
        agency=agency.name,
        number=before.number,
        version=before.version + 1,
        token=build_status_list_token(
            array,
            uri=url,
            issued_at=issued_at,
            expires_at=expires_at,
            ttl=ttl,
            signer=signer,
            x5c=agency.status_x5c,
            key_id=status_key(office, agency.name).thumbprint,
            level=LEVEL,
        ),
        revocation=bitstring(StatusPurpose.REVOCATION),
        suspension=bitstring(StatusPurpose.SUSPENSION),
    )


def _load(office: Office, agency: str, number: int) -> store.ListState:
    with office.database.reading() as session:
        state = store.load_list(session, agency, number)
    if state is None:
        raise NoSuchAgency("no such agency")
    return state


def _whole_second(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
