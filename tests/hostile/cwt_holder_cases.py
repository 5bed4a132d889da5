"""
S-039, S-040, S-042: who shows a CWT or a `vp+cose`. S-026, S-027, S-052, S-054: claims and lists.

The SD-CWT draft (key binding), VC-JOSE-COSE 3.3.2, Token Status List 5.2 and 8.3.
"""

from collections.abc import Iterator
from typing import Any

from encoding import base64url, compression
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cose_stage import (
    BOUND,
    CWT,
    LISTED,
    VP,
    Change,
    envelop,
    line,
    token,
)
from tests.hostile.cwt_cases import BAD_HOLDER, PROOFS, reject
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import STRANGER
from tests.hostile.proof_stage import signer_of
from tests.hostile.stage import (
    AUDIENCE,
    DAY,
    HOUR,
    NOW_SECONDS,
    VCT,
    with_members,
)


def cases() -> Iterator[HostileCase]:
    for form in PROOFS:
        yield from _proofs(form)
    yield from _claims()
    yield from _lists()


def _proofs(form: Form) -> Iterator[HostileCase]:
    """The holder's part: whose, for whom, for what, how old."""
    missing = "holder_not_bound/holder_binding_missing"
    bare = token(form, Change())
    for name, members in {
        "plain": {},
        "no-nonce": {"nonce": ...},
        "no-audience": {"audience": ...},
    }.items():
        yield reject(
            form,
            "S-039",
            f"stripped-{name}",
            {},
            "paper_holder_bound",
            missing,
            made=bare,
            **members,
        )
    yield form.twin(
        "S-039",
        "not-asked",
        line(form, made=bare, require_holder_binding=False),
        check="paper_holder_bound",
    )
    for name, key in {
        "stranger": STRANGER,
        "issuer": signer_of("transport agency", "ES256"),
    }.items():
        for sid in ("S-042", "S-040"):
            yield reject(
                form,
                sid,
                f"by-{name}",
                {"proof": Change(by=key)},
                "proof_signature_of_holder",
                BAD_HOLDER,
            )
    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "halves": lambda old: [*old[:3], old[3][32:] + old[3][:32]],
    }.items():
        for sid in ("S-042", "S-040"):
            yield reject(
                form,
                sid,
                f"proof-{name}",
                {"proof": Change(parts=step)},
                "proof_signature_of_holder",
                BAD_HOLDER,
            )

    def claiming(**members: Any) -> Any:
        labels = {"aud": 3, "iat": 6, "nonce": 39, "exp": 4}
        claims = {labels[name]: value for name, value in members.items()}
        if form is BOUND:
            return {"proof": Change(payload=lambda old: with_members(old, claims))}
        return {"proof": Change(protected=lambda old: {**old, 15: with_members(old[15], claims)})}

    for name, value in {
        "other": "x509_san_dns:evil.example",
        "longer": f"{AUDIENCE}.evil",
        "case": AUDIENCE.upper(),
        "slash": f"{AUDIENCE}/",
    }.items():
        yield reject(
            form,
            "S-040",
            f"aud-{name}",
            claiming(aud=value),
            "paper_addressee",
            "wrong_audience/wrong_audience",
        )
    for name, value in {"other": b"another nonce", "longer": bytes(17), "short": b"n"}.items():
        yield reject(
            form,
            "S-040",
            f"nonce-{name}",
            claiming(nonce=value),
            "paper_addressee",
            "wrong_nonce/wrong_nonce",
        )
    for name, seconds, detail in (
        ("old", -301, "code_too_old"),
        ("a-year-old", -365 * DAY, "code_too_old"),
        ("ahead", 61, "code_in_the_future"),
        ("hour-ahead", HOUR, "code_in_the_future"),
    ):
        yield reject(
            form,
            "S-040",
            f"iat-{name}",
            claiming(iat=NOW_SECONDS + seconds),
            "paper_freshness",
            f"stale_code/{detail}",
        )
    yield reject(
        form,
        "S-040",
        "exp-past",
        claiming(exp=NOW_SECONDS - 61),
        "paper_validity",
        "expired/expired",
    )
    yield reject(
        form,
        "S-028",
        "exp-of-proof",
        claiming(exp=NOW_SECONDS - 61),
        "paper_validity",
        "expired/expired",
    )
    for name, seconds in {"300-old": -300, "60-ahead": 60}.items():
        yield form.twin(
            "S-040", name, line(form, claiming(iat=NOW_SECONDS + seconds)), check="paper_freshness"
        )
    yield form.twin("S-042", "plain", line(form), check="proof_signature_of_holder")
    if form is VP:
        made = line(VP, made=envelop(bare, by=STRANGER))
        yield VP.reject(
            "S-042",
            "wrapped-by-stranger",
            made,
            check="proof_signature_of_holder",
            reason="holder_not_bound",
            detail="bad_holder_signature",
        )
    else:
        unbound = {"token": Change(payload=lambda old: with_members(old, {8: ...}))}
        yield reject(
            form, "S-042", "no-cnf", unbound, "paper_holder_bound", "holder_not_bound/no_holder_key"
        )
        thumb = {"token": Change(payload=lambda old: {**old, 8: {3: b"kid"}})}
        yield reject(
            form, "S-042", "cnf-kid", thumb, "paper_holder_bound", "holder_not_bound/no_holder_key"
        )


def _claims() -> Iterator[HostileCase]:
    for form in (CWT, BOUND):
        for name in ("iss", "exp", "nbf", "iat", "cnf", "vct", "status", "aud", "sub"):
            change = Change(payload=lambda old, name=name: {**old, name: "x"})
            yield reject(
                form,
                "S-026",
                f"named-{name}",
                {"token": change},
                "cwt_names",
                "malformed/invalid_claim_name",
            )
        for name, value in {"missing": ..., "null": None, "empty": "", "number": 7}.items():
            change = Change(payload=lambda old, value=value: with_members(old, {11: value}))
            yield reject(
                form, "S-027", f"vct-{name}", {"token": change}, "cwt_vct", "malformed/missing_vct"
            )
        for name, value in {
            "space": f"{VCT} ",
            "case": VCT.upper(),
            "slash": f"{VCT}/",
            "other": "https://city.example/title",
        }.items():
            change = Change(payload=lambda old, value=value: {**old, 11: value})
            yield reject(
                form,
                "S-027",
                f"vct-{name}",
                {"token": change},
                "paper_type_accredited",
                "issuer_not_authorised_for_type/not_accredited",
            )


def _lists() -> Iterator[HostileCase]:
    """S-052, S-054 for lists in CBOR: of what does not hold, nothing is known."""
    unknown = "status_unknown/{}"

    def unknowing(sid: str, name: str, change: Change, detail: str) -> HostileCase:
        return reject(LISTED, sid, name, {"list": change}, "cwt_of_list", unknown.format(detail))

    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], bytes([old[3][0] ^ 1]) + old[3][1:]],
    }.items():
        yield unknowing(
            "S-052", f"signature-{name}", Change(parts=step), "status_list_not_authentic"
        )
    yield unknowing("S-052", "by-stranger", Change(by=STRANGER), "status_list_not_authentic")
    for name, value in {
        "other": "application/cwt",
        "number": 61,
        "case-suffix": "application/statuslist+cwt2",
        "jwt": "statuslist+jwt",
    }.items():
        yield unknowing(
            "S-052",
            f"typ-{name}",
            Change(protected=lambda old, value=value: {**old, 16: value}),
            "invalid_typ",
        )
    for name, bits in {
        "0": 0,
        "3": 3,
        "5": 5,
        "16": 16,
        "text": "2",
        "float": 1.5,
        "true": True,
        "missing": None,
    }.items():
        change = Change(payload=lambda old, bits=bits: {**old, 65533: {**old[65533], "bits": bits}})
        yield unknowing("S-052", f"bits-{name}", change, "malformed_status_list")
    packed = compression.deflate_zlib(bytes(64))
    for name, lst in {
        "gzip": compression.deflate_gzip(bytes(64)),
        "cut": packed[:-1],
        "adler": packed[:-1] + b"\0",
        "text": base64url.encode(packed),
        "empty": b"",
        "more": packed + b"\0",
    }.items():
        change = Change(payload=lambda old, lst=lst: {**old, 65533: {"bits": 2, "lst": lst}})
        packing = {"text": "malformed_status_list"}
        yield unknowing("S-052", f"lst-{name}", change, packing.get(name, "invalid_compression"))
    for name, value in {"missing": ..., "text": "x", "null": None}.items():
        change = Change(payload=lambda old, value=value: with_members(old, {65533: value}))
        yield unknowing("S-052", f"list-{name}", change, "malformed_status_list")
    for size in (0, 1):
        lst = compression.deflate_zlib(bytes(size))
        change = Change(payload=lambda old, lst=lst: {**old, 65533: {"bits": 2, "lst": lst}})
        yield unknowing("S-054", f"{size}-bytes", change, "range_error")
    yield LISTED.twin("S-052", "plain", line(LISTED), check="cwt_of_list")
    lst = compression.deflate_zlib(bytes(2))
    change = Change(payload=lambda old: {**old, 65533: {"bits": 2, "lst": lst}})
    yield LISTED.twin("S-054", "2-bytes", line(LISTED, {"list": change}), check="cwt_of_list")
