"""
`ledgers.json`: which chains the log is anchored to. Any word that is not understood refuses the
whole file.

    {"ledgers": [{
      "caip2": "eip155:31337",
      "nodes": ["https://one.example", "https://two.example"], "agree": 2,
      "contract": "0x…", "governor": "0x…",
      "ledger_key": "keys/ledger.hex", "relayer_key": "keys/relayer.hex",
      "finality": {"kind": "depth", "depth": 12},
      "cadence_seconds": 60, "max_fee": 100000000000
    }]}

`agree` is how many nodes must say the same. `finality.kind` is `instant`, `tag` or `depth`; only
`depth` has a depth. Key files hold 64 hex digits and belong to their owner alone.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from encoding.errors import Malformed as BadJson
from encoding.strict_json import JsonValue, parse_json
from ledger.chain import Finality, FinalityKind, check_caip2
from ledger.errors import Malformed

MAX_LEDGERS: Final = 256
MAX_NODES: Final = 16
MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 100_000
MAX_CADENCE: Final = 31 * 24 * 3600
MAX_FEE: Final = 2**53 - 1
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}\Z")
_MEMBERS: Final = frozenset(
    {
        "caip2", "nodes", "agree", "contract", "governor", "ledger_key", "relayer_key",
        "finality", "cadence_seconds", "max_fee",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One chain of the file. Paths are made absolute from the file's folder."""

    caip2: str
    nodes: tuple[str, ...]
    agree: int
    contract: bytes
    governor: bytes
    ledger_key: Path
    relayer_key: Path
    finality: Finality
    cadence: timedelta
    max_fee: int

    @property
    def namespace(self) -> str:
        """The kind of chain."""
        return self.caip2.partition(":")[0]

    @property
    def reference(self) -> str:
        """Which of its kind."""
        return self.caip2.partition(":")[2]


def load_ledgers(path: Path, *, namespaces: Collection[str]) -> tuple[LedgerEntry, ...]:
    """The chains of a file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _wrong("the file of ledgers cannot be read") from error
    return parse_ledgers(data, folder=path.absolute().parent, namespaces=namespaces)


def parse_ledgers(
    data: bytes, *, folder: Path, namespaces: Collection[str]
) -> tuple[LedgerEntry, ...]:
    """The chains in the bytes of a file; `namespaces` are the kinds that have a driver."""
    try:
        value = parse_json(data, max_bytes=MAX_BYTES)
    except BadJson as error:
        raise _wrong("the file of ledgers is no JSON") from error
    ledgers = value.get("ledgers") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(ledgers, list) or len(ledgers) > MAX_LEDGERS:
        raise _wrong(f"the file of ledgers has one list of at most {MAX_LEDGERS}")
    entries = tuple(_parse_entry(entry, folder) for entry in ledgers)
    if len({entry.caip2 for entry in entries}) != len(entries):
        raise _wrong("a ledger stands twice in the file")
    for entry in entries:
        if entry.namespace not in namespaces:
            raise _wrong(f"there is no driver for {entry.caip2}")
    return entries


def _parse_entry(value: JsonValue, folder: Path) -> LedgerEntry:
    if not isinstance(value, dict) or set(value) != _MEMBERS:
        raise _wrong(f"a ledger has exactly {', '.join(sorted(_MEMBERS))}")
    nodes = value["nodes"]
    if not isinstance(nodes, list) or not 1 <= len(nodes) <= MAX_NODES:
        raise _wrong(f"a ledger has 1 to {MAX_NODES} nodes")
    urls = tuple(_text(node) for node in nodes)
    if len(set(urls)) != len(urls):
        raise _wrong("a node stands twice")
    caip2 = check_caip2(_text(value["caip2"]))
    return LedgerEntry(
        caip2=caip2,
        nodes=urls,
        agree=_number(value["agree"], 1, len(urls)),
        contract=_address(value["contract"]),
        governor=_address(value["governor"]),
        ledger_key=folder / _text(value["ledger_key"]),
        relayer_key=folder / _text(value["relayer_key"]),
        finality=_parse_finality(value["finality"]),
        cadence=timedelta(seconds=_number(value["cadence_seconds"], 0, MAX_CADENCE)),
        max_fee=_number(value["max_fee"], 0, MAX_FEE),
    )


def _parse_finality(value: JsonValue) -> Finality:
    match value:
        case {"kind": "instant", **rest} if not rest:
            return Finality(FinalityKind.INSTANT)
        case {"kind": "tag", **rest} if not rest:
            return Finality(FinalityKind.TAG)
        case {"kind": "depth", "depth": depth, **rest} if not rest:
            return Finality(FinalityKind.DEPTH, _number(depth, 1, MAX_DEPTH))
    raise _wrong("finality is instant, tag or a depth")


def _text(value: JsonValue) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 2048 or "\0" in value:
        raise _wrong("a word of the file of ledgers is missing")
    return value


def _number(value: JsonValue, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise _wrong(f"a number of the file of ledgers is not within {low} and {high}")
    return value


def _address(value: JsonValue) -> bytes:
    if not isinstance(value, str) or not _ADDRESS.match(value):
        raise _wrong("an address is 0x and 40 hex digits")
    return bytes.fromhex(value[2:])


def _wrong(message: str) -> Malformed:
    return Malformed(message, detail="malformed_ledgers")
