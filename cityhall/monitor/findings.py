"""What a monitor found, as values: findings with stable codes, and the report of one look."""

from dataclasses import dataclass, field
from datetime import datetime

from encoding.strict_json import JsonValue

BREACH = "breach"
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable; a `breach` is what must not be, a `note` what a person may want to know."""

    code: str
    text: str
    severity: str = BREACH


@dataclass(slots=True)
class Report:
    """One look at the log. `figures` go to Prometheus, chains and promises with their names."""

    at: datetime
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    lags: dict[str, int] = field(default_factory=dict)
    promises: dict[str, int] = field(default_factory=dict)

    def breach(self, code: str, text: str) -> None:
        """Say what must not be."""
        self.findings.append(Finding(code, text))

    def note(self, code: str, text: str) -> None:
        """Say what may be of interest."""
        self.findings.append(Finding(code, text, NOTE))

    @property
    def breaches(self) -> list[Finding]:
        """What must not be."""
        return [finding for finding in self.findings if finding.severity == BREACH]

    def describe(self) -> JsonValue:
        """The JSON of the command."""
        return {
            "green": not self.breaches,
            "at": self.at.isoformat(),
            "findings": [
                {"severity": each.severity, "code": each.code, "text": each.text}
                for each in self.findings
            ],
            "figures": {**self.figures},
            "ledger_lag": {**self.lags},
            "promises": {**self.promises},
        }
