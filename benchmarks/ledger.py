"""
The ledger: trees of 10^6 to 10^9 statuses, staples checked and served, epochs made durable.

Each scale is measured in a process of its own (`benchmarks.scale`). CPU-seconds of one thread, but
for durable epochs, which wait for the disk: those go by the clock.
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from nacl.bindings import crypto_sign_open

from benchmarks.hello import create_app as create_hello
from benchmarks.measure import RUNS, Contender, Row, compete, local
from benchmarks.operation import by_the_clock, refuse_unless
from benchmarks.raw import ed25519_signature
from benchmarks.register_city import RegisterCity
from benchmarks.scale import raw_hashes
from benchmarks.staple_papers import INDEX, StaplePapers, build_papers
from ledger.note import verify_checkpoint
from ledger.staple_form import parse_staple

SCALES = (10**6, 10**7, 10**8, 10**9)
PEER = Path(__file__).parent / "peers" / "pymerkle_peer.py"
MILLISECONDS = 0.6
EPOCHS = 25


def run(peers: Path) -> list[Row]:
    """Every row."""
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="city-bench-")))
        city = closing.enter_context(RegisterCity(folder))
        papers = build_papers()
        return [
            *(_scale_row(statuses, peers) for statuses in SCALES),
            *_verification_rows(papers, peers),
            _serving_row(city),
            _anchor_row(city, folder),
        ]


def _scale_row(statuses: int, peers: Path) -> Row:
    """The cold build, in hashes; the note has seconds and memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", str(statuses)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    epochs = ", ".join(
        f"{int(count):,}: {seconds * 1000:,.1f} ms" for count, seconds in found["epochs"].items()
    )
    return Row(
        f"trees of {statuses:,} statuses, cold, hashes",
        found["hashes"] / found["cold"],
        found["raw"],
        "raw SHA-256 of 65 bytes",
        2 * peer_rate(peers, "build")(),
        "pymerkle, a tree of 4,096 chunks, two hashes for each",
        note=f"{found['lists']} lists, cold {found['cold']:.2f} s, {found['megabytes']:,.0f} MB; "
        f"an epoch with changes: {epochs}",
    )


def _verification_rows(papers: StaplePapers, peers: Path) -> list[Row]:
    """With the head, its four signatures new each time, and with the head held."""

    entry = papers.verify(papers.whole, None).entry
    refuse_unless(entry.value == papers.verify(papers.lean, papers.head).entry.value, "staple")
    path = parse_staple(papers.lean).entry
    hashes = len(path.chunk_path) + len(path.list_path) + 3
    found = compete(
        {
            "fresh": local(partial(_verify_fresh, papers)),
            "raw": local(raw_cosignature()),
            "held": local(lambda: papers.verify(papers.lean, papers.head)),
            "hash": raw_hashes,
            "peer": peer_rate(peers, "verify"),
        }
    )
    spent = 1000 / found["fresh"]
    return [
        Row(
            "verify a staple of 10^9, four signatures",
            found["fresh"],
            found["raw"] / 4,
            "four raw Ed25519 verifications, libsodium",
            None,
            "none",
            note=f"{spent:.3f} ms of {MILLISECONDS} ms: "
            f"{'met' if spent <= MILLISECONDS else 'missed'}; {len(papers.whole)} bytes",
        ),
        Row(
            "the same, the epoch's head held",
            found["held"],
            found["hash"] / hashes,
            f"{hashes} raw SHA-256",
            found["peer"],
            "pymerkle, one path of 12 and nothing else",
            note=f"{1000 / found['held']:.3f} ms; {len(papers.lean)} bytes",
        ),
    ]


def _verify_fresh(papers: StaplePapers) -> None:
    """As for the first staple of an epoch: no checkpoint is remembered."""
    verify_checkpoint.cache_clear()
    papers.verify(papers.whole, None)


def _serving_row(city: RegisterCity) -> Row:
    """`GET /proofs` through the whole application, without a socket."""
    client, hello = city.app.test_client(), create_hello().test_client()
    path = city.staple_path(INDEX)
    refuse_unless(len(client.get(path).data) > 500, "register")
    found = compete(
        {
            "ours": local(lambda: client.get(path).data),
            "hello": local(lambda: hello.post("/hello", data=b"x").data),
        }
    )
    return Row(
        "GET /proofs, one staple each",
        found["ours"],
        found["hello"],
        "a bare Flask application, the same client",
        None,
        "none",
        note="one process, no socket; a list of 2^20 two-bit statuses",
    )


def _anchor_row(city: RegisterCity, folder: Path) -> Row:
    """Epochs closed, signed, cosigned by a witness on loopback and published."""
    commits = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    commits.execute("PRAGMA journal_mode=WAL")
    commits.execute("PRAGMA synchronous=FULL")
    commits.execute("CREATE TABLE row (value TEXT)")
    ours = by_the_clock(lambda: city.close_epochs(EPOCHS), count=EPOCHS)
    limit = by_the_clock(
        lambda: [commits.execute("INSERT INTO row VALUES ('x')") for _ in range(EPOCHS * 5)],
        count=EPOCHS,
    )
    found: dict[str, list[float]] = {"ours": [], "limit": []}
    for _ in range(RUNS):
        found["limit"].append(limit())
        found["ours"].append(ours())
    commits.close()
    return Row(
        "durable anchors: epochs with one local witness",
        statistics.median(found["ours"]),
        statistics.median(found["limit"]),
        "five SQLite commits, synchronous=FULL",
        None,
        "none",
        note="append, sign, keep, cosign over HTTP, publish; by the clock. "
        "A city needs one a minute, for any number of credentials",
    )


def raw_cosignature() -> Callable[[], object]:
    """One verification by libsodium of a message as long as a cosignature's."""
    public_key, message, signature = ed25519_signature(170)
    return lambda: crypto_sign_open(signature + message, public_key)


def peer_rate(peers: Path, operation: str) -> Contender:
    """pymerkle's rate, in a process of its own."""

    def contend() -> float:
        started = time.perf_counter()
        done = subprocess.run(
            [str(peers), "-W", "ignore", str(PEER), operation],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        refuse_unless(time.perf_counter() - started > 0.4, "peer")
        return float(done.stdout)

    return contend
