"""
Makes docs/khmer-glossary.md from the words of the screens and the labels of the documents.

    python -m tests.support.glossary

Only words that carry meaning: what a verdict, a button or a document is called. A sentence that
only explains is not here.
"""

import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "khmer-glossary.md"
LOCALES = {
    "wallet": ROOT / "mobile_demo" / "wallet" / "locales",
    "inspector": ROOT / "verifier" / "inspector" / "locales",
    "portal": ROOT / "issuer" / "locales",
    "register": ROOT / "register" / "locales",
}
LANGUAGES = ("en", "km", "zh-Hans")
TYPES = ROOT / "credentials" / "types"
REVIEW = "not reviewed by a native speaker"
LONGEST = 48
ROOMS = {
    "wallet": (
        "standing.", "tabs.", "show.", "purpose.", "party.", "history.", "request.", "offer.",
        "card.", "code.",
    ),
    "inspector": (
        "screen.", "outcome.", "check.", "reason.", "verdict.", "readiness.", "business.",
    ),
    "portal": (
        "nav.", "standing.", "change.", "records.", "record.", "offer.title.", "event.",
        "receipt.title", "form.tx_code", "form.send",
    ),
    "register": ("register.name", "mood.", "epoch.", "quorum.", "promise.", "witness.", "chain."),
}  # fmt: skip
HEAD = """# Words in Khmer and Chinese

What documents, verdicts and buttons are called. None of these words was reviewed by a native
speaker yet. Before a city uses them, somebody who speaks the language and knows the office should
read each line, correct it in the file that the heading names, and say so here.
The page is made by `python -m tests.support.glossary`; a test compares it with the files.
"""


def load_words(screen: str) -> dict[str, dict[str, str]]:
    """Language to key to word."""
    folder = LOCALES[screen]
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in LANGUAGES}


def build_page() -> str:
    """The whole page."""
    parts = [HEAD, *_build_types()]
    parts += [part for screen in LOCALES for part in _build_screen(screen)]
    return "\n".join(parts)


def _build_types() -> Iterator[str]:
    yield "## Documents\n\nFiles: `credentials/types/*.json`.\n\n" + _head()
    rows = {}
    for path in sorted(TYPES.glob("*.json")):
        document = json.loads(path.read_text())
        rows[tuple(document["labels"][name] for name in LANGUAGES)] = None
        for claim in document["claims"]:
            rows[tuple(claim["labels"][name] for name in LANGUAGES)] = None
    yield "\n".join(_row(row) for row in rows) + "\n"


def _build_screen(screen: str) -> Iterator[str]:
    words = load_words(screen)
    folder = LOCALES[screen].relative_to(ROOT)
    yield f"## Screens: {screen}\n\nFiles: `{folder}/*.json`.\n\n" + _head()
    rows = {
        tuple(words[name][key] for name in LANGUAGES): None
        for key, english in words["en"].items()
        if key.startswith(ROOMS[screen]) and len(english) <= LONGEST
    }
    yield "\n".join(_row(row) for row in rows) + "\n"


def _head() -> str:
    return "| English | Khmer | Chinese | state |\n|---|---|---|---|"


def _row(words: tuple[str, ...]) -> str:
    cells = " | ".join(word.replace("|", "/") for word in words)
    return f"| {cells} | {REVIEW} |"


if __name__ == "__main__":
    PAGE.write_text(build_page())
