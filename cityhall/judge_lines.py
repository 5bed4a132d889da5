"""
The lines of `./city judge`: those in hand are taken together, and many go to all cores.

A program that holds a conversation writes one line and waits: that line is answered at once, in
this process. A program that writes thousands finds them answered by several processes, in order.
What a line is worth does not depend on its company: each is answered by `answer_line` alone.
"""

import contextlib
import fcntl
import os
import select
import time
from collections.abc import Iterator, Sequence
from functools import cache
from multiprocessing import util
from typing import Final

from cityhall.judge import MAX_LINE, MalformedCase, Prove, build_answer, judge_case, read_case
from credentials.legacy import ask_proofs
from credentials.reading import list_proof_requests
from encoding.strict_json import JsonValue, build_json
from runtime.children import ChildPool
from runtime.errors import ChildFailed
from runtime.work_pool import WorkPool, available_processes

PROOF_SECONDS: Final = 10.0
MANY: Final = 96
"""So many lines in hand are worth other processes, which take half a second to start."""
CHUNK: Final = 32
READ_BYTES: Final = 1 << 20
IN_HAND_BYTES: Final = 8 << 20


def answer_line(line: bytes, *, prove: Prove) -> dict[str, JsonValue]:
    """The answer to one line, whatever it holds."""
    start = time.perf_counter()
    try:
        case = read_case(line)
    except MalformedCase as error:
        return {"id": error.case_id, "outcome": "failed", "reasons": ["malformed"]}
    verdict = judge_case(case, prove=prove)
    return build_answer(case.id, verdict, milliseconds=(time.perf_counter() - start) * 1000)


def answer_all(descriptor: int) -> Iterator[bytes]:
    """An answer to every line that comes, in order, with a newline each."""
    processes = available_processes()
    with (
        contextlib.closing(_start_prover()) as children,
        WorkPool(answer_lines, setting=None, processes=processes) as pool,
    ):
        for lines in read_lines_in_hand(descriptor):
            if processes > 1 and len(lines) >= MANY:
                yield from pool.run(lines, chunk=CHUNK)
                continue
            for line in lines:
                answer = answer_line(line, prove=lambda text: prove_with(children, text))
                yield build_json(answer) + b"\n"


def answer_lines(_: None, lines: Sequence[bytes]) -> list[bytes]:
    """What a process of the pool does with a chunk; it has a prover of its own."""
    prover = _own_prover()
    return [
        build_json(answer_line(line, prove=lambda text: prove_with(prover, text))) + b"\n"
        for line in lines
    ]


def prove_with(children: ChildPool, presentation: str) -> dict[str, bool]:
    """What a child says of linked-data proofs of VCDM 1.1; nothing when it fails."""
    try:
        return ask_proofs(list_proof_requests(presentation), children.ask)
    except ChildFailed:
        return {}


def read_lines_in_hand(descriptor: int) -> Iterator[list[bytes]]:
    """
    Complete lines as they come, all that are there together; empty ones are passed over. Of a
    line that is longer than any case may be the beginning comes, too long to be a case, and the
    rest is thrown away: memory stays bounded, and one line has one answer.
    """
    # Not a pipe, or a system that knows no such size: then fewer lines are in hand together.
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, READ_BYTES)
    parts: list[bytes] = []
    size, has_end, is_over, is_cut = 0, False, False, False
    while not is_over:
        part = os.read(descriptor, READ_BYTES)
        is_over = not part
        if is_cut:
            _, end, part = part.partition(b"\n")
            is_cut = not end
        parts.append(part)
        size += len(part)
        has_end = has_end or b"\n" in part
        # Joined only where a line ends, so that a long line is not copied again with each part.
        is_incomplete = not has_end and size <= MAX_LINE
        if not is_over and (is_incomplete or (size < IN_HAND_BYTES and _is_ready(descriptor))):
            continue
        *lines, rest = b"".join(parts).split(b"\n")
        if len(rest) > MAX_LINE:
            lines, rest, is_cut = [*lines, rest[: MAX_LINE + 1]], b"", True
        elif is_over:
            lines, rest = [*lines, rest], b""
        parts, size, has_end = [rest], len(rest), False
        if lines := [line for line in lines if line.strip()]:
            yield lines


def _is_ready(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _start_prover() -> ChildPool:
    return ChildPool("credentials.legacy_worker", size=1, timeout=PROOF_SECONDS)


@cache
def _own_prover() -> ChildPool:
    prover = _start_prover()
    util.Finalize(None, prover.close, exitpriority=1)
    return prover
