"""
What a monitor remembers between two looks, in one small file, and the evidence that it keeps.

Remembered: the log's policy as first seen, the newest head with its signed note and the frontier
below it, the newest version of each list and of the trust registry. It is written as a whole and
only after everything in it was verified; a file that cannot be read stops the monitor, for a
monitor that forgot would call a fork a beginning.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cityhall.errors import DeskError
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from ledger.errors import LedgerError
from ledger.frontier import Frontier

MAX_FILE = 64 << 20


class SeenDamaged(DeskError):
    """The monitor's memory cannot be read."""

    code = "memory_damaged"


@dataclass(slots=True)
class Seen:
    """The memory. `lists`: version and digest by URI; `note` is empty before the first head."""

    policy: str = ""
    note: str = ""
    time: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    lists: dict[str, tuple[int, str]] = field(default_factory=dict)
    trust: tuple[int, str] = (0, "")


def load_seen(path: Path) -> Seen:
    """The memory in a file; an empty one when there is none."""
    try:
        value = parse_object(path.read_bytes(), max_bytes=MAX_FILE, max_members=2_000_000)
    except FileNotFoundError:
        return Seen()
    except (EncodingError, OSError) as error:
        raise SeenDamaged(f"{path.name} cannot be read: look at it, then remove it") from error
    try:
        return _parse(value)
    except (KeyError, TypeError, ValueError, LedgerError) as error:
        raise SeenDamaged(f"{path.name} is no memory of a monitor: remove it") from error


def save_seen(path: Path, seen: Seen) -> None:
    """Replace the file as a whole."""
    value = {
        "policy": seen.policy,
        "note": seen.note,
        "time": seen.time,
        "size": seen.frontier.size,
        "subtrees": [subtree.hex() for subtree in seen.frontier.subtrees],
        "lists": {uri: list(known) for uri, known in seen.lists.items()},
        "trust": list(seen.trust),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def keep_evidence(folder: Path, code: str, *texts: str) -> str:
    """Keep what proves a breach, once; the name of the file."""
    body = "\n".join(texts)
    name = f"{code}-{hashlib.sha256(body.encode()).hexdigest()[:16]}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(body, encoding="utf-8")
    return name


def _parse(value: dict[str, JsonValue]) -> Seen:
    lists, trust, subtrees = value["lists"], value["trust"], value["subtrees"]
    if not (isinstance(lists, dict) and isinstance(trust, list) and isinstance(subtrees, list)):
        raise TypeError("a member is of another kind")
    return Seen(
        policy=str(value["policy"]),
        note=str(value["note"]),
        time=_number(value["time"]),
        frontier=Frontier(_number(value["size"]), [bytes.fromhex(str(each)) for each in subtrees]),
        lists={uri: _parse_known(known) for uri, known in lists.items()},
        trust=_parse_known(trust),
    )


def _parse_known(value: JsonValue) -> tuple[int, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise TypeError("a version has a number and a digest")
    return _number(value[0]), str(value[1])


def _number(value: JsonValue) -> int:
    if type(value) is not int:
        raise TypeError("a number is a whole number")
    return value
