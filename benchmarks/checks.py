"""
`POST /api/v1/checks` under Granian, against a bare Flask hello under the same server plus two raw
verifications.

Every request carries a fresh code, since a code seen twice is `replayed`. The client is a process
of its own on the other core; both servers have one worker and the same threads.
"""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measure import Row, compete, local
from benchmarks.papers import build_papers
from benchmarks.peers.openvc_client import OpenvcPeer
from benchmarks.workshop import raw_verification
from cityhall.commands.demo import open_temporary_city
from cityhall.commands.tour import find_base_port
from cityhall.desk import desk_of
from encoding.strict_json import build_json
from mobile_demo.tour import VIEW, Tour, build_tour

CLIENTS = 4
CODES = 240
RUNS = 5


def run(peers: Path) -> list[Row]:
    """One row; figures are requests per second of one worker."""
    with tempfile.TemporaryDirectory(prefix="city-bench-") as temporary:
        supervisor, city = open_temporary_city(
            Path(temporary), base_port=find_base_port(), tls=False
        )
        port = find_base_port() + 100
        server = start_hello(port)
        try:
            tour = build_tour(desk_of(city), Path(temporary), resident="bench", report=_ignore)
            prepare(tour)
            headers = dict(tour.desk.letters("verifier", role="inspector").headers)
            url = city.urls["verifier"]
            checks, hellos = [], []
            for _ in range(RUNS):
                bodies = [
                    build_json({"qr": tour.device.show(VIEW), "purpose": "taxi-inspection"})
                    for _ in range(CODES)
                ]
                checks.append(hammer(url, "/api/v1/checks", bodies, headers, expect=is_passed))
                hellos.append(
                    hammer(f"http://localhost:{port}", "/hello", bodies, {}, expect=is_hello)
                )
        finally:
            server.terminate()
            server.wait()
            supervisor.stop()
    return [build_row(statistics.median(checks), statistics.median(hellos), peers)]


def build_row(ours: float, hello: float, peers: Path) -> Row:
    """The limit adds what cannot be avoided: a request, and two verifications."""
    peer = OpenvcPeer(peers, build_papers())
    try:
        found = compete(
            {"raw": local(raw_verification()), "peer": lambda: peer.rate("verify_sd_jwt")}
        )
    finally:
        peer.stop()
    return Row(
        "POST /api/v1/checks, a fresh QR each",
        ours,
        1 / (1 / hello + 2 / found["raw"]),
        "bare Flask hello under Granian plus two raw verifications",
        1 / (1 / hello + 1 / found["peer"]),
        "the same hello plus one openvc-core verification, computed",
        note=f"ours also unpacks the code, claims it, records the verdict: two commits "
        f"(hello {hello:,.0f} /s)",
    )


def prepare(tour: Tour) -> None:
    """The four credentials and the view, as the tour's first steps get them."""
    for _, expected, act in tour.plan()[:6]:
        found, _ = act()
        if found != expected:
            raise AssertionError(f"the city is not ready: {found}")


def start_hello(port: int) -> "subprocess.Popen[bytes]":
    """The bare application under the same server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws",
         "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8",
         "--log-level", "error", "benchmarks.hello:create_app"],
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    for _ in range(200):
        try:
            post(http.client.HTTPConnection("localhost", port, timeout=2), "/hello", b"{}", {})
            return process
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the bare application does not start")


def hammer(
    url: str,
    path: str,
    bodies: Sequence[bytes],
    headers: dict[str, str],
    *,
    expect: Callable[[bytes], bool],
) -> float:
    """Requests per second of all bodies, over a few connections that stay open."""
    parts = urlsplit(url)
    shares = [bodies[start::CLIENTS] for start in range(CLIENTS)]

    def work(share: Sequence[bytes]) -> int:
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
        good = sum(expect(post(connection, path, body, headers)) for body in share)
        connection.close()
        return good

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        good = sum(pool.map(work, shares))
    elapsed = time.perf_counter() - started
    if good != len(bodies):
        raise AssertionError(f"{len(bodies) - good} of {len(bodies)} answers were wrong")
    return len(bodies) / elapsed


def post(
    connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> bytes:
    """One request on an open connection."""
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    return connection.getresponse().read()


def is_passed(answer: bytes) -> bool:
    """A verdict that passed."""
    return b'"outcome":"passed","purpose"' in answer.replace(b'": ', b'":').replace(b", ", b",")


def is_hello(answer: bytes) -> bool:
    """The word."""
    return answer == b"hello"


def _ignore(step: object) -> None:
    """The bench does not report steps."""
