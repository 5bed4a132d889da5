"""
Any bytes as CBOR, and as what is made of it: COSE, CWT, mdoc, lists.

`python -m tests.fuzz.fuzz_cbor -max_total_time=600`
"""

import atheris

with atheris.instrument_imports(include=["encoding", "credentials"]):
    from credentials.cose import parse_cose_key, parse_cose_sign1
    from credentials.cwt import read_cwt
    from credentials.mdoc import read_device_response, read_issuer_signed
    from credentials.status_lists import read_status_list_cwt
    from encoding import cbor

from tests.fuzz.target import attempt, demand, run

READERS = (read_cwt, read_device_response, read_issuer_signed, read_status_list_cwt)


def check(data):
    """One input."""
    value, problem = attempt(cbor.parse_cbor, data)
    free, free_problem = attempt(cbor.parse_cbor, data, order_free=True)
    if problem is None:
        demand(cbor.build_cbor(value) == data, "only what is written is read")
        demand(free_problem is None and repr(free) == repr(value), "order free reads it as well")
    if free_problem is None:
        written = cbor.build_cbor(free)
        demand(sorted(written) == sorted(data), "order free accepts other orders only")
        demand(problem is None or written != data, "what is in order is read")
        attempt(parse_cose_sign1, free, tagged=None)
        attempt(parse_cose_key, free)
    for read in READERS:
        attempt(read, data)


def seeds():
    """Our own messages of every kind."""
    from tests.credentials import cwt_workshop, mdoc_workshop
    from tests.vectors.small_city import TRANSPORT

    licence = mdoc_workshop.issue()
    return (
        b"\x01",
        cbor.build_cbor({"a": [1.5, None, b"x", -70000], 2: cbor.Tagged(24, b"\xa0"), -1: True}),
        licence,
        mdoc_workshop.present(licence),
        cwt_workshop.view(),
        cwt_workshop.list_cwt(TRANSPORT),
    )


if __name__ == "__main__":
    run(check, seeds())
