"""
`POST /api/v1/checks` under Granian, against a bare Flask hello under the same server plus two raw
verifications.

Every request carries a fresh code, since a code seen twice is `replayed`. Both servers have one
worker and the same threads, and the same client: bytes that were made beforehand, over plain
sockets, because an HTTP library would cost more than the bare application. What the client still
costs is printed.
"""

import socket
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
from benchmarks.peers.client import Peers
from benchmarks.raw import p256_verification
from cityhall.commands.demo import open_temporary_city
from cityhall.commands.tour import find_base_port
from cityhall.desk import desk_of
from cityhall.supervisor import THREADS
from encoding.strict_json import build_json
from mobile_demo.tour import VIEW, Tour, build_tour

CLIENTS = 16
CODES = 480
RUNS = 5
HEAD_END = b"\r\n\r\n"


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
            checks, hellos, client = [], [], 0.0
            for _ in range(RUNS):
                bodies = [
                    build_json({"qr": tour.device.show(VIEW), "purpose": "taxi-inspection"})
                    for _ in range(CODES)
                ]
                used = time.process_time()
                checks.append(hammer(url, "/api/v1/checks", bodies, headers, expect=is_passed))
                client += time.process_time() - used
                hellos.append(
                    hammer(f"http://localhost:{port}", "/hello", bodies, {}, expect=is_hello)
                )
        finally:
            server.terminate()
            server.wait()
            supervisor.stop()
    client_cost = client / (RUNS * CODES)
    return [build_row(statistics.median(checks), statistics.median(hellos), client_cost, peers)]


def build_row(ours: float, hello: float, client_cost: float, peers: Path) -> Row:
    """The limit adds what cannot be avoided: a request, and two verifications."""
    peer = Peers(peers, build_papers())
    try:
        found = compete(
            {"raw": local(p256_verification()), "peer": lambda: peer.rate("verify_sd_jwt")}
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
        note="ours also knows the caller, unpacks the code, asks the lists, claims the code and "
        f"records the verdict, durable before the answer (hello {hello:,.0f} /s; the client "
        f"spends {client_cost * 1e6:,.0f} us a request)",
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
         "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--blocking-threads", str(THREADS), "--log-level", "error",
         "benchmarks.hello:create_app"],
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    for _ in range(200):
        try:
            hammer(f"http://localhost:{port}", "/hello", [b"{}"], {}, expect=is_hello)
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
    """Requests per second of all bodies, over connections that stay open."""
    parts = urlsplit(url)
    head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = [f"{head}Content-Length: {len(body)}".encode() + HEAD_END + body for body in bodies]

    def work(share: Sequence[bytes]) -> list[bytes]:
        with socket.create_connection((str(parts.hostname), parts.port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return [exchange(connection, request) for request in share]

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = pool.map(work, [requests[start::CLIENTS] for start in range(CLIENTS)])
        given = [answer for share in answers for answer in share]
    elapsed = time.perf_counter() - started
    wrong = sum(not expect(answer) for answer in given)
    if wrong:
        raise AssertionError(f"{wrong} of {len(bodies)} answers were wrong")
    return len(bodies) / elapsed


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """One request on an open connection; the body of its answer."""
    connection.sendall(request)
    answer = b""
    while HEAD_END not in answer:
        answer += receive(connection)
    head, _, body = answer.partition(HEAD_END)
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += receive(connection)
    return body


def receive(connection: socket.socket) -> bytes:
    """What has come; a connection that ended is an error, never an answer."""
    part = connection.recv(65_536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


def is_passed(answer: bytes) -> bool:
    """A verdict that passed."""
    return b'"outcome":"passed","purpose"' in answer.replace(b'": ', b'":').replace(b", ", b",")


def is_hello(answer: bytes) -> bool:
    """The word."""
    return answer == b"hello"


def _ignore(step: object) -> None:
    """The bench does not report steps."""
