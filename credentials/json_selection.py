"""
A part of a JSON-LD document, chosen by JSON pointers (RFC 6901).

W3C vc-di-ecdsa section 3.4.10 to 3.4.13. Chosen is each value that a pointer leads to, whole,
and of every object on the way there its `id` and `type`, so that what is said stays said of the
same thing. Arrays keep their order and lose what was not chosen. Pointers are strict: an index has
no sign and no leading zero, and every step exists.
"""

import copy
import re
from collections.abc import Iterable
from typing import Final

from credentials.errors import Malformed
from encoding.strict_json import JsonValue

MAX_POINTERS: Final = 256
MAX_POINTER_CHARACTERS: Final = 1_024

_INDEX: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")
_ESCAPE: Final = re.compile(r"~(?![01])")

_Steps = dict[str, "_Steps | None"]
"""What is chosen below a value, by the next step; None is the whole of it."""


def select(document: dict[str, JsonValue], pointers: Iterable[str]) -> dict[str, JsonValue] | None:
    """The chosen part with its `@context`; None when nothing is chosen."""
    steps = _gather(pointers)
    if steps is None:
        return copy.deepcopy(document)
    if not steps:
        return None
    steps.pop("@context", None)
    selection = _select_object(document, steps)
    if "@context" in document:
        return {"@context": copy.deepcopy(document["@context"]), **selection}
    return selection


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The steps of a pointer."""
    if len(pointer) > MAX_POINTER_CHARACTERS or (pointer and pointer[0] != "/"):
        raise Malformed("not a JSON pointer", detail="invalid_pointer")
    if _ESCAPE.search(pointer):
        raise Malformed("a JSON pointer has an unknown escape", detail="invalid_pointer")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _gather(pointers: Iterable[str]) -> _Steps | None:
    """All pointers as one tree; a pointer to the whole swallows those below it."""
    root: _Steps = {}
    for count, pointer in enumerate(pointers):
        if count >= MAX_POINTERS:
            raise Malformed(f"more than {MAX_POINTERS} pointers", detail="too_many_pointers")
        *way, last = parse_pointer(pointer) or (None,)
        if last is None:
            return None
        steps: _Steps | None = root
        for step in way:
            if steps is None:
                break
            steps = steps.setdefault(str(step), {})
        if steps is not None:
            steps[last] = None
    return root


def _select(value: JsonValue, steps: _Steps | None) -> JsonValue:
    if steps is None:
        return copy.deepcopy(value)
    if isinstance(value, dict):
        return _select_object(value, steps)
    if isinstance(value, list):
        indexes = sorted(_index(step, value) for step in steps)
        return [_select(value[index], steps[str(index)]) for index in indexes]
    raise Malformed("a JSON pointer leads into a single value", detail="invalid_pointer")


def _select_object(value: dict[str, JsonValue], steps: _Steps) -> dict[str, JsonValue]:
    selection: dict[str, JsonValue] = {}
    name = value.get("id")
    if isinstance(name, str) and not name.startswith("_:"):
        selection["id"] = name
    if "type" in value:
        selection["type"] = copy.deepcopy(value["type"])
    for step, deeper in steps.items():
        if step not in value:
            raise Malformed("a JSON pointer leads nowhere", detail="invalid_pointer")
        selection[step] = _select(value[step], deeper)
    return selection


def _index(step: str, value: list[JsonValue]) -> int:
    if not _INDEX.match(step) or int(step) >= len(value):
        raise Malformed("a JSON pointer leads beyond an array", detail="invalid_pointer")
    return int(step)
