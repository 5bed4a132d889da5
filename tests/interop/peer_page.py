"""
`docs/peers.md` against what the tests find: each row of its tables is asserted by one test, so the
page can neither lag behind nor claim more.
"""

from dataclasses import dataclass

from cityhall.command_line import ROOT

PAGE = ROOT / "docs" / "peers.md"
WORDS = {True: "yes", False: "no", None: "-"}


@dataclass(frozen=True)
class Hostile:
    """
    One input on which implementations may differ. `accepted`: our answer, which the text demands;
    `section` and `quote`: the text.
    """

    name: str
    accepted: bool
    section: str
    quote: str


def assert_row(*cells):
    """The page has exactly this row."""
    row = f"| {' | '.join(cells)} |"
    assert row in PAGE.read_text().splitlines(), f"docs/peers.md lacks this row:\n{row}"


def assert_exchange(format_, peer, *, ours, altered, theirs):
    """Each a mapping of case to whether it went as it should; None where the peer cannot."""
    assert_row(f"`{format_}`", f"`{peer}`", _count(ours), _count(altered), _count(theirs))


def assert_disagreement(format_, hostile, answers):
    """
    What we say is what the text says; what the peers say is what the page says. None: the peer
    does not read such input at all.
    """
    cells = [WORDS[answer] for answer in answers.values()]
    text = f"{hostile.section}: “{hostile.quote}”"
    assert_row(f"`{format_}`", hostile.name, WORDS[hostile.accepted], *cells, text)


def _count(outcomes):
    return "-" if outcomes is None else f"{sum(outcomes.values())} of {len(outcomes)}"
