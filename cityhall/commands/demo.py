"""
`./city demo`: the whole city on this machine, with its own embedded engines.

Ctrl-C ends it; a second start goes on with the same data. Plain http on localhost is a development
exception; `--tls` serves HTTPS under a generated authority, `--lan` on the network as well.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from cityhall.city_file import City, city_path, is_supervisor, read_city_value, write_city
from cityhall.command_line import ROOT, show
from cityhall.desk import build_desk
from cityhall.errors import DeskError
from cityhall.lan import find_lan_address, show_phone_help
from cityhall.supervisor import CannotStart, Plan, Supervisor
from cityhall.tls import ensure_tls
from encoding.strict_json import JsonValue
from mobile_demo.desk import Desk, prepare_operator_keys
from mobile_demo.seed import make_links, seed_city

HELP = "run the whole demo city"
SEED_FILE = "seed"
ORDER = ("register", "issuer", "wallet_api", "verifier", "witness")
FIRST_PORT, LAST_PORT = 1024, 65_535
IN_FRONT = "Try ./city tour in another window. Ctrl-C ends the city."
BEHIND = "Try ./city tour. The city goes on in the background: ./city stop ends it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how."""
    parser.add_argument(
        "--base-port", type=read_port, default=8400, help="register's port (default 8400)"
    )
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    parser.add_argument(
        "--seed",
        type=int,
        default=None,
        help="draw the person of the example papers from this number",
    )
    parser.add_argument("--tls", action="store_true", help="HTTPS under a generated authority")
    parser.add_argument(
        "--lan", action="store_true", help="listen on the network, QR for the phone"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def read_port(text: str) -> int:
    """The first of five ports in a row; lower ones are not for services without privileges."""
    port = int(text)
    if not FIRST_PORT <= port <= LAST_PORT - len(ORDER) + 1:
        raise ValueError(text)
    return port


def run(arguments: argparse.Namespace) -> int:
    """Start, seed, show the table, keep the services up until told to end."""
    data_dir: Path = arguments.data_dir.resolve()
    refuse_second_city(data_dir)
    if arguments.detach:
        return detach(arguments, data_dir)
    signal.signal(signal.SIGTERM, _interrupt)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if arguments.seed is not None:
        (data_dir / SEED_FILE).write_text(str(arguments.seed))
    supervisor = Supervisor(build_plan(arguments, data_dir))
    started = time.monotonic()
    try:
        value = open_city(supervisor, started=started)
        show(arguments, value, describe(value, ending=IN_FRONT))
        if arguments.lan:
            show_phone_help(supervisor.plan)
        sys.stdout.flush()
        open_browser(arguments, value)
        while True:
            time.sleep(0.5)
            supervisor.keep_up()
            _refresh_pids(value, supervisor)
    except KeyboardInterrupt:
        print("\nending the city", file=sys.stderr)
        return 0
    finally:
        supervisor.stop()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def refuse_second_city(data_dir: Path) -> None:
    """Two cities on one data directory would fight for it."""
    if city_path(data_dir).exists():
        pids = read_city_value(data_dir).get("pids")
        pid = pids.get("supervisor") if isinstance(pids, dict) else None
        if isinstance(pid, int) and pid != os.getpid() and is_supervisor(pid):
            raise DeskError("a city already runs from this data directory: end it with ./city stop")


def build_plan(arguments: argparse.Namespace, data_dir: Path) -> Plan:
    """Addresses, TLS files and settings for these words."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepare_operator_keys(data_dir)
    tls = arguments.tls or arguments.lan
    host = find_lan_address() if arguments.lan else "localhost"
    certificate = private_key = ca_file = None
    if tls:
        hosts = tuple(dict.fromkeys((host, "localhost", "127.0.0.1")))
        ca_file, certificate, private_key = ensure_tls(data_dir, hosts=hosts)
    scheme = "https" if tls else "http"
    return Plan(
        data_dir=data_dir,
        urls={
            name: f"{scheme}://{host}:{arguments.base_port + offset}"
            for offset, name in enumerate(ORDER)
        },
        listen="0.0.0.0" if arguments.lan else "127.0.0.1",  # noqa: S104 - asked for with --lan
        certificate=certificate,
        private_key=private_key,
        ca_file=ca_file,
        settings={},
    )


def open_city(supervisor: Supervisor, *, started: float) -> dict[str, JsonValue]:
    """Start the services, seed the city, write city.json."""
    plan = supervisor.plan

    def progress(text: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {text}", file=sys.stderr, flush=True)

    progress("starting register, issuer, wallet_api, verifier, witness")
    supervisor.start()
    desk = build_desk(plan.data_dir, urls=plan.urls, ca_file=plan.ca_file)
    if not is_seeded(plan):
        seed_city(desk, progress=progress)
        mark_seeded(plan)
    value = describe_city(supervisor, desk)
    write_city(plan.data_dir, value)
    progress("ready")
    return value


def read_seed(data_dir: Path) -> int | None:
    """The number that `--seed` gave, for the example papers of `./city issue`."""
    path = data_dir / SEED_FILE
    return int(path.read_text()) if path.exists() else None


def open_browser(arguments: argparse.Namespace, value: dict[str, JsonValue]) -> None:
    """The resident's wallet in the desktop's browser, where there is a desktop."""
    has_desktop = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    urls = value["urls"]
    if has_desktop and sys.stdout.isatty() and not arguments.no_browser and isinstance(urls, dict):
        webbrowser.open(str(urls["wallet_api"]))


def is_seeded(plan: Plan) -> bool:
    """Whether the demo city was founded for these addresses."""
    marker = plan.data_dir / "seeded"
    return marker.exists() and marker.read_text() == plan.urls["issuer"]


def mark_seeded(plan: Plan) -> None:
    """Remember it; the agencies' identifiers hold the addresses."""
    (plan.data_dir / "seeded").write_text(plan.urls["issuer"])


def describe_city(supervisor: Supervisor, desk: Desk) -> dict[str, JsonValue]:
    """The value of city.json."""
    plan = supervisor.plan
    links: list[JsonValue] = [dict(link) for link in make_links(desk)]
    return {
        "urls": dict(plan.urls),
        "pids": {"supervisor": os.getpid(), **supervisor.pids()},
        "ca_file": str(plan.ca_file) if plan.ca_file else None,
        "log_ins": links,
        "instance": secrets.token_hex(8),
    }


def _refresh_pids(value: dict[str, JsonValue], supervisor: Supervisor) -> None:
    pids: dict[str, JsonValue] = {"supervisor": os.getpid(), **supervisor.pids()}
    if value["pids"] != pids:
        value["pids"] = pids
        write_city(supervisor.plan.data_dir, value)


def describe(value: dict[str, JsonValue], *, ending: str) -> str:
    """The table of addresses and one-time links."""
    urls, log_ins = value["urls"], value["log_ins"]
    assert isinstance(urls, dict)
    assert isinstance(log_ins, list)
    lines = ["", "The city runs.", ""]
    for name, what in (
        ("wallet_api", "resident's wallet"),
        ("issuer", "agencies' portal"),
        ("verifier", "inspector and shops"),
        ("register", "public register"),
        ("witness", "witness"),
    ):
        lines.append(f"  {what:<22} {urls[name]}")
    lines += ["", "One-time log-in links (each registers a passkey):", ""]
    lines += [
        f"  {entry['who']:<34} {entry['link']}" for entry in log_ins if isinstance(entry, dict)
    ]
    lines += ["", ending, ""]
    return "\n".join(lines)


def open_private(path: Path) -> BinaryIO:
    """For writing, readable by its owner only: the table with the log-in links goes there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)
    return os.fdopen(handle, "wb")


def detach(arguments: argparse.Namespace, data_dir: Path) -> int:
    """Start the same command in a session of its own and wait until its city.json is there."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = ["demo", "--data-dir", str(data_dir), "--base-port", str(arguments.base_port)]
    words += [flag for flag in ("--tls", "--lan") if getattr(arguments, flag[2:])]
    words += ["--seed", str(arguments.seed)] if arguments.seed is not None else []
    log_path = data_dir / "supervisor.log"
    with open_private(log_path) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cityhall", *words],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    while process.poll() is None:
        time.sleep(0.05)
        if city_path(data_dir).exists():
            value = read_city_value(data_dir)
            pids = value.get("pids")
            if isinstance(pids, dict) and pids.get("supervisor") == process.pid:
                show(arguments, value, describe(value, ending=BEHIND))
                return 0
    tail = "\n".join(log_path.read_text(errors="replace").splitlines()[-12:])
    raise CannotStart(f"the city did not start:\n{tail}")


def open_temporary_city(data_dir: Path, *, base_port: int, tls: bool) -> tuple[Supervisor, City]:
    """A city of its own for the tour and the tests, started and seeded; the caller stops it."""
    words = argparse.Namespace(base_port=base_port, tls=tls, lan=False)
    supervisor = Supervisor(build_plan(words, data_dir))
    with ExitStack() as undo:
        undo.callback(supervisor.stop)
        open_city(supervisor, started=time.monotonic())
        undo.pop_all()
    plan = supervisor.plan
    return supervisor, City(data_dir, dict(plan.urls), supervisor.pids(), plan.ca_file)
