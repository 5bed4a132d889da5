"""
The life of an issuer's key: announced, active, verify-only, retired; or compromised since a time.

    announced -> active -> verify-only -> retired        (S-186)
        each of them -> compromised, which nothing ends  (S-188)

A state is never stored: it follows from the times that the trust registry carries for the key, so
that a copy of the registry a day old still says the right thing. Changes are named transitions;
each gives a new `TrustedKey` and refuses what the order above does not allow.

A rotation publishes the new key, waits until every copy of the registry has it, signs with it from
then on, keeps the old one for verifying until the last credential that it signed has ended, and
then retires it. Pure: no clock, no keystore.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from credentials.errors import CredentialError
from credentials.keys import PublicKey
from credentials.trust import KeyUse, TrustedIssuer, TrustedKey

SHORTEST_ANNOUNCEMENT = timedelta(hours=24)
"""security.md, "Keys": a key is public for the longest cache time, and a day at least."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    VERIFY_ONLY = "verify_only"
    RETIRED = "retired"
    COMPROMISED = "compromised"


TRANSITIONS: Mapping[KeyState, frozenset[KeyState]] = MappingProxyType(
    {
        KeyState.ANNOUNCED: frozenset({KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED}),
        KeyState.ACTIVE: frozenset({KeyState.VERIFY_ONLY, KeyState.COMPROMISED}),
        KeyState.VERIFY_ONLY: frozenset({KeyState.RETIRED, KeyState.COMPROMISED}),
        KeyState.RETIRED: frozenset({KeyState.COMPROMISED}),
        KeyState.COMPROMISED: frozenset(),
    }
)
PUBLISHED = frozenset({KeyState.ANNOUNCED, KeyState.ACTIVE, KeyState.VERIFY_ONLY})
"""What a DID document and a JWKS hold. The registry keeps the others too, with their dates."""


class KeyStateRefused(CredentialError):
    """A key cannot change in this way. `detail` is a stable code."""

    kind = "conflict"
    code = "key_state"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """When what happens. `sign_from` is at once the old key's last moment of signing."""

    publish_at: datetime
    sign_from: datetime
    retire_at: datetime


def key_state(trusted: TrustedKey, *, now: datetime) -> KeyState:
    """The state at a time. A compromise that lies ahead is not one yet."""
    if trusted.compromised_at is not None and trusted.compromised_at <= now:
        return KeyState.COMPROMISED
    if trusted.valid_until is not None and trusted.valid_until <= now:
        return KeyState.RETIRED
    if now < trusted.valid_from:
        return KeyState.ANNOUNCED
    if trusted.sign_until is not None and trusted.sign_until <= now:
        return KeyState.VERIFY_ONLY
    return KeyState.ACTIVE


def published_keys(keys: Iterable[TrustedKey], *, now: datetime) -> tuple[TrustedKey, ...]:
    """The keys that a DID document and a JWKS hold."""
    return tuple(each for each in keys if key_state(each, now=now) in PUBLISHED)


def signing_key(keys: Iterable[TrustedKey], use: KeyUse, *, now: datetime) -> TrustedKey | None:
    """The key to sign with: of those that are active the one that began last."""
    active = [
        each for each in keys if each.use is use and key_state(each, now=now) is KeyState.ACTIVE
    ]
    return max(active, key=lambda each: each.valid_from, default=None)


def plan_rotation(
    *, now: datetime, longest_cache: timedelta, longest_life: timedelta
) -> RotationPlan:
    """
    A rotation that begins now. `longest_cache`: after which no copy of the registry, of a DID
    document or of a bundle is used any more; `longest_life`: how long what is signed may be valid.
    """
    sign_from = now + max(longest_cache, SHORTEST_ANNOUNCEMENT)
    return RotationPlan(publish_at=now, sign_from=sign_from, retire_at=sign_from + longest_life)


def announce(key: PublicKey, use: KeyUse, *, plan: RotationPlan) -> TrustedKey:
    """The new key of a rotation."""
    return TrustedKey(
        key=key,
        use=use,
        valid_from=plan.sign_from,
        valid_until=None,
        compromised_at=None,
        announced_at=plan.publish_at,
    )


def stop_signing(trusted: TrustedKey, *, plan: RotationPlan) -> TrustedKey:
    """The old key of a rotation: its last moment of signing, and its end."""
    if key_state(trusted, now=plan.publish_at) is not KeyState.ACTIVE:
        raise _refused("only an active key stops signing")
    if trusted.sign_until is not None or trusted.valid_until is not None:
        raise _refused("the key has an end already")
    return replace(trusted, sign_until=plan.sign_from, valid_until=plan.retire_at)


def retire(trusted: TrustedKey, *, now: datetime) -> TrustedKey:
    """End a key now: one that only verifies, or one that was announced and never used."""
    state = key_state(trusted, now=now)
    if KeyState.RETIRED not in TRANSITIONS[state]:
        raise _refused(f"a key that is {state} is not retired")
    return replace(trusted, valid_until=now)


def mark_compromised(trusted: TrustedKey, *, since: datetime) -> TrustedKey:
    """Nothing that it signed counts, unless it was there before `since`; never milder again."""
    if trusted.compromised_at is not None and trusted.compromised_at < since:
        raise _refused("a compromise is not taken back and moves to earlier times only")
    return replace(trusted, compromised_at=since)


def rotate(
    issuer: TrustedIssuer, *, old: PublicKey, new: PublicKey, plan: RotationPlan
) -> TrustedIssuer:
    """The issuer with the new key announced and the end of the old one set, in one change."""
    if any(each.key == new for each in issuer.keys):
        raise _refused("a key is never used a second time")
    before = next((each for each in issuer.keys if each.key == old), None)
    if before is None:
        raise _refused("the issuer has no such key")
    after = stop_signing(before, plan=plan)
    keys = tuple(after if each is before else each for each in issuer.keys)
    return replace(issuer, keys=(*keys, announce(new, before.use, plan=plan)))


def replace_compromised(
    issuer: TrustedIssuer, *, old: PublicKey, new: PublicKey, since: datetime, now: datetime
) -> TrustedIssuer:
    """The emergency: the old key is compromised, and the new one signs at once."""
    if any(each.key == new for each in issuer.keys):
        raise _refused("a key is never used a second time")
    before = next((each for each in issuer.keys if each.key == old), None)
    if before is None:
        raise _refused("the issuer has no such key")
    plan = RotationPlan(publish_at=now, sign_from=now, retire_at=now)
    keys = tuple(
        mark_compromised(each, since=since) if each is before else each for each in issuer.keys
    )
    return replace(issuer, keys=(*keys, announce(new, before.use, plan=plan)))


def check_succession(before: TrustedIssuer, after: TrustedIssuer, *, now: datetime) -> None:
    """Refuse an entry of the registry that would bring a key back, or forget that it was stolen."""
    later = {each.key.thumbprint: each for each in after.keys}
    for old in before.keys:
        new = later.get(old.key.thumbprint)
        if old.compromised_at is not None and (
            new is None or new.compromised_at is None or new.compromised_at > old.compromised_at
        ):
            raise _refused("a compromise is not taken back and moves to earlier times only")
        if new is None:
            continue
        if new.use is not old.use:
            raise _refused("a key never changes its use")
        is_over = old.valid_until is not None and old.valid_until <= now
        if is_over and (new.valid_until is None or new.valid_until > now):
            raise _refused("a retired key does not come back")
        has_stopped = old.sign_until is not None and old.sign_until <= now
        if has_stopped and (new.sign_until is None or new.sign_until > now):
            raise _refused("a key that stopped signing does not begin again")


def _refused(message: str) -> KeyStateRefused:
    return KeyStateRefused(message, detail="key_state_refused")
