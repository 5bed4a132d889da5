"""
Quorum policies as text: C2SP tlog-policy, with nested groups of witnesses.

The text form is what is published and pinned; `ledger.note.QuorumPolicy` is its meaning. A policy
here names at least one log, since no other context says which log is meant. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.errors import Malformed
from ledger.note import Group, QuorumPolicy, VerifierKey, parse_verifier_key
from ledger.vkey import LOG_TYPES, WITNESS_TYPES

MAX_POLICY_BYTES = 256 * 1024
"""Room for the 32 logs and 32 witnesses of tlog-policy, each with a key of ML-DSA-44."""
_NONE = "none"


@dataclass(slots=True)
class _Draft:
    """What the lines read so far have defined."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: list[VerifierKey] = field(default_factory=list)
    named: dict[str, VerifierKey | Group] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    quorum: str | None = None


def parse_policy(text: str) -> QuorumPolicy:
    """A policy from its text; any line that is not understood refuses the whole."""
    if len(text) > MAX_POLICY_BYTES:
        raise Malformed("the policy is too large", detail="malformed_policy")
    if any(
        (character < " " and character not in "\t\n") or character == "\x7f" for character in text
    ):
        raise Malformed("the policy holds a control character", detail="malformed_policy")
    draft = _Draft()
    for line in text.split("\n"):
        words = [word for word in re.split("[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            _read_line(draft, words)
    return _build(draft)


def build_policy(policy: QuorumPolicy) -> str:
    """The text of a policy; `parse_policy` gives the same policy back."""
    names: dict[VerifierKey, str] = {}
    lines = [f"log {key.vkey}" for key in (policy.log, *policy.other_logs)]
    for number, key in enumerate(policy.witnesses, start=1):
        names[key] = f"witness-{number}"
        lines.append(f"witness {names[key]} {key.vkey}")
    if policy.group is None and policy.threshold == 0:
        return "\n".join((*lines, f"quorum {_NONE}", ""))
    group = policy.group or Group(policy.threshold, policy.witnesses)
    quorum = _write_group(group, names, lines, count=[0])
    return "\n".join((*lines, f"quorum {quorum}", ""))


def _read_line(draft: _Draft, words: Sequence[str]) -> None:
    match words:
        case ["log", vkey] | ["log", vkey, _]:
            key = _parse_key(vkey, LOG_TYPES, draft.logs)
            draft.logs.append(key)
        case ["witness", name, vkey] | ["witness", name, vkey, _]:
            key = _parse_key(vkey, WITNESS_TYPES, draft.witnesses)
            draft.witnesses.append(key)
            _define(draft, name, key)
        case ["group", name, threshold, *members] if members:
            _define(draft, name, _read_group(draft, threshold, members))
        case ["quorum", name] if draft.quorum is None:
            if name != _NONE and name not in draft.named:
                raise Malformed(f"the quorum names no witness: {name!r}", detail="malformed_policy")
            draft.quorum = name
        case _:
            raise Malformed(f"the policy line {words[0]!r} is wrong", detail="malformed_policy")


def _read_group(draft: _Draft, threshold: str, names: Sequence[str]) -> Group:
    for name in names:
        if name not in draft.named or name in draft.used:
            raise Malformed(f"the group member {name!r} is wrong", detail="malformed_policy")
        draft.used.add(name)
    count = {"all": len(names), "any": 1}.get(threshold)
    if count is None:
        if re.fullmatch("[1-9][0-9]{0,3}", threshold) is None:
            raise Malformed("a threshold is all, any or a number", detail="malformed_policy")
        count = int(threshold)
    if count > len(names):
        raise Malformed("the threshold is above the members", detail="malformed_policy")
    return Group(count, tuple(draft.named[name] for name in names))


def _define(draft: _Draft, name: str, meaning: VerifierKey | Group) -> None:
    if name == _NONE or name in draft.named:
        raise Malformed(f"the name {name!r} is defined twice", detail="malformed_policy")
    draft.named[name] = meaning


def _parse_key(vkey: str, types: Sequence[int], known: Sequence[VerifierKey]) -> VerifierKey:
    key = parse_verifier_key(vkey)
    if key.signature_type not in types:
        raise Malformed("the key has the wrong signature type", detail="malformed_policy")
    if any(key.public_key == other.public_key for other in known):
        raise Malformed("a key stands twice in the policy", detail="malformed_policy")
    return key


def _build(draft: _Draft) -> QuorumPolicy:
    if not draft.logs or draft.quorum is None:
        raise Malformed("a policy has a log and a quorum", detail="malformed_policy")
    if {key.public_key for key in draft.logs} & {key.public_key for key in draft.witnesses}:
        raise Malformed("a log is no witness of itself", detail="malformed_policy")
    log, *others = draft.logs
    witnesses = tuple(draft.witnesses)
    if draft.quorum == _NONE:
        return QuorumPolicy(log, witnesses, threshold=0, other_logs=tuple(others))
    meaning = draft.named[draft.quorum]
    group = meaning if isinstance(meaning, Group) else Group(1, (meaning,))
    is_flat = group.members == witnesses
    return QuorumPolicy(
        log,
        witnesses,
        threshold=group.threshold,
        group=None if is_flat else group,
        other_logs=tuple(others),
    )


def _write_group(
    group: Group, names: dict[VerifierKey, str], lines: list[str], *, count: list[int]
) -> str:
    """Members stand before their group; returns the name of the group."""
    members = [
        _write_group(member, names, lines, count=count)
        if isinstance(member, Group)
        else names[member]
        for member in group.members
    ]
    count[0] += 1
    name = f"group-{count[0]}"
    lines.append(f"group {name} {group.threshold} {' '.join(members)}")
    return name
