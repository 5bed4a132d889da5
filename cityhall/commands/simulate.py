"""`./city simulate`: a city of millions in discrete events, and its pictures."""

import argparse
from dataclasses import replace
from pathlib import Path

from cityhall.command_line import show
from cityhall.simulation.city import LARGE
from cityhall.simulation.pictures import build_table, draw_outage, draw_visible, draw_windows
from cityhall.simulation.results import Results, simulate
from encoding.strict_json import JsonValue

HELP = "simulate a city of millions: how long a revoked card is still taken"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How large, which seed, where to."""
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--residents", type=int, default=LARGE.residents)
    parser.add_argument("--agencies", type=int, default=LARGE.agencies)
    parser.add_argument("--days", type=int, default=LARGE.days)
    parser.add_argument("--pictures", type=Path, help="a folder for the pictures (SVG)")


def run(arguments: argparse.Namespace) -> int:
    """Print the table; write the pictures."""
    size = replace(
        LARGE,
        residents=arguments.residents,
        agencies=arguments.agencies,
        days=max(arguments.days, 12),
    )
    results = simulate(size, seed=arguments.seed)
    if arguments.pictures is not None:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
        for name, draw in (
            ("revocation-seen", draw_visible),
            ("false-acceptance", draw_windows),
            ("ledger-outage", draw_outage),
        ):
            (arguments.pictures / f"{name}.svg").write_text(draw(results))
    show(arguments, _build_json(results), f"{build_table(results)}\n\n{_build_text(results)}")
    return 0


def _build_json(results: Results) -> dict[str, JsonValue]:
    windows: list[JsonValue] = [
        {
            "fault": each.fault,
            "mode": each.mode.value,
            "cases": len(each.seconds),
            "median": each.quantile(0.5),
            "p99": each.quantile(0.99),
            "longest": each.longest,
        }
        for each in results.windows
    ]
    return {
        "seed": results.seed,
        "acts": {act.value: count for act, count in results.history.acts.items()},
        "epochs": len(results.history.epochs),
        "lists": results.lists,
        "windows": windows,
        "alarms": {"count": len(results.alarms), "longest": max(results.alarms)},
        "cpu_seconds": results.seconds,
    }


def _build_text(results: Results) -> str:
    size, history = results.size, results.history
    acts = ", ".join(f"{count} {act.value}" for act, count in history.acts.items())
    return "\n".join(
        [
            f"seed {results.seed}: {size.residents} residents, {size.agencies} agencies, "
            f"{results.lists} lists of 2^20, {size.phones} inspectors, {size.days} days",
            f"{acts}; {len(history.epochs)} epochs",
            f"receipt breaches: {len(results.alarms)}, "
            f"alarm after {min(results.alarms):.0f} to {max(results.alarms):.0f} s",
            f"two histories with a quorum: with one liar of four {results.one_liar_forks}, "
            f"with two {results.two_liars_fork}",
            f"{results.seconds:.0f} s of CPU",
        ]
    )
