"""
The `proofValue` of selective-disclosure suites: a tagged CBOR array in base64url multibase.

W3C vc-di-ecdsa 1.0 section 3.5 and vc-di-bbs section 3.3. The three header bytes are a CBOR tag:
d9 5d 00 and 01 are base and derived proof of `ecdsa-sd-2023`, 02 and 03 those of `bbs-2023`. A base
proof is between issuer and holder: it holds the HMAC key that keeps what is hidden hidden.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from credentials.errors import Malformed
from credentials.pinned_contexts import Contexts
from credentials.proof_input import hash_options
from credentials.selective_disclosure import MAX_STATEMENTS
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.cbor import CborValue, Tagged, build_cbor, parse_cbor
from encoding.strict_json import JsonValue

ECDSA_BASE: Final = 0x5D00
ECDSA_DERIVED: Final = 0x5D01
BBS_BASE: Final = 0x5D02
BBS_DERIVED: Final = 0x5D03

_BASES: Final = frozenset({ECDSA_BASE, BBS_BASE})
_MAX_BYTES: Final = 65_536
_MAX_DEPTH: Final = 4


def build_proof_value(tag: int, components: list[CborValue]) -> str:
    """Components in one text."""
    return "u" + base64url.encode(build_cbor(Tagged(tag, components)))


def parse_proof_value(proof: Mapping[str, JsonValue], *, tag: int, count: int) -> list[CborValue]:
    """
    The components of a proof with exactly this header. A base proof where a derived one is
    expected discloses nothing selectively and gives the HMAC key away: `base_proof`.
    """
    text = proof.get("proofValue")
    if not isinstance(text, str) or not text.startswith("u"):
        raise Malformed("a proof value is not base64url multibase", detail="invalid_proof_value")
    try:
        value = parse_cbor(
            base64url.decode(text[1:]), max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH, order_free=True
        )
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if not isinstance(value, Tagged) or value.tag != tag:
        is_base = isinstance(value, Tagged) and value.tag in _BASES
        raise Malformed(
            "a proof value has another header",
            detail="base_proof" if is_base else "invalid_proof_value",
        )
    if not isinstance(value.value, list) or len(value.value) != count:
        raise Malformed("a proof value has other components", detail="invalid_proof_value")
    return value.value


def hash_proof(
    document: Mapping[str, JsonValue], proof: Mapping[str, JsonValue], *, contexts: Contexts
) -> bytes:
    """`proofHash`: the proof without its value, read with the document's own contexts."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return hash_options(document, options, is_rdf=True, hash_name="sha256", contexts=contexts)


def read_octets(value: CborValue, *, size: int | None = None) -> bytes:
    """A byte string, of exactly this size if one is named."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        raise Malformed("a proof value has other bytes", detail="invalid_proof_value")
    return value


def read_each_octets(value: CborValue, *, size: int) -> list[bytes]:
    """A list of byte strings of one size."""
    return [read_octets(each, size=size) for each in _list(value)]


def read_texts(value: CborValue) -> list[str]:
    """A list of texts."""
    texts = [each for each in _list(value) if isinstance(each, str)]
    if len(texts) != len(_list(value)):
        raise Malformed("a proof value has other texts", detail="invalid_proof_value")
    return texts


def read_indexes(value: CborValue) -> list[int]:
    """Indexes of statements: each once, rising, as every maker of proofs writes them."""
    indexes = [read_index(each) for each in _list(value)]
    if any(later <= earlier for earlier, later in pairwise(indexes)):
        raise Malformed("indexes of a proof do not rise", detail="invalid_indexes")
    return indexes


def read_index(value: object) -> int:
    """A number of a statement or a blank node."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_STATEMENTS:
        raise Malformed("a proof has an index out of range", detail="index_out_of_range")
    return value


def read_map(value: CborValue) -> dict[int, CborValue]:
    """A compressed label map: number of the verifier's blank node to signed label."""
    if not isinstance(value, dict) or len(value) > MAX_STATEMENTS:
        raise Malformed("a proof has no label map", detail="invalid_proof_value")
    return {read_index(key): each for key, each in value.items()}


def _list(value: CborValue) -> list[CborValue]:
    if not isinstance(value, list):
        raise Malformed("a proof value lacks a list", detail="invalid_proof_value")
    if len(value) > MAX_STATEMENTS:
        raise Malformed(f"more than {MAX_STATEMENTS} entries", detail="too_many_statements")
    return value
