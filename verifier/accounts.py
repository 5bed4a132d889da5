"""
Inspectors and businesses: a one-time link, then a passkey; no passwords.

An account begins when the operator asks for a link. Whoever opens it registers a passkey, which
spends the link. The challenge of a ceremony lives in a web session without a subject, so it is
bound to one browser and gone after one try. Every refusal reads the same (S-118).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Request

from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue
from runtime import audit, passkeys
from runtime.clock import Clock
from runtime.database import Database
from runtime.failpoints import failpoint
from runtime.passkeys import PasskeyRecord, PasskeyRefused
from runtime.web_sessions import WebSession, WebSessions
from verifier.errors import EnrolmentRefused, SignInRefused
from verifier.store.accounts import (
    Account,
    StoredPasskey,
    add_account,
    add_enrolment,
    add_passkey,
    find_enrolment,
    load_passkey,
    move_sign_count,
    spend_enrolment,
)

LINK_LIFETIME = timedelta(hours=24)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Doorman:
    """What the door needs: where accounts are kept, and the name under which passkeys are made."""

    database: Database
    clock: Clock
    web_sessions: WebSessions
    base_url: str
    city_name: str

    @property
    def rp_id(self) -> str:
        """The relying party of passkeys: this host."""
        return urlsplit(self.base_url).hostname or ""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A passkey ceremony that has begun: what the browser needs, and its session."""

    options: dict[str, JsonValue]
    session: WebSession


def create_account(door: Doorman, *, role: str, name: str, actor: str) -> tuple[Account, str]:
    """A new account and its enrolment link; the secret stands behind the # and is not logged."""
    account = Account(id=secrets.token_urlsafe(12), role=role, name=name)
    token, now = secrets.token_urlsafe(SECRET_BYTES), door.clock()
    with failpoint("verifier.create_account"), door.database.writing() as session:
        add_account(session, account, now=now)
        add_enrolment(
            session,
            token_hash=_hash(token),
            account_id=account.id,
            expires_at=now + LINK_LIFETIME,
        )
        audit.record(
            session,
            clock=door.clock,
            actor=actor,
            action="verifier.create_account",
            subject=account.id,
            detail={"role": role},
        )
    return account, f"{door.base_url}/enrol/#{token}"


def begin_enrolment(door: Doorman, token: str) -> Ceremony:
    """Start to register a passkey for whom the link was made."""
    with door.database.reading() as session:
        account = find_enrolment(session, token_hash=_hash(token), now=door.clock())
    if account is None:
        raise EnrolmentRefused("the link was used or is too old")
    challenge = secrets.token_bytes(SECRET_BYTES)
    options = passkeys.registration_options(
        rp_id=door.rp_id,
        rp_name=door.city_name,
        user_id=account.id.encode(),
        user_name=account.name,
        challenge=challenge,
    )
    content: dict[str, JsonValue] = {
        "challenge": base64url.encode(challenge),
        "enrolment": _hash(token),
    }
    return Ceremony(options, door.web_sessions.create(subject="", content=content))


def finish_enrolment(
    door: Doorman, session: WebSession, response: Mapping[str, JsonValue]
) -> WebSession:
    """Keep the passkey, spend the link, and sign in."""
    challenge, token_hash = _read_ceremony(door, session, "enrolment")
    try:
        record = passkeys.verify_registration(
            response=response,
            expected_challenge=challenge,
            expected_origin=door.base_url,
            expected_rp_id=door.rp_id,
        )
    except PasskeyRefused as error:
        raise EnrolmentRefused("the passkey was not accepted") from error
    now = door.clock()
    with failpoint("verifier.enrol"), door.database.writing() as database:
        account = find_enrolment(database, token_hash=token_hash, now=now)
        if account is None or not spend_enrolment(database, token_hash=token_hash, now=now):
            raise EnrolmentRefused("the link was used or is too old")
        stored = StoredPasskey(
            credential_id=base64url.encode(record.credential_id),
            account=account,
            public_key=record.public_key,
            sign_count=record.sign_count,
        )
        add_passkey(database, stored, now=now)
        audit.record(
            database,
            clock=door.clock,
            actor=account.id,
            action="verifier.enrol",
            subject=account.id,
            detail={},
        )
    return _sign_in(door, session, account)


def begin_sign_in(door: Doorman) -> Ceremony:
    """Start to sign in; the person picks the passkey, so no name is asked for."""
    challenge = secrets.token_bytes(SECRET_BYTES)
    options = passkeys.authentication_options(rp_id=door.rp_id, challenge=challenge)
    content: dict[str, JsonValue] = {"challenge": base64url.encode(challenge), "sign_in": "passkey"}
    return Ceremony(options, door.web_sessions.create(subject="", content=content))


def finish_sign_in(
    door: Doorman, session: WebSession, response: Mapping[str, JsonValue]
) -> WebSession:
    """Check the passkey and sign in."""
    challenge, _kind = _read_ceremony(door, session, "sign_in")
    try:
        identifier = base64url.encode(passkeys.credential_id(response))
        with door.database.reading() as database:
            stored = load_passkey(database, identifier)
        if stored is None:
            raise SignInRefused("signing in did not work")
        verified = passkeys.verify_authentication(
            response=response,
            passkey=_build_record(stored),
            expected_challenge=challenge,
            expected_origin=door.base_url,
            expected_rp_id=door.rp_id,
        )
    except PasskeyRefused as error:
        raise SignInRefused("signing in did not work") from error
    with failpoint("verifier.sign_in"), door.database.writing() as database:
        if not move_sign_count(
            database, identifier, old=stored.sign_count, new=verified.sign_count
        ):
            raise SignInRefused("signing in did not work")
    return _sign_in(door, session, stored.account)


def require_ceremony(door: Doorman, request: Request) -> WebSession:
    """The browser's session of a ceremony that has begun."""
    session = door.web_sessions.require(request)
    if session.subject:
        raise SignInRefused("no ceremony has begun")
    return session


def _sign_in(door: Doorman, session: WebSession, account: Account) -> WebSession:
    content: dict[str, JsonValue] = {"role": account.role, "name": account.name}
    return door.web_sessions.rotate(session, subject=account.id, content=content)


def _read_ceremony(door: Doorman, session: WebSession, kind: str) -> tuple[bytes, str]:
    """The challenge, which is gone after this one try."""
    challenge, value = session.content.get("challenge"), session.content.get(kind)
    if not isinstance(challenge, str) or not isinstance(value, str):
        raise SignInRefused("no ceremony has begun")
    door.web_sessions.update(session, {})
    try:
        return base64url.decode(challenge), value
    except EncodingError as error:
        raise SignInRefused("no ceremony has begun") from error


def _build_record(stored: StoredPasskey) -> PasskeyRecord:
    return PasskeyRecord(
        credential_id=base64url.decode(stored.credential_id),
        public_key=stored.public_key,
        sign_count=stored.sign_count,
        is_backed_up=False,
    )


def _hash(token: str) -> str:
    return base64url.encode(hashlib.sha256(token.encode()).digest())
