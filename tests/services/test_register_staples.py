"""The register cuts staples that hold, small without the head, and says no by name."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, LIST, NOON, checked_city, new_signer

from credentials.keys import parse_jwk
from credentials.model import Status
from credentials.stapled_status import StapledCredential, verify_stapled_status
from credentials.trust_leaf import build_trust_key
from encoding import base64url
from ledger import store as ledger_store
from ledger.errors import AnchorError
from ledger.quorum import parse_policy
from ledger.staple import verify_head
from ledger.staple_form import parse_epoch_head, parse_staple

city = checked_city
TYPE = "https://issuer.example/types/x"


def thumbprint(signer):
    return base64url.decode(parse_jwk(dict(signer.public_jwk)).thumbprint)


@pytest.fixture
def stapled(city):
    """A city with a list that has one revoked entry, in a published epoch."""
    city.admit()
    city.submit(city.list_token(statuses={7: Status.REVOKED, 8: Status.SUSPENDED}))
    city.close_epoch()
    return city


def ask(city, index=7, **words):
    query = {"list": LIST, "index": index, "form": "staple", "issuer": AGENCY} | words
    return city.client.get("/proofs", query_string=query)


def credential(city, index=7, **changes):
    said = StapledCredential(
        uri=LIST,
        index=index,
        is_bitstring=False,
        issuer=AGENCY,
        type=TYPE,
        signed_with=thumbprint(city.credential_key),
    )
    return replace(said, **changes)


def verify(city, data, head=None, **words):
    policy = parse_policy(city.client.get("/policy").text)
    return verify_stapled_status(
        data, credential=credential(city, **words), policy=policy, head=head
    )


@pytest.mark.parametrize(("index", "value"), [(7, 1), (8, 2), (9, 0), (2047, 0)])
def test_a_staple_gives_status_keys_and_accreditation(stapled, index, value):
    answer = ask(stapled, index)
    found = verify(stapled, answer.data, index=index)

    assert answer.content_type == "application/cbor"
    assert (found.entry.value, found.entry.anchor.epoch) == (value, 1)
    assert found.statement.credential_keys == (thumbprint(stapled.credential_key),)
    assert found.statement.status_keys == (thumbprint(stapled.status_key),)
    assert found.statement.not_before == int((NOON - timedelta(hours=24)).timestamp())
    assert len(found.statement.accreditation) == 32


def test_each_name_of_an_issuer_has_its_leaf(stapled):
    found = verify(stapled, ask(stapled, issuer=DID).data, issuer=DID)
    with stapled.hall.database.reading() as session:
        keys = {leaf.key for leaf in ledger_store.trust_of_epoch(session, 1)}

    assert found.statement.identifier == DID
    assert {build_trust_key(AGENCY, TYPE), build_trust_key(DID, TYPE)} < keys


def test_who_holds_the_head_gets_a_staple_without_it(stapled):
    policy = parse_policy(stapled.client.get("/policy").text)
    head = parse_epoch_head(stapled.client.get("/head").data, policy=policy)
    whole, lean = ask(stapled).data, ask(stapled, have=1).data

    assert verify_head(head, policy=policy).checkpoint.size == 1
    assert parse_staple(lean).head is None
    assert len(lean) < len(whole)
    assert verify(stapled, lean, head=head).entry.value == 1
    with pytest.raises(AnchorError) as refused:
        verify(stapled, lean)
    assert refused.value.detail == "head_not_held"


def test_an_old_head_does_not_make_the_staple_smaller(stapled):
    stapled.close_epoch()

    assert parse_staple(ask(stapled, have=1).data).head is not None
    assert verify(stapled, ask(stapled, have=1).data).entry.anchor.epoch == 2


def test_the_key_that_signed_is_not_repeated(stapled):
    key = base64url.encode(thumbprint(stapled.credential_key))
    other = base64url.encode(thumbprint(new_signer()))

    assert len(ask(stapled, key=other).data) - len(ask(stapled, key=key).data) == 33
    assert verify(stapled, ask(stapled, key=other).data).entry.value == 1


def test_accept_chooses_the_form_too(stapled):
    query = {"list": LIST, "index": 7, "issuer": AGENCY}
    get = stapled.client.get
    cbor = get("/proofs", query_string=query, headers={"Accept": "application/cbor"})
    plain = get("/proofs", query_string={"list": LIST, "index": 7})

    assert verify(stapled, cbor.data).entry.value == 1
    assert plain.content_type == "application/json"


def test_a_staple_follows_the_list(stapled):
    before = ask(stapled, 9).data
    stapled.now += timedelta(seconds=60)
    stapled.submit(stapled.list_token(statuses={9: Status.REVOKED}))
    stapled.close_epoch()

    assert verify(stapled, before, index=9).entry.value == 0
    assert verify(stapled, ask(stapled, 9).data, index=9).entry.value == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"index": 2048}, 400),
        ({"index": -1}, 400),
        ({"list": f"{AGENCY}/status/2"}, 404),
        ({"issuer": f"{AGENCY}/x"}, 404),
        ({"type": "https://issuer.example/types/y"}, 404),
        ({"key": "!"}, 400),
        ({"have": 0}, 400),
        ({"form": "x"}, 400),
        ({"list": [LIST, LIST]}, 400),
    ],
)
def test_a_question_without_an_answer_is_refused(stapled, words, status):
    answer = ask(stapled, **words)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_an_issuer_of_several_types_must_be_told_which(city):
    since = int((NOON - timedelta(hours=1)).timestamp())
    types = [TYPE, "https://issuer.example/types/y"]
    city.admit(accreditations=[{"types": types, "valid_from": since}])
    city.submit(city.list_token())
    city.close_epoch()

    assert ask(city).status_code == 400
    assert verify(city, ask(city, type=types[1]).data, type=types[1]).entry.value == 0


def test_s188_a_compromised_key_stands_in_no_trust_leaf(stapled):
    since = int((NOON - timedelta(hours=24)).timestamp())
    keys = stapled.entry()["keys"]
    keys[0] |= {"compromised_at": since + 3600}
    keys.append({"jwk": dict(new_signer().public_jwk), "use": "credential", "valid_from": since})
    stapled.admit(keys=keys)
    stapled.close_epoch()

    with pytest.raises(AnchorError) as refused:
        verify(stapled, ask(stapled, key=base64url.encode(bytes(32))).data)
    assert refused.value.detail == "key_not_listed"
