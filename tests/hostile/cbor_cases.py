"""
S-021: CBOR that two readers would read differently, or that one would choke on.

RFC 8949 section 3 (heads), 4.2.1 (core deterministic encoding), 5.6 (repeated keys), RFC 9052
section 3. Each poison stands in a member that nobody needs, in every part of every paper.
"""

from collections.abc import Callable, Iterator
from typing import Any

from encoding import base64url, cbor
from encoding.errors import Malformed as Broken
from tests.hostile import cose_stage, mdoc_stage, mdoc_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import Pairs, Raw
from tests.hostile.cose_stage import BOUND, CWT, LISTED, PARTS, VC, VP
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import ISSUED, SHOWN
from tests.hostile.removal import switch_off
from tests.hostile.switches import switch

DETAILS = (
    "indefinite_length",
    "invalid_cbor",
    "too_deep",
    "duplicate_member",
    "not_deterministic",
    "not_a_number",
    "invalid_utf8",
    "trailing_data",
)


def _forgiving(detail: str) -> Callable[..., Any]:
    """A reader that takes what has this fault for an empty map."""

    def read(data: bytes, **bounds: Any) -> Any:
        try:
            return cbor.parse_cbor(data, **bounds)
        except Broken as error:
            if error.detail != detail:
                raise
            return {}

    return read


for each in DETAILS:
    switch(f"cbor_{each}", {"credentials.cose.parse_cbor": _forgiving(each)})
switch_off(
    "cbor_too_large",
    ("credentials.cbor_reading.read_cbor", "too_large"),
    others={"credentials.cose.parse_cbor": _forgiving("too_large")},
)

POISONS: dict[str, tuple[bytes, str]] = {
    "open-array": (b"\x9f\x01\xff", "indefinite_length"),
    "open-map": (b"\xbf\x61a\x01\xff", "indefinite_length"),
    "open-bytes": (b"\x5f\x41\0\xff", "indefinite_length"),
    "open-text": (b"\x7f\x61a\xff", "indefinite_length"),
    "break": (b"\xff", "indefinite_length"),
    "reserved-28": (b"\x1c", "indefinite_length"),
    "reserved-30": (b"\x9e", "indefinite_length"),
    "array-of-2-32": (b"\x9a\xff\xff\xff\xff", "invalid_cbor"),
    "map-of-2-32": (b"\xba\xff\xff\xff\xff", "invalid_cbor"),
    "bytes-of-2-32": (b"\x5a\xff\xff\xff\xff", "invalid_cbor"),
    "text-of-2-32": (b"\x7a\xff\xff\xff\xff", "invalid_cbor"),
    "array-of-2-64": (b"\x9b" + b"\xff" * 8, "invalid_cbor"),
    "bytes-of-2-64": (b"\x5b" + b"\xff" * 8, "invalid_cbor"),
    "undefined": (b"\xf7", "invalid_cbor"),
    "simple-16": (b"\xf0", "invalid_cbor"),
    "simple-255": (b"\xf8\xff", "invalid_cbor"),
    "bytes-as-key": (b"\xa1\x41a\x01", "invalid_cbor"),
    "float-as-key": (b"\xa1\xf9\x3c\0\x01", "invalid_cbor"),
    "null-as-key": (b"\xa1\xf6\x01", "invalid_cbor"),
    "true-as-key": (b"\xa1\xf5\x01", "invalid_cbor"),
    "array-as-key": (b"\xa1\x80\x01", "too_deep"),
    "depth-65": (b"\x81" * 65 + b"\0", "too_deep"),
    "depth-5000": (b"\x81" * 5_000 + b"\0", "too_deep"),
    "maps-65": (b"\xa1\x01" * 65 + b"\0", "too_deep"),
    "tags-65": (b"\xc6" * 65 + b"\0", "too_deep"),
    "same-key": (b"\xa2\x61a\x01\x61a\x02", "duplicate_member"),
    "same-number": (b"\xa2\x01\0\x01\0", "duplicate_member"),
    "same-key-far": (b"\xa3\x61a\x01\x61b\x02\x61a\x01", "duplicate_member"),
    "long-number": (b"\x18\x01", "not_deterministic"),
    "longer-number": (b"\x1a\0\0\0\xff", "not_deterministic"),
    "long-negative": (b"\x38\x01", "not_deterministic"),
    "long-text-head": (b"\x78\x01a", "not_deterministic"),
    "long-array-head": (b"\x98\x01\0", "not_deterministic"),
    "long-tag": (b"\xd8\x01\0", "not_deterministic"),
    "double-for-half": (b"\xfb\x3f\xf0\0\0\0\0\0\0", "not_deterministic"),
    "nan": (b"\xf9\x7e\0", "not_a_number"),
    "infinity": (b"\xf9\x7c\0", "not_a_number"),
    "minus-infinity": (b"\xfb\xff\xf0\0\0\0\0\0\0", "not_a_number"),
    "not-utf8": (b"\x61\xff", "invalid_utf8"),
    "surrogate": (b"\x63\xed\xa0\x80", "invalid_utf8"),
    "bignum-of-300-kb": (b"\xc2\x5a\0\x04\x93\xe0" + bytes(300_000), "too_large"),
}
HARMLESS: dict[str, bytes] = {
    "depth-8": b"\x81" * 8 + b"\0",
    "shared": b"\xd8\x1c\x81\xd8\x1d\0",
    "reference-alone": b"\xd8\x1d\0",
    "bignum": b"\xc2\x49\x01" + bytes(8),
    "maps-turned": b"\xa2\x61b\x01\x61a\x02",
    "largest": b"\x1b" + b"\xff" * 8,
    "half": b"\xf9\x3e\0",
    "khmer": "\x69ខ្ម".encode(),
    "tag-of-2-64": b"\xdb" + b"\xff" * 8 + b"\0",
}

Place = Callable[[bytes], dict[str, Any]]


def cases() -> Iterator[HostileCase]:
    for form, name, place in _places():
        for poison, (data, detail) in POISONS.items():
            if poison == "text-of-2-32" and name.endswith("unprotected"):
                continue  # the bytes behind it are no text, which is found first
            if detail == "too_large" and form in (VC, VP, LISTED):
                continue  # these may be larger
            made = place(data)
            yield _reject(form, f"{name}-{poison}", made, detail)
        for harmless, data in HARMLESS.items():
            yield form.twin("S-021", f"{name}-{harmless}", place(data), check="cbor_invalid_cbor")
    for form in (ISSUED, SHOWN, CWT, BOUND, VC, VP):
        yield from _texts(form)
    yield from _numbers()


def _reject(form: Form, name: str, made: dict[str, Any], detail: str) -> HostileCase:
    check = f"cbor_{detail}"
    if form is LISTED:
        return form.reject(
            "S-021",
            name,
            made,
            check=check,
            detail=detail,
            reason="status_unknown",
            outcome="indeterminate",
        )
    return form.reject("S-021", name, made, check=check, detail=detail)


def _more(label: Any, data: bytes) -> Callable[[Any], Any]:
    return lambda old: {**old, label: Raw(data)}


def _places() -> Iterator[tuple[Form, str, Place]]:
    for form in (ISSUED, SHOWN):
        for step in ("mso", "protected", "unprotected"):
            label = "more" if step == "mso" else 99

            def place(data: bytes, step: str = step, label: Any = label, form: Form = form) -> Any:
                change = mdoc_stage.Change(**{step: _more(label, data)})
                return mdoc_stage.line(form, change)

            yield form, step, place
    yield (
        ISSUED,
        "outside",
        lambda data: mdoc_stage.line(ISSUED, mdoc_stage.Change(issued=_more("more", data))),
    )
    for step in ("response", "document", "device"):
        yield (
            SHOWN,
            step,
            lambda data, step=step: mdoc_stage.line(
                SHOWN, mdoc_stage.Change(**{step: _more("more", data)})
            ),
        )
    for form, parts in PARTS.items():
        for part in parts:
            for step in ("protected", "unprotected"):
                yield form, f"{part}-{step}", _cose_place(form, part, step, 99)
            if form in (CWT, BOUND, LISTED):
                yield form, f"{part}-claims", _cose_place(form, part, "payload", 70_000)


def _cose_place(form: Form, part: str, step: str, label: Any) -> Place:
    def place(data: bytes) -> Any:
        change = cose_stage.Change(**{step: _more(label, data)})
        return cose_stage.line(form, {part: change})

    return place


def _texts(form: Form) -> Iterator[HostileCase]:
    """The encoded whole: cut off, or longer than its value."""
    good = mdoc_stage.line(form) if form in (ISSUED, SHOWN) else cose_stage.line(form)
    data = base64url.decode(good["presentation"])
    for name, text, detail in (
        ("trailing-zero", data + b"\0", "trailing_data"),
        ("trailing-break", data + b"\xff", "trailing_data"),
        ("twice", data + data, "trailing_data"),
        ("cut-1", data[:-1], "invalid_cbor"),
        ("cut-half", data[: len(data) // 2], "invalid_cbor"),
        ("cut-to-3", data[:3], "invalid_cbor"),
        ("large", data + bytes(300_000), "too_large"),
    ):
        made = {**good, "presentation": base64url.encode(text)}
        yield _reject(form, f"whole-{name}", made, detail)


def _numbers() -> Iterator[HostileCase]:
    """A big integer in place of an integer is no integer."""
    big = Raw(b"\xc2\x41\0")
    change = mdoc_stage.Change(items=lambda old: [{**old[0], "digestID": big}, *old[1:]])
    for form in (ISSUED, SHOWN):
        made = mdoc_stage.line(form, change)
        yield form.reject("S-021", "bignum-digest", made, check="mdoc_items", detail="invalid_item")
    made = mdoc_stage.line(SHOWN, mdoc_stage.Change(response=lambda old: {**old, "status": big}))
    yield SHOWN.reject(
        "S-021", "bignum-status", made, check="mdoc_status", detail="response_status"
    )
    for form in (ISSUED, SHOWN):
        twice = mdoc_stage.Change(issued=lambda old: Pairs((*old.items(), *old.items())))
        made = mdoc_stage.line(form, twice)
        yield _reject(form, "issuer-auth-twice", made, "duplicate_member")
    for form in (CWT, BOUND):
        for label in (4, 6, 11):
            again = cose_stage.Change(
                payload=lambda old, label=label: Pairs((*old.items(), (label, old[label])))
            )
            made = cose_stage.line(form, {"token": again})
            yield _reject(form, f"claim-{label}-twice", made, "duplicate_member")
