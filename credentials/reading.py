"""
The one strict door through which credentials and presentations come in.

| text | read by |
|---|---|
| with a tilde | `sd_jwt_vc` (`dc+sd-jwt`) or `vc_jose` (`vc+sd-jwt`) |
| three parts with dots | `vc_jose` (`vc+jwt`) or `vp_jose` (`vp+jwt`), by `typ` |
| the same, `typ` `JWT` or none | `jwt_vc` (`jwt_vc_json` of VCDM 1.1) |

What comes out is read, not believed: `verification.verify` judges it.
"""

from credentials.errors import Malformed
from credentials.jose import peek_type
from credentials.jwt_vc import TYPES as VCDM1_TYPES
from credentials.jwt_vc import read_jwt, read_jwt_credential
from credentials.model import Credential
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt
from credentials.sd_jwt_vc import read_key_binding, read_sd_jwt_vc
from credentials.vc_jose import read_vc_jwt, read_vc_sd_jwt
from credentials.vp_jose import read_vp_jwt


def read_presentation(text: str) -> tuple[Credential, ...]:
    """Everything that one presented text holds; some formats hold several."""
    if "~" in text:
        return (_read_sd_jwt(text),)
    kind = peek_type(text)
    if kind == "vp+jwt":
        return read_vp_jwt(text)
    if kind in VCDM1_TYPES:
        return read_jwt(text)
    return (read_vc_jwt(text),)


def read_credential(text: str) -> Credential:
    """One credential as its issuer hands it over: without any key binding (SD-H-01)."""
    if "~" not in text:
        return read_jwt_credential(text) if peek_type(text) in VCDM1_TYPES else read_vc_jwt(text)
    if not text.endswith("~"):
        raise Malformed("an issued credential has a key binding", detail="unexpected_key_binding")
    return _read_sd_jwt(text)


def _read_sd_jwt(text: str) -> Credential:
    sd_jwt = parse_sd_jwt(text, types=SD_JWT_TYPES)
    binding = read_key_binding(sd_jwt, sd_jwt.key_binding) if sd_jwt.key_binding else None
    if sd_jwt.jws.type == "dc+sd-jwt":
        return read_sd_jwt_vc(sd_jwt, binding)
    return read_vc_sd_jwt(sd_jwt, binding)
