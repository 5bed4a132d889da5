"""
S-049: type metadata that is another's, damaged, circular or too large, and permits that break it.

SD-JWT VC "Type Metadata" (SDVC-M-02 to M-04): the integrity of a document, `extends`, and what it
says of claims. The documents are those that a line brings; nobody fetches any. An SVG template is
no check of a credential: that none is ever executed is shown in test_svg_template.py.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from credentials import type_metadata
from credentials.errors import Malformed
from credentials.integrity import build_integrity
from credentials.type_metadata import MAX_CHAIN, MAX_DOCUMENT
from credentials.verdict import passed
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import Slot
from tests.hostile.stage import NUMBER, PLATE, VCT, Change, Json, setting
from tests.hostile.switches import switch

_COLLECT = type_metadata._collect_chain


def _until_a_circle(vct: str, **named: Any) -> Iterator[type_metadata.TypeMetadata]:
    """The chain without its check: left away, it would go round for ever."""
    try:
        yield from _COLLECT(vct, **named)
    except Malformed as error:
        if error.detail != "circular_extends":
            raise


SLOT = Slot("dc+sd-jwt", "credential")
BASE = "https://issuer.city.example/types/paper"
PNG = "data:image/png;base64,iVBORw0KGgo="
METADATA = "credentials.type_metadata"
CLAIMS = "credentials.claim_metadata"

switch("type_is_judged", {"credentials.document_judgement._judge_type": lambda *_: passed("x")})
switch("type_integrity", {f"{METADATA}.check_integrity": lambda *_: None})
switch("type_integrity_shape", {f"{METADATA}.read_integrity": lambda *_: None})
switch_off("type_named", (f"{METADATA}.parse_type_metadata", "another_vct"))
switch("type_circle", {f"{METADATA}._collect_chain": _until_a_circle})
switch_off("type_chain", (f"{METADATA}._collect_chain", "too_many_types"))
switch_off("type_loosened", (f"{CLAIMS}.tighten", "loosened_claim"))
switch_off("type_mandatory", (f"{CLAIMS}.check_claims", "mandatory_claim_missing"))
switch_off("type_disclosability", (f"{CLAIMS}.check_claims", "wrong_disclosability"))


def cases() -> Iterator[HostileCase]:
    yield from _integrities()
    yield from _documents()
    yield from _chains()
    yield from _shapes()
    yield from _claims()
    yield from _twins()


def document(vct: str | None = VCT, **members: Any) -> str:
    """The text of one document."""
    return json.dumps({"vct": vct, **members})


def claim(*path: Any, **members: Any) -> Json:
    """What a document says of one claim."""
    return {"path": list(path), **members}


def _line(*texts: str, integrity: Any = ..., types: Mapping[str, Any] | None = None) -> Json:
    """The permit with this `vct#integrity`, beside documents by the types that they name."""
    change = Change(payload=setting(**{"vct#integrity": integrity}))
    given = types if types is not None else {json.loads(each)["vct"]: each for each in texts}
    return SLOT.line(change, type_metadata=dict(given))


def _reject(name: str, made: Json, check: str, detail: str) -> HostileCase:
    return SLOT.reject("S-049", name, made, check=check, detail=detail)


def _sri(text: str, name: str) -> str:
    return f"{name}-{base64.b64encode(hashlib.new(name, text.encode()).digest()).decode()}"


def _integrities() -> Iterator[HostileCase]:
    """A document is the one that the credential meant, to the byte."""
    text, other = document(name="Permit"), document(name="permit")
    right = build_integrity(text.encode())
    wrong = {
        "of-another": build_integrity(other.encode()),
        "of-nothing": build_integrity(b""),
        "cut": right[:-4],
        "in-hex": f"sha256-{hashlib.sha256(text.encode()).hexdigest()}",
        "empty-digest": "sha256-",
        "strong-and-wrong": f"{right} {_sri(other, 'sha512')}",
        "between": f"{right} {_sri(other, 'sha384')}",
        "name-exchanged": right.replace("sha256", "sha384"),
    }
    for name, integrity in wrong.items():
        made = _line(text, integrity=integrity)
        yield _reject(f"integrity-{name}", made, "type_integrity", "integrity_mismatch")
    for name, changed in {
        "space": text + " ",
        "line-feed": text + "\n",
        "member-more": text.replace("{", '{"a": 1, ', 1),
        "other-letter": text.replace("Permit", "Pеrmit"),
    }.items():
        made = _line(types={VCT: changed}, integrity=right)
        yield _reject(f"document-{name}", made, "type_integrity", "integrity_mismatch")
    made = _line(types={VCT: json.loads(text)}, integrity=right.upper())
    yield _reject("integrity-upper", made, "type_integrity", "invalid_integrity")
    unknown = ("md5-1B2M2Y8AsgTpgAmY7PhCfg==", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "", "none")
    for number, integrity in enumerate(unknown):
        made = _line(text, integrity=integrity)
        yield _reject(f"algorithm-{number}", made, "type_integrity", "invalid_integrity")
    shapes: dict[str, Any] = {"null": None, "number": 7, "list": [right], "object": {}}
    for name, value in {**shapes, "true": True, "long": right + " " * 2_048}.items():
        made = _line(text, integrity=value)
        yield _reject(f"integrity-{name}", made, "type_integrity_shape", "invalid_integrity")
    base = document(BASE)
    child = document(extends=BASE, **{"extends#integrity": _sri(base + " ", "sha256")})
    yield _reject("base-altered", _line(child, base), "type_integrity", "integrity_mismatch")
    numbered: Json = {"extends#integrity": 7}
    child = document(extends=BASE, **numbered)
    yield _reject("base-number", _line(child, base), "type_integrity_shape", "invalid_integrity")
    yield SLOT.twin("S-049", "integrity", _line(text, integrity=right), check="type_integrity")
    for name in ("sha384", "sha512"):
        made = _line(text, integrity=_sri(text, name))
        yield SLOT.twin("S-049", f"integrity-{name}", made, check="type_integrity")
    made = _line(text, integrity=f"{_sri(other, 'sha256')} {_sri(text, 'sha512')}")
    yield SLOT.twin("S-049", "integrity-strongest-counts", made, check="type_integrity")
    child = document(extends=BASE, **{"extends#integrity": _sri(base, "sha256")})
    yield SLOT.twin("S-049", "base", _line(child, base), check="type_integrity")


def _documents() -> Iterator[HostileCase]:
    """What is no document, or one about another type."""
    names: dict[str, Any] = {"slash": f"{VCT}/", "upper": VCT.upper(), "base": BASE, "null": None}
    names |= {"number": 7, "list": [VCT], "http": VCT.replace("https", "http"), "empty": ""}
    names |= {"space": f"{VCT} ", "homoglyph": VCT.replace("city", "c\u0456ty")}
    for name, vct in names.items():
        made = _line(types={VCT: json.dumps({"vct": vct})})
        yield _reject(f"about-{name}", made, "type_named", "another_vct")
    made = _line(types={VCT: "{}"})
    yield _reject("about-nothing", made, "type_named", "another_vct")
    texts = {
        "html": ("<!DOCTYPE html><title>404</title>", "invalid_json"),
        "empty": ("", "invalid_json"),
        "list": (f"[{document()}]", "not_an_object"),
        "null": ("null", "not_an_object"),
        "twice": (document()[:-1] + f', "vct": "{VCT}"}}', "duplicate_member"),
        "open": (document()[:-1], "invalid_json"),
        "not-a-number": (document()[:-1] + ', "a": NaN}', None),
        "deep": (document()[:-1] + ', "a": ' + "[" * 200 + "]" * 200 + "}", "too_deep"),
        "large": (document(a="x" * MAX_DOCUMENT), "too_large"),
        "megabyte": (document(name="x" * (1 << 20)), "too_large"),
    }
    for name, (text, detail) in texts.items():
        made = _line(types={VCT: text})
        yield SLOT.reject("S-049", f"text-{name}", made, check="type_is_judged", detail=detail)


def _chains() -> Iterator[HostileCase]:
    """`extends`: in full or not at all."""
    made = _line(document(extends=VCT))
    yield _reject("extends-itself", made, "type_circle", "circular_extends")
    for length in (2, 3, MAX_CHAIN):
        made = _line(*_chain(length, back_to=VCT))
        yield _reject(f"circle-of-{length}", made, "type_circle", "circular_extends")
    made = _line(*_chain(4, back_to=f"{BASE}/2"))
    yield _reject("circle-further-on", made, "type_circle", "circular_extends")
    for length in (MAX_CHAIN + 1, 40):
        made = _line(*_chain(length))
        yield _reject(f"chain-of-{length}", made, "type_chain", "too_many_types")
    values: dict[str, Any] = {"null": None, "number": 7, "list": [BASE], "object": {}, "true": True}
    for name, value in values.items():
        made = _line(document(extends=value), document(BASE))
        yield _reject(f"extends-{name}", made, "type_is_judged", "invalid_type_metadata")
    for name, given in {
        "missing": [document(extends=BASE)],
        "other": [document(extends=BASE), document(f"{BASE}/")],
    }.items():
        made = _line(*given)
        open_question = _reject(f"base-{name}", made, "type_is_judged", "type_metadata_missing")
        yield replace(open_question, outcome="indeterminate")
    for length in (2, MAX_CHAIN):
        made = _line(*_chain(length))
        yield SLOT.twin("S-049", f"chain-of-{length}", made, check="type_chain")


def _chain(length: int, *, back_to: str | None = None) -> list[str]:
    """So many types that extend each other; the last extends `back_to`."""
    names = [VCT, *(f"{BASE}/{number}" for number in range(1, length))]
    following = [*names[1:], back_to]
    return [
        document(name, **({"extends": each} if each is not None else {}))
        for name, each in zip(names, following, strict=True)
    ]


def _shapes() -> Iterator[HostileCase]:
    """Members that are known must be right."""
    shown = {"locale": "en", "name": "Permit"}
    simple: dict[str, Any] = {
        "css": {"background_color": "red;} body{display:none"},
        "css-url": {"background_color": "url(https://evil.example)"},
        "expression": {"text_color": "expression(1)"},
        "logo-nowhere": {"logo": {}},
        "logo-script": {"logo": {"uri": "javascript:alert(1)"}},
        "logo-http": {"logo": {"uri": "http://issuer.city.example/logo.png"}},
        "logo-file": {"logo": {"uri": "file:///etc/passwd"}},
    }
    displays: Json = {
        name: [{**shown, "rendering": {"simple": value}}] for name, value in simple.items()
    }
    displays |= {"locale": [{**shown, "locale": "<script>"}], "no-name": [{"locale": "en"}]}
    displays |= {"many": [shown] * 65, "long": [{**shown, "name": "x" * 1_025}]}
    for name, value in displays.items():
        made = _line(document(display=value))
        yield _reject(f"display-{name}", made, "type_is_judged", "invalid_type_metadata")
    claims: dict[str, Any] = {
        "object": {},
        "text": ["x"],
        "no-path": [{}],
        "empty-path": [claim()],
        "long-path": [claim(*["a"] * 33)],
        "truth-path": [claim(True)],
        "negative-path": [claim(-1)],
        "fraction-path": [claim(1.5)],
        "mandatory-text": [claim("zone", mandatory="true")],
        "sd-unknown": [claim("zone", sd="maybe")],
        "sd-null": [claim("zone", sd=None)],
        "svg-id": [claim("zone", svg_id="1<a>")],
        "twice": [claim("zone"), claim("zone")],
        "svg-id-twice": [claim("zone", svg_id="x"), claim("plate", svg_id="x")],
        "many": [claim(f"a{number}") for number in range(513)],
    }
    for name, value in claims.items():
        made = _line(document(claims=value))
        yield _reject(f"claims-{name}", made, "type_is_judged", "invalid_type_metadata")


def _claims() -> Iterator[HostileCase]:
    """A permit that is not as its type says, and a type that takes back what it extends."""
    for name, path in {
        "top": ["owner"],
        "inner": ["status", "owner"],
        "key": ["cnf", "x5c"],
    }.items():
        change = Change(payload=setting(_sd=...))
        made = SLOT.line(
            change,
            disclosed=(),
            type_metadata={VCT: document(claims=[claim(*path, mandatory=True)])},
        )
        yield _reject(f"mandatory-{name}", made, "type_mandatory", "mandatory_claim_missing")
    hidden = {"plate": "never", "driver_number": "never", "zone": "always", "iat": "always"}
    for name, sd in hidden.items():
        made = SLOT.line(
            disclosed=(PLATE, NUMBER), type_metadata={VCT: document(claims=[claim(name, sd=sd)])}
        )
        yield _reject(f"{name}-{sd}", made, "type_disclosability", "wrong_disclosability")
    into: tuple[tuple[str, list[Any], str], ...] = (
        ("into-text", ["zone", "name"], "claim_path_mismatch"),
        ("into-text-list", ["zone", None], "claim_path_mismatch"),
        ("into-object-list", ["cnf", 0], "claim_path_mismatch"),
    )
    for name, path, detail in into:
        made = _line(document(claims=[claim(*path)]))
        yield _reject(name, made, "type_is_judged", detail)
    for name, base, child in (
        ("mandatory", claim("zone", mandatory=True), claim("zone", mandatory=False)),
        ("always", claim("plate", sd="always"), claim("plate", sd="allowed")),
        ("never", claim("zone", sd="never"), claim("zone", sd="allowed")),
    ):
        made = _line(document(extends=BASE, claims=[child]), document(BASE, claims=[base]))
        yield _reject(f"loosened-{name}", made, "type_loosened", "loosened_claim")
    change = Change(payload=setting(_sd=...))
    inherited = [document(extends=BASE), document(BASE, claims=[claim("owner", mandatory=True)])]
    made = SLOT.line(
        change,
        disclosed=(),
        type_metadata={json.loads(each)["vct"]: each for each in inherited},
    )
    yield _reject("inherited-mandatory", made, "type_mandatory", "mandatory_claim_missing")


def _twins() -> Iterator[HostileCase]:
    good: dict[str, Json] = {
        "none": {},
        "of-another-type": {BASE: "no document at all"},
        "plain": {VCT: document()},
        "as-object": {VCT: {"vct": VCT}},
        "unknown-member": {VCT: document(colour="red")},
        "mandatory": {VCT: document(claims=[claim("zone", mandatory=True, sd="never")])},
        "mandatory-hidden": {VCT: document(claims=[claim("driver_number", mandatory=True)])},
        "disclosed": {VCT: document(claims=[claim("plate", sd="always", mandatory=True)])},
        "optional": {VCT: document(claims=[claim("owner", mandatory=False)])},
        "tightened": {
            VCT: document(extends=BASE, claims=[claim("zone", mandatory=True, sd="never")]),
            BASE: document(BASE, claims=[claim("zone", sd="allowed")]),
        },
        "display": {
            VCT: document(
                display=[
                    {
                        "locale": "km",
                        "name": "អាជ្ញាប័ណ្ណ",
                        "rendering": {"simple": {"logo": {"uri": PNG}, "text_color": "#12107c"}},
                    }
                ]
            )
        },
        "largest": {VCT: document(a="x" * (MAX_DOCUMENT - len(document(a=""))))},
    }
    for name, types in good.items():
        yield SLOT.twin("S-049", name, SLOT.line(type_metadata=types), check="type_is_judged")
