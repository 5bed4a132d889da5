"""`./city stop`: ends a city that runs in the background."""

import argparse
import os
import signal
import time

from cityhall.city_file import is_supervisor, read_city
from cityhall.command_line import show

HELP = "end the running city"
PATIENCE_SECONDS = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No words of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Ask the supervisor to end; it ends its services. 1 when it does not."""
    pid = read_city(arguments.data_dir).pids["supervisor"]
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_supervisor(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    stopped = not is_supervisor(pid)
    show(arguments, {"stopped": stopped}, "stopped" if stopped else "it does not end")
    return 0 if stopped else 1
