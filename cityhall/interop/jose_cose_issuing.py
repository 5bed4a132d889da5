"""
Securing one document with JOSE, SD-JWT or COSE, for the VC-JOSE-COSE suite.

VC-JOSE-COSE section 3: the payload is the document itself, the `kid` is the URL of the given
verification method. No `iss` and no time is added to what the suite gave.
"""

import base64
import os
import re
from collections.abc import Callable, Mapping
from typing import Final

from cityhall.interop.jose_cose_keys import GivenKey
from credentials import vp_cose
from credentials.cose import KEY_ID, build_cose_sign1
from credentials.cwt import TYPE
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.keys import Signer
from credentials.policy import ClaimPath
from credentials.sd_jwt import VCDM_VISIBLE, issue_sd_jwt
from credentials.vc_cose import CONTENT_TYPE, issue_vc_cose
from credentials.vcdm import VC_SD_JWT, VP_JWT, issue_vc_jwt
from credentials.vcdm_shape import check_credential, check_presentation
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, build_json, parse_object

VP_SD_JWT: Final = "vp+sd-jwt"
VP_VISIBLE: Final = frozenset({"nbf", "exp"})
"""A hidden type or context would be missed; a hidden time would not."""
MAX_DOCUMENT: Final = 262_144
SALT_OCTETS: Final = 16

_STEP: Final = re.compile(r"([^.\[\]]+)((?:\[[0-9]{1,4}\])*)\Z")

Document = Mapping[str, JsonValue]
Paths = tuple[ClaimPath, ...]


def read_paths(value: JsonValue) -> Paths:
    """Paths as the suite writes them: `credentialSubject.phoneNumbers[0]`."""
    if not isinstance(value, list):
        raise Malformed("the paths must be a list", detail="invalid_pointer")
    return tuple(_read_path(each) for each in value)


def secure_document(data: bytes, feature: str, key: GivenKey, paths: Paths) -> str:
    """The secured text; `feature` is one of the suite's."""
    try:
        document = parse_object(data, max_bytes=MAX_DOCUMENT)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if key.signer is None:
        raise Malformed("the key came without its secret", detail="invalid_key")
    is_credential = feature.startswith("credential_")
    (check_credential if is_credential else check_presentation)(document)
    return _SECURED[feature](document, key.signer, key.id, paths)


def _read_path(value: JsonValue) -> ClaimPath:
    steps: list[str | int | None] = []
    for part in str(value).split("."):
        match = _STEP.match(part)
        if match is None:
            raise Malformed("a path cannot be read", detail="invalid_pointer")
        steps += [match[1], *(int(number) for number in re.findall(r"[0-9]+", match[2]))]
    return tuple(steps)


def _credential_jose(document: Document, signer: Signer, key_id: str, _: Paths) -> str:
    return issue_vc_jwt(document, signer=signer, key_id=key_id, issued_at=None)


def _credential_sd_jwt(document: Document, signer: Signer, key_id: str, paths: Paths) -> str:
    return issue_sd_jwt(
        document,
        disclosable=paths,
        type=VC_SD_JWT,
        signer=signer,
        header={"kid": key_id, "cty": "vc"},
        salt=_draw_salt,
        visible=VCDM_VISIBLE,
    )


def _credential_cose(document: Document, signer: Signer, key_id: str, _: Paths) -> str:
    return _encode(issue_vc_cose(document, signer=signer, key_id=key_id, issued_at=None))


def _presentation_jose(document: Document, signer: Signer, key_id: str, _: Paths) -> str:
    return sign_jws(document, type=VP_JWT, signer=signer, header={"kid": key_id, "cty": "vp"})


def _presentation_sd_jwt(document: Document, signer: Signer, key_id: str, paths: Paths) -> str:
    return issue_sd_jwt(
        document,
        disclosable=paths,
        type=VP_SD_JWT,
        signer=signer,
        header={"kid": key_id, "cty": "vp"},
        salt=_draw_salt,
        visible=VP_VISIBLE,
    )


def _presentation_cose(document: Document, signer: Signer, key_id: str, _: Paths) -> str:
    message = build_cose_sign1(
        build_json(dict(document)),
        signer=signer,
        protected={
            CONTENT_TYPE: vp_cose.CONTENT,
            KEY_ID: key_id.encode(),
            TYPE: vp_cose.MEDIA_TYPE,
        },
        unprotected={},
        tagged=True,
    )
    return _encode(message)


def _draw_salt() -> bytes:
    return os.urandom(SALT_OCTETS)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


_SECURED: Final[Mapping[str, Callable[[Document, Signer, str, Paths], str]]] = {
    "credential_jose": _credential_jose,
    "credential_sdjwt": _credential_sd_jwt,
    "credential_cose": _credential_cose,
    "presentation_jose": _presentation_jose,
    "presentation_sdjwt": _presentation_sd_jwt,
    "presentation_cose": _presentation_cose,
}
