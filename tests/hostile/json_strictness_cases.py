"""
S-012, S-014: JSON and base64url that two readers would read differently, or that choke one.

RFC 8259 and I-JSON (RFC 7493 2.3: no duplicate names; 2.1: no surrogates; 2.2: numbers that every
reader holds exactly), RFC 7515 section 2 (base64url without padding), RFC 4648 3.5 (no stray bits).
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

from encoding import strict_json
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import ISSUED, SLOTS, Slot
from tests.hostile.stage import Change, disclosure, hiding, setting
from tests.hostile.switches import switch


def _lenient(name: str, **hooks: Any) -> None:
    """A switch: the JSON reader without one of its hooks."""
    kept: dict[str, Any] = {
        "object_pairs_hook": strict_json._object_without_duplicates,
        "parse_int": strict_json._integer,
        "parse_float": strict_json._float,
        "parse_constant": strict_json._constant,
    }
    decoder = json.JSONDecoder(**{**kept, **hooks})
    switch(name, {"encoding.strict_json._DECODER": decoder})


def _decode_text(data: bytes | str, _: int) -> str:
    return data.decode(errors="replace") if isinstance(data, bytes) else data


def _decode_value(text: str) -> Any:
    return strict_json._DECODER.raw_decode(text.strip())[0]


def _decode_base64(text: str) -> bytes:
    bare = "".join(each for each in text if each.isascii() and (each.isalnum() or each in "-_+/"))
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=None if "+" in bare else b"-_")


_lenient("duplicate_members", object_pairs_hook=dict)
_lenient("integers_in_range", parse_int=lambda digits: int(digits) if len(digits) < 30 else 7)
_lenient("numbers_in_range", parse_float=float)
_lenient("numbers_only", parse_constant=lambda _: 7)
switch("utf8", {"encoding.strict_json._decode_text": _decode_text})
switch("whole_text", {"encoding.strict_json._decode_value": _decode_value})
switch("surrogates", {"encoding.strict_json._refuse_lone_surrogates": lambda _: None})
switch("base64url", {"encoding.base64url.decode": _decode_base64})
switch_off("members_bounded", ("encoding.strict_json._check_structure", "too_many_members"))
switch_off(
    "depth_bounded",
    ("encoding.strict_json._check_structure", "too_deep"),
    others={"credentials.disclosures.MAX_DEPTH": 10**6},
)
switch_off(
    "size_bounded",
    ("encoding.strict_json._decode_text", "too_large"),
    ("credentials.jose.parse_jws", "too_large"),
    ("credentials.jose._parse_header", "too_large"),
    ("credentials.sd_jwt.parse_sd_jwt", "too_large"),
)

MEMBER = b'"x-city":'


def cases() -> Iterator[HostileCase]:
    for slot in SLOTS:
        yield from _duplicates(slot)
        yield from _broken_texts(slot)
        yield from _numbers(slot)
        yield from _sizes(slot)
        yield from _base64(slot)
    for slot in ISSUED:
        if "sd-jwt" in slot.paper:
            yield from _disclosures(slot)


def _append(member: bytes) -> Any:
    """Put one more member at the end of an object's text."""
    return lambda text: text[:-1] + b"," + member + b"}"


def _prepend(member: bytes) -> Any:
    """Put one more member at its beginning."""
    return lambda text: b"{" + member + b"," + text[1:]


def _duplicates(slot: Slot) -> Iterator[HostileCase]:
    texts = {
        "first": _prepend(b'"iat":1'),
        "last": _append(b'"iat":1'),
        "escaped": _append(b'"i\\u0061t":1'),
        "nested": _append(b'"x-city":{"a":1,"b":2,"a":1}'),
        "deep": _append(b'"x-city":[[{"a":{"b":1,"b":1}}]]'),
        "empty-name": _append(b'"":1,"":2'),
        "khmer": _append('"ឈ្មោះ":1,"ឈ្មោះ":2'.encode()),
    }
    for name, text in texts.items():
        payload = Change(payload=setting(iat=1), payload_text=text)
        header = Change(header=setting(iat=1), header_text=text)
        for part, change in (("payload", payload), ("header", header)):
            yield slot.reject(
                "S-012",
                f"{part}-{name}",
                slot.line(change),
                check="duplicate_members",
                detail="duplicate_member",
            )
    for name, member in {
        "other-case": b'"x-city":1,"X-city":1',
        "same-in-two-objects": b'"x-city":[{"a":1},{"a":1}]',
        "other-normal-form": '"x\u00e9":1,"xe\u0301":1'.encode(),
        "member-and-value": b'"x-city":"x-city"',
        "white-space": b' "x-city" : [ 1 , 2 ] \n',
        "escapes": b'"x-city":"\\u1780\\ud83d\\ude95"',
    }.items():
        change = Change(payload_text=_append(member), header_text=_append(member))
        yield slot.twin("S-012", name, slot.line(change), check="duplicate_members")


def _broken_texts(slot: Slot) -> Iterator[HostileCase]:
    texts = {
        "not-utf8": (_append(b'"x-city":"\xff"'), "invalid_utf8", "utf8"),
        "overlong": (_append(b'"x-city":"\xc0\xaf"'), "invalid_utf8", "utf8"),
        "raw-surrogate": (_append(b'"x-city":"\xed\xa0\x80"'), "invalid_utf8", "utf8"),
        "lone-surrogate": (_append(b'"x-city":"\\ud800"'), "lone_surrogate", "surrogates"),
        "lone-surrogate-name": (_append(b'"\\uDC00":1'), "lone_surrogate", "surrogates"),
        "trailing-object": (lambda text: text + b"{}", "trailing_data", "whole_text"),
        "trailing-comma": (lambda text: text + b",", "trailing_data", "whole_text"),
        "trailing-nul": (lambda text: text + b"\x00", "trailing_data", "whole_text"),
    }
    for name, (text, detail, check) in texts.items():
        for part, change in (
            ("payload", Change(payload_text=text)),
            ("header", Change(header_text=text)),
        ):
            made = slot.line(change)
            yield slot.reject("S-012", f"{part}-{name}", made, check=check, detail=detail)


def _numbers(slot: Slot) -> Iterator[HostileCase]:
    texts = {
        "nan": (b"NaN", "not_a_number", "numbers_only"),
        "infinity": (b"Infinity", "not_a_number", "numbers_only"),
        "minus-infinity": (b"-Infinity", "not_a_number", "numbers_only"),
        "beyond-double": (b"1e400", "number_out_of_range", "numbers_in_range"),
        "beyond-53-bits": (b"9007199254740992", "integer_out_of_range", "integers_in_range"),
        "below-53-bits": (b"-9007199254740992", "integer_out_of_range", "integers_in_range"),
        "5000-digits": (b"9" * 5000, "integer_out_of_range", "integers_in_range"),
    }
    for name, (number, detail, check) in texts.items():
        change = Change(payload_text=_append(MEMBER + number))
        yield slot.reject("S-014", name, slot.line(change), check=check, detail=detail)
    for name, number in {"53-bits": b"9007199254740991", "largest-double": b"1e308"}.items():
        change = Change(payload_text=_append(MEMBER + number))
        yield slot.twin("S-014", name, slot.line(change), check="integers_in_range")


def _sizes(slot: Slot) -> Iterator[HostileCase]:
    """An object's own depth is one; what is appended counts from there."""
    for depth in (32, 5_000):
        change = Change(payload_text=_append(MEMBER + b"[" * depth + b"]" * depth))
        made = slot.line(change)
        yield slot.reject(
            "S-014", f"depth-{depth + 1}", made, check="depth_bounded", detail="too_deep"
        )
    change = Change(header_text=_append(MEMBER + b'{"a":' * 32 + b"1" + b"}" * 32))
    made = slot.line(change)
    yield slot.reject("S-014", "header-depth", made, check="depth_bounded", detail="too_deep")
    change = Change(payload_text=_append(MEMBER + b"[" + b"0," * 10_001 + b"0]"))
    made = slot.line(change)
    yield slot.reject("S-014", "members", made, check="members_bounded", detail="too_many_members")
    change = Change(header_text=_append(MEMBER + b'"' + b"a" * 9_000 + b'"'))
    made = slot.line(change)
    yield slot.reject("S-014", "long-header", made, check="size_bounded", detail="too_large")
    if slot.position != "list":
        for name, member in {
            "long-string": b'"' + b"a" * 300_000 + b'"',
            "many-zeros": b"[" + b"0," * 150_000 + b"0]",
            "depth-100000": b"[" * 100_000 + b"]" * 100_000,
        }.items():
            change = Change(payload_text=_append(MEMBER + member))
            made = slot.line(change)
            yield slot.reject("S-014", name, made, check="size_bounded", detail="too_large")
    twins = {
        "depth-32": Change(payload_text=_append(MEMBER + b"[" * 31 + b"]" * 31)),
        "brackets-in-text": Change(payload_text=_append(MEMBER + b'"' + b"[" * 5_000 + b'"')),
        "members-9000": Change(payload_text=_append(MEMBER + b"[" + b"0," * 9_000 + b"0]")),
        "header-of-8000": Change(header_text=_append(MEMBER + b'"' + b"a" * 7_800 + b'"')),
    }
    for name, change in twins.items():
        yield slot.twin("S-014", name, slot.line(change), check="depth_bounded")


def _base64(slot: Slot) -> Iterator[HostileCase]:
    """Another text for the same bytes. A signature is not signed, so this is all that guards it."""
    texts = {
        "padding": lambda text: text + "==",
        "white-space": lambda text: f"{text[:-1]} {text[-1]}",
        "line-feed": lambda text: f"{text[:-2]}\n{text[-2:]}",
        "stray-bits": lambda text: text[:-1] + _next(text[-1]),
        "quoted": lambda text: text + '"',
        "percent": lambda text: text + "%3D",
    }
    for name, text in texts.items():
        made = slot.line(Change(text=text))
        yield slot.reject(
            "S-012", f"base64-{name}", made, check="base64url", detail="invalid_base64url"
        )


def _next(character: str) -> str:
    """The character whose unused bits are not zero: same bytes to a careless reader."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(character) + 1]


def _disclosures(slot: Slot) -> Iterator[HostileCase]:
    """The same inside what a holder discloses."""
    start, end = b'["c2FsdC1vZi1wbGF0ZQ","plate",', b"]"
    texts = {
        "object": (b'{"a":1,"a":1}', "duplicate_member", "duplicate_members", "S-012"),
        "nested": (
            b'[{"b":{"a":1,"\\u0061":1}}]',
            "duplicate_member",
            "duplicate_members",
            "S-012",
        ),
        "not-utf8": (b'"\xff"', "invalid_utf8", "utf8", "S-012"),
        "surrogate": (b'"\\udfff"', "lone_surrogate", "surrogates", "S-012"),
        "nan": (b"NaN", "not_a_number", "numbers_only", "S-014"),
        "5000-digits": (b"1" * 5_000, "integer_out_of_range", "integers_in_range", "S-014"),
        "depth": (b"[" * 5_000 + b"]" * 5_000, "too_deep", "depth_bounded", "S-014"),
    }
    for name, (value, detail, check, sid) in texts.items():
        text = base64.urlsafe_b64encode(start + value + end).decode().rstrip("=")
        made = slot.line(Change(payload=hiding(text)), disclosed=[text])
        yield slot.reject(sid, f"disclosure-{name}", made, check=check, detail=detail)
    good = disclosure("c2FsdA", "plate", {"a": [{"b": 1}, {"b": 1}], "ផ្លាក": "ភ្នំពេញ"})
    made = slot.line(Change(payload=hiding(good)), disclosed=[good])
    yield slot.twin("S-012", "disclosure-of-objects", made, check="duplicate_members")
