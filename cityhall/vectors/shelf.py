"""
A folder of published vectors, and what came of each case in it.

A case passes only where something of ours was compared with something published. A file that no
check knows, and a document that only illustrates, is `unknown`, never `passed`. Where we differ
because a text says otherwise, the check proves what we do instead and raises `Differs`.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from credentials.errors import CredentialError
from encoding.errors import EncodingError
from ledger.errors import LedgerError
from openid4vc.errors import ProtocolError

MAX_BYTES = 8_000_000
REFUSALS = (CredentialError, ProtocolError, LedgerError, EncodingError)
"""How our own code refuses."""

# A tampered file may be of any shape: whatever cannot be compared has not passed.
FAULTS = (
    *REFUSALS,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    csv.Error,
)

_OMISSION = re.compile(r"\.\.\.|…|<[A-Z][A-Za-z-]+>|::include")
_HTTP = re.compile(r"\s*(GET|POST|HTTP/1\.1) ")
_GRAMMAR = re.compile(r"::=|1\*\(|^web-did =|\? *\w+: *tstr", re.MULTILINE)


class Outcome(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One case of one file."""

    folder: str
    file: str
    name: str
    outcome: Outcome
    why: str = ""


class Differs(Exception):
    """We do otherwise than the vector, which was proven; the message says which text asks it."""


class Unknown(Exception):
    """There is nothing to compare; the message says why."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One folder; remembers which files took part in a case."""

    name: str
    root: Path
    used: set[Path] = field(default_factory=set)

    def files(self, pattern: str = "*") -> list[Path]:
        """The files below, by their path in this folder."""
        found = sorted(path for path in self.root.rglob("*") if path.is_file())
        return [path for path in found if fnmatchcase(self.place(path), pattern)]

    def one(self, pattern: str) -> Path:
        """The only file of this name."""
        found = self.files(pattern)
        if len(found) != 1:
            raise Unknown(f"{pattern}: {len(found)} such files")
        return found[0]

    def place(self, path: Path) -> str:
        """Where a file lies in this folder."""
        return path.relative_to(self.root).as_posix()

    def data(self, path: Path) -> bytes:
        """The bytes of a file."""
        self.used.add(path)
        with path.open("rb") as opened:
            found = opened.read(MAX_BYTES + 1)
        if len(found) > MAX_BYTES:
            raise ValueError("a vector is too large")
        return found

    def text(self, path: Path) -> str:
        """The text of a file."""
        return self.data(path).decode("utf-8")

    def json(self, path: Path) -> Any:
        """The JSON of a file."""
        return json.loads(self.data(path))

    def judge(self, path: Path, name: str, compare: Callable[[], object]) -> Result:
        """Passed when `compare` says so; what it raises otherwise is the reason."""
        self.used.add(path)
        try:
            is_equal = compare() is True
        except Differs as difference:
            return self.result(path, name, Outcome.DIFFERS, str(difference))
        except Unknown as missing:
            return self.result(path, name, Outcome.UNKNOWN, str(missing))
        except FAULTS as fault:
            return self.result(path, name, Outcome.FAILED, f"{type(fault).__name__}: {fault}")
        if is_equal:
            return self.result(path, name, Outcome.PASSED)
        return self.result(path, name, Outcome.FAILED, "not what was published")

    def unknown(self, path: Path, name: str, why: str) -> Result:
        """A case that cannot be judged here."""
        self.used.add(path)
        return self.result(path, name, Outcome.UNKNOWN, why)

    def result(self, path: Path, name: str, outcome: Outcome, why: str = "") -> Result:
        """One row."""
        return Result(self.name, self.place(path), name, outcome, " ".join(why.split())[:300])


Check = Callable[[Shelf, Path], Iterator[Result]]
Checks = Sequence[tuple[str, Check]]
"""Patterns of paths with their checks; the first that fits is taken."""


def explain(why: str) -> Check:
    """A check that says why such files cannot be judged."""

    def say(shelf: Shelf, path: Path) -> Iterator[Result]:
        yield shelf.unknown(path, "", why)

    return say


def is_refused(read: Callable[[], object]) -> bool:
    """Whether our code refuses, and not merely stumbles."""
    try:
        read()
    except REFUSALS:
        return True
    return False


def run_checks(shelf: Shelf, checks: Checks) -> Iterator[Result]:
    """Every case of every file; a file that took no part in any is one unknown case."""
    for path in shelf.files():
        check = next((each for pattern, each in checks if _fits(shelf, path, pattern)), None)
        if check is None:
            continue
        found = 0
        try:
            for result in check(shelf, path):
                found += 1
                yield result
        except Unknown as missing:
            yield shelf.unknown(path, "", str(missing))
        except FAULTS as fault:
            yield shelf.result(path, "", Outcome.FAILED, f"{type(fault).__name__}: {fault}")
        else:
            if not found:
                yield shelf.unknown(path, "", say_why_unknown(path.read_bytes()[:100_000]))
    for path in shelf.files():
        if path not in shelf.used:
            yield shelf.unknown(path, "", say_why_unknown(path.read_bytes()[:100_000]))


def say_why_unknown(data: bytes) -> str:
    """Why no check takes a file."""
    text = data.decode("utf-8", errors="replace")
    if _HTTP.match(text):
        return "illustration: an HTTP message"
    if _GRAMMAR.search(text):
        return "illustration: a grammar"
    if _OMISSION.search(text):
        return "illustration: parts are left out"
    return "no check knows a case in this file"


def _fits(shelf: Shelf, path: Path, pattern: str) -> bool:
    return fnmatchcase(shelf.place(path), pattern)
