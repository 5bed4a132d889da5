"""Whoever mistypes a command is told in one line what to do next, and never sees a traceback."""

import json

import pytest

from cityhall.command_line import CANNOT_WORK, main

WRONG = {
    "nobody runs here": (["health"], "no_city", "./city demo"),
    "nothing was ever stored here": (["fsck"], "no_city", "--data-dir"),
    "no audit log was ever written": (["audit", "verify"], "no_city", "--data-dir"),
    "nothing runs that could be stopped": (["stop"], "no_city", "./city demo"),
    "a type that does not exist": (["issue", "--type", "nope"], "cannot_work", "taxi-permit"),
    "claims that are not there": (
        ["issue", "--type", "taxi-permit", "--claims", "gone.json"],
        "cannot_work",
        "gone.json",
    ),
    "a code that is not there": (["verify", "gone.txt"], "cannot_work", "gone.txt"),
    "an officer of no agency": (["token", "--role", "officer"], "cannot_work", "--agency"),
    "an unknown status": (["status", "x", "lost", "--reason", "r"], "cannot_work", "suspended"),
}


@pytest.mark.parametrize("name", WRONG)
def test_work_that_cannot_be_done_says_why(name, tmp_path, capsys):
    words, code, next_step = WRONG[name]

    exit_code = main([*words, "--data-dir", str(tmp_path), "--json"])

    shown = capsys.readouterr()
    assert exit_code == CANNOT_WORK
    assert json.loads(shown.out)["error"] == code
    assert shown.err.startswith(f"{code}: ")
    assert next_step in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["nonsense"], "choose from"),
        (["--json", "health"], "the command comes first"),
        (["demo", "--base-port", "99999"], "99999"),
        (["health", "--loud"], "--loud"),
    ],
)
def test_words_that_are_no_command_are_named(words, hint, capsys):
    with pytest.raises(SystemExit) as ending:
        main(words)

    assert ending.value.code == 2
    assert hint in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_named_at_once(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CITY_MODE", "holiday")

    exit_code = main(["demo", "--base-port", "18990", "--data-dir", str(tmp_path)])

    assert exit_code == CANNOT_WORK
    assert "CITY_MODE is not one of" in capsys.readouterr().err


def test_a_fault_of_ours_is_one_line_that_can_be_reported(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("cityhall.commands.health.read_city", lambda _: {}["missing"])

    exit_code = main(["health", "--data-dir", str(tmp_path)])

    assert exit_code == CANNOT_WORK
    assert capsys.readouterr().err.startswith("bug: KeyError at test_wrong_words.py:")
