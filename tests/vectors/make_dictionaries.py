"""Write `credentials/js/dictionaries.js`: `credentials/dictionaries.py` for browsers."""

from pathlib import Path

from credentials.dictionaries import DICTIONARIES, NEWEST
from encoding import base64url

TARGET = Path(__file__).parents[2] / "credentials" / "js" / "dictionaries.js"


def build_module() -> str:
    """The text of the module."""
    lines = [
        "// @ts-check",
        "/**",
        " * The preset dictionaries of CQ1 in base64url, by their id. They are written from",
        " * credentials/dictionaries.py by tests/vectors/make_dictionaries.py: change them there.",
        " */",
        "/** @type {Readonly<Record<string, string>>} */",
        "export const DICTIONARIES = Object.freeze({",
    ]
    for name, data in DICTIONARIES.items():
        text = base64url.encode(data)
        parts = [text[start : start + 90] for start in range(0, len(text), 90)]
        lines.append(f'  "{name}":')
        lines += [f'    "{part}" +' for part in parts[:-1]] + [f'    "{parts[-1]}",']
    lines += ["});", f'export const NEWEST = "{NEWEST}";', ""]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.write_text(build_module(), encoding="utf-8")
