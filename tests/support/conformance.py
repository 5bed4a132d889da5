"""
Makes docs/conformance.md: the published vectors, and which test files quote which requirement.

    python -m tests.support.conformance

The first table needs CITY_VECTORS; without it the block of the page stays as it is. A test counts
for an ID when its name, its docstring or a comment beside it names the ID.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cityhall.vectors.registry import count_outcomes, run_folders
from cityhall.vectors.shelf import Outcome, Result

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance.md"
TESTS = ROOT / "tests"

# Family of requirements to its numbers; `S` are the attacks of the rooms A, B, C and G.
FAMILIES = {
    "SD-I": range(1, 7),
    "SD-V": range(1, 14),
    "SD-H": range(1, 3),
    "SDVC-M": range(1, 7),
    "TSL-I": range(1, 6),
    "TSL-V": range(1, 9),
    "BSL": range(1, 11),
    "VCDM": range(1, 15),
    "JC": range(1, 9),
    "DI": range(1, 8),
    "JS": range(1, 2),
    "WEB": range(1, 2),
    "KEY": range(1, 2),
    "JWK": range(1, 2),
    "WVH": range(1, 9),
    "BAR": range(1, 2),
    "VCALM": range(1, 2),
    "S": (
        *(1, 2, 4, 7, 9, 10, 12, 14, 16, 19, 21, 23),
        *(25, 26, 27, 28, 30, 31, 33, 36, 39, 40, 42, 44, 46, 49, 51),
        *(52, 54, 55, 57, 60, 61, 62, 63, 65, 68, 70),
        *(125, 127, 128, 129, 130, 132, 134, 135, 137),
    ),
}
_FAMILY = "|".join(sorted(FAMILIES, key=len, reverse=True))
_ID = re.compile(
    rf"(?<![A-Z0-9])({_FAMILY})-?(\d{{2,3}})(?!\d)"
    rf"(?:[ -](?:TO|UP TO)[ -](?:({_FAMILY})-?)?(\d{{2,3}})(?!\d))?"
)


def list_ids() -> Iterator[str]:
    """Every ID, as the standards page writes it."""
    for family, numbers in FAMILIES.items():
        width = 3 if family == "S" else 2
        for number in numbers:
            yield f"{family}-{number:0{width}}"


def find_quotes() -> dict[str, list[str]]:
    """ID to the test files that quote it."""
    quotes: dict[str, list[str]] = {name: [] for name in list_ids()}
    for path in sorted([*TESTS.rglob("*.py"), *TESTS.rglob("*.test.js")]):
        if path == Path(__file__) or "node_modules" in path.parts or "peers" in path.parts:
            continue
        place = path.relative_to(ROOT).as_posix()
        for name in quoted_in(path.read_text(encoding="utf-8")):
            if name in quotes:
                quotes[name].append(place)
    return quotes


def quoted_in(text: str) -> set[str]:
    """The IDs in a file: as words of a text, or in the name of a test."""
    found = set()
    for match in _ID.finditer(text.upper().replace("_", "-")):
        family, first = match[1], match[2]
        last = match[4] if match[4] and match[3] in {None, family} else first
        width = 3 if family == "S" else 2
        found |= {f"{family}-{number:0{width}}" for number in range(int(first), int(last) + 1)}
    return found


def build_vectors_block(found: dict[str, list[Result]]) -> str:
    """The table of the folders, and below it what does not pass although it was compared."""
    lines = [
        "| folder | cases | passed | differs | unknown | failed |",
        "|---|---|---|---|---|---|",
    ]
    order = (Outcome.PASSED, Outcome.DIFFERS, Outcome.UNKNOWN, Outcome.FAILED)
    everything = [each for results in found.values() for each in results]
    for name, results in [*found.items(), ("all", everything)]:
        counts = count_outcomes(results)
        cells = [str(len(results)), *[str(counts[outcome]) for outcome in order]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "Cases that differ, and the text that we follow:", ""]
    lines += [
        f"- `{each.folder}/{each.file}`, {each.name}: {each.why}."
        for each in everything
        if each.outcome is Outcome.DIFFERS
    ]
    return "\n".join(lines)


def build_reasons_block(found: dict[str, list[Result]]) -> str:
    """Why cases are unknown: each folder and reason once."""
    grouped: dict[tuple[str, str], int] = {}
    for results in found.values():
        for each in results:
            if each.outcome is Outcome.UNKNOWN:
                grouped[each.folder, each.why] = grouped.get((each.folder, each.why), 0) + 1
    lines = ["| folder | cases | why nothing was compared |", "|---|---|---|"]
    return "\n".join(
        [*lines, *[f"| {name} | {number} | {why} |" for (name, why), number in grouped.items()]]
    )


def build_ids_block(quotes: dict[str, list[str]]) -> str:
    """ID to test files; the IDs that no test quotes stand in a line of their own."""
    lines = ["| requirement | tests |", "|---|---|"]
    lines += [
        f"| {name} | {', '.join(f'`{place}`' for place in places)} |"
        for name, places in quotes.items()
        if places
    ]
    missing = [name for name, places in quotes.items() if not places]
    return "\n".join([*lines, "", f"No test quotes: {', '.join(missing) or 'none'}."])


def replace_block(page: str, name: str, block: str) -> str:
    """The page with what stands between the marks of `name` replaced."""
    start, end = f"<!-- {name}: made by the script -->", f"<!-- end of {name} -->"
    head, _, rest = page.partition(start)
    return f"{head}{start}\n{block}\n{end}{rest.partition(end)[2]}"


def read_block(page: str, name: str) -> str:
    """What stands between the marks of `name`."""
    rest = page.partition(f"<!-- {name}: made by the script -->\n")[2]
    return rest.partition(f"\n<!-- end of {name} -->")[0]


def main() -> None:
    """Write the page."""
    page = PAGE.read_text(encoding="utf-8")
    folder = os.environ.get("CITY_VECTORS")
    if folder:
        found = run_folders(Path(folder))
        page = replace_block(page, "vectors", build_vectors_block(found))
        page = replace_block(page, "unknown", build_reasons_block(found))
    page = replace_block(page, "requirements", build_ids_block(find_quotes()))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
