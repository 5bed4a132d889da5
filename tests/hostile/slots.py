"""Places at which a token of one kind comes in, and the cases that are made there."""

from dataclasses import dataclass
from typing import Any, Final

from tests.hostile.case import HostileCase
from tests.hostile.stage import NOTHING, Change, Json, line

FORMAT: Final = {"jwt_vc": "jwt_vc_json", "jwt_vp": "jwt_vc_json"}


@dataclass(frozen=True)
class Slot:
    """A position of a paper: where a token of its kind comes in."""

    paper: str
    position: str

    @property
    def name(self) -> str:
        return f"{self.paper}.{self.position}"

    @property
    def format(self) -> str:
        """The format under which its cases are counted."""
        if self.position == "list":
            return "statuslist+jwt" if self.paper == "dc+sd-jwt" else "bitstring"
        return FORMAT.get(self.paper, self.paper)

    def line(self, change: Change = NOTHING, **members: Any) -> Json:
        """A line in which this token alone is altered."""
        return line(self.paper, {self.position: change}, **members)

    def reject(
        self,
        sid: str,
        name: str,
        made: Json,
        *,
        check: str,
        detail: str | None,
        reason: str = "malformed",
    ) -> HostileCase:
        """What must not pass; of a list nothing can be told then."""
        outcome = "failed"
        if self.position == "list" and reason in ("malformed", "status_unknown", "status_stale"):
            reason = "status_unknown" if reason == "malformed" else reason
            outcome = "indeterminate"
        return self._case(sid, name, made, check, (outcome, reason, detail))

    def twin(self, sid: str, name: str, made: Json, *, check: str) -> HostileCase:
        """What must pass."""
        return self._case(sid, name, made, check, ("passed", None, None))

    def _case(
        self, sid: str, name: str, made: Json, check: str, expected: tuple[str, Any, Any]
    ) -> HostileCase:
        case_id = f"{sid}/{self.name}/{name}"
        made = {"id": case_id, **made}
        return HostileCase(case_id, sid, self.format, check, made, *expected)


SLOTS: Final = tuple(
    Slot(paper, position)
    for paper, positions in (
        ("dc+sd-jwt", ("credential", "binding", "list")),
        ("vc+sd-jwt", ("credential", "binding")),
        ("vc+jwt", ("credential", "list")),
        ("vp+jwt", ("presentation", "credential")),
        ("jwt_vc", ("credential",)),
        ("jwt_vp", ("presentation", "credential")),
    )
    for position in positions
)
ISSUED: Final = tuple(each for each in SLOTS if each.position == "credential")
PROOFS: Final = tuple(each for each in SLOTS if each.position in ("binding", "presentation"))
LISTS: Final = tuple(each for each in SLOTS if each.position == "list")
