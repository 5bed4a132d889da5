"""
Was this key this agency's at that time? The keys of every version of the trust registry.

`KeyHistory` grows with each version and forgets nothing: a key that was taken out of the registry
keeps the span in which it stood there. An answer has two sides: what the registry said at that
time, and what is known of that time since then (a theft is told afterwards). Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from credentials.key_states import KeyState, key_state
from credentials.trust import TrustedKey, TrustRegistry
from credentials.trust_document import build_key_times
from encoding.strict_json import JsonValue


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key with the same times and owner through one or more versions; `until` None: still."""

    identifiers: tuple[str, ...]
    key: TrustedKey
    first_version: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """Every key that ever stood in the registry, by thumbprint, its spans in order."""

    version: int = 0
    spans: Mapping[str, tuple[KeySpan, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """`then`: the state as the registry had it at the time, None: not listed; `known`: as now."""

    then: KeyState | None
    known: KeyState | None
    spans: tuple[KeySpan, ...]

    @property
    def was_of_agency(self) -> bool:
        """Listed then as the agency's, and not known today to have been somebody else's."""
        return self.then is not None and self.known is not KeyState.COMPROMISED


def extend_history(history: KeyHistory, registry: TrustRegistry, *, at: datetime) -> KeyHistory:
    """The history with one more version, which holds from `at` on."""
    spans = dict(history.spans)
    listed: set[str] = set()
    for issuer in registry.issuers:
        for trusted in issuer.keys:
            name = trusted.key.thumbprint
            listed.add(name)
            last = spans.get(name, ())[-1:]
            if last and last[0].until is None:
                if (last[0].identifiers, last[0].key) == (issuer.identifiers, trusted):
                    continue
                spans[name] = (*spans[name][:-1], replace(last[0], until=at))
            opened = KeySpan(issuer.identifiers, trusted, registry.version, at, None)
            spans[name] = (*spans.get(name, ()), opened)
    for name, known in spans.items():
        if name not in listed and known[-1].until is None:
            spans[name] = (*known[:-1], replace(known[-1], until=at))
    return KeyHistory(registry.version, MappingProxyType(spans))


def ask_history(
    history: KeyHistory, *, identifier: str, thumbprint: str, at: datetime
) -> KeyAnswer:
    """What is known of this key as this agency's."""
    spans = tuple(
        each for each in history.spans.get(thumbprint, ()) if identifier in each.identifiers
    )
    then = [each for each in spans if each.since <= at and (each.until is None or at < each.until)]
    return KeyAnswer(
        then=key_state(then[-1].key, now=at) if then else None,
        known=key_state(spans[-1].key, now=at) if spans else None,
        spans=spans,
    )


def build_answer_json(answer: KeyAnswer) -> dict[str, JsonValue]:
    """The answer as the register gives it."""
    return {
        "was_of_agency": answer.was_of_agency,
        "state_then": answer.then.value if answer.then else None,
        "state_as_known_now": answer.known.value if answer.known else None,
        "spans": [
            {
                "first_version": each.first_version,
                "listed_from": int(each.since.timestamp()),
                "listed_until": int(each.until.timestamp()) if each.until else None,
                "use": each.key.use.value,
                **build_key_times(each.key),
            }
            for each in answer.spans
        ],
    }
