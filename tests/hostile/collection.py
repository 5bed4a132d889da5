"""Every hostile case, from every module `tests/hostile/*_cases.py`, each with `cases()`."""

import importlib
from functools import cache
from pathlib import Path

from tests.hostile.case import HostileCase

FOLDER = Path(__file__).parent


@cache
def all_cases() -> tuple[HostileCase, ...]:
    """In a stable order; ids are unique."""
    found = [
        case
        for path in sorted(FOLDER.glob("*_cases.py"))
        for case in importlib.import_module(f"tests.hostile.{path.stem}").cases()
    ]
    ids = [case.id for case in found]
    assert len(set(ids)) == len(ids), sorted({each for each in ids if ids.count(each) > 1})
    return tuple(found)
