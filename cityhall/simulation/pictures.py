"""
The pictures of a run: how soon a revocation is seen, how long faults hide it, and what can still
be told while the ledger stands still.
"""

from collections.abc import Callable
from math import log10
from typing import Final

from cityhall.simulation.results import Answers, Results, Windows
from cityhall.simulation.svg import WIDTH, Picture
from cityhall.simulation.windows import Mode, bound

LEFT: Final = 56.0
RIGHT: Final = WIDTH - 24.0
AXIS_END: Final = RIGHT - 62.0
"""Behind it there is room for the words of the longest bar."""
SHORTEST: Final = 0.01
LONGEST: Final = 3 * 86_400.0
TICKS: Final = (
    (0.01, "10 ms"),
    (1.0, "1 s"),
    (60.0, "1 min"),
    (900.0, "15 min"),
    (86_400.0, "1 day"),
)
NAMES: Final = {
    Mode.ONLINE: "online",
    Mode.STAPLE: "staple, the newest",
    Mode.KEPT_STAPLE: "staple, kept by a cheat",
    Mode.PREFETCH: "bundle fetched before",
}
COLOURS: Final = {mode: str(number) for number, mode in enumerate(Mode)}
_UNITS: Final = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))

Scale = Callable[[float], float]


def time_scale(seconds: float) -> float:
    """Where a time stands on the logarithmic axis."""
    kept = min(max(seconds, SHORTEST), LONGEST)
    share = log10(kept / SHORTEST) / log10(LONGEST / SHORTEST)
    return LEFT + share * (AXIS_END - LEFT)


def show_time(seconds: float) -> str:
    """A time in a unit of which there are two at least: 61 s, 24 h."""
    for length, unit in _UNITS:
        if seconds >= (2 * length if unit != "s" else length):
            count = seconds / length
            return f"{count:.1f} {unit}" if count < 9.95 and unit != "s" else f"{count:.0f} {unit}"
    return f"{seconds * 1000:.0f} ms"


def draw_visible(results: Results) -> str:
    """The share of verifiers that know, over the time since the officer was told."""
    picture = Picture(
        "How soon a revocation is seen",
        "Cumulative share of verifiers that know of a revocation, by the way they learn a status.",
        480,
    )
    picture.words(24, 38, "How soon a revocation is seen", style="title")
    _draw_legend(picture, 68, tuple(Mode))
    top, bottom = 140.0, 416.0

    def height(share: float) -> float:
        return bottom - share * (bottom - top)

    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        picture.line([(LEFT, height(share)), (RIGHT, height(share))], "grid hair")
        picture.words(LEFT - 8, height(share) + 6, f"{share:.0%}".strip("%"), anchor="end")
    picture.words(24, top - 14, "% of verifiers that know")
    _draw_time_axis(picture, top, bottom)
    for mode in reversed(Mode):
        windows = results.of("no fault", mode)
        points = [
            (time_scale(windows.quantile(number / 200)), height(number / 200))
            for number in range(200)
        ]
        points = [
            (time_scale(SHORTEST), height(0.0)),
            *points,
            (time_scale(windows.longest), height(1.0)),
        ]
        picture.line([*points, (RIGHT, height(1.0))], f"line c{COLOURS[mode]}")
    picture.words(RIGHT, bottom + 54, "time since the officer was told", anchor="end")
    return picture.build()


def draw_windows(results: Results) -> str:
    """Median and longest window of each fault and mode."""
    faults = list(dict.fromkeys(each.fault for each in results.windows))
    top, group, row = 166.0, 124.0, 23.0
    bottom = top + group * len(faults) - 14
    picture = Picture(
        "How long a revoked card is still taken for good",
        "Median and longest window of false acceptance for each fault and way of asking.",
        int(bottom + 62),
    )
    picture.words(24, 38, "How long a revoked card is still taken", style="title")
    _draw_legend(picture, 68, tuple(Mode))
    picture.words(24, 140, "dot: the median · end of the bar, and words: the longest")
    _draw_time_axis(picture, top - 10, bottom)
    for place, fault in enumerate(faults):
        begin = top + place * group
        picture.words(LEFT, begin + 14, fault, style="strong")
        for number, mode in enumerate(Mode):
            y = begin + 32 + number * row
            _draw_window(picture, results.of(fault, mode), y)
    picture.words(RIGHT, bottom + 52, "time since the officer was told", anchor="end")
    return picture.build()


def draw_outage(results: Results) -> str:
    """The share of good cards that can be told good while no epoch is closed."""
    picture = Picture(
        "Good cards while the ledger stands still",
        "Share of good cards that verifiers can tell good during an outage of six hours.",
        440,
    )
    picture.words(24, 38, "Good cards while the ledger stands still", style="title")
    _draw_legend(picture, 68, (Mode.ONLINE, Mode.STAPLE, Mode.PREFETCH))
    top, bottom = 140.0, 370.0
    first, last = results.outage[0].hours[0], results.outage[0].hours[-1]

    def across(hour: float) -> float:
        return LEFT + (hour - first) / (last - first) * (RIGHT - LEFT)

    def height(share: float) -> float:
        return bottom - share * (bottom - top)

    picture.box(across(0), top, width=across(6) - across(0), height=bottom - top, style="shade")
    picture.words((across(0) + across(6)) / 2, (top + bottom) / 2, "no epochs", anchor="middle")
    for share in (0.0, 0.5, 1.0):
        picture.line([(LEFT, height(share)), (RIGHT, height(share))], "grid hair")
        picture.words(LEFT - 8, height(share) + 6, f"{share:.0%}".strip("%"), anchor="end")
    picture.words(24, top - 14, "% of good cards told good")
    for hour in range(int(first), int(last) + 1, 2):
        picture.words(across(hour), bottom + 24, f"{hour} h", anchor="middle")
    for answers, style in zip(results.outage, ("line", "line dashed", "line"), strict=True):
        _draw_answers(picture, answers, across, height, style=style)
    picture.words(RIGHT, bottom + 52, "time since the last epoch", anchor="end")
    return picture.build()


def _draw_answers(
    picture: Picture, answers: Answers, across: Scale, height: Scale, *, style: str
) -> None:
    """In steps; online and staple share a rule and a line, so the second is dashed."""
    points: list[tuple[float, float]] = []
    for hour, share in zip(answers.hours, answers.shares, strict=True):
        if points:
            points.append((across(hour), points[-1][1]))
        points.append((across(hour), height(share)))
    picture.line(points, f"{style} c{COLOURS[answers.mode]}")


def _draw_window(picture: Picture, windows: Windows, y: float) -> None:
    colour = COLOURS[windows.mode]
    begin, middle, end = (
        time_scale(value) for value in (SHORTEST, windows.quantile(0.5), windows.longest)
    )
    picture.box(begin, y - 4, width=max(end - begin, 8), height=8, style=f"f{colour}", radius=4)
    picture.dot(middle, y, radius=7.5, style=f"f{colour}")
    picture.dot(middle, y, radius=3.5, style="ground")
    label = show_time(windows.longest)
    picture.words(max(end, begin + 8) + 12, y + 6, label)


def _draw_legend(picture: Picture, top: float, modes: tuple[Mode, ...]) -> None:
    """Two columns."""
    for number, mode in enumerate(modes):
        x, y = 24 + number % 2 * 300.0, top + number // 2 * 26.0
        picture.box(x, y - 9, width=22, height=8, style=f"f{COLOURS[mode]}", radius=4)
        picture.words(x + 32, y, NAMES[mode])


def _draw_time_axis(picture: Picture, top: float, bottom: float) -> None:
    for seconds, name in TICKS:
        x = time_scale(seconds)
        picture.line([(x, top), (x, bottom)], "limit hair" if seconds >= 900 else "grid hair")
        picture.words(x, bottom + 24, name, anchor="middle")
    picture.line([(LEFT, bottom), (RIGHT, bottom)], "axis hair")


def build_table(results: Results) -> str:
    """The same as a table in Markdown."""
    lines = [
        "| fault | way of asking | median | 99 of 100 | longest | may be, if nobody lies |",
        "|---|---|---|---|---|---|",
    ]
    for each in results.windows:
        limit = show_time(bound(each.mode, results.rules))
        values = (each.quantile(0.5), each.quantile(0.99), each.longest)
        cells = [each.fault, NAMES[each.mode], *(show_time(value) for value in values), limit]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
