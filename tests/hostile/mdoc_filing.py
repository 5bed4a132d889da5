"""How cases of mdocs are made and filed."""

from typing import Any

from tests.hostile.case import HostileCase
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import Change, Step, line
from tests.hostile.stage import with_members


def put(*path: Any, value: Any) -> Step:
    """A step that sets one member deep inside; `...` takes it away."""

    def step(old: Any) -> Any:
        if len(path) == 1:
            if isinstance(old, list):
                return [value if place == path[0] else each for place, each in enumerate(old)]
            return with_members(old, {path[0]: value})
        inner = put(*path[1:], value=value)(old[path[0]])
        return put(path[0], value=inner)(old)

    return step


def reject(
    form: Form, sid: str, name: str, change: Change, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.partition("/")
    made = line(form, change, **members)
    return form.reject(sid, name, made, check=check, reason=reason, detail=detail)
