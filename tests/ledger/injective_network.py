"""
Four real validators of a BFT network on loopback: the node of the PyPI package `injective-core`.

Each validator is a process of its own that is ended by its id. The package lies in
`.venv-injective`, made from its own lock, for tests only (docs/decisions names its licence).
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cityhall.peers import INJECTIVE

CHAIN_ID = "injective-777"
EVM_CHAIN_ID = 777
BOND = 10**21
PURSE = 10**24
DENOM = "inj"
PORT_NAMES = ("rpc", "p2p", "api", "grpc", "evm", "evm_ws")
SECTIONS = {
    "config.toml": {
        ("rpc", "laddr"): "tcp://127.0.0.1:{rpc}",
        ("rpc", "pprof_laddr"): "",
        ("p2p", "laddr"): "tcp://127.0.0.1:{p2p}",
        ("p2p", "persistent_peers"): "{peers}",
        ("p2p", "addr_book_strict"): False,
        ("p2p", "allow_duplicate_ip"): True,
        ("p2p", "pex"): False,
    },
    "app.toml": {
        ("api", "address"): "tcp://127.0.0.1:{api}",
        ("grpc", "address"): "127.0.0.1:{grpc}",
        ("json-rpc", "address"): "127.0.0.1:{evm}",
        ("json-rpc", "ws-address"): "127.0.0.1:{evm_ws}",
    },
}


class NodeFailed(Exception):
    """A command of the node did not work."""


@dataclass
class Validator:
    """One node: its folder, its ports, its process while it runs."""

    number: int
    home: Path
    ports: dict[str, int]
    node_id: str = ""
    address: str = ""
    process: subprocess.Popen | None = None

    @property
    def key(self):
        return f"validator{self.number}"

    def url(self, port):
        return f"http://127.0.0.1:{self.ports[port]}"

    @property
    def peer(self):
        return f"{self.node_id}@127.0.0.1:{self.ports['p2p']}"


@dataclass
class Network:
    """The four of them. `with Network(...)` starts them and ends them again."""

    folder: Path
    purses: dict[str, int] = field(default_factory=dict)
    validators: list[Validator] = field(default_factory=list)
    node: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    started_in: float = 0.0

    def __enter__(self):
        start = time.monotonic()
        self.node, self.environment = _find_node()
        self.validators = [
            Validator(number, self.folder / f"n{number}", ports)
            for number, ports in enumerate(_free_ports(4))
        ]
        with ExitStack() as undo:
            undo.callback(self.__exit__)
            self._found()
            for validator in self.validators:
                self.start(validator)
            self.await_height(2)
            self.started_in = time.monotonic() - start
            undo.pop_all()
        return self

    def __exit__(self, *_):
        for validator in self.validators:
            self.kill(validator)

    def start(self, validator):
        """Start this one, from nothing or where it was killed."""
        with (validator.home / "log").open("ab") as log:
            validator.process = subprocess.Popen(
                [*self.node, "start", "--home", str(validator.home), "--chain-id", CHAIN_ID,
                 "--log-level", "warn"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=self.environment, cwd=validator.home,
            )  # fmt: skip

    def kill(self, validator):
        """SIGKILL by the id of its process."""
        if validator.process is not None:
            os.kill(validator.process.pid, signal.SIGKILL)
            validator.process.wait(10)
            validator.process = None

    def running(self):
        return [each for each in self.validators if each.process is not None]

    def height(self, validator):
        """Its newest block; None when it does not answer."""
        try:
            with urllib.request.urlopen(f"{validator.url('rpc')}/status", timeout=2) as answer:
                status = json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None
        return int(status["result"]["sync_info"]["latest_block_height"])

    def await_height(self, height, seconds=60):
        """Wait until every running validator holds this block."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            heights = [self.height(each) for each in self.running()]
            if all(each is not None and each >= height for each in heights):
                return heights
            time.sleep(0.2)
        raise NodeFailed(f"no block {height} within {seconds} s: {heights}; {self._last_words()}")

    def memory(self):
        """Resident bytes of all running validators."""
        pages = 0
        for each in self.running():
            pages += int(Path(f"/proc/{each.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _found(self):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._make_home, self.validators))
        first, genesis = self.validators[0], self.validators[0].home / "config" / "genesis.json"
        genesis.write_text(json.dumps(_founded(json.loads(genesis.read_text()))))
        purses = {each.address: PURSE for each in self.validators} | self.purses
        for address, amount in purses.items():
            self._run(
                first, "genesis", "add-genesis-account", address, f"{amount}{DENOM}",
                "--chain-id", CHAIN_ID,
            )  # fmt: skip
        for each in self.validators[1:]:
            (each.home / "config" / "genesis.json").write_bytes(genesis.read_bytes())
        papers = first.home / "config" / "gentx"
        papers.mkdir()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda each: self._sign_bond(each, papers), self.validators))
        self._run(first, "genesis", "collect-gentxs")
        peers = ",".join(each.peer for each in self.validators)
        for each in self.validators:
            (each.home / "config" / "genesis.json").write_bytes(genesis.read_bytes())
            _configure(each, peers)

    def _make_home(self, each):
        self._run(each, "init", each.key, "--chain-id", CHAIN_ID, "--default-denom", DENOM)
        made = self._run(
            each, "keys", "add", each.key, "--keyring-backend", "test", "--output", "json"
        )
        each.address = json.loads(made)["address"]
        each.node_id = self._run(each, "comet", "show-node-id").strip()

    def _sign_bond(self, each, papers):
        self._run(
            each, "genesis", "gentx", each.key, f"{BOND}{DENOM}", "--chain-id", CHAIN_ID,
            "--keyring-backend", "test", "--ip", "127.0.0.1", "--p2p-port",
            str(each.ports["p2p"]), "--output-document", str(papers / f"{each.number}.json"),
        )  # fmt: skip

    def _run(self, validator, *words):
        done = subprocess.run(
            [*self.node, *words, "--home", str(validator.home)],
            capture_output=True, text=True, check=False, timeout=60,
            env=self.environment, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise NodeFailed(f"{words[:2]}: {done.stderr[-600:]}")
        return done.stdout

    def _last_words(self):
        logs = [each.home / "log" for each in self.validators]
        return [log.read_text(errors="replace")[-300:] for log in logs if log.exists()]


def _find_node():
    """The command of the node and what it needs; the package unpacks it the first time."""
    find = "import injective_core; print(injective_core.get_binary_path())"
    done = subprocess.run(
        [INJECTIVE.python, "-c", find], capture_output=True, text=True, check=True, timeout=120
    )
    binary = Path(done.stdout.strip())
    return [str(binary)], {**os.environ, "LD_LIBRARY_PATH": str(binary.parent)}


def _founded(genesis):
    state = genesis["app_state"]
    state["evm"]["params"]["chain_config"]["eip155_chain_id"] = str(EVM_CHAIN_ID)
    state["slashing"]["params"]["signed_blocks_window"] = "100000"
    return genesis


def _configure(validator, peers):
    words = {**validator.ports, "peers": peers}
    for name, changes in SECTIONS.items():
        path = validator.home / "config" / name
        path.write_text(_changed(path.read_text(), changes, words))


def _changed(text, changes, words):
    """The same TOML with other values; a setting that is not there is an error."""
    section, lines, left = "", [], dict(changes)
    for line in text.splitlines():
        key = line.split(" = ")[0]
        if line.startswith("["):
            section = line.strip("[]")
        if (section, key) in left:
            value = left.pop((section, key))
            filled = value.format(**words) if isinstance(value, str) else value
            lines.append(f"{key} = {json.dumps(filled)}")
        else:
            lines.append(line)
    if left:
        raise NodeFailed(f"the node has no settings {sorted(left)}")
    return "\n".join(lines) + "\n"


def _free_ports(validators):
    """
    Ports below those that the system gives to outgoing connections, which might otherwise take one
    between this look and the start of its node.
    """
    names = [(number, name) for number in range(validators) for name in PORT_NAMES]
    for first in range(12_000 + os.getpid() % 97 * 200, 32_000, len(names)):
        if all(_is_free(first + place) for place in range(len(names))):
            break
    else:
        raise NodeFailed("no ports are free")
    ports = [{} for _ in range(validators)]
    for place, (number, name) in enumerate(names):
        ports[number][name] = first + place
    return ports


def _is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
