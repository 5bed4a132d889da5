"""
Every write of the wallet fails before and after it took effect, and dies there.

The process that dies is a real one, killed by SIGKILL at a named place. Afterwards the counter
starts anew, its invariants hold also under the key file, and the resident who repeats the step
that got no answer ends with one card, one line of history and one answer, never two.
"""

import os
import pickle
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from wallet_city import WalletCity
from wallet_phone import Phone

from wallet_api.encryption import load_key_file
from wallet_api.store import check

MODES = ["fail-before", "fail-after", "kill-before", "kill-after"]
RECEIVING = ["wallet.begin_errand", "wallet.move_errand", "wallet.receive"]
PRESENTING = ["wallet.begin_errand", "wallet.consent", "wallet.move_errand"]


@pytest.fixture
def city(tmp_path):
    city = WalletCity(tmp_path / "data")
    yield city
    city.close()


@pytest.fixture
def phone(city):
    return city.phone()


class Step:
    """Steps that are noted on disk once they were answered, so that only the rest is repeated."""

    def __init__(self, path):
        self.path = path

    def once(self, name, act):
        """The noted answer, or the one that `act` gets now; None when it was no success."""
        noted = self.noted()
        if name in noted:
            return noted[name]
        answer = act()
        if answer.status_code >= 300:
            return None
        with self.path.open("ab") as file:
            pickle.dump((name, answer.get_json(silent=True)), file)
            file.flush()
        return answer.get_json(silent=True)

    def noted(self):
        noted = {}
        if self.path.exists():
            with self.path.open("rb") as file:
                while True:
                    try:
                        name, value = pickle.load(file)
                    except EOFError:
                        return noted
                    noted[name] = value
        return noted


@pytest.fixture
def steps(tmp_path):
    return Step(tmp_path / "steps")


def run_to_the_failpoint(city, act, *, name, mode, monkeypatch):
    """In a process of its own when it is to die, here when it is only to fail."""
    if mode.startswith("fail"):
        with monkeypatch.context() as patch:
            patch.setenv("CITY_FAILPOINT", f"{name}:{mode}")
            act()
        return
    database = city.counters.residents.store.database
    database.close()
    child = os.fork()
    if child == 0:
        os.environ["CITY_FAILPOINT"] = f"{name}:{mode}"
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the failpoint was not reached"
    assert os.WTERMSIG(status) == signal.SIGKILL


def start_anew(city, phone):
    city.app = city.start()
    phone.client = city.app.test_client()


def assert_sound(city):
    database = city.counters.residents.store.database
    key = load_key_file(city.settings.wallet_kek_file, may_create=False)
    assert check(database, key) == []


def receive(phone, steps, offer, keys):
    preview = steps.once("preview", lambda: phone.preview(offer))
    if preview is None:
        return
    path = f"/api/v1/offers/{preview['id']}"
    accepted = steps.once("accept", lambda: phone.send("POST", f"{path}/accept", {"keys": keys}))
    if accepted is None:
        return
    body = {"signatures": phone.sign(accepted["signing_inputs"])}
    steps.once("proofs", lambda: phone.send("POST", f"{path}/proofs", body))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", RECEIVING)
def test_receiving_survives(city, phone, steps, monkeypatch, name, mode):
    offer, keys = city.peers.offer(), phone.make_keys(2)

    def act():
        receive(phone, steps, offer, keys)

    run_to_the_failpoint(city, act, name=name, mode=mode, monkeypatch=monkeypatch)
    start_anew(city, phone)
    assert_sound(city)
    acknowledged = "proofs" in steps.noted()
    assert acknowledged <= (len(phone.cards()) == 1)

    act()

    assert [card["copies"] for card in phone.cards()] == [2]
    assert [line["happening"] for line in phone.history()] == ["received"]
    assert_sound(city)


def answer(phone, steps, link, card):
    opened = steps.once("open", lambda: phone.open(link))
    if opened is None:
        return
    path = f"/api/v1/requests/{opened['id']}"
    choices = {"choices": {"licence": card}}
    consented = steps.once("consent", lambda: phone.send("POST", f"{path}/consent", choices))
    if consented is None:
        return
    body = {"signatures": phone.sign(consented["signing_inputs"])}
    steps.once("present", lambda: phone.send("POST", f"{path}/presentation", body))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PRESENTING)
def test_presenting_survives(city, phone, steps, monkeypatch, name, mode):
    phone.receive(city.peers.offer())
    link, card = city.peers.ask(), phone.cards()[0]["id"]

    def act():
        answer(phone, steps, link, card)

    run_to_the_failpoint(city, act, name=name, mode=mode, monkeypatch=monkeypatch)
    start_anew(city, phone)
    assert_sound(city)

    act()

    assert steps.noted()["present"]["accepted"] is True
    assert [line["happening"] for line in phone.history()] == ["presented", "received"]
    assert len({tuple(sorted(one)) for one in city.peers.received}) == 1
    assert_sound(city)


@pytest.mark.parametrize("mode", MODES)
def test_registration_survives(city, monkeypatch, mode):
    phone = Phone(city.app.test_client(), city.clock)

    def act():
        phone.send("POST", "/api/v1/residents", {"display_name": "Sok Dara"})

    run_to_the_failpoint(city, act, name="wallet.register", mode=mode, monkeypatch=monkeypatch)
    start_anew(city, phone)
    assert_sound(city)

    # The phone cannot know whether it was registered: it asks for a session, else registers.
    session = phone.send("POST", "/api/v1/sessions", {})
    if session.status_code == 401:
        session = phone.send("POST", "/api/v1/residents", {"display_name": "Sok Dara"})
    phone.token = session.get_json()["access_token"]

    assert len(phone.send("GET", "/api/v1/devices").get_json()["devices"]) == 1
    assert_sound(city)


@pytest.mark.parametrize("mode", MODES)
def test_deleting_a_card_survives(city, phone, monkeypatch, mode):
    phone.receive(city.peers.offer(), copies=2)
    path = f"/api/v1/credentials/{phone.cards()[0]['id']}"

    def act():
        phone.send("DELETE", path)

    run_to_the_failpoint(city, act, name="wallet.remove_card", mode=mode, monkeypatch=monkeypatch)
    start_anew(city, phone)
    assert_sound(city)
    act()

    assert phone.cards() == []
    assert [line["happening"] for line in phone.history()] == ["deleted", "received"]
    assert_sound(city)


@pytest.mark.parametrize("mode", MODES)
def test_removing_a_device_survives(city, phone, monkeypatch, mode):
    """A lost phone that was reported opens nothing, also after a crash."""
    device = phone.send("GET", "/api/v1/devices").get_json()["devices"][0]["id"]

    def act():
        phone.send("DELETE", f"/api/v1/devices/{device}")

    name = "wallet.remove_device"
    run_to_the_failpoint(city, act, name=name, mode=mode, monkeypatch=monkeypatch)
    start_anew(city, phone)
    act()

    assert phone.send("GET", "/api/v1/credentials").status_code == 401
    assert_sound(city)
