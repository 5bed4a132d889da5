"""
CWT views, credentials in COSE and lists in CBOR: S-007, S-019, S-025 to S-028, S-039, S-040, S-042.

RFC 8392 (claims), RFC 9596 (typ), the SD-CWT draft (key binding), VC-JOSE-COSE section 3.3, Token
Status List section 5.2 and 8.3.
"""

from collections.abc import Iterator
from typing import Any

from credentials.verdict import passed
from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cose_stage import (
    BOUND,
    CWT,
    VC,
    VP,
    Change,
    line,
    trusted,
)
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import STRANGER, cose_key
from tests.hostile.proof_stage import signer_of
from tests.hostile.removal import switch_off
from tests.hostile.stage import (
    DAY,
    DID,
    ISSUER,
    NOW,
    NOW_SECONDS,
    VCT,
    with_members,
)
from tests.hostile.switches import switch

FORMS = (CWT, BOUND, VC, VP)
PROOFS = (BOUND, VP)
BAD = "bad_signature/bad_issuer_signature"
BAD_HOLDER = "holder_not_bound/bad_holder_signature"

switch_off("cwt_names", ("credentials.cwt._check_claims", "invalid_claim_name"))
switch("cwt_claims", {"credentials.cwt._check_claims": lambda _: None})
switch("cwt_times", {"credentials.cwt._read_times": lambda _: (NOW, None, None)})
switch("cose_cwt_claims", {"credentials.vc_cose._read_header_claims": lambda _: {}})
switch_off("cwt_vct", ("credentials.cwt._read_credential", "missing_vct"))
switch(
    "cwt_of_list",
    {
        "credentials.status_judgement.judge_reference": lambda *_, **__: _passed(),
        "credentials.verification.judge_reference": lambda *_, **__: _passed(),
    },
)


def _passed() -> Any:
    return passed("check")


def cases() -> Iterator[HostileCase]:
    for form in FORMS:
        yield from _signatures(form)
        yield from _keys(form)
        yield from _issuers(form)
        yield from _times(form)


def reject(
    form: Form, sid: str, name: str, changes: Any, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.partition("/")
    made = line(form, changes, **members)
    outcome = "indeterminate" if reason in ("status_unknown", "status_stale") else "failed"
    return form.reject(sid, name, made, check=check, reason=reason, detail=detail, outcome=outcome)


def _signatures(form: Form) -> Iterator[HostileCase]:
    steps = {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], bytes([old[3][0] ^ 1]) + old[3][1:]],
        "halves": lambda old: [*old[:3], old[3][32:] + old[3][:32]],
        "protected": lambda old: [old[0][:-1] + bytes([old[0][-1] ^ 1]), *old[1:]],
    }
    for name, step in steps.items():
        if name != "protected":
            changes = {"token": Change(parts=step)}
            yield reject(form, "S-040", f"signature-{name}", changes, "proof_signature", BAD)
    for by in ("stranger", "root"):
        key = STRANGER if by == "stranger" else signer_of("city root", "ES256")
        yield reject(form, "S-025", f"by-{by}", {"token": Change(by=key)}, "proof_signature", BAD)
    unnamed = Change(by=STRANGER, protected=lambda old: with_members(old, {4: ...}))
    yield reject(form, "S-025", "by-stranger-unnamed", {"token": unnamed}, "proof_signature", BAD)
    for name, value in {
        "none": 0,
        "hmac": 5,
        "rs256": -257,
        "es256k": -47,
        "text": "ES256",
        "missing": ...,
    }.items():
        change = Change(protected=lambda old, value=value: with_members(old, {1: value}))
        yield reject(
            form,
            "S-040",
            f"alg-{name}",
            {"token": change},
            "cose_algorithm",
            "malformed/invalid_signature_alg",
        )
    for name, members in {"alg": {1: -7}, "crit": {2: [1]}}.items():
        change = Change(unprotected=lambda _, members=members: members)
        yield reject(
            form,
            "S-040",
            f"unprotected-{name}",
            {"token": change},
            "cose_protected",
            "malformed/unprotected_header",
        )
    change = Change(protected=lambda old: {**old, 2: [99], 99: 1})
    yield reject(
        form, "S-040", "crit", {"token": change}, "cose_crit", "malformed/unsupported_crit"
    )
    change = Change(unprotected=lambda _: {4: b"other"})
    yield reject(
        form,
        "S-040",
        "kid-twice",
        {"token": change},
        "cose_headers_once",
        "malformed/duplicate_header",
    )
    for name, size in {"short": 63, "long": 65, "empty": 0}.items():
        change = Change(parts=lambda old, size=size: [*old[:3], (old[3] * 2)[:size]])
        yield reject(
            form,
            "S-040",
            f"signature-{name}",
            {"token": change},
            "cose_signature_size",
            "malformed/invalid_signature",
        )
    shapes = {"three": lambda old: old[:3], "five": lambda old: [*old, b""]}
    for name, step in shapes.items():
        yield reject(
            form,
            "S-040",
            f"parts-{name}",
            {"token": Change(parts=step)},
            "cose_shape",
            "malformed/invalid_cose",
        )
    for sid in ("S-040", "S-025"):
        yield form.twin(sid, "plain", line(form), check="proof_signature")
        change = Change(message=lambda old: old.value)
        yield form.twin(sid, "untagged", line(form, {"token": change}), check="proof_signature")
        change = Change(protected=lambda old: with_members(old, {4: ...}))
        yield form.twin(sid, "no-kid", line(form, {"token": change}), check="proof_signature")


def _keys(form: Form) -> Iterator[HostileCase]:
    """S-007: a stranger signs and says where his key is. S-019: a public key with its secret."""
    headers: dict[str, Any] = {
        "cose-key": {-1: cose_key(STRANGER)},
        "jwk-text": {"jwk": dict(STRANGER.public_jwk)},
        "x5u": {35: "https://evil.example/cert"},
        "x5t": {34: [-16, bytes(32)]},
        "kid-did": {4: b"did:jwk:eyJrdHkiOiJFQyJ9#0"},
        "kid-url": {4: b"https://evil.example/keys/1"},
        "kid-thumbprint": {4: bytes(32)},
        "x5chain": {33: b"\x30\x03\x02\x01\x01"},
    }
    for name, members in headers.items():
        for place in ("protected", "unprotected"):
            if place == "unprotected" and 4 in members:
                continue
            change = Change(by=STRANGER, **{place: lambda old, members=members: {**old, **members}})
            yield reject(
                form, "S-007", f"{place}-{name}", {"token": change}, "proof_signature", BAD
            )
    for place in ("protected", "unprotected"):
        change = Change(**{place: lambda old: {**old, 35: "https://issuer.city.example/cert"}})
        yield form.twin(
            "S-007", f"honest-{place}-x5u", line(form, {"token": change}), check="proof_signature"
        )
    if form not in (CWT, BOUND):
        return
    for name, value in {
        "bytes": bytes(32),
        "empty": b"",
        "text": "d",
        "null": None,
        "number": 1,
        "true": True,
    }.items():
        key = {**cose_key(STRANGER), -4: value}
        change = Change(payload=lambda old, key=key: {**old, 8: {1: key}})
        yield reject(
            form,
            "S-019",
            f"d-{name}",
            {"token": change},
            "cose_key_private",
            "malformed/private_key_in_jwk",
        )
    made = line(form)
    yield form.twin("S-019", "public", made, check="cose_key_private")


def _issuers(form: Form) -> Iterator[HostileCase]:
    good = ISSUER if form in (CWT, BOUND) else DID

    def naming(issuer: Any) -> Any:
        if form in (CWT, BOUND):
            return {"token": Change(payload=lambda old: {**old, 1: issuer})}
        return {"token": Change(payload=lambda old: {**old, "issuer": issuer})}

    nobody = "issuer_not_trusted/unknown_issuer"
    for name, issuer in {
        "slash": f"{good}/",
        "case": good.replace("city", "City"),
        "http": "http://issuer.city.example/agencies/transport",
        "suffix": good.replace("example", "example.evil.example"),
        "fragment": f"{good}#a",
        "query": f"{good}?a",
        "homoglyph": good.replace("city", "c\u0456ty"),
        "user": "https://issuer.city.example@evil.example",
        "longer": f"{good}x",
        "port": "https://issuer.city.example:443/agencies/transport",
    }.items():
        yield reject(form, "S-026", name, naming(issuer), "paper_issuer", nobody)
    if form in (CWT, BOUND):
        for name, value in {
            "number": 7,
            "list": [good],
            "bytes": good.encode(),
            "null": None,
            "empty": "",
        }.items():
            yield reject(
                form, "S-026", name, naming(value), "cwt_claims", "malformed/invalid_claims"
            )
    yield form.twin("S-026", "plain", line(form), check="paper_issuer")
    why = "issuer_not_authorised_for_type/not_accredited"
    for name, types in {
        "none": [],
        "other": ["https://city.example/title"],
        "case": [VCT.upper()],
    }.items():
        for sid in ("S-025", "S-027"):
            yield reject(
                form,
                sid,
                f"types-{name}",
                {},
                "paper_type_accredited",
                why,
                issuers=trusted(types=types),
            )
    why = "type_not_accepted/another_type"
    for name, accepted in {"none": [], "other": ["x"]}.items():
        yield reject(
            form, "S-027", f"asked-{name}", {}, "paper_type_accepted", why, accepted_types=accepted
        )
    yield form.twin("S-027", "plain", line(form), check="paper_type_accredited")


def _times(form: Form) -> Iterator[HostileCase]:
    def setting(**members: Any) -> Any:
        labels = {"exp": 4, "nbf": 5, "iat": 6}
        claims = {labels[name]: value for name, value in members.items()}
        if form in (CWT, BOUND):
            return {"token": Change(payload=lambda old: {**old, **claims})}
        return {"token": Change(protected=lambda old: {**old, 15: claims})}

    for name, members, reason, detail in (
        ("past", {"exp": NOW_SECONDS - 61}, "expired", "expired"),
        (
            "long-past",
            {"exp": NOW_SECONDS - 3_600, "iat": NOW_SECONDS - 7_200},
            "expired",
            "expired",
        ),
        ("60-past", {"exp": NOW_SECONDS - 60}, "expired", "expired"),
        ("ahead", {"nbf": NOW_SECONDS + DAY}, "not_yet_valid", "not_yet_valid"),
        ("61-ahead", {"nbf": NOW_SECONDS + 61}, "not_yet_valid", "not_yet_valid"),
        ("issued-ahead", {"iat": NOW_SECONDS + 61}, "not_yet_valid", "issued_in_the_future"),
    ):
        yield reject(
            form, "S-028", name, setting(**members), "paper_validity", f"{reason}/{detail}"
        )
    check = "cwt_times" if form in (CWT, BOUND) else "cose_cwt_claims"
    values: dict[str, Any] = {"text": "2026-12-01", "null": None, "true": True, "negative": -1}
    values |= {"year-10000": 253_402_300_800, "list": [NOW_SECONDS]}
    for label in ("exp", "nbf"):
        for name, value in values.items():
            yield reject(
                form,
                "S-028",
                f"{label}-{name}",
                setting(**{label: value}),
                check,
                "malformed/invalid_time",
            )
        for name, value in {
            "tag-1": Tagged(1, NOW_SECONDS),
            "tag-0": Tagged(0, "2026-12-01T00:00:00Z"),
        }.items():
            yield reject(
                form,
                "S-028",
                f"{label}-{name}",
                setting(**{label: value}),
                check,
                "malformed/unsupported_claim",
            )
    for name, members in {
        "59-past": {"exp": NOW_SECONDS - 59},
        "60-ahead": {"nbf": NOW_SECONDS + 60},
        "float": {"exp": NOW_SECONDS + 0.5},
    }.items():
        yield form.twin("S-028", name, line(form, setting(**members)), check="paper_validity")
