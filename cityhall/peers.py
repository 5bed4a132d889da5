"""
The virtual environments that are not the product's: foreign implementations that judge ours
(`.venv-peers`), the compiler and test chain of the contracts (`.venv-contracts`) and the node of
the multi-node test (`.venv-injective`).

Each is made from its own hashed lock. Making one is quick when it is there.
"""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cityhall.command_line import ROOT
from cityhall.errors import DeskError


@dataclass(frozen=True, slots=True)
class Venv:
    """An environment of its own beside the product's."""

    name: str

    @property
    def lock(self) -> Path:
        """What it is made from."""
        return ROOT / f"requirements-{self.name}.lock"

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return ROOT / f".venv-{self.name}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def is_there(self) -> bool:
        """Whether it is as the lock says."""
        stamp = self.folder / ".stamp"
        return stamp.exists() and stamp.read_text() == self._digest()

    def ensure(self) -> Path:
        """Make it when it is missing or older than its lock; returns its Python."""
        if not self.is_there():
            print(f"making {self.folder.name}", file=sys.stderr)
            self._run([sys.executable, "-m", "venv", "--clear", str(self.folder)])
            self._run(
                [str(self.python), "-m", "pip", "install", "--quiet",
                 "--disable-pip-version-check", "--no-deps", "--require-hashes",
                 "-r", str(self.lock)]
            )  # fmt: skip
            (self.folder / ".stamp").write_text(self._digest())
        return self.python

    def _digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes() + str(ROOT).encode()).hexdigest()

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DeskError(f"{self.folder.name} cannot be made: {done.stderr.strip()[-400:]}")


PEERS: Final = Venv("peers")
CONTRACTS: Final = Venv("contracts")
INJECTIVE: Final = Venv("injective")
"""Validators for the multi-node test, BUSL-1.1: for tests only, never shipped (decision 33)."""
VENV: Final = PEERS.folder
PYTHON: Final = PEERS.python


def has_peers() -> bool:
    """Whether the peers are there as the lock says."""
    return PEERS.is_there()


def ensure_peers() -> Path:
    """The Python of the peers, made when they are missing."""
    return PEERS.ensure()
