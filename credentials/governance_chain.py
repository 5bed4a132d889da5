"""
The chain of acts: from the first one to the trust registry, and nothing that is not in it.

`found` and `accept` say whether an act may follow, and what holds after it; `replay` does so for a
whole chain as the register publishes it, so that anybody can make the registry anew. An act is
judged by the governors before it. One that changes the governors needs the coming set's signatures
too: no city locks itself out with keys that nobody holds.

Acceptance has a time, which the register gives; it never goes back and lies in the act's window.
Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from credentials.errors import Malformed
from credentials.governance_act import (
    NO_ACT,
    ActKind,
    ActRefused,
    GovernorSet,
    SignedAct,
    find_signers,
    missing_signatures,
    parse_governors,
)
from credentials.governance_effects import Entries, apply_body, read_entries
from credentials.keys import PublicKey
from credentials.trust import TrustRegistry
from credentials.trust_document import build_issuer_json, build_verifier_json
from encoding import base64url
from encoding.strict_json import JsonValue

SKEW: Final = timedelta(seconds=60)
MAX_VERSION: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class Governance:
    """What holds after an act. `version`: of the trust registry, one more with each act."""

    city: str
    sequence: int
    head: bytes
    accepted_at: datetime
    version: int
    governors: GovernorSet
    entries: Entries


@dataclass(frozen=True, slots=True)
class AcceptedAct:
    """An act of the chain, and when it became true."""

    signed: SignedAct
    accepted_at: datetime


def found(signed: SignedAct, *, city: str, at: datetime) -> Governance:
    """What the first act founds: governors, and the registry that there was before it."""
    act = signed.act
    _check_place(signed, city=city, sequence=1, previous=NO_ACT)
    if act.kind is not ActKind.FOUND:
        raise ActRefused("a chain begins with its founding", detail="act_not_next")
    _check_window(signed, at=at)
    if set(act.body) != {"governors", "threshold", "version", "issuers", "verifiers"}:
        raise Malformed("a founding names governors and registry", detail="malformed_act")
    version = act.body["version"]
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version < MAX_VERSION:
        raise Malformed("a trust registry has a version", detail="malformed_act")
    governors = parse_governors(act.body)
    entries = read_entries(act.body)
    _require(find_signers(signed, governors.keys), governors)
    return Governance(city, 1, signed.digest, at, version, governors, entries)


def accept(before: Governance, signed: SignedAct, *, at: datetime) -> Governance:
    """What holds after this act; ActRefused where it may not follow."""
    after, coming = _judge(before, signed, at=at)
    signers = find_signers(signed, (*before.governors.keys, *coming))
    _require(signers, before.governors)
    _require(signers, after.governors)
    return after


def count_missing(before: Governance, signed: SignedAct, *, at: datetime) -> int:
    """
    How many signatures an act still needs that may follow otherwise. One that no governor signed
    is refused: nobody else may put something before them.
    """
    after, coming = _judge(before, signed, at=at)
    signers = find_signers(signed, (*before.governors.keys, *coming))
    if not any(key.thumbprint in signers for key in before.governors.keys):
        raise ActRefused("no governor has signed this", detail="not_a_governor")
    return max(missing_signatures(signers, each.governors) for each in (before, after))


def replay(acts: Iterable[AcceptedAct], *, city: str) -> Governance:
    """The registry and who governs it, from the first act to the last."""
    state: Governance | None = None
    for each in acts:
        if state is None:
            state = found(each.signed, city=city, at=each.accepted_at)
        else:
            state = accept(state, each.signed, at=each.accepted_at)
    if state is None:
        raise ActRefused("a chain has a first act", detail="act_not_next")
    return state


def build_content(state: Governance) -> dict[str, JsonValue]:
    """The registry as each epoch commits to it: without times, with the head of the chain."""
    return {
        "acts": {"head": base64url.encode(state.head), "sequence": state.sequence},
        **build_entries(state.entries),
    }


def build_entries(entries: Entries) -> dict[str, JsonValue]:
    """The entries as the registry has them."""
    return {
        "issuers": [build_issuer_json(each) for each in entries.issuers.values()],
        "verifiers": [build_verifier_json(each) for each in entries.verifiers.values()],
    }


def build_registry(
    state: Governance, *, issued_at: datetime, expires_at: datetime
) -> TrustRegistry:
    """The registry between two times."""
    return TrustRegistry(
        version=state.version,
        issued_at=issued_at,
        expires_at=expires_at,
        issuers=tuple(state.entries.issuers.values()),
        verifiers=tuple(state.entries.verifiers.values()),
    )


def _judge(
    before: Governance, signed: SignedAct, *, at: datetime
) -> tuple[Governance, tuple[PublicKey, ...]]:
    """What would hold after the act, and the keys that come with it; no signature is looked at."""
    act = signed.act
    _check_place(signed, city=before.city, sequence=before.sequence + 1, previous=before.head)
    _check_window(signed, at=at)
    if at < before.accepted_at:
        raise ActRefused("acts do not go back in time", detail="act_outside_of_window")
    after = replace(
        before,
        sequence=act.sequence,
        head=signed.digest,
        accepted_at=at,
        version=before.version + 1,
    )
    if act.kind is ActKind.FOUND:
        raise ActRefused("a city is founded once", detail="act_not_next")
    if act.kind is not ActKind.CHANGE_GOVERNORS:
        entries = apply_body(before.entries, act.kind, act.body, at=at)
        return replace(after, entries=entries), ()
    if set(act.body) != {"governors", "threshold"}:
        raise Malformed("this act names governors and threshold", detail="malformed_act")
    governors = parse_governors(act.body)
    if _is_same(governors, before.governors):
        raise ActRefused("these govern already", detail="act_changes_nothing")
    return replace(after, governors=governors), governors.keys


def _is_same(one: GovernorSet, other: GovernorSet) -> bool:
    return one.threshold == other.threshold and set(one.keys) == set(other.keys)


def _check_place(signed: SignedAct, *, city: str, sequence: int, previous: bytes) -> None:
    if signed.act.city != city:
        raise ActRefused("this act is of another city", detail="act_of_another_city")
    if signed.act.sequence != sequence or signed.act.previous != previous:
        raise ActRefused("this act does not follow the last one", detail="act_not_next")


def _check_window(signed: SignedAct, *, at: datetime) -> None:
    if not signed.act.not_before - SKEW <= at <= signed.act.not_after + SKEW:
        raise ActRefused("this act may not be accepted now", detail="act_outside_of_window")


def _require(signers: frozenset[str], governors: GovernorSet) -> None:
    if missing_signatures(signers, governors):
        raise ActRefused("too few governors signed", detail="quorum_short")
