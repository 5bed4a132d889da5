"""
Any text at the one door: whatever is presented, of every format, is read or refused.

`python -m tests.fuzz.fuzz_presentation -max_total_time=600`
"""

import atheris

with atheris.instrument_imports(include=["encoding", "credentials"]):
    from credentials import cbor_reading, reading
    from credentials.data_integrity import parse_proof
    from credentials.ldp import read_ldp
    from credentials.model import Credential

from encoding import base64url, strict_json
from tests.fuzz.target import attempt, demand, run


def check(data):
    """One input; the first byte says whether it is text, or CBOR to be written as text."""
    text = base64url.encode(data[1:]) if data[:1] == b"C" else data[1:].decode("utf-8", "replace")
    found, problem = attempt(reading.read_presentation, text)
    if problem is None:
        demand(all(isinstance(each, Credential) for each in found), "credentials are read")
        demand(all(type(each.claims) is dict for each in found), "claims are an object")
        for each in found:
            strict_json.build_json(each.claims)
    attempt(reading.read_credential, text)
    attempt(reading.list_proof_requests, text)
    attempt(cbor_reading.is_cbor, text)
    members, problem = attempt(strict_json.parse_object, text)
    if problem is None:
        attempt(read_ldp, members)
        attempt(parse_proof, members)


def seeds():
    """One of each format, as its holder shows it."""
    from tests.credentials import cwt_workshop, mdoc_workshop
    from tests.credentials.ldp_workshop import signed_permit
    from tests.credentials.workshop import issue_permit, present
    from tests.vectors.small_city import present_w3c, view, w3c, w3c_document

    paper = w3c(w3c_document(statuses=()))
    return (
        b"T" + present(issue_permit()).encode(),
        b"T" + view().encode(),
        b"T" + paper.encode(),
        b"T" + present_w3c(paper).encode(),
        b"T" + strict_json.build_json(signed_permit("eddsa-jcs-2022")),
        b"T" + strict_json.build_json(signed_permit()),
        b"C" + mdoc_workshop.present(mdoc_workshop.issue()),
        b"C" + cwt_workshop.view(),
    )


if __name__ == "__main__":
    run(check, seeds())
