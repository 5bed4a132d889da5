"""
One peer in a process of its own, which lives as long as it answers: a question a line, an answer.

A process that ends or does not answer in time has crashed on that case; the next case gets a new
one. Its environment is its own, and it is told nothing but what `question` says.
"""

import json
import os
import select
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cityhall.peers import PYTHON, has_peers

ROOT: Final = Path(__file__).resolve().parents[2]
PROCESSES: Final = Path(__file__).parent / "peer_processes"
NODE: Final = shutil.which("node") or str(ROOT / ".venv/bin/node")
SECONDS: Final = 30
FALLEN: Final = {"accepts": False, "said": "it ended", "crash": "it ended"}


def find_missing(script: str) -> str:
    """Why a script of `peer_processes` cannot run here, or nothing."""
    if script.endswith(".py"):
        return "" if has_peers() else "the Python peers are not installed"
    is_there = (ROOT / "node_modules/@digitalbazaar/vc").exists() and Path(NODE).exists()
    return "" if is_there else "the npm peers are not installed"


class PeerProcess:
    """A script of `peer_processes`. Close it with `stop`."""

    def __init__(self, script: str, shared: Mapping[str, Any]) -> None:
        self._command = [NODE if script.endswith(".mjs") else str(PYTHON), str(PROCESSES / script)]
        self._shared = json.dumps(shared)
        self._process = self._start()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer: `accepts`, and how it refuses."""
        line = self._exchange(json.dumps(question))
        if not line:
            self._end()
            self._process = self._start()
            return dict(FALLEN)
        return dict(json.loads(line))

    def stop(self) -> None:
        """End the process."""
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(SECONDS)
        self._process.stdout.close()  # type: ignore[union-attr]

    def _start(self) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": ""},
        )
        started.stdin.write(self._shared + "\n")  # type: ignore[union-attr]
        started.stdin.flush()  # type: ignore[union-attr]
        return started

    def _exchange(self, line: str) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(line + "\n")
            stdin.flush()
        except BrokenPipeError:
            return ""
        answered, _, _ = select.select([stdout], [], [], SECONDS)
        return stdout.readline() if answered else ""

    def _end(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()  # type: ignore[union-attr]
            except BrokenPipeError:
                continue
