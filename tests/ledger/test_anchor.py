"""S-201: an anchor proof holds for its list, its bytes and its log, and for nothing else."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import NOON, City, verifier_key

from encoding.cbor import build_cbor
from encoding.strict_json import build_json, parse_object
from ledger.anchor import (
    Chunk,
    build_anchor_proof_json,
    build_chunk_json,
    parse_anchor_proof,
    parse_chunk,
    verify_anchor,
    verify_chunk,
    verify_list_leaf,
)
from ledger.epoch import (
    TrustLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_hashes,
    chunk_of,
    parse_epoch_leaf,
    parse_list_leaf,
    snapshot_levels,
    trust_root,
)
from ledger.errors import AnchorError, Malformed
from ledger.merkle import inclusion_proof
from ledger.note import COSIGNATURE, QuorumPolicy

LIST = "https://issuer.example/status/1"
ENTRIES = bytes(number * 7 % 251 for number in range(1000))


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = City(tmp_path_factory.mktemp("city"))
    for number in range(5):
        city.submit(f"https://issuer.example/status/{number}", 1, entries=ENTRIES)
        city.close()
    return city


@pytest.fixture(scope="module")
def found(city):
    return city.anchored(LIST)


def detail_of(city, proof, *, uri=LIST, token=None, policy=None):
    with pytest.raises(AnchorError) as refused:
        verify_anchor(
            proof,
            policy=policy or city.policy,
            uri=uri,
            token=token or city.anchored(LIST).stored.token,
        )
    return refused.value.detail


def test_a_proof_survives_json(city, found):
    text = build_json(build_anchor_proof_json(found.proof))

    assert parse_anchor_proof(parse_object(text)) == found.proof
    assert hash(parse_anchor_proof(parse_object(text))) == hash(found.proof)


def test_every_part_of_a_proof_is_checked(city, found):
    proof = found.proof
    leaf, epoch = proof.list_leaf, proof.epoch_leaf
    cases = {
        "another index in the snapshot": replace(proof, list_index=proof.list_index + 1),
        "a shorter path": replace(proof, list_path=proof.list_path[:-1]),
        "a longer path": replace(proof, list_path=(*proof.list_path, bytes(32))),
        "another version": replace(proof, list_leaf=replace(leaf, version=2)),
        "other bits": replace(proof, list_leaf=replace(leaf, bits=1)),
        "another size": replace(proof, list_leaf=replace(leaf, size=8)),
        "another chunk root": replace(proof, list_leaf=replace(leaf, chunk_root=bytes(32))),
        "another lists root": replace(proof, epoch_leaf=replace(epoch, lists_root=bytes(32))),
    }

    assert {name: detail_of(city, case) for name, case in cases.items()} == dict.fromkeys(
        cases, "not_in_snapshot"
    )


def test_every_part_of_the_epoch_is_checked(city, found):
    proof = found.proof
    epoch = proof.epoch_leaf
    cases = {
        "another time": replace(
            proof, epoch_leaf=replace(epoch, time=epoch.time + timedelta(seconds=1))
        ),
        "another trust root": replace(proof, epoch_leaf=replace(epoch, trust_root=bytes(32))),
        "another number": replace(proof, epoch_leaf=replace(epoch, epoch=4)),
        "another place": replace(proof, epoch_index=3),
        "a shorter path": replace(proof, epoch_path=proof.epoch_path[:-1]),
    }

    assert {name: detail_of(city, case) for name, case in cases.items()} == dict.fromkeys(
        cases, "not_in_log"
    )


def test_a_proof_for_another_tree_size_does_not_hold(city, found, tmp_path):
    other = City(tmp_path)
    other.close()
    proof = replace(found.proof, checkpoint=other.close().witnessed)

    assert detail_of(city, proof) == "not_in_log"


def test_a_checkpoint_without_quorum_proves_nothing(city, found):
    stranger = verifier_key("stranger", 9, COSIGNATURE)
    strict = QuorumPolicy(city.policy.log, (stranger,), threshold=1)
    forged = found.proof.checkpoint.replace("5\n", "6\n", 1)

    assert detail_of(city, found.proof, policy=strict) == "no_quorum"
    assert detail_of(city, replace(found.proof, checkpoint="")) == "malformed_note"
    assert detail_of(city, replace(found.proof, checkpoint=forged)) == "bad_signature"


def test_an_epoch_dated_into_the_future_is_refused(tmp_path):
    city = City(tmp_path)
    city.submit(LIST, 1)
    city.now += timedelta(hours=1)
    city.witnesses[0].clock = NOON
    city.closer.close()
    city.closer.settle()

    assert detail_of(city, city.anchored(LIST).proof) == "epoch_in_the_future"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=st.integers(0, 3999))
def test_a_staple_shows_one_entry_of_a_list(found, entry):
    number = chunk_of(entry, bits=2)
    chunk = Chunk(
        index=number,
        data=ENTRIES[number * 64 : number * 64 + 64],
        path=inclusion_proof(chunk_hashes(ENTRIES), number),
    )
    verify_chunk(found.proof, parse_chunk(build_chunk_json(chunk)), entry=entry)

    for wrong, detail in (
        (replace(chunk, index=number + 1), "wrong_chunk"),
        (replace(chunk, data=chunk.data[:-1] + b"\xff"), "not_in_list"),
        (replace(chunk, path=chunk.path[1:]), "not_in_list"),
    ):
        with pytest.raises(AnchorError) as refused:
            verify_chunk(found.proof, wrong, entry=entry)
        assert refused.value.detail == detail


def test_a_staple_is_bound_to_its_list_and_size(city, found):
    with pytest.raises(AnchorError):
        verify_list_leaf(found.proof, policy=city.policy, uri=LIST + "0")
    with pytest.raises(AnchorError):
        verify_chunk(found.proof, Chunk(0, ENTRIES[:64], ()), entry=-1)
    with pytest.raises(AnchorError):
        verify_chunk(found.proof, Chunk(15, ENTRIES[960:], ()), entry=4000)


def valid_json(found):
    return build_anchor_proof_json(found.proof)


@pytest.mark.parametrize(
    "change",
    [
        {"list_index": -1},
        {"list_index": True},
        {"list_index": "1"},
        {"epoch_index": 2**63},
        {"list_path": None},
        {"list_path": ["AAAA"]},
        {"list_path": ["A" * 43] * 64},
        {"list_path": [1]},
        {"list_leaf": "!"},
        {"list_leaf": 7},
        {"list_leaf": ""},
        {"epoch_leaf": "AAAA"},
        {"checkpoint": 1},
        {"checkpoint": "x" * 200_000},
        {"more": 1},
    ],
)
def test_what_is_no_proof_is_refused(found, change):
    with pytest.raises(Malformed):
        parse_anchor_proof({**valid_json(found), **change})


@pytest.mark.parametrize("value", [None, [], "x", {}])
def test_a_proof_is_an_object_with_all_its_members(value):
    with pytest.raises(Malformed):
        parse_anchor_proof(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"index": 0, "data": "AA"},
        {"index": 0, "data": "", "path": []},
        {"index": 0, "data": "A" * 88, "path": []},
    ],
)
def test_what_is_no_chunk_is_refused(value):
    with pytest.raises(Malformed):
        parse_chunk(value)


def test_leaves_have_one_encoding(found):
    listed = build_list_leaf(found.proof.list_leaf)
    epoch = build_epoch_leaf(found.proof.epoch_leaf)

    assert parse_list_leaf(listed) == found.proof.list_leaf
    assert parse_epoch_leaf(epoch) == found.proof.epoch_leaf


@pytest.mark.parametrize(
    "members",
    [
        [2, "u", 1, 2, 8, bytes(32), bytes(32)],
        [1, "u", 1, 3, 8, bytes(32), bytes(32)],
        [1, "u", -1, 2, 8, bytes(32), bytes(32)],
        [1, "u", True, 2, 8, bytes(32), bytes(32)],
        [1, "u", 1, 2, 8, bytes(31), bytes(32)],
        [1, "u", 1, 2, 8, bytes(32)],
        [1, 7, 1, 2, 8, bytes(32), bytes(32)],
        {"a": 1},
    ],
)
def test_what_is_no_list_leaf_is_refused(members):
    with pytest.raises(Malformed):
        parse_list_leaf(build_cbor(members))


@pytest.mark.parametrize(
    "members",
    [
        [2, 1, 0, 0, bytes(32), bytes(32)],
        [1, 1, 10**12, 0, bytes(32), bytes(32)],
        [1, -1, 0, 0, bytes(32), bytes(32)],
        [1, True, 0, 0, bytes(32), bytes(32)],
        [1, 1, 0, 0, bytes(32), bytes(33)],
    ],
)
def test_what_is_no_epoch_leaf_is_refused(members):
    with pytest.raises(Malformed):
        parse_epoch_leaf(build_cbor(members))


def test_the_snapshot_takes_each_list_once_and_in_order(found):
    leaf = found.proof.list_leaf

    with pytest.raises(ValueError, match="sorted"):
        snapshot_levels([(leaf.uri, b""), (leaf.uri, b"")])
    with pytest.raises(ValueError, match="share"):
        trust_root([TrustLeaf(b"a", bytes(32)), TrustLeaf(b"a", bytes(32))])
