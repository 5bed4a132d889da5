"""
openid4vc-ts (npm @openid4vc/*) as a wallet: at our issuer, and at our verifier. The peer makes
every message; we only look at what came of it.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mobile_demo.people import agency_for
from mobile_demo.tour import example_of
from tests.support.cities import running_city

pytestmark = pytest.mark.interop
ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "peers" / "openid4vc_ts_wallet.mjs"
NODE = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
FOUR = {
    "driving_licence": "driving-licence",
    "taxi_permit": "taxi-permit",
    "vehicle_registration": "vehicle-registration",
    "insurance": "insurance-certificate",
}


class Peer:
    """The foreign wallet as a child process."""

    def __init__(self):
        if not (ROOT / "node_modules/@openid4vc/openid4vci").exists() or not Path(NODE).exists():
            pytest.skip("the npm packages of the peers are not installed")
        self.process = subprocess.Popen(
            [NODE, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, command, **words):
        self.process.stdin.write(json.dumps({"command": command, **words}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return answer["ok"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def desk():
    with running_city() as (_, desk):
        yield desk


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.stop()


def offer(desk, type_name, **wish):
    agency = agency_for(type_name)
    officer = desk.letters("issuer", role="officer", agency=agency)
    claims = example_of(type_name)
    body = {"agency": agency, "type": type_name, "claims": claims, **wish}
    return officer.post("/api/v1/offers", body)


@pytest.mark.parametrize("uri", ["offer_uri", "offer_uri_by_value"])
def test_the_foreign_wallet_receives_by_reference_and_by_value(desk, peer, uri):
    offered = offer(desk, "driving-licence", tx_code=True)

    received = peer.ask("receive", offer=offered[uri], txCode=offered["tx_code"])

    assert received["configuration"] == "driving-licence.dc+sd-jwt"
    assert received["credential"].endswith("~")
    assert received["draft"].startswith("V1"), "our metadata is read as 1.0, not as a draft"


@pytest.mark.parametrize("format_", ["vc+jwt", "vc+sd-jwt"])
def test_the_foreign_wallet_receives_w3c_formats_bound_to_its_did(desk, peer, format_):
    offered = offer(desk, "residency", format=format_)

    received = peer.ask("receive", offer=offered["offer_uri"], binding="did:jwk")

    assert received["configuration"] == f"residency.{format_}"


def test_the_foreign_wallet_answers_the_taxi_inspection_and_passes(desk, peer):
    for type_name in FOUR.values():
        peer.ask("receive", offer=offer(desk, type_name)["offer_uri"])
    verifier = desk.letters("verifier", role="business")
    session = verifier.post("/api/v1/sessions", {"purpose": "taxi-inspection"})

    answered = peer.ask("present", request=session["request_uri"], choices=FOUR)

    state = verifier.get(f"/api/v1/sessions/{session['id']}")
    assert answered["status"] == 200
    assert state["state"] == "answered"
    assert state["verdict"]["outcome"] == "passed"


def test_the_foreign_wallet_with_another_nonce_is_refused(desk, peer):
    for type_name in FOUR.values():
        peer.ask("receive", offer=offer(desk, type_name)["offer_uri"])
    verifier = desk.letters("verifier", role="business")
    session = verifier.post("/api/v1/sessions", {"purpose": "taxi-inspection"})

    answered = peer.ask(
        "present", request=session["request_uri"], choices=FOUR, changes={"nonce": "another-nonce"}
    )

    state = verifier.get(f"/api/v1/sessions/{session['id']}")
    assert answered["status"] == 400
    assert "wrong_nonce" in state["verdict"]["reasons"]
