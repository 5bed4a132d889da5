"""
CWT views, credentials in COSE and lists in CBOR: S-007, S-019, S-025 to S-028, S-039, S-040, S-042.

RFC 8392 (claims), RFC 9596 (typ), the SD-CWT draft (key binding), VC-JOSE-COSE section 3.3, Token
Status List section 5.2 and 8.3.
"""

from collections.abc import Iterator
from typing import Any

from encoding import base64url, compression
from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cose_stage import (
    BOUND,
    CWT,
    LISTED,
    VC,
    VP,
    Change,
    envelop,
    line,
    token,
    trusted,
)
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import STRANGER, cose_key
from tests.hostile.proof_stage import signer_of
from tests.hostile.removal import switch_off
from tests.hostile.stage import (
    AUDIENCE,
    DAY,
    DID,
    HOUR,
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

switch_off("cwt_typ", ("credentials.cwt._parse_value", "invalid_typ"))
switch_off("cwt_names", ("credentials.cwt._check_claims", "invalid_claim_name"))
switch("cwt_claims", {"credentials.cwt._check_claims": lambda _: None})
switch("cwt_times", {"credentials.cwt._read_times": lambda _: (NOW, None, None)})
switch("cose_cwt_claims", {"credentials.vc_cose._read_header_claims": lambda _: {}})
switch("cwt_times_past", {"credentials.verification._check_validity": lambda *_: _passed()})
switch_off("cose_content_type", ("credentials.vc_cose.parse_document", "invalid_cty"))
switch_off("cwt_vct", ("credentials.cwt._read_credential", "missing_vct"))
switch(
    "cwt_of_list",
    {
        "credentials.status_judgement.judge_reference": lambda *_, **__: _passed(),
        "credentials.verification.judge_reference": lambda *_, **__: _passed(),
    },
)


def _passed() -> Any:
    from credentials.verdict import passed  # noqa: PLC0415

    return passed("check")


def cases() -> Iterator[HostileCase]:
    for form in FORMS:
        yield from _signatures(form)
        yield from _keys(form)
        yield from _issuers(form)
        yield from _times(form)
    for form in PROOFS:
        yield from _proofs(form)
    yield from _claims()
    yield from _lists()


def _reject(
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
            yield _reject(form, "S-040", f"signature-{name}", changes, "proof_signature", BAD)
    for by in ("stranger", "root"):
        key = STRANGER if by == "stranger" else signer_of("city root", "ES256")
        yield _reject(form, "S-025", f"by-{by}", {"token": Change(by=key)}, "proof_signature", BAD)
    unnamed = Change(by=STRANGER, protected=lambda old: with_members(old, {4: ...}))
    yield _reject(form, "S-025", "by-stranger-unnamed", {"token": unnamed}, "proof_signature", BAD)
    for name, value in {
        "none": 0,
        "hmac": 5,
        "rs256": -257,
        "es256k": -47,
        "text": "ES256",
        "missing": ...,
    }.items():
        change = Change(protected=lambda old, value=value: with_members(old, {1: value}))
        yield _reject(
            form,
            "S-040",
            f"alg-{name}",
            {"token": change},
            "cose_algorithm",
            "malformed/invalid_signature_alg",
        )
    for name, members in {"alg": {1: -7}, "crit": {2: [1]}}.items():
        change = Change(unprotected=lambda _, members=members: members)
        yield _reject(
            form,
            "S-040",
            f"unprotected-{name}",
            {"token": change},
            "cose_protected",
            "malformed/unprotected_header",
        )
    change = Change(protected=lambda old: {**old, 2: [99], 99: 1})
    yield _reject(
        form, "S-040", "crit", {"token": change}, "cose_crit", "malformed/unsupported_crit"
    )
    change = Change(unprotected=lambda _: {4: b"other"})
    yield _reject(
        form,
        "S-040",
        "kid-twice",
        {"token": change},
        "cose_headers_once",
        "malformed/duplicate_header",
    )
    for name, size in {"short": 63, "long": 65, "empty": 0}.items():
        change = Change(parts=lambda old, size=size: [*old[:3], (old[3] * 2)[:size]])
        yield _reject(
            form,
            "S-040",
            f"signature-{name}",
            {"token": change},
            "cose_signature_size",
            "malformed/invalid_signature",
        )
    shapes = {"three": lambda old: old[:3], "five": lambda old: [*old, b""]}
    for name, step in shapes.items():
        yield _reject(
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
            yield _reject(
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
        yield _reject(
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
        yield _reject(form, "S-026", name, naming(issuer), "paper_issuer", nobody)
    if form in (CWT, BOUND):
        for name, value in {
            "number": 7,
            "list": [good],
            "bytes": good.encode(),
            "null": None,
            "empty": "",
        }.items():
            yield _reject(
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
            yield _reject(
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
        yield _reject(
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
        yield _reject(
            form, "S-028", name, setting(**members), "paper_validity", f"{reason}/{detail}"
        )
    check = "cwt_times" if form in (CWT, BOUND) else "cose_cwt_claims"
    values: dict[str, Any] = {"text": "2026-12-01", "null": None, "true": True, "negative": -1}
    values |= {"year-10000": 253_402_300_800, "list": [NOW_SECONDS]}
    for label in ("exp", "nbf"):
        for name, value in values.items():
            yield _reject(
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
            yield _reject(
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


def _proofs(form: Form) -> Iterator[HostileCase]:
    """The holder's part: whose, for whom, for what, how old."""
    missing = "holder_not_bound/holder_binding_missing"
    bare = token(form, Change())
    for name, members in {
        "plain": {},
        "no-nonce": {"nonce": ...},
        "no-audience": {"audience": ...},
    }.items():
        yield _reject(
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
            yield _reject(
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
            yield _reject(
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
        yield _reject(
            form,
            "S-040",
            f"aud-{name}",
            claiming(aud=value),
            "paper_addressee",
            "wrong_audience/wrong_audience",
        )
    for name, value in {"other": b"another nonce", "longer": bytes(17), "short": b"n"}.items():
        yield _reject(
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
        yield _reject(
            form,
            "S-040",
            f"iat-{name}",
            claiming(iat=NOW_SECONDS + seconds),
            "paper_freshness",
            f"stale_code/{detail}",
        )
    yield _reject(
        form,
        "S-040",
        "exp-past",
        claiming(exp=NOW_SECONDS - 61),
        "paper_validity",
        "expired/expired",
    )
    yield _reject(
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
        yield _reject(
            form, "S-042", "no-cnf", unbound, "paper_holder_bound", "holder_not_bound/no_holder_key"
        )
        thumb = {"token": Change(payload=lambda old: {**old, 8: {3: b"kid"}})}
        yield _reject(
            form, "S-042", "cnf-kid", thumb, "paper_holder_bound", "holder_not_bound/no_holder_key"
        )


def _claims() -> Iterator[HostileCase]:
    for form in (CWT, BOUND):
        for name in ("iss", "exp", "nbf", "iat", "cnf", "vct", "status", "aud", "sub"):
            change = Change(payload=lambda old, name=name: {**old, name: "x"})
            yield _reject(
                form,
                "S-026",
                f"named-{name}",
                {"token": change},
                "cwt_names",
                "malformed/invalid_claim_name",
            )
        for name, value in {"missing": ..., "null": None, "empty": "", "number": 7}.items():
            change = Change(payload=lambda old, value=value: with_members(old, {11: value}))
            yield _reject(
                form, "S-027", f"vct-{name}", {"token": change}, "cwt_vct", "malformed/missing_vct"
            )
        for name, value in {
            "space": f"{VCT} ",
            "case": VCT.upper(),
            "slash": f"{VCT}/",
            "other": "https://city.example/title",
        }.items():
            change = Change(payload=lambda old, value=value: {**old, 11: value})
            yield _reject(
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

    def reject(sid: str, name: str, change: Change, detail: str) -> HostileCase:
        return _reject(LISTED, sid, name, {"list": change}, "cwt_of_list", unknown.format(detail))

    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], bytes([old[3][0] ^ 1]) + old[3][1:]],
    }.items():
        yield reject("S-052", f"signature-{name}", Change(parts=step), "status_list_not_authentic")
    yield reject("S-052", "by-stranger", Change(by=STRANGER), "status_list_not_authentic")
    for name, value in {
        "other": "application/cwt",
        "number": 61,
        "case-suffix": "application/statuslist+cwt2",
        "jwt": "statuslist+jwt",
    }.items():
        yield reject(
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
        yield reject("S-052", f"bits-{name}", change, "malformed_status_list")
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
        packing = {"text": "malformed_status_list", "more": "trailing_data"}
        yield reject("S-052", f"lst-{name}", change, packing.get(name, "invalid_compression"))
    for name, value in {"missing": ..., "text": "x", "null": None}.items():
        change = Change(payload=lambda old, value=value: with_members(old, {65533: value}))
        yield reject("S-052", f"list-{name}", change, "malformed_status_list")
    for size in (0, 1):
        lst = compression.deflate_zlib(bytes(size))
        change = Change(payload=lambda old, lst=lst: {**old, 65533: {"bits": 2, "lst": lst}})
        yield reject("S-054", f"{size}-bytes", change, "range_error")
    yield LISTED.twin("S-052", "plain", line(LISTED), check="cwt_of_list")
    lst = compression.deflate_zlib(bytes(2))
    change = Change(payload=lambda old: {**old, 65533: {"bits": 2, "lst": lst}})
    yield LISTED.twin("S-054", "2-bytes", line(LISTED, {"list": change}), check="cwt_of_list")
