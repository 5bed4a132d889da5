"""Lists that the register takes, and lists that their issuer did not sign or that are older."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, LIST, checked_city, new_signer

from credentials.jose import sign_jws
from credentials.model import Status
from encoding import base64url
from encoding.strict_json import parse_object

city = checked_city


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


def test_a_did_is_enough_to_name_the_issuer_of_a_list(city):
    city.admit(identifiers=[DID, AGENCY])

    assert city.submit(city.bitstring_token()).status_code == 202
