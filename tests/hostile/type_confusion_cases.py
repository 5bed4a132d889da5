"""
S-010: the matrix of typ. Each token type of the city, signed by the right key and otherwise right,
stands where another type is taken (RFC 8725 3.11, SD-JWT VC 2.2.1, RFC 9901 4.3, TSL 5.1).

Only the diagonal passes. `JWT` and no typ at all belong to VCDM 1.1, whose content must prove it.
"""

from collections.abc import Iterator
from typing import Any

from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import SLOTS, Slot
from tests.hostile.stage import (
    AGENCY,
    AUDIENCE,
    BITS,
    DID,
    HOLDER,
    ISSUER,
    LIST,
    NONCE,
    NOW_SECONDS,
    Change,
    Json,
    bind,
    credential,
    envelop,
    forge,
    setting,
    wrap,
)

TYPES = (
    "dc+sd-jwt",
    "kb+jwt",
    "vc+jwt",
    "vp+jwt",
    "statuslist+jwt",
    "oauth-authz-req+jwt",
    "openid4vci-proof+jwt",
    "dpop+jwt",
    "at+jwt",
    "oauth-client-attestation+jwt",
    "oauth-client-attestation-pop+jwt",
    "key-attestation+jwt",
    "openidvci-issuer-metadata+jwt",
)
"""The thirteen of docs/security.md."""

STRANGE: dict[str, Any] = {"empty": "", "null": None, "number": 1, "true": True}
STRANGE |= {"space": "dc+sd-jwt ", "jose": "JOSE", "secevent": "secevent+jwt", "nul": "vc+jwt\x00"}

switch_off(
    "typ",
    ("credentials.jose.parse_jws", "invalid_typ"),
    ("credentials.jose._parse_header", "invalid_typ"),
)
switch_off("kind_of_document", ("credentials.vcdm_shape._check_envelope", "invalid_type"))
switch_off("kind_of_token", ("credentials.jwt_vc._refuse_foreign", "another_token"))
switch_off("wrapped_documents", ("credentials.vc_jose.refuse_wrapped", "wrapped_document"))
switch_off("content_type", ("credentials.vc_jose.refuse_wrapped", "invalid_cty"))
switch_off("registered_texts", ("credentials.registered.read_text", "missing_"))
switch_off(
    "kind_of_list",
    ("credentials.status_lists._read_listed", "status_verification_error"),
    ("credentials.status_lists._read_token", "malformed_status_list"),
)

OWN = {"dc+sd-jwt.credential": "dc+sd-jwt", "vc+sd-jwt.credential": "vc+sd-jwt"}
OWN |= {"vc+jwt.credential": "vc+jwt", "vp+jwt.credential": "vc+jwt", "vc+jwt.list": "vc+jwt"}
OWN |= {"vp+jwt.presentation": "vp+jwt", "dc+sd-jwt.list": "statuslist+jwt"}
OWN |= {"dc+sd-jwt.binding": "kb+jwt", "vc+sd-jwt.binding": "kb+jwt"}
"""What is taken at each place; `JWT` elsewhere."""

ELSEWHERE = {
    ("vc+sd-jwt.credential", "dc+sd-jwt"): ("registered_texts", "missing_iss"),
    ("vc+jwt.credential", "vp+jwt"): ("kind_of_document", "invalid_type"),
    ("vc+jwt.credential", "JWT"): ("kind_of_token", "another_token"),
    ("vp+jwt.presentation", "vc+jwt"): ("content_type", "invalid_cty"),
    ("vp+jwt.presentation", "JWT"): ("kind_of_token", "another_token"),
    ("jwt_vc.credential", "vc+jwt"): ("wrapped_documents", "wrapped_document"),
    ("jwt_vp.presentation", "vc+jwt"): ("wrapped_documents", "wrapped_document"),
    ("jwt_vc.credential", "vp+jwt"): ("wrapped_documents", "wrapped_document"),
    ("jwt_vp.presentation", "vp+jwt"): ("wrapped_documents", "wrapped_document"),
    ("dc+sd-jwt.list", "JWT"): ("kind_of_token", "another_token"),
    ("vc+jwt.list", "JWT"): ("kind_of_token", "another_token"),
    ("dc+sd-jwt.list", "vc+jwt"): ("kind_of_list", "status_verification_error"),
    ("vc+jwt.list", "statuslist+jwt"): ("kind_of_list", "malformed_status_list"),
}
"""Where `typ` leads to another reader, which then refuses what it finds."""


def cases() -> Iterator[HostileCase]:
    for slot in SLOTS:
        yield from _row(slot)
    for slot in SLOTS:
        if slot.position != "credential" or slot.paper != "jwt_vp":
            yield from _replays(slot)
    yield from _foreign_claims()


def _row(slot: Slot) -> Iterator[HostileCase]:
    own = OWN.get(slot.name, "JWT")
    for typ in (*TYPES, "JWT"):
        made = slot.line(Change(header=setting(typ=typ)))
        if typ == own:
            yield slot.twin("S-010", f"typ-{typ}", made, check="typ")
            continue
        check, detail = ELSEWHERE.get((slot.name, typ), ("typ", "invalid_typ"))
        yield slot.reject("S-010", f"typ-{typ}", made, check=check, detail=detail)
    for name, value in STRANGE.items():
        made = slot.line(Change(header=setting(typ=value)))
        yield slot.reject("S-010", f"typ-{name}", made, check="typ", detail="invalid_typ")
    made = slot.line(Change(header=setting(typ=...)))
    if own == "JWT":
        yield slot.twin("S-010", "typ-missing", made, check="typ")
    else:
        check, detail = ELSEWHERE.get((slot.name, "JWT"), ("typ", "invalid_typ"))
        yield slot.reject("S-010", "typ-missing", made, check=check, detail=detail)
    other_case = {"TYP": "kb+jwt", "type": "kb+jwt", "cTy": "x"}
    made = slot.line(Change(header=setting(**other_case)))
    yield slot.twin("S-010", "typ-in-other-members", made, check="typ")


def _naturals() -> dict[str, tuple[Json, Json, Any]]:
    """A token of each other type as it is in its own place: header, payload, who signs."""
    jwk = dict(HOLDER.public_jwk)
    now = {"iat": NOW_SECONDS - 5, "exp": NOW_SECONDS + 300}
    payloads: dict[str, tuple[Json, Any]] = {
        "oauth-authz-req+jwt": (
            {"client_id": AUDIENCE, "response_type": "vp_token", "nonce": NONCE, **now},
            AGENCY,
        ),
        "openid4vci-proof+jwt": ({"aud": ISSUER, "nonce": NONCE, **now}, HOLDER),
        "dpop+jwt": ({"jti": "1", "htm": "POST", "htu": ISSUER, **now}, HOLDER),
        "at+jwt": ({"iss": ISSUER, "aud": AUDIENCE, "sub": "1", "client_id": "w", **now}, AGENCY),
        "oauth-client-attestation+jwt": (
            {"iss": ISSUER, "sub": "wallet", "cnf": {"jwk": jwk}, **now},
            AGENCY,
        ),
        "oauth-client-attestation-pop+jwt": ({"aud": ISSUER, "jti": "1", **now}, HOLDER),
        "key-attestation+jwt": ({"attested_keys": [jwk], "nonce": NONCE, **now}, AGENCY),
        "openidvci-issuer-metadata+jwt": (
            {"iss": ISSUER, "sub": ISSUER, "credential_issuer": ISSUER, **now},
            AGENCY,
        ),
    }
    return {
        typ: ({"alg": "ES256", "typ": typ, "jwk": jwk}, payload, by)
        for typ, (payload, by) in payloads.items()
    }


def _replays(slot: Slot) -> Iterator[HostileCase]:
    """Whole tokens of other types, unaltered, where this one is taken."""
    for typ, (header, payload, by) in _naturals().items():
        token = forge(header, payload, by)
        yield slot.reject(
            "S-010", f"replay-{typ}", _placed(slot, token), check="typ", detail="invalid_typ"
        )


def _placed(slot: Slot, token: str) -> Json:
    if slot.position == "list":
        return slot.line(status_lists={LIST: token, BITS: token})
    if slot.position == "binding":
        return slot.line(presentation=f"{credential(slot.paper)}~{token}")
    if slot.position == "presentation" or not slot.paper.endswith("sd-jwt"):
        shown = envelop(token) if slot.name == "vp+jwt.credential" else token
        return slot.line(presentation=shown)
    return slot.line(presentation=f"{token}~{bind(token + '~')}")


FOREIGN = ("scope", "client_id", "azp", "auth_time", "acr", "amr", "at_hash", "c_hash", "s_hash")
FOREIGN += ("sub_jwk", "htm", "htu", "ath", "sd_hash", "_sd", "_sd_alg", "vct", "status_list")
FOREIGN += ("events", "response_type", "dcql_query", "aud", "nonce")


def _foreign_claims() -> Iterator[HostileCase]:
    """A VCDM 1.1 token has no typ of its own, so what marks another kind of token is refused."""
    alone, inner = Slot("jwt_vc", "credential"), Slot("jwt_vp", "credential")
    outer = Slot("jwt_vp", "presentation")
    for slot in (alone, inner, outer):
        for name in FOREIGN:
            if slot is outer and name in ("aud", "nonce"):
                continue
            made = slot.line(Change(payload=setting(**{name: "x"})))
            yield slot.reject(
                "S-010", f"claim-{name}", made, check="kind_of_token", detail="another_token"
            )
        for name in ("jti_", "vc_", "city", "updated_at", "entitlements"):
            made = slot.line(Change(payload=setting(**{name: "x"})))
            yield slot.twin("S-010", f"claim-{name}", made, check="kind_of_token")
    both = wrap(credential("jwt_vp"), change=Change(payload=setting(vc={})))
    yield outer.reject(
        "S-010",
        "vc-and-vp",
        outer.line(presentation=both),
        check="kind_of_token",
        detail="another_token",
    )
    neither = forge({"alg": "ES256", "typ": "JWT"}, {"iss": DID, "nbf": NOW_SECONDS}, AGENCY)
    yield alone.reject(
        "S-010",
        "neither-vc-nor-vp",
        alone.line(presentation=neither),
        check="kind_of_token",
        detail="another_token",
    )
