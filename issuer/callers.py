"""
Recognises who calls the API: a bearer token signed by one of the operator's keys.

The file of public keys may be replaced while the counter runs, so it is read again when it
changes. A key there may be bound to roles; a counter's own key never speaks for an operator.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from issuer.actors import Actor
from issuer.errors import NotSignedIn
from openid4vc.errors import ProtocolError
from openid4vc.oauth import parse_authorization, verify_service_token
from runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class OperatorKey:
    """A key that signs service tokens; `roles` None: for every role."""

    key: PublicKey
    roles: frozenset[str] | None


class OperatorKeys:
    """The keys of the file as it stands now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._version: tuple[int, int] | None = None
        self._keys: tuple[OperatorKey, ...] = ()

    def current(self) -> tuple[OperatorKey, ...]:
        """No file, no keys: nobody is recognised then."""
        try:
            state = self._path.stat()
            version = (state.st_mtime_ns, state.st_size)
            with self._lock:
                if version != self._version:
                    self._keys = parse_operator_keys(self._path.read_bytes())
                    self._version = version
                return self._keys
        except OSError:
            return ()


def parse_operator_keys(data: bytes) -> tuple[OperatorKey, ...]:
    """A JWK Set; a key that cannot be read is left out."""
    try:
        listed = parse_object(data).get("keys")
    except EncodingError:
        return ()
    found: list[OperatorKey] = []
    for value in listed if isinstance(listed, list) else []:
        try:
            found.append(OperatorKey(parse_jwk(value), _parse_roles(value)))
        except CredentialError:
            continue
    return tuple(found)


def recognise(
    header: str | None, *, keys: Collection[OperatorKey], audience: str, clock: Clock
) -> Actor:
    """The actor that this Authorization header proves."""
    try:
        authorization = parse_authorization(header)
        if authorization.scheme != "Bearer":
            raise NotSignedIn("a service token is a bearer token")
        token = verify_service_token(
            authorization.token,
            keys=[each.key for each in keys],
            audience=audience,
            now=clock(),
        )
        # Once more with only the keys that may sign for the role which the token claims.
        allowed = [each.key for each in keys if each.roles is None or token.role in each.roles]
        verify_service_token(authorization.token, keys=allowed, audience=audience, now=clock())
    except ProtocolError as error:
        raise NotSignedIn("a valid service token is needed") from error
    return Actor(subject=token.subject, role=token.role, agency=token.agency)


def _parse_roles(value: JsonValue) -> frozenset[str] | None:
    members: Mapping[str, JsonValue] = value if isinstance(value, dict) else {}
    if "roles" not in members:
        return None
    roles = members["roles"]
    return frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset()
