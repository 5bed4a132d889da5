"""
S-028, S-044, S-019, S-025, S-027: an mdoc's times, its device's key, and who may issue it.

ISO 18013-5 section 9.1.2.4 (MSO), RFC 9053 section 7 (keys).
"""

from collections.abc import Iterator
from typing import Any

from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import Pairs
from tests.hostile.forms import Form
from tests.hostile.mdoc_filing import put, reject
from tests.hostile.mdoc_stage import (
    BOTH,
    ISO,
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


def cases() -> Iterator[HostileCase]:
    for form in BOTH:
        yield from _times(form)
        yield from _keys(form)
        yield from _issuers(form)
        yield from _twins(form)


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
            yield reject(form, sid, f"until-{name}", change, "paper_validity", "expired/expired")
        for name, text in {
            "ahead": "2026-11-23T09:00:00Z",
            "61-seconds-ahead": "2026-11-22T09:01:01Z",
        }.items():
            change = times(validFrom=text)
            why = "not_yet_valid/not_yet_valid"
            yield reject(form, sid, f"from-{name}", change, "paper_validity", why)
            change = times(signed=text)
            why = "not_yet_valid/issued_in_the_future"
            yield reject(form, sid, f"signed-{name}", change, "paper_validity", why)
        change = times(validFrom="2026-11-22T08:00:00Z", validUntil="2026-11-22T07:00:00Z")
        why = "malformed/ends_before_it_begins"
        yield reject(form, sid, "turned", change, "paper_validity", why)
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
            change = Change(mso=put("validityInfo", member, value=value))
            yield reject(
                form, "S-028", f"{member}-{name}", change, "mdoc_times", "malformed/invalid_time"
            )
    for name, text in {"before": "2026-10-01T09:00:00Z", "after": None}.items():
        if text is not None:
            change = times(signed=text, validFrom=text)
            why = "issuer_not_trusted/signed_outside_of_certificate"
            yield reject(form, "S-046", f"signed-{name}-leaf", change, "certificate_fits", why)
            yield reject(form, "S-044", f"signed-{name}-leaf", change, "certificate_fits", why)
    change = Change(elements=lambda old: [*old[:3], ("issuing_country", "VN")])
    why = "issuer_not_trusted/wrong_country"
    yield reject(form, "S-046", "other-country", change, "certificate_fits", why)


def _keys(form: Form) -> Iterator[HostileCase]:
    """S-019 and S-044: the device's key."""
    good = cose_key(STRANGER)

    def key(value: Any) -> Change:
        return Change(mso=put("deviceKeyInfo", "deviceKey", value=value))

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
            mso=lambda old, value=value: put("deviceKeyInfo", "deviceKey", -4, value=value)(old)
        )
        check, why = "cose_key_private", "malformed/private_key_in_jwk"
        yield reject(form, "S-019", f"d-{name}", change, check, why)
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
        yield reject(
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
            yield reject(
                form, sid, f"types-{name}", Change(), "paper_type_accredited", why, issuers=issuers
            )
    for name, accepted in {
        "other": ["org.iso.7367.1.mVRC"],
        "none": [],
        "longer": [f"{MDL}s"],
    }.items():
        why = "type_not_accepted/another_type"
        yield reject(
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
        yield reject(
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
                change = Change(document=put("docType", value=text))
                yield reject(form, sid, f"doctype-{name}", change, "mdoc_doctype", why)
                change = Change(mso=put("docType", value=text))
                yield reject(form, sid, f"mso-doctype-{name}", change, "mdoc_doctype", why)


def _twins(form: Form) -> Iterator[HostileCase]:
    sha384 = Change(protected=put(99, value=1))
    changes: dict[str, Change] = {
        "plain": Change(),
        "tagged": Change(auth=lambda old: Tagged(18, old)),
        "one-element": Change(shown=lambda old: {ISO: old[ISO][1:2]}),
        "no-elements": Change(issued=put("nameSpaces", value=...)),
        "elements-turned": Change(shown=lambda old: {ISO: old[ISO][::-1]}),
        "unknown-header": sha384,
        "unknown-member": Change(mso=put("more", value={"a": [1]})),
        "x5chain-protected": Change(protected=put(33, value=LEAF), unprotected=lambda _: {}),
        "version-1.1": Change(mso=put("version", value="1.1")),
        "map-turned": Change(mso=lambda old: Pairs(tuple(reversed([*old.items()])))),
        "long-salt": Change(items=lambda old: [{**old[0], "random": bytes(64)}, *old[1:]]),
        "59-seconds-past": Change(
            mso=put("validityInfo", "validUntil", value=tdate("2026-11-22T08:59:01Z"))
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
