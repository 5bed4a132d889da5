"""What a verdict says as a whole, its wire shape, and that every detail is in docs/reasons.md."""

import json
import pickle
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from credentials.verdict import (
    Check,
    Outcome,
    Reason,
    Verdict,
    build_verdict_json,
    failed,
    format_instant,
    passed,
    undecided,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def verdict(*checks, **words):
    return Verdict(checks=checks, checked_at=NOW, **words)


def test_no_checks_at_all_is_a_failure():
    assert verdict().outcome is Outcome.FAILED
    assert verdict().reasons == ()


def test_the_worst_check_decides():
    good, bad = passed("type"), failed("status", Reason.REVOKED)
    open_question = undecided("status", Reason.STATUS_STALE)

    assert verdict(good).outcome is Outcome.PASSED
    assert verdict(good, open_question).outcome is Outcome.INDETERMINATE
    assert verdict(open_question, bad, good).outcome is Outcome.FAILED


def test_reasons_stand_once_and_those_of_failures_first():
    judged = verdict(
        undecided("status", Reason.STATUS_STALE),
        failed("status", Reason.REVOKED),
        failed("status", Reason.REVOKED),
        failed("validity", Reason.EXPIRED),
    )

    assert judged.reasons == (Reason.REVOKED, Reason.EXPIRED, Reason.STATUS_STALE)


def test_the_wire_shape_is_that_of_the_interfaces():
    judged = verdict(
        passed("signature"),
        failed("status", Reason.REVOKED, detail="revoked", credential="taxi_permit"),
        purpose="taxi-inspection",
        status_as_of=NOW - timedelta(seconds=48),
        epoch=4711,
        claims={"taxi_permit": {"plate": "2A-4417"}},
    )

    assert build_verdict_json(judged) == {
        "outcome": "failed",
        "purpose": "taxi-inspection",
        "checked_at": "2026-11-22T09:00:00Z",
        "status_as_of": "2026-11-22T08:59:12Z",
        "epoch": 4711,
        "reasons": ["revoked"],
        "checks": [
            {"name": "signature", "outcome": "passed"},
            {
                "name": "status",
                "outcome": "failed",
                "reason": "revoked",
                "detail": "revoked",
                "credential": "taxi_permit",
            },
        ],
        "claims": {"taxi_permit": {"plate": "2A-4417"}},
    }
    assert build_verdict_json(verdict())["claims"] is None
    assert build_verdict_json(verdict())["status_as_of"] is None


def test_instants_are_in_utc_and_whole_seconds():
    east = timezone(timedelta(hours=7))

    assert format_instant(datetime(2026, 11, 22, 16, 0, 0, 999, tzinfo=east)) == (
        "2026-11-22T09:00:00Z"
    )


def test_a_check_that_passed_has_no_reason():
    assert passed("type") == Check("type", Outcome.PASSED)


ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LITERAL = re.compile(r'\bdetail(?:: str)?\s*=\s*"([a-z0-9_]+)"')
WORD = re.compile(r'(?:return|problem=|problem: str =|problem =|else|or|EXPIRED =) "([a-z0-9_]+)"')
CHOICE = re.compile(r'"([a-z0-9_]+)" if ')


def source(name):
    return (ROOT / name).read_text(encoding="utf-8")


def documented():
    """Detail to (reasons, outcomes) of every row of docs/reasons.md."""
    rows = ROW.findall(source("docs/reasons.md").partition("## What the checks say")[2])
    assert len({row[0] for row in rows}) == len(rows)
    assert all(row[3].strip() for row in rows)
    return {row[0]: (row[1].split(", "), row[2].split(", ")) for row in rows}


def names_of(folder, pattern="*.py"):
    return sorted(f"{folder}/{path.name}" for path in (ROOT / folder).glob(pattern))


def test_every_detail_stands_in_the_table():
    read = names_of("credentials") + names_of("encoding") + ["ledger/anchor.py", "ledger/note.py"]
    judged = ["credentials/verification.py", "credentials/trust.py"]
    judged += names_of("credentials", "*_judgement.py")
    details = {detail for name in read for detail in LITERAL.findall(source(name))}
    for name in judged:
        details |= {*WORD.findall(source(name)), *CHOICE.findall(source(name))}

    assert len(details) > 100
    assert sorted(details - set(documented())) == []


def test_every_row_of_the_table_has_known_reasons_and_outcomes():
    reasons = {"-", "of the check that failed first", *(each.value for each in Reason)}

    for detail, (found, outcomes) in documented().items():
        assert set(found) <= reasons, detail
        assert set(outcomes) <= {"-", *(each.value for each in Outcome)}, detail


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words_for_the_screen(reason):
    closed_list = source("docs/reasons.md").partition("## What the checks say")[0]

    assert re.search(rf"^\| `{reason.value}` \| (red|amber)", closed_list, re.MULTILINE)


def test_every_check_of_the_vectors_is_as_the_table_says():
    known = documented()
    cases = json.loads(source("tests/vectors/verification.json"))["cases"]
    for check in (check for case in cases for check in case["verdict"]["checks"]):
        detail = check.get("detail", "")
        if detail in {"", "not_verified"} or ": " in detail or check["name"] == "join":
            continue
        reasons, outcomes = known[detail]
        assert check["outcome"] in outcomes, detail
        assert check.get("reason", "-") in reasons, detail


def test_a_verdict_reaches_another_process_whole():
    made = Verdict(
        checks=(failed("status", Reason.REVOKED, detail="revoked", credential="permit"),),
        checked_at=NOW,
        purpose="taxi-inspection",
        status_as_of=NOW - timedelta(minutes=1),
        epoch=7,
        claims={"permit": {"plate": "2A-4417"}},
    )
    empty = Verdict(checks=(), checked_at=NOW)

    assert all(
        getattr(made, each.name) != getattr(empty, each.name)
        for each in fields(Verdict)
        if each.name != "checked_at"
    )
    assert pickle.loads(pickle.dumps(made)) == made
