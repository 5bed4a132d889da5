"""Write `packing.json`: codes that every reader must read, or refuse for the same reason."""

import base64
import hashlib
import json
import random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from credentials.dictionaries import DICTIONARIES
from credentials.lifting import MAX_DERIVED, write_uvarint
from credentials.packing import build_qr_text
from encoding import base45, base64url, compression

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


def code_of(lifted, blobs=b""):
    """A QR text from its two streams, however wrong they are."""
    deflated = compression.deflate_raw(lifted, dictionary=DICTIONARIES["1"])
    return "CQ1:1" + base45.encode(write_uvarint(len(deflated)) + deflated + blobs)


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
    yield "an unknown certificate", code_of(b"\xfa", b"abcd"), "unknown_certificate"


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
