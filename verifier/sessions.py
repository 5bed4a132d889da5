"""
Ask a wallet by OpenID4VP 1.0 and judge its answer.

A session goes Requested -> Fetched -> Answered | Declined | Expired, by compare-and-swap only: the
question is a signed request object that a wallet may fetch again, the answer counts once, and a
response sent twice, also to another process, changes nothing the second time. Every refusal reads
the same to a wallet (interop 10).

An answer that can be read is judged and recorded, whatever the verdict. One that is not genuine
or not what was asked for is refused on the wire as well (VP-V-12, VP-V-13); one that is genuine
and merely revoked, expired or does not join was delivered properly and is received.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from credentials.errors import CredentialError
from credentials.model import Credential
from credentials.reading import read_presentation
from credentials.verdict import Outcome, Reason, Verdict, build_verdict_json
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue
from openid4vc.dcql import Query, parse_query
from openid4vc.errors import ProtocolError
from openid4vc.matching import build_holding, verify_answer
from openid4vc.presentation import (
    WalletAnswer,
    WalletRefusal,
    build_response_receipt,
    parse_response_form,
)
from openid4vc.request_object import (
    build_request_claims,
    build_request_link,
    build_request_object,
)
from runtime.failpoints import failpoint
from verifier.desk import Desk
from verifier.errors import NoSuchSession, ResponseRefused
from verifier.inspection import Question, gather_proofs, judge
from verifier.purpose import Purpose
from verifier.recording import Occasion, build_record
from verifier.registration import require_certificate
from verifier.store.checks import record_check
from verifier.store.sessions import (
    OPEN_STATES,
    PresentationSession,
    SessionState,
    add_session,
    forget_sessions,
    load_session,
    load_session_by_request,
    move_session,
    release_session,
)

LIFETIME = timedelta(minutes=5)
"""security.md, Limits: nonce/request 5 min."""
KEPT_AFTER_EXPIRY = timedelta(minutes=30)
SECRET_BYTES = 32
REQUEST_ID_BYTES = 16
"""The part of the QR that must not be guessed; 128 bits keep the code small (S-081)."""
DELIVERED = frozenset(
    {
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
        Reason.REVOKED,
        Reason.SUSPENDED,
        Reason.STATUS_UNKNOWN,
        Reason.STATUS_STALE,
        Reason.STATUS_NOT_ANCHORED,
        Reason.ROLLBACK,
        Reason.FORK,
        Reason.OVERDUE,
        Reason.JOIN_FAILED,
    }
)
"""What may be wrong with a presentation that was nevertheless properly delivered."""


@dataclass(frozen=True, slots=True)
class StartedSession:
    """What the starter shows: `link` as a QR, `same_device_link` as a button."""

    session: PresentationSession
    link: str
    same_device_link: str


def start(desk: Desk, purpose: Purpose, *, starter: str, is_same_device: bool) -> StartedSession:
    """Ask a new question."""
    certificate = require_certificate(desk)
    now = desk.clock()
    session = PresentationSession(
        id=_secret(),
        request_id=secrets.token_urlsafe(REQUEST_ID_BYTES),
        purpose=purpose.id,
        starter=starter,
        is_same_device=is_same_device,
        client_id=certificate.client_id,
        nonce=_secret(),
        wallet_state=_secret(),
        state=SessionState.REQUESTED,
        created_at=now,
        expires_at=now + LIFETIME,
        result=None,
        response_code_hash=None,
        is_released=not is_same_device,
    )
    with failpoint("verifier.start_session"), desk.database.writing() as database:
        add_session(database, session)
    request_uri = f"{desk.addresses.verifier}/request/{session.request_id}"
    return StartedSession(
        session=session,
        link=build_request_link(
            client_id=session.client_id, request_uri=request_uri, use_post=True
        ),
        same_device_link=build_request_link(
            client_id=session.client_id,
            request_uri=request_uri,
            endpoint=f"{desk.addresses.wallet}/authorize",
        ),
    )


def build_request(desk: Desk, request_id: str, *, wallet_nonce: str | None) -> str:
    """The signed request object; a wallet may fetch it again (VP-V-04)."""
    session = _load_open(desk, request_id)
    now = desk.clock()
    claims = build_request_claims(
        client_id=session.client_id,
        response_uri=f"{desk.addresses.verifier}/response/{session.request_id}",
        nonce=session.nonce,
        state=session.wallet_state,
        query=_query_of(desk, session),
        now=now,
        lifetime=session.expires_at - now,
        wallet_nonce=wallet_nonce,
    )
    certificate = require_certificate(desk)
    signed = build_request_object(claims, signer=desk.request_signer, x5c=certificate.x5c)
    if session.state is SessionState.REQUESTED:
        with failpoint("verifier.fetch_request"), desk.database.writing() as database:
            move_session(
                database, session.id, old=(SessionState.REQUESTED,), new=SessionState.FETCHED
            )
    return signed


def answer(desk: Desk, request_id: str, form: Mapping[str, str]) -> dict[str, JsonValue]:
    """Take a wallet's response; what is returned goes back to the wallet."""
    try:
        session = _load_open(desk, request_id)
        said = parse_response_form(
            form,
            query=_query_of(desk, session),
            expected_state=session.wallet_state,
            decryption=None,
        )
        if isinstance(said, WalletRefusal):
            return _decline(desk, session)
        return _judge_answer(desk, session, said)
    except (NoSuchSession, ProtocolError, CredentialError, EncodingError) as error:
        raise ResponseRefused from error


def show(
    desk: Desk, session_id: str, *, starter: str, response_code: str | None
) -> dict[str, JsonValue]:
    """The session as its starter may see it; another's is like none."""
    with desk.database.reading() as database:
        session = load_session(database, session_id)
    if session is None or not secrets.compare_digest(session.starter, starter):
        raise NoSuchSession("there is no such session")
    if response_code is not None:
        session = _release(desk, session, response_code)
    shown: dict[str, JsonValue] = {
        "id": session.id,
        "purpose": session.purpose,
        "state": _state_now(desk, session).value,
    }
    if session.result is not None and session.is_released:
        shown.update(session.result)
    return shown


def forget_old_sessions(desk: Desk) -> None:
    """Delete sessions some time after they expired, and the claims with them (S-233)."""
    with desk.database.writing() as database:
        forget_sessions(database, before=desk.clock() - KEPT_AFTER_EXPIRY)


def _judge_answer(
    desk: Desk, session: PresentationSession, said: WalletAnswer
) -> dict[str, JsonValue]:
    purpose = desk.purposes.by_id[session.purpose]
    texts = {query_id: items[0] for query_id, items in said.presentations.items()}
    credentials = {query_id: read_presentation(text) for query_id, text in texts.items()}
    question = Question(
        presentation=texts,
        credentials=[item for items in credentials.values() for item in items],
        purpose=purpose.id,
        policy=purpose.online.policy,
        audience=session.client_id,
        nonce=session.nonce,
        proofs=gather_proofs(desk, texts.values()),
    )
    verdict = judge(desk, question, is_replayed=False)
    holdings = {
        query_id: [build_holding(item, id=query_id) for item in items]
        for query_id, items in credentials.items()
    }
    asked = verify_answer(_query_of(desk, session), holdings)
    verdict = replace(verdict, checks=(*verdict.checks, *asked))
    code = _record_answer(desk, session, verdict, credentials)
    if not _is_delivered(verdict):
        raise ResponseRefused
    return build_response_receipt(redirect_uri=_redirect_uri(desk, session, code))


def _record_answer(
    desk: Desk,
    session: PresentationSession,
    verdict: Verdict,
    credentials: Mapping[str, tuple[Credential, ...]],
) -> str | None:
    code = _secret() if session.is_same_device else None
    occasion = Occasion(purpose=session.purpose, channel="session", checker=session.starter)
    with failpoint("verifier.answer"), desk.database.writing() as database:
        is_first = move_session(
            database,
            session.id,
            old=(SessionState.FETCHED,),
            new=SessionState.ANSWERED,
            result=_build_result(verdict, credentials),
            response_code_hash=_hash(code) if code is not None else None,
        )
        if is_first:
            record_check(database, build_record(verdict, occasion), now=desk.clock())
    if not is_first:
        raise ResponseRefused
    return code


def _build_result(
    verdict: Verdict, credentials: Mapping[str, tuple[Credential, ...]]
) -> dict[str, JsonValue]:
    """Status references and holder keys are of use only when the presentation is genuine."""
    result: dict[str, JsonValue] = {"verdict": build_verdict_json(verdict)}
    if verdict.claims is None:
        return result
    result["statuses"] = {
        query_id: [
            {"uri": item.uri, "index": item.index, "purpose": item.purpose.value}
            for credential in items
            for item in credential.statuses
        ]
        for query_id, items in credentials.items()
    }
    keys = [item.holder_key for items in credentials.values() for item in items]
    result["holder_keys"] = [*dict.fromkeys(key.thumbprint for key in keys if key is not None)]
    return result


def _decline(desk: Desk, session: PresentationSession) -> dict[str, JsonValue]:
    with failpoint("verifier.decline"), desk.database.writing() as database:
        if not move_session(
            database, session.id, old=(SessionState.FETCHED,), new=SessionState.DECLINED
        ):
            raise ResponseRefused
    return build_response_receipt()


def _release(desk: Desk, session: PresentationSession, response_code: str) -> PresentationSession:
    """Spend the one-time code that came back through the browser (S-078)."""
    if session.is_released:
        return session
    with desk.database.writing() as database:
        if not release_session(database, session.id, response_code_hash=_hash(response_code)):
            raise NoSuchSession("there is no such session")
    return replace(session, is_released=True)


def _load_open(desk: Desk, request_id: str) -> PresentationSession:
    with desk.database.reading() as database:
        session = load_session_by_request(database, request_id)
    if session is None or _state_now(desk, session) not in OPEN_STATES:
        raise NoSuchSession("there is no such request")
    return session


def _state_now(desk: Desk, session: PresentationSession) -> SessionState:
    """An open session that nobody answered in time is expired; no clock needs to say so."""
    if session.state in OPEN_STATES and desk.clock() >= session.expires_at:
        return SessionState.EXPIRED
    return session.state


def _is_delivered(verdict: Verdict) -> bool:
    return all(
        check.reason in DELIVERED for check in verdict.checks if check.outcome is not Outcome.PASSED
    )


def _redirect_uri(desk: Desk, session: PresentationSession, code: str | None) -> str | None:
    if code is None:
        return None
    return f"{desk.addresses.verifier}/business/#session={session.id}&response_code={code}"


def _query_of(desk: Desk, session: PresentationSession) -> Query:
    return parse_query(dict(desk.purposes.by_id[session.purpose].online.dcql))


def _secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _hash(code: str) -> str:
    return base64url.encode(hashlib.sha256(code.encode()).digest())
