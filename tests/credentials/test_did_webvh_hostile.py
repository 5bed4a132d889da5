"""
did:webvh: the audited negative scenarios, rebuilt here and signed with our own keys.

The published suite describes sixteen of them; each test names its scenario. An entry is changed
before it is hashed and signed, so that nothing but the named rule can refuse it.
"""

import json
from datetime import timedelta

import pytest

from credentials.did_key import build_did_key
from credentials.webvh_log import MAX_ENTRIES, MAX_LOG_BYTES
from credentials.webvh_publishing import create_log
from tests.credentials.webvh_logs import (
    ATTACKER,
    CONTROLLER,
    DID,
    KEY,
    NAMES,
    NOW,
    REMOVED,
    SCID,
    first,
    refusal,
    resolve,
    signed,
    then,
)
from tests.credentials.workshop import AGENCY, public_key


def test_the_twin_of_all_that_follows_is_accepted():
    log = then(then(first()), parameters={"ttl": 0})

    assert resolve(log).ttl == 0


# What an entry says of itself.


@pytest.mark.parametrize(
    ("log", "detail"),
    [
        (lambda: first(state={"id": f"did:webvh:{SCID}:city.example"}), "wrong_scid"),
        (lambda: first(parameters={"scid": SCID}), "wrong_scid"),
        (lambda: first(parameters={"scid": REMOVED}), "invalid_log_parameters"),
        (lambda: first(state={"id": "did:web:city.example"}), "invalid_did"),
        (lambda: first(state={"id": REMOVED}), "invalid_did_document"),
        (lambda: first(state={"id": DID + "#key"}), "invalid_did"),
        (lambda: first(state={"id": DID + "?a=b"}), "invalid_did"),
        (lambda: first(parameters={"method": "did:webvh:99.0"}), "invalid_log_parameters"),
        (lambda: first(parameters={"method": "did:webvh:1.0-rc1"}), "invalid_log_parameters"),
        (lambda: first(parameters={"method": "didwebvh:1.0"}), "invalid_log_parameters"),
        (lambda: first(parameters={"method": "did:webvh:0.5"}), "invalid_log_parameters"),
        (lambda: first(parameters={"method": None}), "invalid_log_parameters"),
        (lambda: first(parameters={"updateKeys": REMOVED}), "invalid_log_parameters"),
        (lambda: first(parameters={"updateKeys": []}), "invalid_log_proof"),
        (lambda: first(parameters={"updateKeys": None}), "invalid_log_proof"),
        (lambda: first(parameters={"updateKeys": KEY}), "invalid_log_parameters"),
        (lambda: first(parameters={"updateKeys": [KEY] * 65}), "invalid_log_parameters"),
        (lambda: first(parameters={"nextKeyHashes": [7]}), "invalid_log_parameters"),
        (lambda: first(parameters={"colour": "blue"}), "invalid_log_parameters"),
        (lambda: first(parameters={"portable": "true"}), "invalid_log_parameters"),
        (lambda: first(parameters={"ttl": -1}), "invalid_log_parameters"),
        (lambda: first(parameters={"ttl": True}), "invalid_log_parameters"),
        (lambda: first(parameters={"ttl": 2**31 + 1}), "invalid_log_parameters"),
        (lambda: first(signer=ATTACKER), "invalid_log_proof"),
        (lambda: first(colour="blue"), "invalid_log_entry"),
        (lambda: then(first(), state=[]), "invalid_log_entry"),
        (lambda: then(first(), parameters={"scid": SCID}), "invalid_log_parameters"),
        (lambda: then(first(), parameters={"method": "did:webvh:0.5"}), "invalid_log_parameters"),
        (lambda: then(first(), parameters={"portable": True}), "invalid_log_parameters"),
        (lambda: then(first(), number=3), "broken_log_chain"),
        (lambda: then(first(), number=1), "broken_log_chain"),
        (lambda: then(first(parameters={"deactivated": True})), "invalid_log_parameters"),
    ],
)
def test_wvh_01_05_06_an_entry_that_breaks_a_rule_is_refused_though_signed(log, detail):
    """negative-scid-mismatch-genesis and negative-unknown-method-version are among them."""
    assert refusal(log()) == detail


def test_wvh_05_a_portable_did_keeps_its_scid():
    """negative-portable-scid-swap"""
    log = first(parameters={"portable": True})
    old = json.loads(log)["state"]["id"]
    state = {"id": f"did:webvh:{SCID}:new.city.example", "alsoKnownAs": [old]}

    assert refusal(then(log, state=state)) == "wrong_scid"


def test_wvh_04_a_consuming_entry_must_name_its_keys():
    """negative-pre-rotation-omit-updatekeys"""
    log = create_log({"id": DID}, signer=CONTROLLER, now=NOW, next_keys=[public_key(ATTACKER)])

    assert refusal(then(log)) == "invalid_log_parameters"
    assert refusal(then(log, parameters={"updateKeys": [KEY]})) == "invalid_log_parameters"
    parameters = {"updateKeys": [KEY], "nextKeyHashes": []}
    assert refusal(then(log, parameters=parameters)) == "invalid_log_parameters"
    empty = {"updateKeys": [], "nextKeyHashes": []}
    assert refusal(then(log, parameters=empty)) == "invalid_log_proof"


@pytest.mark.parametrize(
    ("time", "detail"),
    [
        ("2026-11-22T09:00:00Z", "invalid_version_time"),
        ("2026-11-22T08:59:59Z", "invalid_version_time"),
        ("9999-06-15T00:00:00Z", "invalid_version_time"),
        ("2026-11-23T16:00:00+07:00", "invalid_version_time"),
        ("2026-11-23T09:00:00", "invalid_time"),
        ("2026-11-23", "invalid_time"),
        (1, "invalid_time"),
    ],
)
def test_wvh_02_times_rise_and_are_in_utc_and_past(time, detail):
    """negative-versiontime-non-monotonic and negative-versiontime-future, also in the middle"""
    middle = then(first(), versionTime=time)

    assert refusal(middle) == detail
    last = json.loads(middle.splitlines()[-1])
    tail = {**last, "versionTime": "2026-11-24T09:00:00Z"}
    assert refusal(middle + signed(tail, number=3, previous=last["versionId"])) == detail


def test_wvh_02_a_clock_may_differ_by_five_minutes():
    log = first()

    assert resolve(log, now=NOW - timedelta(minutes=5)).document is not None
    assert refusal(log, now=NOW - timedelta(minutes=5, seconds=1)) == "invalid_version_time"


# Proofs.


@pytest.mark.parametrize(
    "proof",
    [
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": "ecdsa-jcs-2019"},
        {"cryptosuite": REMOVED},
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "authentication"},
        {"verificationMethod": f"{build_did_key(public_key(ATTACKER))}#{KEY}"},
        {"verificationMethod": f"did:key:{KEY}#{NAMES[0].removeprefix('did:key:')}"},
        {"verificationMethod": f"did:key:{KEY}"},
        {"verificationMethod": 7},
        {"verificationMethod": "did:key:zz#zz"},
        {"proofValue": "z" + "1" * 64},
        {"proofValue": "uAA"},
        {"proofValue": REMOVED},
        {"created": "2026-11-22T09:00:01Z"},
        {"created": "now"},
        {"expires": "2026-11-22T09:00:01Z"},
        {"@context": ["https://w3id.org/security/data-integrity/v2"]},
    ],
)
def test_wvh_03_a_proof_that_is_not_exactly_what_it_must_be_is_refused(proof):
    """negative-wrong-cryptosuite and negative-did-key-body-fragment-mismatch are among them."""
    assert refusal(first(proof=proof)) == "invalid_log_proof"


def test_wvh_03_one_bad_proof_beside_a_good_one_refuses_the_entry():
    log = json.loads(first())
    good = log["proof"][0]
    for proofs in ([good, {**good, "created": "2026-11-22T09:00:01Z"}], [], [good] * 17, [7]):
        bad = json.dumps({**log, "proof": proofs}).encode()

        assert refusal(bad) == "invalid_log_proof"
    assert resolve(json.dumps({**log, "proof": good}).encode()).document is not None


def test_wvh_03_a_key_that_is_not_ed25519_does_not_sign():
    name = build_did_key(public_key(AGENCY)).removeprefix("did:key:")
    proof = {"verificationMethod": f"did:key:{name}#{name}"}

    assert refusal(first(parameters={"updateKeys": [KEY, name]}, proof=proof)) == (
        "invalid_log_proof"
    )


# Bytes.


@pytest.mark.parametrize(
    ("log", "detail"),
    [
        (b"", "invalid_json"),
        (b"\n", "invalid_json"),
        (b"[]", "not_an_object"),
        (b"{}", "invalid_log_entry"),
        (b"\xff", "invalid_utf8"),
        (b"{}\n\n{}", "invalid_json"),
        (b"\n" * (MAX_ENTRIES + 1), "too_large"),
        (b" " * (MAX_LOG_BYTES + 1), "too_large"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "too_deep"),
        (first() + first(), "broken_log_chain"),
        (first().replace(b'"1-Qm', b'"01-Qm'), "invalid_log_entry"),
        (first().replace(b'"1-Qm', b'"1--Qm'), "invalid_log_entry"),
        (first().replace(b'"1-Qm', b'"1-Zm'), "invalid_log_entry"),
        (first(state={"note": "x"}).replace(b'"note": "x"', b'"note": "{SCID}"'), "wrong_scid"),
        (first(state={"note": "x"}).replace(b'"note": "x"', b'"note": "y"'), "wrong_scid"),
        (
            then(first()).replace(b'"parameters": {}', b'"parameters": {"ttl": 1}'),
            "broken_log_chain",
        ),
    ],
)
def test_bytes_that_are_no_log_are_refused(log, detail):
    did = f"did:webvh:{SCID}:city.example"

    assert refusal(log, did=did) == detail
