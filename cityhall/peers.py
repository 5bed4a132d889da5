"""
The foreign implementations that judge ours: in `.venv-peers`, never beside the product.

They are made from their own hashed lock. `ensure_peers` is quick when they are there.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from cityhall.command_line import ROOT
from cityhall.errors import DeskError

LOCK = ROOT / "requirements-peers.lock"
VENV = ROOT / ".venv-peers"
PYTHON = VENV / "bin" / "python"


def has_peers() -> bool:
    """Whether the peers are there as the lock says."""
    stamp = VENV / ".stamp"
    return stamp.exists() and stamp.read_text() == _digest()


def ensure_peers() -> Path:
    """Make `.venv-peers` when it is missing or older than its lock; returns its Python."""
    if not has_peers():
        print("making .venv-peers", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        _run(
            [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "-r", str(LOCK)]
        )  # fmt: skip
        (VENV / ".stamp").write_text(_digest())
    return PYTHON


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes() + str(ROOT).encode()).hexdigest()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeskError(f"the peers cannot be installed: {done.stderr.strip()[-400:]}")
