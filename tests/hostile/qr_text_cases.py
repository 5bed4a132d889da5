"""
S-125: texts of QR codes that are no code of ours, or damaged ones.

`CQ1:` is docs of `credentials.packing`; Base45 is RFC 9285. Whatever does not unpack is malformed,
and nothing unfolds beyond its bound. S-127, old codes, stands in `key_binding_cases`.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from credentials.dictionaries import DICTIONARIES, NEWEST
from credentials.lifting import write_uvarint
from credentials.packing import PREFIX, build_qr_text, pack
from encoding import base45, compression
from tests.hostile.case import HostileCase
from tests.hostile.slots import Slot
from tests.hostile.stage import BOUND, Json, line, present
from tests.hostile.switches import switch

PAPERS = tuple(sorted(BOUND))


def _read_whatever(text: str, *, certificates: Any = ()) -> str:
    """Any text at all is the permit's code."""
    del text, certificates
    return present("dc+sd-jwt", {})


switch(
    "qr_text",
    {
        "cityhall.judge.read_qr_text": _read_whatever,
        "cityhall.judge.QR_PREFIXES": ("",),
    },
)


@cache
def good(paper: str = "dc+sd-jwt") -> str:
    """A code that reads."""
    return build_qr_text(present(paper, {}))


def packed_text(packed: bytes, *, dictionary: str = NEWEST) -> str:
    """A text around any packed bytes."""
    return PREFIX + dictionary + base45.encode(packed)


def lifted_text(lifted: bytes, blobs: bytes = b"") -> str:
    """A text around any lifted bytes."""
    deflated = compression.deflate_raw(lifted, dictionary=DICTIONARIES[NEWEST])
    return packed_text(write_uvarint(len(deflated)) + deflated + blobs)


def cases() -> Iterator[HostileCase]:
    for paper in PAPERS:
        slot = Slot(paper, "presentation" if paper in ("vp+jwt", "jwt_vp") else "binding")
        yield from _whole(slot)
        yield from _damaged(slot)
    slot = Slot("dc+sd-jwt", "binding")
    for name, text in {**_strange_texts(), **_lifted(), **_packed()}.items():
        yield _case(slot, name, text)


def _case(slot: Slot, name: str, text: str) -> HostileCase:
    made: Json = line(slot.paper, presentation=text)
    return slot.reject("S-125", name, made, check="qr_text", detail=None)


def _whole(slot: Slot) -> Iterator[HostileCase]:
    made = line(slot.paper, presentation=good(slot.paper))
    yield slot.twin("S-125", "whole", made, check="qr_text")
    again = packed_text(pack(present(slot.paper, {})))
    yield slot.twin("S-125", "packed-again", line(slot.paper, presentation=again), check="qr_text")
    around = {"leading-space": f" {again}", "trailing-line-feed": f"{again}\r\n"}
    for name, text in around.items():
        yield slot.twin("S-125", name, line(slot.paper, presentation=text), check="qr_text")


def _damaged(slot: Slot) -> Iterator[HostileCase]:
    text = good(slot.paper)
    middle = len(text) // 2
    damaged = {f"cut-{part}": text[: len(text) * part // 8] for part in range(1, 8)}
    damaged |= {
        "lower-case": PREFIX + text[len(PREFIX) :].lower(),
        "lower-prefix": "cq1:" + text[len(PREFIX) :],
        "mixed-prefix": "Cq1:" + text[len(PREFIX) :],
        "leading-no-break-space": "\u00a0" + text,
        "line-feed-within": text[:middle] + "\n" + text[middle:],
        "byte-order-mark": "\ufeff" + text,
        "twice": text + text,
        "second-version": "CQ2" + text[3:],
        "no-colon": text.replace(":", "", 1),
        "bad-character": text[:middle] + "_" + text[middle + 1 :],
        "khmer-character": text[:middle] + "ក" + text[middle + 1 :],
        "nul": text[:middle] + "\x00" + text[middle + 1 :],
        "character-lost": text[:middle] + text[middle + 1 :],
        "characters-swapped": text[:middle] + text[middle + 1] + text[middle] + text[middle + 2 :],
        "reversed": PREFIX + text[len(PREFIX) :][::-1],
        "unknown-dictionary": PREFIX + "Z" + text[len(PREFIX) + 1 :],
        "no-dictionary": PREFIX + text[len(PREFIX) + 1 :],
        "too-long": text + "0" * (4_297 - len(text)),
    }
    for name, value in damaged.items():
        if value != text:
            yield _case(slot, name, value)


def _strange_texts() -> dict[str, str]:
    return {
        "prefix-alone": "CQ1:",
        "prefix-and-dictionary": "CQ1:" + NEWEST,
        "url": "https://example.org/menu",
        "wifi": "WIFI:S:city;T:WPA;P:secret;;",
        "contact": "BEGIN:VCARD\nFN:Sok Dara\nEND:VCARD",
        "payment": "00020101021229300012D156000000000510A93FO3230Q",
        "health": "HC1:6BFOXN%TS3DHPVO13J",
        "offer": "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fx.example",
        "request": "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fx.example",
        "digits": "0" * 300,
        "spaces": " " * 300,
        "tildes": "~" * 300,
        "dots": "." * 300,
        "khmer": "លិខិតអនុញ្ញាត",
        "emoji": "🚕" * 60,
        "controls": "".join(map(chr, range(1, 32))),
        "surrogate-like": "\\ud800",
        "empty-cwt": "CW1:",
        "damaged-cwt": "CW1:0ABC",
        "braces": "{" * 200,
        "script": "<script>alert(1)</script>",
    }


def _lifted() -> dict[str, str]:
    """Marks of the lifted form where they may not stand."""
    return {
        "stray-end": lifted_text(b"a\xf5"),
        "open-nesting": lifted_text(b"\xfca"),
        "nested-too-deep": lifted_text(b"\xfc" * 5 + b"a" + b"\xf5" * 5),
        "y-without-x": lifted_text(b"\xf7"),
        "no-blob": lifted_text(b"\xfe"),
        "short-blob": lifted_text(b"\xfe", bytes(31)),
        "blob-left": lifted_text(b"a", b"\x00"),
        "blob-count-beyond": lifted_text(b"\xfb", b"\xff\xff\x7f"),
        "blob-count-endless": lifted_text(b"\xfb", b"\xff\xff\xff"),
        "unknown-certificate": lifted_text(b"\xfa", b"\x00\x01\x02\x03"),
        "x-off-the-curve": lifted_text(b"\xfe\xf7", b"\xff" * 32),
        "derived-too-often": lifted_text(b"\xf9" * 9),
        "not-utf8": lifted_text(b"\x80"),
        "lone-khmer": lifted_text(b"\xf6"),
        "unfolds": lifted_text(b"\xfd" * 900, bytes(64 * 900)),
        "unfolds-nested": lifted_text((b"\xfc" + b"a" * 4_000 + b"\xf5") * 5),
        "inflates": lifted_text(b"a" * 16_385),
    }


def _packed() -> dict[str, str]:
    return {
        "count-beyond": packed_text(b"\xff\x7f" + b"a"),
        "count-endless": packed_text(b"\xff\xff\xff\xff"),
        "count-zero": packed_text(b"\x00abc"),
        "no-deflate": packed_text(b"\x03\xff\xff\xff"),
        "nothing": packed_text(b""),
        "bomb": packed_text(_counted(compression.deflate_raw(bytes(2_000_000)))),
        "random": packed_text(bytes(each * 167 % 251 for each in range(600))),
        "two-streams": packed_text(_counted(compression.deflate_raw(b"a") * 2)),
    }


def _counted(deflated: bytes) -> bytes:
    return write_uvarint(len(deflated)) + deflated
