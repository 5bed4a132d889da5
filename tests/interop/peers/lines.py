"""A peer's end of the conversation: one JSON request a line in, one JSON answer a line out."""

import json
import sys


def serve(operations):
    """Answer until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # some libraries print
    for line in sys.stdin:
        request = json.loads(line)
        operation = operations[request.pop("op")]
        try:
            answer = {"ok": operation(**request)}
        # Some libraries refuse with TypeError or KeyError: whatever they raise is the answer.
        except Exception as error:  # noqa: BLE001
            answer = {"refused": f"{type(error).__name__}: {error}"[:300]}
        out.write(json.dumps(answer) + "\n")
        out.flush()
