"""
What an act of governance does to the entries of the trust registry, kind by kind.

Each effect takes the entries and the act's body and gives the entries after it, whole, or refuses
it: unknown agencies and keys, a key that comes back (S-188), a key for two purposes (S-191), a
name that two agencies sign under. Entries are in the order of their names. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from credentials.errors import Malformed
from credentials.governance_act import ActKind, ActRefused
from credentials.instants import parse_numeric_date
from credentials.key_states import (
    RotationPlan,
    check_succession,
    mark_compromised,
    replace_compromised,
    rotate,
)
from credentials.keys import PublicKey, parse_jwk
from credentials.trust import Accreditation, RegisteredVerifier, TrustedIssuer
from credentials.trust_document import build_issuer_json, parse_issuer, parse_verifier
from encoding.strict_json import JsonValue

Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Entries:
    """Agencies by their first identifier, verifiers by their `client_id`."""

    issuers: Mapping[str, TrustedIssuer]
    verifiers: Mapping[str, RegisteredVerifier]


NOBODY = Entries(MappingProxyType({}), MappingProxyType({}))


def apply_body(entries: Entries, kind: ActKind, body: Body, *, at: datetime) -> Entries:
    """The entries after an act of this kind that was accepted at `at`."""
    effect = _EFFECTS.get(kind)
    if effect is None:
        return entries
    _check_members(body, *_MEMBERS[kind])
    after = effect(entries, body, at)
    if after == entries:
        raise ActRefused("the registry says so already", detail="act_changes_nothing")
    check_entries(entries, after, at=at)
    return after


def read_entries(body: Body) -> Entries:
    """The entries in a body: `issuers` and `verifiers`, as the registry has them."""
    issuers, verifiers = body.get("issuers", []), body.get("verifiers", [])
    if not isinstance(issuers, list) or not isinstance(verifiers, list):
        raise Malformed("a registry lists issuers and verifiers", detail="malformed_act")
    entries = NOBODY
    for value in issuers:
        entries = _with_issuer(entries, parse_issuer(value))
    for value in verifiers:
        entries = _with_verifier(entries, parse_verifier(value))
    if len(entries.issuers) != len(issuers) or len(entries.verifiers) != len(verifiers):
        raise Malformed("an entry stands twice", detail="malformed_act")
    check_entries(NOBODY, entries, at=None)
    return entries


def check_entries(before: Entries, after: Entries, *, at: datetime | None) -> None:
    """Whether these entries may stand beside each other, and come after those `before`."""
    names: set[str] = set()
    keys: set[str] = set()
    for issuer in after.issuers.values():
        if not names.isdisjoint(issuer.identifiers):
            raise ActRefused("another agency signs under this name", detail="identifier_taken")
        names.update(issuer.identifiers)
        for trusted in issuer.keys:
            if trusted.key.thumbprint in keys:
                raise ActRefused("a key stands twice in the registry", detail="key_taken")
            keys.add(trusted.key.thumbprint)
    if at is not None:
        for name, issuer in before.issuers.items():
            if after.issuers[name] is not issuer:
                check_succession(issuer, after.issuers[name], now=at)


def _put_issuer(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    return _with_issuer(entries, parse_issuer(body["issuer"]))


def _withdraw_issuer(entries: Entries, body: Body, at: datetime) -> Entries:
    """Every accreditation ends; names and keys stay, so that what was signed can be judged."""
    del at
    issuer, end = _find(entries, body), parse_numeric_date(body["at"], name="at")
    return _with_issuer(entries, _ended(issuer, None, end=end))


def _accredit(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    issuer = _find(entries, body)
    given = {name: value for name, value in body.items() if name != "issuer"}
    read = parse_issuer({**build_issuer_json(issuer), "accreditations": [given]})
    [accreditation] = read.accreditations
    if not accreditation.types:
        raise Malformed("an accreditation names types", detail="malformed_act")
    if accreditation in issuer.accreditations:
        return entries
    more = (*issuer.accreditations, accreditation)
    return _with_issuer(entries, replace(issuer, accreditations=more))


def _withdraw_accreditation(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    types, end = body["types"], parse_numeric_date(body["at"], name="at")
    if not isinstance(types, list):
        raise Malformed("types are a list", detail="malformed_act")
    names = frozenset(each for each in types if isinstance(each, str))
    return _with_issuer(entries, _ended(_find(entries, body), names, end=end))


def _add_key(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    issuer = _find(entries, body)
    read = parse_issuer({**build_issuer_json(issuer), "keys": [body["key"]], "bbs_keys": []})
    # As JSON and back, so that the limits of an entry hold for what comes out.
    whole = build_issuer_json(replace(issuer, keys=(*issuer.keys, *read.keys)))
    return _with_issuer(entries, parse_issuer(whole))


def _rotate_key(entries: Entries, body: Body, at: datetime) -> Entries:
    issuer = _find(entries, body)
    plan = RotationPlan(
        publish_at=at,
        sign_from=parse_numeric_date(body["sign_from"], name="sign_from"),
        retire_at=parse_numeric_date(body["retire_at"], name="retire_at"),
    )
    if not at <= plan.sign_from <= plan.retire_at:
        raise ActRefused("a rotation goes forward in time", detail="rotation_out_of_order")
    old, new = _find_key(issuer, body["thumbprint"]), parse_jwk(body["new"])
    return _with_issuer(entries, rotate(issuer, old=old, new=new, plan=plan))


def _compromise_key(entries: Entries, body: Body, at: datetime) -> Entries:
    issuer = _find(entries, body)
    since = parse_numeric_date(body["since"], name="since")
    old = _find_key(issuer, body["thumbprint"])
    if "new" in body:
        new = parse_jwk(body["new"])
        after = replace_compromised(issuer, old=old, new=new, since=since, now=at)
        return _with_issuer(entries, after)
    keys = tuple(
        mark_compromised(each, since=since) if each.key == old else each for each in issuer.keys
    )
    return _with_issuer(entries, replace(issuer, keys=keys))


def _put_verifier(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    return _with_verifier(entries, parse_verifier(body["verifier"]))


def _withdraw_verifier(entries: Entries, body: Body, at: datetime) -> Entries:
    del at
    client_id = body["client_id"]
    if not isinstance(client_id, str) or client_id not in entries.verifiers:
        raise ActRefused("no verifier has this client_id", detail="unknown_verifier")
    rest = {name: each for name, each in entries.verifiers.items() if name != client_id}
    return replace(entries, verifiers=rest)


_EFFECTS: Mapping[ActKind, Callable[[Entries, Body, datetime], Entries]] = MappingProxyType(
    {
        ActKind.PUT_ISSUER: _put_issuer,
        ActKind.WITHDRAW_ISSUER: _withdraw_issuer,
        ActKind.ACCREDIT: _accredit,
        ActKind.WITHDRAW_ACCREDITATION: _withdraw_accreditation,
        ActKind.ADD_KEY: _add_key,
        ActKind.ROTATE_KEY: _rotate_key,
        ActKind.COMPROMISE_KEY: _compromise_key,
        ActKind.PUT_VERIFIER: _put_verifier,
        ActKind.WITHDRAW_VERIFIER: _withdraw_verifier,
    }
)
_MEMBERS: Mapping[ActKind, tuple[frozenset[str], frozenset[str]]] = MappingProxyType(
    {
        kind: (frozenset(needed.split()), frozenset(optional.split()))
        for kind, needed, optional in (
            (ActKind.PUT_ISSUER, "issuer", ""),
            (ActKind.WITHDRAW_ISSUER, "issuer at", ""),
            (ActKind.ACCREDIT, "issuer types valid_from", "valid_until claims"),
            (ActKind.WITHDRAW_ACCREDITATION, "issuer types at", ""),
            (ActKind.ADD_KEY, "issuer key", ""),
            (ActKind.ROTATE_KEY, "issuer thumbprint new sign_from retire_at", ""),
            (ActKind.COMPROMISE_KEY, "issuer thumbprint since", "new"),
            (ActKind.PUT_VERIFIER, "verifier", ""),
            (ActKind.WITHDRAW_VERIFIER, "client_id", ""),
        )
    }
)
"""What a body has, and what it may have: a word that nobody reads would be signed for nothing."""


def _check_members(body: Body, needed: frozenset[str], optional: frozenset[str]) -> None:
    if not needed <= set(body) <= needed | optional:
        raise Malformed(f"this act names {', '.join(sorted(needed))}", detail="malformed_act")


def _with_issuer(entries: Entries, issuer: TrustedIssuer) -> Entries:
    if not issuer.identifiers:
        raise Malformed("an issuer has identifiers", detail="malformed_trust_registry")
    issuers = {**entries.issuers, issuer.identifiers[0]: issuer}
    return replace(entries, issuers={name: issuers[name] for name in sorted(issuers)})


def _with_verifier(entries: Entries, verifier: RegisteredVerifier) -> Entries:
    verifiers = {**entries.verifiers, verifier.client_id: verifier}
    return replace(entries, verifiers={name: verifiers[name] for name in sorted(verifiers)})


def _find(entries: Entries, body: Body) -> TrustedIssuer:
    name = body["issuer"]
    for issuer in entries.issuers.values():
        if name in issuer.identifiers:
            return issuer
    raise ActRefused("no agency signs under this name", detail="unknown_agency")


def _find_key(issuer: TrustedIssuer, thumbprint: JsonValue) -> PublicKey:
    for trusted in issuer.keys:
        if trusted.key.thumbprint == thumbprint:
            return trusted.key
    raise ActRefused("the agency has no such key", detail="unknown_key")


def _ended(issuer: TrustedIssuer, types: frozenset[str] | None, *, end: datetime) -> TrustedIssuer:
    """The issuer whose accreditations for these types (None: all) end at `end` at the latest."""
    parts: list[Accreditation] = []
    for each in issuer.accreditations:
        taken = each.types if types is None else each.types & types
        is_over = each.valid_until is not None and each.valid_until <= end
        if not taken or is_over:
            parts.append(each)
            continue
        if each.types - taken:
            parts.append(replace(each, types=each.types - taken))
        if each.valid_from < end:
            parts.append(replace(each, types=taken, valid_until=end))
    return replace(issuer, accreditations=tuple(parts))
