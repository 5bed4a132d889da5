"""
Any bytes as JSON: the quick way and the strict way agree, and so does Python's own reader.

`python -m tests.fuzz.fuzz_strict_json -max_total_time=600`
"""

import json

import atheris

with atheris.instrument_imports(include=["encoding"]):
    from encoding import strict_json

from tests.fuzz.target import attempt, demand, run

LIMITS = {
    "max_bytes": strict_json.MAX_BYTES,
    "max_depth": strict_json.MAX_DEPTH,
    "max_members": strict_json.MAX_MEMBERS,
}
SEEDS = (
    b'{"iss":"https://a.example","exp":1795000000,"cnf":{"jwk":{"kty":"EC"}},"_sd":["a","b"]}',
    b'[1,-0,0.5,1e9,9007199254740991,true,false,null,"\\u00e9\\ud83d\\ude00\\n"]',
    '{"ឈ្មោះ":"សុខ ដារ៉ា","\U00010000":[[[{}]]]}'.encode(),
    b' { "a" : 1 , "a" : 2 } ',
    b"1e400",
    b'"\\ud800"',
)


def check(data):
    """One input."""
    value, problem = attempt(strict_json.parse_json, data)
    strict = attempt(strict_json._read_strictly, data, *LIMITS.values())
    demand(repr((value, problem)) == repr(strict), "both ways say the same")
    if problem is not None:
        return
    demand(json.loads(data) == value, "Python reads the same")
    written = strict_json.build_json(value)
    demand(repr(strict_json.parse_json(written)) == repr(value), "what is written is read")
    canonical, problem = attempt(strict_json.canonical_json, value)
    if problem is None:
        again, problem = attempt(strict_json.parse_json, canonical)
        demand(
            problem == "integer_out_of_range" or strict_json.canonical_json(again) == canonical,
            "canonical is final",
        )


def seeds():
    """The texts above."""
    return SEEDS


if __name__ == "__main__":
    run(check, seeds())
