"""`./city judge`: docs/interfaces.md, line by line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cityhall.commands.judge import answer_line
from credentials.bbs import derive_secret_key
from credentials.model import Status
from credentials.multikey import build_bbs_multikey, build_multikey
from credentials.packing import build_qr_text
from encoding.multibase import encode_multibase, encode_multicodec
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
    LIST,
    NONCE,
    NOW,
    PERMIT_VCT,
    STRANGER,
    issue_permit,
    present,
    public_key,
    sign_raw,
)
from tests.judge.cases import case, issuers, judge, no_proofs, status_list

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600
BBS_KEY = build_bbs_multikey(derive_secret_key(b"a key of the transport agency" * 2).public_key)
OTHER_KEY = build_multikey(public_key(AGENCY))
SHORT_BBS_KEY = encode_multibase(encode_multicodec(0xEB, bytes(95)))


def outcome(members):
    """The outcome and the first reason; what follows from a doubt stands behind it."""
    answer = judge(members)
    return answer["outcome"], answer["reasons"][:1]


def test_a_good_presentation_passes_with_its_claims_and_its_time():
    answer = judge(case())

    assert answer["id"] == "case"
    assert (answer["outcome"], answer["reasons"]) == ("passed", [])
    assert answer["claims"] == {"plate": "2A-4417", "zone": "Phnom Penh"}
    assert answer["milliseconds"] > 0


def test_a_qr_text_is_judged_like_what_it_holds():
    shown = present(issue_permit())

    assert judge(case(build_qr_text(shown)))["outcome"] == "passed"
    assert judge(case("CQ1:1ABC"))["reasons"] == ["malformed"]


@pytest.mark.parametrize("prefix", ["CQ1:", "CW1:"])
def test_s_125_of_a_qr_text_that_holds_nothing_the_judge_says_why(prefix):
    found = {body: judge(case(prefix + body))["details"] for body in ("", "?AB", "1ab", "1")}

    assert found == {
        "": ["unknown_dictionary"],
        "?AB": ["unknown_dictionary"],
        "1ab": ["invalid_base45"],
        "1": ["damaged_code"],
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nonce": "another"}, ("failed", ["wrong_nonce"])),
        ({"audience": "another"}, ("failed", ["wrong_audience"])),
        ({"audience": None}, ("failed", ["wrong_audience"])),
        ({"nonce": None}, ("passed", [])),
        ({"issuers": {}}, ("failed", ["issuer_not_trusted"])),
        ({"issuers": {ISSUER + "/": issuers()[ISSUER]}}, ("failed", ["issuer_not_trusted"])),
        ({"issuers": issuers(types=[])}, ("failed", ["issuer_not_authorised_for_type"])),
        ({"issuers": issuers(keys=[])}, ("failed", ["issuer_not_trusted"])),
        ({"issuers": issuers(keys=[dict(STRANGER.public_jwk)])}, ("failed", ["bad_signature"])),
        (
            {"issuers": issuers(keys=[], status_keys=[dict(AGENCY.public_jwk)])},
            ("failed", ["issuer_not_trusted"]),
        ),
        ({"accepted_types": ["another"]}, ("failed", ["type_not_accepted"])),
        ({"accepted_types": []}, ("failed", ["type_not_accepted"])),
        ({"accepted_types": [PERMIT_VCT]}, ("passed", [])),
        ({"now": int(NOW.timestamp()) + 31 * 24 * HOUR}, ("failed", ["expired"])),
        ({"now": int(NOW.timestamp()) - 2 * 24 * HOUR}, ("failed", ["not_yet_valid"])),
        ({"now": int(NOW.timestamp()) + HOUR // 2}, ("failed", ["stale_code"])),
        ({"status_lists": {}}, ("indeterminate", ["status_unknown"])),
        ({"status_lists": None}, ("indeterminate", ["status_unknown"])),
        ({"status_lists": {}, "status": "ignore"}, ("passed", [])),
        ({"status_lists": {LIST: status_list(Status.REVOKED)}}, ("failed", ["revoked"])),
        ({"status_lists": {LIST: status_list(Status.SUSPENDED)}}, ("failed", ["suspended"])),
        (
            {"status_lists": {LIST: status_list(by=STRANGER)}},
            ("indeterminate", ["status_unknown"]),
        ),
        (
            {
                "status_lists": {LIST: status_list(by=STRANGER)},
                "issuers": issuers(status_keys=[dict(STRANGER.public_jwk)]),
            },
            ("passed", []),
        ),
        ({"status": {"max_age": 60}}, ("passed", [])),
        (
            {"status": {"max_age": 60}, "now": int(NOW.timestamp()) + 120},
            ("indeterminate", ["status_stale"]),
        ),
        ({"presentation": issue_permit()}, ("failed", ["holder_not_bound"])),
        ({"presentation": issue_permit(), "require_holder_binding": False}, ("passed", [])),
        (
            {"presentation": issue_permit(status=None), "require_holder_binding": False},
            ("passed", []),
        ),
        (
            {
                "presentation": issue_permit(status=None),
                "require_holder_binding": False,
                "status": "required",
            },
            ("failed", ["status_unknown"]),
        ),
        ({"presentation": present(issue_permit(), by=STRANGER)}, ("failed", ["holder_not_bound"])),
        ({"presentation": ""}, ("failed", ["malformed"])),
    ],
)
def test_what_a_case_expects_decides(changes, expected):
    changes = {"presentation": present(issue_permit()), **changes}

    assert outcome(case(**changes)) == expected


def test_skew_is_the_callers():
    later = int(NOW.timestamp()) + 30 * 24 * HOUR + 90
    bare = {"presentation": issue_permit(), "require_holder_binding": False, "status": "ignore"}

    assert judge(case(**bare, now=later))["reasons"] == ["expired"]
    assert judge(case(**bare, now=later, skew=120))["outcome"] == "passed"
    assert judge(case(**bare, now=later - 90, skew=0))["reasons"] == ["expired"]


@pytest.mark.parametrize(
    "changes",
    [
        {"now": None},
        {"now": "2026"},
        {"now": True},
        {"now": 1e30},
        {"now": -1},
        {"skew": -1},
        {"skew": 10**9},
        {"presentation": 7},
        {"require_holder_binding": None},
        {"require_holder_binding": "yes"},
        {"issuers": None},
        {"issuers": {ISSUER: 7}},
        {"issuers": {"": issuers()[ISSUER]}},
        {"issuers": issuers(keys=[{"kty": "EC"}])},
        {"issuers": issuers(keys=[{**AGENCY.public_jwk, "d": "AAAA"}])},
        {"issuers": issuers(keys=AGENCY.public_jwk)},
        {"issuers": issuers(x5c_anchors=["no certificate"])},
        {"issuers": issuers(types="taxi")},
        {"issuers": issuers(bbs_keys=BBS_KEY)},
        {"issuers": issuers(bbs_keys=[7])},
        {"issuers": issuers(bbs_keys=["u" + BBS_KEY[1:]])},
        {"issuers": issuers(bbs_keys=[BBS_KEY[:-1]])},
        {"issuers": issuers(bbs_keys=[OTHER_KEY])},
        {"issuers": issuers(bbs_keys=[SHORT_BBS_KEY])},
        {"issuers": issuers(bbs_keys=[BBS_KEY] * 5)},
        {"status": "maybe"},
        {"status": {"max_age": "old"}},
        {"status": {}},
        {"status_lists": []},
        {"status_lists": {LIST: 7}},
        {"handover": "session"},
        {"handover": {"client_id": "x"}},
        {"handover": {"client_id": "x", "response_uri": "y", "jwk_thumbprint": "!"}},
        {"audience": 7},
        {"nonce": ["n"]},
        {"accepted_types": "taxi"},
        {"accepted_types": [7]},
    ],
)
def test_a_case_that_is_none_fails_as_malformed_and_keeps_its_id(changes):
    assert judge(case(**changes)) == {"id": "case", "outcome": "failed", "reasons": ["malformed"]}


@pytest.mark.parametrize(
    "line", [b"no json", b"[]", b'"text"', b"\xff", b'{"id": 1, "id": 2}', b"[" * 5000, b"{"]
)
def test_s_014_a_line_that_is_no_json_object_is_answered(line):
    assert answer_line(line, prove=no_proofs) == {
        "id": None,
        "outcome": "failed",
        "reasons": ["malformed"],
    }


def test_an_issuer_is_not_trusted_because_it_signed_its_own_name():
    token = sign_raw({"iss": "https://other.example", "vct": PERMIT_VCT}, type="dc+sd-jwt")

    answer = judge(case(f"{token}~", require_holder_binding=False))

    assert answer["reasons"] == ["issuer_not_trusted"]
    assert answer["claims"] is None


def test_lines_go_in_and_out_of_a_process_that_lives_on():
    good = json.dumps(case(nonce=NONCE)).encode()
    lines = [good, b"no json", b"", good.replace(b'"case"', b"17"), b'{"id": "x"}']

    done = subprocess.run(
        [sys.executable, "-m", "cityhall", "judge"],
        input=b"\n".join(lines),
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in answers] == ["case", None, 17, "x"]
    assert [each["outcome"] for each in answers] == ["passed", "failed", "passed", "failed"]
    assert done.stderr == b""
    assert DRIVER.public_jwk["x"].encode() not in done.stdout
