"""The register and its witness when one of them is away, late, or not what was promised."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from ledgers import verifier_key
from registered_city import LIST, open_city

from ledger.note import COSIGNATURE
from register.app import build_hall
from register.errors import WitnessNotKnown
from register.witness import fetch_log_key
from register.witnesses import build_quorum_policy
from runtime.fetch import Fetcher

city = open_city


def test_s197_without_a_witness_epochs_close_and_wait(city):
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()
    city.servers[1].shutdown()
    city.servers[1].server_close()
    city.submit(city.list_token())
    closed = city.close_epoch()
    metrics = city.client.get("/metrics").text

    assert (closed["epoch"], closed["is_published"]) == (2, False)
    assert city.client.get("/epochs/latest").json["epoch"] == 1
    assert city.client.get("/epochs/2").status_code == 404
    assert "city_epochs_waiting 1.0" in metrics
    assert "city_epoch_age_seconds 60.0" in metrics

    city.serve("witness", city.witness)
    again = city.close_epoch()

    assert (again["epoch"], again["is_published"]) == (3, True)
    assert city.check() == []
    city.servers.pop(1)


def test_a_register_that_never_met_its_witness_says_so(city):
    city.servers[1].shutdown()
    city.servers[1].server_close()
    closed = city.close_epoch()
    policy = city.client.get("/policy")
    city.servers.pop(1)

    assert closed["is_published"] is False
    assert policy.status_code == 503
    assert policy.headers["Retry-After"] == "5"
    assert city.client.get("/snapshot").status_code == 404


def test_in_production_no_witness_is_believed_at_first_sight(tmp_path, city):
    urls = {
        f"CITY_{name}_URL": f"https://{name.lower()}.example"
        for name in ("REGISTER", "ISSUER", "WALLET", "VERIFIER", "WITNESS")
    }
    (tmp_path / "passphrase").write_text("river")
    keys = {
        "CITY_ALLOW_FILE_KEYSTORE": "yes",
        "CITY_KEY_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
    }
    city.environ = {**city.environ, **urls, **keys, "CITY_MODE": "production"}
    city.environ["CITY_DATA_DIR"] = str(tmp_path / "production")
    settings = city.settings("register")
    hall = build_hall(settings, clock=lambda: city.now, fetcher=Fetcher.from_settings(settings))

    with pytest.raises(WitnessNotKnown):
        hall.witnesses.quorum()

    key = verifier_key("witness.example", 3, COSIGNATURE)
    hall.witnesses.pin(key.vkey, "https://witness.example")
    assert hall.witnesses.policy().witnesses == (key,)
    hall.database.close()


@pytest.mark.parametrize(
    ("witnesses", "threshold"), [(1, 1), (2, 2), (3, 3), (4, 3), (7, 5), (10, 7)]
)
def test_two_thirds_and_one_more_must_cosign(city, witnesses, threshold):
    keys = [verifier_key(f"w{n}", n, COSIGNATURE) for n in range(1, witnesses + 1)]

    assert build_quorum_policy(city.hall.log_key, keys).threshold == threshold


def test_a_witness_asks_only_for_the_log_of_its_settings(city):
    fetcher = Fetcher(ca_file=None, allow_loopback=True)
    register = city.environ["CITY_REGISTER_URL"]
    origin = city.hall.log_key.name

    assert fetch_log_key(fetcher, register, origin) == city.hall.log_key.vkey
    assert fetch_log_key(fetcher, register, "other.example") is None
    assert fetch_log_key(fetcher, city.environ["CITY_WITNESS_URL"], "x") is None
    assert fetch_log_key(fetcher, "http://localhost:1", origin) is None


def test_a_ticking_register_closes_epochs_by_itself(city):
    city.admit()
    city.submit(city.list_token())
    city.hall.closer.tick()
    first = city.client.get("/epochs/latest").json
    city.now += timedelta(seconds=30)
    city.hall.closer.tick()
    city.now += timedelta(seconds=30)
    city.hall.closer.tick()

    assert first["epoch"] == 1
    assert city.client.get("/epochs/latest").json["epoch"] == 2
    assert city.client.get("/proofs", query_string={"list": LIST}).status_code == 200


def test_a_list_is_served_in_its_own_media_type_only(city):
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()
    answers = {
        accept: city.client.get(
            "/lists", query_string={"uri": LIST}, headers={"Accept": accept}
        ).status_code
        for accept in ("application/statuslist+jwt", "*/*", "text/html")
    }

    assert answers == {"application/statuslist+jwt": 200, "*/*": 200, "text/html": 406}
