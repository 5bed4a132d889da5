"""Write `packing.json`: codes that every reader must read, or refuse for the same reason."""

import base64
import hashlib
import json
import random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from credentials.cwt_packing import build_cwt_qr_text
from credentials.dictionaries import CWT_DICTIONARIES, DICTIONARIES
from credentials.lifting import MAX_DERIVED, write_uvarint
from credentials.packing import build_qr_text
from encoding import base45, base64url, compression
from encoding.cbor import Tagged, build_cbor
from tests.vectors import cwt_cases

TARGET = Path(__file__).parent / "packing.json"
SPEC = "qr-and-screens 2.1, S-125"
CERTIFICATE = random.Random(7).randbytes(420)


def segment(value):
    """One part of a JWS."""
    return base64url.encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def coordinates(seed):
    """The point of a P-256 key."""
    numbers = ec.derive_private_key(seed, ec.SECP256R1()).public_key().public_numbers()
    return [base64url.encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y)]


def taxi_view(*, base="http://localhost:8401", name="Sok Dara", x5c=None, seed=1, nonce_bytes=16):
    """A taxi-inspection view with its key binding, as the resident's phone shows it."""
    rng = random.Random(seed)
    x, y = coordinates(seed)

    def list_of(agency):
        return f"{base}/agencies/{agency}/status/1"

    def index():
        return rng.randrange(100_000, 2**20)

    key = {"kid": base64url.encode(rng.randbytes(32))} if x5c is None else {"x5c": x5c}
    payload = {
        "iss": f"{base}/agencies/transport",
        "vct": f"{base}/types/taxi-inspection",
        "iat": 1795338000,
        "exp": 1795424400,
        "cnf": {"jwk": {"crv": "P-256", "kty": "EC", "x": x, "y": y}},
        "status": {"status_list": {"idx": index(), "uri": list_of("transport")}},
        "name": name,
        "plate": "2A-4417",
        "category": "taxi",
        "zone": "Phnom Penh",
        "until": "2027-06-30",
        "linked": [
            {"type": "taxi-permit", "list": list_of("transport"), "index": index()},
            {"type": "driving-licence", "list": list_of("transport"), "index": index()},
            {"type": "vehicle-registration", "list": list_of("registry"), "index": index()},
            {"type": "insurance-certificate", "list": list_of("insurance"), "index": index()},
        ],
    }
    header = {"alg": "ES256", "typ": "dc+sd-jwt", **key}
    shown = f"{segment(header)}.{segment(payload)}.{base64url.encode(rng.randbytes(64))}~"
    binding = {
        "aud": "urn:citywallet:qr:taxi-inspection",
        "nonce": base64url.encode(rng.randbytes(nonce_bytes)),
        "iat": 1795338100,
        "sd_hash": base64url.encode(hashlib.sha256(shown.encode()).digest()),
    }
    proof = f"{segment({'alg': 'ES256', 'typ': 'kb+jwt'})}.{segment(binding)}"
    return f"{shown}{proof}.{base64url.encode(rng.randbytes(64))}"


def code_of(lifted, blobs=b"", *, behind=b""):
    """A QR text from its two streams, however wrong they are; `behind` the compressed one."""
    deflated = compression.deflate_raw(lifted, dictionary=DICTIONARIES["1"]) + behind
    return "CQ1:1" + base45.encode(write_uvarint(len(deflated)) + deflated + blobs)


SECOND = compression.deflate_raw(b"a second stream")


def read_cases():
    """Codes that must be read: the text is what comes out."""
    with_certificate = taxi_view(x5c=[base64.b64encode(CERTIFICATE).decode()])
    texts = {
        "a taxi view": (taxi_view(), ()),
        "a Khmer name": (taxi_view(name="សុខ ដារា ១២"), ()),
        "a Chinese name": (taxi_view(name="陈大文", seed=2), ()),
        "another city": (taxi_view(base="https://issuer.phnompenh.gov.kh", seed=3), ()),
        "a short nonce": (taxi_view(nonce_bytes=8, seed=4), ()),
        "a certificate by reference": (with_certificate, (CERTIFICATE,)),
        "a certificate in full": (with_certificate, ()),
        "no token at all": ("plain words, 2026, 123456, 4294967295, 4294967296, 0123456", ()),
        "nothing": ("", ()),
    }
    for name, (text, certificates) in texts.items():
        yield name, build_qr_text(text, certificates=certificates), certificates, text
    yield "nesting four deep", code_of(b"\xfc" * 4 + b"a" + b"\xf5" * 4), (), nested("a", 4)
    yield "a stored block", stored("words"), (), "words"
    yield "a scanner's new line", stored("words") + "\r\n", (), "words"
    yield "white space at both ends", " \t" + stored("words") + " \n", (), "words"


def nested(text, depth):
    """base64url of base64url of ... the text."""
    for _ in range(depth):
        text = base64url.encode(text.encode())
    return text


def stored(text):
    """A code whose compressor did not compress: still the same text."""
    size = len(text).to_bytes(2, "little")
    block = b"\x01" + size + bytes(255 - byte for byte in size) + text.encode()
    return "CQ1:1" + base45.encode(bytes([len(block)]) + block)


def refused_cases():
    """Codes that must be refused, and the detail."""
    x = base64url.decode(coordinates(1)[0])
    yield "an empty text", "", "not_a_city_code"
    yield "words", "hello", "not_a_city_code"
    yield "lower case", "cq1:1ABC", "not_a_city_code"
    yield "the prefix cut", "CQ1", "not_a_city_code"
    yield "a web address", "https://evil.example/#CQ1:1", "not_a_city_code"
    yield "longer than any QR code", "CQ1:1" + "A" * 4292, "not_a_city_code"
    yield "no dictionary", "CQ1:", "unknown_dictionary"
    yield "a later dictionary", "CQ1:9ABC", "unknown_dictionary"
    yield "lower case in Base45", "CQ1:1abc", "invalid_base45"
    yield "foreign digits", "CQ1:1\u17e0\u0661\u0662", "invalid_base45"
    yield "a group out of range", "CQ1:1:::", "invalid_base45"
    yield "a lone character", "CQ1:1A", "invalid_base45"
    yield "no bytes", "CQ1:1", "damaged_code"
    yield "a bomb", code_of(b"a" * 16_385), "too_large"
    yield "a nested bomb", code_of(b"\xfc" * 4 + b"a" * 16_000 + b"\xf5" * 4), "too_large"
    yield "nesting five deep", code_of(b"\xfc" * 5 + b"\xf5" * 5), "too_deep"
    yield "too many points", code_of(b"\xfe" + b"\xf8" * (MAX_DERIVED + 1), x), "too_large"
    yield "too many hashes", code_of(b"a~" + b"\xf9" * (MAX_DERIVED + 1)), "too_large"
    yield "an end without a beginning", code_of(b"\xf5"), "damaged_code"
    yield "a beginning without an end", code_of(b"\xfcabc"), "damaged_code"
    yield "Khmer without letters", code_of(b"\xf6"), "damaged_code"
    yield "a y without its x", code_of(b"\xf8"), "damaged_code"
    yield "an x off the curve", code_of(b"\xfe\xf8", b"\xff" * 32), "damaged_code"
    yield "bytes cut short", code_of(b"\xfe", b"short"), "damaged_code"
    yield "a count too large", code_of(b"\xfb", b"\xff\xff\xff\x01"), "damaged_code"
    yield "a count beyond the end", code_of(b"\xfb", b"\x05abc"), "damaged_code"
    yield "bytes left over", code_of(b"abc", b"left over"), "damaged_code"
    yield "broken UTF-8", code_of(b"\x80"), "invalid_utf8"
    yield "a surrogate in UTF-8", code_of(b"\xed\xa0\x80"), "invalid_utf8"
    yield "white space within", "CQ1: 1" + stored("words")[5:], "unknown_dictionary"
    yield "a blank of another kind", stored("words") + "\u00a0", "invalid_base45"
    for name, behind in {"a byte": b"\0", "four bytes": b"more", "a second": SECOND}.items():
        yield f"{name} behind the stream", code_of(b"abc", behind=behind), "invalid_compression"
    yield "an unknown certificate", code_of(b"\xfa", b"abcd"), "unknown_certificate"


def cwt_code_of(lifted, blobs=b"", *, behind=b""):
    """A CW1 text from its two streams, however wrong they are; `behind` the compressed one."""
    deflated = compression.deflate_raw(lifted, dictionary=CWT_DICTIONARIES["1"]) + behind
    return "CW1:1" + base45.encode(write_uvarint(len(deflated)) + deflated + blobs)


NUMBERS = [
    *(0, 23, 24, 255, 256, 65_535, 65_536, 2**24 - 1, 2**24, 2**32 - 1, 2**32, 2**53, 2**64 - 1),
    *(-1, -24, -25, -256, -257, -65_537, -(2**32), -(2**53), -(2**53) - 1, -(2**64)),
    *(0.0, -0.0, 1.5, 65_504.0, 5.960464477539063e-08, 100_000.0, 1.1, 2.0**-14, 2.0**-25, 1e300),
]


def cwt_read_cases():
    """CW1 codes that must be read, and the bytes that come out."""
    values = {
        "a view": cwt_cases.GOOD,
        "a view of another agency's name": cwt_cases.view(name="សុខ ដារា"),
        "numbers of every size": build_cbor(NUMBERS),
        "structures": build_cbor({1: [None, True, False, Tagged(1004, "x"), {}], "a": b"\x80"}),
        "an address that comes again": build_cbor(["http://a.example/1", "http://a.example/2"]),
    }
    for name, data in values.items():
        yield f"CW1: {name}", build_cwt_qr_text(data), data
    yield "CW1: a long number that is small", cwt_code_of(b"\xff\x1a", b"\0\0\0\5"), b"\x05"
    unordered = cwt_code_of(b"\xff\xa2\x7fb\xff\x02\x01\x01")
    yield "CW1: members in another order", unordered, build_cbor({1: 1, "b": 2})


def cwt_refused_cases():
    """CW1 codes that must be refused, and the detail."""
    yield "lower case", "cw1:1AB", "not_a_city_code"
    yield "longer than any QR code", "CW1:1" + "A" * 4_296, "not_a_city_code"
    yield "no dictionary", "CW1:", "unknown_dictionary"
    yield "a later dictionary", "CW1:2AB", "unknown_dictionary"
    yield "lower case in Base45", "CW1:1ab", "invalid_base45"
    yield "no bytes", "CW1:1", "damaged_code"
    yield "no origin", cwt_code_of(b"\xf6"), "damaged_code"
    yield "a byte behind", cwt_code_of(b"\xff\xf6", behind=b"\0"), "invalid_compression"
    yield "a second behind", cwt_code_of(b"\xff\xf6", behind=SECOND), "invalid_compression"
    yield "a long origin", cwt_code_of(b"x" * 65 + b"\xff\xf6"), "damaged_code"
    yield "no value", cwt_code_of(b"\xff"), "damaged_code"
    yield "two values", cwt_code_of(b"\xff\xf6\xf6"), "damaged_code"
    yield "bytes left over", cwt_code_of(b"\xff\xf6", b"x"), "damaged_code"
    yield "bytes cut short", cwt_code_of(b"\xff\x43", b"xy"), "damaged_code"
    yield "bytes without an end", cwt_code_of(b"\xff\x5b" + b"\xff" * 8), "damaged_code"
    yield "a text without an end", cwt_code_of(b"\xff\x7fabc"), "damaged_code"
    yield "a text of CBOR", cwt_code_of(b"\xff\x61a"), "damaged_code"
    yield "broken UTF-8", cwt_code_of(b"\xff\x7f\xf8\xff"), "invalid_utf8"
    yield "a surrogate in UTF-8", cwt_code_of(b"\xff\x7f\xed\xa0\x80\xff"), "invalid_utf8"
    yield "an infinite number", cwt_code_of(b"\xff\xf9\x7c\x00"), "not_a_number"
    yield "a wide float", cwt_code_of(b"\xff\xfa\x3f\x80\x00\x00"), "not_deterministic"
    yield "undefined", cwt_code_of(b"\xff\xf7"), "damaged_code"
    yield "an endless array", cwt_code_of(b"\xff\x9f\xf6"), "damaged_code"
    yield "a huge array", cwt_code_of(b"\xff\x9b" + b"\xfe" * 8), "damaged_code"
    yield "a key twice", cwt_code_of(b"\xff\xa2\x01\x01\x01\x01"), "damaged_code"
    yield "a key of truth", cwt_code_of(b"\xff\xa1\xf5\x01"), "damaged_code"
    yield "a key that is a float", cwt_code_of(b"\xff\xa1\xf9\x3c\x00\x01"), "damaged_code"
    yield "a deep nest", cwt_code_of(b"\xff" + b"\x81" * 200), "too_deep"
    yield "nested byte strings", cwt_code_of(b"\xff" + b"\x5f" * 200), "too_deep"
    long_origin = b"http://" + b"x" * 57
    yield (
        "a bomb of origins",
        cwt_code_of(long_origin + b"\xff\x7f" + b"\xfe" * 9_000 + b"\xff"),
        "too_large",
    )
    yield "a bomb", cwt_code_of(b"\xff" + b"\xf6" * 20_000), "too_large"


def build_cases():
    """All cases, as they are written."""
    cases = []
    for name, qr, certificates, text in read_cases():
        known = [base64.b64encode(each).decode() for each in certificates]
        cases.append(case_of(name, "must be read", qr, known, text, None))
    known = [base64.b64encode(CERTIFICATE).decode()]
    reference = hashlib.sha256(CERTIFICATE).digest()[:4]
    many = code_of(b"\xfa" * 40, reference * 40)
    cases.append(
        case_of("certificates that unfold", "too far", many, known, "refused", "too_large")
    )
    for name, qr, detail in refused_cases():
        cases.append(case_of(name, "must be refused", qr, [], "refused", detail))
    for name, qr, data in cwt_read_cases():
        cases.append(case_of(name, "must be read", qr, [], base64url.encode(data), None))
    for name, qr, detail in cwt_refused_cases():
        cases.append(case_of(f"CW1: {name}", "must be refused", qr, [], "refused", detail))
    return cases


def case_of(name, why, qr, certificates, expect, reason):
    """One case."""
    return {
        "name": name,
        "why": why,
        "spec": SPEC,
        "given": {"qr": qr, "certificates": certificates},
        "expect": expect,
        "reason": reason,
    }


if __name__ == "__main__":
    TARGET.write_text(
        json.dumps(build_cases(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
