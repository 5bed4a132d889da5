"""
Who asks the register to do something: a service token signed by one of the operator's keys.

The file of keys is read again whenever it changes. A key there may be bound to roles; one without
speaks for all, as the operator's own does.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from credentials.errors import CredentialError
from credentials.jose import parse_jws
from credentials.keys import PublicKey, parse_jwk
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from openid4vc.oauth import ACCESS_TOKEN_TYPE, ROLES, ServiceToken, verify_service_token
from register.errors import NotSignedIn, RoleNotAllowed
from runtime.clock import Clock

OPERATOR = "operator"
_SCHEME = "bearer "


class Callers:
    """Owns the operator's keys as last read."""

    def __init__(self, path: Path, *, audience: str, clock: Clock) -> None:
        self._path = path
        self._audience = audience
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: int | None = None
        self._keys: Mapping[PublicKey, frozenset[str]] = {}

    def require_operator(self, authorization: str | None) -> ServiceToken:
        """The operator who sends this header; anybody else is refused."""
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            raise NotSignedIn("a bearer token is expected")
        text = authorization[len(_SCHEME) :].strip()
        role = _claimed_role(text)
        keys = [key for key, roles in self._current().items() if role in roles]
        token = verify_service_token(text, keys=keys, audience=self._audience, now=self._clock())
        if token.role != OPERATOR:
            raise RoleNotAllowed(f"the role {token.role} may not do this")
        return token

    def _current(self) -> Mapping[PublicKey, frozenset[str]]:
        try:
            changed_at = self._path.stat().st_mtime_ns
            with self._lock:
                if changed_at != self._read_at:
                    self._keys = read_operator_keys(self._path.read_bytes())
                    self._read_at = changed_at
                return self._keys
        except OSError:
            return {}


def read_operator_keys(data: bytes) -> Mapping[PublicKey, frozenset[str]]:
    """The keys of a JWK set with the roles that each may sign for; the unreadable is nobody."""
    try:
        items = parse_object(data).get("keys")
    except EncodingError:
        return {}
    found: dict[PublicKey, frozenset[str]] = {}
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        roles = item.get("roles", [*ROLES])
        members: dict[str, JsonValue] = {
            name: value for name, value in item.items() if name != "roles"
        }
        try:
            key = parse_jwk(members)
        except CredentialError:
            continue
        # A limit that cannot be read is no leave to speak for all.
        found[key] = frozenset(map(str, roles)) if isinstance(roles, list) else frozenset()
    return found


def _claimed_role(text: str) -> str:
    """The role as claimed, not believed: it only narrows down who may have signed."""
    try:
        role = parse_jws(text, types=frozenset({ACCESS_TOKEN_TYPE})).payload.get("role")
    except CredentialError as error:
        raise NotSignedIn("the bearer token cannot be read") from error
    return role if isinstance(role, str) else ""
