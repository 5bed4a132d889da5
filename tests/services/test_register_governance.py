"""Acts of governance at the register: a chain in public, governors who sign, attacks on both."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, HOUR, new_signer, open_city

from credentials.governance_act import (
    Act,
    ActKind,
    add_signature,
    build_governors,
    build_governors_json,
    build_signed_act_json,
    propose_act,
    read_signed_act,
)
from credentials.governance_chain import AcceptedAct, build_content, replay
from credentials.keys import parse_jwk
from encoding import base64url
from encoding.strict_json import canonical_json
from register.acts import MAX_PROPOSALS
from register.store import newest_trust

city = open_city
VERIFIER = {"client_id": "x509_hash:abc", "name": {"en": "Inspection"}, "purposes": ["taxi"]}
TYPE = "https://issuer.example/types/x"


def key_of(signer):
    return parse_jwk(dict(signer.public_jwk))


def own_signer(city):
    return city.hall.acts._signer


def propose(city, kind, body, **changes):
    state = city.hall.acts.state()
    words = {
        "city": state.city,
        "sequence": state.sequence + 1,
        "previous": state.head,
        "kind": ActKind(kind),
        "body": body,
        "not_before": city.now,
        "not_after": city.now + HOUR,
    }
    return propose_act(Act(**(words | changes)))


def sign(signed, *signers):
    for each in signers:
        signed = add_signature(signed, signer=each, key_id=key_of(each).thumbprint)
    return signed


def submit(city, signed):
    body = {"act": build_signed_act_json(signed)}
    return city.client.post("/api/v1/governance/acts", json=body)


def governed_by(city, *signers, threshold=2):
    """Hand the city over to these governors."""
    body = build_governors_json(build_governors([key_of(each) for each in signers], threshold))
    signed = sign(propose(city, "change_governors", body), own_signer(city), *signers[:threshold])
    answer = submit(city, signed)
    assert answer.status_code == 201, answer.text
    return signers


@pytest.fixture
def governors(city):
    return governed_by(city, *(new_signer() for _ in range(3)))


def read_chain(city):
    listed = city.client.get("/governance/acts").json
    acts = []
    for each in listed["acts"]:
        at = city.now.fromtimestamp(each["accepted_at"], city.now.tzinfo)
        acts.append(AcceptedAct(read_signed_act(each["act"]), at))
    return listed["city"], acts


def test_a_new_city_says_honestly_that_one_key_decides(city):
    told = city.client.get("/governance").json

    assert (told["threshold"], told["is_operator_alone"]) == (1, True)
    assert "register itself" in told["label"]
    assert (told["sequence"], told["version"]) == (1, 1)


def test_what_an_operator_does_is_an_act_in_the_public_chain(city):
    city.admit()
    city.post("/api/v1/verifiers", {"verifier": VERIFIER})
    name, chain = read_chain(city)
    state = replay(chain, city=name)
    with city.hall.database.reading() as session:
        newest = newest_trust(session)

    assert [each.signed.act.kind.value for each in chain] == ["found", "put_issuer", "put_verifier"]
    assert canonical_json(build_content(state)).decode() == newest.content
    assert state.version == newest.version == 3
    assert city.check() == []


def test_two_of_three_governors_sign_one_after_the_other(city, governors):
    signed = propose(city, "put_verifier", {"verifier": VERIFIER})
    waiting = submit(city, sign(signed, governors[0]))
    listed = city.client.get("/governance/proposals").json["proposals"]
    added = build_signed_act_json(sign(signed, governors[2]))["signatures"][0]
    path = f"/api/v1/governance/proposals/{waiting.json['digest']}/signatures"
    accepted = city.client.post(path, json=added)

    assert (waiting.status_code, waiting.json["missing"]) == (202, 1)
    assert [each["digest"] for each in listed] == [base64url.encode(signed.digest)]
    assert (accepted.status_code, accepted.json["version"]) == (201, 3)
    assert city.client.get("/governance/proposals").json["proposals"] == []
    assert city.client.post(path, json=added).status_code == 404
    assert city.check() == []


def test_an_operator_alone_changes_nothing_once_governors_decide(city, governors):
    answer = city.post("/api/v1/issuers", {"issuer": city.entry()})

    assert (answer.status_code, answer.json["code"]) == (403, "governors_needed")
    assert city.client.get("/governance").json["is_operator_alone"] is False


def refused(city, signed):
    before = city.hall.acts.state()
    answer = submit(city, signed)
    assert city.hall.acts.state() == before
    assert city.client.get("/governance/proposals").json["proposals"] == []
    assert city.check() == []
    return answer.status_code, answer.json["code"], answer.json.get("detail_code")


def test_attacks_on_governance_change_nothing(city, governors):
    first, second, third = governors
    body = {"verifier": VERIFIER}
    good = propose(city, "put_verifier", body)
    foreign = propose_act(replace(good.act, city="status.other.example"))
    late = propose(
        city, "put_verifier", body, not_before=city.now - 2 * HOUR, not_after=city.now - HOUR
    )
    ahead = propose(city, "put_verifier", body, sequence=9)
    attacks = {
        "nobody": good,
        "the same governor twice": sign(good, first, first),
        "the set before": sign(good, own_signer(city)),
        "a stranger beside governors": sign(good, first, second, new_signer()),
        "another city": sign(foreign, first, second),
        "too late": sign(late, first, second),
        "out of order": sign(ahead, first, second),
        "nothing new": sign(propose(city, "change_governors", old_words(governors)), first, third),
    }

    for name, attack in attacks.items():
        status, code, _ = refused(city, attack)
        assert (status, code) == (409, "act_refused"), name


def old_words(governors):
    return build_governors_json(build_governors([key_of(each) for each in governors], 2))


def test_an_act_is_never_replayed(city, governors):
    first, second, _ = governors
    put = sign(propose(city, "put_verifier", {"verifier": VERIFIER}), first, second)
    assert submit(city, put).status_code == 201
    assert refused(city, put)[:2] == (409, "act_refused")
    away = propose(city, "withdraw_verifier", {"client_id": "x509_hash:abc"})
    assert submit(city, sign(away, first, second)).status_code == 201
    assert refused(city, put)[:2] == (409, "act_refused")


def test_of_two_acts_at_once_one_is_accepted(city, governors):
    first, second, _ = governors
    pair = [
        sign(propose(city, "put_verifier", {"verifier": {**VERIFIER, "client_id": name}}), *by)
        for name, by in (("one", (first, second)), ("two", (first, second)))
    ]
    answers = []
    threads = [
        threading.Thread(target=lambda act=act: answers.append(try_submit(city, act)))
        for act in pair
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [201, 409]
    assert len(city.hall.governance.registry().verifiers) == 1
    assert city.check() == []


def try_submit(city, act):
    body = {"act": build_signed_act_json(act)}
    return city.register.test_client().post("/api/v1/governance/acts", json=body).status_code


def test_operators_at_once_are_all_heard(city):
    names = [f"x509_hash:{number}" for number in range(4)]
    token = city.token()

    def put(name):
        body = {"verifier": {**VERIFIER, "client_id": name}}
        headers = {"Authorization": f"Bearer {token}"}
        client = city.register.test_client()
        answers.append(client.post("/api/v1/verifiers", json=body, headers=headers).status_code)

    answers = []
    threads = [threading.Thread(target=put, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [201] * 4
    assert [each.client_id for each in city.hall.governance.registry().verifiers] == names
    assert city.check() == []


def test_a_governor_removed_by_the_very_act_is_not_heard_again(city, governors):
    first, second, third = governors
    left = build_governors_json(build_governors([key_of(second), key_of(third)], 2))
    change = propose(city, "change_governors", left)

    assert submit(city, sign(change, first, second)).json["missing"] == 1
    assert submit(city, sign(change, third)).status_code == 201
    late = sign(propose(city, "put_verifier", {"verifier": VERIFIER}), first, second)
    assert refused(city, late)[:2] == (409, "act_refused")


def test_governors_accredit_with_limits_and_withdraw(city, governors):
    city_entry = {"issuer": {**city.entry(), "x5c_anchors": []}}
    limits = {
        "issuer": DID,
        "types": [TYPE + "2"],
        "valid_from": int(city.now.timestamp()),
        "claims": ["name"],
    }
    for kind, body in (
        ("put_issuer", city_entry),
        ("accredit", limits),
        ("withdraw_accreditation", {"issuer": AGENCY, "types": [TYPE], "at": limits["valid_from"]}),
    ):
        answer = submit(city, sign(propose(city, kind, body), *governors[:2]))
        assert answer.status_code == 201, answer.text
    [issuer] = city.hall.governance.registry().issuers

    assert [each.claims for each in issuer.accreditations] == [None, {"name"}]
    assert issuer.accreditations[0].valid_until == city.now
    city.close_epoch()
    assert city.check() == []


def test_only_so_many_acts_wait(city, governors):
    for number in range(MAX_PROPOSALS + 1):
        body = {"verifier": {**VERIFIER, "client_id": str(number)}}
        answer = submit(city, sign(propose(city, "put_verifier", body), governors[0]))
    assert answer.status_code == 429
    city.now += 2 * HOUR
    assert city.client.get("/governance/proposals").json["proposals"] == []
    late = sign(propose(city, "put_verifier", {"verifier": VERIFIER}), governors[0])
    assert submit(city, late).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"act": 7},
        {"act": {}},
        {"act": {"payload": "!", "signatures": []}},
        {"act": {"payload": "e30", "signatures": []}},
        {"act": {"payload": "e30", "signatures": [7]}},
    ],
)
def test_what_is_no_act_is_refused(city, body):
    assert city.client.post("/api/v1/governance/acts", json=body).status_code == 400


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_act WHERE sequence = 2",
        "DELETE FROM register_act WHERE sequence = 3",
        "DELETE FROM register_act",
        "UPDATE register_act SET accepted_at = accepted_at + 100000 WHERE sequence = 2",
        "UPDATE register_act SET text = (SELECT text FROM register_act WHERE sequence = 3)"
        " WHERE sequence = 2",
        "UPDATE register_act SET text = '{}' WHERE sequence = 1",
        "UPDATE register_act SET digest = zeroblob(32) WHERE sequence = 3",
        "UPDATE register_act SET version = 7 WHERE sequence = 3",
        "UPDATE register_trust SET content = replace(content, 'Transport', 'Airport')",
    ],
)
def test_s208_fsck_finds_a_changed_chain(city, statement):
    city.admit()
    city.post("/api/v1/verifiers", {"verifier": VERIFIER})

    before, after = city.corrupt(statement)

    assert before == []
    assert after != []


def test_a_register_from_before_there_were_acts_is_founded_on_what_it_has(city):
    city.admit()
    with city.hall.database.writing() as session:
        session.execute(text("DELETE FROM register_act"))
    city.hall.acts.begin()
    name, chain = read_chain(city)

    assert len(chain) == 1
    assert replay(chain, city=name).version == 3
    assert [each.identifiers[0] for each in city.hall.governance.registry().issuers] == [AGENCY]
    assert city.check() == []
