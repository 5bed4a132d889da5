"""
Starts the five services as processes of their own, keeps them up, ends them together.

A service that dies is started again after its whole process group is gone, so that no worker of
the old one holds the port or the database. Each service runs under Granian. The supervisor holds
no state of the city: killing it with all its children loses nothing that was acknowledged.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cityhall.city_file import SERVICES
from cityhall.errors import DeskError
from runtime.fetch import Fetcher, FetchError
from runtime.settings import Settings

FACTORIES = {
    "register": "register.app:create_app",
    "issuer": "issuer.app:create_app",
    "wallet_api": "wallet_api.app:create_app",
    "verifier": "verifier.app:create_app",
    "witness": "register.witness:create_app",
}
THREADS = 24
"""Of each service: as many requests may share one commit."""
READY_SECONDS = 60.0
PR_SET_PDEATHSIG = 1
URL_SETTINGS = {
    "register": "CITY_REGISTER_URL",
    "issuer": "CITY_ISSUER_URL",
    "wallet_api": "CITY_WALLET_URL",
    "verifier": "CITY_VERIFIER_URL",
    "witness": "CITY_WITNESS_URL",
}


class CannotStart(DeskError):
    """A service did not come up."""

    kind = "unavailable"
    code = "cannot_start"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start: addresses, data, the interface to listen on, TLS files, extra settings."""

    data_dir: Path
    urls: Mapping[str, str]
    listen: str
    certificate: Path | None
    private_key: Path | None
    ca_file: Path | None
    settings: Mapping[str, str]


@dataclass(slots=True)
class Supervisor:
    """The processes of one city."""

    plan: Plan
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Start all and wait until each answers /health."""
        refuse_taken_ports(self.plan)
        refuse_bad_settings(self.plan)
        for name in SERVICES:
            self._start(name)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Poll /health of each; CannotStart names the service and its log."""
        fetcher = build_fetcher(self.plan.ca_file, self.plan.urls)
        deadline = time.monotonic() + READY_SECONDS
        for name in SERVICES:
            while not is_healthy(fetcher, self.plan.urls[name]):
                self._refuse_dead(name)
                if time.monotonic() > deadline:
                    raise CannotStart(f"{name} does not answer:\n    {self._last_words(name)}")
                time.sleep(0.05)

    def keep_up(self) -> None:
        """Start again what has died. Call it often."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                end_group(process)
                self._start(name)

    def stop(self) -> None:
        """End every service, politely first."""
        for process in self.processes.values():
            signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + 8
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            end_group(process)

    def pids(self) -> dict[str, int]:
        """Process id of each service (the leader of its group)."""
        return {name: process.pid for name, process in self.processes.items()}

    def log_path(self, name: str) -> Path:
        """Where a service writes its log."""
        return self.plan.data_dir / "logs" / f"{name}.log"

    def _start(self, name: str) -> None:
        path = self.log_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                build_command(name, self.plan),
                env=build_environment(name, self.plan),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - only calls prctl
            )

    def _refuse_dead(self, name: str) -> None:
        code = self.processes[name].poll()
        if code is not None:
            raise CannotStart(
                f"{name} ended with code {code} while starting:\n    {self._last_words(name)}"
            )

    def _last_words(self, name: str) -> str:
        tail = self.log_path(name).read_text(errors="replace").splitlines()[-5:]
        return "\n    ".join([*tail, f"see {self.log_path(name)}"])


def build_command(name: str, plan: Plan) -> list[str]:
    """Granian's command line for one service."""
    port = urlsplit(plan.urls[name]).port or (443 if plan.certificate else 80)
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws",
        "--host", plan.listen, "--port", str(port), "--workers", "1",
        "--blocking-threads", str(THREADS), "--backpressure", "256",
        "--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning",
    ]  # fmt: skip
    if plan.certificate and plan.private_key:
        command += ["--ssl-certificate", str(plan.certificate)]
        command += ["--ssl-keyfile", str(plan.private_key)]
    return [*command, FACTORIES[name]]


def build_environment(name: str, plan: Plan) -> dict[str, str]:
    """The settings of one service; what the operator exported goes on unless it is ours to say."""
    environment = {**os.environ, **plan.settings}
    environment.update({URL_SETTINGS[service]: url for service, url in plan.urls.items()})
    environment["CITY_DATA_DIR"] = str(plan.data_dir)
    environment["CITY_SERVICE"] = name
    environment.setdefault("CITY_MODE", "development")
    if plan.ca_file:
        environment["CITY_CA_FILE"] = str(plan.ca_file)
    return environment


def build_fetcher(ca_file: Path | None, urls: Mapping[str, str]) -> Fetcher:
    """The desk's way to the counters: they stand on this machine, or at its network address."""
    return Fetcher(ca_file=ca_file, allow_loopback=True, trusted_origins=frozenset(urls.values()))


def is_healthy(fetcher: Fetcher, url: str) -> bool:
    """Whether the service answers /health with 200."""
    try:
        answer = fetcher.get(f"{url}/health", accept="application/json", max_bytes=65536)
    except FetchError:
        return False
    return answer.status == 200


def refuse_taken_ports(plan: Plan) -> None:
    """Say so before starting, when another program listens on one of the ports."""
    for name, url in plan.urls.items():
        port = urlsplit(url).port
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((plan.listen, port or 0))
            except OSError as error:
                raise CannotStart(
                    f"port {port} for {name} is taken: choose another with --base-port"
                ) from error


def refuse_bad_settings(plan: Plan) -> None:
    """A service that cannot use a setting would only be started again and again."""
    for name in SERVICES:
        Settings.from_environment(build_environment(name, plan), service=name)


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the service and its workers; they started as a group of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Make sure that nothing of the service is left."""
    signal_group(process, signal.SIGKILL)
    process.wait()


def _die_with_parent() -> None:
    """A service must not outlive a supervisor that was killed (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
