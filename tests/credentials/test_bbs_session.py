"""A `bbs-2023` proof in a session answers this session, and no proof is shown twice (S-040)."""

import pytest

from credentials.ldp import read_ldp
from credentials.presentation_header import build_presentation_header
from credentials.selective_proof_value import BBS_DERIVED
from credentials.verdict import Outcome, Reason
from tests.credentials.selective import (
    CONTEXTS,
    LISTED,
    issue_unlinkable,
    judge,
    registry,
    show,
    with_parts,
)
from tests.credentials.workshop import NONCE, VERIFIER

TRUSTED = registry(bbs_keys=(LISTED,))
SECURED = issue_unlinkable()
OURS = build_presentation_header(audience=VERIFIER, nonce=NONCE)


def verdict_on(header, *, nonce=NONCE):
    read = read_ldp(show(SECURED, header=header), contexts=CONTEXTS)
    return judge(read, trust=TRUSTED, nonce=nonce)


def test_s_040_a_proof_for_this_session_passes_and_shows_its_claims():
    verdict = verdict_on(OURS)

    assert verdict.outcome is Outcome.PASSED
    assert verdict.claims is not None


OTHERS = {
    "none": b"",
    "another nonce": build_presentation_header(audience=VERIFIER, nonce=NONCE + "x"),
    "another verifier": build_presentation_header(audience="https://evil.example", nonce=NONCE),
    "the nonce itself": NONCE.encode(),
    "a byte more": OURS + b"\0",
    "moved boundary": build_presentation_header(audience=VERIFIER + NONCE[:1], nonce=NONCE[1:]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_s_040_a_proof_for_anything_else_fails_and_shows_nothing(name):
    verdict = verdict_on(OTHERS[name])

    assert verdict.outcome is Outcome.FAILED
    assert verdict.reasons == (Reason.WRONG_NONCE,)
    assert "presentation_header_mismatch" in {check.detail for check in verdict.checks}
    assert verdict.claims is None


def test_s_022_a_header_that_was_exchanged_breaks_the_proof():
    shown = show(SECURED, header=OTHERS["another nonce"])
    forged = with_parts(shown, BBS_DERIVED, lambda parts: parts.__setitem__(4, OURS))
    verdict = judge(read_ldp(forged, contexts=CONTEXTS), trust=TRUSTED, nonce=NONCE)

    assert Reason.BAD_SIGNATURE in verdict.reasons


def test_without_a_session_any_header_is_its_holders_own():
    assert verdict_on(b"anything", nonce=None).outcome is Outcome.PASSED
