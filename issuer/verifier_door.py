"""
The door to the verifier: asks it to question a wallet, and reads what it found.

This counter proves itself with a short token by its own service key. What comes back is believed,
because the verifier of the city is asked over the operator's own address; it is parsed strictly
all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from credentials.keys import Signer
from credentials.model import StatusPurpose, StatusReference
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from issuer.errors import CounterpartUnavailable
from issuer.tickets import draw_id
from openid4vc.oauth import issue_service_token
from runtime.clock import Clock
from runtime.errors import FetchError
from runtime.fetch import Fetched, Fetcher

MAX_ANSWER = 262_144
TOKEN_LIFE = timedelta(minutes=1)
PASSED = "passed"
_OVER = frozenset({"answered", "declined", "expired"})


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A question that waits for a wallet."""

    id: str
    request_uri: str


@dataclass(frozen=True, slots=True)
class SessionResult:
    """
    What came of it. `claims` and `references` are by query id; `verdict` is without its claims.
    """

    is_over: bool
    has_passed: bool
    verdict: Mapping[str, JsonValue]
    claims: Mapping[str, Mapping[str, JsonValue]]
    references: Mapping[str, StatusReference]
    holder_keys: tuple[str, ...]


class VerifierDoor:
    """One per process; holds no state of a session."""

    def __init__(
        self, fetcher: Fetcher, *, verifier_url: str, issuer_url: str, signer: Signer, clock: Clock
    ) -> None:
        self._fetcher = fetcher
        self._verifier_url = verifier_url
        self._issuer_url = issuer_url
        self._signer = signer
        self._clock = clock

    def start_session(self, purpose: str) -> StartedSession:
        """Ask for a session of this purpose."""
        url = f"{self._verifier_url}/api/v1/sessions"
        try:
            answer = self._fetcher.post_json(
                url, {"purpose": purpose}, max_bytes=MAX_ANSWER, headers=self._build_headers()
            )
        except FetchError as error:
            raise CounterpartUnavailable("the verifier cannot be asked now") from error
        value = _read(answer)
        session, request_uri = value.get("id"), value.get("request_uri")
        if not isinstance(session, str) or not isinstance(request_uri, str):
            raise CounterpartUnavailable("the verifier answered with something else")
        return StartedSession(session, request_uri)

    def read_session(self, session: str) -> SessionResult:
        """How a session stands."""
        url = f"{self._verifier_url}/api/v1/sessions/{session}"
        try:
            answer = self._fetcher.get(
                url,
                accept="application/json",
                max_bytes=MAX_ANSWER,
                headers=self._build_headers(),
            )
        except FetchError as error:
            raise CounterpartUnavailable("the verifier cannot be asked now") from error
        return _parse_result(_read(answer))

    def _build_headers(self) -> dict[str, str]:
        token = issue_service_token(
            signer=self._signer,
            issuer=self._issuer_url,
            subject="issuer",
            audience=self._verifier_url,
            role="service",
            agency=None,
            now=self._clock(),
            lifetime=TOKEN_LIFE,
            token_id=draw_id(),
        )
        return {"Authorization": f"Bearer {token}"}


def _read(answer: Fetched) -> dict[str, JsonValue]:
    if not answer.is_success:
        raise CounterpartUnavailable(f"the verifier answered {answer.status}")
    try:
        return parse_object(answer.body, max_bytes=MAX_ANSWER)
    except EncodingError as error:
        raise CounterpartUnavailable("the verifier answered with something else") from error


def _parse_result(value: Mapping[str, JsonValue]) -> SessionResult:
    state, verdict = value.get("state"), _object(value.get("verdict"))
    keys = value.get("holder_keys")
    return SessionResult(
        is_over=state in _OVER,
        has_passed=state == "answered" and verdict.get("outcome") == PASSED,
        verdict={name: part for name, part in verdict.items() if name != "claims"},
        claims={name: _object(each) for name, each in _object(verdict.get("claims")).items()},
        references={
            name: reference
            for name, listed in _object(value.get("statuses")).items()
            if (reference := _find_reference(listed)) is not None
        },
        holder_keys=tuple(str(key) for key in keys) if isinstance(keys, list) else (),
    )


def _find_reference(listed: JsonValue) -> StatusReference | None:
    """The Token Status List reference: one list for revocation and suspension."""
    for each in listed if isinstance(listed, list) else []:
        members = _object(each)
        uri, index = members.get("uri"), members.get("index")
        is_both = members.get("purpose", StatusPurpose.BOTH) == StatusPurpose.BOTH
        if is_both and isinstance(uri, str) and type(index) is int:
            return StatusReference(uri, index)
    return None


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
