"""
S-044 and what belongs to it: mdocs whose issuer's part is not what ISO 18013-5 asks for.

Section 9.1.2 (digests, MSO, times), 8.3.2.1.2.2 (the response), RFC 9052 section 4 (COSE_Sign1).
"""

from collections.abc import Iterator
from typing import Any

from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import embed, write
from tests.hostile.forms import Form
from tests.hostile.mdoc_filing import put, reject
from tests.hostile.mdoc_stage import (
    BOTH,
    ISO,
    LEAF,
    MDL,
    STRANGER,
    Change,
    Step,
)
from tests.hostile.stage import with_members


def cases() -> Iterator[HostileCase]:
    for form in BOTH:
        yield from _digests(form)
        yield from _items(form)
        yield from _objects(form)
        yield from _messages(form)


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
        yield reject(form, "S-044", f"altered-{name}", change, "mdoc_digests", why)
    for name, digest in {
        "zeros": bytes(32),
        "short": bytes(31),
        "empty": b"",
        "text": "x",
        "null": 0,
    }.items():
        change = Change(mso=put("valueDigests", ISO, 0, value=digest))
        yield reject(form, "S-044", f"digest-{name}", change, "mdoc_digests", why)
    missing = "bad_signature/digest_missing"
    for name, step in {
        "digest": put("valueDigests", ISO, 0, value=...),
        "namespace": put("valueDigests", value={}),
        "other-namespace": lambda old: {**old, "valueDigests": {"x": old["valueDigests"][ISO]}},
        "list": put("valueDigests", ISO, value=[bytes(32)]),
        "null": put("valueDigests", ISO, value=None),
    }.items():
        yield reject(form, "S-044", f"missing-{name}", Change(mso=step), "mdoc_digests", missing)
    change = Change(shown=lambda old: {**old, "org.other": old[ISO][:1]})
    yield reject(form, "S-044", "moved-namespace", change, "mdoc_digests", missing)
    for name in ("SHA-1", "MD5", "sha-256", "SHA256", "SHA-512/256", "", "SHA-256 ", "none"):
        change = Change(mso=put("digestAlgorithm", value=name))
        check, why = "mdoc_digest_algorithm", "malformed/unsupported_digest"
        yield reject(form, "S-044", f"hash-{name or 'empty'}", change, check, why)
    change = Change(mso=put("digestAlgorithm", value="SHA-384"))
    yield reject(
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
        yield reject(form, "S-044", f"item-{name}", change, "mdoc_items", malformed)
    for name, data in {
        "list": write([0, bytes(16), "a", 1]),
        "text": write("Sok"),
        "null": b"\xf6",
    }.items():
        change = Change(item_bytes=lambda _, data=data: data)
        yield reject(form, "S-044", f"item-{name}", change, "mdoc_items", malformed)
    for name, salt in {
        "none": b"",
        "8-bytes": bytes(8),
        "15-bytes": bytes(15),
        "text": "a" * 32,
    }.items():
        change = Change(items=lambda old, salt=salt: [{**old[0], "random": salt}, *old[1:]])
        check = "mdoc_salts" if isinstance(salt, bytes) else "mdoc_items"
        yield reject(form, "S-044", f"salt-{name}", change, check, "malformed/weak_salt")
    twice = "malformed/duplicate_element"
    for name, step in {
        "item": lambda old: {ISO: [*old[ISO], old[ISO][0]]},
        "first": lambda old: {ISO: [old[ISO][0], *old[ISO]]},
    }.items():
        yield reject(
            form, "S-044", f"twice-{name}", Change(shown=step), "mdoc_elements_once", twice
        )
    for name, members in {
        "number": {"digestID": 0},
        "name": {"elementIdentifier": "family_name"},
    }.items():
        change = Change(
            items=lambda old, members=members: [old[0], {**old[1], **members}, *old[2:]]
        )
        yield reject(form, "S-044", f"twice-{name}", change, "mdoc_elements_once", twice)
    shape = "malformed/invalid_mdoc"
    for name, value in {"empty": [], "null": None, "map": {}, "text": "x", "bytes": b"x"}.items():
        change = Change(shown=put(ISO, value=value))
        yield reject(form, "S-044", f"namespace-{name}", change, "mdoc_namespaces", shape)
    for name, value in {
        "bare": b"\xa0",
        "tag-25": Tagged(25, b"\xa0"),
        "map": {},
        "text": "x",
    }.items():
        change = Change(shown=lambda old, value=value: {ISO: [value, *old[ISO][1:]]})
        yield reject(form, "S-044", f"item-as-{name}", change, "mdoc_embedded", shape)
    for name, value in {
        "month": "1990-13-01",
        "day": "1990-02-30",
        "time": "1990-04-12T00:00:00Z",
        "number": 1,
    }.items():
        change = Change(
            elements=lambda old, value=value: [("birth_date", Tagged(1004, value)), *old[2:]]
        )
        yield reject(
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
            change = Change(mso=put(member, value=value))
            yield reject(form, "S-044", f"{member}-{name}", change, "mdoc_maps", shape)
    for name, value in {
        "missing": ...,
        "null": None,
        "number": 7,
        "empty": "",
        "list": [MDL],
    }.items():
        change = Change(mso=put("docType", value=value))
        yield reject(form, "S-044", f"mso-type-{name}", change, "mdoc_names", shape)
    for name, value in {
        "missing": ...,
        "2": "2.0",
        "0": "0.9",
        "number": 1.0,
        "1": "1",
        "null": None,
        "letters": "1.x",
    }.items():
        change = Change(mso=put("version", value=value))
        check, why = "mdoc_version", "malformed/unsupported_version"
        yield reject(form, "S-044", f"mso-version-{name}", change, check, why)
    for name, data in {"list": b"\x80", "text": b"\x61a", "null": b"\xf6"}.items():
        change = Change(mso_bytes=lambda _, data=data: data)
        yield reject(form, "S-044", f"mso-{name}", change, "mdoc_maps", shape)
    for name, value in {"nameSpaces": [], "dataElements": {ISO: "x"}, "both": None}.items():
        authorizations = {name: value} if name != "both" else []
        if name == "nameSpaces":
            authorizations = {name: "x"}
        change = Change(mso=put("deviceKeyInfo", "keyAuthorizations", value=authorizations))
        yield reject(form, "S-044", f"authorizations-{name}", change, "mdoc_authorizations", shape)


def _messages(form: Form) -> Iterator[HostileCase]:
    """The issuer's COSE_Sign1."""
    for name, step in {
        "x5chain": Change(unprotected=lambda _: {}),
        "x5chain-text-label": Change(unprotected=lambda old: {"33": old[33]}),
        "x5chain-other-label": Change(unprotected=lambda old: {32: old[33]}),
        "x5chain-null": Change(unprotected=lambda _: {33: None}),
    }.items():
        yield reject(form, "S-044", f"no-{name}", step, "mdoc_x5chain", "malformed/missing_x5chain")
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
        yield reject(
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
        change = Change(protected=put(1, value=value))
        check, why = "cose_algorithm", "malformed/invalid_signature_alg"
        yield reject(form, "S-044", f"alg-{name}", change, check, why)
    for name, members in {"alg": {1: -7}, "alg-other": {1: -8}, "crit": {2: [1]}}.items():
        change = Change(unprotected=lambda old, members=members: {**old, **members})
        check, why = "cose_protected", "malformed/unprotected_header"
        yield reject(form, "S-044", f"unprotected-{name}", change, check, why)
    for name, value in {"one": [1], "unknown": [99], "text": ["x"], "empty": []}.items():
        change = Change(protected=put(2, value=value))
        yield reject(
            form, "S-044", f"crit-{name}", change, "cose_crit", "malformed/unsupported_crit"
        )
    change = Change(protected=put(33, value=LEAF))
    check, why = "cose_headers_once", "malformed/duplicate_header"
    yield reject(form, "S-044", "x5chain-twice", change, check, why)
    for name, step in {
        "short": lambda s: s[:-1],
        "long": lambda s: s + b"\0",
        "empty": lambda _: b"",
        "der": lambda s: b"\x30" + s,
    }.items():
        change = Change(auth=lambda old, step=step: [*old[:3], step(old[3])])
        check, why = "cose_signature_size", "malformed/invalid_signature"
        yield reject(form, "S-044", f"signature-{name}", change, check, why)
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
        yield reject(
            form, "S-044", f"auth-{name}", Change(auth=step), "cose_shape", "malformed/invalid_cose"
        )
    change = Change(auth=lambda old: [*old[:2], None, old[3]])
    yield reject(form, "S-044", "payload-null", change, "cose_payload", "malformed/invalid_mdoc")
    bad = "bad_signature/bad_issuer_signature"
    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], bytes([old[3][0] ^ 1]) + old[3][1:]],
        "halves": lambda old: [*old[:3], old[3][32:] + old[3][:32]],
    }.items():
        for sid in ("S-044", "S-040"):
            yield reject(form, sid, f"signature-{name}", Change(auth=step), "proof_signature", bad)
    yield reject(form, "S-044", "by-stranger", Change(signer=STRANGER), "proof_signature", bad)
    yield reject(form, "S-025", "by-stranger", Change(signer=STRANGER), "proof_signature", bad)
