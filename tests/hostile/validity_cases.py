"""
S-027, S-028: another type than was asked for, and not now.

SD-JWT VC 2.2.2.1 (`vct`), VCDM 2.0 4.5 (type) and 4.9 (validity), RFC 7519 4.1.4 to 4.1.6, with 60
seconds of skew on both sides. A moment is a NumericDate or an xsd:dateTimeStamp, which has a zone.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from credentials.verdict import format_instant
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import ISSUED, Slot
from tests.hostile.stage import (
    DAY,
    HOLDER_DID,
    NOW_SECONDS,
    TYPE,
    VCT,
    Change,
    Json,
    document_1,
    setting,
)
from tests.hostile.switches import switch
from tests.vectors.small_city import NOW

VALIDITY = "credentials.verification._check_validity"
switch_off("expiry", (VALIDITY, "expired"))
switch_off("begin", (VALIDITY, "not_yet_valid"))
switch_off("issued_in_time", (VALIDITY, "issued_in_the_future"))
switch_off("order_of_dates", (VALIDITY, "ends_before_it_begins"))
switch_off("order_of_written_dates", ("credentials.vcdm_shape.read_validity", "invalid_validity"))
switch_off("order_of_old_dates", ("credentials.vcdm1.read_dates", "invalid_validity"))
switch_off("dates_agree", ("credentials.jwt_vc._read_times", "claims_disagree"))
switch(
    "moments",
    {
        "credentials.registered.parse_numeric_date": lambda *_, **__: NOW,
        "credentials.vcdm_shape.parse_date_time_stamp": lambda *_, **__: NOW,
        "credentials.vcdm1.parse_date_time_stamp": lambda *_, **__: NOW,
        "credentials.registered.parse_date_time_stamp": lambda *_, **__: NOW,
    },
)
switch_off("accepted_types", ("credentials.verification._check_type", "another_type"))
switch_off("type_is_text", ("credentials.registered.read_text", "missing_"))
switch_off(
    "types_of_documents",
    ("credentials.vcdm_shape._check_envelope", "invalid_type"),
    ("credentials.vcdm_shape._check_types", "invalid_type"),
    ("credentials.vcdm1.check_document", "invalid_type"),
    ("credentials.vcdm1.types_of", "invalid_type"),
)
switch_off("types_of_agencies", ("credentials.issuer_judgement.judge_issuer", "not_accredited"))

VC2 = {"vc+sd-jwt", "vc+jwt", "vp+jwt"}
"""The papers that hold a document of VCDM 2.0."""


def cases() -> Iterator[HostileCase]:
    for slot in ISSUED:
        yield from _numbers(slot)
        yield from _types(slot)
        if slot.paper in VC2:
            yield from _stamps(slot)
        elif slot.paper != "dc+sd-jwt":
            yield from _old_stamps(slot)


def at(seconds: float) -> str:
    """A dateTimeStamp so many seconds after now."""
    return format_instant(NOW + timedelta(seconds=seconds))


def _rejected(slot: Slot, name: str, payload: Any, check: str, **expected: Any) -> HostileCase:
    return slot.reject("S-028", name, slot.line(Change(payload=payload)), check=check, **expected)


LATE = {"reason": "expired", "detail": "expired"}
EARLY = {"reason": "not_yet_valid", "detail": "not_yet_valid"}
AHEAD = {"reason": "not_yet_valid", "detail": "issued_in_the_future"}


def _numbers(slot: Slot) -> Iterator[HostileCase]:
    """`exp`, `nbf` and `iat` of the token, in a VCDM document as well."""
    is_old = slot.paper in ("jwt_vc", "jwt_vp")
    old = {"nbf": NOW_SECONDS - 2 * 365 * DAY, "vc": document_1(issuanceDate=...)} if is_old else {}
    bare = {"validFrom": ...} if slot.paper in VC2 else {}
    for name, value in {"edge": NOW_SECONDS - 60, "year": NOW_SECONDS - 365 * DAY, "0": 0}.items():
        members = {**old, **bare, "exp": value, "iat": ...}
        if value == 0 and is_old:
            members["nbf"] = 0
        yield _rejected(slot, f"exp-{name}", setting(**members), "expiry", **LATE)
    plain = {"vc": document_1(issuanceDate=...)} if is_old else {}
    for name, value in {"edge": NOW_SECONDS + 61, "day": NOW_SECONDS + DAY}.items():
        payload = setting(**{**plain, "nbf": value})
        yield _rejected(slot, f"nbf-{name}", payload, "begin", **EARLY)
        payload = setting(iat=value)
        yield _rejected(slot, f"iat-{name}", payload, "issued_in_time", **AHEAD)
    payload = setting(**{**plain, "nbf": NOW_SECONDS + 20, "exp": NOW_SECONDS + 10})
    yield _rejected(
        slot, "exp-before-nbf", payload, "order_of_dates", detail="ends_before_it_begins"
    )
    wrong: dict[str, Any] = {"text": str(NOW_SECONDS + DAY), "null": None, "true": True}
    wrong |= {"list": [NOW_SECONDS], "negative": -1, "year-10000": 253_402_300_800}
    for member in ("exp", "nbf", "iat"):
        for name, value in wrong.items():
            yield _rejected(
                slot,
                f"{member}-{name}",
                setting(**{member: value}),
                "moments",
                detail="invalid_time",
            )
    twins: dict[str, Json] = {
        "exp-edge-inside": {"exp": NOW_SECONDS - 59},
        "nbf-edge-inside": {**plain, "nbf": NOW_SECONDS + 60, "exp": NOW_SECONDS + DAY},
        "iat-edge-inside": {"iat": NOW_SECONDS + 60},
        "exp-fraction": {"exp": NOW_SECONDS - 59.5},
        "exp-of-9999": {"exp": 253_402_300_799},
        "exp-equals-nbf": {**plain, "exp": NOW_SECONDS, "nbf": NOW_SECONDS},
    }
    if not is_old:
        twins["no-end"] = {"exp": ...} if slot.paper == "dc+sd-jwt" else {"validUntil": ...}
    for name, members in twins.items():
        made = slot.line(Change(payload=setting(**members)))
        yield slot.twin("S-028", name, made, check="expiry")


WRONG_STAMPS: dict[str, Any] = {
    "no-zone": "2026-12-22T09:00:00",
    "no-time": "2026-12-22",
    "leap-second": "2026-12-31T23:59:60Z",
    "hour-24": "2026-12-22T24:00:00Z",
    "month-13": "2026-13-22T09:00:00Z",
    "february-30": "2027-02-30T09:00:00Z",
    "space": "2026-12-22 09:00:00Z",
    "small-z": "2026-12-22T09:00:00z",
    "zone-of-15": "2026-12-22T09:00:00+15:00",
    "no-seconds": "2026-12-22T09:00Z",
    "comma": "2026-12-22T09:00:00,5Z",
    "week": "2026-W47-7T09:00:00Z",
    "number": NOW_SECONDS + DAY,
    "null": None,
    "list": ["2026-12-22T09:00:00Z"],
    "empty": "",
    "khmer-digits": "២០២៦-12-22T09:00:00Z",
    "line-feed": "2026-12-22T09:00:00Z\n",
}


def _stamps(slot: Slot) -> Iterator[HostileCase]:
    for name, value in WRONG_STAMPS.items():
        payload = setting(validUntil=value)
        yield _rejected(slot, f"until-{name}", payload, "moments", detail="invalid_time")
        payload = setting(validFrom=value)
        yield _rejected(slot, f"from-{name}", payload, "moments", detail="invalid_time")
    for name, seconds in {"edge": -60, "day": -DAY, "year": -365 * DAY}.items():
        payload = setting(validFrom=..., validUntil=at(seconds))
        yield _rejected(slot, f"until-{name}", payload, "expiry", **LATE)
        payload = setting(validFrom=at(1 - seconds), validUntil=...)
        yield _rejected(slot, f"from-{name}", payload, "begin", **EARLY)
        payload = setting(validFrom=at(0), validUntil=at(seconds))
        yield _rejected(
            slot, f"order-{name}", payload, "order_of_written_dates", detail="invalid_validity"
        )
    for name, members in {
        "until-edge": {"validFrom": ..., "validUntil": at(-59)},
        "from-edge": {"validFrom": at(60)},
        "zone": {"validUntil": "2026-11-22T16:00:30+07:00"},
        "other-zone": {"validFrom": "2026-11-22T01:00:00-08:00"},
        "fraction": {"validFrom": "2026-11-22T08:59:59.123456789Z"},
        "one-moment": {"validFrom": at(0), "validUntil": at(0)},
        "neither": {"validFrom": ..., "validUntil": ...},
    }.items():
        made = slot.line(Change(payload=setting(**members)))
        yield slot.twin("S-028", f"stamp-{name}", made, check="moments")


def _old_stamps(slot: Slot) -> Iterator[HostileCase]:
    """VCDM 1.1 section 6.3.1: `nbf` and `exp` say what the document says."""
    for name, value in WRONG_STAMPS.items():
        for member in ("issuanceDate", "expirationDate"):
            payload = setting(vc=document_1(**{member: value}))
            yield _rejected(slot, f"{member}-{name}", payload, "moments", detail="invalid_time")
    for name, members in {
        "issued-later": {"issuanceDate": at(-DAY + 1)},
        "issued-earlier": {"issuanceDate": at(-2 * DAY)},
        "ends-later": {"expirationDate": at(31 * DAY)},
        "ends-earlier": {"expirationDate": at(DAY)},
    }.items():
        payload = setting(vc=document_1(**members))
        yield _rejected(slot, name, payload, "dates_agree", detail="claims_disagree")
    payload = setting(vc=document_1(issuanceDate=at(0), expirationDate=at(-1)))
    yield _rejected(slot, "order", payload, "order_of_old_dates", detail="invalid_validity")
    made = slot.line(Change(payload=setting(vc=document_1(expirationDate=at(30 * DAY)))))
    yield slot.twin("S-028", "dates-agree", made, check="dates_agree")


def _types(slot: Slot) -> Iterator[HostileCase]:
    """S-027."""
    for name, types in {
        "another": ["https://issuer.city.example/types/title", "Title"],
        "none": [],
        "longer": [f"{VCT} ", f"{TYPE} "],
        "case": [VCT.upper(), TYPE.lower()],
        "prefix": [VCT[:-1], TYPE[:-1]],
        "general": ["VerifiableCredential", "https://issuer.city.example/types"],
    }.items():
        made = slot.line(accepted_types=types)
        yield slot.reject(
            "S-027",
            f"asked-{name}",
            made,
            check="accepted_types",
            reason="type_not_accepted",
            detail="another_type",
        )
    made = slot.line(accepted_types=["another", TYPE, VCT])
    yield slot.twin("S-027", "asked-among-others", made, check="accepted_types")
    if slot.paper == "dc+sd-jwt":
        yield from _vcts(slot)
    else:
        yield from _document_types(slot)


def _vcts(slot: Slot) -> Iterator[HostileCase]:
    shapes: dict[str, Any] = {"missing": ..., "list": [VCT], "null": None, "empty": "", "number": 7}
    for name, value in {**shapes, "object": {"id": VCT}, "true": True}.items():
        made = slot.line(Change(payload=setting(vct=value)))
        yield slot.reject("S-027", f"vct-{name}", made, check="type_is_text", detail="missing_vct")
    others = {"space": f"{VCT} ", "leading": f" {VCT}", "slash": f"{VCT}/", "case": VCT.upper()}
    others |= {"fragment": f"{VCT}#1", "query": f"{VCT}?v=2", "path": VCT.replace("taxi", "./taxi")}
    for name, value in {**others, "homoglyph": VCT.replace("a", "\u0430")}.items():
        made = slot.line(Change(payload=setting(vct=value)))
        yield _unaccredited(slot, f"vct-{name}", made)
    made = slot.line(Change(payload=setting(type="Title", aka_vcts=["https://x.example/title"])))
    yield slot.twin("S-027", "other-members", made, check="type_is_text")


def _unaccredited(slot: Slot, name: str, made: Json) -> HostileCase:
    return slot.reject(
        "S-027",
        name,
        made,
        check="types_of_agencies",
        reason="issuer_not_authorised_for_type",
        detail="not_accredited",
    )


def _document_types(slot: Slot) -> Iterator[HostileCase]:
    def typed(value: Any) -> Any:
        if "jwt_v" in slot.paper:
            return setting(vc=document_1(type=value))
        return setting(type=value)

    base = "VerifiableCredential"
    shapes: dict[str, Any] = {"missing": ..., "null": None, "empty": [], "number": [base, 7]}
    shapes |= {"base-missing": [TYPE], "list-in-list": [[base], TYPE], "empty-text": [base, ""]}
    shapes |= {"case": ["verifiableCredential", TYPE], "joined": f"{base} {TYPE}"}
    shapes |= {"presentation": ["VerifiablePresentation", TYPE]}
    for name, value in shapes.items():
        made = slot.line(Change(payload=typed(value)))
        yield slot.reject(
            "S-027", f"type-{name}", made, check="types_of_documents", detail="invalid_type"
        )
    others = {
        "extra": [base, TYPE, "Title"],
        "another": [base, "Title"],
        "space": [base, "Permit "],
    }
    others |= {"url": [base, f"https://issuer.city.example/{TYPE}"], "lower": [base, TYPE.lower()]}
    for name, value in {**others, "base-alone": [base], "base-text": base}.items():
        made = slot.line(Change(payload=typed(value)))
        yield _unaccredited(slot, f"type-{name}", made)
    for name, value in {"order": [TYPE, base], "twice": [base, TYPE, TYPE]}.items():
        made = slot.line(Change(payload=typed(value)))
        yield slot.twin("S-027", f"type-{name}", made, check="types_of_documents")
    subject = {"id": HOLDER_DID, "type": "Title", "plate": "2A-4417"}
    if "sd-jwt" not in slot.paper:
        members = {"credentialSubject": subject}
        payload = setting(vc=document_1(**members)) if "jwt_v" in slot.paper else setting(**members)
        made = slot.line(Change(payload=payload))
        yield slot.twin("S-027", "type-of-subject", made, check="types_of_documents")
