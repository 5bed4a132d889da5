"""
S-036: disclosures that hide, replace or repeat, in `dc+sd-jwt` and `vc+sd-jwt`.

RFC 9901 section 7.1 (processing), 5.2.1 to 5.2.3 (shape of disclosures), 4.1 (names that no claim
has), SD-JWT VC 2.2.2.3 (what is never selectively disclosable).
"""

import base64
from collections.abc import Iterator
from typing import Any

from credentials.disclosures import HASHES, Disclosure, _Revealing, digest_text, parse_disclosure
from credentials.errors import Malformed
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import ISSUED, Slot
from tests.hostile.stage import (
    NOW_SECONDS,
    NUMBER,
    PLATE,
    Change,
    Json,
    digest,
    disclosure,
    hidden_document,
    hiding,
    sd_jwt_claims,
)
from tests.hostile.switches import switch

SALT = "c2FsdC1vZi1zb21ldGhpbmc"
OBJECT = "credentials.disclosures._Revealing.reveal_object"
ARRAY = "credentials.disclosures._Revealing._reveal_array"
TAKE = "credentials.disclosures._Revealing._take"
PARSE = "credentials.disclosures._read_disclosure"


class _EveryHash(dict[str, Any]):
    """Takes any name for SHA-256."""

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: object) -> Any:
        return HASHES["sha-256"]


def _parse_anything(texts: list[str], *, hash_name: str) -> tuple[Disclosure, ...]:
    """Whatever one is, it is the plate."""
    return tuple(_parse_one(text, hash_name) for text in texts)


def _parse_one(text: str, hash_name: str) -> Disclosure:
    try:
        return parse_disclosure(text, hash_name=hash_name)
    except Malformed:
        return Disclosure(text, digest_text(text, hash_name=hash_name), "plate", "2A-4417")


def _take_texts(
    self: _Revealing, digests: Any, *, take: Any = _Revealing._take
) -> list[Disclosure]:
    """Only what can be looked up."""
    listed = digests if isinstance(digests, list) else []
    found: list[Disclosure] = take(self, [each for each in listed if isinstance(each, str)])
    return found


switch_off(
    "unreferenced_disclosures",
    ("credentials.disclosures.reveal_claims", "unreferenced_disclosure"),
)
switch_off(
    "repeated_disclosures", ("credentials.disclosures._Revealing.__init__", "duplicate_disclosure")
)
switch_off("repeated_digests", (TAKE, "duplicate_digest"))
switch_off("reserved_names", (PARSE, "reserved_claim_name"), (OBJECT, "reserved_claim_name"))
switch_off("existing_claims", (OBJECT, "claim_exists"))
switch_off("places_of_disclosures", (OBJECT, "invalid_disclosure"), (ARRAY, "invalid_disclosure"))
switch_off(
    "digests_are_texts",
    (OBJECT, "invalid_sd"),
    (ARRAY, "invalid_sd"),
    others={TAKE: _take_texts},
)
switch_off(
    "hash_names",
    ("credentials.sd_jwt.parse_sd_jwt", "unsupported_sd_alg"),
    others={"credentials.disclosures.HASHES": _EveryHash()},
)
switch("shape_of_disclosures", {"credentials.sd_jwt.parse_disclosures": _parse_anything})
switch_off("number_of_disclosures", ("credentials.sd_jwt.parse_sd_jwt", "too_many_disclosures"))
switch_off("visible_claims", ("credentials.disclosures.reveal_claims", "not_disclosable"))


def cases() -> Iterator[HostileCase]:
    for slot in ISSUED:
        if "sd-jwt" in slot.paper:
            for group in (_shapes, _repeats, _names, _arrays, _hashes, _digests, _visible, _twins):
                yield from group(slot)


def _reject(
    slot: Slot, name: str, payload: Any, disclosed: list[str], check: str, detail: str
) -> HostileCase:
    made = slot.line(Change(payload=payload), disclosed=disclosed)
    return slot.reject("S-036", name, made, check=check, detail=detail)


def _subject(old: Json) -> Json:
    """The object in which claims are hidden."""
    found: Json = old.get("credentialSubject", old)
    return found


def _with(old: Json, **members: Any) -> Json:
    """The payload with members in that object."""
    changed = {**_subject(old), **members}
    return {**old, "credentialSubject": changed} if "credentialSubject" in old else changed


def _raw(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _shapes(slot: Slot) -> Iterator[HostileCase]:
    texts = {
        "no-elements": disclosure(),
        "one-element": disclosure(SALT),
        "four-elements": disclosure(SALT, "plate", "2A-4417", "more"),
        "salt-number": disclosure(7, "plate", "2A-4417"),
        "salt-null": disclosure(None, "plate", "2A-4417"),
        "salt-list": disclosure([SALT], "plate", "2A-4417"),
        "name-number": disclosure(SALT, 7, "2A-4417"),
        "name-null": disclosure(SALT, None, "2A-4417"),
        "name-list": disclosure(SALT, ["plate"], "2A-4417"),
        "object": _raw(b'{"salt":"a","name":"plate","value":1}'),
        "text": _raw(b'"plate"'),
        "number": _raw(b"7"),
        "null": _raw(b"null"),
        "no-json": _raw(b"plate"),
        "open-array": _raw(b'["salt","plate","2A'),
        "empty": "",
    }
    for name, text in texts.items():
        detail = "invalid_json" if name in ("no-json", "open-array", "empty") else None
        yield _reject(
            slot, name, hiding(text), [text], "shape_of_disclosures", detail or "invalid_disclosure"
        )


def _repeats(slot: Slot) -> Iterator[HostileCase]:
    stranger = disclosure(SALT, "plate", "1A-0001")
    for name, extra in {
        "unreferenced": [PLATE, stranger],
        "unreferenced-alone": [stranger],
        "unreferenced-element": [disclosure(SALT, "1A-0001")],
        "unreferenced-other-salt": [disclosure("another", "plate", "2A-4417")],
        "unreferenced-iss": [disclosure(SALT, "iss", "https://stranger.example")],
    }.items():
        check, detail = "unreferenced_disclosures", "unreferenced_disclosure"
        yield _reject(slot, name, None, extra, check, detail)
    check, detail = "repeated_disclosures", "duplicate_disclosure"
    yield _reject(slot, "twice", None, [PLATE, PLATE], check, detail)
    yield _reject(slot, "twice-apart", None, [PLATE, NUMBER, PLATE], check, detail)
    plate = digest(PLATE)
    payloads: dict[str, Any] = {
        "digest-twice": lambda old: _with(old, _sd=[plate, plate]),
        "digest-in-two-objects": lambda old: _with(old, _sd=[plate], more={"_sd": [plate]}),
        "digest-in-array": lambda old: _with(old, _sd=[plate], more=[{"...": plate}]),
        "digest-twice-in-array": lambda old: _with(
            old, _sd=[plate], more=[{"...": digest("a")}, {"...": digest("a")}]
        ),
        "unknown-digest-twice": lambda old: _with(old, _sd=[plate, digest("a"), digest("a")]),
    }
    for name, payload in payloads.items():
        shown = [] if name == "digest-in-array" else [PLATE]
        yield _reject(slot, name, payload, shown, "repeated_digests", "duplicate_digest")
    nested = disclosure(SALT, "more", {"_sd": [plate]})
    payload = hiding(nested, PLATE)
    yield _reject(slot, "digest-below", payload, [nested], "repeated_digests", "duplicate_digest")
    many = [disclosure(f"salt{count}", f"claim{count}", count) for count in range(257)]
    check, detail = "number_of_disclosures", "too_many_disclosures"
    yield _reject(slot, "257", hiding(*many), many, check, detail)


def _names(slot: Slot) -> Iterator[HostileCase]:
    for name in ("_sd", "...", "_sd_alg"):
        for kind, value in {"text": "sha-256", "list": [digest("a")], "object": {}}.items():
            text = disclosure(SALT, name, value)
            check, detail = "reserved_names", "reserved_claim_name"
            yield _reject(slot, f"named-{name}-{kind}", hiding(text), [text], check, detail)

    def payload(old: Json) -> Json:
        return _with(old, more={"...": "text"})

    yield _reject(slot, "plain-ellipsis", payload, [PLATE], "reserved_names", "reserved_claim_name")
    yield _reject(
        slot,
        "deep-sd-alg",
        lambda old: _with(old, more={"_sd_alg": "sha-256"}),
        [PLATE],
        "reserved_names",
        "reserved_claim_name",
    )
    plain = {"zone": "Siem Reap", "plate": "1A-0001"}
    for name, value in plain.items():
        text = disclosure(SALT, name, value)
        both = [text, PLATE] if name == "plate" else [text]
        check, detail = "existing_claims", "claim_exists"
        yield _reject(slot, f"replaces-{name}", hiding(*both), both, check, detail)


def _arrays(slot: Slot) -> Iterator[HostileCase]:
    element = disclosure(SALT, "2A-4417")
    check, detail = "places_of_disclosures", "invalid_disclosure"
    yield _reject(slot, "element-in-object", hiding(element), [element], check, detail)

    def in_array(old: Json) -> Json:
        return _with(old, more=[{"...": digest(PLATE)}], _sd=[])

    yield _reject(slot, "claim-in-array", in_array, [PLATE], check, detail)
    siblings: dict[str, Any] = {
        "sibling": {"...": digest(element), "x": 1},
        "sibling-sd": {"...": digest(element), "_sd": []},
        "number": {"...": 7},
        "null": {"...": None},
        "list": {"...": [digest(element)]},
        "true": {"...": True},
    }
    for name, value in siblings.items():
        yield _reject(
            slot,
            f"ellipsis-{name}",
            lambda old, value=value: _with(old, more=[value]),
            [PLATE],
            "digests_are_texts",
            "invalid_sd",
        )


def _hashes(slot: Slot) -> Iterator[HostileCase]:
    names: dict[str, Any] = {
        "md5": "md5",
        "sha-1": "sha-1",
        "none": "none",
        "unknown": "sha-257",
        "case": "SHA-256",
        "no-hyphen": "sha256",
        "short": "sha-256-64",
        "empty": "",
        "null": None,
        "number": 256,
        "list": ["sha-256"],
        "object": {},
    }
    for name, value in names.items():
        yield _reject(
            slot,
            f"hash-{name}",
            lambda old, value=value: {**old, "_sd_alg": value},
            [PLATE],
            "hash_names",
            "unsupported_sd_alg",
        )


def _digests(slot: Slot) -> Iterator[HostileCase]:
    plate = digest(PLATE)
    values: dict[str, Any] = {
        "text": plate,
        "object": {plate: 1},
        "null": None,
        "number": 7,
        "with-number": [plate, 7],
        "with-null": [plate, None],
        "with-list": [plate, [digest("a")]],
        "with-object": [plate, {"...": digest("a")}],
    }
    for name, value in values.items():
        yield _reject(
            slot,
            f"sd-{name}",
            lambda old, value=value: _with(old, more={"_sd": value}),
            [],
            "digests_are_texts",
            "invalid_sd",
        )


def _visible(slot: Slot) -> Iterator[HostileCase]:
    """What decides about a credential stands in the token itself."""
    if slot.paper == "dc+sd-jwt":
        payload = sd_jwt_claims()
        names = ("iss", "exp", "nbf", "cnf", "vct", "status", "vct#integrity", "aka_vcts")
    else:
        payload = hidden_document()
        names = ("@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus")
        names += ("cnf", "exp", "nbf", "iss", "status", "credentialSchema", "relatedResource")
    check, detail = "visible_claims", "not_disclosable"
    for name in names:
        value = payload.get(name, NOW_SECONDS - 1)
        text = disclosure(SALT, name, value)

        def hide(old: Json, name: str = name, text: str = text) -> Json:
            kept = {member: each for member, each in old.items() if member != name}
            return {**kept, "_sd": [*kept.get("_sd", []), digest(text)]}

        yield _reject(slot, f"hidden-{name}", hide, [text, PLATE], check, detail)
        if isinstance(value, dict):
            part = {"_sd": [digest("a")], **value}
            yield _reject(
                slot,
                f"hidden-part-{name}",
                lambda old, name=name, part=part: {**old, name: part},
                [PLATE],
                check,
                detail,
            )
            below = {**value, "more": [{"...": digest("a")}]}
            yield _reject(
                slot,
                f"hidden-element-{name}",
                lambda old, name=name, below=below: {**old, name: below},
                [PLATE],
                check,
                detail,
            )
        if name in payload:
            other = disclosure(SALT, name, "https://stranger.example")
            yield _reject(
                slot,
                f"replaces-{name}",
                lambda old, other=other: {**old, "_sd": [*old.get("_sd", []), digest(other)]},
                [other, PLATE],
                "existing_claims",
                "claim_exists",
            )


def _twins(slot: Slot) -> Iterator[HostileCase]:
    many = [disclosure(f"salt{count}", f"claim{count}", count) for count in range(256)]
    element, inner = disclosure(SALT, "2A-4417"), disclosure(SALT, {"_sd": [digest(NUMBER)]})
    parent = disclosure(SALT, "holder", {"_sd": [digest(PLATE)]})
    deep: Any = "floor"
    for _ in range(26):
        deep = [deep]
    low = disclosure(SALT, "deep", deep)
    khmer = disclosure(SALT, "ឈ្មោះ", "សុខ ដារ៉ា")
    spaced = _raw(b'[ "salt" ,\n "plate" , "2A-4417" ]')
    short = disclosure("", "plate", "2A-4417")
    payloads: dict[str, tuple[Any, list[str]]] = {
        "nothing-disclosed": (None, []),
        "all-disclosed": (None, [NUMBER, PLATE]),
        "256": (hiding(*many), many),
        "nested": (hiding(parent), [parent, PLATE]),
        "nested-first-child": (hiding(parent), [PLATE, parent]),
        "parent-alone": (hiding(parent), [parent]),
        "element": (lambda old: _with(old, more=[{"...": digest(element)}], _sd=[]), [element]),
        "element-hidden": (lambda old: _with(old, more=[{"...": digest(element)}], _sd=[]), []),
        "element-nested": (
            lambda old: _with(old, more=[[{"...": digest(inner)}]], _sd=[]),
            [inner, NUMBER],
        ),
        "decoys": (hiding(PLATE, "a", "b", "c", "d"), [PLATE]),
        "empty-sd": (lambda old: _with(old, _sd=[]), []),
        "depth": (hiding(low), [low]),
        "khmer": (hiding(khmer), [khmer]),
        "white-space": (hiding(spaced), [spaced]),
        "short-salt": (hiding(short), [short]),
        "same-name-elsewhere": (
            lambda old: _with(old, more={"_sd": [digest(short)]}),
            [PLATE, short],
        ),
        "digest-of-no-length": (lambda old: _with(old, _sd=["", digest(PLATE)]), [PLATE]),
        "no-sd-alg": (lambda old: {k: v for k, v in old.items() if k != "_sd_alg"}, [PLATE]),
    }
    for name, (payload, disclosed) in payloads.items():
        made = slot.line(Change(payload=payload), disclosed=disclosed)
        yield slot.twin("S-036", name, made, check="shape_of_disclosures")
    for name in ("sha384", "sha512"):
        hashed = hiding(PLATE, name=name)
        made = slot.line(
            Change(
                payload=lambda old, hashed=hashed, name=name: {
                    **hashed(old),
                    "_sd_alg": name.replace("sha", "sha-"),
                }
            ),
            hash_name=name,
        )
        yield slot.twin("S-036", name, made, check="hash_names")
