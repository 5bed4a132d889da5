"""The register: lists in, epochs closed, proofs out; everything checked by whoever reads it."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, LIST, checked_city, new_signer

from credentials.model import Status, StatusPurpose
from credentials.status_lists import read_status_list, status_at
from encoding import base64url
from ledger.anchor import parse_anchor_proof, parse_chunk, verify_anchor, verify_chunk
from ledger.epoch import token_digest
from ledger.note import parse_note, verify_checkpoint

city = checked_city


def test_a_list_goes_from_its_agency_to_a_proof(city):
    city.admit()
    token = city.list_token(statuses={7: Status.REVOKED})
    taken = city.submit(token)
    closed = city.close_epoch()
    served = city.client.get("/lists", query_string={"uri": LIST})
    proof = city.client.get("/proofs", query_string={"list": LIST})
    anchor = city.verify(LIST, proof.json, served.data)

    assert taken.status_code == 202
    assert taken.json["is_new"] is True
    assert base64url.decode(taken.json["digest"]) == token_digest(token.encode())
    assert closed["is_published"] is True
    assert served.text == token
    assert served.content_type == "application/statuslist+jwt"
    assert served.headers["City-Epoch"] == "1"
    assert (anchor.epoch, anchor.size, anchor.bits) == (1, 2048, 2)
    assert anchor.version == int((city.now - timedelta(seconds=60)).timestamp())


def test_a_bitstring_list_is_anchored_as_well(city):
    city.admit()
    uri = f"{LIST}/revocation"
    taken = city.submit(city.bitstring_token(uri=uri))
    city.close_epoch()
    served = city.client.get("/lists", query_string={"uri": uri})
    proof = city.client.get("/proofs", query_string={"list": uri})

    assert taken.status_code == 202, taken.text
    assert served.content_type == "application/vc+jwt"
    assert city.verify(uri, proof.json, served.data).bits == 1


def test_a_staple_shows_one_entry(city):
    city.admit()
    city.submit(city.list_token(statuses={1000: Status.SUSPENDED}))
    city.close_epoch()
    members = city.client.get("/proofs", query_string={"list": LIST, "index": 1000}).json
    chunk = parse_chunk(members["chunk"])
    verify_chunk(parse_anchor_proof(members["proof"]), chunk, entry=1000)

    assert chunk.data[1000 // 4 - chunk.index * 64] == 2


@pytest.mark.parametrize("index", ["2048", "-1", "x", "1.5", "1e3"])
def test_s054_an_index_outside_of_the_list_is_refused(city, index):
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()

    answer = city.client.get("/proofs", query_string={"list": LIST, "index": index})

    assert answer.status_code == 400


def test_a_list_is_not_served_before_its_epoch(city):
    city.admit()
    city.close_epoch()
    city.submit(city.list_token())

    assert city.client.get("/proofs", query_string={"list": LIST}).status_code == 404
    assert city.client.get("/lists", query_string={"uri": LIST}).status_code == 404
    assert city.client.get("/snapshot").json["lists"] == []


def test_token_and_proof_of_the_public_shelf_always_fit_together(city):
    city.admit()
    for number in range(3):
        city.submit(city.list_token(statuses={number: Status.REVOKED}))
        city.close_epoch()
        city.submit(city.list_token(statuses={number + 10: Status.REVOKED}))
        served = city.client.get("/lists", query_string={"uri": LIST})
        proof = city.client.get("/proofs", query_string={"list": LIST})

        assert city.verify(LIST, proof.json, served.data).epoch == number + 1
        read = read_status_list(served.text)
        assert status_at(read, number, StatusPurpose.BOTH) is Status.REVOKED


def test_the_snapshot_holds_every_list_with_its_proof(city):
    city.admit()
    uris = [f"{AGENCY}/status/{number}" for number in range(4)]
    for uri in uris:
        city.submit(city.list_token(uri=uri))
    city.close_epoch()
    snapshot = city.client.get("/snapshot")
    found = {
        item["uri"]: verify_anchor(
            parse_anchor_proof(item["proof"]),
            policy=city.policy(),
            uri=item["uri"],
            token=item["token"].encode(),
        ).epoch
        for item in snapshot.json["lists"]
    }

    assert found == dict.fromkeys(uris, 1)
    assert snapshot.json["epoch"] == 1
    assert snapshot.json["time"] == int(city.now.timestamp())
    assert verify_checkpoint(snapshot.json["checkpoint"], city.policy()).checkpoint.size == 1


def test_the_snapshot_is_fetched_once_an_epoch(city):
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()
    etag = city.client.get("/snapshot").headers["ETag"]
    again = city.client.get("/snapshot", headers={"If-None-Match": etag})
    city.close_epoch()
    later = city.client.get("/snapshot", headers={"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")
    assert later.status_code == 200
    assert later.json["epoch"] == 2


def test_a_snapshot_since_an_epoch_leaves_out_the_tokens_that_are_held(city):
    city.admit()
    other = f"{AGENCY}/status/2"
    city.submit(city.list_token())
    city.submit(city.list_token(uri=other))
    city.close_epoch()
    city.submit(city.list_token(statuses={1: Status.REVOKED}))
    city.close_epoch()
    lists = {
        item["uri"]: item["token"] is not None
        for item in city.client.get("/snapshot?since=1").json["lists"]
    }

    assert lists == {LIST: True, other: False}


def test_proofs_of_several_lists_come_in_one_answer(city):
    city.admit()
    uris = [f"{AGENCY}/status/{number}" for number in range(3)]
    for uri in uris:
        city.submit(city.list_token(uri=uri))
    city.close_epoch()
    wanted = [*uris[:2], "https://nobody.example/"]
    by_post = city.client.post("/proofs", json={"lists": wanted}).json
    by_get = city.client.get("/proofs", query_string={"list": wanted}).json

    assert by_post == by_get
    assert sorted(by_post["proofs"]) == uris[:2]


def test_epochs_close_only_for_an_operator(city):
    url = city.environ["CITY_REGISTER_URL"]
    tokens = {
        "no token": None,
        "nonsense": "x.y.z",
        "another role": city.token(role="officer"),
        "a key for another role": city.token(signer=city.clerk),
        "a stranger's key": city.token(signer=new_signer()),
        "another service": city.token(audience=url + "0"),
    }
    answers = {
        name: city.client.post(
            "/api/v1/epochs", headers={"Authorization": f"Bearer {token}"} if token else {}
        ).status_code
        for name, token in tokens.items()
    }

    assert answers == {
        "no token": 401,
        "nonsense": 401,
        "another role": 403,
        "a key for another role": 401,
        "a stranger's key": 401,
        "another service": 401,
    }
    assert city.client.get("/checkpoint").status_code == 404


def test_every_route_of_the_operator_needs_the_operator(city):
    bodies = {
        "/api/v1/issuers": {"issuer": {}},
        "/api/v1/verifiers": {"verifier": {}},
        "/api/v1/epochs": {},
        "/api/v1/certificates": {"public_jwk": {}, "subject": "x"},
        "/api/v1/witnesses": {"vkey": "x", "url": "https://x"},
    }

    assert {
        path: city.client.post(path, json=body).status_code for path, body in bodies.items()
    } == dict.fromkeys(bodies, 401)


def test_an_epoch_answers_with_its_checkpoint(city):
    closed = city.close_epoch()
    checkpoint = city.client.get("/checkpoint")

    assert closed["epoch"] == closed["size"] == 1
    assert closed["time"] == int(city.now.timestamp())
    assert closed["checkpoint"] == checkpoint.text
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert len(parse_note(checkpoint.text).signatures) == 2
    assert city.client.get("/epochs/1").json == city.client.get("/epochs/latest").json


def test_the_log_is_read_by_tiles(city):
    for _ in range(3):
        city.close_epoch()
    tile = city.client.get("/tile/0/000.p/3")
    entries = city.client.get("/tile/entries/000.p/3")

    assert len(tile.data) == 3 * 32
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert tile.content_type == "application/octet-stream"
    assert int.from_bytes(entries.data[:2], "big") < 200
    assert city.client.get("/tile/0/000.p/2").data == tile.data[:64]
    for path in ("/tile/0/000.p/4", "/tile/0/000", "/tile/1/000.p/1", "/tile/entries/001.p/1"):
        assert city.client.get(path).status_code == 404
    for path in ("/tile/0/0", "/tile/x", "/tile/0/000.p/03"):
        assert city.client.get(path).status_code == 400


def test_s168_answers_are_public_and_errors_are_problem_details(city):
    answer = city.client.get("/nothing")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert city.client.open("/checkpoint", method="TRACE").status_code == 405


def test_the_register_describes_itself(city):
    document = city.client.get("/openapi.json").json

    assert set(document["paths"]) >= {
        "/checkpoint",
        "/tile/{name}",
        "/epochs/{number}",
        "/proofs",
        "/snapshot",
        "/lists",
        "/trust",
        "/policy",
        "/api/v1/lists",
        "/api/v1/epochs",
        "/api/v1/issuers",
        "/api/v1/verifiers",
        "/api/v1/certificates",
    }
