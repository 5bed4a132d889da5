"""did:webvh: what witnesses say, and what of it counts (WVH-04)."""

import json

import pytest

from credentials.did_key import build_did_key
from credentials.webvh_parameters import Witnesses
from credentials.webvh_publishing import append_version, create_log
from credentials.webvh_witness import build_witness_file, sign_witness_proof
from tests.credentials.webvh_logs import (
    ATTACKER,
    CONTROLLER,
    DID,
    KEY,
    NAMES,
    NOW,
    WITNESSES,
    first,
    later,
    refusal,
    resolve,
)
from tests.credentials.workshop import AGENCY, public_key


def witnessed(threshold, names=NAMES):
    return create_log(
        {"id": DID}, signer=CONTROLLER, now=NOW, witnesses=Witnesses(threshold, names)
    )


def version_of(log, number=-1):
    return json.loads(log.splitlines()[number])["versionId"]


def proofs_of(*signers, version, now=NOW):
    return [sign_witness_proof(version, signer=each, now=now) for each in signers]


def test_wvh_04_a_threshold_of_distinct_witnesses_is_enough():
    log = witnessed(2)
    version = version_of(log)
    enough = build_witness_file({version: proofs_of(*WITNESSES[:2], version=version)})

    assert resolve(log, witness_proofs=enough).metadata["witness"]["threshold"] == "2"


def test_wvh_04_what_does_not_count_does_not_reach_the_threshold():
    log = witnessed(2)
    version = version_of(log)
    one, other = proofs_of(*WITNESSES[:2], version=version)
    stranger = proofs_of(ATTACKER, version=version)[0]
    broken = {**other, "proofValue": one["proofValue"]}
    unpublished = proofs_of(WITNESSES[1], version="2-" + version[2:])[0]
    files = [
        None,
        b"[]",
        build_witness_file({version: [one]}),
        build_witness_file({version: [one, one]}),
        build_witness_file({version: [one, stranger]}),
        build_witness_file({version: [one, broken]}),
        build_witness_file({version: [one, 7]}),
        build_witness_file({version: [one], "2-" + version[2:]: [unpublished]}),
        build_witness_file({version: [one, unpublished]}),
    ]
    for file in files:
        assert refusal(log, witness_proofs=file) == "not_witnessed"


def test_wvh_04_a_later_approval_covers_what_came_before_but_not_what_comes_after():
    """negative-cross-did-witness-replay: an approval of the first entry shown for the second."""
    log = append_version(witnessed(1), signer=CONTROLLER, now=later(1))
    old, new = version_of(log, 0), version_of(log, 1)
    before = build_witness_file({old: proofs_of(WITNESSES[0], version=old)})
    after = build_witness_file({new: proofs_of(WITNESSES[0], version=new)})

    assert refusal(log, witness_proofs=before) == "not_witnessed"
    assert resolve(log, witness_proofs=after).metadata["versionNumber"] == 2


def test_wvh_04_an_approval_of_another_log_counts_for_nothing():
    log, other = witnessed(1), witnessed(1, NAMES[:1])
    version = version_of(other)
    replayed = build_witness_file({version: proofs_of(WITNESSES[0], version=version)})

    assert refusal(log, witness_proofs=replayed) == "not_witnessed"


def test_wvh_04_new_witnesses_are_asked_after_the_old_ones_approved():
    log = append_version(
        witnessed(1, NAMES[:1]),
        signer=CONTROLLER,
        now=later(1),
        witnesses=Witnesses(1, NAMES[1:2]),
    )
    version = version_of(log)
    by_the_new = build_witness_file({version: proofs_of(WITNESSES[1], version=version)})
    by_the_old = build_witness_file({version: proofs_of(WITNESSES[0], version=version)})

    assert refusal(log, witness_proofs=by_the_new) == "not_witnessed"
    assert resolve(log, witness_proofs=by_the_old).document is not None


def test_wvh_04_the_first_witnesses_approve_at_once_and_the_last_their_own_end():
    start = create_log({"id": DID}, signer=CONTROLLER, now=NOW)
    log = append_version(start, signer=CONTROLLER, now=later(1), witnesses=Witnesses(1, NAMES[:1]))
    ended = append_version(log, signer=CONTROLLER, now=later(2), parameters={"witness": {}})
    after = append_version(ended, signer=CONTROLLER, now=later(3))
    second, third = version_of(log), version_of(ended)

    assert refusal(log) == "not_witnessed"
    only_second = build_witness_file({second: proofs_of(WITNESSES[0], version=second)})
    assert refusal(after, witness_proofs=only_second) == "not_witnessed"
    both = build_witness_file({third: proofs_of(WITNESSES[0], version=third)})
    assert resolve(after, witness_proofs=both).metadata["versionNumber"] == 4


@pytest.mark.parametrize(
    "witness",
    [
        {"threshold": 2, "witnesses": [{"id": NAMES[0]}, {"id": NAMES[0]}]},
        {"threshold": 1, "witnesses": [{"id": NAMES[0]}, {"id": NAMES[0]}]},
        {"threshold": 0, "witnesses": [{"id": NAMES[0]}]},
        {"threshold": 2, "witnesses": [{"id": NAMES[0]}]},
        {"threshold": True, "witnesses": [{"id": NAMES[0]}]},
        {"threshold": 1.0, "witnesses": [{"id": NAMES[0]}]},
        {"threshold": "1", "witnesses": [{"id": NAMES[0]}]},
        {"threshold": 1, "witnesses": []},
        {"threshold": 1, "witnesses": {}},
        {"witnesses": [{"id": NAMES[0]}]},
        {"threshold": 1},
        {"threshold": 1, "witnesses": [{"id": "did:web:city.example"}]},
        {"threshold": 1, "witnesses": [{"id": build_did_key(public_key(AGENCY))}]},
        {"threshold": 1, "witnesses": [{"id": KEY}]},
        {"threshold": 1, "witnesses": [{"id": NAMES[0], "weight": 2}]},
        {"threshold": 1, "witnesses": ["x"]},
        {"threshold": 1, "witnesses": [{"id": name} for name in NAMES] * 30},
        [],
        "nobody",
    ],
)
def test_wvh_04_a_broken_list_of_witnesses_never_means_no_witnesses(witness):
    """negative-duplicate-witness-ids and negative-zero-witness-threshold are among them."""
    assert refusal(first(parameters={"witness": witness})) == "invalid_log_parameters"


@pytest.mark.parametrize(
    ("file", "detail"),
    [
        (b"{}", "invalid_witness_file"),
        (b"[7]", "invalid_witness_file"),
        (b'[{"versionId": 1}]', "invalid_witness_file"),
        (b'[{"versionId": "1-x", "proof": {}}]', "invalid_witness_file"),
        (b"[" + b"{}," * 1024 + b"{}]", "invalid_witness_file"),
        (json.dumps([{"versionId": "1-x", "proof": [1] * 1025}]).encode(), "too_large"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
        (b" " * 1_048_577, "too_large"),
    ],
)
def test_a_witness_file_that_cannot_be_read_is_refused(file, detail):
    assert refusal(witnessed(1), witness_proofs=file) == detail
