"""
S-039, S-040, S-042, S-127: who shows a credential, to whom, and when.

RFC 9901 section 7.3 and 9.5 (whether a binding is needed is policy), 4.3 (what it must say),
OpenID4VP 14.1 (replay), VCDM 2.0 4.13 (holder and subject).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from credentials.packing import build_qr_text
from credentials.registered import build_binding
from credentials.verdict import passed
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import PROOFS, Slot
from tests.hostile.stage import (
    AGENCY,
    AUDIENCE,
    DAY,
    HOLDER_DID,
    NONCE,
    NOW_SECONDS,
    PLATE,
    STRANGER,
    STRANGER_DID,
    Change,
    Json,
    bind,
    credential,
    digest,
    present,
    setting,
)
from tests.hostile.switches import switch

ADDRESSEE = "credentials.holder_judgement._judge_addressee"
STALENESS = "credentials.holder_judgement._staleness"


def _covering(*arguments: Any, **named: Any) -> Any:
    return replace(build_binding(*arguments, **named), covers_presentation=True)


switch_off("audience", (ADDRESSEE, "wrong_audience"))
switch_off("nonce", (ADDRESSEE, "wrong_nonce"))
switch_off("age_of_code", (STALENESS, "code_too_old"))
switch_off("future_of_code", (STALENESS, "code_in_the_future"))
switch_off("time_of_code", (STALENESS, "code_without_time"))
switch_off(
    "time_of_binding",
    ("credentials.sd_jwt_vc.read_key_binding", "missing_iat"),
    ("credentials.vp_jose._read_binding", "missing_iat"),
)
switch("holder", {"credentials.verification.judge_holder": lambda *_: passed("holder")})
switch("sd_hash", {"credentials.sd_jwt_vc.build_binding": _covering})
switch("holder_signature", {"credentials.holder_judgement.verify_signature": lambda *_: True})
switch_off("parts_of_a_token", ("credentials.jose.parse_jws", "not_a_jws"))
switch_off(
    "holder_names",
    ("credentials.vp_jose.read_vp_jwt", "holder_mismatch"),
    ("credentials.jwt_vc._read_presentation", "holder_mismatch"),
)
switch_off("subject_and_cnf", ("credentials.vcdm_reading.read_subject_key", "holder_mismatch"))

CREDENTIAL = {"dc+sd-jwt", "vc+sd-jwt"}


def cases() -> Iterator[HostileCase]:
    for slot in PROOFS:
        yield from _unbound(slot)
        yield from _addressed(slot)
        yield from _signatures(slot)
        yield from _times(slot)
        yield from _holders(slot)
        yield from _old_codes(slot)
        if slot.paper in CREDENTIAL:
            yield from _hashes(slot)
    for paper in ("vc+jwt", "jwt_vc"):
        slot = Slot(paper, "credential")
        made = slot.line(require_holder_binding=True)
        yield _unbound_case(slot, "bare", made)
        yield slot.twin("S-039", "bare-is-enough", slot.line(), check="holder")


def _unbound_case(slot: Slot, name: str, made: Json, detail: str = "holder_binding_missing") -> Any:
    return slot.reject(
        "S-039", name, made, check="holder", reason="holder_not_bound", detail=detail
    )


def _unbound(slot: Slot) -> Iterator[HostileCase]:
    """S-039: the policy needs a proof, whatever the token says."""
    issued = Slot(slot.paper, "credential")
    anyway = {"require_holder_binding": False}
    if slot.paper in CREDENTIAL:
        bare = credential(slot.paper)
        for name, text in {
            "stripped": f"{bare}~{PLATE}~",
            "stripped-of-all": f"{bare}~",
        }.items():
            yield _unbound_case(slot, name, slot.line(presentation=text))
            made = slot.line(presentation=text, require_holder_binding=False)
            yield slot.twin("S-039", f"{name}-unneeded", made, check="holder")
        yield slot.reject(
            "S-039",
            "no-last-tilde",
            slot.line(presentation=f"{bare}~{PLATE}"),
            check="parts_of_a_token",
            detail="not_a_jws",
        )
        for name, value in {
            "no-cnf": ...,
            "cnf-empty": {},
            "cnf-kid": {"kid": HOLDER_DID},
            "cnf-x5t": {"x5t#S256": "AAAA"},
            "cnf-jku": {"jku": "https://stranger.example/jwks.json"},
        }.items():
            change = Change(payload=setting(cnf=value))
            yield _unbound_case(slot, name, issued.line(change), "no_holder_key")
        for name, members in {
            "says-unneeded": {"require_holder_binding": False},
            "says-bearer": {"bearer": True},
            "says-cnf-null": {"confirmation": None},
        }.items():
            text = credential(slot.paper, Change(payload=setting(**members)))
            yield _unbound_case(slot, name, slot.line(presentation=f"{text}~{PLATE}~"))
    else:
        open_ = Change(payload=setting(aud=..., nonce=...))
        yield _unbound_case(slot, "unaddressed", slot.line(open_))
        made = slot.line(open_, **anyway)
        yield slot.twin("S-039", "unaddressed-unneeded", made, check="holder")
    yield slot.twin("S-039", "bound", slot.line(), check="holder")
    yield slot.twin("S-039", "bound-unneeded", slot.line(**anyway), check="holder")


def _addressed(slot: Slot) -> Iterator[HostileCase]:
    """S-040: for us and in answer to us, character by character."""
    for member, value, reason in (
        ("aud", AUDIENCE, "wrong_audience"),
        ("nonce", NONCE, "wrong_nonce"),
    ):
        check = "audience" if member == "aud" else "nonce"
        for name, other in {
            "another": "another",
            "upper": value.upper(),
            "slash": f"{value}/",
            "space": f"{value} ",
            "leading-space": f" {value}",
            "cut": value[:-1],
            "longer": f"{value}x",
            "nul": f"{value}\x00",
            "twice": f"{value},{value}",
            "khmer-digit": value.replace("0", "០").replace("5", "៥") + "១",
        }.items():
            change = Change(payload=setting(**{member: other}))
            yield slot.reject(
                "S-040",
                f"{member}-{name}",
                slot.line(change),
                check=check,
                reason=reason,
                detail=reason,
            )
    empty = slot.line(Change(payload=setting(aud="x")), audience=...)
    yield slot.reject(
        "S-040", "nobody", empty, check="audience", reason="wrong_audience", detail="wrong_audience"
    )
    made = slot.line(Change(payload=setting(jti="1", x_city="?")))
    yield slot.twin("S-040", "more-claims", made, check="audience")
    made = slot.line(Change(payload=setting(nonce="chosen-by-the-holder")), nonce=...)
    yield slot.twin("S-040", "own-nonce", made, check="nonce")
    long = "n" * 1_000
    made = slot.line(Change(payload=setting(nonce=long)), nonce=long)
    yield slot.twin("S-040", "long-nonce", made, check="nonce")


def _flip(index: int) -> Any:
    def flip(_: bytes, signature: bytes) -> bytes:
        altered = bytearray(signature)
        altered[index] ^= 1
        return bytes(altered)

    return flip


def _signatures(slot: Slot) -> Iterator[HostileCase]:
    faults = {f"bit-{index}": Change(signature=_flip(index)) for index in (0, 31, 32, 63)}
    faults["stranger"] = Change(by=STRANGER)
    faults["issuer"] = Change(by=AGENCY)
    for name, change in faults.items():
        yield slot.reject(
            "S-040",
            f"proof-{name}",
            slot.line(change),
            check="holder_signature",
            reason="holder_not_bound",
            detail="bad_holder_signature",
        )


def _times(slot: Slot) -> Iterator[HostileCase]:
    year = 365 * DAY
    old, early = ("age_of_code", "code_too_old"), ("future_of_code", "code_in_the_future")
    for name, moment, (check, detail) in (
        ("year-ago", NOW_SECONDS - year, old),
        ("301-seconds", NOW_SECONDS - 301, old),
        ("epoch", 0, old),
        ("year-ahead", NOW_SECONDS + year, early),
        ("61-seconds-ahead", NOW_SECONDS + 61, early),
        ("far", 253_402_300_799, early),
    ):
        change = Change(payload=setting(iat=moment))
        yield slot.reject(
            "S-040",
            f"iat-{name}",
            slot.line(change),
            check=check,
            reason="stale_code",
            detail=detail,
        )
    for name, moment in (
        ("now", NOW_SECONDS),
        ("300-seconds", NOW_SECONDS - 300),
        ("60-seconds-ahead", NOW_SECONDS + 60),
        ("fraction", NOW_SECONDS - 0.5),
    ):
        made = slot.line(Change(payload=setting(iat=moment)))
        yield slot.twin("S-040", f"iat-{name}", made, check="age_of_code")
    missing = Change(payload=setting(iat=...))
    if slot.paper != "jwt_vp":
        made = slot.line(missing)
        yield slot.reject(
            "S-040", "iat-missing", made, check="time_of_binding", detail="missing_iat"
        )
    else:
        yield slot.reject(
            "S-127",
            "iat-missing",
            slot.line(missing, nonce=...),
            check="time_of_code",
            reason="stale_code",
            detail="code_without_time",
        )


def _hashes(slot: Slot) -> Iterator[HostileCase]:
    """S-040, RFC 9901 4.3.1: over exactly what is shown."""
    bare = credential(slot.paper)
    shown = f"{bare}~{PLATE}~"
    for name, covered in {
        "of-less": f"{bare}~",
        "of-the-jwt": bare,
        "without-tilde": shown[:-1],
        "of-more": f"{shown}x~",
        "of-nothing": "",
        "of-line-feed": f"{shown}\n",
    }.items():
        text = bind(covered) if covered else bind("~")
        yield _hash_case(slot, name, f"{shown}{text}")
    for name, value in {
        "upper": digest(shown).upper(),
        "padded": f"{digest(shown)}=",
        "sha-512": digest(shown, "sha512"),
        "hex": "00" * 32,
        "cut": digest(shown)[:-1],
    }.items():
        text = bind(shown, Change(payload=setting(sd_hash=value)))
        yield _hash_case(slot, name, f"{shown}{text}")
    added = f"{bare}~{PLATE}~" + bind(f"{bare}~")
    yield _hash_case(slot, "disclosure-added", added)
    removed = f"{bare}~" + bind(shown)
    yield _hash_case(slot, "disclosure-removed", removed)


def _hash_case(slot: Slot, name: str, text: str) -> HostileCase:
    return slot.reject(
        "S-040",
        f"sd_hash-{name}",
        slot.line(presentation=text),
        check="sd_hash",
        reason="holder_not_bound",
        detail="sd_hash_mismatch",
    )


def _holders(slot: Slot) -> Iterator[HostileCase]:
    """S-042: what belongs to another cannot be shown."""
    kid = f"{STRANGER_DID}#0"
    strange: dict[str, Change] = {
        "stranger": Change(by=STRANGER, header=setting(kid=kid)),
        "stranger-hidden": Change(by=STRANGER),
        "stranger-brings-jwk": Change(
            by=STRANGER, header=setting(jwk=dict(STRANGER.public_jwk), kid=...)
        ),
        "stranger-brings-cnf": Change(
            by=STRANGER, payload=setting(cnf={"jwk": dict(STRANGER.public_jwk)})
        ),
        "issuer": Change(by=AGENCY),
    }
    if slot.paper == "vp+jwt":
        strange["stranger-as-holder"] = Change(
            by=STRANGER, header=setting(kid=kid), payload=setting(holder=STRANGER_DID)
        )
    for name, change in strange.items():
        yield slot.reject(
            "S-042",
            name,
            slot.line(change),
            check="holder_signature",
            reason="holder_not_bound",
            detail="bad_holder_signature",
        )
    if slot.position == "presentation":
        for name, members in {
            "iss-of-stranger": {"iss": STRANGER_DID},
            "iss-of-agency": {"iss": "https://issuer.city.example"},
            "iss-with-fragment": {"iss": f"{HOLDER_DID}#0"},
        }.items():
            made = slot.line(Change(payload=setting(**members)))
            yield slot.reject("S-042", name, made, check="holder_names", detail="holder_mismatch")
        made = slot.line(Change(payload=setting(iss=HOLDER_DID)))
        yield slot.twin("S-042", "iss-is-holder", made, check="holder_names")
        issued = Slot(slot.paper, "credential")
        cnf = {"jwk": dict(STRANGER.public_jwk)}
        made = issued.line(Change(payload=setting(cnf=cnf)))
        yield issued.reject(
            "S-042", "cnf-of-another", made, check="subject_and_cnf", detail="holder_mismatch"
        )
    yield slot.twin("S-042", "its-holder", slot.line(), check="holder_signature")


def _old_codes(slot: Slot) -> Iterator[HostileCase]:
    """S-127: a code that its holder made unasked, as text and as QR, later and elsewhere."""
    text = present(slot.paper, {})
    for form, shown in (("text", text), ("qr", build_qr_text(text))):
        for seconds in (296, 355, 600, 3_000, DAY, 20 * DAY):
            made = slot.line(presentation=shown, nonce=..., now=NOW_SECONDS + seconds)
            yield slot.reject(
                "S-127",
                f"{form}-{seconds}-seconds-later",
                made,
                check="age_of_code",
                reason="stale_code",
                detail="code_too_old",
            )
        made = slot.line(presentation=shown, nonce=..., audience="x509_san_dns:second.example")
        yield slot.reject(
            "S-127",
            f"{form}-at-a-second-verifier",
            made,
            check="audience",
            reason="wrong_audience",
            detail="wrong_audience",
        )
        made = slot.line(presentation=shown, nonce="n-of-a-live-request")
        yield slot.reject(
            "S-127",
            f"{form}-into-a-session",
            made,
            check="nonce",
            reason="wrong_nonce",
            detail="wrong_nonce",
        )
        for seconds in (-65, 0, 15, 60, 295):
            made = slot.line(presentation=shown, nonce=..., now=NOW_SECONDS + seconds)
            yield slot.twin("S-127", f"{form}-{seconds}-seconds-later", made, check="age_of_code")
