"""
Credentials and presentations in CBOR, as the base64url in which they travel: the door behind the
door. A map is an mdoc (ISO 18013-5), a COSE_Sign1 is what its protected `typ` says.

| value | read by |
|---|---|
| a map with `documents` or `issuerAuth` | `mdoc` |
| COSE_Sign1, `typ` `application/vc+cose` | `vc_cose` |
| COSE_Sign1, `typ` `application/vp+cose` | `vp_cose` |
| COSE_Sign1, `typ` of a CWT or of a key binding, or none | `cwt` |
"""

import re

from credentials import vc_cose, vp_cose
from credentials.cose import parse_value
from credentials.cwt import peek_cose_type, read_cwt
from credentials.errors import Malformed
from credentials.mdoc import read_device_response_value, read_issuer_signed_value
from credentials.model import Credential
from encoding import base64url, cbor
from encoding import errors as encoding_errors

MAX_BYTES = vc_cose.MAX_BYTES

# A first byte from 0x80 to 0xDF; one character more, and it is no lone sign.
_STRUCTURE = re.compile(r"[g-z0-3][A-Za-z0-9_-]+\Z")


def is_cbor(text: str) -> bool:
    """Whether this is the base64url of what begins as a CBOR array, map or tag: no token does."""
    return _STRUCTURE.match(text) is not None


def read_cbor(text: str) -> tuple[Credential, ...]:
    """Everything that one presented text holds."""
    if len(text) > MAX_BYTES * 4 // 3 + 3:
        raise Malformed(f"a text holds more than {MAX_BYTES} bytes", detail="too_large")
    try:
        data = base64url.decode(text)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    value = parse_value(data, max_bytes=MAX_BYTES)
    if isinstance(value, dict):
        if len(data) > cbor.MAX_BYTES:
            raise Malformed(f"an mdoc holds more than {cbor.MAX_BYTES} bytes", detail="too_large")
        is_response = "documents" in value
        return (read_device_response_value if is_response else read_issuer_signed_value)(value)
    token_type = peek_cose_type(value)
    if token_type == vc_cose.MEDIA_TYPE:
        return (vc_cose.read_vc_cose(data),)
    if token_type == vp_cose.MEDIA_TYPE:
        return vp_cose.read_vp_cose(data)
    return read_cwt(data)
