"""
S-044 and what belongs to it: mdocs whose issuer's part is not what ISO 18013-5 asks for.

Section 9.1.2 (digests, MSO, times), 8.3.2.1.2.2 (the response), RFC 9052 section 4 (COSE_Sign1).
"""

from collections.abc import Callable, Iterator
from typing import Any

from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import Pairs, embed, write
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import (
    ISO,
    ISSUED,
    LEAF,
    MDL,
    SHOWN,
    STRANGER,
    Change,
    cose_key,
    line,
    tdate,
    trusted,
)
from tests.hostile.stage import with_members

Step = Callable[[Any], Any]
BOTH = (ISSUED, SHOWN)


def cases() -> Iterator[HostileCase]:
    for form in BOTH:
        yield from _digests(form)
        yield from _items(form)
        yield from _objects(form)
        yield from _messages(form)
        yield from _times(form)
        yield from _keys(form)
        yield from _issuers(form)
        yield from _twins(form)


def _put(*path: Any, value: Any) -> Step:
    """A step that sets one member deep inside; `...` takes it away."""

    def step(old: Any) -> Any:
        if len(path) == 1:
            if isinstance(old, list):
                return [value if place == path[0] else each for place, each in enumerate(old)]
            return with_members(old, {path[0]: value})
        inner = _put(*path[1:], value=value)(old[path[0]])
        return _put(path[0], value=inner)(old)

    return step


def _reject(
    form: Form, sid: str, name: str, change: Change, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.partition("/")
    made = line(form, change, **members)
    return form.reject(sid, name, made, check=check, reason=reason, detail=detail)


def _altered(number: int, **members: Any) -> Step:
    """One item after its digest was taken."""

    def step(old: Any) -> Any:
        item = {
            "digestID": number,
            "random": bytes(16),
            "elementIdentifier": "family_name",
            "elementValue": "Sok",
        }
        items = [*old[ISO]]
        items[number] = embed({**item, **members})
        return {ISO: items}

    return step


def _digests(form: Form) -> Iterator[HostileCase]:
    why = "bad_signature/digest_mismatch"
    for name, step in {
        "value": _altered(0, elementValue="Chan"),
        "name": _altered(0, elementIdentifier="given_name"),
        "salt": _altered(0),
        "number": _altered(1, digestID=0, elementIdentifier="age"),
        "added-true": _altered(2, elementIdentifier="age_over_21", elementValue=True),
    }.items():
        number = "number" in name
        change = Change(shown=step if not number else lambda old: {ISO: [_altered(1)(old)[ISO][1]]})
        yield _reject(form, "S-044", f"altered-{name}", change, "mdoc_digests", why)
    for name, digest in {
        "zeros": bytes(32),
        "short": bytes(31),
        "empty": b"",
        "text": "x",
        "null": 0,
    }.items():
        change = Change(mso=_put("valueDigests", ISO, 0, value=digest))
        yield _reject(form, "S-044", f"digest-{name}", change, "mdoc_digests", why)
    missing = "bad_signature/digest_missing"
    for name, step in {
        "digest": _put("valueDigests", ISO, 0, value=...),
        "namespace": _put("valueDigests", value={}),
        "other-namespace": lambda old: {**old, "valueDigests": {"x": old["valueDigests"][ISO]}},
        "list": _put("valueDigests", ISO, value=[bytes(32)]),
        "null": _put("valueDigests", ISO, value=None),
    }.items():
        yield _reject(form, "S-044", f"missing-{name}", Change(mso=step), "mdoc_digests", missing)
    change = Change(shown=lambda old: {**old, "org.other": old[ISO][:1]})
    yield _reject(form, "S-044", "moved-namespace", change, "mdoc_digests", missing)
    for name in ("SHA-1", "MD5", "sha-256", "SHA256", "SHA-512/256", "", "SHA-256 ", "none"):
        change = Change(mso=_put("digestAlgorithm", value=name))
        check, why = "mdoc_digest_algorithm", "malformed/unsupported_digest"
        yield _reject(form, "S-044", f"hash-{name or 'empty'}", change, check, why)
    change = Change(mso=_put("digestAlgorithm", value="SHA-384"))
    yield _reject(
        form, "S-044", "hash-other", change, "mdoc_digests", "bad_signature/digest_mismatch"
    )


def _items(form: Form) -> Iterator[HostileCase]:
    malformed = "malformed/invalid_item"
    wrong: dict[str, Any] = {
        "no-number": {"digestID": ...},
        "no-salt": {"random": ...},
        "no-name": {"elementIdentifier": ...},
        "no-value": {"elementValue": ...},
        "more": {"more": 1},
        "number-text": {"digestID": "0"},
        "number-negative": {"digestID": -1},
        "number-true": {"digestID": True},
        "number-float": {"digestID": 0.5},
        "name-number": {"elementIdentifier": 7},
        "name-empty": {"elementIdentifier": ""},
        "name-bytes": {"elementIdentifier": b"family_name"},
    }
    for name, members in wrong.items():
        change = Change(
            items=lambda old, members=members: [with_members(old[0], members), *old[1:]]
        )
        yield _reject(form, "S-044", f"item-{name}", change, "mdoc_items", malformed)
    for name, data in {
        "list": write([0, bytes(16), "a", 1]),
        "text": write("Sok"),
        "null": b"\xf6",
    }.items():
        change = Change(item_bytes=lambda _, data=data: data)
        yield _reject(form, "S-044", f"item-{name}", change, "mdoc_items", malformed)
    for name, salt in {
        "none": b"",
        "8-bytes": bytes(8),
        "15-bytes": bytes(15),
        "text": "a" * 32,
    }.items():
        change = Change(items=lambda old, salt=salt: [{**old[0], "random": salt}, *old[1:]])
        check = "mdoc_salts" if isinstance(salt, bytes) else "mdoc_items"
        yield _reject(form, "S-044", f"salt-{name}", change, check, "malformed/weak_salt")
    twice = "malformed/duplicate_element"
    for name, step in {
        "item": lambda old: {ISO: [*old[ISO], old[ISO][0]]},
        "first": lambda old: {ISO: [old[ISO][0], *old[ISO]]},
    }.items():
        yield _reject(
            form, "S-044", f"twice-{name}", Change(shown=step), "mdoc_elements_once", twice
        )
    for name, members in {
        "number": {"digestID": 0},
        "name": {"elementIdentifier": "family_name"},
    }.items():
        change = Change(
            items=lambda old, members=members: [old[0], {**old[1], **members}, *old[2:]]
        )
        yield _reject(form, "S-044", f"twice-{name}", change, "mdoc_elements_once", twice)
    shape = "malformed/invalid_mdoc"
    for name, value in {"empty": [], "null": None, "map": {}, "text": "x", "bytes": b"x"}.items():
        change = Change(shown=_put(ISO, value=value))
        yield _reject(form, "S-044", f"namespace-{name}", change, "mdoc_namespaces", shape)
    for name, value in {
        "bare": b"\xa0",
        "tag-25": Tagged(25, b"\xa0"),
        "map": {},
        "text": "x",
    }.items():
        change = Change(shown=lambda old, value=value: {ISO: [value, *old[ISO][1:]]})
        yield _reject(form, "S-044", f"item-as-{name}", change, "mdoc_embedded", shape)
    for name, value in {
        "month": "1990-13-01",
        "day": "1990-02-30",
        "time": "1990-04-12T00:00:00Z",
        "number": 1,
    }.items():
        change = Change(
            elements=lambda old, value=value: [("birth_date", Tagged(1004, value)), *old[2:]]
        )
        yield _reject(
            form, "S-028", f"full-date-{name}", change, "mdoc_dates", "malformed/invalid_time"
        )


def _objects(form: Form) -> Iterator[HostileCase]:
    shape = "malformed/invalid_mdoc"
    for member in ("deviceKeyInfo", "validityInfo", "valueDigests"):
        for name, value in {
            "missing": ...,
            "null": None,
            "list": [],
            "text": "x",
            "number-keys": {1: 2},
        }.items():
            change = Change(mso=_put(member, value=value))
            yield _reject(form, "S-044", f"{member}-{name}", change, "mdoc_maps", shape)
    for name, value in {
        "missing": ...,
        "null": None,
        "number": 7,
        "empty": "",
        "list": [MDL],
    }.items():
        change = Change(mso=_put("docType", value=value))
        yield _reject(form, "S-044", f"mso-type-{name}", change, "mdoc_names", shape)
    for name, value in {
        "missing": ...,
        "2": "2.0",
        "0": "0.9",
        "number": 1.0,
        "1": "1",
        "null": None,
        "letters": "1.x",
    }.items():
        change = Change(mso=_put("version", value=value))
        check, why = "mdoc_version", "malformed/unsupported_version"
        yield _reject(form, "S-044", f"mso-version-{name}", change, check, why)
    for name, data in {"list": b"\x80", "text": b"\x61a", "null": b"\xf6"}.items():
        change = Change(mso_bytes=lambda _, data=data: data)
        yield _reject(form, "S-044", f"mso-{name}", change, "mdoc_maps", shape)
    for name, value in {"nameSpaces": [], "dataElements": {ISO: "x"}, "both": None}.items():
        authorizations = {name: value} if name != "both" else []
        if name == "nameSpaces":
            authorizations = {name: "x"}
        change = Change(mso=_put("deviceKeyInfo", "keyAuthorizations", value=authorizations))
        yield _reject(form, "S-044", f"authorizations-{name}", change, "mdoc_authorizations", shape)


def _messages(form: Form) -> Iterator[HostileCase]:
    """The issuer's COSE_Sign1."""
    for name, step in {
        "x5chain": Change(unprotected=lambda _: {}),
        "x5chain-text-label": Change(unprotected=lambda old: {"33": old[33]}),
        "x5chain-other-label": Change(unprotected=lambda old: {32: old[33]}),
        "x5chain-null": Change(unprotected=lambda _: {33: None}),
    }.items():
        yield _reject(
            form, "S-044", f"no-{name}", step, "mdoc_x5chain", "malformed/missing_x5chain"
        )
    lists: dict[str, Any] = {
        "empty": [],
        "one": [LEAF],
        "text": "x",
        "number": 7,
        "empty-bytes": b"",
    }
    lists |= {"five": [LEAF] * 5, "with-text": [LEAF, "x"], "map": {0: LEAF}}
    for name, value in lists.items():
        change = Change(unprotected=lambda _, value=value: {33: value})
        yield _reject(
            form, "S-044", f"x5chain-{name}", change, "x5chain_shape", "malformed/invalid_x5c"
        )
    algorithms: dict[str, Any] = {
        "missing": ...,
        "none": 0,
        "rs256": -257,
        "es256k": -47,
        "hmac": 5,
    }
    algorithms |= {"text": "ES256", "true": True, "null": None, "positive": 7, "float": -7.5}
    for name, value in algorithms.items():
        change = Change(protected=_put(1, value=value))
        check, why = "cose_algorithm", "malformed/invalid_signature_alg"
        yield _reject(form, "S-044", f"alg-{name}", change, check, why)
    for name, members in {"alg": {1: -7}, "alg-other": {1: -8}, "crit": {2: [1]}}.items():
        change = Change(unprotected=lambda old, members=members: {**old, **members})
        check, why = "cose_protected", "malformed/unprotected_header"
        yield _reject(form, "S-044", f"unprotected-{name}", change, check, why)
    for name, value in {"one": [1], "unknown": [99], "text": ["x"], "empty": []}.items():
        change = Change(protected=_put(2, value=value))
        yield _reject(
            form, "S-044", f"crit-{name}", change, "cose_crit", "malformed/unsupported_crit"
        )
    change = Change(protected=_put(33, value=LEAF))
    check, why = "cose_headers_once", "malformed/duplicate_header"
    yield _reject(form, "S-044", "x5chain-twice", change, check, why)
    for name, step in {
        "short": lambda s: s[:-1],
        "long": lambda s: s + b"\0",
        "empty": lambda _: b"",
        "der": lambda s: b"\x30" + s,
    }.items():
        change = Change(auth=lambda old, step=step: [*old[:3], step(old[3])])
        check, why = "cose_signature_size", "malformed/invalid_signature"
        yield _reject(form, "S-044", f"signature-{name}", change, check, why)
    shapes: dict[str, Step] = {
        "three": lambda old: old[:3],
        "five": lambda old: [*old, b""],
        "map": lambda old: dict(enumerate(old)),
        "null": lambda _: None,
        "tag-17": lambda old: Tagged(17, old),
        "tag-twice": lambda old: Tagged(18, Tagged(18, old)),
        "protected-map": lambda old: [{1: -7}, *old[1:]],
        "header-list": lambda old: [old[0], [], *old[2:]],
        "signature-text": lambda old: [*old[:3], "x" * 64],
        "payload-text": lambda old: [*old[:2], "x", old[3]],
    }
    for name, step in shapes.items():
        yield _reject(
            form, "S-044", f"auth-{name}", Change(auth=step), "cose_shape", "malformed/invalid_cose"
        )
    change = Change(auth=lambda old: [*old[:2], None, old[3]])
    yield _reject(form, "S-044", "payload-null", change, "cose_payload", "malformed/invalid_mdoc")
    bad = "bad_signature/bad_issuer_signature"
    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], bytes([old[3][0] ^ 1]) + old[3][1:]],
        "halves": lambda old: [*old[:3], old[3][32:] + old[3][:32]],
    }.items():
        for sid in ("S-044", "S-040"):
            yield _reject(form, sid, f"signature-{name}", Change(auth=step), "proof_signature", bad)
    yield _reject(form, "S-044", "by-stranger", Change(signer=STRANGER), "proof_signature", bad)
    yield _reject(form, "S-025", "by-stranger", Change(signer=STRANGER), "proof_signature", bad)


def _times(form: Form) -> Iterator[HostileCase]:
    def times(**members: str) -> Change:
        steps = {name: tdate(text) for name, text in members.items()}
        return Change(mso=lambda old: {**old, "validityInfo": {**old["validityInfo"], **steps}})

    for sid in ("S-028", "S-044"):
        for name, text in {
            "past": "2026-11-21T10:00:00Z",
            "61-seconds-past": "2026-11-22T08:58:59Z",
        }.items():
            change = times(validUntil=text)
            yield _reject(form, sid, f"until-{name}", change, "paper_validity", "expired/expired")
        for name, text in {
            "ahead": "2026-11-23T09:00:00Z",
            "61-seconds-ahead": "2026-11-22T09:01:01Z",
        }.items():
            change = times(validFrom=text)
            why = "not_yet_valid/not_yet_valid"
            yield _reject(form, sid, f"from-{name}", change, "paper_validity", why)
            change = times(signed=text)
            why = "not_yet_valid/issued_in_the_future"
            yield _reject(form, sid, f"signed-{name}", change, "paper_validity", why)
        change = times(validFrom="2026-11-22T08:00:00Z", validUntil="2026-11-22T07:00:00Z")
        why = "malformed/ends_before_it_begins"
        yield _reject(form, sid, "turned", change, "paper_validity", why)
    values: dict[str, Any] = {
        "missing": ...,
        "null": None,
        "text": "2026-11-21T09:00:00Z",
        "seconds": Tagged(1, 1_795_000_000),
        "full-date": Tagged(1004, "2026-11-21"),
        "fraction": tdate("2026-11-21T09:00:00.5Z"),
        "zone": tdate("2026-11-21T16:00:00+07:00"),
        "no-zone": tdate("2026-11-21T09:00:00"),
        "lower": tdate("2026-11-21t09:00:00z"),
        "month": tdate("2026-13-21T09:00:00Z"),
        "leap-second": tdate("2026-12-31T23:59:60Z"),
        "date": tdate("2026-11-21"),
        "tag-twice": Tagged(0, tdate("2026-11-21T09:00:00Z")),
        "bytes": Tagged(0, b"2026-11-21T09:00:00Z"),
    }
    for member in ("signed", "validFrom", "validUntil"):
        for name, value in values.items():
            change = Change(mso=_put("validityInfo", member, value=value))
            yield _reject(
                form, "S-028", f"{member}-{name}", change, "mdoc_times", "malformed/invalid_time"
            )
    for name, text in {"before": "2026-10-01T09:00:00Z", "after": None}.items():
        if text is not None:
            change = times(signed=text, validFrom=text)
            why = "issuer_not_trusted/signed_outside_of_certificate"
            yield _reject(form, "S-046", f"signed-{name}-leaf", change, "certificate_fits", why)
            yield _reject(form, "S-044", f"signed-{name}-leaf", change, "certificate_fits", why)
    change = Change(elements=lambda old: [*old[:3], ("issuing_country", "VN")])
    why = "issuer_not_trusted/wrong_country"
    yield _reject(form, "S-046", "other-country", change, "certificate_fits", why)


def _keys(form: Form) -> Iterator[HostileCase]:
    """S-019 and S-044: the device's key."""
    good = cose_key(STRANGER)

    def key(value: Any) -> Change:
        return Change(mso=_put("deviceKeyInfo", "deviceKey", value=value))

    for name, value in {
        "bytes": bytes(32),
        "zero": b"\0",
        "text": "x",
        "number": 7,
        "null": None,
        "empty": b"",
        "33-bytes": bytes(33),
        "list": [],
        "map": {},
        "true": True,
    }.items():
        change = Change(
            mso=lambda old, value=value: _put("deviceKeyInfo", "deviceKey", -4, value=value)(old)
        )
        check, why = "cose_key_private", "malformed/private_key_in_jwk"
        yield _reject(form, "S-019", f"d-{name}", change, check, why)
    for name, value, detail in (
        ("missing", ..., "invalid_key"),
        ("null", None, "invalid_key"),
        ("empty", {}, "invalid_key"),
        ("no-y", with_members(good, {-3: ...}), "invalid_key"),
        ("no-curve", with_members(good, {-1: ...}), "invalid_key"),
        ("off-curve", {**good, -3: bytes(32)}, "invalid_key"),
        ("short", {**good, -2: good[-2][1:]}, "invalid_key"),
        ("long", {**good, -2: b"\0" + good[-2]}, "invalid_key"),
        ("kty-text", {**good, 1: "EC2"}, "invalid_key"),
        ("kty-true", {**good, 1: True}, "invalid_key"),
        ("symmetric", {1: 4, -1: b"secret", -2: b"x"}, "invalid_key"),
        ("x25519", {1: 1, -1: 4, -2: bytes(32)}, "unsupported_key"),
        ("koblitz", {**good, -1: 8}, "unsupported_key"),
        ("alg-other", {**good, 3: -8}, "invalid_key"),
        ("alg-text", {**good, 3: "ES256"}, "invalid_key"),
        ("ops-sign", {**good, 4: [1]}, "invalid_key"),
        ("ops-text", {**good, 4: "verify"}, "invalid_key"),
        ("compressed-off-curve", {1: 2, -1: 1, -2: b"\xff" * 32, -3: True}, "invalid_key"),
    ):
        yield _reject(
            form, "S-044", f"device-key-{name}", key(value), "cose_key", f"malformed/{detail}"
        )


def _issuers(form: Form) -> Iterator[HostileCase]:
    """S-025, S-027: the registry says who issues what."""
    why = "issuer_not_authorised_for_type/not_accredited"
    for name, types in {
        "other": ["org.iso.7367.1.mVRC"],
        "none": [],
        "case": [MDL.lower()],
        "prefix": [MDL[:-1]],
        "namespace": [ISO],
    }.items():
        for sid in ("S-025", "S-027"):
            issuers = trusted(types=types)
            yield _reject(
                form, sid, f"types-{name}", Change(), "paper_type_accredited", why, issuers=issuers
            )
    for name, accepted in {
        "other": ["org.iso.7367.1.mVRC"],
        "none": [],
        "longer": [f"{MDL}s"],
    }.items():
        why = "type_not_accepted/another_type"
        yield _reject(
            form,
            "S-027",
            f"asked-{name}",
            Change(),
            "paper_type_accepted",
            why,
            accepted_types=accepted,
        )
    nobody = "issuer_not_trusted/unknown_issuer"
    for name, issuers in {
        "nobody": {},
        "no-anchor": trusted(keys=[], x5c_anchors=[]),
        "other-key": trusted(keys=[dict(STRANGER.public_jwk)], x5c_anchors=[]),
    }.items():
        yield _reject(
            form, "S-025", f"trust-{name}", Change(), "paper_finds_issuer", nobody, issuers=issuers
        )
    if form is SHOWN:
        why = "malformed/doctype_mismatch"
        for name, text in {
            "other": "org.iso.7367.1.mVRC",
            "case": MDL.upper(),
            "longer": f"{MDL}.x",
            "space": f"{MDL} ",
        }.items():
            for sid in ("S-044", "S-027"):
                change = Change(document=_put("docType", value=text))
                yield _reject(form, sid, f"doctype-{name}", change, "mdoc_doctype", why)
                change = Change(mso=_put("docType", value=text))
                yield _reject(form, sid, f"mso-doctype-{name}", change, "mdoc_doctype", why)


def _twins(form: Form) -> Iterator[HostileCase]:
    sha384 = Change(protected=_put(99, value=1))
    changes: dict[str, Change] = {
        "plain": Change(),
        "tagged": Change(auth=lambda old: Tagged(18, old)),
        "one-element": Change(shown=lambda old: {ISO: old[ISO][1:2]}),
        "no-elements": Change(issued=_put("nameSpaces", value=...)),
        "elements-turned": Change(shown=lambda old: {ISO: old[ISO][::-1]}),
        "unknown-header": sha384,
        "unknown-member": Change(mso=_put("more", value={"a": [1]})),
        "x5chain-protected": Change(protected=_put(33, value=LEAF), unprotected=lambda _: {}),
        "version-1.1": Change(mso=_put("version", value="1.1")),
        "map-turned": Change(mso=lambda old: Pairs(tuple(reversed([*old.items()])))),
        "long-salt": Change(items=lambda old: [{**old[0], "random": bytes(64)}, *old[1:]]),
        "59-seconds-past": Change(
            mso=_put("validityInfo", "validUntil", value=tdate("2026-11-22T08:59:01Z"))
        ),
        "alg-of-9864": Change(protected=lambda _: {1: -9}),
    }
    for name, change in changes.items():
        for sid in ("S-044", "S-028"):
            yield form.twin(sid, name, line(form, change), check="mdoc_digests")
    yield form.twin(
        "S-027", "asked", line(form, accepted_types=[MDL, "x"]), check="paper_type_accepted"
    )
    yield form.twin(
        "S-025", "by-anchor", line(form, issuers=trusted(keys=[])), check="proof_signature"
    )
