"""
Foreign implementations, each in a process of its own: started, asked, stopped.

A peer that is not installed is a reason to skip, which `--everything` turns into a failure. What a
peer refuses is `PeerRefused`, with its own words.
"""

import json
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from cityhall.command_line import ROOT
from cityhall.peers import PYTHON, has_peers

PEERS = Path(__file__).parent / "peers"
NODE = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
SCRIPTS = {
    "openvc-core": "openvc_peer.py",
    "sd-jwt": "sd_jwt_peer.py",
    "jwcrypto": "jwcrypto_peer.py",
    "isomdoc": "isomdoc_peer.py",
    "pymdoccbor": "pymdoccbor_peer.py",
    "cwt": "cwt_peer.py",
    "opentimestamps": "opentimestamps_peer.py",
    "pymerkle": "pymerkle_peer.py",
    "@sd-jwt/sd-jwt-vc": "sd_jwt_vc_peer.mjs",
    "jose": "jose_peer.mjs",
    "@digitalbazaar/vc": "digitalbazaar_peer.mjs",
    "@digitalbazaar/cborld": "cborld_peer.mjs",
    "@auth0/mdl": "auth0_mdl_peer.mjs",
    "@owf/mdoc": "owf_mdoc_peer.mjs",
}


class PeerRefused(Exception):
    """What the peer said instead of an answer."""


class Peer:
    """One foreign implementation. It ends when our side of the pipe closes."""

    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(
            [*_interpreter(SCRIPTS[name]), str(PEERS / SCRIPTS[name])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )

    def ask(self, op, **words):
        self.process.stdin.write(json.dumps({"op": op, **words}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended without an answer"
        answer = json.loads(line)
        if "refused" in answer:
            raise PeerRefused(f"{self.name}: {answer['refused']}")
        return answer["ok"]

    def accepts(self, op, **words):
        """Whether it answers at all."""
        try:
            self.ask(op, **words)
        except PeerRefused:
            return False
        return True

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _interpreter(script):
    return [NODE] if script.endswith(".mjs") else [str(PYTHON)]


@lru_cache
def _missing(name):
    if SCRIPTS[name].endswith(".mjs"):
        there = (ROOT / "node_modules" / name).exists() and Path(NODE).exists()
        return "" if there else "the npm packages of the peers are not installed"
    return "" if has_peers() else "the peers are not installed: ./city test --everything makes them"


def find_missing(name):
    """Why this peer cannot be asked, or nothing."""
    return _missing(name)


class Crew:
    """Peers by name, started when first asked for."""

    def __init__(self):
        self._peers = {}

    def __getitem__(self, name):
        if name not in self._peers:
            if reason := find_missing(name):
                pytest.skip(reason)
            self._peers[name] = Peer(name)
        return self._peers[name]

    def stop(self):
        for each in self._peers.values():
            each.stop()
