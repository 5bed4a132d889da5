"""
Switches made by taking a check out of our own source.

A check is an `if` that refuses: its body raises, or returns, under one detail (or under a name that
stands for it). `switch_off` reads the function as it is written, leaves that `if` away, compiles
the rest and puts it wherever the function is known. So a switch tests the check itself and not a
stand-in for it, and it breaks loudly when the check is no longer there.
"""

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Iterable, Mapping

import credentials
import encoding
from credentials.sameness import Remembered
from tests.hostile.switches import switch

PACKAGES = (credentials, encoding)


def switch_off(
    name: str, *checks: tuple[str, str], others: Mapping[str, object] | None = None
) -> None:
    """
    Register a switch that leaves these checks away, each a function's path and a detail; `others`
    are targets with a replacement of their own.
    """
    targets: dict[str, object] = dict(others or {})
    functions: dict[str, list[str]] = {}
    for path, detail in checks:
        functions.setdefault(path, []).append(detail)
    for path, details in functions.items():
        targets |= _replace(path, details)
    switch(name, targets)


def _replace(path: str, details: Iterable[str]) -> dict[str, object]:
    module_name, qualified = _split(path)
    module = importlib.import_module(module_name)
    found: object = module
    for part in qualified.split("."):
        found = getattr(found, part)
    replacement = _without(found, details)
    if "." in qualified:
        return {path: replacement}
    return dict.fromkeys(_places(found), replacement)


def _split(path: str) -> tuple[str, str]:
    package, module, qualified = path.split(".", 2)
    return f"{package}.{module}", qualified


def _without(found: object, details: Iterable[str]) -> object:
    function = inspect.unwrap(found)  # type: ignore[arg-type]
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for detail in details:
        removal = _Removal(detail)
        removal.visit(tree)
        assert removal.count, f"{function.__qualname__} has no check for {detail}"
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    space: dict[str, object] = {}
    code = compile(ast.fix_missing_locations(tree), function.__code__.co_filename, "exec")
    exec(code, function.__globals__, space)
    return space[definition.name]


class _Removal(ast.NodeTransformer):
    """Leaves away every `if` whose body does nothing but refuse under this detail."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        self.count = 0

    def visit_If(self, node: ast.If) -> object:
        self.generic_visit(node)
        if self._is_refusal(node.body):
            self.count += 1
            return node.orelse or ast.Pass()
        return node

    def _is_refusal(self, body: list[ast.stmt]) -> bool:
        if len(body) != 1 or not isinstance(body[0], ast.Raise | ast.Return):
            return False
        return any(
            (isinstance(each, ast.Constant) and each.value == self.detail)
            or (isinstance(each, ast.Name) and each.id == self.detail)
            for each in ast.walk(body[0])
        )


def _places(found: object) -> list[str]:
    """Every name under which our modules know this function."""
    for package in PACKAGES:
        for each in pkgutil.iter_modules(package.__path__):
            if each.name != "legacy_worker":
                importlib.import_module(f"{package.__name__}.{each.name}")
    modules = [name for name in sys.modules if name.startswith(("credentials.", "encoding."))]
    places: list[str] = []
    for module in sorted(modules):
        for name, value in vars(sys.modules[module]).items():
            if value is found:
                places.append(f"{module}.{name}")
            elif isinstance(value, Remembered) and value._function is inspect.unwrap(found):  # type: ignore[arg-type]
                places.append(f"{module}.{name}._function")
    return places
