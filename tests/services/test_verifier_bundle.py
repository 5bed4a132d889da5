"""The offline bundle, the shift log, the registration, the headers of every answer."""

import gzip
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from verifier_counter import VERIFIER_URL, Counter

from credentials.jose import parse_jws, verify_jws
from credentials.keys import parse_jwk
from verifier import store
from verifier.store import checks

MAX = 1 << 20


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    yield counter
    counter.close()


def read(text):
    return parse_jws(text, types=frozenset({"offline-bundle+jwt"}), max_bytes=MAX)


def test_the_bundle_is_signed_by_the_key_that_the_counter_names(counter):
    answer = counter.client.get("/api/v1/bundle")
    jws = read(answer.text)
    key = parse_jwk(counter.client.get("/api/v1/registration").json["bundle_key"])

    assert answer.content_type == "application/jwt"
    assert verify_jws(jws, key)
    assert jws.header["kid"] == key.thumbprint
    assert jws.payload["iss"] == VERIFIER_URL
    assert jws.payload["exp"] - jws.payload["iat"] == 7 * 86400
    assert jws.payload["version"] == 1


def test_the_bundle_holds_what_a_phone_needs(counter):
    payload = read(counter.client.get("/api/v1/bundle").text).payload
    purposes = {purpose["id"]: purpose for purpose in payload["purposes"]}
    view = purposes["taxi-inspection"]["view"]

    assert parse_jws(payload["trust"], types=frozenset({"trust-registry+jwt"}), max_bytes=MAX)
    assert payload["log_policy"].startswith("log ")
    assert {item["uri"] for item in payload["snapshot"]["lists"]} == {
        agency.list_uri for agency in counter.city.agencies.values()
    }
    assert view["audience"] == "urn:citywallet:qr:taxi-inspection"
    assert view["policy"]["freshness"] == 60
    assert view["policy"]["status"] == {
        "rule": "required",
        "max_age": 86400,
        "require_anchor": True,
    }
    assert purposes["over-18"]["view"]["values"] == [{"path": ["age_over_18"], "values": [True]}]
    assert payload["labels"]["types"]["insurance-certificate"]["en"] == "Insurance certificate"
    assert purposes["taxi-inspection"]["title"]["zh-Hans"] == "出租车检查"


def test_the_bundle_leaves_out_what_no_view_refers_to(counter):
    counter.city.publish_bitstring(counter.city.agencies["business"])
    counter.clock.move(seconds=61)
    counter.city.close_epoch()
    counter.desk.gatherer.refresh()

    lists = read(counter.client.get("/api/v1/bundle").text).payload["snapshot"]["lists"]

    assert len(lists) == len(counter.city.agencies)
    assert not [item for item in lists if item["uri"].endswith("/revocation")]


def test_an_unchanged_bundle_costs_nothing(counter):
    first = counter.client.get("/api/v1/bundle")
    tag = {"If-None-Match": first.headers["ETag"]}

    same = counter.client.get("/api/v1/bundle", headers=tag)
    counter.clock.move(seconds=61)
    counter.city.close_epoch()
    counter.desk.gatherer.refresh()
    newer = counter.client.get("/api/v1/bundle", headers=tag)

    assert (same.status_code, same.data) == (304, b"")
    assert newer.status_code == 200
    assert read(newer.text).payload["version"] == 2


def test_the_bundle_comes_compressed_to_who_wants_it(counter):
    plain = counter.client.get("/api/v1/bundle")
    packed = counter.client.get("/api/v1/bundle", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data).decode() == plain.text


def test_without_a_snapshot_there_is_no_bundle(counter):
    counter.city.shelf.files.pop("/snapshot")

    assert counter.client.get("/api/v1/bundle").status_code == 503


def entry(**changes):
    return {
        "id": "log-entry-000000001",
        "checked_at": 1795348740,
        "purpose": "taxi-inspection",
        "outcome": "failed",
        "reasons": ["revoked"],
        "epoch": 7,
        **changes,
    }


def test_a_shift_log_is_recorded_once(counter):
    body = {"checks": [entry(), entry(id="log-entry-000000002", outcome="passed", reasons=[])]}

    first = counter.post("/api/v1/checks/log", body)
    again = counter.post("/api/v1/checks/log", body)

    assert first.json == {"recorded": 2}
    assert again.json == {"recorded": 0}
    with counter.desk.database.reading() as session:
        kept = checks.load_recent_checks(session, checker="inspector:desk", limit=10)
    assert [record.channel for record in kept] == ["offline", "offline"]
    assert kept[1].reasons == ("revoked",)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "short"},
        {"id": 7},
        {"checked_at": "now"},
        {"checked_at": -1},
        {"checked_at": 2**52},
        {"checked_at": 1},
        {"purpose": "nothing"},
        {"purpose": None},
        {"outcome": "perfect"},
        {"outcome": "passed"},
        {"reasons": []},
        {"reasons": ["bored"]},
        {"reasons": "revoked"},
        {"epoch": "7"},
        {"epoch": True},
    ],
)
def test_an_odd_entry_spoils_the_whole_log(counter, change):
    other = {**entry(id="log-entry-000000002"), **change}
    body = {"checks": [entry(), other]}

    answer = counter.post("/api/v1/checks/log", body)

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_log")
    with counter.desk.database.reading() as session:
        assert checks.count_checks(session) == 0


def test_the_registration_names_this_verifier(counter):
    before = counter.client.get("/api/v1/registration").json
    after = counter.register()

    assert before["client_id"] is None
    assert before["verifier"] is None
    assert after["host"] == "localhost"
    assert after["verifier"]["client_id"] == after["client_id"]
    assert after["verifier"]["purposes"] == after["purposes"]
    assert counter.client.get("/api/v1/registration").json == after


def test_every_answer_carries_its_headers(counter):
    """S-161."""
    for path in ("/inspect/", "/api/v1/bundle", "/nowhere", "/request/none", "/health"):
        answer = counter.client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "no-referrer", path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
        assert not answer.headers.get("Server"), path


def test_the_camera_is_allowed_on_the_scan_page_only(counter):
    """S-166."""
    scan = counter.client.get("/inspect/").headers
    other = counter.client.get("/enrol/").headers

    assert "camera=(self)" in scan["Permissions-Policy"]
    assert "camera=()" in other["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in scan["Content-Security-Policy"]
    assert "unsafe-inline" not in scan["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in scan["Content-Security-Policy"]


def test_a_sound_store_has_no_breach_and_a_spoiled_one_is_found(counter):
    counter.check(counter.driver.show(counter.driver.receive_taxi_cards()))
    assert store.check(counter.desk.database) == []
    with counter.desk.database.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE verifier_check SET outcome = 'failed'")
        connection.exec_driver_sql(
            "INSERT INTO verifier_session VALUES"
            " ('s', 'r', 'over-18', 'x', 0, 'c', 'n', 'w', 'answered', 1, 2, NULL, NULL, 1)"
        )

    breaches = store.check(counter.desk.database)

    assert len(breaches) == 2


def test_every_route_is_described(counter):
    from openapi_spec_validator import validate

    document = counter.client.get("/openapi.json").json
    validate(document)
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    pages = ("/inspect", "/business", "/enrol", "/modules")
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in counter.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule != "/" and not rule.rule.startswith(pages)
    }

    assert served == described
