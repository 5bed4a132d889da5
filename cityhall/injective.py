"""
The validators of the multi-node test: in `.venv-injective`, never beside the product.

`injective-core` carries the licence BUSL-1.1: it is used for tests, not in production, and never
shipped (docs/decisions). Made from its own hashed lock; quick when it is there.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from cityhall.command_line import ROOT
from cityhall.errors import DeskError

LOCK: Final = ROOT / "requirements-injective.lock"
VENV: Final = ROOT / ".venv-injective"
PYTHON: Final = VENV / "bin" / "python"
_FIND: Final = "import injective_core; print(injective_core.get_binary_path())"


def has_injective() -> bool:
    """Whether the node is there as the lock says."""
    stamp = VENV / ".stamp"
    return stamp.exists() and stamp.read_text() == _digest()


def ensure_injective() -> Path:
    """Make `.venv-injective` when it is missing or older than its lock; returns its Python."""
    if not has_injective():
        print("making .venv-injective", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        _run(
            [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "-r", str(LOCK)]
        )  # fmt: skip
        find_node()
        (VENV / ".stamp").write_text(_digest())
    return PYTHON


def find_node() -> tuple[list[str], dict[str, str]]:
    """The command of the node and the environment that it needs; unpacks it the first time."""
    binary = Path(_run([str(PYTHON), "-c", _FIND]).strip())
    environment = {**os.environ, "LD_LIBRARY_PATH": str(binary.parent)}
    return [str(binary)], environment


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes() + str(ROOT).encode()).hexdigest()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeskError(f"the validators' node cannot be made: {done.stderr.strip()[-400:]}")
    return done.stdout
