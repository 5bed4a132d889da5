"""A staple is judged in Python as in JavaScript: the shared vectors of `staples.json`."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credentials import errors as credential_errors
from credentials.stapled_status import StapledCredential, verify_stapled_status
from encoding import base64url
from ledger.errors import AnchorError, Malformed
from ledger.memory_of_heads import MemoryOfHeads, Promise, check_due, remember_staple
from ledger.note import Checkpoint
from ledger.quorum import parse_policy
from ledger.staple import verify_head
from ledger.staple_form import parse_epoch_head
from tests.vectors.make_staples import build_document, build_text

VECTORS = Path(__file__).parents[1] / "vectors" / "staples.json"
CASES = json.loads(VECTORS.read_text())["cases"]


def parse_memory(given):
    head = given["head"]
    return MemoryOfHeads(
        head=head and Checkpoint(head["origin"], head["size"], bytes.fromhex(head["root"])),
        epochs={int(name): bytes.fromhex(each) for name, each in given["epochs"].items()},
        roots={int(name): bytes.fromhex(each) for name, each in given["roots"].items()},
        versions=given["versions"],
    )


def judge(given):
    policy = parse_policy(given["policy"])
    head = None
    if given["head"] is not None:
        head = parse_epoch_head(base64url.decode(given["head"]), policy=policy)
        verify_head(head, policy=policy)
    names = ("uri", "index", "is_bitstring", "issuer", "type")
    credential = StapledCredential(
        **{name: given[name] for name in names}, signed_with=base64url.decode(given["signed_with"])
    )
    data = base64url.decode(given["staple"])
    shown = verify_stapled_status(data, credential=credential, policy=policy, head=head).entry
    remember_staple(parse_memory(given["memory"]), shown)
    check_due(
        shown,
        now=datetime.fromtimestamp(given["now"], UTC),
        promised=timedelta(seconds=given["promised"]),
        receipts=[Promise(**each) for each in given["receipts"]],
    )
    return shown.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_staple_gives_the_value_or_the_named_refusal(case):
    if case["expect"] == "refused":
        with pytest.raises((AnchorError, Malformed, credential_errors.Malformed)) as refused:
            judge(case["given"])
        assert refused.value.detail == case["reason"]
    else:
        assert judge(case["given"]) == case["expect"]


def test_the_vectors_are_what_their_script_writes():
    assert VECTORS.read_text() == build_text(build_document())


@pytest.mark.parametrize("name", ["a valid entry", "the head is held"])
def test_no_bit_of_a_staple_can_be_changed(name):
    given = next(case for case in CASES if case["name"] == name)["given"]
    data = base64url.decode(given["staple"])
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        with pytest.raises((AnchorError, Malformed, credential_errors.Malformed)) as refused:
            judge(given | {"staple": base64url.encode(bytes(changed))})
        assert refused.value.detail not in ("", "malformed"), place


def test_bytes_that_are_no_staple_are_refused_by_name():
    given = CASES[0]["given"]
    data, chance = base64url.decode(given["staple"]), random.Random(3)
    for _ in range(600):
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            start = chance.randrange(len(changed) + 1)
            changed[start : start + chance.randrange(9)] = chance.randbytes(chance.randrange(1, 9))
        if bytes(changed) == data:
            continue
        with pytest.raises((AnchorError, Malformed, credential_errors.Malformed)):
            judge(given | {"staple": base64url.encode(bytes(changed))})
