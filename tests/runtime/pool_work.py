"""What children of a pool do in tests."""

import os
import time
from pathlib import Path


def square(setting, numbers):
    return [setting * number * number for number in numbers]


def tell_process(_setting, items):
    time.sleep(0.01)
    return [os.getpid() for _ in items]


def fail(_setting, _items):
    raise ValueError("the work's own fault")


def die_once(folder, numbers):
    """The child that meets 7 for the first time dies in the middle of it."""
    mark = Path(folder) / "died"
    if 7 in numbers and not mark.exists():
        mark.touch()
        os._exit(9)
    return [number * number for number in numbers]


def die_always(_setting, numbers):
    if 7 in numbers:
        os._exit(9)
    return [number * number for number in numbers]
