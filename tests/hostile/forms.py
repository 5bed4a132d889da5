"""How a group of cases is filed: the format it counts for, its checks, its place in the ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.hostile.case import HostileCase


@dataclass(frozen=True)
class Form:
    """One kind of paper. `name` stands in the ids of its cases, `format` in the count."""

    name: str
    format: str

    def reject(
        self,
        sid: str,
        name: str,
        made: Mapping[str, Any],
        *,
        check: str,
        detail: str | None,
        reason: str = "malformed",
        outcome: str = "failed",
    ) -> HostileCase:
        """What must not pass: the named check says why."""
        return self._case(sid, name, made, check, (outcome, reason, detail))

    def twin(self, sid: str, name: str, made: Mapping[str, Any], *, check: str) -> HostileCase:
        """What must pass."""
        return self._case(sid, name, made, check, ("passed", None, None))

    def _case(
        self, sid: str, name: str, made: Mapping[str, Any], check: str, expected: tuple[Any, ...]
    ) -> HostileCase:
        case_id = f"{sid}/{self.name}/{name}"
        line = {"id": case_id, **made}
        return HostileCase(case_id, sid, self.format, check, line, *expected)
