"""Receipts of status changes: kept, shown, exported, handed to the register, checked by fsck."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, StandInRegister, build_settings

from credentials.model import Status
from credentials.receipt import parse_receipt
from issuer.check import check, check_receipts
from issuer.receipts import hand_over_receipts
from issuer.register_door import _read_epoch
from issuer.store.receipts import digest_receipt


@pytest.fixture
def register():
    register = StandInRegister()
    yield register
    register.close()


@pytest.fixture
def city(tmp_path, register):
    city = IssuingCity(build_settings(tmp_path, register_url=register.url))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


def exported(city, *, agency="transport", since=0):
    answer = city.http.get(
        f"/api/v1/receipts?since={since}", headers=city.as_role("officer", agency=agency)
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def change(city, statement):
    with city.office.database.writing() as session:
        session.execute(text(statement))


def test_every_receipt_is_kept_and_can_be_exported(city):
    credential, _ = city.issued(copies=3)
    shown = [city.change_status(credential, to).json["receipt"] for to in ("suspended", "revoked")]
    found = exported(city)

    assert sorted(found["receipts"]) == sorted(shown)
    assert found["next"] is None
    assert exported(city, agency="residency")["receipts"] == []
    assert exported(city, since=int(city.clock.now.timestamp()) + 1)["receipts"] == []
    assert check(city.office.database) + check_receipts(city.office.database) == []


def test_s148_a_receipt_names_no_credential_no_reason_and_no_person(city):
    credential, _ = city.issued()
    receipt = city.change_status(credential, "revoked", reason="Chan Dara moved").json["receipt"]
    payload = parse_receipt(receipt).jws.payload

    assert set(payload) == {
        "iss",
        "iat",
        "status",
        "list",
        "index",
        "entries",
        "due_epoch_time",
    }
    assert credential not in str(payload)


def test_the_promise_names_the_epoch_that_the_register_named(city, register, monkeypatch):
    credential, _ = city.issued()
    monkeypatch.setattr("issuer.register_door._read_epoch", lambda _body: 17)
    answer = city.change_status(credential, "revoked").json

    assert answer["due_epoch"] == 17
    assert parse_receipt(answer["receipt"]).receipt.due_epoch == 17


def test_a_register_that_is_away_makes_a_promise_by_time_alone(city, register):
    credential, _ = city.issued()
    register.status = 503
    answer = city.change_status(credential, "revoked").json

    assert answer["due_epoch"] is None
    assert parse_receipt(answer["receipt"]).receipt.status is Status.REVOKED


@pytest.mark.parametrize("body", [b"{}", b"[]", b"", b'{"epoch": 0}', b'{"epoch": true}', b"\xff"])
def test_an_answer_without_an_epoch_is_no_promise(body):
    assert _read_epoch(body) is None


def test_receipts_wait_until_the_register_takes_them(city, register):
    credential, _ = city.issued()
    register.status = 503
    city.change_status(credential, "revoked")
    while_away = hand_over_receipts(city.office)
    city.clock.move(minutes=1)
    register.status = 201

    assert while_away == 0
    assert hand_over_receipts(city.office) == 1
    assert hand_over_receipts(city.office) == 0


CORRUPTIONS = {
    "a changed text": "UPDATE issuer_receipt SET text = replace(text, '.', '..')",
    "another's digest": "UPDATE issuer_receipt SET digest = 'x'",
    "another record": "UPDATE issuer_receipt SET credential = 'nobody'",
    "another agency": "UPDATE issuer_receipt SET agency = 'residency'",
    "another time": "UPDATE issuer_receipt SET issued_at = issued_at - 1",
    "a revocation that was taken back": "UPDATE issuer_credential SET status = 'valid'",
    "an entry that is gone": "DELETE FROM issuer_status_entry",
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_s208_fsck_finds_a_receipt_that_was_tampered_with(city, name):
    credential, _ = city.issued()
    city.change_status(credential, "revoked")
    before = check_receipts(city.office.database)
    change(city, CORRUPTIONS[name])

    assert before == []
    assert check_receipts(city.office.database) != []


def test_s208_a_receipt_signed_by_another_key_is_found(city):
    credential, _ = city.issued()
    other, _ = city.issued("residency", agency="residency")
    mine = city.change_status(credential, "revoked").json["receipt"]
    theirs = city.change_status(other, "revoked", agency="residency").json["receipt"]
    signature = theirs.rsplit(".", 1)[1]
    forged = f"{mine.rsplit('.', 1)[0]}.{signature}"
    change(
        city,
        f"UPDATE issuer_receipt SET text = '{forged}', digest = '{digest_receipt(forged)}'"
        f" WHERE digest = '{digest_receipt(mine)}'",
    )
    found = check_receipts(city.office.database)

    assert [breach.split(" has ")[1] for breach in found] == ["a signature that does not hold"]
