"""
CQ1: any SD-JWT or JWT as the text of one QR code, without loss.

    text    = "CQ1:" dictionary-id base45(packed)
    packed  = uvarint(n) deflated(n bytes) blobs
    lifted  = inflate(deflated, preset dictionary)          RFC 1951, raw
    token   = lower(lifted, blobs)                          see `lifting`

The dictionary id is one character of the Base45 alphabet (RFC 9285); each dictionary is published
and never changes (`dictionaries`). Base45 keeps the whole text in the alphanumeric mode of a QR
code. Random bytes travel beside the deflated text, not in it: Huffman codes would only lengthen
them. Compressors may differ, so one token has many packed forms; each unpacks to the same token.

Unpacking is the side that a stranger feeds. It refuses whatever is not CQ1 with `Malformed`, and
nothing inflates or unfolds beyond 16 kB. What comes out is only text: nobody has believed it yet.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from credentials.cwt_packing import PREFIX as CWT_PREFIX
from credentials.cwt_packing import read_cwt_qr_text
from credentials.dictionaries import DICTIONARIES, NEWEST
from credentials.errors import Malformed
from credentials.lifting import MAX_TEXT, lift, lower, read_uvarint, write_uvarint
from credentials.shown_text import trim
from encoding import base45, base64url, compression, strict_json
from encoding import errors as encoding_errors

PREFIX: Final = "CQ1:"
MAX_QR_TEXT: Final = 4_296
"""The most characters that a QR code holds in alphanumeric mode (version 40-L)."""


def build_qr_text(presentation: str, *, certificates: Sequence[bytes] | None = None) -> str:
    """
    The text of the QR code. `certificates`: DER that every reader has from the trust registry, of
    which only a reference is packed; None means those of the credential's own `x5c`.
    """
    known = header_certificates(presentation) if certificates is None else certificates
    return PREFIX + NEWEST + base45.encode(pack(presentation, certificates=known))


def read_qr_text(text: str, *, certificates: Sequence[bytes] = ()) -> str:
    """
    The presentation in a scanned QR text, or Malformed. `certificates`: those of the trust
    registry, `trust.trusted_certificates`. That of a CW1 code is CBOR, and comes as base64url.
    """
    text = trim(text)
    if text.startswith(CWT_PREFIX):
        return base64url.encode(read_cwt_qr_text(text))
    if not text.startswith(PREFIX) or len(text) > MAX_QR_TEXT:
        raise Malformed("this is no code of a city wallet", detail="not_a_city_code")
    dictionary_id, body = text[len(PREFIX) : len(PREFIX) + 1], text[len(PREFIX) + 1 :]
    if dictionary_id not in DICTIONARIES:
        raise Malformed("the code needs a newer reader", detail="unknown_dictionary")
    try:
        packed = base45.decode(body)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return unpack(packed, certificates=certificates, dictionary_id=dictionary_id)


def packed_size(text: str) -> int:
    """How many bytes a QR text carries: the packed form, before Base45 spreads it to characters."""
    return len(base45.decode(text[len(PREFIX) + 1 :]))


def pack(text: str, *, certificates: Sequence[bytes] = ()) -> bytes:
    """The packed form, with the newest dictionary."""
    if len(text) > MAX_TEXT:
        raise Malformed(f"text of more than {MAX_TEXT} characters", detail="too_large")
    try:
        lifted, blobs = lift(text, certificates=certificates)
    except UnicodeEncodeError as error:
        raise Malformed("the text is not Unicode", detail="invalid_utf8") from error
    deflated = compression.deflate_raw(lifted, dictionary=DICTIONARIES[NEWEST])
    return write_uvarint(len(deflated)) + deflated + blobs


def unpack(
    packed: bytes, *, certificates: Sequence[bytes] = (), dictionary_id: str = NEWEST
) -> str:
    """Undo `pack`, or refuse with Malformed."""
    count, start = read_uvarint(packed, 0)
    deflated, blobs = packed[start : start + count], packed[start + count :]
    try:
        lifted = compression.inflate_raw(
            deflated, max_bytes=MAX_TEXT, dictionary=DICTIONARIES[dictionary_id]
        )
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    text = lower(lifted, blobs, certificates=certificates)
    if len(text) > MAX_TEXT:
        raise Malformed(f"a code unfolds beyond {MAX_TEXT} characters", detail="too_large")
    return text


def header_certificates(presentation: str) -> tuple[bytes, ...]:
    """The certificates (DER) in the `x5c` header of a JWT or SD-JWT; none if it has no such."""
    try:
        header = strict_json.parse_object(base64url.decode(presentation.partition(".")[0]))
        chain = header.get("x5c")
        texts = chain if isinstance(chain, list) else []
        return tuple(base64.b64decode(str(text), validate=True) for text in texts)
    except (encoding_errors.Malformed, binascii.Error):
        return ()
