"""
Lifting: a JOSE text taken apart, without loss, into the words that a dictionary knows and the
bytes that nothing can shorten.

A compact JWS hides both behind base64url. Lifting undoes that: what was text becomes text again,
what was binary goes into a second stream, the *blobs*, and an escape byte stands in its place. All
escapes are bytes that UTF-8 never contains, so they cannot be mistaken for text. A part is lifted
only where lowering gives exactly the same characters again; everything else stays as it is. So
`lower(*lift(text))` is `text` for every text, not only for credentials.

| byte | stands for | in the blobs |
|---|---|---|
| C0 | a decimal number without leading zero, below 2^24 | 3 bytes, big-endian |
| C1 | such a number below 2^32 | 4 bytes, big-endian |
| F5 | the end of a nested text | |
| F6 | Khmer: each next byte 80-BF is U+1780-U+17BF, C2-DF U+17C0-U+17DD, E0-E9 U+17E0-U+17E9 | |
| F7, F8 | base64url of the odd (F7) or even (F8) y of P-256 whose x was the last FE | |
| F9 | base64url of the SHA-256 of the outermost text before, up to and with its last `~` | |
| FA | a certificate in base64 that both sides know | the first 4 bytes of its SHA-256 |
| FB | base64url of other bytes | their count as uvarint (LEB128), the bytes |
| FC | base64url of a nested text, lifted in its turn | |
| FD, FE, FF | base64url of 64, 32, 16 bytes | the bytes |

Blobs stand in the order of their escapes. Limits: nesting 4, eight derived values (F7, F8, F9) and
16 kB of text. Pure; the port in JavaScript has the same tables.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.errors import Malformed
from encoding import base64url
from encoding import errors as encoding_errors

MAX_TEXT = 16_384
MAX_NESTING = 4
MAX_DERIVED = 8
"""Each costs a hash or a square root, so a bomb made of them must stay small."""

_NUMBER_3, _NUMBER_4 = b"\xc0", b"\xc1"
_END, _KHMER = b"\xf5", b"\xf6"
_ODD_Y, _EVEN_Y, _HASH = b"\xf7", b"\xf8", b"\xf9"
_CERTIFICATE, _BYTES, _NESTED = b"\xfa", b"\xfb", b"\xfc"
_FIXED = {64: b"\xfd", 32: b"\xfe", 16: b"\xff"}
_FIXED_SIZE = {escape: size for size, escape in _FIXED.items()}
_NUMBER_SIZE = {_NUMBER_3: 3, _NUMBER_4: 4}
_REFERENCE_SIZE = 4
_LEAST_NUMBER = 100_000
"""Shorter ones are years and ports, which the dictionary or an earlier URL may hold."""
_LEAST_RUN = 11

_PARTS = "(?P<khmer>[\u1780-\u17dd\u17e0-\u17e9]+)(?![^\\x00-\\x7f])|(?P<run>[A-Za-z0-9_-]+)"
# Every byte is an escape or plain, so the tokens of a lifted text leave no gaps.
_TOKENS = re.compile(
    rb"\xf6(?P<khmer>[\x80-\xbf\xc2-\xdf\xe0-\xe9]+)|(?P<escape>[\xc0\xc1\xf5-\xff])"
    rb"|(?P<plain>[^\xc0\xc1\xf5-\xff]+)"
)
_KHMER_BYTE = {
    **{0x1780 + i: 0x80 + i for i in range(0x40)},
    **{0x17C0 + i: 0xC2 + i for i in range(0x1E)},
    **{0x17E0 + i: 0xE0 + i for i in range(0x0A)},
}
_KHMER_CHARACTER = {byte: chr(character) for character, byte in _KHMER_BYTE.items()}

# The curve P-256, SEC 2 section 2.4.2: y^2 = x^3 - 3x + b.
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def lift(text: str, *, certificates: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The lifted text and its blobs. `certificates`: the DER that the reader knows as well."""
    lifting = _Lifting(text=text, certificates=tuple(certificates))
    lifted = lifting.lift_text(text, depth=0, in_proof=False)
    return lifted, bytes(lifting.blobs)


def lower(lifted: bytes, blobs: bytes, *, certificates: Sequence[bytes]) -> str:
    """Undo `lift`, or refuse with Malformed."""
    lowering = _Lowering(blobs=blobs, certificates=_texts_by_reference(tuple(certificates)))
    return lowering.lower(lifted)


@dataclass(slots=True)
class _Lifting:
    text: str
    certificates: tuple[bytes, ...]
    blobs: bytearray = field(default_factory=bytearray)
    last_x: bytes | None = None
    derived: int = 0

    def lift_text(self, text: str, *, depth: int, in_proof: bool) -> bytes:
        """`in_proof`: this text stands after the last `~` of the outermost one."""
        lifted = bytearray()
        position = 0
        last_tilde = text.rfind("~") if depth == 0 else -1
        for part in _parts(self.certificates).finditer(text):
            lifted += text[position : part.start()].encode()
            position = part.end()
            if part["khmer"] is not None:
                lifted += _KHMER + bytes(_KHMER_BYTE[ord(character)] for character in part["khmer"])
            elif part["run"] is not None:
                behind = in_proof or 0 <= last_tilde < part.start()
                lifted += self._lift_run(part["run"], depth=depth, in_proof=behind)
            else:
                lifted += _CERTIFICATE
                self.blobs += _reference(base64.b64decode(part[0]))
        return bytes(lifted + text[position:].encode())

    def _lift_run(self, run: str, *, depth: int, in_proof: bool) -> bytes:
        if run.isdigit():
            return self._lift_number(run)
        if len(run) < _LEAST_RUN:
            return run.encode()
        try:
            data = base64url.decode(run)
        except encoding_errors.Malformed:
            return run.encode()
        return self._lift_data(run, data, depth=depth, in_proof=in_proof)

    def _lift_data(self, run: str, data: bytes, *, depth: int, in_proof: bool) -> bytes:
        if len(data) == 32:
            return self._lift_32_bytes(run, data, in_proof=in_proof)
        if len(data) in _FIXED:
            self.blobs += data
            return _FIXED[len(data)]
        if depth < MAX_NESTING and data[:1] in (b"{", b"[") and _is_text(data):
            nested = self.lift_text(data.decode(), depth=depth + 1, in_proof=in_proof)
            return _NESTED + nested + _END
        if not _looks_random(run):
            return run.encode()
        self.blobs += write_uvarint(len(data)) + data
        return _BYTES

    def _lift_number(self, digits: str) -> bytes:
        if digits[0] == "0" or len(digits) > 10 or not _LEAST_NUMBER <= int(digits) < 2**32:
            return digits.encode()
        escape = _NUMBER_3 if int(digits) < 2**24 else _NUMBER_4
        self.blobs += int(digits).to_bytes(_NUMBER_SIZE[escape], "big")
        return escape

    def _lift_32_bytes(self, run: str, data: bytes, *, in_proof: bool) -> bytes:
        """A coordinate or a digest that the reader can derive, or else the bytes themselves."""
        if self.derived < MAX_DERIVED:
            if self.last_x is not None and _is_on_curve(self.last_x, data):
                self.derived += 1
                return _ODD_Y if data[-1] % 2 else _EVEN_Y
            if in_proof and run == _proof_hash(self.text):
                self.derived += 1
                return _HASH
        self.last_x = data
        self.blobs += data
        return _FIXED[32]


@dataclass(slots=True)
class _Lowering:
    blobs: bytes
    certificates: dict[bytes, str]
    position: int = 0
    size: int = 0
    last_x: bytes | None = None
    derived: int = 0
    texts: list[list[str]] = field(default_factory=lambda: [[]])
    """The text of each nesting, outermost first."""

    def lower(self, lifted: bytes) -> str:
        for token in _TOKENS.finditer(lifted):
            if token["plain"] is not None:
                self._add(_decode_text(token["plain"]))
            elif token["khmer"] is not None:
                self._add("".join(_KHMER_CHARACTER[byte] for byte in token["khmer"]))
            else:
                self._lower_escape(token["escape"])
        if len(self.texts) != 1 or self.position != len(self.blobs):
            raise Malformed("the code is not whole", detail="damaged_code")
        return "".join(self.texts[0])

    def _lower_escape(self, escape: bytes) -> None:
        if escape == _NESTED:
            if len(self.texts) > MAX_NESTING:
                raise Malformed(f"a code nests deeper than {MAX_NESTING}", detail="too_deep")
            self.texts.append([])
        elif escape == _END and len(self.texts) > 1:
            self._add(base64url.encode("".join(self.texts.pop()).encode()))
        elif escape in _NUMBER_SIZE:
            self._add(str(int.from_bytes(self._take(_NUMBER_SIZE[escape]), "big")))
        elif escape in _FIXED_SIZE:
            data = self._take(_FIXED_SIZE[escape])
            self.last_x = data if len(data) == 32 else self.last_x
            self._add(base64url.encode(data))
        elif escape == _BYTES:
            self._add(base64url.encode(self._take(self._take_count())))
        elif escape == _CERTIFICATE:
            self._add(self._look_up_certificate())
        elif escape in (_ODD_Y, _EVEN_Y, _HASH):
            self._add(self._derive(escape))
        else:
            raise Malformed("the code holds a stray mark", detail="damaged_code")

    def _add(self, text: str) -> None:
        self.size += len(text)
        # What is nested counts again on each level that it passes, which bounds the work as well.
        if self.size > MAX_TEXT * (MAX_NESTING + 1):
            raise Malformed(f"a code unfolds beyond {MAX_TEXT} characters", detail="too_large")
        self.texts[-1].append(text)

    def _take(self, count: int) -> bytes:
        data = self.blobs[self.position : self.position + count]
        if len(data) != count:
            raise Malformed("the code is cut short", detail="damaged_code")
        self.position += count
        return data

    def _take_count(self) -> int:
        count, self.position = read_uvarint(self.blobs, self.position)
        return count

    def _look_up_certificate(self) -> str:
        text = self.certificates.get(self._take(_REFERENCE_SIZE))
        if text is None:
            raise Malformed("the code names an unknown certificate", detail="unknown_certificate")
        return text

    def _derive(self, escape: bytes) -> str:
        self.derived += 1
        if self.derived > MAX_DERIVED:
            raise Malformed("a code derives too many values", detail="too_large")
        if escape == _HASH:
            return _proof_hash("".join(self.texts[0]))
        if self.last_x is None:
            raise Malformed("the code has a y without its x", detail="damaged_code")
        return base64url.encode(_decompress(self.last_x, is_odd=escape == _ODD_Y))


@lru_cache(maxsize=16)
def _parts(certificates: tuple[bytes, ...]) -> re.Pattern[str]:
    texts = [re.escape(base64.b64encode(der).decode()) for der in certificates]
    return re.compile("|".join([*texts, _PARTS]))


@lru_cache(maxsize=16)
def _texts_by_reference(certificates: tuple[bytes, ...]) -> dict[bytes, str]:
    return {_reference(der): base64.b64encode(der).decode() for der in certificates}


def _reference(certificate: bytes) -> bytes:
    return sha256(certificate).digest()[:_REFERENCE_SIZE]


def _proof_hash(text: str) -> str:
    """The `sd_hash` of RFC 9901 4.3.1: over all that stands before the key binding."""
    presented = text[: text.rfind("~") + 1]
    return base64url.encode(sha256(presented.encode()).digest())


def _is_on_curve(x: bytes, y: bytes) -> bool:
    a, b = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    return a < _P and b < _P and b * b % _P == (a * a * a - 3 * a + _B) % _P


@lru_cache(maxsize=1024)
def _decompress(x: bytes, *, is_odd: bool) -> bytes:
    """SEC 1, 2.3.4. Remembered: the keys of agencies come again with every code."""
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), (b"\x03" if is_odd else b"\x02") + x
        )
    except ValueError as error:
        raise Malformed(
            "the code has an x that is not on the curve", detail="damaged_code"
        ) from error
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[-len(x) :]


def _decode_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("the code is not valid UTF-8", detail="invalid_utf8") from error


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _looks_random(run: str) -> bool:
    """Words and names are better left to the dictionary; this only decides the size."""
    return any(c.isdigit() for c in run) and run.lower() != run and run.upper() != run


def write_uvarint(number: int) -> bytes:
    """An unsigned LEB128 number: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(encoded) + bytes([number])


def read_uvarint(data: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, below 2^21, and where it ends."""
    number = 0
    for count, byte in enumerate(data[position : position + 3]):
        number |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return number, position + count + 1
    raise Malformed("a count in the code is cut short or too large", detail="damaged_code")
