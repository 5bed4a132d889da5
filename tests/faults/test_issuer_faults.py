"""
Every write of issuing and revoking fails before and after it took effect, and dies there.

The process that dies is a real one, killed by SIGKILL at a named place. What it acknowledged is
written down first; afterwards the counter starts anew, its invariants hold, and whoever repeats
the request ends with one result, never two (S-209; I1 to I5).
"""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from issuing_city import IssuingCity, StandInRegister, build_settings, read_offer_value

from credentials.model import StatusPurpose
from credentials.reading import read_credential
from credentials.status_lists import read_status_list, status_at
from issuer.status_publisher import publish_due
from issuer.store import check
from issuer.store.rows import CredentialRow, StatusEntryRow
from runtime.audit import verify_chain

MODES = ["fail-before", "fail-after", "kill-before", "kill-after"]
ISSUING = [
    "issuer.offer",
    "issuer.redeem",
    "issuer.nonce",
    "issuer.promise",
    "issuer.sign",
    "issuer.record",
]
REVOKING = [
    "issuer.status",
    "issuer.sign_list",
    "issuer.publish",
    "issuer.push",
    "issuer.record_push",
]
CONFIGURATION = "taxi-permit.dc+sd-jwt"
REQUEST = {"Idempotency-Key": "the-one-request"}


class Notes:
    """What the other side was told, on disk before the next step."""

    def __init__(self, path):
        self.path = path

    def add(self, what, value):
        with self.path.open("a") as file:
            file.write(json.dumps([what, value]) + "\n")

    def read(self):
        if not self.path.exists():
            return {}
        return dict(json.loads(line) for line in self.path.read_text().splitlines())


@pytest.fixture(scope="module")
def register():
    register = StandInRegister()
    yield register
    register.close()


@pytest.fixture
def city(tmp_path, register):
    city = IssuingCity(build_settings(tmp_path / "data", register_url=register.url))
    city.open_agency("transport")
    yield city
    city.close()


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path / "notes")


def run_to_the_failpoint(city, notes, act, *, name, mode, monkeypatch):
    """In a process of its own when it is to die, here when it is only to fail."""
    if mode.startswith("fail"):
        with monkeypatch.context() as patch:
            patch.setenv("CITY_FAILPOINT", f"{name}:{mode}")
            act(city, notes)
        return
    city.office.database.close()
    child = os.fork()
    if child == 0:
        os.environ["CITY_FAILPOINT"] = f"{name}:{mode}"
        act(city, notes)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the failpoint was not reached"
    assert os.WTERMSIG(status) == signal.SIGKILL


def start_anew(city):
    city.close()
    return IssuingCity(city.settings, clock=city.clock, operator=city.operator)


def issue_one(city, notes):
    """From the officer's desk to the wallet, each answer noted."""
    answer = city.offer(headers=REQUEST)
    if answer.status_code != 201:
        return
    notes.add("offered", answer.json)
    fetch(city, notes, answer.json)


def fetch(city, notes, made):
    wallet = city.wallet()
    token = wallet.redeem(made)
    if token.status_code != 200:
        return
    nonce = city.http.post("/agencies/transport/nonce")
    if nonce.status_code != 200:
        return
    proof = wallet.prove(nonce=nonce.json["c_nonce"])
    answer = wallet.ask(
        token.json["access_token"],
        {"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": [proof]}},
    )
    if answer.status_code == 200:
        notes.add("issued", answer.json["credentials"][0]["credential"])


def records(city):
    with city.office.database.reading() as session:
        return [(row.id, row.state, row.copies) for row in session.query(CredentialRow)]


def issued_indices(city):
    with city.office.database.reading() as session:
        return session.query(StatusEntryRow).filter_by(is_issued=True).count()


def assert_sound(city):
    assert check(city.office.database) == []
    assert verify_chain(city.office.database) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ISSUING)
def test_issuing_survives(city, notes, monkeypatch, name, mode):
    run_to_the_failpoint(city, notes, issue_one, name=name, mode=mode, monkeypatch=monkeypatch)
    city = start_anew(city)
    told = notes.read()

    assert_sound(city)
    # I1: what was acknowledged is there.
    if "offered" in told:
        assert [told["offered"]["credential_id"]] == [
            credential for credential, *_ in records(city)
        ]
    assert ("issued" in told) <= (len(records(city)) == 1)

    # I6: the officer and the wallet repeat what was not answered; there is one credential.
    city.clock.move(seconds=11)
    [(_, state, _)] = records(city) or [(None, "none", 0)]
    if state != "issued":
        issue_one(city, notes)
    [(_, state, copies)] = records(city)

    assert (state, copies, issued_indices(city)) == ("issued", 1, 1)
    assert_sound(city)
    city.close()


def revoke_one(city, notes):
    credential = notes.read()["credential"]
    answer = city.change_status(credential, "revoked")
    if answer.status_code == 200:
        notes.add("revoked", answer.json)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", REVOKING)
def test_revoking_survives(city, notes, monkeypatch, name, mode):
    credential, [text] = city.issued()
    notes.add("credential", credential)
    reference = read_credential(text).statuses[0]
    run_to_the_failpoint(city, notes, revoke_one, name=name, mode=mode, monkeypatch=monkeypatch)
    city = start_anew(city)

    assert_sound(city)
    is_recorded = city.record(credential)["status"] == "revoked"
    # I1: an acknowledged revocation is on disk whatever happened to its publication.
    assert ("revoked" in notes.read()) <= is_recorded

    # The publisher's tick brings the list up to date; the officer repeats what was not answered.
    city.clock.move(seconds=2)
    publish_due(city.office)
    if not is_recorded:
        revoke_one(city, notes)
    answer = city.http.get("/agencies/transport/status/1")
    published = status_at(read_status_list(answer.text), reference.index, StatusPurpose.BOTH)

    assert published.value == "revoked"
    assert_sound(city)
    city.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["issuer.found_agency", "issuer.certify_agency"])
def test_founding_survives_and_may_be_repeated(tmp_path, notes, monkeypatch, name, mode):
    city = IssuingCity(build_settings(tmp_path / "data"))

    def found(city, notes):
        answer = city.http.post(
            "/api/v1/agencies",
            json={"name": "transport", "types": ["taxi-permit"], "label": {"en": "x"}},
            headers=city.as_role("operator"),
        )
        if answer.status_code == 201:
            chains = {
                f"{use}_x5c": city.authority.certify(
                    answer.json[f"{use}_jwk"], uri=answer.json["credential_issuer"]
                )
                for use in ("credential", "status")
            }
            city.http.put(
                "/api/v1/agencies/transport/certificates",
                json=chains,
                headers=city.as_role("operator"),
            )

    run_to_the_failpoint(city, notes, found, name=name, mode=mode, monkeypatch=monkeypatch)
    city = start_anew(city)
    assert_sound(city)
    found(city, notes)

    assert len(city.issued()[1]) == 1
    assert_sound(city)
    city.close()


def test_a_promise_that_was_broken_burns_its_index(city, notes, monkeypatch):
    """Never reused, never issued."""
    run_to_the_failpoint(
        city, notes, issue_one, name="issuer.sign", mode="kill-before", monkeypatch=monkeypatch
    )
    city = start_anew(city)
    with city.office.database.reading() as session:
        [burnt] = session.query(StatusEntryRow).all()

    city.clock.move(seconds=11)
    fetch(city, notes, city.offer(headers=REQUEST).json)

    reference = read_credential(notes.read()["issued"]).statuses[0]
    assert burnt.is_issued is False
    assert reference.index != burnt.list_index
    assert_sound(city)
    city.close()


def test_the_same_wallet_may_ask_again_after_a_crash(city, notes, monkeypatch):
    """With the token and the very proofs of the first try."""
    made = city.offer().json
    wallet = city.wallet()
    token = wallet.redeem(made).json["access_token"]
    body = {
        "credential_configuration_id": CONFIGURATION,
        "proofs": {"jwt": [wallet.prove(nonce=wallet.nonce())]},
    }

    run_to_the_failpoint(
        city,
        notes,
        lambda city, notes: wallet.ask(token, body),
        name="issuer.record",
        mode="kill-before",
        monkeypatch=monkeypatch,
    )
    wallet.city = city = start_anew(city)
    at_once = wallet.ask(token, body)
    city.clock.move(seconds=11)
    later = wallet.ask(token, body)

    assert at_once.status_code == 503
    assert "Retry-After" in at_once.headers
    assert later.status_code == 200
    assert_sound(city)
    city.close()


def test_the_offer_names_the_same_secret_nowhere(city):
    """A copy of the database redeems nothing."""
    made = city.offer(tx_code=True).json
    city.office.database.close()
    path = Path(city.settings.database_url.removeprefix("sqlite:///"))
    stored = b"".join(
        file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.is_file()
    )
    code = read_offer_value(made)["grants"].popitem()[1]["pre-authorized_code"]

    assert code.encode() not in stored
    assert made["offer_uri"].rsplit("%2F", 1)[1].encode() not in stored
