"""Every verdict of the shared vectors, and that no check of it could be left out."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from credentials import (
    claim_judgement,
    holder_judgement,
    issuer_judgement,
    status_judgement,
    verification,
)
from credentials.material import Material
from credentials.policy import Policy
from credentials.trust import TrustRegistry
from credentials.verdict import Outcome, Reason, build_verdict_json, failed, passed
from credentials.verification import verify
from tests.vectors import make_verification, reading_cases, small_city
from tests.vectors.case import GOOD_VIEW, RULE

VECTORS = Path(__file__).parents[1] / "vectors"
DOCUMENT = json.loads((VECTORS / "verification.json").read_text(encoding="utf-8"))
CASES = DOCUMENT["cases"]


def named(name):
    return next(case for case in CASES if case["name"] == name)


def judged(case):
    return build_verdict_json(reading_cases.judge(case, DOCUMENT))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_verdict_is_as_the_vector_says(case):
    verdict = judged(case)

    assert verdict["outcome"] == case["expect"], verdict["checks"]
    assert next(iter(verdict["reasons"]), None) == case["reason"]
    assert verdict == case["verdict"]


def test_the_vectors_are_those_that_the_script_writes():
    text = make_verification.build_text(make_verification.build_document())

    assert text == (VECTORS / "verification.json").read_text(encoding="utf-8")


def test_every_reason_is_met_with_at_least_once():
    """`overdue` is what the monitor says of a broken promise; no presentation can show it."""
    found = {Reason(reason) for case in CASES for reason in case["verdict"]["reasons"]}

    assert set(Reason) - found == {Reason.OVERDUE}


def test_every_name_of_a_case_is_its_own():
    assert len({case["name"] for case in CASES}) == len(CASES) >= 60


def always(name):
    return lambda *_, **__: passed(name)


DISABLED = {
    "whole": (verification, "_check_shape", lambda *_: []),
    "issuer": (verification, "judge_issuer", always("issuer")),
    "accreditation": (issuer_judgement, "is_accredited", lambda *_, **__: True),
    "type": (verification, "_check_type", always("type")),
    "signature": (verification, "judge_signature", always("signature")),
    "key": (issuer_judgement, "_check_key", always("signature")),
    "key of a list": (status_judgement, "key_problem", lambda *_, **__: None),
    "validity": (verification, "_check_validity", always("validity")),
    "holder": (verification, "judge_holder", always("holder")),
    "binding": (holder_judgement, "_binding_problem", lambda *_: None),
    "replay": (verification, "judge_replay", always("replay")),
    "freshness": (holder_judgement, "_staleness", lambda *_: None),
    "status": (verification, "judge_reference", always("status")),
    "list": (status_judgement, "_list_problem", lambda *_: None),
    "list's signature": (status_judgement, "_signing_problem", lambda *_, **__: None),
    "later lists": (status_judgement, "_still_counts", lambda *_: True),
    "fork": (status_judgement, "_is_fork", lambda *_: False),
    "rollback": (status_judgement, "_went_back", lambda *_: False),
    "link": (verification, "_check_link", always("status")),
    "link's agency": (verification, "issues_type_named", lambda *_, **__: True),
    "claims": (verification, "judge_claims", always("claims")),
    "join": (verification, "judge_join", always("join")),
    "types of equal values": (claim_judgement, "_same", lambda left, right: left == right),
    "discount": (verification, "_discount", lambda check, _: check),
}


@pytest.mark.parametrize("name", DISABLED)
def test_no_check_can_be_left_out_without_a_vector_turning_red(name, monkeypatch):
    module, function, instead = DISABLED[name]
    monkeypatch.setattr(module, function, instead)

    assert any(judged(case) != case["verdict"] for case in CASES)


def test_claims_are_given_only_when_issuer_signature_and_holder_passed():
    for case in CASES:
        verdict = case["verdict"]
        decisive = [
            check["outcome"]
            for check in verdict["checks"]
            if check["name"] in {"issuer", "signature", "holder"}
        ]
        is_whole = bool(decisive) and set(decisive) == {"passed"}
        unread = any(
            check["name"] == "format" and check["outcome"] == "failed" and check.get("credential")
            for check in verdict["checks"]
            if check.get("detail") != "unexpected_credential"
        )
        assert (verdict["claims"] is not None) is (is_whole and not unread), case["name"]


def test_nothing_passes_behind_a_forged_signature():
    verdict = named("a claim changed after signing")["verdict"]
    later = [check for check in verdict["checks"] if check["name"] not in {"format", "issuer"}]

    assert "passed" not in {check["outcome"] for check in later}


def test_the_inspector_sees_everything_at_once():
    case = named("expired")
    text = small_city.view(
        exp=small_city.seconds(small_city.NOW - small_city.DAY),
        binding={"audience": "somebody else"},
    )
    verdict = judged(case | {"given": case["given"] | {"presentation": {RULE: text}}})

    assert verdict["reasons"] == ["expired", "wrong_audience"]


def test_the_failing_link_is_named():
    verdict = named("the insurance is revoked")["verdict"]
    bad = [check for check in verdict["checks"] if check["outcome"] == "failed"]

    assert [check["credential"] for check in bad] == ["insurance-certificate"]
    assert verdict["claims"]["taxi_inspection"]["plate"] == "2A-4417"


def test_the_failing_join_is_named():
    verdict = named("another plate")["verdict"]
    bad = [check for check in verdict["checks"] if check["outcome"] == "failed"]

    assert [check["detail"] for check in bad] == ["same plate: taxi_permit and insurance differ"]


def test_a_verdict_says_how_old_its_status_is():
    verdict = named("a fresh taxi view passes")["verdict"]

    assert (verdict["status_as_of"], verdict["epoch"]) == ("2026-11-22T08:55:00Z", 40)


def test_a_revocation_says_how_old_it_is_as_well():
    verdict = named("revoked")["verdict"]

    assert (verdict["status_as_of"], verdict["epoch"]) == ("2026-11-22T08:55:00Z", 40)


def test_the_oldest_status_counts_for_the_age():
    case = named("the newer of two epochs counts")
    lists = dict(case["given"]["lists"])
    insurance = small_city.INSURANCE.list
    lists[insurance] = lists[insurance][:1]
    policy = {"policy": named("an old epoch where age does not matter")["given"]["policy"]}
    verdict = judged(case | {"given": case["given"] | {"lists": lists} | policy})

    assert verdict["outcome"] == "passed"
    assert (verdict["status_as_of"], verdict["epoch"]) == ("2026-11-22T07:59:00Z", 40)


def test_empty_material_never_passes():
    now = small_city.NOW
    registry = TrustRegistry(0, now, now + timedelta(days=1), (), ())
    material = Material(trust=registry, lists={}, log=None, is_replayed=False)
    policy = reading_cases.read_policy(DOCUMENT["demands"]["d1"])

    for asked in (policy, replace(policy, credentials=())):
        for shown in ({}, {RULE: GOOD_VIEW}, {RULE: "~"}, {"": ""}):
            verdict = verify(shown, material, asked, now=now, audience="a", nonce=None)
            assert verdict.outcome is Outcome.FAILED
            assert verdict.claims is None


def test_the_policy_of_the_vectors_is_read_whole():
    policy = reading_cases.read_policy(DOCUMENT["demands"]["d1"])

    assert isinstance(policy, Policy)
    assert policy.status.require_anchor
    assert policy.require_holder_binding


def test_a_presentation_that_cannot_be_read_for_another_cause_is_malformed(monkeypatch):
    """A fault that reading has not foreseen must not pass, nor end the judgement of the others."""

    def refuse(_):
        raise verification.CredentialError("this could not be read")

    monkeypatch.setattr(verification, "read_presentation", refuse)
    verdict = judged(named("a fresh taxi view passes"))

    assert verdict["reasons"] == ["malformed"]


def test_a_bug_is_not_mistaken_for_a_bad_credential(monkeypatch):
    def break_down(_):
        raise ZeroDivisionError

    monkeypatch.setattr(verification, "read_presentation", break_down)

    with pytest.raises(ZeroDivisionError):
        judged(named("a fresh taxi view passes"))


def mutate(rng, text):
    """The text with one to three characters changed, doubled, dropped or exchanged."""
    characters = list(text)
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(characters))
        choice = rng.randrange(4)
        if choice == 0:
            characters[place] = rng.choice("AaZz09-_.~={}\u00e9\x00")
        elif choice == 1:
            del characters[place]
        elif choice == 2:
            characters.insert(place, characters[rng.randrange(len(characters))])
        else:
            other = rng.randrange(len(characters))
            characters[place], characters[other] = characters[other], characters[place]
    return "".join(characters)


@pytest.mark.parametrize(
    "name", ["a fresh taxi view passes", "a W3C credential in a presentation", "asked and answered"]
)
def test_a_changed_presentation_never_passes_and_never_breaks_the_judge(name):
    rng = random.Random(name)
    case = named(name)
    ((rule, text),) = case["given"]["presentation"].items()
    for _ in range(400):
        changed = mutate(rng, text)
        if changed == text:
            continue
        verdict = judged(case | {"given": case["given"] | {"presentation": {rule: changed}}})
        assert verdict["outcome"] == "failed", changed


def test_a_changed_list_or_proof_never_makes_a_verdict_better():
    rng = random.Random(5)
    worse = {"passed": 0, "indeterminate": 1, "failed": 2}
    for name in ("a fresh taxi view passes", "revoked", "no proof", "an epoch that is too old"):
        case = named(name)
        material = reading_cases.read_material(case["given"], DOCUMENT)
        policy = reading_cases.read_policy(DOCUMENT["demands"][case["given"]["policy"]])
        for _ in range(60):
            uri = rng.choice(sorted(material.lists))
            copies = tuple(
                replace(copy, token=mutate(rng, copy.token)) for copy in material.lists[uri]
            )
            verdict = verify(
                case["given"]["presentation"],
                replace(material, lists={**material.lists, uri: copies}),
                policy,
                now=small_city.NOW,
                audience=case["given"]["audience"],
                nonce=None,
            )
            # A list that is no longer authentic makes *revoked* unknown, but never *valid*.
            assert worse[verdict.outcome.value] >= min(worse[case["expect"]], 1), name


def test_expected_values_have_no_default():
    with pytest.raises(TypeError):
        verify({}, None, None, now=small_city.NOW, audience="a")
    with pytest.raises(TypeError):
        verify({}, None, None, now=small_city.NOW, nonce=None)
    with pytest.raises(TypeError):
        verify({}, None, None, audience="a", nonce=None)


def test_a_failed_check_is_built_as_one():
    assert failed("type", Reason.TYPE_NOT_ACCEPTED).outcome is Outcome.FAILED
