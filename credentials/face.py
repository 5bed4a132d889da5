"""
The face that travels beside a QR view, signed by the issuer of the view.

A face is a small picture in a COSE_Sign1 of the agency's credential key. What is signed besides the
picture, without being sent, is the SHA-256 of what the issuer signed of the one credential that the
face belongs to: so the face of another person, or of another copy, never verifies beside this
credential, and the credential needs no word about the face. Neither can be swapped.

The picture is never decoded here. `inspect_picture` looks at its container only and lets one kind
pass, a WebP of a single lossy frame, which fills the file to its last byte (S-051): no SVG, no
other format before or behind it, no metadata, no animation, 1,024 bytes and 128 pixels a side at
the most. What could still hide within the frame is gone once it is re-encoded, as whoever shows it
does first. How a caller makes one of 450 bytes stands in `docs/decisions/`.

It is shown in QR texts of their own, `CF1:i/n:base45`, between those of the view.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from credentials.cose import (
    CoseSign1,
    build_cose_sign1,
    parse_cose_sign1,
    parse_value,
    sig_structure,
)
from credentials.cwt import TYPE, read_type
from credentials.errors import Malformed
from credentials.keys import PublicKey, Signer, verify_signature
from credentials.model import Credential
from credentials.shown_text import trim
from encoding import base45
from encoding import errors as encoding_errors

PREFIX: Final = "CF1:"
FACE_TYPE: Final = "application/face+cose"
MEDIA_TYPE: Final = "image/webp"
CONTENT_TYPE: Final = 3
MAX_PICTURE_BYTES: Final = 1_024
MAX_FACE_BYTES: Final = 1_280
MAX_SIDE: Final = 128
MAX_PARTS: Final = 6

_PART = re.compile(r"CF1:([1-6])/([1-6]):([0-9A-Z $%*+\-./:]+)\Z")
_KEY_FRAME: Final = b"\x9d\x01\x2a"
_DOMAIN: Final = b"city face 1\x00"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose container was looked at: its bytes are one small WebP and nothing else."""

    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Face:
    """A face as read; nobody has believed it yet. `verify_face` does."""

    picture: Picture
    message: CoseSign1 = field(repr=False)


def inspect_picture(data: bytes) -> Picture:
    """
    RFC 9649 section 2.5, simple file format (lossy): one RIFF with one `VP8 ` chunk that ends
    where the file ends, holding a key frame that is shown.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise Malformed(f"a face has at most {MAX_PICTURE_BYTES} bytes", detail="face_too_large")
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8 ":
        raise _not_a_face("a face is a lossy WebP")
    if int.from_bytes(data[4:8], "little") != len(data) - 8:
        raise _not_a_face("the picture and its file differ in length")
    size = int.from_bytes(data[16:20], "little")
    if size + size % 2 != len(data) - 20 or (size % 2 and data[-1] != 0):
        raise _not_a_face("the picture and its file differ in length")
    # RFC 6386 section 9.1: bit 0 clear for a key frame, bits 1 to 3 the version, bit 4 shown.
    tag = int.from_bytes(data[20:23], "little")
    if tag & 1 or tag >> 1 & 7 > 3 or not tag >> 4 & 1 or data[23:26] != _KEY_FRAME:
        raise _not_a_face("a face is one frame that is shown")
    if not 0 < tag >> 5 <= size - 10:
        raise _not_a_face("the first partition is longer than the picture")
    width, height = (int.from_bytes(data[at : at + 2], "little") for at in (26, 28))
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise Malformed("a face has up to 128 pixels a side", detail="face_too_large")
    return Picture(data=data, width=width, height=height)


def sign_face(picture: Picture, *, credential: Credential, signer: Signer) -> bytes:
    """Sign a face for this one credential, with the key that signed the credential."""
    return build_cose_sign1(
        picture.data,
        signer=signer,
        protected={CONTENT_TYPE: MEDIA_TYPE, TYPE: FACE_TYPE},
        unprotected={},
        tagged=False,
        external_aad=_reference(credential),
    )


def read_face(data: bytes) -> Face:
    """Read a face: shape, size and container of the picture; nothing is believed."""
    if len(data) > MAX_FACE_BYTES:
        raise Malformed(f"a face has at most {MAX_FACE_BYTES} bytes", detail="face_too_large")
    message = parse_cose_sign1(parse_value(data), tagged=False)
    if read_type(message) != FACE_TYPE:
        raise Malformed("this is signed as something else than a face", detail="invalid_typ")
    if message.unprotected or message.protected_header.get(CONTENT_TYPE) != MEDIA_TYPE:
        raise _not_a_face("a face is a WebP and has no further headers")
    if message.payload is None:
        raise _not_a_face("a face carries its picture")
    return Face(picture=inspect_picture(message.payload), message=message)


def verify_face(face: Face, *, credential: Credential, key: PublicKey) -> bool:
    """
    Whether this key signed this face for this credential. `key`: the one with which the
    credential's own signature held, `issuer_judgement.find_signing_key`; a credential that does
    not hold has no face.
    """
    message = face.message
    signed = sig_structure(
        message.protected, face.picture.data, external_aad=_reference(credential)
    )
    return message.algorithm == key.algorithm and verify_signature(key, signed, message.signature)


def build_face_texts(face: bytes, *, parts: int = 2) -> tuple[str, ...]:
    """The QR texts of a face, in order; they are shown in turn."""
    step = -(-len(face) // max(parts, 1))
    if not 1 <= parts <= MAX_PARTS or step * (parts - 1) >= len(face):
        raise Malformed(f"a face is cut in 1 to {MAX_PARTS} parts", detail="invalid_face_part")
    return tuple(
        f"{PREFIX}{number}/{parts}:{base45.encode(face[(number - 1) * step : number * step])}"
        for number in range(1, parts + 1)
    )


def join_face_texts(texts: Iterable[str]) -> bytes | None:
    """
    The face, once every part was scanned, in any order and as often as one likes; None before.
    Parts of two faces join to what no key has signed.
    """
    found: dict[int, str] = {}
    counts = set()
    for text in map(trim, texts):
        part = _PART.match(text)
        if part is None or int(part[1]) > int(part[2]) or len(text) > 4 * MAX_FACE_BYTES:
            raise Malformed("this is no part of a face", detail="invalid_face_part")
        counts.add(int(part[2]))
        if found.setdefault(int(part[1]), part[3]) != part[3]:
            raise Malformed("parts of two faces are mixed", detail="invalid_face_part")
    if len(counts) > 1:
        raise Malformed("parts of two faces are mixed", detail="invalid_face_part")
    if not counts or len(found) < max(counts):
        return None
    try:
        return b"".join(base45.decode(found[number]) for number in sorted(found))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _reference(credential: Credential) -> bytes:
    """What ties a face to one credential: external data of RFC 9052 section 4.3."""
    return _DOMAIN + hashlib.sha256(credential.signing_input).digest()


def _not_a_face(message: str) -> Malformed:
    return Malformed(message, detail="invalid_face")
