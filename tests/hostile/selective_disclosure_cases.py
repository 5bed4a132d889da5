"""
S-031, S-033 and S-021 for `ecdsa-sd-2023`: derived proofs that say more, less or something else.

W3C vc-di-ecdsa 1.0 sections 3.5.7 (parse the derived proof), 3.5.8 (verify data) and 3.6.7. What is
mandatory here: issuer, times, type; the holder shows the plate and hides the rest. A `bbs-2023`
proof is never taken from an issuer for whom no BLS12-381 key is listed.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from credentials import selective_proof_value
from credentials.bbs import derive_secret_key
from credentials.errors import Malformed
from credentials.pinned_contexts import bundled_contexts
from credentials.selective_credentials import derive_credential, issue_bbs, issue_ecdsa_sd
from credentials.selective_proof_value import BBS_DERIVED, ECDSA_BASE, ECDSA_DERIVED
from encoding import base64url
from encoding.cbor import Tagged, parse_cbor
from tests.hostile import proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cbor_writing import Raw, write
from tests.hostile.forms import Form
from tests.hostile.proof_stage import METHOD, SUITES, Json, line, permit, signer_of
from tests.hostile.stage import NOW, with_members
from tests.hostile.switches import switch

FORM = Form("ldp.ecdsa-sd-2023", "ldp_vc")
BBS = Form("ldp.bbs-2023", "ldp_vc")
SUITE = SUITES[1]
CLAIMS = ("/credentialSubject/plate", "/credentialSubject/seats")
_GOOD = selective_proof_value.parse_proof_value


def _unread(*arguments: Any, **words: Any) -> Any:
    """What cannot be read is taken for the proof of nothing at all."""
    try:
        return _GOOD(*arguments, **words)
    except Malformed as error:
        raise Malformed("nobody looked", detail="unseen") from error


def _as_read(secured: Any, *, contexts: Any) -> Any:
    from credentials.selective_credentials import read_selective

    try:
        return read_selective(secured, contexts=contexts)
    except Malformed as error:
        raise Malformed("nobody looked", detail="unseen") from error


switch("selective_value", {"credentials.ecdsa_sd.parse_proof_value": _unread})
switch("selective_proof", {"credentials.ldp.read_selective": _as_read})
switch("selective_statements", {"credentials.ecdsa_sd._are_signed": lambda *_: True})
switch(
    "selective_labels",
    {"credentials.ecdsa_sd.label_statements": lambda *_, **__: ()},
)
switch(
    "bbs_key_listed",
    {
        "credentials.issuer_judgement._judge_unlinkable": lambda *_: __import__(
            "credentials.verdict", fromlist=["passed"]
        ).passed("signature")
    },
)


@cache
def _secured() -> Json:
    return issue_ecdsa_sd(
        permit(SUITE),
        signer=SUITE.signer(),
        verification_method=METHOD,
        mandatory_pointers=["/type", "/credentialSubject/id"],
        created=NOW,
        proof_signer=signer_of("a key of one proof", "ES256"),
        hmac_key=bytes(range(32)),
        contexts=bundled_contexts(),
    )


@cache
def _shown(*pointers: str) -> Json:
    return derive_credential(_secured(), selective_pointers=pointers, contexts=bundled_contexts())


def _with_parts(shown: Json, step: Callable[[list[Any]], Any], tag: int = ECDSA_DERIVED) -> Json:
    proof = shown["proof"]
    parts: Any = parse_cbor(base64url.decode(proof["proofValue"][1:]), order_free=True)
    value = write(Tagged(tag, step(list(parts.value))))
    return {**shown, "proof": {**proof, "proofValue": f"u{base64url.encode(value)}"}}


def _at(place: int, value: Any) -> Callable[[list[Any]], Any]:
    return lambda old: [value if each == place else part for each, part in enumerate(old)]


def cases() -> Iterator[HostileCase]:
    yield from _values()
    yield from _statements()
    yield from _bbs()
    for name, pointers in {
        "nothing": (),
        "plate": CLAIMS[:1],
        "both": CLAIMS,
        "zones": ("/credentialSubject/zones",),
        "vehicle": ("/credentialSubject/vehicle/maker",),
    }.items():
        for sid in ("S-031", "S-033", "S-021"):
            made = line(SUITE, _shown(*pointers))
            yield FORM.twin(sid, f"shows-{name}", made, check="selective_statements")


def _reject(sid: str, name: str, shown: Json, check: str, detail: str) -> HostileCase:
    made = line(SUITE, shown)
    reason = "bad_signature" if detail.endswith(("_mismatch", "_signature")) else "malformed"
    return FORM.reject(sid, name, made, check=check, reason=reason, detail=detail)


def _values() -> Iterator[HostileCase]:
    shown = _shown(*CLAIMS)
    proof = shown["proof"]
    text = proof["proofValue"]
    texts: dict[str, Any] = {
        "missing": ...,
        "null": None,
        "number": 7,
        "empty": "",
        "base58": f"z{text[1:]}",
        "no-letter": text[1:],
        "list": [text],
    }
    for name, value in texts.items():
        bad = {**shown, "proof": with_members(proof, {"proofValue": value})}
        yield _reject("S-031", f"value-{name}", bad, "selective_value", "invalid_proof_value")
    yield _reject("S-031", "base-proof", _secured(), "selective_value", "base_proof")
    for name, tag in {"other": 0x5D09, "bbs": BBS_DERIVED, "cwt": 61}.items():
        bad = _with_parts(shown, lambda old: old, tag)
        yield _reject("S-031", f"tag-{name}", bad, "selective_value", "invalid_proof_value")
    bad = _with_parts(shown, lambda old: old, ECDSA_BASE)
    yield _reject("S-031", "tag-base", bad, "selective_value", "base_proof")
    for name, step in {
        "four": lambda old: old[:4],
        "six": lambda old: [*old, 0],
        "map": lambda old: dict(enumerate(old)),
        "null": lambda _: None,
    }.items():
        bad = _with_parts(shown, step)
        yield _reject("S-031", f"parts-{name}", bad, "selective_value", "invalid_proof_value")
    for name, place, value, detail in (
        ("signature-short", 0, bytes(63), "invalid_proof_value"),
        ("signature-text", 0, "x", "invalid_proof_value"),
        ("key-short", 1, bytes(34), "invalid_proof_value"),
        ("key-zeros", 1, bytes(35), None),
        ("signatures-map", 2, {}, "invalid_proof_value"),
        ("signatures-short", 2, [bytes(63)], "invalid_proof_value"),
        ("labels-list", 3, [], "invalid_proof_value"),
        ("labels-text-key", 3, {"a": bytes(32)}, "index_out_of_range"),
        ("labels-negative", 3, {-1: bytes(32)}, "index_out_of_range"),
        ("labels-short", 3, {0: bytes(31)}, "invalid_proof_value"),
        ("indexes-map", 4, {}, "invalid_proof_value"),
        ("indexes-text", 4, ["0"], "index_out_of_range"),
        ("indexes-negative", 4, [-1], "index_out_of_range"),
        ("indexes-turned", 4, [2, 1], "invalid_indexes"),
        ("indexes-twice", 4, [1, 1], "invalid_indexes"),
        ("indexes-true", 4, [True], "index_out_of_range"),
        ("indexes-far", 4, [0, 511], "index_out_of_range"),
        ("indexes-beyond", 4, [0, 512], "index_out_of_range"),
        ("signatures-many", 2, [bytes(64)] * 513, "too_many_statements"),
    ):
        if detail is not None:
            bad = _with_parts(shown, _at(place, value))
            yield _reject("S-031", name, bad, "selective_proof", detail)
    for name, data, detail in (
        ("open-array", b"\x9f\xff", "indefinite_length"),
        ("array-of-2-32", b"\x9a\xff\xff\xff\xff", "invalid_cbor"),
        ("bytes-of-2-64", b"\x5b" + b"\xff" * 8, "invalid_cbor"),
        ("depth-5", b"\x81" * 5 + b"\0", "too_deep"),
        ("depth-5000", b"\x81" * 5_000 + b"\0", "too_deep"),
        ("same-key", b"\xa2\0\0\0\0", "duplicate_member"),
        ("long-number", b"\x81\x18\x01", "not_deterministic"),
        ("nan", b"\x81\xf9\x7e\0", "not_a_number"),
        ("not-utf8", b"\x81\x61\xff", "invalid_utf8"),
        ("undefined", b"\x81\xf7", "invalid_cbor"),
        ("large", b"\x5a\0\x02\0\0" + bytes(1 << 17), "too_large"),
    ):
        bad = _with_parts(shown, _at(3, Raw(data)))
        yield _reject("S-021", name, bad, "selective_value", detail)


def _statements() -> Iterator[HostileCase]:
    shown = _shown(*CLAIMS)
    subject = shown["credentialSubject"]
    for name, claims in {"plate": {"plate": "1A-0001"}, "seats": {"seats": 40}}.items():
        bad = {**shown, "credentialSubject": {**subject, **claims}}
        for sid in ("S-031", "S-033"):
            yield _reject(sid, f"altered-{name}", bad, "selective_statements", "statement_mismatch")
    for name, claims in {"added": {"owner": "Chan"}}.items():
        bad = {**shown, "credentialSubject": with_members(subject, claims)}
        for sid in ("S-031", "S-033"):
            yield _reject(sid, f"claim-{name}", bad, "selective_statements", "statement_mismatch")
    bad = {**shown, "credentialSubject": with_members(subject, {"plate": ...})}
    yield _reject("S-031", "claim-removed", bad, "selective_proof", "index_out_of_range")
    bad = {**shown, "validUntil": "2027-12-22T09:00:00Z"}
    yield _reject("S-031", "mandatory-until", bad, "proof_signature", "bad_issuer_signature")
    for name, step in {
        "signatures-turned": lambda old: [*old[:2], old[2][::-1], *old[3:]],
        "signature-less": lambda old: [*old[:2], old[2][1:], *old[3:]],
        "signature-more": lambda old: [*old[:2], [*old[2], old[2][0]], *old[3:]],
        "signatures-zero": lambda old: [*old[:2], [bytes(64) for _ in old[2]], *old[3:]],
    }.items():
        bad = _with_parts(shown, step)
        yield _reject("S-031", name, bad, "selective_statements", "statement_mismatch")
    bad = _with_parts(shown, _at(3, {0: bytes(32), 1: bytes(32), 2: bytes(32), 3: bytes(32)}))
    yield _reject("S-031", "labels-too-many", bad, "selective_labels", "label_map_mismatch")
    for name, value in {"zeros": bytes(64), "ones": b"\xff" * 64}.items():
        bad = _with_parts(shown, _at(0, value))
        yield _reject("S-031", f"signature-{name}", bad, "proof_signature", "bad_issuer_signature")
    for name, members in {
        "created": {"created": "2026-11-22T08:00:00Z"},
        "expires": {"expires": "2027-01-01T00:00:00Z"},
        "domain": {"domain": "x"},
    }.items():
        bad = {**shown, "proof": {**shown["proof"], **members}}
        yield _reject("S-031", f"option-{name}", bad, "proof_signature", "bad_issuer_signature")
    two = {**shown, "proof": [shown["proof"], shown["proof"]]}
    yield _reject("S-031", "beside-itself", two, "selective_proof", "several_proofs")
    bad = {**shown, "proof": {**shown["proof"], "previousProof": "urn:a:b"}}
    yield _reject("S-031", "chained", bad, "selective_proof", "unsupported_cryptosuite")


def _bbs() -> Iterator[HostileCase]:
    """The registry lists no BLS12-381 key for anybody here."""
    for number in range(3):
        secured = issue_bbs(
            permit(SUITE, id=f"urn:uuid:{number}"),
            secret=derive_secret_key(bytes([number]) * 32),
            verification_method=METHOD,
            mandatory_pointers=["/type", "/credentialSubject/id"],
            hmac_key=bytes(range(32)),
            contexts=bundled_contexts(),
        )
        shown = derive_credential(
            secured,
            selective_pointers=CLAIMS[:1],
            contexts=bundled_contexts(),
            presentation_header=b"",
            random_bytes=lambda size: bytes(range(1, size + 1)),
        )
        yield BBS.reject(
            "S-025",
            f"unlisted-{number}",
            line(SUITE, shown),
            check="bbs_key_listed",
            reason="issuer_not_trusted",
            detail="no_key_listed",
        )
        made = line(SUITE, secured)
        yield BBS.reject(
            "S-031", f"base-{number}", made, check="selective_proof", detail="base_proof"
        )
