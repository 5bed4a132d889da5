"""Cases of `faces.json`: a scanned view, what was scanned beside it, and whether it is a face."""

import base64
from dataclasses import dataclass, field

from credentials.cose import build_cose_sign1, parse_value
from credentials.cwt import read_cwt
from credentials.cwt_packing import build_cwt_qr_text
from credentials.face import (
    FACE_TYPE,
    MAX_PICTURE_BYTES,
    MEDIA_TYPE,
    Picture,
    build_face_texts,
    sign_face,
)
from credentials.packing import build_qr_text
from credentials.reading import read_presentation
from encoding.cbor import build_cbor
from tests.vectors import cwt_cases
from tests.vectors import small_city as city
from tests.vectors.small_city import HOLDER, INSURANCE, NOW, TRANSPORT, seconds, signer, trust

AGENCY = TRANSPORT.credential
# A drawn head of 32 x 40 pixels as Pillow wrote it: `quality=4, method=6`.
PICTURE = base64.b64decode(
    "UklGRmgAAABXRUJQVlA4IFwAAABwBQCdASogACgAP6HE1WI6MaomMBVYA0A0CWkAAR7rntkw98ma4ZVUS+unrn+iWOXS"
    "YpOAAP6Kz9cn4BBdTZU1PNNKwqwFmFg5GYoSwX15BhvJiqMYt3AlI+AAAA=="
)
LOSSLESS = base64.b64decode("UklGRhoAAABXRUJQVlA4TA4AAAAvCAACAAcQEf0PRET/Aw==")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAAAAADF+lnMAAAADElEQVR4nGNgoBUAAABaAAFUw4NUAAAAAElFTkSuQmCC"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FRAME = PICTURE[20 : 20 + int.from_bytes(PICTURE[16:20], "little")]
VIEW = read_cwt(cwt_cases.GOOD)[0]
CODE = build_cwt_qr_text(cwt_cases.GOOD)
TRUST = trust()


@dataclass
class FaceCase:
    """`expect`: verified, unverified, waiting (parts are missing) or refused with its `reason`."""

    name: str
    why: str
    expect: str
    reason: str | None = None
    view: str = CODE
    texts: tuple = ()
    trust: dict = field(default_factory=lambda: TRUST)


def code_of(view):
    """The code of a CWT view."""
    return build_cwt_qr_text(view)


def signed(picture=PICTURE, *, beside=VIEW, by=AGENCY):
    """A face of any bytes."""
    return sign_face(Picture(picture, 1, 1), credential=beside, signer=by)


def shown(face=None, *, parts=2):
    """Its texts."""
    return build_face_texts(signed() if face is None else face, parts=parts)


def formed(*, protected=None, payload=PICTURE, unprotected=None, **words):
    """A COSE message of the agency in any form."""
    header = {3: MEDIA_TYPE, 16: FACE_TYPE} if protected is None else protected
    given = {"unprotected": unprotected or {}, "tagged": False} | words
    return build_cose_sign1(payload, signer=AGENCY, protected=header, **given)


def chunked(*chunks):
    """A RIFF file of these chunks."""
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def framed(place, value):
    """The picture with another byte in its frame."""
    data = bytearray(FRAME)
    data[place] = value
    return chunked((b"VP8 ", bytes(data)))


def altered(face, find, place=0):
    """A face with one bit of another value, behind these bytes."""
    data = bytearray(face)
    data[face.index(find) + place] ^= 1
    return bytes(data)


FACE = signed()
FORGER = signer("a forger")
FORGED_VIEW = cwt_cases.view(by=FORGER)
STOLEN = trust(
    transport={
        "keys": [
            key | {"compromised_at": seconds(NOW)}
            for key in TRANSPORT.registry_entry(types=[])["keys"]
        ]
    }
)


def other(name, why, **words):
    """A face that is not that of this view."""
    return FaceCase(name, why, "unverified", **({"texts": shown()} | words))


def no_face(name, why, reason, face):
    """Bytes that are no face at all."""
    return FaceCase(name, why, "refused", reason, texts=shown(face))


def no_picture(name, reason, picture):
    """S-051: an agency's signature makes no picture harmless."""
    return no_face(name, "S-051", reason, signed(picture))


def padded(size):
    """A picture of this many bytes: the container allows more behind the partition."""
    return chunked((b"VP8 ", FRAME + bytes(size - 20 - len(FRAME))))


SD_JWT = city.view()
JUDGED = [
    FaceCase("a good face", "the reference of this file", "verified", texts=shown()),
    FaceCase("backwards and twice", "as scanned", "verified", texts=(*shown()[::-1], *shown())),
    FaceCase("in six parts", "twin", "verified", texts=shown(parts=6)),
    FaceCase(
        "of 1,024 bytes", "a bound", "verified", texts=shown(signed(padded(MAX_PICTURE_BYTES)))
    ),
    FaceCase(
        "beside an SD-JWT",
        "twin",
        "verified",
        view=build_qr_text(SD_JWT),
        texts=shown(signed(beside=read_presentation(SD_JWT)[0])),
    ),
    FaceCase(
        "beside another showing",
        "the proof plays no part",
        "verified",
        view=code_of(cwt_cases.view(binding={"at": NOW})),
        texts=shown(),
    ),
    other(
        "another person's", "it cannot be swapped", view=code_of(cwt_cases.view(name="Chea Vuthy"))
    ),
    other(
        "another copy's",
        "it cannot be swapped",
        view=code_of(cwt_cases.view(status={"status_list": {"idx": 4, "uri": TRANSPORT.list}})),
    ),
    other("beside an SD-JWT instead", "it cannot be swapped", view=build_qr_text(SD_JWT)),
    other("of another agency", "its own issuer's", texts=shown(signed(by=INSURANCE.credential))),
    other("of the key for lists", "S-191", texts=shown(signed(by=TRANSPORT.status))),
    other("of the phone", "its own issuer's", texts=shown(signed(by=HOLDER))),
    other("of an Ed25519 key", "another algorithm", texts=shown(signed(by=cwt_cases.EDWARDS))),
    other("for no credential", "RFC 9052 section 4.3", texts=shown(formed())),
    other(
        "without its domain",
        "RFC 9052 section 4.3",
        texts=shown(formed(external_aad=VIEW.signing_input)),
    ),
    other("another picture", "S-022", texts=shown(altered(FACE, FRAME, 40))),
    other("another signature", "S-022", texts=shown(altered(FACE, FACE[-9:], 8))),
    other(
        "a forger's view and face",
        "no key, no face",
        view=code_of(FORGED_VIEW),
        texts=shown(signed(beside=read_cwt(FORGED_VIEW)[0], by=FORGER)),
    ),
    other("of a stolen key", "S-188", trust=STOLEN),
    other("of an unknown issuer", "S-026", trust=trust(entries=[])),
    FaceCase("one part of two", "still scanning", "waiting", texts=shown()[:1]),
    FaceCase("nothing", "still scanning", "waiting"),
]

REFUSED = [
    FaceCase("words", "no part", "refused", "invalid_face_part", texts=("hello",)),
    FaceCase("part 3 of 2", "no part", "refused", "invalid_face_part", texts=("CF1:3/2:00",)),
    FaceCase("seven parts", "a bound", "refused", "invalid_face_part", texts=("CF1:1/7:00",)),
    FaceCase("a line within", "no part", "refused", "invalid_face_part", texts=("CF1:1/1:0\n0",)),
    FaceCase(
        "a long part", "a bound", "refused", "invalid_face_part", texts=("CF1:1/1:" + "0" * 5_120,)
    ),
    FaceCase(
        "parts of two and three",
        "mixed",
        "refused",
        "invalid_face_part",
        texts=(shown()[0], shown(parts=3)[1]),
    ),
    FaceCase(
        "a part in two forms",
        "mixed",
        "refused",
        "invalid_face_part",
        texts=(shown()[0], shown(signed(by=HOLDER))[0][:-3] + "000"),
    ),
    FaceCase("out of range", "RFC 9285", "refused", "invalid_base45", texts=("CF1:1/1::::",)),
    no_face("tagged", "one form", "invalid_cose", formed(tagged=True)),
    no_face("a credential", "S-010", "invalid_cose", cwt_cases.issue()),
    no_face("without a type", "S-010", "invalid_typ", formed(protected={3: MEDIA_TYPE})),
    no_face("another type", "S-010", "invalid_typ", formed(protected={3: MEDIA_TYPE, 16: 61})),
    no_face(
        "another content",
        "S-051",
        "invalid_face",
        formed(protected={3: "image/svg+xml", 16: FACE_TYPE}),
    ),
    no_face("no content type", "S-051", "invalid_face", formed(protected={16: FACE_TYPE})),
    no_face(
        "a header that nobody signed", "RFC 9052", "invalid_face", formed(unprotected={4: b"x"})
    ),
    no_face("a header twice", "RFC 9052", "duplicate_header", formed(unprotected={16: FACE_TYPE})),
    no_face(
        "members twice",
        "S-021",
        "duplicate_member",
        build_cbor([b"\xa2\x01\x26\x01\x26", *parse_value(FACE)[1:]]),
    ),
    no_face("no picture", "RFC 9052", "invalid_face", formed(detached=True)),
    no_face("bytes behind it", "S-021", "trailing_data", FACE + b"\0"),
    no_face("1,281 bytes", "a bound", "face_too_large", b"\x84" + bytes(1_280)),
    no_picture("a picture of 1,026 bytes", "face_too_large", padded(MAX_PICTURE_BYTES + 2)),
    no_picture("an empty picture", "invalid_face", b""),
    no_picture("SVG", "invalid_face", SVG),
    no_picture("SVG in place of a frame", "invalid_face", chunked((b"VP8 ", SVG))),
    no_picture("PNG", "invalid_face", PNG),
    no_picture("lossless", "invalid_face", LOSSLESS),
    no_picture("a second chunk", "invalid_face", chunked((b"VP8 ", FRAME), (b"XMP ", SVG))),
    no_picture("an archive behind it", "invalid_face", PICTURE + b"PK\x03\x04"),
    no_picture("a cut picture", "invalid_face", PICTURE[:-2]),
    no_picture("no key frame", "invalid_face", framed(0, FRAME[0] | 1)),
    no_picture("an unknown version", "invalid_face", framed(0, FRAME[0] | 8)),
    no_picture("a frame that is not shown", "invalid_face", framed(0, FRAME[0] & 0xEF)),
    no_picture(
        "no first partition",
        "invalid_face",
        chunked((b"VP8 ", bytes([FRAME[0] & 0x1F, 0, 0]) + FRAME[3:])),
    ),
    no_picture("a partition beyond the end", "invalid_face", framed(2, 0xFF)),
    no_picture("129 pixels wide", "face_too_large", framed(6, 129)),
    no_picture("scaled up", "face_too_large", framed(7, 0x40)),
    no_picture("no height", "face_too_large", framed(8, 0)),
    no_picture("no frame", "invalid_face", chunked((b"VP8 ", FRAME[:9]))),
]

CASES = [*JUDGED, *REFUSED]
