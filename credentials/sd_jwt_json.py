"""
SD-JWT in JSON serialisation (RFC 9901 section 8): read into the compact text, and written from it.

Disclosures and key binding stand in the first unprotected header and nowhere else. The compact
text is what is judged, and what the `sd_hash` of a key binding is over; further signatures of the
general form are compact tokens over the same payload (SD-V-13).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credentials.errors import Malformed
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

MAX_BYTES = 262_144
MAX_SIGNATURES = 8
MAX_DISCLOSURES = 256

_OWN = frozenset({"disclosures", "kb_jwt"})


@dataclass(frozen=True, slots=True)
class JsonSdJwt:
    """The compact SD-JWT of the first signature, and the tokens of all others."""

    text: str
    other_tokens: tuple[str, ...]


def parse_json_sd_jwt(data: bytes | str) -> JsonSdJwt:
    """Read the flattened or the general form; no signature is believed yet."""
    try:
        document = strict_json.parse_object(data, max_bytes=MAX_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    payload = _part(document, "payload")
    if "signatures" in document:
        signatures = document["signatures"]
        if not isinstance(signatures, list) or not 0 < len(signatures) <= MAX_SIGNATURES:
            raise _fault("signatures must be a short array")
        if not {"signature", "protected", "header"}.isdisjoint(document):
            raise _fault("a document has both forms of signature")
    else:
        signatures = [document]
    tokens: list[str] = []
    for signature in signatures:
        if not isinstance(signature, dict):
            raise _fault("a signature must be an object")
        tokens.append(f"{_part(signature, 'protected')}.{payload}.{_part(signature, 'signature')}")
    first, *others = signatures
    if any(not _OWN.isdisjoint(_header(each)) for each in others):
        raise _fault("disclosures stand in the first header only")
    disclosures, key_binding = _parse_header(_header(first))
    return JsonSdJwt("~".join([tokens[0], *disclosures, key_binding]), tuple(tokens[1:]))


def build_json_sd_jwt(text: str, *, other_tokens: Sequence[str] = ()) -> bytes:
    """The flattened form of a compact SD-JWT; the general one when others signed it as well."""
    token, *rest = text.split("~")
    if not rest:
        raise Malformed("an SD-JWT has a tilde after the issuer's JWT", detail="missing_tilde")
    header: dict[str, JsonValue] = {"disclosures": [*rest[:-1]]}
    if rest[-1]:
        header["kb_jwt"] = rest[-1]
    parts = [each.split(".") for each in (token, *other_tokens)]
    if any(len(each) != 3 or each[1] != parts[0][1] for each in parts):
        raise Malformed("the tokens are not over one payload", detail="not_a_jws")
    signatures: list[dict[str, JsonValue]] = [
        {"protected": each[0], "signature": each[2]} for each in parts
    ]
    signatures[0] = {**signatures[0], "header": header}
    if len(signatures) == 1:
        return strict_json.build_json({"payload": parts[0][1], **signatures[0]})
    return strict_json.build_json({"payload": parts[0][1], "signatures": signatures})


def _header(signature: JsonValue) -> Mapping[str, JsonValue]:
    header = signature.get("header", {}) if isinstance(signature, dict) else None
    if not isinstance(header, dict):
        raise _fault("an unprotected header must be an object")
    return header


def _parse_header(header: Mapping[str, JsonValue]) -> tuple[list[str], str]:
    disclosures, key_binding = header.get("disclosures", []), header.get("kb_jwt", "")
    if not isinstance(disclosures, list) or len(disclosures) > MAX_DISCLOSURES:
        raise _fault("disclosures must be a short array")
    if not isinstance(key_binding, str) or ("kb_jwt" in header and not key_binding):
        raise _fault("a kb_jwt must be a token")
    texts = [each for each in [*disclosures, key_binding] if isinstance(each, str)]
    if len(texts) != len(disclosures) + 1 or any("~" in each for each in texts):
        raise _fault("a disclosure must be a text")
    # An empty one would look like the end of the SD-JWT.
    if "" in disclosures:
        raise _fault("a disclosure is empty")
    return [each for each in disclosures if isinstance(each, str)], key_binding


def _part(members: Mapping[str, JsonValue], name: str) -> str:
    part = members.get(name)
    if not isinstance(part, str) or not part or "." in part or "~" in part:
        raise _fault(f"a JSON serialisation lacks its {name}")
    return part


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="not_a_jws")
