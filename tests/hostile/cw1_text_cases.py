"""
S-125 and S-127: CW1 texts that are damaged, unfold beyond their bound, or hold a view of no worth.

`CW1:` is docs of `credentials.cwt_packing`. Whatever has not one reading is malformed; the judge
gives the reason of the unpacking. What unpacks is judged like the CWT that it holds.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from credentials.cwt_packing import MAX_ORIGIN, PREFIX, build_cwt_qr_text, pack_cwt
from credentials.dictionaries import CWT_DICTIONARIES, CWT_NEWEST
from credentials.lifting import write_uvarint
from encoding import base45, compression
from encoding import errors as encoding_errors
from tests.hostile import cwt_cases, qr_text_cases  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import write
from tests.hostile.cose_stage import BOUND, CWT, Change, Changes, line, present
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import STRANGER
from tests.hostile.removal import switch_off
from tests.hostile.stage import DAY, NOW_SECONDS
from tests.hostile.switches import switch

FORM = Form("cw1", "cwt as CW1")
PACKING = "credentials.cwt_packing"
_DECODE = base45.decode


def _decode_some(text: str) -> bytes:
    """What is Base45 in a text, which is none."""
    try:
        return _DECODE(text)
    except encoding_errors.Malformed:
        return base45.decode(build_cwt_qr_text(view())[len(PREFIX) + 1 :])


def _read_good(*_: Any, **__: Any) -> Any:
    """Any code at all is the view's."""
    return view()


switch("cw1_text", {"credentials.packing.read_cwt_qr_text": _read_good})
switch_off("cw1_length", (f"{PACKING}.read_cwt_qr_text", "not_a_city_code"))
switch_off("cw1_dictionary", (f"{PACKING}.read_cwt_qr_text", "unknown_dictionary"))
switch("cw1_base45", {"encoding.base45.decode": _decode_some})
switch_off(
    # Several guards catch one fault, so they are off together.
    "cw1_damaged",
    (f"{PACKING}.lower_cbor", "_damaged"),
    (f"{PACKING}._Reader.take", "_damaged"),
    (f"{PACKING}._Reader.take_blob", "_damaged"),
    (f"{PACKING}._Reader.read_argument", "_damaged"),
    (f"{PACKING}._Reader.read_text", "_damaged"),
    (f"{PACKING}._Reader.read_map", "_damaged"),
)
switch_off("cw1_unfolds", (f"{PACKING}._Reader.read_text", "too_large"))
switch_off("cw1_depth", (f"{PACKING}._Reader.read_item", "too_deep"))


@cache
def view(*, is_bound: bool = True) -> bytes:
    """The view with its holder's proof, or without."""
    return write(present(BOUND if is_bound else CWT, {}))


def packed_text(packed: bytes, *, dictionary: str = CWT_NEWEST) -> str:
    """A text around any packed bytes."""
    return PREFIX + dictionary + base45.encode(packed)


def lifted_text(lifted: bytes, blobs: bytes = b"") -> str:
    """A text of the two streams, however wrong they are."""
    deflated = compression.deflate_raw(lifted, dictionary=CWT_DICTIONARIES[CWT_NEWEST])
    return packed_text(write_uvarint(len(deflated)) + deflated + blobs)


def cases() -> Iterator[HostileCase]:
    yield from _texts()
    yield from _damaged()
    yield from _streams()
    yield from _unfolding()
    yield from _views()
    yield from _twins()


def _reject(name: str, text: str, check: str, detail: str | None) -> HostileCase:
    made = line(BOUND, presentation=text)
    return FORM.reject("S-125", name, made, check=check, detail=detail)


def _texts() -> Iterator[HostileCase]:
    good = build_cwt_qr_text(view())
    body = good[len(PREFIX) + 1 :]
    for name, text in {
        "4297-characters": good + "0" * (4_297 - len(good)),
        "100000-characters": good + "0" * 100_000,
    }.items():
        yield _reject(name, text, "cw1_length", "not_a_city_code")
    for name, text in {
        "prefix-alone": PREFIX,
        "later-dictionary": f"{PREFIX}2{body}",
        "no-dictionary": f"{PREFIX}?{body}",
        "dictionary-of-letter": f"{PREFIX}A{body}",
        "dictionary-khmer": f"{PREFIX}១{body}",
        "twice-the-prefix": PREFIX + good,
        "other-prefix-inside": f"{PREFIX}CQ1:1{body}",
    }.items():
        yield _reject(name, text, "cw1_dictionary", "unknown_dictionary")
    middle = len(good) // 2
    for name, text in {
        "lower-case": PREFIX + CWT_NEWEST + body.lower(),
        "underscore": f"{good[:middle]}_{good[middle + 1 :]}",
        "khmer": f"{good[:middle]}ក{good[middle + 1 :]}",
        "nul": f"{good[:middle]}\x00{good[middle + 1 :]}",
        "line-feed": f"{good[:middle]}\n{good[middle:]}",
        "beyond-two-bytes": f"{PREFIX}{CWT_NEWEST}:::",
        "beyond-one-byte": f"{PREFIX}{CWT_NEWEST}::",
        "one-character": f"{PREFIX}{CWT_NEWEST}A",
        "four-characters": f"{PREFIX}{CWT_NEWEST}ABCD",
    }.items():
        yield _reject(name, text, "cw1_base45", "invalid_base45")


def _damaged() -> Iterator[HostileCase]:
    """A good code of which something is missing, or in which something is exchanged."""
    good = build_cwt_qr_text(view())
    packed = pack_cwt(view())
    for part in range(1, 8):
        cut = packed_text(packed[: len(packed) * part // 8])
        yield _reject(f"cut-{part}", cut, "cw1_text", None)
    for name, text in {
        "nothing": packed_text(b""),
        "no-streams": packed_text(b"\x00"),
        "count-beyond": packed_text(b"\xff\x7f" + packed),
        "count-endless": packed_text(b"\xff\xff\xff\xff"),
        "no-deflate": packed_text(b"\x03\xff\xff\xff"),
        "two-streams": packed_text(write_uvarint(2 * len(packed)) + packed + packed),
        "random": packed_text(bytes(each * 167 % 251 for each in range(300))),
        "as-cq1": "CQ1:1" + good[len(PREFIX) + 1 :],
    }.items():
        yield _reject(name, text, "cw1_text" if name != "as-cq1" else "qr_text", None)


def _streams() -> Iterator[HostileCase]:
    """Items that promise what is not there, and more than was promised."""
    for name, text in {
        "no-origin": lifted_text(b"\xf6"),
        "two-items": lifted_text(b"\xff\xf6\xf6"),
        "spare-blob": lifted_text(b"\xff\xf6", b"x"),
        "view-and-spare-blob": packed_text(pack_cwt(view()) + b"\0"),
        "long-origin": lifted_text(b"h" * (MAX_ORIGIN + 1) + b"\xff\xf6"),
    }.items():
        yield _reject(name, text, "cw1_damaged", "damaged_code")
    for name, lifted in {
        "no-item": b"\xff",
        "array-of-nothing": b"\xff\x81",
        "map-of-nothing": b"\xff\xa1",
        "map-without-value": b"\xff\xa1\x01",
        "tag-of-nothing": b"\xff\xd2",
        "half-a-number": b"\xff\x19\x01",
        "half-a-head": b"\xff\x99\x01",
        "bytes-within-bytes": b"\xff\x5f",
        "array-of-2-64": b"\xff\x9b" + b"\xff" * 8,
        "float-cut": b"\xff\xfb\x00",
    }.items():
        yield _reject(name, lifted_text(lifted), "cw1_damaged", "damaged_code")
    for name, lifted, blobs in (
        ("bytes-cut", b"\xff\x43", b"xy"),
        ("number-cut", b"\xff\x1a", b"\0\0\0"),
        ("three-bytes-cut", b"\xff\x1c", b"\0\0"),
        ("long-number-cut", b"\xff\x1b", b"\0" * 7),
        ("negative-cut", b"\xff\x3a", b""),
        ("bytes-of-2-32", b"\xff\x5a\xff\xff\xff\xff", b"x"),
    ):
        yield _reject(name, lifted_text(lifted, blobs), "cw1_damaged", "damaged_code")
    for name, head in {
        "array": 0x9F,
        "map": 0xBF,
        "tag": 0xDF,
        "reserved": 0x9C,
        "30": 0xDE,
    }.items():
        text = lifted_text(bytes([0xFF, head, 0xF6]))
        yield _reject(f"endless-{name}", text, "cw1_damaged", "damaged_code")
    yield _reject("open-text", lifted_text(b"\xff\x7fabc"), "cw1_damaged", "damaged_code")
    yield _reject("open-key", lifted_text(b"\xff\xa1\x7fabc"), "cw1_damaged", "damaged_code")
    for name, lifted in {
        "twice": b"\xff\xa2\x01\x01\x01\x01",
        "twice-as-text": b"\xff\xa2\x7fa\xff\x01\x7fa\xff\x01",
        "truth": b"\xff\xa1\xf5\x01",
        "array": b"\xff\xa1\x80\x01",
        "null": b"\xff\xa1\xf6\x01",
        "bytes": b"\xff\xa1\x40\x01",
    }.items():
        yield _reject(f"key-{name}", lifted_text(lifted), "cw1_damaged", "damaged_code")
    for name, lifted, detail in (
        ("not-utf8", b"\xff\x7f\xf8\xff", "invalid_utf8"),
        ("infinite", b"\xff\xf9\x7c\x00", "not_a_number"),
        ("not-a-number", b"\xff\xf9\x7e\x00", "not_a_number"),
        ("long-float", b"\xff\xfb" + bytes(8), "not_deterministic"),
    ):
        yield _reject(name, lifted_text(lifted), "cw1_text", detail)


def _unfolding() -> Iterator[HostileCase]:
    origin = b"https://" + b"x" * (MAX_ORIGIN - 8)
    for name, count in {"9000-times": 9_000, "257-times": 257}.items():
        text = lifted_text(origin + b"\xff\x7f" + b"\xfe" * count + b"\xff")
        yield _reject(f"origin-{name}", text, "cw1_text", "too_large")
    many = b"\x98\xc8" + (b"\x7f" + b"\xfe" * 2 + b"\xff") * 200
    yield _reject("many-texts", lifted_text(origin + b"\xff" + many), "cw1_unfolds", "too_large")
    for name, lifted in {
        "arrays": b"\xff" + b"\x81" * 200,
        "byte-strings": b"\xff" + b"\x5f" * 200,
        "tags": b"\xff" + b"\xd2" * 200,
        "maps": b"\xff" + b"\xa1\x01" * 200,
        "one-too-deep": b"\xff" + b"\x5f" * 24 + b"\x01",
    }.items():
        yield _reject(f"deep-{name}", lifted_text(lifted), "cw1_depth", "too_deep")
    bomb = compression.deflate_raw(b"\xff" + bytes(2_000_000))
    text = packed_text(write_uvarint(len(bomb)) + bomb)
    yield _reject("bomb", text, "cw1_text", "too_large")
    yield _reject("inflates", lifted_text(b"\xff" + b"\xf6" * 16_384), "cw1_text", "too_large")


def _views() -> Iterator[HostileCase]:
    """Codes that unpack to a view that does not count."""
    stranger = Change(by=STRANGER)
    old = Change(payload=lambda claims: {**claims, 6: NOW_SECONDS - 3_600})
    ahead = Change(payload=lambda claims: {**claims, 6: NOW_SECONDS + 61})
    elsewhere = Change(payload=lambda claims: {**claims, 3: "https://other.example"})
    ended = Change(payload=lambda claims: {**claims, 4: NOW_SECONDS - DAY})
    for sid, name, changes, check, why in (
        ("S-127", "old", {"proof": old}, "paper_freshness", "stale_code/code_too_old"),
        ("S-127", "ahead", {"proof": ahead}, "paper_freshness", "stale_code/code_in_the_future"),
        (
            "S-127",
            "by-another-phone",
            {"proof": stranger},
            "paper_holder_bound",
            "holder_not_bound/bad_holder_signature",
        ),
        (
            "S-040",
            "for-another",
            {"proof": elsewhere},
            "paper_addressee",
            "wrong_audience/wrong_audience",
        ),
        (
            "S-025",
            "by-stranger",
            {"token": stranger},
            "proof_signature",
            "bad_signature/bad_issuer_signature",
        ),
        ("S-028", "ended", {"token": ended}, "paper_validity", "expired/expired"),
    ):
        reason, _, detail = why.partition("/")
        made = line(BOUND, presentation=_text(changes))
        yield FORM.reject(sid, f"view-{name}", made, check=check, reason=reason, detail=detail)
    alone = build_cwt_qr_text(view(is_bound=False))
    made = line(BOUND, presentation=alone)
    yield FORM.reject(
        "S-039",
        "view-without-proof",
        made,
        check="paper_holder_bound",
        reason="holder_not_bound",
        detail="holder_binding_missing",
    )


def _text(changes: Changes) -> str:
    return build_cwt_qr_text(write(present(BOUND, changes)))


def _twins() -> Iterator[HostileCase]:
    good = build_cwt_qr_text(view())
    for sid in ("S-125", "S-127", "S-040", "S-039"):
        made = line(BOUND, presentation=good)
        yield FORM.twin(sid, "whole", made, check="cw1_text")
    recent = Change(payload=lambda claims: {**claims, 6: NOW_SECONDS - 300})
    soon = Change(payload=lambda claims: {**claims, 6: NOW_SECONDS + 60})
    for name, change in {"300-seconds-old": recent, "60-seconds-ahead": soon}.items():
        made = line(BOUND, presentation=_text({"proof": change}))
        yield FORM.twin("S-127", name, made, check="paper_freshness")
    alone = line(CWT, presentation=build_cwt_qr_text(view(is_bound=False)))
    yield FORM.twin("S-125", "without-proof", alone, check="cw1_text")
    untagged = Change(message=lambda old: old.value)
    made = line(BOUND, presentation=_text({"token": untagged}))
    yield FORM.twin("S-125", "untagged", made, check="cw1_text")
