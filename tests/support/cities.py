"""A running city for tests that speak HTTP with it: started once a module, on ports of its own."""

import random
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path

from cityhall.commands.demo import open_temporary_city
from cityhall.desk import desk_of


def free_base_port() -> int:
    """Five free ports in a row, away from those of a demo."""
    bases = list(range(21000, 29000, 10))
    random.shuffle(bases)  # two tests that start at the same time must not meet
    for base in bases:
        if all(_is_free(base + offset) for offset in range(5)):
            return base
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running_city(*, tls: bool = False):
    """(city, desk) of a city that ends with the test."""
    with tempfile.TemporaryDirectory(prefix="city-test-") as folder:
        supervisor, city = open_temporary_city(Path(folder), base_port=free_base_port(), tls=tls)
        try:
            yield city, desk_of(city)
        finally:
            supervisor.stop()
