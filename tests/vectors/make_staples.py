"""Write `staples.json`: staples, what a phone holds, and the value or refusal that must come."""

from pathlib import Path

from tests.vectors.make_verification import build_text
from tests.vectors.staple_cases import CASES

TARGET = Path(__file__).parent / "staples.json"


def build_document():
    """The whole file."""
    return {"about": "Run by pytest and node --test. Times are NumericDates.", "cases": CASES}


if __name__ == "__main__":
    TARGET.write_text(build_text(build_document()), encoding="utf-8")
