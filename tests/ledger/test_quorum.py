"""Quorum policies as text, and proofs of one entry, as C2SP writes them."""

import base64
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import LOG_KEY, NOON, ORIGIN, signing_key, verifier_key

from ledger.errors import AnchorError, Malformed
from ledger.merkle import inclusion_proof, leaf_hash, tree_root
from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Group,
    QuorumPolicy,
    build_checkpoint_text,
    build_cosignature,
    sign_note,
)
from ledger.proof import LogProof, build_log_proof, parse_log_proof, verify_log_proof
from ledger.quorum import build_policy, parse_policy

WITNESSES = tuple(verifier_key(f"witness.example/{n}", n, COSIGNATURE) for n in (2, 3, 4, 5))


NESTED = f"""# people and machines
log {LOG_KEY.vkey} https://log.example
\twitness a {WITNESSES[0].vkey}
witness b {WITNESSES[1].vkey} https://b.example/
witness c {WITNESSES[2].vkey}
witness d {WITNESSES[3].vkey}

group left any a b
group right 2 c d
group both all left right
quorum both
"""


@pytest.mark.parametrize(
    ("seeds", "is_enough"), [((2, 3), False), ((4, 5), False), ((2, 4), False), ((3, 4, 5), True)]
)
def test_groups_within_groups_are_a_policy(seeds, is_enough):
    policy = parse_policy(NESTED)
    keys = frozenset(verifier_key(f"witness.example/{seed}", seed, COSIGNATURE) for seed in seeds)

    assert policy.is_met(keys) is is_enough


@pytest.mark.parametrize(
    "policy",
    [
        QuorumPolicy(LOG_KEY, (), threshold=0),
        QuorumPolicy(LOG_KEY, WITNESSES, threshold=0),
        QuorumPolicy(LOG_KEY, WITNESSES[:1], threshold=1),
        QuorumPolicy(LOG_KEY, WITNESSES, threshold=3),
        QuorumPolicy(
            LOG_KEY,
            WITNESSES,
            threshold=2,
            group=Group(2, (Group(1, WITNESSES[:2]), Group(2, WITNESSES[2:]))),
            other_logs=(verifier_key(ORIGIN, 9, ED25519),),
        ),
    ],
)
def test_a_policy_reads_as_it_was_written(policy):
    assert parse_policy(build_policy(policy)) == policy


@pytest.mark.parametrize(
    "change",
    [
        ("quorum both", ""),
        ("quorum both", "quorum both\nquorum both"),
        ("quorum both", "quorum nobody"),
        ("group right 2 c d", "group right 3 c d"),
        ("group right 2 c d", "group right 0 c d"),
        ("group right 2 c d", "group right 02 c d"),
        ("group right 2 c d", "group right 2 c a"),
        ("group right 2 c d", "group right 2 c e"),
        ("group right 2 c d", "group right 2"),
        ("group right 2 c d", "group left 2 c d"),
        ("group right 2 c d", "group none 2 c d"),
        (WITNESSES[3].vkey, WITNESSES[2].vkey),
        (WITNESSES[3].vkey, verifier_key("x", 5, ED25519).vkey),
        (f"log {LOG_KEY.vkey}", f"log {WITNESSES[0].vkey}"),
        (f"log {LOG_KEY.vkey} https://log.example", ""),
        ("# people", "people"),
        ("# people", "\r# people"),
        ("witness a", "witness a b c"),
    ],
)
def test_a_policy_that_is_not_understood_is_refused(change):
    with pytest.raises(Malformed):
        parse_policy(NESTED.replace(*change))


def test_a_quorum_may_be_one_witness():
    policy = parse_policy(NESTED.replace("quorum both", "quorum a"))

    assert policy.is_met(frozenset({WITNESSES[0]}))
    assert not policy.is_met(frozenset(WITNESSES[1:]))


LEAVES = [leaf_hash(b"%d" % number) for number in range(7)]


def log_proof(index=3, **changes):
    text = build_checkpoint_text(Checkpoint(ORIGIN, 7, tree_root(LEAVES)))
    proof = {
        "index": index,
        "path": inclusion_proof(LEAVES, index),
        "checkpoint": sign_note(text, key=LOG_KEY, signer=signing_key(1))
        + build_cosignature(text, key=WITNESSES[0], signer=signing_key(2), now=NOON),
        "extra": b"why",
    }
    return LogProof(**{**proof, **changes})


def test_prf_01_a_proof_reads_as_it_was_written_and_holds():
    proof = log_proof()
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=1)

    assert parse_log_proof(build_log_proof(proof)) == proof
    assert parse_log_proof(build_log_proof(log_proof(extra=None))).extra is None
    assert verify_log_proof(proof, policy=policy, leaf_hash=LEAVES[3]).checkpoint.size == 7


def test_prf_01_a_proof_of_another_entry_or_without_quorum_is_refused():
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=1)
    strict = QuorumPolicy(LOG_KEY, WITNESSES, threshold=2)

    with pytest.raises(AnchorError) as wrong:
        verify_log_proof(log_proof(), policy=policy, leaf_hash=LEAVES[4])
    with pytest.raises(AnchorError) as few:
        verify_log_proof(log_proof(), policy=strict, leaf_hash=LEAVES[3])

    assert (wrong.value.detail, few.value.detail) == ("not_in_log", "no_quorum")


@pytest.mark.parametrize(
    "change",
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3\n", ""),
        ("extra d2h5", "extra d2h"),
        ("\n\n", "\n"),
        ("\nindex 3", "\nindex 3" + "\n" + base64.b64encode(bytes(31)).decode()),
        ("\nindex 3", "\nindex 3" + ("\n" + base64.b64encode(bytes(32)).decode()) * 64),
    ],
)
def test_prf_01_what_is_no_proof_is_refused(change):
    with pytest.raises(Malformed):
        parse_log_proof(build_log_proof(log_proof()).replace(*change))
