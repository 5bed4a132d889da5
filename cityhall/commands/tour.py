"""`./city tour`: the main job without a browser, against the running city or one of its own."""

import argparse
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cityhall.city_file import City, read_city
from cityhall.command_line import show
from cityhall.commands.demo import open_temporary_city
from cityhall.desk import desk_of
from cityhall.errors import NoCity
from encoding.strict_json import JsonValue
from mobile_demo.tour import Step, build_tour

HELP = "walk through the main job and time each step"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No words of its own."""


def run(arguments: argparse.Namespace) -> int:
    """1 when a step is not as it must be."""
    with city_for(arguments.data_dir) as (city, folder):

        def report(step: Step) -> None:
            if not arguments.json:
                print(describe_step(step), flush=True)

        tour = build_tour(
            desk_of(city), folder, resident=f"tour-{secrets.token_hex(4)}", report=report
        )
        good = tour.run()
    steps: list[JsonValue] = [step_json(step) for step in tour.steps]
    sizes = [step.details["qr_bytes"] for step in tour.steps if "qr_bytes" in step.details]
    value: dict[str, JsonValue] = {
        "passed": good,
        "qr_bytes": sizes[0] if sizes else None,
        "steps": steps,
    }
    total = sum(step.milliseconds for step in tour.steps)
    verdict = "every step is as it must be" if good else "the last step is not as it must be"
    show(
        arguments,
        value,
        f"\n{verdict}; {total / 1000:.1f} s in all, QR of {value['qr_bytes']} bytes",
    )
    return 0 if good else 1


@contextmanager
def city_for(data_dir: Path) -> Iterator[tuple[City, Path]]:
    """The running city, else a temporary one that ends with the tour."""
    with tempfile.TemporaryDirectory(prefix="city-tour-") as temporary:
        folder = Path(temporary)
        try:
            yield read_city(data_dir), folder
            return
        except NoCity:
            print("no city runs here: starting one for this tour", file=sys.stderr)
        supervisor, city = open_temporary_city(folder, base_port=find_base_port(), tls=False)
        try:
            yield city, folder
        finally:
            supervisor.stop()


def find_base_port() -> int:
    """Five free ports in a row on loopback."""
    for base in range(18400, 19400, 10):
        if all(_is_free(base + offset) for offset in range(5)):
            return base
    raise NoCity("no five free ports in a row: start a city with --base-port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def describe_step(step: Step) -> str:
    """One line for people."""
    mark = "ok  " if step.is_good else "FAIL"
    line = f"{mark} {step.milliseconds:8.1f} ms  {step.name}: {step.found}"
    return line if step.is_good else f"{line}\n     expected: {step.expected}"


def step_json(step: Step) -> dict[str, JsonValue]:
    """One step for scripts."""
    return {
        "name": step.name,
        "expected": step.expected,
        "found": step.found,
        "ok": step.is_good,
        "milliseconds": step.milliseconds,
        **step.details,
    }
