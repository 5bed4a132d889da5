"""Write `credentials/js/dictionaries.js`: `credentials/dictionaries.py` for browsers."""

from pathlib import Path

from credentials.dictionaries import CWT_DICTIONARIES, DICTIONARIES, NEWEST
from encoding import base64url

TARGET = Path(__file__).parents[2] / "credentials" / "js" / "dictionaries.js"


def build_module() -> str:
    """The text of the module."""
    lines = [
        "// @ts-check",
        "/**",
        " * The preset dictionaries of CQ1 and CW1 in base64url, by their id, written from",
        " * credentials/dictionaries.py by tests/vectors/make_dictionaries.py: change them there.",
        " */",
        *build_table("DICTIONARIES", DICTIONARIES),
        f'export const NEWEST = "{NEWEST}";',
        *build_table("CWT_DICTIONARIES", CWT_DICTIONARIES),
        "",
    ]
    return "\n".join(lines)


def build_table(name: str, dictionaries: dict[str, bytes]) -> list[str]:
    """The lines of one table."""
    lines = [
        "/** @type {Readonly<Record<string, string>>} */",
        f"export const {name} = Object.freeze({{",
    ]
    for key, data in dictionaries.items():
        text = base64url.encode(data)
        parts = [text[start : start + 90] for start in range(0, len(text), 90)]
        lines.append(f'  "{key}":')
        lines += [f'    "{part}" +' for part in parts[:-1]] + [f'    "{parts[-1]}",']
    return [*lines, "});"]


if __name__ == "__main__":
    TARGET.write_text(build_module(), encoding="utf-8")
