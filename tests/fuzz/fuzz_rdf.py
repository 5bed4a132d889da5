"""
Any document as JSON-LD, and any lines as N-Quads: read in counted work, the same in every order.

`python -m tests.fuzz.fuzz_rdf -max_total_time=600`
"""

import atheris

with atheris.instrument_imports(include=["encoding", "credentials"]):
    from credentials.json_ld import to_n_quads
    from credentials.rdf_canonical import canonicalize

from encoding import strict_json
from tests.fuzz.target import attempt, demand, run

LINES = (
    b"_:a <urn:p> _:b .\n_:b <urn:p> _:a .\n",
    b'_:a <urn:p> "x"@en _:g .\n<urn:s> <urn:p> "1"^^<urn:t> <urn:g> .\n_:g <urn:q> _:a .\n',
)


def check(data):
    """One input: a document where it starts with a brace, else lines."""
    if data[:1] == b"{":
        members, problem = attempt(strict_json.parse_object, data)
        if problem is not None:
            return
        lines, problem = attempt(to_n_quads, members)
        if problem is not None:
            return
    else:
        lines = tuple(data.decode("utf-8", "replace").splitlines(keepends=True))
    found, problem = attempt(canonicalize, lines)
    turned, other = attempt(canonicalize, lines[::-1])
    demand(problem == other, "order decides nothing")
    if problem is None:
        demand(found.document == turned.document, "order changes nothing")
        again, problem = attempt(canonicalize, found.lines)
        demand(problem is None and again.document == found.document, "canonical is final")


def seeds():
    """Our own papers, and the lines above."""
    from tests.credentials.ldp_workshop import permit, signed_permit

    return (strict_json.build_json(permit()), strict_json.build_json(signed_permit()), *LINES)


if __name__ == "__main__":
    run(check, seeds())
