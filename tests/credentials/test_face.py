"""A face verifies beside its own credential and no other; only one kind of picture passes."""

import hashlib
import io
import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from credentials.cose import build_cose_sign1
from credentials.cwt import read_cwt
from credentials.errors import Malformed
from credentials.face import (
    MAX_PICTURE_BYTES,
    Picture,
    build_face_texts,
    inspect_picture,
    join_face_texts,
    read_face,
    sign_face,
    verify_face,
)
from credentials.reading import read_presentation
from tests.credentials import cwt_workshop as workshop
from tests.vectors import small_city
from tests.vectors.small_city import STRANGER, TRANSPORT, public, signer

AGENCY = TRANSPORT.credential
KEY = public(AGENCY)


def drawn(size=(64, 80), *, seed=1):
    """A drawn head with the unrest of a photograph."""
    rng = random.Random(seed)
    width, height = size
    image = Image.new("L", size, 190)
    pen = ImageDraw.Draw(image)
    pen.ellipse([width * 0.2, height * 0.1, width * 0.8, height * 0.85], fill=130)
    for x in (0.37, 0.63):
        pen.ellipse([width * x - 4, height * 0.4, width * x + 4, height * 0.46], fill=40)
    pen.arc([width * 0.35, height * 0.5, width * 0.65, height * 0.7], 20, 160, fill=60, width=2)
    for _ in range(120):
        place = rng.randrange(width), rng.randrange(height)
        image.putpixel(place, max(0, image.getpixel(place) - rng.randrange(40)))
    return image


def encoded(image, format="WEBP", **words):
    target = io.BytesIO()
    image.save(target, format, **words)
    return target.getvalue()


PICTURE = encoded(drawn(), quality=10, method=6)
VIEW = read_cwt(workshop.view())[0]
FACE = sign_face(inspect_picture(PICTURE), credential=VIEW, signer=AGENCY)


def refusal(function, *arguments):
    with pytest.raises(Malformed) as caught:
        function(*arguments)
    return caught.value.detail


def test_a_face_is_about_570_bytes_and_verifies_beside_its_view():
    face = read_face(FACE)

    assert (face.picture.width, face.picture.height) == (64, 80)
    assert face.picture.data == PICTURE
    assert len(FACE) - len(PICTURE) <= 120
    assert len(FACE) <= 570
    assert verify_face(face, credential=VIEW, key=KEY)


def test_a_face_goes_with_a_credential_of_any_format():
    (sd_jwt,) = read_presentation(small_city.view())
    face = read_face(sign_face(inspect_picture(PICTURE), credential=sd_jwt, signer=AGENCY))

    assert verify_face(face, credential=sd_jwt, key=KEY)
    assert not verify_face(face, credential=VIEW, key=KEY)


def test_a_face_goes_with_every_presentation_of_its_credential():
    held = workshop.issue()
    face = sign_face(inspect_picture(PICTURE), credential=read_cwt(held)[0], signer=AGENCY)

    for nonce in ("MTIzNDU2Nzg", "ODc2NTQzMjE"):
        (shown,) = read_cwt(workshop.bind(held, nonce=nonce))
        assert verify_face(read_face(face), credential=shown, key=KEY)


def test_the_face_of_another_person_or_of_another_copy_does_not_verify():
    """It cannot be swapped, not even between two genuine credentials of one agency."""
    others = (
        workshop.view(name="Chea Vuthy"),
        workshop.view(status={"status_list": {"idx": 4, "uri": TRANSPORT.list}}),
        workshop.view(cnf={"jwk": dict(STRANGER.public_jwk)}),
    )

    for other in others:
        assert not verify_face(read_face(FACE), credential=read_cwt(other)[0], key=KEY)


def test_a_face_of_another_key_does_not_verify():
    for stranger in (STRANGER, signer("an agency", edwards=True)):
        forged = read_face(sign_face(inspect_picture(PICTURE), credential=VIEW, signer=stranger))
        assert not verify_face(forged, credential=VIEW, key=KEY)


def test_another_picture_under_the_same_signature_does_not_verify():
    other = encoded(drawn(seed=2), quality=10, method=6)
    face = read_face(FACE)
    forged = type(face)(picture=inspect_picture(other), message=face.message)

    assert not verify_face(forged, credential=VIEW, key=KEY)


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_flipped_byte_never_verifies(place, flip):
    data = bytearray(FACE)
    data[place % len(data)] ^= flip

    with suppress(Malformed):
        assert not verify_face(read_face(bytes(data)), credential=VIEW, key=KEY)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
UNREST = Image.effect_noise((200, 200), 80)
SMALL = drawn((32, 40))


def chunked(*chunks):
    """A RIFF file of these chunks."""
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


FRAME = PICTURE[20 : 20 + int.from_bytes(PICTURE[16:20], "little")]


def framed(change):
    data = bytearray(FRAME)
    change(data)
    return chunked((b"VP8 ", bytes(data)))


def scaled(data):
    data[7] |= 0x40


def hidden(data):
    data[0] &= 0xEF


def between(data):
    data[0] |= 1


def _sized(data, *, file=0, chunk=0):
    """The same bytes, where the file or its chunk says that it holds so many more."""
    sizes = (
        int.from_bytes(data[4:8], "little") + file,
        int.from_bytes(data[16:20], "little") + chunk,
    )
    first, second = (size.to_bytes(4, "little") for size in sizes)
    return data[:4] + first + data[8:16] + second + data[20:]


PICTURES = {
    "nothing": (b"", "invalid_face"),
    "SVG": (SVG, "invalid_face"),
    "SVG in place of a frame": (chunked((b"VP8 ", SVG)), "invalid_face"),
    "PNG": (encoded(SMALL, "PNG", optimize=True)[:1024], "invalid_face"),
    "GIF": (encoded(Image.new("L", (9, 9)), "GIF"), "invalid_face"),
    "JPEG": (encoded(SMALL, "JPEG", quality=10), "invalid_face"),
    "20 MB": (b"RIFF" + bytes(20_000_000), "face_too_large"),
    "a large picture": (encoded(UNREST, quality=80), "face_too_large"),
    "many pixels in few bytes": (encoded(Image.new("L", (4096, 64)), quality=1), "face_too_large"),
    "lossless": (encoded(Image.new("L", (9, 9)), lossless=True), "invalid_face"),
    "with Exif": (encoded(SMALL, quality=5, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"), "invalid_face"),
    "bytes behind it": (PICTURE + b"PK\x03\x04", "invalid_face"),
    "a second chunk": (chunked((b"VP8 ", FRAME), (b"XMP ", SVG)), "invalid_face"),
    "a page behind the frame": (PICTURE + SVG, "invalid_face"),
    "a padding that is not zero": (chunked((b"VP8 ", FRAME + b"\0"))[:-1] + b"P", "invalid_face"),
    "spare bytes that the file counts": (_sized(PICTURE + b"spare!", file=6), "invalid_face"),
    "spare bytes that the chunk counts": (_sized(PICTURE + b"spare!", chunk=6), "invalid_face"),
    "a chunk shorter than the file": (_sized(PICTURE, chunk=-2), "invalid_face"),
    "cut": (PICTURE[:-2], "invalid_face"),
    "no key frame": (framed(between), "invalid_face"),
    "a frame that is not shown": (framed(hidden), "invalid_face"),
    "scaled up": (framed(scaled), "face_too_large"),
    "no frame": (chunked((b"VP8 ", FRAME[:9])), "invalid_face"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_only_one_small_webp_passes(name):
    """S-051: told by size and container, before anybody decodes it."""
    data, detail = PICTURES[name]

    assert refusal(inspect_picture, data) == detail


@pytest.mark.parametrize("name", PICTURES)
def test_a_signed_face_is_looked_at_as_well(name):
    """S-051: an agency's signature makes no picture harmless."""
    data, _ = PICTURES[name]
    face = sign_face(Picture(data, 1, 1), credential=VIEW, signer=AGENCY)

    assert refusal(read_face, face) in {"invalid_face", "face_too_large"}


def test_a_picture_of_the_greatest_size_passes_and_one_byte_more_does_not():
    for spare in range(3):
        data = chunked((b"VP8 ", FRAME + bytes(MAX_PICTURE_BYTES - 20 - len(FRAME) + 2 * spare)))
        if len(data) <= MAX_PICTURE_BYTES:
            assert inspect_picture(data).data == data
        else:
            assert refusal(inspect_picture, data) == "face_too_large"


def forged_face(*, protected=None, unprotected=None, tagged=False, payload=PICTURE, **words):
    return build_cose_sign1(
        payload,
        signer=AGENCY,
        protected={3: "image/webp", 16: "application/face+cose"}
        if protected is None
        else protected,
        unprotected=unprotected or {},
        tagged=tagged,
        **words,
    )


FORGED = {
    "a credential": (workshop.issue(), "invalid_cose"),
    "tagged": (forged_face(tagged=True), "invalid_cose"),
    "without a type (S-010)": (forged_face(protected={3: "image/webp"}), "invalid_typ"),
    "another type (S-010)": (forged_face(protected={3: "image/webp", 16: 61}), "invalid_typ"),
    "another content": (
        forged_face(protected={3: "image/svg+xml", 16: "application/face+cose"}),
        "invalid_face",
    ),
    "no content type": (forged_face(protected={16: "application/face+cose"}), "invalid_face"),
    "a header that nobody signed": (forged_face(unprotected={4: b"x"}), "invalid_face"),
    "no picture": (forged_face(detached=True), "invalid_face"),
    "too large": (b"\x84" + bytes(2_000), "face_too_large"),
    "nothing": (b"", "invalid_cbor"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_no_face_is_refused(name):
    data, detail = FORGED[name]

    assert refusal(read_face, data) == detail


def test_a_face_that_names_no_credential_verifies_beside_none():
    assert not verify_face(read_face(forged_face()), credential=VIEW, key=KEY)


@given(st.binary(max_size=100))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_crash(data):
    for attempt in (data, PICTURE[:20] + data):
        with suppress(Malformed):
            inspect_picture(attempt)
        with suppress(Malformed):
            read_face(attempt)


@pytest.mark.parametrize("parts", [1, 2, 3, 6])
def test_a_face_comes_in_parts_in_any_order_and_more_than_once(parts):
    texts = build_face_texts(FACE, parts=parts)

    assert texts[0].startswith(f"CF1:1/{parts}:")
    assert join_face_texts([*reversed(texts), texts[0]]) == FACE
    assert join_face_texts([]) is None
    if parts > 1:
        assert join_face_texts(texts[1:]) is None


def test_two_parts_fit_frames_of_350_bytes():
    assert all(len(text) * 2 // 3 <= 350 for text in build_face_texts(FACE))


def test_parts_of_two_faces_do_not_mix():
    other = sign_face(
        inspect_picture(encoded(drawn(seed=3), quality=10, method=6)),
        credential=VIEW,
        signer=AGENCY,
    )
    one, two = build_face_texts(FACE), build_face_texts(other)

    assert refusal(join_face_texts, [one[0], two[0]]) == "invalid_face_part"
    assert refusal(join_face_texts, [*one, build_face_texts(FACE, parts=3)[2]]) == (
        "invalid_face_part"
    )
    mixed = join_face_texts([one[0], two[1]])
    with suppress(Malformed):
        assert not verify_face(read_face(mixed), credential=VIEW, key=KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CF1:",
        "CF1:0/2:AB",
        "CF1:3/2:AB",
        "CF1:1/7:AB",
        "CF1:1/2:",
        "CF1:1/2:ab",
        "CF1:1/2:A\nB",
        "CF1:1/1:" + "A" * 6_000,
        "CQ1:1/2:AB",
    ],
)
def test_a_text_that_is_no_part_is_refused(text):
    """S-125"""
    assert refusal(join_face_texts, [text]) == "invalid_face_part"


def test_damaged_base45_is_refused():
    assert refusal(join_face_texts, ["CF1:1/1::::"]) == "invalid_base45"


@pytest.mark.parametrize("parts", [0, -1, 7])
def test_a_face_is_not_cut_in_more_parts_than_a_reader_takes(parts):
    assert refusal(lambda: build_face_texts(FACE, parts=parts)) == "invalid_face_part"


def test_the_binding_is_the_digest_of_what_the_issuer_signed():
    digest = hashlib.sha256(VIEW.signing_input).digest()
    same = forged_face(external_aad=b"city face 1\x00" + digest)

    assert verify_face(read_face(same), credential=VIEW, key=KEY)


def test_s_051_white_space_that_a_scanner_adds_is_no_part_of_a_face():
    texts = build_face_texts(FACE)

    assert join_face_texts([f" {text}\r\n" for text in texts]) == FACE
