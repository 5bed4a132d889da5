"""
One trust registry, many faces: the signed registry, the trust tree, EBSI's shapes, ToIP's answers
and what a contract must hold say the same; and whose key it was stays known.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, HOUR, NOON, new_signer, open_city

from cityhall.command_line import ROOT
from cityhall.peers import CONTRACTS
from credentials.keys import parse_jwk
from credentials.trust import is_accredited
from credentials.trust_document import read_trust_registry
from credentials.trust_leaf import build_trust_leaf_of
from credentials.trust_projection import (
    NO_END,
    find_statement,
    is_in_force,
    name_on_chain,
    project_to_contract,
)
from encoding import base64url
from encoding.strict_json import parse_object
from ledger import store as ledger_store
from register.trust_faces import read_statements

city = open_city
EBSI = "/ebsi/trusted-issuers-registry/v5/issuers"
X, Y, Z = (f"https://issuer.example/types/{name}" for name in "xyz")
DAY = timedelta(days=1)
VERIFIER = {
    "client_id": "x509_hash:abc",
    "name": {"en": "Inspection"},
    "purposes": ["taxi"],
    "may_ask": {X: ["name"]},
}


def at(time):
    return int(time.timestamp())


def accreditations():
    return [
        {"types": [X], "valid_from": at(NOON - DAY), "claims": ["name", "plate"]},
        {"types": [Y], "valid_from": at(NOON - DAY), "valid_until": at(NOON + DAY)},
        {"types": [Z], "valid_from": at(NOON + DAY)},
    ]


@pytest.fixture
def full_city(city):
    """Two agencies, three types with different times, a stolen key, a verifier with limits."""
    city.admit(accreditations=accreditations())
    stolen = new_signer()
    land = {
        "identifiers": ["did:web:issuer.example:agencies:land"],
        "name": {"en": "Land"},
        "keys": [
            {"jwk": dict(new_signer().public_jwk), "use": "credential", "valid_from": at(NOON)},
            {
                "jwk": dict(stolen.public_jwk),
                "use": "credential",
                "valid_from": at(NOON),
                "compromised_at": at(NOON),
            },
        ],
        "accreditations": [{"types": [X], "valid_from": at(NOON - DAY)}],
    }
    assert city.post("/api/v1/issuers", {"issuer": land}).status_code == 201
    assert city.post("/api/v1/verifiers", {"verifier": VERIFIER}).status_code == 201
    city.close_epoch()
    return city


def registry(city):
    keys = [parse_jwk(key) for key in city.client.get("/trust/keys").json["keys"]]
    return read_trust_registry(city.client.get("/trust").text, keys=keys)


def ask(city, question="authorization", **changes):
    body = {"entity_id": AGENCY, "authority_id": city.hall.acts.city, "action": "issue"}
    body |= {"resource": X, **changes}
    return city.client.post(f"/trqp/{question}", json=body)


def test_every_face_says_the_same(full_city):
    city = full_city
    issuers = registry(city).issuers
    statements = read_statements(city.hall)
    with city.hall.database.reading() as session:
        tree = ledger_store.trust_of_epoch(session, 1)
    chain = {(each.agency, each.credential_type): each for each in project_to_contract(statements)}
    told = ebsi_bodies(city)

    assert {build_trust_leaf_of(each) for each in statements} <= set(tree)
    assert len(statements) == len(chain) == 2 * 3 + 1
    for issuer in issuers:
        for name in issuer.identifiers:
            for kind in (X, Y, Z):
                stated = find_statement(statements, name, kind)
                entry = chain.get((name_on_chain(name), name_on_chain(kind)))
                assert (stated is None) == (entry is None)
                for moment in (NOON - 2 * DAY, NOON - DAY, NOON, NOON + DAY, NOON + 2 * DAY):
                    truth = is_accredited(issuer, (kind,), at=moment, skew=timedelta(0))
                    assert truth == (stated is not None and is_in_force(stated, at=moment))
                    assert truth == (entry is not None and holds_on_chain(entry, at(moment)))
                    when = {"time": moment.isoformat().replace("+00:00", "Z")}
                    answer = ask(city, entity_id=name, resource=kind, context=when).json
                    assert truth == answer["authorized"]
                if stated and name.startswith("did:"):
                    assert told[name, kind] == ebsi_words(stated)


def holds_on_chain(entry, moment):
    """As `is_accredited` of TrustRegistry.vy computes it."""
    return entry.not_before <= moment < entry.not_after


def ebsi_words(stated):
    return {
        "did": stated.identifier,
        "credentialType": stated.type,
        "validFrom": stated.not_before,
        "validUntil": stated.not_after,
        "credentialKeys": [base64url.encode(each) for each in stated.credential_keys],
        "statusKeys": [base64url.encode(each) for each in stated.status_keys],
        "accreditation": base64url.encode(stated.accreditation),
    }


def ebsi_bodies(city):
    found = {}
    for item in city.client.get(EBSI).json["items"]:
        for attribute in city.client.get(f"{EBSI}/{item['did']}").json["attributes"]:
            body = parse_object(base64.b64decode(attribute["body"]))
            found[item["did"], body["credentialType"]] = body
    return found


def test_keys_of_the_tree_are_those_of_the_registry_and_none_that_was_stolen(full_city):
    for issuer in registry(full_city).issuers:
        expected = sorted(
            base64url.decode(each.key.thumbprint)
            for each in issuer.keys
            if each.use == "credential" and each.compromised_at is None
        )
        for stated in read_statements(full_city.hall):
            if stated.identifier in issuer.identifiers:
                assert [*stated.credential_keys] == expected


def test_facts_on_a_chain_are_the_digest_of_the_leaf(full_city):
    statements = read_statements(full_city.hall)
    entries = project_to_contract(statements)
    digests = {build_trust_leaf_of(each).digest for each in statements}

    assert {each.facts for each in entries} == digests
    assert {each.not_after for each in entries} == {NO_END, at(NOON + DAY)}
    assert [*entries] == sorted(entries, key=lambda each: (each.agency, each.credential_type))
    assert name_on_chain(X) == hashlib.sha256(X.encode()).digest()


@pytest.mark.slow
def test_a_contract_voted_full_of_the_projection_says_the_same(full_city):
    """`TrustRegistry.vy` itself, on py-evm."""
    if not CONTRACTS.is_there():
        pytest.skip("vyper and py-evm are not installed: ./city test --everything makes them")
    statements = read_statements(full_city.hall)
    times = [NOON + number * DAY for number in (-2, -1, 0, 1, 2)]
    entries = [
        {
            "agency": each.agency.hex(),
            "credential_type": each.credential_type.hex(),
            "not_before": each.not_before,
            "not_after": each.not_after,
            "facts": each.facts.hex(),
        }
        for each in project_to_contract(statements)
    ]
    held = vote_into_contract({"entries": entries, "times": [at(time) for time in times]})
    by_name = {
        (name_on_chain(each.identifier).hex(), name_on_chain(each.type).hex()): each
        for each in statements
    }

    assert len(held) == len(by_name) == 7
    for entry, found in zip(entries, held, strict=True):
        stated = by_name[entry["agency"], entry["credential_type"]]
        in_force = [is_in_force(stated, at=time) for time in times]
        assert found == {**entry, "in_force": in_force}


def vote_into_contract(asked):
    done = subprocess.run(
        [str(CONTRACTS.python), str(ROOT / "tests" / "contracts" / "vote_projection.py")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ebsi_lists_pages_and_single_attributes(full_city):
    client = full_city.client
    page = client.get(f"{EBSI}?page[after]=1&page[size]=1").json
    last = client.get(f"{EBSI}?page[after]=2&page[size]=1").json
    listed = client.get(f"{EBSI}/{DID}/attributes").json
    one = client.get(f"{EBSI}/{DID}/attributes/{listed['items'][0]['id']}").json

    assert (page["total"], page["pageSize"], len(page["items"])) == (2, 1, 1)
    assert page["links"]["next"] == page["links"]["last"] == last["self"]
    assert page["items"] != last["items"]
    assert set(one) == {"did", "attribute"}
    assert set(one["attribute"]) == {"hash", "body", "issuerType", "tao", "rootTao"}
    assert listed["total"] == 3
    for path in (f"{EBSI}/did:web:nobody", f"{EBSI}/{DID}/attributes/0x00"):
        assert client.get(path).status_code == 404
    for path in (f"{EBSI}?page[after]=0", f"{EBSI}?page[size]=51", f"{EBSI}?page[size]=x"):
        assert client.get(path).status_code == 400


def test_trqp_answers_for_agencies_and_verifiers(full_city):
    told = ask(full_city).json

    assert (told["authorized"], told["time_evaluated"]) == (True, told["time_requested"])
    assert {"entity_id", "authority_id", "action", "resource", "message"} < set(told)
    for change, expected in (
        ({"resource": Z}, False),
        ({"action": "revoke"}, False),
        ({"entity_id": "https://nobody.example"}, False),
        ({"entity_id": "x509_hash:abc", "action": "request"}, True),
        ({"entity_id": "x509_hash:abc", "action": "request", "resource": Y}, False),
        ({"entity_id": "x509_hash:evil", "action": "request"}, False),
        ({"authority_id": full_city.environ["CITY_REGISTER_URL"]}, True),
    ):
        assert ask(full_city, **change).json["authorized"] is expected, change


def test_trqp_recognises_the_citys_agencies(full_city):
    for change, expected in (
        ({"resource": "agency"}, True),
        ({"resource": X}, True),
        ({"resource": Z}, False),
        ({"entity_id": "did:web:other"}, False),
        ({"action": "issue"}, False),
    ):
        words = {"action": "recognize", "resource": "agency", **change}
        assert ask(full_city, "recognition", **words).json["recognized"] is expected, change


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"authority_id": "did:web:other"}, 404),
        ({"entity_id": ""}, 400),
        ({"entity_id": "x" * 2049}, 400),
        ({"resource": 7}, 400),
        ({"context": {"time": "yesterday"}}, 400),
        ({"context": {"time": 7}}, 400),
        ({"context": []}, 400),
        ({"more": 1}, 400),
    ],
)
def test_a_question_that_is_none_is_refused(city, change, status):
    assert ask(city, **change).status_code == status


def history(city, key, *, issuer=AGENCY, moment=None):
    query = {"issuer": issuer, "thumbprint": parse_jwk(dict(key.public_jwk)).thumbprint}
    if moment is not None:
        query["at"] = at(moment)
    return city.client.get("/trust/keys/history", query_string=query).json


def test_a_key_that_left_the_registry_keeps_its_past(city):
    city.now = NOON
    city.admit()
    city.now = NOON + DAY
    entry = city.entry()
    city.admit(keys=entry["keys"][:1])
    key = city.status_key

    during, after = history(city, key, moment=NOON + HOUR), history(city, key)
    assert (during["was_of_agency"], during["state_then"]) == (True, "active")
    assert (after["was_of_agency"], after["state_then"]) == (False, None)
    assert history(city, key, moment=NOON - HOUR)["was_of_agency"] is False
    assert history(city, key, issuer="https://other.example", moment=NOON + HOUR)["spans"] == []
    [span] = during["spans"]
    assert (span["listed_from"], span["listed_until"]) == (at(NOON), at(NOON + DAY))
    assert history(city, new_signer(), moment=NOON)["spans"] == []


def test_a_theft_that_is_told_later_is_told_of_earlier_times(city):
    city.admit()
    before = history(city, city.credential_key, moment=NOON + HOUR)
    city.now = NOON + DAY
    first, *others = city.entry()["keys"]
    city.admit(keys=[{**first, "compromised_at": at(NOON + HOUR)}, *others])
    told = history(city, city.credential_key, moment=NOON + HOUR)
    earlier = history(city, city.credential_key, moment=NOON)

    assert before["was_of_agency"] is True
    assert told["was_of_agency"] is False
    assert (told["state_then"], told["state_as_known_now"]) == ("active", "compromised")
    assert (earlier["was_of_agency"], earlier["state_as_known_now"]) == (True, "active")
    assert len(told["spans"]) == 2


@pytest.mark.parametrize("query", ["", "issuer=x", "issuer=x&thumbprint=y&at=-1", "thumbprint=y"])
def test_the_history_is_asked_of_one_key(city, query):
    assert city.client.get(f"/trust/keys/history?{query}").status_code == 400
