"""
The inside of a child process: `python -m runtime.child_main MODULE`.

MODULE offers `answer(request) -> answer`, both JSON objects. Frames are four bytes of length and
JSON. Limits are set before the module is imported. What the module prints goes to standard error,
so it cannot spoil a frame. An error in `answer` is told by its type only.
"""

import importlib
import os
import resource
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

from encoding.strict_json import JsonValue, build_json, parse_object

MAX_FRAME: Final = 4_194_304
MAX_DEPTH: Final = 64
LENGTH_BYTES: Final = 4
Answer = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]


def write_frame(stream: BinaryIO, value: object) -> None:
    """One JSON value with its length in front."""
    body = build_json(value)
    stream.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    stream.flush()


def main(module_name: str, *, memory_bytes: int) -> None:
    """Answer frames until the parent closes the pipe."""
    _limit(memory_bytes)
    frames_in = os.fdopen(os.dup(0), "rb")
    frames_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answer: Answer = importlib.import_module(module_name).answer
    while head := frames_in.read(LENGTH_BYTES):
        body = frames_in.read(int.from_bytes(head, "big"))
        request = parse_object(
            body, max_bytes=MAX_FRAME, max_depth=MAX_DEPTH, max_members=MAX_FRAME
        )
        write_frame(frames_out, _answer(answer, request))


def _answer(answer: Answer, request: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        return {"answer": answer(request)}
    except Exception as error:
        return {"error": type(error).__name__}


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], memory_bytes=int(sys.argv[2]))
