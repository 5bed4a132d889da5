"""
polaris-oid4vp (OpenID4VP 1.0 with HAIP, certified) as the verifier at our wallet, over HTTPS.

The peer makes the request object and reads the encrypted answer (`direct_post.jwt`). It trusts our
agency by the city's root certificate, as any verifier of another country would.
"""

import re
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from cityhall.commands.demo import open_temporary_city
from cityhall.desk import desk_of
from cityhall.peers import VENV, has_peers
from cityhall.tls import ensure_tls
from mobile_demo.device import open_device
from mobile_demo.errors import DemoError
from mobile_demo.people import agency_for
from mobile_demo.tour import example_of
from tests.support.cities import free_base_port

pytestmark = pytest.mark.interop
POLARIS = VENV / "bin" / "polaris-oid4vp"


class Peer:
    """`polaris-oid4vp serve --once`: one request, its links and its verdict on standard output."""

    def __init__(self, folder, port, *words):
        self.lines = []
        where = ["--host", "localhost", "--bind", "127.0.0.1", "--port", str(port)]
        self.process = subprocess.Popen(
            [POLARIS, "serve", "--pki", folder / "pki", "--once", "--verbose", *where, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def wait_for(self, pattern):
        pause = threading.Event()
        for _ in range(200):
            found = re.search(pattern, "".join(self.lines))
            if found:
                return found
            pause.wait(0.05)
        raise AssertionError("".join(self.lines))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.reader.join(5)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def stage():
    """A city under HTTPS whose wallet also trusts the peer's web server, and the peer's keys."""
    if not has_peers():
        pytest.skip("the peers are not installed: ./city test --everything makes them")
    with tempfile.TemporaryDirectory(prefix="city-polaris-") as name:
        folder = Path(name)
        subprocess.run(
            [POLARIS, "keygen", "--out", folder / "pki", "--host", "localhost"],
            check=True,
            capture_output=True,
        )
        data_dir = folder / "city"
        data_dir.mkdir()
        ca_file, _, _ = ensure_tls(data_dir, hosts=("localhost", "127.0.0.1"))
        authorities = [
            path.read_text()
            for path in sorted((folder / "pki").glob("*.pem"))
            if "CERTIFICATE" in path.read_text() and "key" not in path.name
        ]
        ca_file.write_text(ca_file.read_text() + "".join(authorities))
        supervisor, city = open_temporary_city(data_dir, base_port=free_base_port(), tls=True)
        try:
            yield folder, desk_of(city)
        finally:
            supervisor.stop()


def wallet_with_licence(desk, folder):
    device = open_device(
        folder / "devices",
        "traveller",
        wallet_url=desk.urls["wallet_api"],
        fetcher=desk.fetcher,
        clock=desk.clock,
    )
    agency = agency_for("driving-licence")
    officer = desk.letters("issuer", role="officer", agency=agency)
    claims = example_of("driving-licence")
    offered = officer.post(
        "/api/v1/offers", {"agency": agency, "type": "driving-licence", "claims": claims}
    )
    device.receive(offered["offer_uri"], tx_code=None)
    return device


def ask(desk, folder, *, anchor):
    vct = f"{desk.urls['issuer']}/types/driving-licence"
    words = ["--issuer-trust-anchor", anchor, "--vct", vct]
    return Peer(folder, free_base_port() + 7, *words)


def test_the_certified_verifier_accepts_our_wallet(stage):
    folder, desk = stage
    device = wallet_with_licence(desk, folder)
    root = folder / "root.pem"
    root.write_text(desk.letters("register", role="operator").text("/root.pem", accept="*/*"))
    peer = ask(desk, folder, anchor=root)
    try:
        link = peer.wait_for(r"(openid4vp://\S+)")[1]
        opened = device.open_request(link)
        answered = device.answer(link, choices={}, consent=lambda _: True)
        peer.wait_for(r"<- 200 authentic, claims .*'family_name', 'given_name'")
    finally:
        peer.stop()

    assert answered["accepted"] is True
    assert opened["verifier"]["registered"] is False, "a stranger is shown as a stranger"


def test_the_certified_verifier_refuses_a_licence_of_a_city_it_does_not_trust(stage):
    folder, desk = stage
    device = wallet_with_licence(desk, folder)
    peer = ask(desk, folder, anchor=folder / "city" / "ca.pem")
    try:
        link = peer.wait_for(r"(openid4vp://\S+)")[1]
        with pytest.raises(DemoError):
            device.answer(link, choices={}, consent=lambda _: True)
    finally:
        peer.stop()
