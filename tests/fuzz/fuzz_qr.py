"""
Any text as the code of a phone: CQ1 and CW1, as scanned and as bytes behind Base45.

`python -m tests.fuzz.fuzz_qr -max_total_time=600`

The first byte chooses the way in: a text as scanned, packed bytes, or what stands in the deflated
stream with its blobs (a fuzzer does not guess DEFLATE).
"""

import atheris

with atheris.instrument_imports(include=["encoding", "credentials"]):
    from credentials import cwt_packing, lifting, packing

from encoding import cbor, compression
from tests.fuzz.target import attempt, demand, run


def check(data):
    """One input."""
    way, rest = data[:1], data[1:]
    if way == b"T":
        attempt(packing.read_qr_text, rest.decode("ascii", "replace"))
    elif way == b"P":
        _check_text(*attempt(packing.unpack, rest))
    elif way == b"W":
        _check_cbor(*attempt(cwt_packing.unpack_cwt, rest))
    elif way == b"L":
        lifted, _, blobs = rest.partition(b"\xc2\xc2")
        _check_text(*attempt(lifting.lower, lifted, blobs, certificates=()))
    elif way == b"C":
        lifted, _, blobs = rest.partition(b"\xc2\xc2")
        packed = compression.deflate_raw(
            lifted, dictionary=cwt_packing.CWT_DICTIONARIES[cwt_packing.CWT_NEWEST]
        )
        _check_cbor(
            *attempt(cwt_packing.unpack_cwt, lifting.write_uvarint(len(packed)) + packed + blobs)
        )


def _check_text(text, problem):
    if problem is None and len(text) <= lifting.MAX_TEXT:
        demand(packing.unpack(packing.pack(text)) == text, "folded again, the same unfolds")


def _check_cbor(data, problem):
    if problem is not None:
        return
    value, problem = attempt(cbor.parse_cbor, data, max_bytes=cwt_packing.MAX_UNFOLDED)
    if problem is None:
        demand(cbor.build_cbor(value) == data, "a code gives deterministic CBOR")
        demand(
            cwt_packing.unpack_cwt(cwt_packing.pack_cwt(data)) == data,
            "folded again, the same unfolds",
        )


def seeds():
    """Our own codes, and what is in them."""
    from tests.credentials import cwt_workshop
    from tests.vectors.small_city import view

    text, token = view(), cwt_workshop.view()
    lifted, blobs = lifting.lift(text, certificates=())
    items, item_blobs = cwt_packing.lift_cbor(cbor.parse_cbor(token))
    return (
        b"T" + packing.build_qr_text(text).encode(),
        b"T" + cwt_packing.build_cwt_qr_text(token).encode(),
        b"P" + packing.pack(text),
        b"W" + cwt_packing.pack_cwt(token),
        b"L" + lifted + b"\xc2\xc2" + blobs,
        b"C" + items + b"\xc2\xc2" + item_blobs,
    )


if __name__ == "__main__":
    run(check, seeds())
