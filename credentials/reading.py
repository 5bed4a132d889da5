"""
The one strict door through which credentials and presentations come in.

| text | read by |
|---|---|
| with a tilde | `sd_jwt_vc` (`dc+sd-jwt`) or `vc_jose` (`vc+sd-jwt`) |
| three parts with dots | `vc_jose` (`vc+jwt`) or `vp_jose` (`vp+jwt`), by `typ` |
| the same, `typ` `JWT` or none | `jwt_vc` (`jwt_vc_json` of VCDM 1.1) |
| a JSON object | `ldp` (`ldp_vc` of VCDM 2.0) or `legacy` (of VCDM 1.1), by its first context |
| the same, as an envelope of VCDM 2.0 section 4.13 | `envelopes`: what is inside |
| `VC1-R…` | `vc_barcode` (`ldp_vc` in CBOR-LD) |
| the base64url of a CBOR structure | `cbor_reading` (`mso_mdoc`, `cwt`, `vc+cose`, `vp+cose`) |

What comes out is read, not believed: `verification.verify` judges it.
"""

from credentials.cbor_reading import is_cbor, read_cbor
from credentials.envelopes import ENVELOPES, read_shown_envelope
from credentials.errors import Malformed
from credentials.jose import peek_type
from credentials.jwt_vc import TYPES as VCDM1_TYPES
from credentials.jwt_vc import read_jwt, read_jwt_credential
from credentials.ldp import read_ldp
from credentials.legacy import Request, build_requests, read_legacy
from credentials.model import Credential
from credentials.sd_jwt import MAX_BYTES, SD_JWT_TYPES, parse_sd_jwt
from credentials.sd_jwt_vc import read_key_binding, read_sd_jwt_vc
from credentials.shown_text import trim
from credentials.vc_barcode import is_barcode, read_barcode
from credentials.vc_jose import read_vc_jwt, read_vc_sd_jwt
from credentials.vcdm1 import BASE_CONTEXT as VCDM1_CONTEXT
from credentials.vcdm_shape import BASE_CONTEXT, types_of
from credentials.vp_jose import read_vp_jwt
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, parse_object


def read_presentation(shown: str, *, optical: str | None = None) -> tuple[Credential, ...]:
    """
    Everything that one presented text holds; some formats hold several. `optical`: what was scanned
    from the same card and is vouched for by a barcode (BAR-01); nothing else covers such.
    """
    text = trim(shown)
    if is_barcode(text):
        return read_barcode(text, optical=optical)
    if optical is not None:
        raise Malformed("no barcode covers what was scanned", detail="uncovered_extra_information")
    if _is_document(text):
        return _read_document(_parse_document(text))
    if "~" in text:
        return (_read_sd_jwt(text),)
    if is_cbor(text):
        return read_cbor(text)
    return _read_jwt(text)


def list_proof_requests(text: str) -> dict[str, Request]:
    """
    What a child process must be asked about a text that reads, by the name of its answer in
    `Material.proofs`. For most formats that is nothing.
    """
    document = _parse_document(text) if _is_document(text) else {}
    return build_requests(document) if _is_vcdm1(document) else {}


def read_credential(handed: str) -> Credential:
    """One credential as its issuer hands it over: without any key binding (SD-H-01)."""
    text = trim(handed)
    if is_barcode(text):
        return _read_only(read_barcode(text))
    if _is_document(text):
        return _read_only(_read_document(_parse_document(text)))
    if is_cbor(text):
        return _read_only(read_cbor(text))
    if "~" not in text:
        return read_jwt_credential(text) if peek_type(text) in VCDM1_TYPES else read_vc_jwt(text)
    if not text.endswith("~"):
        raise Malformed("an issued credential has a key binding", detail="unexpected_key_binding")
    return _read_sd_jwt(text)


def _read_jwt(text: str) -> tuple[Credential, ...]:
    kind = peek_type(text)
    if kind == "vp+jwt":
        return read_vp_jwt(text)
    if kind in VCDM1_TYPES:
        return read_jwt(text)
    return (read_vc_jwt(text),)


def _read_sd_jwt(text: str) -> Credential:
    sd_jwt = parse_sd_jwt(text, types=SD_JWT_TYPES)
    binding = read_key_binding(sd_jwt, sd_jwt.key_binding) if sd_jwt.key_binding else None
    if sd_jwt.jws.type == "dc+sd-jwt":
        return read_sd_jwt_vc(sd_jwt, binding)
    return read_vc_sd_jwt(sd_jwt, binding)


def _is_document(text: str) -> bool:
    return trim(text).startswith("{")


def _parse_document(text: str) -> dict[str, JsonValue]:
    try:
        return parse_object(text, max_bytes=MAX_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _is_vcdm1(document: dict[str, JsonValue]) -> bool:
    contexts = document.get("@context")
    return isinstance(contexts, list) and VCDM1_CONTEXT in contexts[:1]


def _read_document(document: dict[str, JsonValue]) -> tuple[Credential, ...]:
    if _is_vcdm1(document):
        return read_legacy(document)
    if not ENVELOPES.isdisjoint(types_of(document)):
        return read_shown_envelope(document)
    contexts = document.get("@context")
    if not isinstance(contexts, list) or BASE_CONTEXT not in contexts[:1]:
        raise Malformed("the base context must come first", detail="invalid_context")
    return read_ldp(document)


def _read_only(credentials: tuple[Credential, ...]) -> Credential:
    if len(credentials) != 1 or credentials[0].key_binding is not None:
        raise Malformed("an issued credential is presented", detail="unexpected_key_binding")
    return credentials[0]
