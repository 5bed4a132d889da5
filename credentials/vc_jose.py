"""
VCDM 2.0 credentials secured with JOSE as presented: `vc+jwt` and `vc+sd-jwt`.

VC-JOSE-COSE sections 3.1 and 3.2: the payload is the document itself (JC-01), `typ` and `cty`
say what it is (JC-02). `vc+sd-jwt` with a `vct` is residue of a draft and refused.
"""

from credentials.errors import Malformed
from credentials.jose import Jws, parse_jws
from credentials.model import Credential, Format, KeyBinding, Signed
from credentials.registered import read_key_hint
from credentials.sd_jwt import VCDM_VISIBLE, SdJwt, processed_claims
from credentials.vcdm_reading import read_vcdm

_TYPES = frozenset({"vc+jwt"})


def read_vc_jwt(text: str) -> Credential:
    """A `vc+jwt`; it has no key binding of its own."""
    jws = parse_jws(text, types=_TYPES)
    refuse_wrapped(jws, content_type="vc")
    return read_vcdm(dict(jws.payload), format=Format.VC_JWT, signed=_signed(jws), binding=None)


def read_vc_sd_jwt(sd_jwt: SdJwt, binding: KeyBinding | None) -> Credential:
    """A `vc+sd-jwt`, with what was disclosed of it and the holder's proof, if there is one."""
    refuse_wrapped(sd_jwt.jws, content_type="vc")
    claims = processed_claims(sd_jwt, visible=VCDM_VISIBLE)
    signed = _signed(sd_jwt.jws)
    return read_vcdm(claims, format=Format.VC_SD_JWT, signed=signed, binding=binding, sd_jwt=sd_jwt)


def refuse_wrapped(jws: Jws, *, content_type: str) -> None:
    """JC-01 and JC-02: no `vc` or `vp` claim, no other content type."""
    if "vc" in jws.payload or "vp" in jws.payload:
        raise Malformed("the document must be the payload itself", detail="wrapped_document")
    if jws.header.get("cty", content_type) not in (content_type, f"application/{content_type}"):
        raise Malformed("a token has another cty than expected", detail="invalid_cty")


def _signed(jws: Jws) -> Signed:
    return Signed(jws.signing_input, jws.signature, read_key_hint(jws))
