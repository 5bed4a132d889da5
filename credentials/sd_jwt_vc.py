"""
SD-JWT VC (`dc+sd-jwt`) as presented: the SD-JWT, its claims, and the key binding of RFC 9901 4.3.
"""

from credentials.errors import Malformed
from credentials.jose import Jws
from credentials.model import Credential, Format, KeyBinding
from credentials.registered import (
    build_binding,
    read_confirmation,
    read_key_hint,
    read_text,
    read_times,
)
from credentials.sd_jwt import SD_JWT_VC_VISIBLE, SdJwt, processed_claims
from credentials.status_references import read_links, read_token_references

# Members that say how a credential is to be judged rather than what it claims.
_REGISTERED = SD_JWT_VC_VISIBLE | {"iat", "linked"}


def read_sd_jwt_vc(sd_jwt: SdJwt, binding: KeyBinding | None) -> Credential:
    """The credential; `binding` is what `read_key_binding` made of its key binding."""
    claims = processed_claims(sd_jwt, visible=SD_JWT_VC_VISIBLE)
    if "linked" in claims and "linked" not in sd_jwt.jws.payload:
        raise Malformed("links of a view are always visible", detail="not_disclosable")
    issued_at, valid_from, valid_until = read_times(claims)
    hint = read_key_hint(sd_jwt.jws)
    # The draft lets `iss` be left out where the certificate in `x5c` says who issued.
    is_certified = "iss" not in claims and bool(hint.x5c)
    return Credential(
        format=Format.DC_SD_JWT,
        issuer="" if is_certified else read_text(claims, "iss"),
        types=(read_text(claims, "vct"),),
        claims={name: value for name, value in claims.items() if name not in _REGISTERED},
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=valid_until,
        statuses=read_token_references(claims),
        links=read_links(claims),
        holder_key=read_confirmation(claims),
        key_hint=hint,
        signing_input=sd_jwt.jws.signing_input,
        signature=sd_jwt.jws.signature,
        key_binding=binding,
        sd_jwt=sd_jwt,
    )


def read_key_binding(sd_jwt: SdJwt, jws: Jws) -> KeyBinding:
    """RFC 9901 section 4.3 (SD-V-12): shape and `sd_hash` here, the rest is judged."""
    issued_at, _, _ = read_times(jws.payload)
    if issued_at is None:
        raise Malformed("a key binding has no iat", detail="missing_iat")
    covers = read_text(jws.payload, "sd_hash") == sd_jwt.sd_hash
    # RFC 9901 section 4.3 wants one string here, not the array that RFC 7519 would let pass.
    audience = read_text(jws.payload, "aud")
    return build_binding(jws, audience=audience, issued_at=issued_at, covers_presentation=covers)
