"""Many presentations at once get the verdicts that each gets alone."""

import json
import pickle
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from credentials import keys
from credentials.handover import OpenID4VPHandover
from credentials.keys import parse_jwk
from credentials.signature_memory import SignatureMemory
from credentials.verdict import Outcome, build_verdict_json
from tests.credentials import workshop
from tests.credentials.test_verification import CASES, DOCUMENT
from tests.vectors import reading_cases
from verifier.verify_many import Shown, judge_all, verify_many


def question(case):
    return {name: case["given"][name] for name in ("policy", "trust", "lists", "log", "memory")}


def build_bulk():
    """The cases of the shared vectors that ask the same question of the same material."""
    asked = Counter(json.dumps(question(case), sort_keys=True) for case in CASES)
    commonest = asked.most_common(1)[0][0]
    cases = [case for case in CASES if json.dumps(question(case), sort_keys=True) == commonest]
    given = cases[0]["given"] | {"is_replayed": False}
    material = reading_cases.read_material(given, DOCUMENT)
    policy = reading_cases.read_policy(DOCUMENT["demands"][given["policy"]])
    return cases, [read_shown(case["given"]) for case in cases], material, policy


def read_shown(given):
    return Shown(
        presentation=given["presentation"],
        now=datetime.fromtimestamp(given["now"], UTC),
        audience=given["audience"],
        nonce=given["nonce"],
        is_replayed=given["is_replayed"],
    )


@pytest.mark.parametrize("remembers", [False, True])
def test_the_verdicts_of_the_vectors_come_in_order_from_two_processes(remembers):
    cases, shown, material, policy = build_bulk()
    if remembers:
        material = replace(material, signatures=SignatureMemory())
    expected = [case["verdict"] for case in cases] * 3
    assert len({outcome["outcome"] for outcome in expected}) == 3
    assert len(cases) >= 40

    verdicts = list(verify_many(shown * 3, material, policy, processes=2, chunk=7))

    assert [build_verdict_json(verdict) for verdict in verdicts] == expected
    assert verdicts == judge_all((material, policy), shown * 3)


def test_what_was_replayed_is_said_of_that_presentation_alone():
    cases, shown, material, policy = build_bulk()
    good = next(
        each
        for each, case in zip(shown, cases, strict=True)
        if case["expect"] == "passed" and not each.is_replayed
    )
    several = [good, replace(good, is_replayed=True), good]

    verdicts = verify_many(several, material, policy, processes=1, chunk=2)

    assert [each.outcome for each in verdicts] == [Outcome.PASSED, Outcome.FAILED, Outcome.PASSED]


def test_nothing_shown_gives_no_verdict():
    _, _, material, policy = build_bulk()

    assert list(verify_many([], material, policy)) == []


@pytest.mark.parametrize("by", [workshop.AGENCY, workshop.ed25519_signer("agency")])
def test_a_key_travels_as_its_jwk(by):
    key = workshop.public_key(by)
    sent = pickle.dumps(key)
    keys._parse_elliptic.cache_clear()
    keys._parse_ed25519.cache_clear()
    arrived = pickle.loads(sent)

    assert arrived == key == parse_jwk(dict(by.public_jwk))
    assert arrived.members == key.members
    assert keys.verify_signature(arrived, b"data", by.sign(b"data"))


def test_what_is_shown_reaches_another_process_whole():
    handover = OpenID4VPHandover("verifier", "https://verifier.example/response", b"thumb")
    shown = Shown({"permit": "a~b~"}, datetime(2026, 11, 22, tzinfo=UTC), "us", "n", True, handover)

    assert pickle.loads(pickle.dumps(shown)) == shown
