"""Each write can be made to fail before and after it took effect (S-209)."""

import signal

import pytest

from runtime.errors import FailpointHit
from runtime.failpoints import failpoint

RUN = """
from runtime.failpoints import failpoint
print("before", flush=True)
with failpoint("issuer.issue"):
    print("work", flush=True)
print("after", flush=True)
"""


def run(name="issuer.issue"):
    done = []
    try:
        with failpoint(name):
            done.append("work")
    except FailpointHit:
        done.append("failure")
    return done


@pytest.fixture(autouse=True)
def _development(monkeypatch):
    monkeypatch.delenv("CITY_FAILPOINT", raising=False)
    monkeypatch.setenv("CITY_MODE", "development")


def test_nothing_happens_when_nothing_is_armed():
    assert run() == ["work"]


@pytest.mark.parametrize(
    ("armed", "done"),
    [
        ("issuer.issue:fail-before", ["failure"]),
        ("issuer.issue:fail-after", ["work", "failure"]),
        ("issuer.revoke:fail-before", ["work"]),
        ("issuer.issue", ["work"]),
        ("issuer.issue:explode", ["work"]),
    ],
)
def test_the_armed_place_fails_as_it_was_told(monkeypatch, armed, done):
    monkeypatch.setenv("CITY_FAILPOINT", armed)

    assert run() == done


def test_production_never_looks(monkeypatch):
    monkeypatch.setenv("CITY_FAILPOINT", "issuer.issue:fail-before")
    monkeypatch.setenv("CITY_MODE", "production")

    assert run() == ["work"]


def test_a_third_part_waits_for_that_visit(monkeypatch):
    monkeypatch.setenv("CITY_FAILPOINT", "issuer.bulk_row:fail-before:3")

    assert [run("issuer.bulk_row") for _ in range(4)] == [
        ["work"],
        ["work"],
        ["failure"],
        ["work"],
    ]


def test_work_that_fails_by_itself_is_not_struck_again(monkeypatch):
    monkeypatch.setenv("CITY_FAILPOINT", "issuer.issue:fail-after")
    with pytest.raises(ZeroDivisionError), failpoint("issuer.issue"):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("mode", "printed"),
    [
        ("kill-before", "before\n"),
        ("kill-after", "before\nwork\n"),
        ("kill", "before\nwork\n"),
    ],
)
def test_a_kill_ends_the_process_there(start_process, mode, printed):
    process = start_process(RUN, CITY_FAILPOINT=f"issuer.issue:{mode}")
    output, _ = process.communicate(timeout=60)

    assert output == printed
    assert process.returncode == -signal.SIGKILL
