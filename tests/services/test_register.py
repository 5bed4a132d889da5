"""The register: lists in, epochs closed, proofs out; everything checked by whoever reads it."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, LIST, RegisteredCity, new_signer

from credentials.jose import sign_jws
from credentials.model import Status, StatusPurpose
from credentials.status_lists import read_status_list, status_at
from encoding import base64url
from encoding.strict_json import parse_object
from ledger.anchor import parse_anchor_proof, parse_chunk, verify_anchor, verify_chunk
from ledger.epoch import token_digest
from ledger.note import parse_note, verify_checkpoint


@pytest.fixture
def city(tmp_path):
    city = RegisteredCity(tmp_path)
    yield city
    assert city.check() == []
    city.close_down()


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


def test_the_same_bytes_again_are_taken_and_change_nothing(city):
    city.admit()
    token = city.list_token()
    first, second = city.submit(token), city.submit(token)
    city.close_epoch()
    third = city.submit(token)

    assert [answer.status_code for answer in (first, second, third)] == [202, 202, 202]
    assert [answer.json["is_new"] for answer in (first, second, third)] == [True, False, False]


def test_i5_a_list_is_never_rolled_back(city):
    city.admit()
    old = city.list_token()
    city.now += timedelta(seconds=1)
    city.submit(city.list_token(statuses={7: Status.REVOKED}))
    refused = city.submit(old)

    assert refused.status_code == 409
    assert refused.json["code"] == "older_list"


def list_of(city, **changes):
    return city.list_token(**changes)


@pytest.mark.parametrize(
    ("name", "build", "detail"),
    [
        ("a stranger's key", lambda c: list_of(c, signer=new_signer()), "bad_signature"),
        ("the credential key", lambda c: list_of(c, signer=c.credential_key), "bad_signature"),
        (
            "another's address",
            lambda c: list_of(c, uri="https://issuer.example/agencies/land/status/1"),
            "issuer_not_trusted",
        ),
        (
            "an address that only begins alike",
            lambda c: list_of(c, uri=f"{AGENCY}-evil/status/1"),
            "issuer_not_trusted",
        ),
        (
            "another issuer in the list",
            lambda c: c.bitstring_token(issuer="did:web:evil.example"),
            "issuer_not_trusted",
        ),
        (
            "issued tomorrow",
            lambda c: list_of(c, issued_at=c.now + timedelta(days=1)),
            "not_yet_valid",
        ),
        (
            "expired",
            lambda c: list_of(c, issued_at=c.now - timedelta(days=2)),
            "expired",
        ),
    ],
)
def test_s025_a_list_that_its_issuer_did_not_sign_is_refused(city, name, build, detail):
    city.admit()
    answer = city.submit(build(city))

    assert answer.status_code == 403
    assert answer.json["detail_code"] == detail


def test_nobody_is_trusted_before_the_operator_says_so(city):
    assert city.submit(city.list_token()).json["detail_code"] == "bad_signature"


def test_s025_one_agency_never_publishes_at_the_address_of_another(city):
    city.admit()
    land = "https://issuer.example/agencies/land"
    key = new_signer()
    since = int((city.now - timedelta(days=1)).timestamp())
    city.post(
        "/api/v1/issuers",
        {
            "issuer": {
                **city.entry(identifiers=[land]),
                "keys": [{"jwk": dict(key.public_jwk), "use": "status", "valid_from": since}],
            }
        },
    )
    own = city.submit(city.list_token(uri=f"{land}/status/1", signer=key))
    foreign = city.submit(city.list_token(signer=key))

    assert own.status_code == 202
    assert foreign.json["detail_code"] == "issuer_not_trusted"


def test_a_list_without_a_time_has_no_version(city):
    city.admit()
    token = city.bitstring_token()
    payload = token.split(".")[1]
    claims = parse_object(base64url.decode(payload), max_bytes=1 << 20)
    del claims["validFrom"]
    undated = sign_jws(claims, type="vc+jwt", signer=city.status_key)

    assert city.submit(undated).json["detail_code"] == "invalid_time"


def test_a_strangers_list_is_not_even_unpacked(city):
    city.admit()
    broken = {"sub": LIST, "iat": 1, "status_list": {"bits": 2, "lst": "!"}}
    answers = [
        city.submit(sign_jws(broken, type="statuslist+jwt", signer=signer)).status_code
        for signer in (new_signer(), city.status_key)
    ]

    assert answers == [403, 400]


def test_s188_a_compromised_status_key_signs_no_more(city):
    entry = city.entry()
    entry["keys"][1]["compromised_at"] = int(city.now.timestamp())
    city.admit(**entry)

    assert city.submit(city.list_token()).json["detail_code"] == "bad_signature"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"token":1}',
        b'{"token":"a","token":"b"}',
        b'{"token":"a","more":1}',
        b'{"token":"a.b.c"}',
        b'{"token":NaN}',
        b"{" * 100_000,
        b'{"token":"\xff"}',
    ],
)
def test_s012_s014_a_body_that_is_not_strict_json_is_refused(city, body):
    answer = city.client.post("/api/v1/lists", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_a_body_beyond_the_limit_is_refused(city):
    list_body = b'{"token":"' + b"a" * (10 << 20) + b'"}'
    operator_body = b'{"issuer":"' + b"a" * 70_000 + b'"}'
    answers = [
        city.client.post(path, data=body, content_type="application/json").status_code
        for path, body in (("/api/v1/lists", list_body), ("/api/v1/issuers", operator_body))
    ]

    assert answers == [413, 413]


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


def test_a_did_is_enough_to_name_the_issuer_of_a_list(city):
    city.admit(identifiers=[DID, AGENCY])

    assert city.submit(city.bitstring_token()).status_code == 202
