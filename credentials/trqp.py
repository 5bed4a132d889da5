"""
ToIP Trust Registry Query Protocol 2.0: is this entity authorised, or recognised, by that authority?

Two questions with the same members, asked of the statements behind the trust tree:

- authorisation: an agency to `issue` a type; a registered verifier to `request` a type;
- recognition: an agency to `recognize`: whether the city accredits it for a type, or for any
  (`resource` is then `agency`).

What is not listed is answered with false, another authority with an error: it is not ours to speak
for. Pure; the time is handed in.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.errors import CredentialError, Malformed
from credentials.instants import parse_date_time_stamp
from credentials.trust import RegisteredVerifier
from credentials.trust_leaf import TrustStatement
from credentials.trust_projection import find_statement, is_in_force
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

ISSUE: Final = "issue"
REQUEST: Final = "request"
RECOGNIZE: Final = "recognize"
AGENCY: Final = "agency"
MAX_TEXT: Final = 2048


class NotOurAuthority(CredentialError):
    """The question is about what another authority says."""

    kind = "not_found"
    code = "not_found"


@dataclass(frozen=True, slots=True)
class Query:
    """A question. `time`: as of when, None: now."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """What answers are made of. `authorities`: every name of this city."""

    authorities: Collection[str]
    statements: Sequence[TrustStatement]
    verifiers: Sequence[RegisteredVerifier]


def parse_query(value: Mapping[str, JsonValue]) -> Query:
    """A question of either kind."""
    context = value.get("context")
    if context is not None and not isinstance(context, dict):
        raise _fault("context is an object")
    time = (context or {}).get("time")
    return Query(
        entity_id=_text(value, "entity_id"),
        authority_id=_text(value, "authority_id"),
        action=_text(value, "action"),
        resource=_text(value, "resource"),
        time=None if time is None else parse_date_time_stamp(time, name="time"),
    )


def answer_authorization(query: Query, facts: TrustFacts, *, now: datetime) -> dict[str, JsonValue]:
    """Whether the entity may do this with this."""
    return _answer(query, facts, "authorized", _is_authorized, now=now)


def answer_recognition(query: Query, facts: TrustFacts, *, now: datetime) -> dict[str, JsonValue]:
    """Whether the city stands by this agency."""
    return _answer(query, facts, "recognized", _is_recognized, now=now)


def _answer(
    query: Query,
    facts: TrustFacts,
    word: str,
    judge: Callable[[Query, TrustFacts, datetime], bool],
    *,
    now: datetime,
) -> dict[str, JsonValue]:
    if query.authority_id not in facts.authorities:
        raise NotOurAuthority("this registry speaks for its own city only")
    at = query.time or now
    is_so = judge(query, facts, at)
    return {
        "entity_id": query.entity_id,
        "authority_id": query.authority_id,
        "action": query.action,
        "resource": query.resource,
        word: is_so,
        "time_requested": format_instant(at),
        "time_evaluated": format_instant(now),
        "message": f"{word}: {query.action} {query.resource}" if is_so else f"not {word}",
    }


def _is_authorized(query: Query, facts: TrustFacts, at: datetime) -> bool:
    if query.action == ISSUE:
        found = find_statement(facts.statements, query.entity_id, query.resource)
        return found is not None and is_in_force(found, at=at)
    if query.action == REQUEST:
        # The registry gives a verifier no times: what is asked of another time stays unanswered.
        known = [each for each in facts.verifiers if each.client_id == query.entity_id]
        return any(each.may_ask is None or query.resource in each.may_ask for each in known)
    return False


def _is_recognized(query: Query, facts: TrustFacts, at: datetime) -> bool:
    return query.action == RECOGNIZE and any(
        each.identifier == query.entity_id
        and query.resource in {AGENCY, each.type}
        and is_in_force(each, at=at)
        for each in facts.statements
    )


def _text(value: Mapping[str, JsonValue], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        raise _fault(f"{name} is a text")
    return text


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_trqp_query")
