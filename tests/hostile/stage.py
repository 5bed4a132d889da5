"""
The stage of the text formats: one good line for each, and a place for every fault.

A *paper* is what somebody presents: `dc+sd-jwt`, `vc+sd-jwt`, `vc+jwt`, `vp+jwt`, `jwt_vc` and
`jwt_vp` (VCDM 1.1). Each is made of tokens at named positions (`credential`, `binding`,
`presentation`, `list`), and a `Change` alters one of them while it is made, so that everything
around it still holds: what is signed is signed over the altered bytes. Keys are fixed and
signatures deterministic.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from credentials.dids import build_did_jwk
from encoding import base64url, compression
from encoding.strict_json import build_json
from tests.vectors.small_city import NOW, public, seconds, signer

Json = dict[str, Any]

NOW_SECONDS: Final = seconds(NOW)
HOUR: Final = 3600
DAY: Final = 24 * HOUR
ISSUER: Final = "https://issuer.city.example/agencies/transport"
DID: Final = "did:web:issuer.city.example:agencies:transport"
OTHER: Final = "https://issuer.city.example/agencies/land"
OTHER_DID: Final = "did:web:issuer.city.example:agencies:land"
VCT: Final = "https://issuer.city.example/types/taxi-permit"
TYPE: Final = "TaxiPermit"
LIST: Final = f"{ISSUER}/status/1"
BITS: Final = f"{ISSUER}/status/1/revocation"
AUDIENCE: Final = "x509_san_dns:verifier.city.example"
NONCE: Final = "n-0S6_WzA2Mj-7f3bXkq0A"
INDEX: Final = 7
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
CONTEXT_1: Final = "https://www.w3.org/2018/credentials/v1"
CITY_CONTEXT: Final = "https://issuer.city.example/contexts/taxi-permit"

AGENCY, LAND, HOLDER, STRANGER, STATUS = (
    signer(f"hostile {name}") for name in ("agency", "land", "phone", "stranger", "status")
)
HOLDER_DID: Final = build_did_jwk(public(HOLDER))
STRANGER_DID: Final = build_did_jwk(public(STRANGER))


@dataclass(frozen=True)
class Change:
    """What is done to one token, from its members to its text. None leaves a step as it is."""

    header: Callable[[Json], Any] | None = None
    payload: Callable[[Json], Any] | None = None
    header_text: Callable[[bytes], bytes] | None = None
    payload_text: Callable[[bytes], bytes] | None = None
    by: Any = None
    signature: Callable[[bytes, bytes], bytes] | None = None
    """Of what is signed and the right signature."""
    text: Callable[[str], str] | None = None


NOTHING: Final = Change()
Changes = Mapping[str, Change]


def forge(header: Json, payload: Json, by: Any, change: Change = NOTHING) -> str:
    """A compact JWS, whatever it holds."""
    by = change.by or by
    headers = build_json(change.header(dict(header)) if change.header else header)
    body = build_json(change.payload(dict(payload)) if change.payload else payload)
    headers = change.header_text(headers) if change.header_text else headers
    body = change.payload_text(body) if change.payload_text else body
    signed = f"{base64url.encode(headers)}.{base64url.encode(body)}"
    signature = by.sign(signed.encode())
    if change.signature is not None:
        signature = change.signature(signed.encode(), signature)
    text = f"{signed}.{base64url.encode(signature)}"
    return change.text(text) if change.text else text


def setting(**members: Any) -> Callable[[Json], Json]:
    """Members set anew; `...` takes one away."""
    return lambda old: with_members(old, members)


def with_members(old: Json, members: Mapping[str, Any]) -> Json:
    """The same for members of any name."""
    return {name: value for name, value in {**old, **members}.items() if value is not ...}


def key_id(some: Any) -> str:
    """The thumbprint of a signer's key."""
    return public(some).thumbprint


def disclosure(*elements: Any) -> str:
    """A disclosure of any shape."""
    return base64url.encode(build_json(list(elements)))


def digest(text: str, name: str = "sha256") -> str:
    """What `_sd` holds for a disclosure."""
    return base64url.encode(hashlib.new(name, text.encode()).digest())


PLATE: Final = disclosure("c2FsdC1vZi1wbGF0ZQ", "plate", "2A-4417")
NUMBER: Final = disclosure("c2FsdC1vZi1udW1iZXI", "driver_number", "D-104417")


def hiding(*texts: str, name: str = "sha256") -> Callable[[Json], Json]:
    """A payload whose `_sd`, on top or in the subject, holds the digests of these texts alone."""

    def hide(old: Json) -> Json:
        digests = [digest(text, name) for text in texts]
        if "credentialSubject" not in old:
            return {**old, "_sd": digests}
        return {**old, "credentialSubject": {**old["credentialSubject"], "_sd": digests}}

    return hide


def sd_jwt_claims(**members: Any) -> Json:
    """The payload of the `dc+sd-jwt` permit."""
    claims: Json = {
        "iss": ISSUER,
        "vct": VCT,
        "iat": NOW_SECONDS - DAY,
        "exp": NOW_SECONDS + 30 * DAY,
        "cnf": {"jwk": dict(HOLDER.public_jwk)},
        "status": {"status_list": {"uri": LIST, "idx": INDEX}},
        "zone": "Phnom Penh",
        "_sd": sorted([digest(PLATE), digest(NUMBER)]),
        "_sd_alg": "sha-256",
    }
    return with_members(claims, members)


def document(**members: Any) -> Json:
    """The permit as a VCDM 2.0 document."""
    entry = {
        "id": f"{BITS}#{INDEX}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(INDEX),
        "statusListCredential": BITS,
    }
    good: Json = {
        "@context": [CONTEXT, CITY_CONTEXT],
        "type": ["VerifiableCredential", TYPE],
        "issuer": DID,
        "validFrom": "2026-11-21T09:00:00Z",
        "validUntil": "2026-12-22T09:00:00Z",
        "credentialSubject": {"id": HOLDER_DID, "plate": "2A-4417"},
        "credentialStatus": entry,
    }
    return with_members(good, members)


def hidden_document(**members: Any) -> Json:
    """The same for `vc+sd-jwt`: a `cnf`, and a subject of which parts are hidden."""
    subject = {"_sd": sorted([digest(PLATE), digest(NUMBER)]), "zone": "Phnom Penh"}
    return document(
        **{
            "credentialSubject": subject,
            "cnf": {"jwk": dict(HOLDER.public_jwk)},
            "_sd_alg": "sha-256",
            **members,
        }
    )


def document_1(**members: Any) -> Json:
    """The permit as a VCDM 1.1 document."""
    good = document()
    good.pop("validFrom")
    good.pop("validUntil")
    good["@context"] = [CONTEXT_1, CITY_CONTEXT]
    good["issuanceDate"] = "2026-11-21T09:00:00Z"
    return with_members(good, members)


def jwt_vc_claims(**members: Any) -> Json:
    """The payload of `jwt_vc_json`."""
    claims: Json = {
        "iss": DID,
        "nbf": NOW_SECONDS - DAY,
        "exp": NOW_SECONDS + 30 * DAY,
        "sub": HOLDER_DID,
        "vc": document_1(),
    }
    return with_members(claims, members)


def _header(paper: str, **members: Any) -> Json:
    kinds = {"dc+sd-jwt": "dc+sd-jwt", "vc+sd-jwt": "vc+sd-jwt", "jwt_vc": "JWT", "jwt_vp": "JWT"}
    typ = kinds.get(paper, "vc+jwt")
    kid = key_id(AGENCY) if paper == "dc+sd-jwt" else f"{DID}#{key_id(AGENCY)}"
    return {"alg": "ES256", "typ": typ, "kid": kid, **members}


def credential(paper: str, change: Change = NOTHING) -> str:
    """The issuer's token of a paper, without disclosures."""
    payloads = {
        "dc+sd-jwt": sd_jwt_claims,
        "vc+sd-jwt": hidden_document,
        "jwt_vc": jwt_vc_claims,
        "jwt_vp": jwt_vc_claims,
    }
    return forge(_header(paper), payloads.get(paper, document)(), AGENCY, change)


def bind(shown: str, change: Change = NOTHING, *, hash_name: str = "sha256") -> str:
    """A key binding over what is shown."""
    claims = {
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": NOW_SECONDS - 5,
        "sd_hash": digest(shown, hash_name),
    }
    return forge({"alg": "ES256", "typ": "kb+jwt"}, claims, HOLDER, change)


def envelop(*texts: str, change: Change = NOTHING) -> str:
    """A `vp+jwt` around VCDM 2.0 credentials."""
    claims = {
        "@context": [CONTEXT],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": [
            {
                "@context": CONTEXT,
                "id": f"data:application/vc+{'sd-' if '~' in text else ''}jwt,{text}",
                "type": "EnvelopedVerifiableCredential",
            }
            for text in texts
        ],
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": NOW_SECONDS - 5,
    }
    header = {"alg": "ES256", "typ": "vp+jwt", "kid": f"{HOLDER_DID}#0", "cty": "vp"}
    return forge(header, claims, HOLDER, change)


def wrap(*texts: str, change: Change = NOTHING) -> str:
    """A VP-JWT around VCDM 1.1 credentials."""
    claims = {
        "iss": HOLDER_DID,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": NOW_SECONDS - 5,
        "vp": {
            "@context": [CONTEXT_1],
            "type": ["VerifiablePresentation"],
            "holder": HOLDER_DID,
            "verifiableCredential": list(texts),
        },
    }
    header = {"alg": "ES256", "typ": "JWT", "kid": f"{HOLDER_DID}#0"}
    return forge(header, claims, HOLDER, change)


def present(
    paper: str,
    changes: Changes,
    disclosed: Iterable[str] = (PLATE,),
    hash_name: str = "sha256",
) -> str:
    """The text that is presented."""
    issued = credential(paper, changes.get("credential", NOTHING))
    if "sd-jwt" in paper:
        shown = "~".join([issued, *disclosed, ""])
        return shown + bind(shown, changes.get("binding", NOTHING), hash_name=hash_name)
    if paper == "vp+jwt":
        return envelop(issued, change=changes.get("presentation", NOTHING))
    if paper == "jwt_vp":
        return wrap(issued, change=changes.get("presentation", NOTHING))
    return issued


def token_list(
    change: Change = NOTHING, *, entries: bytes = bytes(64), bits: int = 2, **members: Any
) -> str:
    """A Token Status List."""
    lst = base64url.encode(compression.deflate_zlib(entries))
    claims = {
        "sub": LIST,
        "iat": NOW_SECONDS - 600,
        "exp": NOW_SECONDS + HOUR,
        "ttl": 300,
        "status_list": {"bits": bits, "lst": lst},
    }
    header = {"alg": "ES256", "typ": "statuslist+jwt", "kid": key_id(AGENCY)}
    return forge(header, with_members(claims, members), AGENCY, change)


def bitstring_list(
    change: Change = NOTHING, *, entries: bytes = bytes(16_384), **members: Any
) -> str:
    """A Bitstring Status List."""
    encoded = "u" + base64url.encode(compression.deflate_gzip(entries))
    claims = {
        "@context": [CONTEXT],
        "id": BITS,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": DID,
        "validFrom": "2026-11-22T08:50:00Z",
        "validUntil": "2026-11-22T10:00:00Z",
        "credentialSubject": {
            "id": f"{BITS}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }
    header = {"alg": "ES256", "typ": "vc+jwt", "kid": f"{DID}#{key_id(AGENCY)}"}
    return forge(header, with_members(claims, members), AGENCY, change)


def agencies(**changes: Any) -> Json:
    """Whom a line trusts: the transport agency under both names, and the land office."""
    transport = {
        "keys": [dict(AGENCY.public_jwk)],
        "status_keys": [dict(STATUS.public_jwk)],
        "types": [VCT, TYPE],
        **changes,
    }
    land = {"keys": [dict(LAND.public_jwk)], "types": ["https://issuer.city.example/types/title"]}
    return {ISSUER: transport, DID: transport, OTHER: land, OTHER_DID: land}


BOUND: Final = frozenset({"dc+sd-jwt", "vc+sd-jwt", "vp+jwt", "jwt_vp"})
"""The papers that are shown with a holder's proof."""


def line(paper: str, changes: Changes | None = None, **members: Any) -> Json:
    """A judge line; a member of `...` is left out."""
    changes = changes or {}
    shaping = {name: members.pop(name) for name in ("disclosed", "hash_name") if name in members}
    made: Json = {
        "presentation": present(paper, changes, **shaping)
        if "presentation" not in members
        else None,
        "now": NOW_SECONDS,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "require_holder_binding": paper in BOUND,
        "issuers": agencies(),
        "status_lists": {
            LIST: token_list(changes.get("list", NOTHING) if paper == "dc+sd-jwt" else NOTHING),
            BITS: bitstring_list(changes.get("list", NOTHING) if paper != "dc+sd-jwt" else NOTHING),
        },
    }
    return with_members(made, members)
