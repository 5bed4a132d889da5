"""
SD-JWT (RFC 9901): issue, read, process, and select what is shown.

`parse_sd_jwt` reads shape, `processed_claims` does section 7.1 with every rule that makes a
presentation invalid; neither believes a signature. Salts come from the callable that is handed
in. A key binding is read here and judged in `verification`, because whether it is needed is
policy, never the token's choice (SD-V-01).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from credentials.disclosures import (
    HASH_NAME,
    HASHES,
    Disclosure,
    Place,
    conceal_claims,
    digest_text,
    parse_disclosures,
    path_covers,
    reveal_claims,
    trace_claims,
)
from credentials.errors import Malformed
from credentials.jose import Jws, build_signing_input, join_signature, parse_jws, sign_jws
from credentials.keys import Signer
from credentials.policy import ClaimPath
from encoding.strict_json import JsonValue

SD_JWT_TYPES = frozenset({"dc+sd-jwt", "vc+sd-jwt"})
KEY_BINDING_TYPES = frozenset({"kb+jwt"})
MAX_BYTES = 262_144  # security.md "Limits"
MAX_DISCLOSURES = 256

# SD-JWT VC section 2.2.2.3: claims that a holder must not be able to hide, nor parts of them.
SD_JWT_VC_VISIBLE = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
)
# VC-JOSE-COSE section 3.2.1 and the registered claims that decide about validity.
VCDM_VISIBLE = frozenset(
    {"@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus"}
    | {"credentialSchema", "relatedResource", "iss", "nbf", "exp", "cnf", "status"}
)


@dataclass(frozen=True, slots=True)
class SdJwt:
    """An SD-JWT or SD-JWT+KB as read; nothing is verified."""

    jws: Jws
    disclosures: tuple[Disclosure, ...]
    key_binding: Jws | None
    text_before_key_binding: str = field(repr=False)
    hash_name: str

    @property
    def sd_hash(self) -> str:
        """What a key binding of this presentation must carry, section 4.3.1."""
        return digest_text(self.text_before_key_binding, hash_name=self.hash_name)


def parse_sd_jwt(text: str, *, types: frozenset[str]) -> SdJwt:
    """Read an SD-JWT (which ends with a tilde) or an SD-JWT+KB (which does not)."""
    if len(text) > MAX_BYTES:
        raise Malformed(f"an SD-JWT is larger than {MAX_BYTES} bytes", detail="too_large")
    if not text.isascii():
        raise Malformed("an SD-JWT is ASCII text", detail="not_ascii")
    parts = text.split("~")
    if len(parts) < 2:
        raise Malformed("an SD-JWT has a tilde after the issuer's JWT", detail="missing_tilde")
    if len(parts) - 2 > MAX_DISCLOSURES:
        raise Malformed(f"more than {MAX_DISCLOSURES} disclosures", detail="too_many_disclosures")
    jws = parse_jws(parts[0], types=types)
    hash_name = jws.payload.get("_sd_alg", HASH_NAME)
    if not isinstance(hash_name, str) or hash_name not in HASHES:
        raise Malformed("the _sd_alg is not known", detail="unsupported_sd_alg")
    last = parts[-1]
    return SdJwt(
        jws=jws,
        disclosures=parse_disclosures(parts[1:-1], hash_name=hash_name),
        key_binding=parse_jws(last, types=KEY_BINDING_TYPES) if last else None,
        text_before_key_binding=text[: len(text) - len(last)],
        hash_name=hash_name,
    )


def processed_claims(
    sd_jwt: SdJwt, *, visible: frozenset[str] = SD_JWT_VC_VISIBLE
) -> dict[str, JsonValue]:
    """The payload with its disclosures in place; `visible` are claims that nobody may hide."""
    return reveal_claims(sd_jwt.jws.payload, sd_jwt.disclosures, visible=visible)


def issue_sd_jwt(
    claims: Mapping[str, JsonValue],
    *,
    disclosable: Collection[ClaimPath],
    type: str,
    signer: Signer,
    header: Mapping[str, JsonValue],
    salt: Callable[[], bytes],
    decoys: int = 0,
    visible: frozenset[str] = SD_JWT_VC_VISIBLE,
) -> str:
    """Sign an SD-JWT with all its disclosures; the text ends with a tilde."""
    if not visible.isdisjoint([path[0] for path in disclosable if path]):
        raise Malformed("a claim must not be selectively disclosable", detail="not_disclosable")
    payload, disclosures = conceal_claims(claims, paths=disclosable, salt=salt, decoys=decoys)
    token = sign_jws(payload, type=type, signer=signer, header=header)
    return "~".join([token, *disclosures, ""])


def select_disclosures(
    text: str, paths: Collection[ClaimPath], *, types: frozenset[str] = SD_JWT_TYPES
) -> str:
    """
    What a holder shows: the claims at these paths with all beneath them, and nothing else.

    Parents of a nested disclosure come along (SD-H-02). The key binding, if one is needed, is
    signed afterwards over exactly the text that is returned.
    """
    sd_jwt = _parse_held(text, types=types)
    needed = {
        disclosure.text
        for place, chain in trace_claims(sd_jwt.jws.payload, sd_jwt.disclosures)
        if any(path_covers(path, place) for path in paths)
        for disclosure in chain
    }
    kept = [each.text for each in sd_jwt.disclosures if each.text in needed]
    return "~".join([sd_jwt.jws.text, *kept, ""])


def disclosable_paths(text: str, *, types: frozenset[str] = SD_JWT_TYPES) -> tuple[Place, ...]:
    """The places that the holder may show or keep back."""
    sd_jwt = _parse_held(text, types=types)
    own: dict[str, Place] = {}
    for place, chain in trace_claims(sd_jwt.jws.payload, sd_jwt.disclosures):
        if chain:
            own.setdefault(chain[-1].text, place)
    return tuple(own.values())


def _parse_held(text: str, *, types: frozenset[str]) -> SdJwt:
    """A credential as a holder keeps it: valid by section 7.1, without a key binding (SD-H-01)."""
    sd_jwt = parse_sd_jwt(text, types=types)
    if sd_jwt.key_binding is not None:
        raise Malformed("a held SD-JWT carries a key binding", detail="unexpected_key_binding")
    reveal_claims(sd_jwt.jws.payload, sd_jwt.disclosures, visible=frozenset())
    return sd_jwt


def build_key_binding_input(
    presentation: str,
    *,
    audience: str,
    nonce: str,
    now: datetime,
    algorithm: str = "ES256",
    types: frozenset[str] = SD_JWT_TYPES,
) -> str:
    """What the holder's device signs to bind itself to this presentation (SD-V-12)."""
    sd_jwt = _parse_held(presentation, types=types)
    return build_signing_input(
        {
            "aud": audience,
            "nonce": nonce,
            "iat": int(now.timestamp()),
            "sd_hash": sd_jwt.sd_hash,
        },
        type="kb+jwt",
        algorithm=algorithm,
    )


def attach_key_binding(presentation: str, *, signing_input: str, signature: bytes) -> str:
    """The SD-JWT+KB that is sent."""
    return presentation + join_signature(signing_input, signature)
