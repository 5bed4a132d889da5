"""
Checks that can be switched off, each by its name, to show that its cases would notice.

A switch replaces one function of ours by one that finds nothing wrong. What was remembered of
earlier judgements is forgotten on the way in and out.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from unittest import mock

import credentials
from credentials.sameness import Remembered


@contextmanager
def replaced(targets: Mapping[str, object]) -> Iterator[None]:
    """Each `credentials.module.name` stands for something else for a while."""
    forget()
    with ExitStack() as stack:
        for target, replacement in targets.items():
            stack.enter_context(mock.patch(target, replacement))
        yield
    forget()


def forget() -> None:
    """Empty every cache of the workshop."""
    for found in pkgutil.iter_modules(credentials.__path__):
        if found.name == "legacy_worker":
            continue
        module = importlib.import_module(f"credentials.{found.name}")
        for value in list(vars(module).values()):
            if isinstance(value, Remembered):
                value._kept.clear()
            elif hasattr(value, "cache_clear") and not isinstance(value, type):
                value.cache_clear()


SWITCHES: dict[str, Callable[[], AbstractContextManager[None]]] = {}


def switch(name: str, targets: Mapping[str, object]) -> None:
    """Register a check: what stands for it while it is off. Modules of cases call this."""
    assert name not in SWITCHES, name
    SWITCHES[name] = lambda: replaced(targets)
