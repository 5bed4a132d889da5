"""
JSON-RPC 2.0 over a transport that is handed in, with every answer read strictly.

A node that does not answer, or answers with an error, is `ChainUnavailable`; one whose answer
cannot be what was asked for is `ForeignChain`. `agreed` finds what k of n nodes say.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from encoding.errors import Malformed
from encoding.strict_json import JsonValue, build_json, parse_json
from ledger.errors import ChainUnavailable, ForeignChain

Transport = Callable[[str, bytes], bytes]
"""POST a body to a URL and give the answer's body; `ChainUnavailable` when there is none."""

MAX_ANSWER_BYTES: Final = 262_144
_QUANTITY: Final = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,63})\Z")
_DATA: Final = re.compile(r"0x(?:[0-9a-f]{2})*\Z")

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


class NodeRefused(ChainUnavailable):
    """The node answered with an error of its own words, which nobody should read meaning into."""


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON-RPC node."""

    url: str
    transport: Transport

    def ask(self, method: str, *params: JsonValue) -> JsonValue:
        """The result of one call."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        body = self.transport(self.url, build_json(request))
        try:
            answer = parse_json(body, max_bytes=MAX_ANSWER_BYTES)
        except Malformed as error:
            raise ForeignChain("a node's answer is no JSON", detail="bad_answer") from error
        if not isinstance(answer, dict) or answer.get("jsonrpc") != "2.0":
            raise ForeignChain("a node's answer is no JSON-RPC", detail="bad_answer")
        if answer.get("error") is not None:
            raise NodeRefused(f"a node refused {method}")
        if answer.get("id") != 1 or "result" not in answer:
            raise ForeignChain("a node answered something else", detail="bad_answer")
        return answer["result"]


def parse_quantity(value: JsonValue, *, limit: int = 2**256) -> int:
    """A number as Ethereum's JSON-RPC writes it: 0x, no leading zero."""
    if not isinstance(value, str) or not _QUANTITY.match(value):
        raise ForeignChain("a node's number is none", detail="bad_answer")
    number = int(value, 16)
    if number >= limit:
        raise ForeignChain("a node's number is too large", detail="bad_answer")
    return number


def parse_data(value: JsonValue, *, length: int | None = None) -> bytes:
    """Bytes as Ethereum's JSON-RPC writes them."""
    if not isinstance(value, str) or not _DATA.match(value):
        raise ForeignChain("a node's bytes are none", detail="bad_answer")
    data = bytes.fromhex(value[2:])
    if length is not None and len(data) != length:
        raise ForeignChain(f"a node gave {len(data)} bytes for {length}", detail="bad_answer")
    return data


def build_quantity(number: int) -> str:
    """The same, written."""
    return hex(number)


def build_data(data: bytes) -> str:
    """The same, written."""
    return "0x" + data.hex()


def ask_each(
    nodes: Sequence[Node], question: Callable[[Node], T], *, threshold: int
) -> list[tuple[Node, T]]:
    """
    What every node that answers says, at least `threshold` of them. With fewer, a foreign answer
    tells more than silence and is what is raised.
    """
    answers: list[tuple[Node, T]] = []
    failures: list[ChainUnavailable | ForeignChain] = []
    for node in nodes:
        try:
            answers.append((node, question(node)))
        except (ChainUnavailable, ForeignChain) as error:
            failures.append(error)
    if len(answers) >= threshold:
        return answers
    foreign = [failure for failure in failures if isinstance(failure, ForeignChain)]
    if foreign:
        raise foreign[0]
    raise ChainUnavailable(
        f"{len(answers)} of {len(nodes)} nodes answer and {threshold} are needed"
    )


def agreed(values: Sequence[H], *, threshold: int) -> H | None:
    """The value that at least `threshold` nodes gave, if one is."""
    value, count = Counter(values).most_common(1)[0]
    return value if count >= threshold else None


def reached(numbers: Sequence[int], *, threshold: int) -> int:
    """The highest number that at least `threshold` nodes have reached."""
    return sorted(numbers, reverse=True)[threshold - 1]
