"""
Officers: how a person comes to work for an agency, and signs in.

The operator makes a one-time link; the person opens it and registers a passkey. There are no
passwords. Challenges belong to the caller's browser session, who hands each in once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue
from issuer.actors import OFFICER, Actor, require_operator
from issuer.agencies import require_known
from issuer.errors import BadRequest, NoSuchEnrolment, NoSuchPasskey
from issuer.office import Office
from issuer.store import officers as store
from issuer.store.officers import Enrolment, Officer, Passkey
from issuer.tickets import derive_ticket, digest_ticket, draw_ticket
from runtime import audit, passkeys
from runtime.failpoints import failpoint
from runtime.passkeys import PasskeyRecord

ENROLMENT_LIFE = timedelta(days=3)
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are valid: the origin of the portal and its host."""

    origin: str
    host: str


def build_site(office: Office) -> Site:
    """The portal's own site."""
    parts = urlsplit(office.base_url)
    return Site(f"{parts.scheme}://{parts.netloc}", parts.hostname or "")


def make_enrolment(office: Office, *, actor: Actor, agency: str, name: str) -> str:
    """A one-time link with which a person becomes an officer of this agency."""
    require_operator(actor)
    require_known(office, agency)
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise BadRequest(f"a name of 1 to {MAX_NAME} characters is needed")
    ticket = draw_ticket()
    with failpoint("issuer.enrolment"), office.database.writing() as session:
        store.add_enrolment(
            session,
            digest=digest_ticket(ticket),
            agency=agency,
            officer_name=name.strip(),
            expires_at=office.clock() + ENROLMENT_LIFE,
        )
        audit.record(
            session,
            clock=office.clock,
            actor=actor.subject,
            action="enrolment_link",
            subject=agency,
            detail={},
        )
    return f"{office.base_url}/enrol/{ticket}"


def open_enrolment(office: Office, ticket: str) -> Enrolment:
    """Whom a link was made for, while it can be used."""
    with office.database.reading() as session:
        enrolment = store.load_enrolment(session, digest_ticket(ticket), now=office.clock())
    if enrolment is None:
        raise NoSuchEnrolment("the enrolment link is unknown, used or over")
    return enrolment


def begin_enrolment(office: Office, ticket: str, *, challenge: bytes) -> dict[str, JsonValue]:
    """What the browser needs to make a passkey."""
    enrolment = open_enrolment(office, ticket)
    return passkeys.registration_options(
        rp_id=build_site(office).host,
        rp_name=office.settings.city_name,
        user_id=_derive_officer(ticket).encode(),
        user_name=enrolment.officer_name,
        challenge=challenge,
    )


def finish_enrolment(
    office: Office, ticket: str, *, response: Mapping[str, JsonValue], expected_challenge: bytes
) -> Officer:
    """Use the link up: the person is an officer now, with this passkey."""
    enrolment = open_enrolment(office, ticket)
    site = build_site(office)
    record = passkeys.verify_registration(
        response=response,
        expected_challenge=expected_challenge,
        expected_origin=site.origin,
        expected_rp_id=site.host,
    )
    officer = Officer(_derive_officer(ticket), enrolment.agency, enrolment.officer_name)
    passkey = Passkey(
        id=base64url.encode(record.credential_id),
        officer=officer.id,
        public_key=base64url.encode(record.public_key),
        sign_count=record.sign_count,
    )
    now = office.clock()
    with failpoint("issuer.enrol"), office.database.writing() as session:
        if not store.record_enrolled(
            session, digest=digest_ticket(ticket), officer=officer, passkey=passkey, now=now
        ):
            raise NoSuchEnrolment("the enrolment link is unknown, used or over")
        audit.record(
            session,
            clock=office.clock,
            actor=officer.id,
            action="enrol",
            subject=enrolment.agency,
            detail={},
        )
    return officer


def begin_sign_in(office: Office, *, challenge: bytes) -> dict[str, JsonValue]:
    """What the browser needs to use a passkey; the person picks which."""
    return passkeys.authentication_options(rp_id=build_site(office).host, challenge=challenge)


def finish_sign_in(
    office: Office, *, response: Mapping[str, JsonValue], expected_challenge: bytes
) -> Officer:
    """The officer who answered; an unknown passkey and a wrong answer read alike (S-118)."""
    passkey_id = base64url.encode(passkeys.credential_id(response))
    with office.database.reading() as session:
        known = store.load_passkey(session, passkey_id)
        officer = store.load_officer(session, known.officer) if known else None
    if known is None or officer is None:
        raise NoSuchPasskey("passkey was not accepted")
    site = build_site(office)
    verified = passkeys.verify_authentication(
        response=response,
        passkey=_build_record(known),
        expected_challenge=expected_challenge,
        expected_origin=site.origin,
        expected_rp_id=site.host,
    )
    with failpoint("issuer.sign_in"), office.database.writing() as session:
        store.record_sign_count(session, known, to=verified.sign_count)
        audit.record(
            session,
            clock=office.clock,
            actor=officer.id,
            action="sign_in",
            subject=officer.agency,
            detail={},
        )
    return officer


def actor_of(officer: Officer) -> Actor:
    """The officer, as the work functions know callers."""
    return Actor(subject=officer.id, role=OFFICER, agency=officer.agency)


def _derive_officer(ticket: str) -> str:
    """The officer's id follows from the link, so that both steps of enrolling name the same."""
    return derive_ticket(ticket, purpose="officer")[:22]


def _build_record(passkey: Passkey) -> PasskeyRecord:
    try:
        return PasskeyRecord(
            credential_id=base64url.decode(passkey.id),
            public_key=base64url.decode(passkey.public_key),
            sign_count=passkey.sign_count,
            is_backed_up=False,
        )
    except EncodingError as error:
        raise NoSuchPasskey("passkey was not accepted") from error
