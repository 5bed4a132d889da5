"""
Who is asking: a service token of the operator's keys, or the web session of an account.

The file of operator keys may be replaced while the counter runs. Each key there may be bound to
roles: a counter's own key never speaks as an operator.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from credentials.errors import CredentialError
from credentials.jose import parse_jws
from credentials.keys import PublicKey, parse_jwk
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from openid4vc.oauth import ACCESS_TOKEN_TYPE, ROLES, ServiceToken, verify_service_token
from runtime.clock import Clock
from verifier.errors import NotSignedIn, RoleNotAllowed

BEARER = "bearer "
MAX_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is what sessions and the log of checks are kept under."""

    subject: str
    role: str
    agency: str | None = None

    @property
    def name(self) -> str:
        """
        Role, agency and subject: the same name in two roles or at two agencies is two callers.
        Roles are a closed list without `@`, so one caller never reads like another.
        """
        if self.agency is None:
            return f"{self.role}:{self.subject}"
        return f"{self.role}@{self.agency.replace(':', '%3A')}:{self.subject}"

    def require_role(self, *roles: str) -> "Caller":
        """Refuse anybody else."""
        if self.role not in roles:
            raise RoleNotAllowed(f"the role {self.role} may not do this")
        return self


class OperatorKeys:
    """Owns the keys of the file as last read."""

    def __init__(self, path: Path, *, audience: str, clock: Clock) -> None:
        self._path = path
        self._audience = audience
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: int | None = None
        self._keys: Mapping[PublicKey, frozenset[str]] = {}
        self._known: dict[str, ServiceToken] = {}

    def authenticate(self, authorization: str) -> Caller:
        """
        The caller that a bearer token names.

        A token whose signature held is remembered until it ends or the keys change: a device
        sends the same one with every check of a shift.
        """
        if not authorization.lower().startswith(BEARER):
            raise NotSignedIn("a bearer token is expected")
        text = authorization[len(BEARER) :].strip()
        keys, now = self._current(), self._clock()
        token = self._known.get(text)
        if token is None or now >= token.expires_at:
            token = self._verify(text, keys, now)
        return Caller(subject=token.subject, role=token.role, agency=token.agency)

    def _verify(
        self, text: str, keys: Mapping[PublicKey, frozenset[str]], now: datetime
    ) -> ServiceToken:
        role = _claimed_role(text)
        allowed = [key for key, roles in keys.items() if role in roles]
        token = verify_service_token(text, keys=allowed, audience=self._audience, now=now)
        with self._lock:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            if keys is self._keys:
                self._known[text] = token
        return token

    def _current(self) -> Mapping[PublicKey, frozenset[str]]:
        try:
            changed_at = self._path.stat().st_mtime_ns
        except OSError:
            self._known.clear()
            return {}
        with self._lock:
            if changed_at != self._read_at:
                self._keys = read_keys(self._path.read_bytes())
                self._known.clear()
                self._read_at = changed_at
            return self._keys


def _claimed_role(text: str) -> str:
    """The role as claimed, not believed: it only narrows down who may have signed it."""
    try:
        role = parse_jws(text, types=frozenset({ACCESS_TOKEN_TYPE})).payload.get("role")
    except CredentialError as error:
        raise NotSignedIn("the bearer token cannot be read") from error
    return role if isinstance(role, str) else ""


def read_keys(data: bytes) -> Mapping[PublicKey, frozenset[str]]:
    """The keys of a JWK set, each with the roles that it may sign for."""
    try:
        items = parse_object(data).get("keys")
    except EncodingError:
        return {}
    found: dict[PublicKey, frozenset[str]] = {}
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and (key := _read_key(item)) is not None:
            found[key] = _read_roles(item)
    return found


def _read_key(item: Mapping[str, JsonValue]) -> PublicKey | None:
    try:
        return parse_jwk({name: value for name, value in item.items() if name != "roles"})
    except CredentialError:
        return None


def _read_roles(item: Mapping[str, JsonValue]) -> frozenset[str]:
    """A key without the member speaks for all; with one that cannot be read, for nobody."""
    roles = item.get("roles", [*ROLES])
    if not isinstance(roles, list):
        return frozenset()
    return frozenset(role for role in roles if isinstance(role, str))
