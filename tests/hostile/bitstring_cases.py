"""
S-052, S-054, S-055, S-057 of Bitstring Status Lists: the credential that holds one, its bits, and
the entries that refer to it. Bitstring Status List 1.0, 2.1 (entries), 2.2 (the list), 3.2 (bits
begin at the most significant one), 3.3 (what makes no statement).
"""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

from encoding import base64url
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import Slot
from tests.hostile.stage import (
    BITS,
    DAY,
    DID,
    LAND,
    STRANGER,
    Change,
    Json,
    bitstring_list,
    document,
    document_1,
    setting,
    token_list,
    with_members,
)
from tests.hostile.switches import switch
from tests.vectors.small_city import NOW

JUDGEMENT = "credentials.status_judgement"
LISTS = "credentials.status_lists"
SLOT = Slot("vc+jwt", "list")
SHOWN = tuple(Slot(paper, "credential") for paper in ("vc+jwt", "vc+sd-jwt", "vp+jwt", "jwt_vc"))
SIZE = 131_072

switch("bitstring", {f"{LISTS}.read_bitstring": lambda *_, **__: bytes(SIZE // 8)})
switch_off("kind_of_bitstring", (f"{LISTS}._read_listed", "status_verification_error"))
switch("stamps_of_lists", {f"{LISTS}.parse_date_time_stamp": lambda *_, **__: NOW})
switch(
    "entries",
    {
        "credentials.vcdm_reading.read_bitstring_references": lambda _: (),
        "credentials.jwt_vc.read_legacy_references": lambda _: (),
    },
)


def cases() -> Iterator[HostileCase]:
    yield from _credentials()
    yield from _bits()
    for slot in SHOWN:
        yield from _entries(slot)
    yield from _places()
    yield from _answers()


def _case(sid: str, name: str, token: str, check: str, detail: str, **reason: str) -> HostileCase:
    made = SLOT.line(status_lists={BITS: token})
    return SLOT.reject(
        sid, name, made, check=check, detail=detail, **(reason or {"reason": "status_unknown"})
    )


def _twin(sid: str, name: str, token: str, check: str) -> HostileCase:
    return SLOT.twin(sid, name, SLOT.line(status_lists={BITS: token}), check=check)


def _subject(**members: Any) -> Change:
    return Change(
        payload=lambda old: {
            **old,
            "credentialSubject": with_members(old["credentialSubject"], members),
        }
    )


def _credentials() -> Iterator[HostileCase]:
    """S-052: the credential around the bits."""
    for name, uri in {"another": f"{BITS}2", "slash": f"{BITS}/", "upper": BITS.upper()}.items():
        token = bitstring_list(id=uri)
        yield _case("S-052", f"id-{name}", token, "list_counts", "wrong_list_named")
    kind = ("kind_of_bitstring", "status_verification_error")
    for name, members in {
        "no-id": {"id": ...},
        "id-list": {"id": [BITS]},
        "types-missing": {"type": ...},
        "types-other": {"type": ["VerifiableCredential"]},
        "types-text": {"type": "BitstringStatusListCredential"},
        "subject-missing": {"credentialSubject": ...},
        "subject-list": {"credentialSubject": []},
    }.items():
        yield _case("S-052", name, bitstring_list(**members), *kind)
    for name, members in {"type-missing": {"type": ...}, "type-other": {"type": "List"}}.items():
        yield _case("S-052", f"subject-{name}", bitstring_list(_subject(**members)), *kind)
    for name, purpose in {"suspension": "suspension", "other": "x", "case": "Revocation"}.items():
        token = bitstring_list(_subject(statusPurpose=purpose))
        yield _case(
            "S-052", f"purpose-{name}", token, "status_is_known", "status_verification_error"
        )
    for name, purpose in {"missing": ..., "null": None, "empty": [], "number": [1]}.items():
        token = bitstring_list(_subject(statusPurpose=purpose))
        yield _case("S-052", f"purpose-{name}", token, "status_is_known", kind[1])
    for name, moment in {"minute": "2026-11-22T09:01:01Z", "year": "2027-11-22T09:00:00Z"}.items():
        token = bitstring_list(validFrom=moment)
        yield _case("S-052", f"from-{name}", token, "list_counts", "status_list_not_yet_valid")
    for name, moment in {"now": "2026-11-22T09:00:00Z", "year": "2025-11-22T09:00:00Z"}.items():
        token = bitstring_list(validUntil=moment)
        reason, detail = "status_stale", "status_list_expired"
        yield _case("S-052", f"until-{name}", token, "list_counts", detail, reason=reason)
    for member in ("validFrom", "validUntil"):
        for name, value in {"text": "soon", "null": None, "no-zone": "2026-11-22T09:00:00"}.items():
            token = bitstring_list(**{member: value})
            yield _case("S-052", f"{member}-{name}", token, "stamps_of_lists", "invalid_time")
    for name, change in {"stranger": Change(by=STRANGER), "land": Change(by=LAND)}.items():
        token = bitstring_list(change)
        yield _case("S-052", f"by-{name}", token, "list_counts", "status_list_not_authentic")
    token = bitstring_list(issuer="did:web:stranger.example")
    yield _case("S-052", "issuer-another", token, "list_counts", "status_list_not_authentic")
    for name, value in {"zero": 0, "negative": -1, "text": "300000", "true": True}.items():
        token = bitstring_list(_subject(ttl=value))
        yield _case("S-052", f"ttl-{name}", token, "ttl", "malformed_status_list")
    for name, token in {
        "until-edge": bitstring_list(validUntil="2026-11-22T09:00:01Z"),
        "no-dates": bitstring_list(validFrom=..., validUntil=...),
        "from-edge": bitstring_list(validFrom="2026-11-22T09:01:00Z"),
        "issuer-object": bitstring_list(issuer={"id": DID, "name": "ក្រសួង"}),
        "purposes": bitstring_list(_subject(statusPurpose=["suspension", "revocation"])),
        "ttl": bitstring_list(_subject(ttl=1)),
    }.items():
        yield _twin("S-052", name, token, "list_counts")


def _encoded(data: bytes) -> Change:
    return _subject(encodedList="u" + base64url.encode(data))


def _bits() -> Iterator[HostileCase]:
    """S-052, S-054: the bits."""
    good = gzip.compress(bytes(SIZE // 8), mtime=0)
    bomb = gzip.compress(bytes((16 << 20) + 1), mtime=0)
    for name, data in {
        "zlib": zlib.compress(bytes(SIZE // 8)),
        "plain": bytes(SIZE // 8),
        "empty": b"",
        "truncated": good[:-12],
        "no-checksum": good[:-8],
        "no-length": good[:-4],
        "bad-checksum": good[:-8] + bytes([good[-8] ^ 1]) + good[-7:],
        "bad-length": good[:-1] + b"\x01",
        "two-members": good + good,
        "trailing": good + b"\x00",
    }.items():
        token = bitstring_list(_encoded(data))
        yield _case("S-052", f"gzip-{name}", token, "bitstring", "malformed_value_error")
    yield _case("S-052", "gzip-bomb", bitstring_list(_encoded(bomb)), "bitstring", "too_large")
    text = base64url.encode(good)
    for name, value in {
        "no-prefix": text,
        "base58-prefix": f"z{text}",
        "base64-prefix": f"m{text}",
        "upper-prefix": f"U{text}",
        "prefix-alone": "u",
        "padded": f"u{text}=",
        "missing": ...,
        "list": [f"u{text}"],
        "number": 7,
    }.items():
        token = bitstring_list(_subject(encodedList=value))
        yield _case("S-052", f"list-{name}", token, "bitstring", "malformed_value_error")
    for name, size in {"none": 0, "byte": 1, "half": SIZE // 16, "less": SIZE // 8 - 1}.items():
        token = bitstring_list(entries=bytes(size))
        yield _case("S-054", f"size-{name}", token, "bitstring", "status_list_length_error")
    yield _twin("S-054", "size-more", bitstring_list(entries=bytes(SIZE // 8 + 1)), "bitstring")
    yield _twin("S-054", "size-large", bitstring_list(entries=bytes(1 << 20)), "bitstring")


def _referring(slot: Slot, entry: Any) -> Json:
    if slot.paper == "jwt_vc":
        return slot.line(Change(payload=setting(vc=document_1(credentialStatus=entry))))
    return slot.line(Change(payload=setting(credentialStatus=entry)))


def _entry(**members: Any) -> Json:
    good: Json = dict(document()["credentialStatus"])
    return with_members(good, members)


def _entries(slot: Slot) -> Iterator[HostileCase]:
    """S-054: `credentialStatus`."""
    wrong: dict[str, Any] = {"negative": "-1", "plus": "+7", "zero-led": "07", "space": " 7"}
    wrong |= {"fraction": "7.0", "hex": "0x7", "empty": "", "khmer": "៧", "exponent": "1e1"}
    wrong |= {"number": 7, "null": None, "missing": ..., "list": ["7"], "line-feed": "7\n"}
    wrong |= {"beyond": "9" * 17}
    for name, value in wrong.items():
        made = _referring(slot, _entry(statusListIndex=value))
        yield _wrong_entry(slot, f"index-{name}", made)
    for name, members in {
        "list-missing": {"statusListCredential": ...},
        "list-number": {"statusListCredential": 7},
        "list-relative": {"statusListCredential": "status"},
        "purpose-missing": {"statusPurpose": ...},
        "purpose-list": {"statusPurpose": ["revocation"]},
        "id-of-the-list": {"id": BITS},
    }.items():
        yield _wrong_entry(slot, name, _referring(slot, _entry(**members)))
    yield _wrong_entry(slot, "nine-entries", _referring(slot, [_entry()] * 9))
    for name, index in {"length": SIZE, "beyond": SIZE + 1, "2^40": 2**40}.items():
        made = _referring(slot, _entry(statusListIndex=str(index)))
        yield _unknown(slot, f"index-{name}", made, "range_error")
    for name, members in {
        "another-type": {"type": "RevocationList2020Status"},
        "wide-status": {"statusSize": 2},
        "another-purpose": {"statusPurpose": "x-city"},
    }.items():
        made = _referring(slot, _entry(**members))
        yield _unknown(slot, name, made, "status_list_missing")
    for name, value in {"first": "0", "last": str(SIZE - 1)}.items():
        made = _referring(slot, _entry(statusListIndex=value))
        yield slot.twin("S-054", f"index-{name}", made, check="entries")
    made = _referring(slot, [_entry(), _entry(statusListIndex="9", id=...)])
    yield slot.twin("S-054", "two-entries", made, check="entries")


def _wrong_entry(slot: Slot, name: str, made: Json) -> HostileCase:
    return slot.reject("S-054", name, made, check="entries", detail="invalid_status_reference")


def _unknown(slot: Slot, name: str, made: Json, detail: str) -> HostileCase:
    """Counted where its list stands."""
    return SLOT.reject(
        "S-054",
        f"{slot.paper}-{name}",
        made,
        check="status_is_known",
        reason="status_unknown",
        detail=detail,
    )


def _places() -> Iterator[HostileCase]:
    """S-055: the first entry is the most significant bit of the first byte."""
    for index in (0, 1, 6, 7, 8, 15, 16, 4_095, SIZE - 1):
        entries = bytearray(SIZE // 8)
        entries[index // 8] |= 0x80 >> index % 8
        token = bitstring_list(entries=bytes(entries))
        for other in (index - 1, index, index + 1, index ^ 7):
            if not 0 <= other < SIZE or (other == index ^ 7 and abs(other - index) == 1):
                continue
            made = SHOWN[0].line(
                Change(payload=setting(credentialStatus=_entry(statusListIndex=str(other)))),
                status_lists={BITS: token},
            )
            name = f"{index}-at-{other}"
            if other == index:
                yield SLOT.reject(
                    "S-055", name, made, check="bit_order", reason="revoked", detail="revoked"
                )
            else:
                yield SLOT.twin("S-055", name, made, check="bit_order")


def _answers() -> Iterator[HostileCase]:
    """S-057."""
    for name, (text, detail) in {
        "empty": ("", "not_a_jws"),
        "html": ("<html>502</html>", "not_a_jws"),
        "json": ('{"credentialSubject":{}}', "status_verification_error"),
        "of-another-kind": (token_list(), "wrong_list_named"),
        "cut": (bitstring_list()[:-42], "status_list_not_authentic"),
    }.items():
        yield _case("S-057", name, text, "status_is_known", detail)
    made = SLOT.line(status_lists={})
    yield SLOT.reject(
        "S-057",
        "nothing",
        made,
        check="status_is_known",
        reason="status_unknown",
        detail="status_list_missing",
    )
    for age in (0, 599):
        yield SLOT.reject(
            "S-057",
            f"older-than-{age}",
            SLOT.line(status={"max_age": age}),
            check="status_is_known",
            reason="status_stale",
            detail="list_too_old",
        )
    made = SLOT.line(
        status_lists={BITS: bitstring_list(validFrom=...)}, status={"max_age": 3_000 * DAY}
    )
    yield SLOT.reject(
        "S-057",
        "without-a-date",
        made,
        check="status_is_known",
        reason="status_stale",
        detail="list_too_old",
    )
    yield SLOT.twin("S-057", "fresh", SLOT.line(status={"max_age": 600}), check="status_is_known")
