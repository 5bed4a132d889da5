"""
`./city interop`: the endpoints and the command line that the public W3C suites drive.

Without an action it serves VCALM on loopback, over HTTPS with a generated CA, until Ctrl-C.
`issue` and `verify` are the command line of the VC-JOSE-COSE suite: one document in a file, one
result in a file. docs/interop.md says how to run each suite.
"""

import argparse
import ssl
from datetime import datetime
from pathlib import Path

from werkzeug.serving import make_server

from cityhall.command_line import show
from cityhall.errors import DeskError
from cityhall.interop.app import create_app
from cityhall.interop.issuers import load_issuers
from cityhall.interop.jose_cose import FEATURES, Task, run_task
from cityhall.interop.suite_file import build_suite_file
from cityhall.tls import ensure_tls
from encoding.strict_json import parse_json
from runtime.clock import system_clock

HELP = "VCALM endpoints on loopback, and a command line, for public test suites"
DEFAULT_PORT = 8460
HOSTS = ("localhost", "127.0.0.1")
MAX_PATHS = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Serving, and the words of the VC-JOSE-COSE suite."""
    parser.add_argument("action", nargs="?", choices=("serve", "issue", "verify"), default="serve")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--http", action="store_true", help="serve plain http")
    parser.add_argument("--bbs", action="store_true", help="offer bbs-2023, which is a draft")
    parser.add_argument("--print-config", action="store_true", help="what suites want; then end")
    parser.add_argument("--input", type=Path, help="issue, verify: the document or what secures it")
    parser.add_argument("--key", type=Path, help="issue, verify: a verification method as JSON")
    parser.add_argument("--feature", choices=FEATURES, help="issue, verify: what, and how secured")
    parser.add_argument("--sd", default="[]", help="issue: paths to disclose selectively, as JSON")
    parser.add_argument("--output", type=Path, help="issue, verify: where the result goes")
    parser.add_argument("--now", help="verify: at this time (RFC 3339)")


def run(arguments: argparse.Namespace) -> int:
    """Serve, or do one task of the suite; then the exit code is 0 whatever the result."""
    if arguments.action != "serve":
        return _run_task(arguments)
    folder = arguments.data_dir / "interop"
    issuers = load_issuers(folder, with_bbs=arguments.bbs)
    scheme = "http" if arguments.http else "https"
    base_url = f"{scheme}://{HOSTS[0]}:{arguments.port}"
    configuration = build_suite_file(issuers.values(), base_url=base_url)
    if arguments.print_config:
        show(arguments, configuration)
        return 0
    context = None
    if not arguments.http:
        _, certificate, key = ensure_tls(folder, hosts=HOSTS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    app = create_app(issuers, base_url=base_url, clock=system_clock(0))
    server = make_server(HOSTS[1], arguments.port, app, threaded=True, ssl_context=context)
    ready = f"{base_url} is ready; its CA is {folder / 'ca.pem'}"
    show(arguments, {"url": base_url, "ca": str(folder / "ca.pem")}, ready)
    server.serve_forever()
    return 0


def _run_task(arguments: argparse.Namespace) -> int:
    wanted = ("input", "key", "feature", "output")
    if any(getattr(arguments, name) is None for name in wanted):
        raise DeskError(f"{arguments.action} needs --input, --key, --feature and --output")
    task = Task(
        action=arguments.action,
        feature=arguments.feature,
        document=arguments.input.read_bytes(),
        key=arguments.key.read_bytes(),
        paths=parse_json(arguments.sd, max_bytes=MAX_PATHS),
        now=_read_now(arguments.now),
    )
    result = run_task(task)
    arguments.output.write_bytes(result.build_json())
    show(arguments, {"result": result.result, "data": result.data}, result.result)
    return 0


def _read_now(text: str | None) -> datetime:
    if text is None:
        return system_clock(0)()
    try:
        now = datetime.fromisoformat(text)
    except ValueError as error:
        raise DeskError("--now is a time such as 2026-11-22T09:00:00Z") from error
    if now.tzinfo is None:
        raise DeskError("--now needs its zone, such as Z")
    return now
