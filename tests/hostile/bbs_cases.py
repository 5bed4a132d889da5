"""
S-025, S-028, S-031, S-033 and S-040 for `bbs-2023`, from an issuer whose BLS12-381 key is listed.

W3C vc-di-bbs section 3.3.7 and draft-irtf-cfrg-bbs-signatures sections 3.5.4 and 4.2.4: points and
scalars of a proof, which messages are disclosed and which mandatory, the presentation header. That
no such proof counts without a listed key stands in `selective_disclosure_cases`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import shake_256
from typing import Any

from credentials.bbs import BbsSecretKey, derive_secret_key
from credentials.bbs_2023 import DerivedBbsProof, read_derived
from credentials.bls import ORDER
from credentials.errors import Malformed
from credentials.model import UnlinkableProof
from credentials.multikey import build_bbs_multikey
from credentials.pinned_contexts import bundled_contexts
from credentials.presentation_header import build_presentation_header
from credentials.selective_credentials import derive_credential, issue_bbs
from credentials.selective_proof_value import (
    BBS_BASE,
    BBS_DERIVED,
    ECDSA_DERIVED,
    build_proof_value,
    parse_proof_value,
)
from credentials.verdict import passed
from tests.hostile import proof_switches, selective_disclosure_cases  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.forms import Form
from tests.hostile.proof_stage import METHOD, SUITES, Json, line, permit, trusted
from tests.hostile.removal import switch_off
from tests.hostile.stage import AUDIENCE, DID, NONCE, OTHER_DID, TYPE, with_members
from tests.hostile.switches import switch

FORM = Form("ldp.bbs-2023.listed", "ldp_vc")
SUITE = SUITES[1]
PLATE = "/credentialSubject/plate"
MANDATORY = ("/type", "/credentialSubject/id")
SECRET = derive_secret_key(b"the BBS key of the transport agency")
LANDS = derive_secret_key(b"the BBS key of the land office, too")
ASKED = build_presentation_header(audience=AUDIENCE, nonce=NONCE)
STRANGERS = derive_secret_key(b"the BBS key of nobody in particular")
BAD = "bad_signature/bad_issuer_signature"

_PARSE, _READ = parse_proof_value, read_derived


def _read_all(*arguments: Any, **words: Any) -> Any:
    """What cannot be read is a proof of nothing at all."""
    try:
        return _PARSE(*arguments, **words)
    except Malformed:
        return [bytes(272), {}, [], [], b""]


def _read_as_shown(*arguments: Any, **words: Any) -> Any:
    """The same for what stands in a proof value."""
    try:
        return _READ(*arguments, **words)
    except Malformed:
        nothing = UnlinkableProof(bytes(272), bytes(64), ASKED, {})
        return DerivedBbsProof(nothing, None)


switch(
    "bbs_value",
    {
        "credentials.bbs_2023.parse_proof_value": _read_all,
        "credentials.bbs_2023.read_derived": _read_as_shown,
    },
)
switch("bbs_proof", {"credentials.issuer_judgement.verify_proof": lambda *_, **__: True})
switch(
    "bbs_alteration",
    {
        "credentials.bbs_2023.read_derived": lambda *arguments, **words: replace(
            _READ(*arguments, **words), alteration=None
        )
    },
)
switch_off("bbs_indexes", ("credentials.bbs_2023.read_derived", "index_out_of_range"))
switch("bbs_answers", {"credentials.holder_judgement._judge_unbound": lambda *_: passed("holder")})
switch_off("bbs_header", ("credentials.bbs_2023.read_derived", "too_large"))


@cache
def _secured(secret: BbsSecretKey = SECRET, issuer: str = DID, until: str | None = None) -> Json:
    """The permit as its holder has it."""
    members = {} if until is None else {"validUntil": until}
    return issue_bbs(
        permit(SUITE, issuer=issuer, **members),
        secret=secret,
        verification_method=METHOD.replace(DID, issuer),
        mandatory_pointers=MANDATORY,
        hmac_key=bytes(range(32)),
        contexts=bundled_contexts(),
    )


@cache
def _shown(
    *pointers: str, secret: BbsSecretKey = SECRET, issuer: str = DID, header: bytes = ASKED
) -> Json:
    return _derive(_secured(secret, issuer), *pointers, header=header)


def _derive(secured: Json, *pointers: str, header: bytes = ASKED) -> Json:
    drawn: list[int] = []

    def draw(size: int) -> bytes:
        drawn.append(size)
        return shake_256(f"{pointers} {header!r} {len(drawn)}".encode()).digest(size)

    return derive_credential(
        secured,
        selective_pointers=pointers,
        contexts=bundled_contexts(),
        presentation_header=header,
        random_bytes=draw,
    )


def _issuers(*keys: BbsSecretKey, **changes: Any) -> Json:
    issuers = trusted(SUITE)
    listed = [build_bbs_multikey(each.public_key) for each in keys or (SECRET,)]
    issuers[DID] = {**issuers[DID], "bbs_keys": listed, **changes}
    issuers[OTHER_DID] = {
        **issuers[OTHER_DID],
        "bbs_keys": [build_bbs_multikey(LANDS.public_key)],
    }
    return issuers


def _line(shown: Any, **members: Any) -> Json:
    return line(SUITE, shown, **{"issuers": _issuers(), **members})


def _reject(sid: str, name: str, shown: Any, check: str, why: str, **members: Any) -> HostileCase:
    reason, _, detail = why.rpartition("/")
    made = _line(shown, **members)
    return FORM.reject(sid, name, made, check=check, reason=reason or "malformed", detail=detail)


def _with_parts(shown: Json, step: Callable[[list[Any]], Any], tag: int = BBS_DERIVED) -> Json:
    parts: list[Any] = list(parse_proof_value(shown["proof"], tag=BBS_DERIVED, count=5))
    value = build_proof_value(tag, step(parts))
    return {**shown, "proof": {**shown["proof"], "proofValue": value}}


def _at(place: int, value: Any) -> Callable[[list[Any]], Any]:
    return lambda old: [value if each == place else part for each, part in enumerate(old)]


def cases() -> Iterator[HostileCase]:
    yield from _proofs()
    yield from _statements()
    yield from _places()
    yield from _values()
    yield from _keys()
    yield from _sessions()
    yield from _twins()


def _proofs() -> Iterator[HostileCase]:
    """Points and scalars that are no proof of this signature."""
    shown = _shown(PLATE)
    proof: bytes = parse_proof_value(shown["proof"], tag=BBS_DERIVED, count=5)[0]  # type: ignore[assignment]
    identity, generator = b"\xc0" + bytes(47), b"\x97" + proof[1:48]
    point, scalar, last = slice(0, 48), slice(144, 176), len(proof) - 32
    changed = {
        "zeros": bytes(len(proof)),
        "ones": b"\xff" * len(proof),
        "first-bit": bytes([proof[0] ^ 1]) + proof[1:],
        "sign-of-point": bytes([proof[0] ^ 0x20]) + proof[1:],
        "last-bit": proof[:-1] + bytes([proof[-1] ^ 1]),
        "identity": identity + proof[48:],
        "identities": identity * 3 + proof[144:],
        "another-point": generator + proof[48:],
        "points-exchanged": proof[48:96] + proof[point] + proof[96:],
        "point-not-compressed": bytes([proof[0] & 0x7F]) + proof[1:],
        "scalar-zero": proof[:144] + bytes(32) + proof[176:],
        "scalar-order": proof[:144] + ORDER.to_bytes(32, "big") + proof[176:],
        "scalar-beyond": proof[:144] + b"\xff" * 32 + proof[176:],
        "scalars-exchanged": proof[:144] + proof[176:208] + proof[scalar] + proof[208:],
        "challenge-zero": proof[:last] + bytes(32),
        "challenge-of-other-proof": proof[:last] + _proof_of(_shown(PLATE, header=b"x"))[-32:],
        "of-another-header": _proof_of(_shown(PLATE, header=b"other")),
    }
    for name, octets in changed.items():
        bad = _with_parts(shown, _at(0, octets))
        yield _reject("S-031", f"proof-{name}", bad, "bbs_proof", BAD)
    for name, header in {"other": b"other", "empty": b"", "longer": ASKED + b"\0"}.items():
        bad = _with_parts(shown, _at(4, header))
        yield _reject("S-031", f"header-{name}", bad, "bbs_proof", BAD)


def _proof_of(shown: Json) -> bytes:
    octets = parse_proof_value(shown["proof"], tag=BBS_DERIVED, count=5)[0]
    assert isinstance(octets, bytes)
    return octets


def _statements() -> Iterator[HostileCase]:
    """What is shown is no longer what was signed; the mandatory part least of all."""
    shown = _shown(PLATE)
    subject = shown["credentialSubject"]
    for name, claims in {
        "plate": {"plate": "2A-9999"},
        "subject": {"id": SUITE.did("stranger")},
    }.items():
        bad = {**shown, "credentialSubject": {**subject, **claims}}
        yield _reject("S-033", f"claim-{name}", bad, "bbs_proof", BAD)
    for name, members in {
        "until": {"validUntil": "2099-01-01T00:00:00Z"},
        "from": {"validFrom": "2020-01-01T00:00:00Z"},
    }.items():
        bad = {**shown, **members}
        yield _reject("S-033", f"mandatory-{name}", bad, "bbs_proof", BAD)
    for name, members in {
        "created": {"created": "2026-11-20T00:00:00Z"},
        "expires": {"expires": "2027-01-01T00:00:00Z"},
        "domain": {"domain": "x"},
        "other-method": {"verificationMethod": f"{DID}#other"},
    }.items():
        bad = {**shown, "proof": {**shown["proof"], **members}}
        yield _reject("S-031", f"option-{name}", bad, "bbs_proof", BAD)
    for name, purpose in {"authentication": "authentication", "other": "keyAgreement"}.items():
        bad = {**shown, "proof": {**shown["proof"], "proofPurpose": purpose}}
        yield _reject("S-031", f"purpose-{name}", bad, "proof_purpose", "invalid_proof_purpose")
    bad = {**shown, "proof": {**shown["proof"], "verificationMethod": f"{OTHER_DID}#key-1"}}
    why = "invalid_verification_method"
    yield _reject("S-031", "method-of-another", bad, "proof_controller", why)
    added = {**shown, "credentialSubject": {**subject, "seats": 40}}
    why = "bad_signature/statement_mismatch"
    yield _reject("S-033", "claim-added", added, "bbs_alteration", why)


def _places() -> Iterator[HostileCase]:
    """Which statements are shown and which are mandatory is part of what is proven."""
    shown = _shown(PLATE)
    parts: Any = parse_proof_value(shown["proof"], tag=BBS_DERIVED, count=5)
    mandatory, disclosed = parts[2:4]
    mismatch = "bad_signature/statement_mismatch"
    for name, place, value in (
        ("mandatory-less", 2, mandatory[:-1]),
        ("mandatory-none", 2, []),
        ("disclosed-none", 3, []),
        ("disclosed-more", 3, [0, 1, 2]),
    ):
        bad = _with_parts(shown, _at(place, value))
        yield _reject("S-031", name, bad, "bbs_alteration", mismatch)
    moved = [each + 1 for each in disclosed]
    bad = _with_parts(shown, _at(3, moved))
    yield _reject("S-031", "disclosed-elsewhere", bad, "bbs_proof", BAD)
    bad = _with_parts(shown, _at(1, {number: number for number in range(9)}))
    yield _reject("S-031", "labels-more", bad, "bbs_alteration", "bad_signature/label_map_mismatch")
    for name, place, value in (
        ("disclosed-far", 3, [400]),
        ("mandatory-far", 2, [0, 400]),
    ):
        bad = _with_parts(shown, _at(place, value))
        yield _reject("S-031", name, bad, "bbs_indexes", "index_out_of_range")
    bad = _with_parts(shown, _at(4, bytes(1_025)))
    yield _reject("S-031", "header-large", bad, "bbs_header", "too_large")


def _values() -> Iterator[HostileCase]:
    shown = _shown(PLATE)
    proof = _proof_of(shown)
    for name, place, value, detail in (
        ("short", 0, proof[:-1], "invalid_proof_value"),
        ("long", 0, proof + b"\0", "invalid_proof_value"),
        ("empty", 0, b"", "invalid_proof_value"),
        ("text", 0, "proof", "invalid_proof_value"),
        ("many", 0, bytes(272 + 32 * 513), "too_many_statements"),
        ("labels-list", 1, [], "invalid_proof_value"),
        ("labels-bytes", 1, {0: b"0"}, "index_out_of_range"),
        ("labels-negative", 1, {0: -1}, "index_out_of_range"),
        ("mandatory-twice", 2, [0, 0], "invalid_indexes"),
        ("mandatory-many", 2, list(range(513)), "too_many_statements"),
        ("disclosed-turned", 3, [1, 0], "invalid_indexes"),
        ("disclosed-negative", 3, [-1], "index_out_of_range"),
        ("disclosed-beyond", 3, [512], "index_out_of_range"),
        ("header-null", 4, None, "invalid_proof_value"),
        ("header-text", 4, "nonce", "invalid_proof_value"),
    ):
        bad = _with_parts(shown, _at(place, value))
        yield _reject("S-031", f"value-{name}", bad, "bbs_value", detail)
    for name, tag, detail in (
        ("base", BBS_BASE, "base_proof"),
        ("ecdsa", ECDSA_DERIVED, "invalid_proof_value"),
        ("pseudonym", BBS_DERIVED + 2, "invalid_proof_value"),
    ):
        bad = _with_parts(shown, lambda old: old, tag)
        yield _reject("S-031", f"tag-{name}", bad, "bbs_value", detail)
    yield _reject("S-031", "base-proof", _secured(), "bbs_value", "base_proof")
    texts: dict[str, Any] = {"missing": ..., "null": None, "empty": "", "list": [""]}
    text = shown["proof"]["proofValue"]
    for name, value in {**texts, "base58": f"z{text[1:]}", "space": f" {text}"}.items():
        bad = {**shown, "proof": with_members(shown["proof"], {"proofValue": value})}
        yield _reject("S-031", f"text-{name}", bad, "bbs_value", "invalid_proof_value")
    two = {**shown, "proof": [shown["proof"], shown["proof"]]}
    yield _reject("S-031", "beside-itself", two, "selective_proof", "several_proofs")
    bound = {"require_holder_binding": True}
    why = "holder_not_bound/holder_binding_missing"
    yield _reject("S-039", "proves-no-holder", shown, "paper_holder_bound", why, **bound)


def _keys() -> Iterator[HostileCase]:
    """Whose key it is says the registry; listing none is the flag that is off."""
    shown = _shown(PLATE)
    unlisted = "issuer_not_trusted/no_key_listed"
    off = {DID: with_members(_issuers()[DID], {"bbs_keys": ...})}
    for name, issuers in {"off": off, "none": _issuers(bbs_keys=[])}.items():
        yield _reject("S-025", f"flag-{name}", shown, "bbs_key_listed", unlisted, issuers=issuers)
    for name, keys in {"strangers": (STRANGERS,), "lands": (LANDS, STRANGERS)}.items():
        issuers = _issuers(*keys)
        yield _reject("S-025", f"listed-{name}", shown, "bbs_proof", BAD, issuers=issuers)
    for name, secret in {"stranger": STRANGERS, "land": LANDS}.items():
        forged = _shown(PLATE, secret=secret)
        yield _reject("S-025", f"signed-by-{name}", forged, "bbs_proof", BAD)
    other = _shown(PLATE, secret=LANDS, issuer=OTHER_DID)
    why = "issuer_not_authorised_for_type/not_accredited"
    yield _reject("S-025", "land-issues-permits", other, "paper_type_accredited", why)
    nobody = "issuer_not_trusted/unknown_issuer"
    for name, issuer in {"slash": f"{DID}/", "longer": f"{DID}:x", "upper": DID.upper()}.items():
        foreign = _shown(PLATE, issuer=issuer)
        yield _reject("S-026", f"issuer-{name}", foreign, "paper_issuer", nobody)
    why = "issuer_not_authorised_for_type/not_accredited"
    issuers = _issuers(types=["LandTitle"])
    yield _reject("S-025", "types-other", shown, "paper_type_accredited", why, issuers=issuers)
    why = "type_not_accepted/another_type"
    asked = {"accepted_types": ["LandTitle"]}
    yield _reject("S-027", "asked-other", shown, "paper_type_accepted", why, **asked)
    ended = _derive(_secured(until="2026-11-22T08:59:00Z"), PLATE)
    yield _reject("S-028", "expired", ended, "paper_validity", "expired/expired")


def _sessions() -> Iterator[HostileCase]:
    """S-040: a proof that was made for another verifier, or for another question of ours."""
    why = "wrong_nonce/presentation_header_mismatch"
    headers = {
        "other-audience": build_presentation_header(audience="x.example", nonce=NONCE),
        "other-nonce": build_presentation_header(audience=AUDIENCE, nonce="n-1"),
        "exchanged": build_presentation_header(audience=NONCE, nonce=AUDIENCE),
        "nonce-alone": NONCE.encode(),
        "empty": b"",
        "cut": ASKED[:-1],
        "longer": ASKED + b"\0",
        "zeros": bytes(len(ASKED)),
    }
    for name, header in headers.items():
        shown = _shown(PLATE, header=header)
        yield _reject("S-040", f"header-{name}", shown, "bbs_answers", why)
    shown = _shown(PLATE)
    asked: dict[str, Json] = {"audience": {"audience": "x.example"}, "nonce": {"nonce": "n-1"}}
    asked |= {"no-audience": {"audience": ...}, "case": {"nonce": NONCE.upper()}}
    for name, members in asked.items():
        yield _reject("S-040", f"we-ask-{name}", shown, "bbs_answers", why, **members)
    yield FORM.twin("S-040", "answers", _line(shown), check="bbs_answers")


def _twins() -> Iterator[HostileCase]:
    choices = {
        "nothing": (),
        "plate": (PLATE,),
        "zones": ("/credentialSubject/zones",),
        "all": ("/credentialSubject",),
    }
    for sid in ("S-031", "S-033"):
        for name, pointers in choices.items():
            made = _line(_shown(*pointers))
            yield FORM.twin(sid, f"shows-{name}", made, check="bbs_proof")
    for name, header in {"none": b"", "largest": bytes(1_024)}.items():
        made = _line(_shown(PLATE, header=header), nonce=...)
        yield FORM.twin("S-031", f"header-{name}", made, check="bbs_header")
    for name, keys in {"last": (STRANGERS, SECRET), "first": (SECRET, LANDS)}.items():
        made = _line(_shown(PLATE), issuers=_issuers(*keys))
        yield FORM.twin("S-025", f"listed-{name}", made, check="bbs_proof")
    ending = _derive(_secured(until="2026-11-22T08:59:01Z"), PLATE)
    yield FORM.twin("S-028", "59-seconds-past", _line(ending), check="paper_validity")
    for sid in ("S-026", "S-027"):
        made = _line(_shown(PLATE), accepted_types=[TYPE])
        yield FORM.twin(sid, "plain", made, check="paper_issuer")
