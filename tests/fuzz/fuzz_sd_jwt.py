"""
Any text as SD-JWT: read, processed, selected from; what the holder selects is read again.

`python -m tests.fuzz.fuzz_sd_jwt -max_total_time=600`

Bytes are taken in two ways. As they are; and, since no fuzzer guesses a digest, as lines of JSON
of which the first is a payload and the others are disclosures: digests in the payload that say
"#1" or "#2" become those of these disclosures.
"""

import atheris

with atheris.instrument_imports(include=["encoding", "credentials"]):
    from credentials import sd_jwt
    from credentials.disclosures import digest_text

from encoding import base64url
from tests.fuzz.target import attempt, demand, run

TYPES = sd_jwt.SD_JWT_TYPES
HEADER = base64url.encode(b'{"alg":"ES256","typ":"dc+sd-jwt"}')
SIGNATURE = base64url.encode(bytes(64))
LINES = (
    b'{"vct":"a","_sd":["#1"],"n":[{"...":"#2"}]}\n["c2FsdA","name",{"_sd":["#3"]}]\n'
    b'["c2FsdDI",[1,2]]\n["c2FsdDM","inner",null]',
    b'{"_sd":["#1","#1"],"_sd_alg":"sha-512"}\n["s","_sd",1]',
    b'{"_sd":["#1"],"name":1}\n["s","name",1]\n["s","other",1]',
)


def check(data):
    """One input."""
    if data[:1] == b"{":
        data = _assemble(data)
    text = data.decode("ascii", "replace")
    parsed, problem = attempt(sd_jwt.parse_sd_jwt, text, types=TYPES)
    if problem is not None:
        return
    claims, problem = attempt(sd_jwt.processed_claims, parsed)
    whole = parsed.jws.text + "~" + "".join(each.text + "~" for each in parsed.disclosures)
    demand(whole == parsed.text_before_key_binding, "what was read is all there was")
    if problem is not None:
        return
    demand("_sd" not in claims and "..." not in claims, "nothing hidden is shown")
    hidden, problem = attempt(sd_jwt.disclosable_paths, whole)
    demand(problem is None, "what a verifier reads a holder can read")
    for paths in ((), hidden, hidden[:1]):
        shown, problem = attempt(sd_jwt.select_disclosures, whole, paths)
        demand(problem is None, "a holder can select")
        again, problem = attempt(sd_jwt.parse_sd_jwt, shown, types=TYPES)
        demand(problem is None, "what is shown is read")
        found, problem = attempt(sd_jwt.processed_claims, again)
        demand(problem is None, "what is shown is right")
        demand(paths != hidden or repr(found) == repr(claims), "all that is selected is all")


def _assemble(data):
    """A token of these lines, signed by nobody."""
    payload, *others = data.split(b"\n")[:8]
    disclosures = [base64url.encode(each) for each in others]
    for number in range(len(disclosures), 0, -1):
        digest = digest_text(disclosures[number - 1], hash_name="sha-256").encode()
        mark = b"#%d" % number
        payload = payload.replace(mark, digest)
        later = [each.replace(mark, digest) for each in others[: number - 1]]
        disclosures[: number - 1] = [base64url.encode(each) for each in later]
        others[: number - 1] = later
    token = f"{HEADER}.{base64url.encode(payload)}.{SIGNATURE}"
    return "~".join([token, *disclosures, ""]).encode()


def seeds():
    """Our own permit, held and shown, and the lines above."""
    from tests.credentials.workshop import issue_permit, present

    permit = issue_permit()
    return (permit.encode(), present(permit).encode(), *LINES)


if __name__ == "__main__":
    run(check, seeds())
