"""
A peer's end of the conversation, for Python: one JSON line in, one JSON line out.

The first line is what all cases share, then each line is a case. The answer is `{"accepts"}`, with
`{"said"}` when it refuses, and with `{"crash"}` too when what it raised is not its own way to
refuse. The clock of the process is that of the case, for the libraries that read it themselves.
Knows nothing of us.
"""

import json
import sys
import time
from datetime import datetime

OF_THE_LANGUAGE = (
    RecursionError,
    TypeError,
    AttributeError,
    LookupError,
    UnicodeError,
    MemoryError,
    AssertionError,
    ArithmeticError,
)


SAID = 200


class CaseClock(datetime):
    """A `datetime` whose present is that of the case."""

    moment = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(CaseClock.moment, tz)


def set_clocks(*modules):
    """These modules, which ask `datetime` for the time, and all who ask `time.time`."""
    for module in modules:
        module.datetime = CaseClock
    time.time = lambda: CaseClock.moment


def serve(peers):
    """Answer until the input ends. `peers`: name to its check and the errors it refuses with."""
    out, sys.stdout = sys.stdout, sys.stderr  # some libraries print
    shared = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        case = {**shared, **json.loads(line)}
        CaseClock.moment = case["now"]
        out.write(json.dumps(_answer(case, *peers[case["peer"]])) + "\n")
        out.flush()


def _answer(case, check, refusals):
    try:
        check(case)
    except Exception as error:  # noqa: BLE001 - which errors escape a peer is what is counted
        answer = {"accepts": False, "said": f"{type(error).__name__}: {error}"[:SAID]}
        is_refusal = isinstance(error, refusals) and not isinstance(error, OF_THE_LANGUAGE)
        return answer if is_refusal else {**answer, "crash": type(error).__name__}
    return {"accepts": True}
